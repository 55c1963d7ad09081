//! A subscription's ReplayPolicy: which archived messages it gets again.
//!
//! Spec section 4.8;
//! <https://docs.aws.amazon.com/sns/latest/dg/message-archiving-and-replay-subscriber.html>.

use domain::Time;
use serde_json::Value;

use crate::config::Config;
use crate::error::Refused;
use crate::instant;
use crate::subscription::{Protocol, ReplayPolicy};

/// Reads the policy, given at `now`: an empty text or object ends a replay.
pub(crate) fn parse(
    text: &str,
    topic: &Config,
    protocol: Protocol,
    now: Time,
) -> Result<Option<ReplayPolicy>, Refused> {
    if text.is_empty() {
        return Ok(None);
    }
    let policy = match serde_json::from_str(text) {
        Ok(Value::Object(policy)) => policy,
        Ok(_) => return Err(refused("failed to parse JSON. It is not an object")),
        Err(error) => return Err(refused(format!("failed to parse JSON. {error}"))),
    };
    if policy.is_empty() {
        return Ok(None);
    }
    let (mut from, mut until, mut by_time) = (None, None, false);
    for (name, value) in &policy {
        match name.as_str() {
            "PointType" => by_time = value.as_str() == Some("Timestamp"),
            "StartingPoint" => from = Some(moment(name, value)?),
            "EndingPoint" => until = Some(moment(name, value)?),
            _ => {
                return Err(refused(format!(
                    "invalid JSON. Attribute {name} is unknown."
                )));
            }
        }
    }
    if !by_time {
        return Err(refused("PointType must be Timestamp"));
    }
    let from = from.ok_or_else(|| refused("Missing StartingPoint attribute"))?;
    check(from, until, topic, protocol, now)?;
    Ok(Some(ReplayPolicy {
        from,
        until,
        text: text.into(),
    }))
}

fn moment(name: &str, value: &Value) -> Result<Time, Refused> {
    let moment = value.as_str().and_then(instant::parse);
    moment.ok_or_else(|| refused(format!("{name} value is invalid")))
}

fn check(
    from: Time,
    until: Option<Time>,
    topic: &Config,
    protocol: Protocol,
    now: Time,
) -> Result<(), Refused> {
    if protocol != Protocol::Sqs {
        return Err(refused(format!(
            "Delivery protocol [{}] does not support message replay.",
            protocol.name()
        )));
    }
    if topic.archive.is_none() {
        return Err(refused("The topic has no active ArchivePolicy"));
    }
    if from > now {
        return Err(refused("StartingPoint must not be in the future"));
    }
    if until.is_some_and(|until| until <= from) {
        return Err(refused("EndingPoint must be after StartingPoint"));
    }
    Ok(())
}

fn refused(text: impl std::fmt::Display) -> Refused {
    Refused::new(format!("ReplayPolicy: {text}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::envelope::iso;
    use crate::op::samples::{archived, fifo, seconds};

    fn with(from: Time, until: Option<Time>) -> String {
        let mut policy = serde_json::json!({
            "PointType": "Timestamp", "StartingPoint": iso(from),
        });
        if let Some(until) = until {
            policy["EndingPoint"] = iso(until).into();
        }
        policy.to_string()
    }

    fn refusal(text: &str) -> String {
        let error = parse(text, &archived(), Protocol::Sqs, seconds(100)).unwrap_err();
        error.0.into_owned()
    }

    #[test]
    fn a_replay_begins_at_a_moment_and_may_end_at_one() {
        let text = with(seconds(10), Some(seconds(20)));
        let policy = parse(&text, &archived(), Protocol::Sqs, seconds(100));
        let policy = policy.unwrap().unwrap();
        assert_eq!(
            (policy.from, policy.until),
            (seconds(10), Some(seconds(20)))
        );
        assert_eq!(&*policy.text, text);
        let open = parse(
            &with(seconds(10), None),
            &archived(),
            Protocol::Sqs,
            seconds(100),
        );
        assert_eq!(open.unwrap().unwrap().until, None);
    }

    #[test]
    fn an_empty_policy_ends_a_replay() {
        for text in ["", "{}"] {
            assert_eq!(parse(text, &fifo(), Protocol::Sqs, seconds(0)), Ok(None));
        }
    }

    #[test]
    fn only_queues_on_topics_with_an_archive_get_replays() {
        let text = with(seconds(10), None);
        assert!(parse(&text, &fifo(), Protocol::Sqs, seconds(100)).is_err());
        assert!(parse(&text, &archived(), Protocol::Http, seconds(100)).is_err());
    }

    #[test]
    fn what_cannot_be_replayed_is_refused() {
        for text in [
            "x",
            "[]",
            r#"{"PointType":"Timestamp"}"#,
            r#"{"PointType":"Timestamp","StartingPoint":"yesterday"}"#,
            r#"{"PointType":"Offset","StartingPoint":"2025-01-31T08:00:00.000Z"}"#,
            r#"{"PointType":"Timestamp","StartingPoint":"1970-01-12T13:46:41.000Z","Speed":2}"#,
            &with(seconds(101), None),
            &with(seconds(20), Some(seconds(20))),
        ] {
            assert!(refusal(text).starts_with("ReplayPolicy: "), "{text}");
        }
    }
}
