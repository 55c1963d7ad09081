//! GetLogEvents: a page of one stream, oldest first, and the tokens to the pages before and behind it.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetLogEvents.html>

use api::Error;
use api::logs::{GetLogEventsRequest, GetLogEventsResponse, OutputLogEvent};
use domain::Time;

use crate::checks::{Checks, STREAM_NAME, TOKEN};
use crate::group::LogGroup;
use crate::order::{Direction, Position};
use crate::owner::{self, Owner};
use crate::read::{Bounds, Found, Interval, Streams};
use crate::{error, limits, token};

/// The events of a page. Whoever holds the cell reads their messages and gives them to [`reply`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// Oldest first.
    pub found: Vec<Found>,
    forward: String,
    backward: String,
}

pub fn locate<'i>(owner: &Owner, input: &'i GetLogEventsRequest<'_>) -> Result<&'i str, Error> {
    let mut checks = Checks::new();
    let (name, identifier) = (
        input.log_group_name.as_ref(),
        input.log_group_identifier.as_ref(),
    );
    owner::check_either(&mut checks, name, identifier);
    checks
        .required(
            "logStreamName",
            input.log_stream_name.as_ref(),
            &STREAM_NAME,
        )
        .time("startTime", input.start_time)
        .time("endTime", input.end_time)
        .text("nextToken", input.next_token.as_ref(), &TOKEN)
        .number("limit", input.limit.map(i64::from), &limits::PAGE_EVENTS)
        .done()?;
    owner::either(owner, name, identifier)
}

/// Which events the page has. A token's letter says which way it goes on, whatever startFromHead says.
pub fn read(group: &LogGroup, input: &GetLogEventsRequest<'_>) -> Result<Page, Error> {
    let token = input
        .next_token
        .as_deref()
        .map(token::read_of_stream)
        .transpose()?;
    let stream = input.log_stream_name.as_deref().unwrap_or_default();
    if !group.has_stream(stream) {
        return Err(error::no_such_stream());
    }
    let interval = Interval {
        from: Time::from_millis(input.start_time.unwrap_or(0) as u64),
        until: Time::from_millis(input.end_time.unwrap_or(i64::MAX) as u64),
    };
    let from_head = input.start_from_head.unwrap_or(false);
    let (at, direction) = token.unwrap_or(match from_head {
        true => (Position::START, Direction::Forward),
        false => (Position::END, Direction::Backward),
    });
    let bounds = Bounds {
        events: input.limit.map_or(*limits::PAGE_EVENTS.end(), i64::from) as usize,
        bytes: limits::PAGE_BYTES_MAX,
    };
    let streams = Streams::Named(vec![stream.to_owned()]);
    let mut found = group.scan(&streams, interval, at, direction, bounds).found;
    if direction == Direction::Backward {
        found.reverse();
    }
    // A page without events stays where it is, so that the same token comes back. Where the whole interval is empty
    // that is its beginning: whatever comes in later is behind it.
    let here = token.map_or(Position::at(interval.from), |(at, _)| at);
    let first = found.first().map_or(here, |first| first.event.position());
    let last = found
        .last()
        .map_or(here, |last| last.event.position().behind());
    Ok(Page {
        forward: token::of_stream(last, Direction::Forward),
        backward: token::of_stream(first, Direction::Backward),
        found,
    })
}

/// `bodies` are the messages of the page's events, in order; an event that has gone meanwhile has none.
pub fn reply(page: Page, bodies: Vec<Option<Vec<u8>>>) -> GetLogEventsResponse<'static> {
    let events = page.found.iter().zip(bodies).filter_map(|(found, body)| {
        Some(OutputLogEvent {
            timestamp: Some(found.event.timestamp.millis() as i64),
            message: Some(text(body?).into()),
            ingestion_time: Some(found.event.ingested.millis() as i64),
        })
    });
    GetLogEventsResponse {
        events: Some(events.collect()),
        next_forward_token: Some(page.forward.into()),
        next_backward_token: Some(page.backward.into()),
    }
}

/// A message as it was put in.
pub(crate) fn text(body: Vec<u8>) -> String {
    String::from_utf8(body).expect("a message comes back as it was journaled")
}

#[cfg(test)]
mod tests;
