//! DescribeLogStreams: the streams of a group, by name or by their last event.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeLogStreams.html>

use std::cmp::Ordering;
use std::sync::Arc;

use api::Error;
use api::logs::{DescribeLogStreamsRequest, DescribeLogStreamsResponse, LogStream};
use domain::Time;

use crate::checks::{Checks, STREAM_NAME, TOKEN};
use crate::group::LogGroup;
use crate::op::put_log_events::sequence_token;
use crate::owner::{self, Owner};
use crate::stream::Stream;
use crate::{error, limits, token};

const BY_TIME: &str = "LastEventTime";

pub fn locate<'i>(
    owner: &Owner,
    input: &'i DescribeLogStreamsRequest<'_>,
) -> Result<&'i str, Error> {
    let mut checks = Checks::new();
    let (name, identifier) = (
        input.log_group_name.as_ref(),
        input.log_group_identifier.as_ref(),
    );
    owner::check_either(&mut checks, name, identifier);
    checks
        .text(
            "logStreamNamePrefix",
            input.log_stream_name_prefix.as_ref(),
            &STREAM_NAME,
        )
        .one_of(
            "orderBy",
            input.order_by.as_ref(),
            &["LogStreamName", BY_TIME],
        )
        .text("nextToken", input.next_token.as_ref(), &TOKEN)
        .number("limit", input.limit.map(i64::from), &limits::DESCRIBE_PAGE)
        .done()?;
    if by_time(input) && input.log_stream_name_prefix.is_some() {
        return Err(error::invalid(
            "Cannot order by LastEventTime with a logStreamNamePrefix.",
        ));
    }
    owner::either(owner, name, identifier)
}

fn by_time(input: &DescribeLogStreamsRequest<'_>) -> bool {
    input.order_by.as_deref() == Some(BY_TIME)
}

/// Where a stream stands in the list: by its last event where that counts, then by name.
type Rank<'g> = (Time, &'g str);

pub fn reply(
    group: &LogGroup,
    input: &DescribeLogStreamsRequest<'_>,
) -> Result<DescribeLogStreamsResponse<'static>, Error> {
    let by_time = by_time(input);
    let order = |a: Rank<'_>, b: Rank<'_>| match input.descending.unwrap_or(false) {
        true => b.cmp(&a),
        false => a.cmp(&b),
    };
    let after = input.next_token.as_deref().map(read_token).transpose()?;
    let follows = |rank: Rank<'_>| {
        after
            .as_ref()
            .is_none_or(|(time, name)| order(rank, (*time, name)) == Ordering::Greater)
    };
    let prefix = input.log_stream_name_prefix.as_deref().unwrap_or_default();
    let mut streams: Vec<(Rank<'_>, &Stream)> = group
        .streams
        .iter()
        .filter(|(name, _)| name.starts_with(prefix))
        .map(|(name, stream)| (rank(by_time, name, stream), stream))
        .filter(|(rank, _)| follows(*rank))
        .collect();
    let limit = input.limit.map_or(*limits::DESCRIBE_PAGE.end(), i64::from) as usize;
    let more = streams.len() > limit;
    if more {
        // The first ones, before they are put in order: of many streams only a page is sorted.
        streams.select_nth_unstable_by(limit, |(a, _), (b, _)| order(*a, *b));
        streams.truncate(limit);
    }
    streams.sort_unstable_by(|(a, _), (b, _)| order(*a, *b));
    let last = streams.last().filter(|_| more);
    Ok(DescribeLogStreamsResponse {
        next_token: last.map(|(rank, _)| token_behind(*rank).into()),
        log_streams: Some(
            streams
                .iter()
                .map(|((_, name), stream)| show(group, name, stream))
                .collect(),
        ),
    })
}

fn rank<'g>(by_time: bool, name: &'g Arc<str>, stream: &Stream) -> Rank<'g> {
    let last = stream.last().filter(|_| by_time);
    (last.unwrap_or(Time::ZERO), name)
}

fn token_behind((time, name): Rank<'_>) -> String {
    token::of_name(&format!("{}/{name}", time.millis()))
}

fn read_token(text: &str) -> Result<(Time, String), Error> {
    let rank = token::read_of_name(text)?;
    let (time, name) = rank.split_once('/').ok_or_else(error::bad_token)?;
    let time = time.parse().map_err(|_| error::bad_token())?;
    Ok((Time::from_millis(time), name.to_owned()))
}

