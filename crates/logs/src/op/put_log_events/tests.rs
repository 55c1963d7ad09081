//! What a batch of events may be, and what of it is accepted.

use domain::Seconds;

use super::*;
use crate::op::samples::{NOW, World};

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;

/// Events so many milliseconds from now.
fn batch(ages: &[i64]) -> PutLogEventsRequest<'static> {
    let now = NOW.millis() as i64;
    let events = ages.iter().map(|age| InputLogEvent {
        timestamp: Some(now + age),
        message: Some(format!("at {age}").into()),
    });
    PutLogEventsRequest {
        log_group_name: Some("g".into()),
        log_stream_name: Some("s".into()),
        log_events: Some(events.collect()),
        sequence_token: Some("ignored".into()),
        entity: None,
    }
}

fn messages(messages: Vec<String>) -> PutLogEventsRequest<'static> {
    let events = messages.into_iter().map(|message| InputLogEvent {
        timestamp: Some(NOW.millis() as i64),
        message: Some(message.into()),
    });
    PutLogEventsRequest {
        log_events: Some(events.collect()),
        ..batch(&[])
    }
}

fn world(retention: Option<u16>) -> World {
    let mut world = World::new();
    let mut config = world.group.config().clone();
    config.retention = retention;
    world.apply(&Command::Configure(Box::new(config)));
    world.apply(&Command::CreateStream("s"));
    world
}

fn put(
    world: &mut World,
    input: &PutLogEventsRequest<'_>,
) -> Result<PutLogEventsResponse<'static>, Error> {
    assert_eq!(locate(input)?, "g");
    let plan = prepare(&world.group, world.now, input)?;
    let outcome = plan
        .command
        .map_or(Outcome::Done, |command| world.apply(&command));
    Ok(reply(plan.keep, outcome))
}

fn refusal(input: &PutLogEventsRequest<'_>) -> String {
    let error = put(&mut world(None), input).unwrap_err();
    assert_eq!(error.kind.code, "InvalidParameterException");
    error.message.into_owned()
}

/// What stays of a batch, and (too old, expired, too new).
fn sorted_out(retention: Option<u16>, ages: &[i64]) -> (Vec<String>, [Option<i32>; 3]) {
    let mut world = world(retention);
    let reply = put(&mut world, &batch(ages)).unwrap();
    let said = reply
        .rejected_log_events_info
        .map_or([None; 3], |rejected| {
            let said = [
                rejected.too_old_log_event_end_index,
                rejected.expired_log_event_end_index,
                rejected.too_new_log_event_start_index,
            ];
            assert_ne!(said, [None; 3], "nothing to say is not said");
            said
        });
    (world.messages("s"), said)
}

#[test]
fn events_are_put_and_a_token_comes_back_always() {
    let mut world = world(None);
    let first = put(&mut world, &batch(&[-5, -5, 0])).unwrap();
    assert_eq!(first.rejected_log_events_info, None);
    let all_old = put(&mut world, &batch(&[-15 * DAY])).unwrap();
    assert_eq!(all_old.next_sequence_token, first.next_sequence_token);
    let second = put(&mut world, &batch(&[1])).unwrap();
    assert_ne!(second.next_sequence_token, first.next_sequence_token);
    assert_eq!(second.next_sequence_token.unwrap().len(), 56);
    assert_eq!(world.messages("s"), ["at -5", "at -5", "at 0", "at 1"]);
}

#[test]
fn what_is_too_new_too_old_or_expired_is_left_out() {
    let none = [None; 3];
    assert_eq!(sorted_out(None, &[-14 * DAY]).1, none);
    assert_eq!(
        sorted_out(None, &[-14 * DAY - 1]),
        (vec![], [Some(1), None, None])
    );
    assert_eq!(sorted_out(None, &[2 * HOUR]).1, none);
    assert_eq!(
        sorted_out(None, &[2 * HOUR + 1]),
        (vec![], [None, None, Some(0)])
    );
    assert_eq!(
        sorted_out(None, &[-20 * DAY, -15 * DAY, 0, 1, 3 * HOUR, 4 * HOUR]),
        (vec!["at 0".into(), "at 1".into()], [Some(2), None, Some(4)])
    );
    assert_eq!(
        sorted_out(Some(1), &[-20 * DAY, -2 * DAY, 0]),
        (vec!["at 0".into()], [Some(1), Some(2), None])
    );
    assert_eq!(
        sorted_out(Some(1), &[-DAY]),
        (vec![], [None, Some(1), None])
    );
    assert_eq!(sorted_out(Some(30), &[-14 * DAY]).1, none);
}

