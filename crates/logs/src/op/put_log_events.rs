//! PutLogEvents: events for a stream, oldest first. What is too old or too new is left out and said so.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html>

use api::Error;
use api::logs::{InputLogEvent, PutLogEventsRequest, PutLogEventsResponse, RejectedLogEventsInfo};
use domain::Time;

use crate::checks::{Checks, GROUP_NAME, MESSAGE, STREAM_NAME, TOKEN};
use crate::command::{Command, Event, Put};
use crate::group::LogGroup;
use crate::op::Plan;
use crate::outcome::Outcome;
use crate::{error, limits};

/// What the reply says beside the outcome.
#[derive(Clone, Debug, PartialEq)]
pub struct Keep {
    rejected: Option<RejectedLogEventsInfo>,
    /// The group's next event where nothing was accepted.
    next: u64,
}

/// An entity that comes with the events is not kept: nothing that is built here shows one.
pub fn locate<'i>(input: &'i PutLogEventsRequest<'_>) -> Result<&'i str, Error> {
    let mut checks = Checks::new();
    let events = input.log_events.as_ref();
    checks
        .required("logGroupName", input.log_group_name.as_ref(), &GROUP_NAME)
        .required(
            "logStreamName",
            input.log_stream_name.as_ref(),
            &STREAM_NAME,
        )
        .present("logEvents", events.is_some())
        .count(
            "logEvents",
            events.map(Vec::len),
            &(1..=limits::BATCH_EVENTS_MAX),
        )
        .text("sequenceToken", input.sequence_token.as_ref(), &TOKEN);
    let events = events.map(Vec::as_slice).unwrap_or_default();
    // One event that is wrong is enough to say so.
    if let Some(number) = events.iter().position(is_wrong) {
        let member = format!("logEvents.{}.member", number + 1);
        checks
            .present(
                &format!("{member}.timestamp"),
                events[number].timestamp.is_some(),
            )
            .time(&format!("{member}.timestamp"), events[number].timestamp)
            .required(
                &format!("{member}.message"),
                events[number].message.as_ref(),
                &MESSAGE,
            );
    }
    checks.done()?;
    check_batch(events)?;
    Ok(input.log_group_name.as_deref().unwrap_or_default())
}

fn is_wrong(event: &InputLogEvent<'_>) -> bool {
    event.timestamp.is_none_or(|time| time < 0)
        || event.message.as_deref().is_none_or(str::is_empty)
}

fn check_batch(events: &[InputLogEvent<'_>]) -> Result<(), Error> {
    let sizes = events
        .iter()
        .map(|event| message(event).len() + limits::EVENT_OVERHEAD);
    if let Some(size) = sizes.clone().find(|&size| size > limits::EVENT_BYTES_MAX) {
        return Err(error::invalid(format!(
            "Log event too large: {size} bytes exceeds limit of {}",
            limits::EVENT_BYTES_MAX
        )));
    }
    let size: usize = sizes.sum();
    if size > limits::BATCH_BYTES_MAX {
        return Err(error::invalid(format!(
            "Upload too large: {size} bytes exceeds limit of {}",
            limits::BATCH_BYTES_MAX
        )));
    }
    if !events.is_sorted_by_key(time) {
        return Err(error::invalid(
            "Log events in a single PutLogEvents request must be in chronological order.",
        ));
    }
    Ok(())
}

fn message<'i>(event: &'i InputLogEvent<'_>) -> &'i str {
    event.message.as_deref().unwrap_or_default()
}

fn time(event: &InputLogEvent<'_>) -> Time {
    Time::from_millis(event.timestamp.unwrap_or(0).max(0) as u64)
}

pub fn prepare<'i>(
    group: &LogGroup,
    now: Time,
    input: &'i PutLogEventsRequest<'_>,
) -> Result<Plan<'i, Keep>, Error> {
    let stream = input.log_stream_name.as_deref().unwrap_or_default();
    if !group.has_stream(stream) {
        return Err(error::no_such_stream());
    }
    let events = input.log_events.as_deref().unwrap_or_default();
    let ends = Ends::of(group, now, events);
    let accepted = &events[ends.expired.max(ends.too_old).min(ends.too_new)..ends.too_new];
    if let ([first, ..], [.., last]) = (accepted, accepted)
        && time(last) > time(first).after(limits::BATCH_SPAN)
    {
        return Err(error::invalid(
            "The batch of log events in a single PutLogEvents request cannot span more than 24 hours.",
        ));
    }
    let events = accepted
        .iter()
        .map(|event| Event::new(time(event), message(event)));
    let put = Put {
        stream,
        events: events.collect(),
    };
    Ok(Plan {
        keep: Keep {
            rejected: ends.rejected(input.log_events.as_deref().unwrap_or_default().len()),
            next: group.next_event(),
        },
        command: (!put.events.is_empty()).then_some(Command::Put(put)),
    })
}

/// Where in a batch, which is oldest first, what is refused ends or begins.
struct Ends {
    too_old: usize,
    expired: usize,
    too_new: usize,
}

impl Ends {
    fn of(group: &LogGroup, now: Time, events: &[InputLogEvent<'_>]) -> Ends {
        let life = group.config().life();
        let is_expired = |event: &_| life.is_some_and(|life| time(event).after(life) <= now);
        Ends {
            too_old: events.partition_point(|event| time(event).after(limits::TOO_OLD) < now),
            expired: events.partition_point(is_expired),
            too_new: events.partition_point(|event| time(event) <= now.after(limits::TOO_NEW)),
        }
    }

    /// Only what applies is said, and nothing where all is accepted.
    fn rejected(&self, events: usize) -> Option<RejectedLogEventsInfo> {
        let some = |index: usize, applies: bool| applies.then_some(index as i32);
        let rejected = RejectedLogEventsInfo {
            too_new_log_event_start_index: some(self.too_new, self.too_new < events),
            too_old_log_event_end_index: some(self.too_old, self.too_old > 0),
            expired_log_event_end_index: some(self.expired, self.expired > 0),
        };
        (rejected != RejectedLogEventsInfo::default()).then_some(rejected)
    }
}

/// `outcome` is [`Outcome::Done`] where there was no command.
pub fn reply(keep: Keep, outcome: Outcome) -> PutLogEventsResponse<'static> {
    let next = match outcome {
        Outcome::Put(next) => next,
        Outcome::Done => keep.next,
    };
    PutLogEventsResponse {
        next_sequence_token: Some(sequence_token(next).into()),
        rejected_log_events_info: keep.rejected,
        rejected_entity_info: None,
    }
}

/// AWS has not read it since 2023, but gives one out.
pub(crate) fn sequence_token(next: u64) -> String {
    format!("49{next:054}")
}

#[cfg(test)]
mod tests;