fn show(group: &LogGroup, name: &str, stream: &Stream) -> LogStream<'static> {
    let millis = |time: Time| time.millis() as i64;
    LogStream {
        log_stream_name: Some(name.to_owned().into()),
        creation_time: Some(millis(stream.created)),
        first_event_timestamp: stream.first().map(millis),
        last_event_timestamp: stream.last().map(millis),
        last_ingestion_time: stream.ingested.map(millis),
        upload_sequence_token: stream.ingested.map(|_| sequence_token(group.next).into()),
        arn: Some(group.config().stream_arn(name).into()),
        stored_bytes: Some(0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::Command;
    use crate::op::samples::{NOW, OWNER, World, seconds};

    fn group() -> World {
        let mut world = World::with(&[
            ("b", 2000, "x"),
            ("a", 5000, "x"),
            ("d", 1000, "x"),
            ("d", 3000, "x"),
        ]);
        world.apply(&Command::CreateStream("c"));
        world
    }

    fn request() -> DescribeLogStreamsRequest<'static> {
        DescribeLogStreamsRequest {
            log_group_name: Some("g".into()),
            ..DescribeLogStreamsRequest::default()
        }
    }

    fn names(response: &DescribeLogStreamsResponse<'_>) -> String {
        let streams = response.log_streams.as_ref().unwrap().iter();
        streams
            .map(|stream| stream.log_stream_name.as_deref().unwrap())
            .collect()
    }

    /// All pages of two.
    fn pages(input: &DescribeLogStreamsRequest<'static>) -> Vec<String> {
        let world = group();
        let mut input = DescribeLogStreamsRequest {
            limit: Some(2),
            ..input.clone()
        };
        let mut pages = Vec::new();
        loop {
            assert_eq!(locate(&OWNER, &input), Ok("g"));
            let page = reply(&world.group, &input).unwrap();
            pages.push(names(&page));
            input.next_token = page.next_token;
            if input.next_token.is_none() {
                return pages;
            }
        }
    }

    #[test]
    fn streams_come_by_name_or_by_last_event_up_or_down() {
        let by_time = DescribeLogStreamsRequest {
            order_by: Some("LastEventTime".into()),
            ..request()
        };
        let down = |input| DescribeLogStreamsRequest {
            descending: Some(true),
            ..input
        };
        assert_eq!(pages(&request()), ["ab", "cd"]);
        assert_eq!(pages(&down(request())), ["dc", "ba"]);
        assert_eq!(pages(&by_time), ["cb", "da"]);
        assert_eq!(pages(&down(by_time)), ["ad", "bc"]);
    }

    #[test]
    fn a_prefix_chooses_but_not_by_last_event() {
        let input = DescribeLogStreamsRequest {
            log_stream_name_prefix: Some("d".into()),
            ..request()
        };
        assert_eq!(pages(&input), ["d"]);
        let error = locate(
            &OWNER,
            &DescribeLogStreamsRequest {
                order_by: Some("LastEventTime".into()),
                ..input
            },
        )
        .unwrap_err();
        assert_eq!(error.kind.code, "InvalidParameterException");
        assert_eq!(
            error.message,
            "Cannot order by LastEventTime with a logStreamNamePrefix."
        );
    }

    #[test]
    fn a_stream_without_events_says_little_and_one_with_events_says_when() {
        let world = group();
        let streams = reply(&world.group, &request())
            .unwrap()
            .log_streams
            .unwrap();
        let empty = LogStream {
            log_stream_name: Some("c".into()),
            creation_time: Some(NOW.millis() as i64),
            arn: Some("arn:aws:logs:us-east-1:000000000000:log-group:g:log-stream:c".into()),
            stored_bytes: Some(0),
            ..LogStream::default()
        };
        assert_eq!(streams[2], empty);
        let millis = |time: Time| Some(time.millis() as i64);
        assert_eq!(streams[3].first_event_timestamp, millis(seconds(1)));
        assert_eq!(streams[3].last_event_timestamp, millis(seconds(3)));
        assert_eq!(streams[3].last_ingestion_time, millis(NOW));
        assert_eq!(
            streams[3].upload_sequence_token.as_deref().map(str::len),
            Some(56)
        );
    }

    #[test]
    fn a_token_of_ones_own_is_refused() {
        for text in ["!", "AAAA"] {
            let input = DescribeLogStreamsRequest {
                next_token: Some(text.into()),
                ..request()
            };
            assert_eq!(reply(&group().group, &input), Err(error::bad_token()));
        }
    }
}