#[test]
fn what_is_accepted_spans_a_day_at_most() {
    let text =
        "The batch of log events in a single PutLogEvents request cannot span more than 24 hours.";
    assert_eq!(refusal(&batch(&[-DAY - 1, 0])), text);
    assert!(put(&mut world(None), &batch(&[-DAY, 0])).is_ok());
    let (kept, _) = sorted_out(None, &[-20 * DAY, -DAY, 0, 3 * HOUR]);
    assert_eq!(kept, ["at -86400000", "at 0"]);
}

#[test]
fn a_batch_is_oldest_first() {
    assert_eq!(
        refusal(&batch(&[0, -1])),
        "Log events in a single PutLogEvents request must be in chronological order."
    );
}

#[test]
fn each_event_counts_26_bytes_beside_its_message() {
    let largest = limits::EVENT_BYTES_MAX - 26;
    assert!(put(&mut world(None), &messages(vec!["m".repeat(largest)])).is_ok());
    assert_eq!(
        refusal(&messages(vec!["m".repeat(largest + 1)])),
        "Log event too large: 1048577 bytes exceeds limit of 1048576"
    );
    let half = limits::BATCH_BYTES_MAX / 2 - 26;
    assert!(put(&mut world(None), &messages(vec!["m".repeat(half); 2])).is_ok());
    assert_eq!(
        refusal(&messages(vec!["m".repeat(half), "m".repeat(half + 1)])),
        "Upload too large: 1048577 bytes exceeds limit of 1048576"
    );
}

#[test]
fn a_batch_has_one_to_10_000_events() {
    assert!(put(&mut world(None), &batch(&[0; 10_000])).is_ok());
    assert_eq!(
        refusal(&batch(&[])),
        "1 validation error detected: Value '[]' at 'logEvents' failed to satisfy constraint: Member must have length \
         greater than or equal to 1"
    );
    assert!(
        refusal(&batch(&[0; 10_001]))
            .ends_with("Member must have length less than or equal to 10000")
    );
}

#[test]
fn an_event_has_a_time_and_a_message() {
    let spoiled = |spoil: fn(&mut InputLogEvent<'static>)| {
        let mut input = batch(&[0, 0]);
        spoil(&mut input.log_events.as_mut().unwrap()[1]);
        refusal(&input)
    };
    assert_eq!(
        spoiled(|event| event.timestamp = None),
        "1 validation error detected: Value null at 'logEvents.2.member.timestamp' failed to satisfy constraint: \
         Member must not be null"
    );
    assert_eq!(
        spoiled(|event| event.timestamp = Some(-1)),
        "1 validation error detected: Value '-1' at 'logEvents.2.member.timestamp' failed to satisfy constraint: \
         Member must have value greater than or equal to 0"
    );
    assert_eq!(
        spoiled(|event| event.message = Some("".into())),
        "1 validation error detected: Value '' at 'logEvents.2.member.message' failed to satisfy constraint: Member \
         must have length greater than or equal to 1"
    );
    assert!(
        spoiled(|event| event.message = None)
            .contains("Value null at 'logEvents.2.member.message'")
    );
}

#[test]
fn the_stream_must_be_there() {
    let mut world = World::new();
    let error = put(&mut world, &batch(&[0])).unwrap_err();
    assert_eq!(error.kind.code, "ResourceNotFoundException");
    assert_eq!(error.message, "The specified log stream does not exist.");
}

#[test]
fn times_of_ingestion_are_the_records() {
    let mut world = world(None);
    world.pass(Seconds(5));
    put(&mut world, &batch(&[0])).unwrap();
    let stream = &world.group.streams["s"];
    assert_eq!(stream.ingested, Some(NOW.after(Seconds(5))));
    assert_eq!(stream.last(), Some(NOW));
}
