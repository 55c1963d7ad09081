//! FilterLogEvents: the events of a group's streams that match a pattern, in the order they happened.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html>
//!
//! A search runs in turns: [`Search::next`] says, with the group in hand, which events to look at; whoever holds the cell
//! reads their messages; [`Search::take`] matches them without the cell.

use api::logs::{FilterLogEventsRequest, FilterLogEventsResponse, FilteredLogEvent};
use api::{Error, Str};
use domain::Time;

use crate::checks::{Checks, FILTER_PATTERN, STREAM_NAME, TOKEN};
use crate::filter_pattern::Pattern;
use crate::group::{LogGroup, size};
use crate::op::get_log_events::text;
use crate::order::{Direction, Position};
use crate::owner::{self, Owner};
use crate::read::{Bounds, Found, Interval, Streams};
use crate::{error, limits, token};

/// A search on its way.
#[derive(Debug)]
pub struct Search {
    group: String,
    streams: Streams,
    interval: Interval,
    pattern: Pattern,
    /// What the caller gave; read once it is known what time it is.
    token: Option<String>,
    direction: Direction,
    /// All before this has been looked at.
    at: Position,
    begun: bool,
    now: Time,
    limit: usize,
    /// Room left on the page, and what may still be looked through.
    room: u64,
    patience: u64,
    events: Vec<FilteredLogEvent<'static>>,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// More is to be looked at now.
    Running,
    /// The page is full, or the call has taken long enough: a token leads on.
    Interrupted,
    /// Everything has been looked at.
    Ended,
}

/// 2024-01-01: backwards searches reach no further.
const BACKWARD_FROM: i64 = 1_704_067_200_000;

impl Search {
    /// Checks the request and compiles its pattern.
    pub fn of(owner: &Owner, input: &FilterLogEventsRequest<'_>) -> Result<Search, Error> {
        check(input)?;
        let name = owner::either(
            owner,
            input.log_group_name.as_ref(),
            input.log_group_identifier.as_ref(),
        )?;
        let streams = match (&input.log_stream_names, &input.log_stream_name_prefix) {
            (Some(_), Some(_)) => {
                return Err(error::invalid(
                    "logStreamNames and logStreamNamePrefix are mutually exclusive parameters.",
                ));
            }
            (Some(names), None) => Streams::Named(distinct(names)),
            (None, Some(prefix)) => Streams::Prefix(prefix.to_string()),
            (None, None) => Streams::All,
        };
        let forward = input.start_from_head.unwrap_or(true);
        if !forward && input.start_time.is_some_and(|time| time < BACKWARD_FROM) {
            return Err(error::invalid(
                "startFromHead can be false only with a startTime of 2024-01-01 or later.",
            ));
        }
        Ok(Search {
            group: name.to_owned(),
            streams,
            // Other than in GetLogEvents the end is included.
            interval: Interval {
                from: Time::from_millis(input.start_time.unwrap_or(0) as u64),
                until: Time::from_millis(
                    input.end_time.map_or(i64::MAX as u64, |end| end as u64 + 1),
                ),
            },
            pattern: Pattern::parse(input.filter_pattern.as_deref().unwrap_or_default())?,
            token: input.next_token.as_deref().map(str::to_owned),
            direction: match forward {
                true => Direction::Forward,
                false => Direction::Backward,
            },
            at: match forward {
                true => Position::START,
                false => Position::END,
            },
            begun: false,
            now: Time::ZERO,
            limit: input.limit.map_or(*limits::PAGE_EVENTS.end(), i64::from) as usize,
            room: limits::PAGE_BYTES_MAX as u64,
            patience: limits::SEARCH_BYTES_MAX,
            events: Vec::new(),
            state: State::Running,
        })
    }

    /// The name of the group to search.
    pub fn group(&self) -> &str {
        &self.group
    }

    /// Whether [`Search::next`] has more to look at; if not, [`Search::reply`] is due.
    pub fn is_running(&self) -> bool {
        self.state == State::Running
    }

    /// The events to look at next. The group is as of now.
    pub fn next(&mut self, group: &LogGroup) -> Result<Chunk, Error> {
        self.begin(group)?;
        let bounds = Bounds {
            events: limits::CHUNK_EVENTS,
            bytes: limits::CHUNK_BYTES,
        };
        let scanned = group.scan(
            &self.streams,
            self.interval,
            self.at,
            self.direction,
            bounds,
        );
        if scanned.found.is_empty() {
            self.state = State::Ended;
        }
        Ok(Chunk {
            found: scanned.found,
            more: scanned.more,
        })
    }

    fn begin(&mut self, group: &LogGroup) -> Result<(), Error> {
        self.now = group.now;
        if self.begun {
            return Ok(());
        }
        self.begun = true;
        if let Some(token) = &self.token {
            (self.at, self.direction) = token::read_of_search(token, self.now)?;
        }
        match &self.streams {
            Streams::Named(names) if !names.iter().all(|name| group.has_stream(name)) => {
                Err(error::no_such_stream())
            }
            Streams::Named(_) | Streams::Prefix(_) | Streams::All => Ok(()),
        }
    }

    /// Matches the messages of a chunk's events, in order; an event that has gone meanwhile has none.
    pub fn take(&mut self, chunk: Chunk, bodies: Vec<Option<Vec<u8>>>) {
        for (found, body) in chunk.found.iter().zip(bodies) {
            let size = size(found.event.place);
            let message = body
                .map(text)
                .filter(|message| self.pattern.matches(message));
            if let Some(message) = message {
                if self.events.len() == self.limit || (size > self.room && !self.events.is_empty())
                {
                    self.state = State::Interrupted;
                    return;
                }
                self.room = self.room.saturating_sub(size);
                self.events.push(show(found, message));
            }
            let position = found.event.position();
            self.at = match self.direction {
                Direction::Forward => position.behind(),
                Direction::Backward => position,
            };
            self.patience = self.patience.saturating_sub(size);
        }
        if !chunk.more {
            self.state = State::Ended;
        } else if self.events.len() == self.limit || self.patience == 0 {
            self.state = State::Interrupted;
        }
    }

    pub fn reply(self) -> FilterLogEventsResponse<'static> {
        let more = self.state == State::Interrupted;
        let token = more.then(|| token::of_search(self.at, self.direction, self.now).into());
        FilterLogEventsResponse {
            events: Some(self.events),
            searched_log_streams: Some(Vec::new()),
            next_token: token,
        }
    }
}

/// Some events to look at, in the order of the search.
#[derive(Debug)]
pub struct Chunk {
    pub found: Vec<Found>,
    /// Others follow.
    more: bool,
}

fn check(input: &FilterLogEventsRequest<'_>) -> Result<(), Error> {
    let mut checks = Checks::new();
    owner::check_either(
        &mut checks,
        input.log_group_name.as_ref(),
        input.log_group_identifier.as_ref(),
    );
    let names = input.log_stream_names.as_ref();
    checks
        .count("logStreamNames", names.map(Vec::len), &(1..=100))
        .text(
            "logStreamNamePrefix",
            input.log_stream_name_prefix.as_ref(),
            &STREAM_NAME,
        )
        .time("startTime", input.start_time)
        .time("endTime", input.end_time)
        .text(
            "filterPattern",
            input.filter_pattern.as_ref(),
            &FILTER_PATTERN,
        )
        .text("nextToken", input.next_token.as_ref(), &TOKEN)
        .number("limit", input.limit.map(i64::from), &limits::PAGE_EVENTS);
    for (number, name) in names.into_iter().flatten().enumerate() {
        let member = format!("logStreamNames.{}.member", number + 1);
        checks.text(&member, Some(name), &STREAM_NAME);
    }
    checks.done()
}

/// Each name once: a stream that is named twice is searched once.
fn distinct(names: &[Str<'_>]) -> Vec<String> {
    let mut names: Vec<String> = names.iter().map(|name| name.to_string()).collect();
    names.sort_unstable();
    names.dedup();
    names
}

fn show(found: &Found, message: String) -> FilteredLogEvent<'static> {
    let event = &found.event;
    FilteredLogEvent {
        log_stream_name: Some(found.stream.to_string().into()),
        timestamp: Some(event.timestamp.millis() as i64),
        message: Some(message.into()),
        ingestion_time: Some(event.ingested.millis() as i64),
        event_id: Some(event.position().digits().into()),
    }
}

#[cfg(test)]
mod tests;
