//! A FIFO topic's ArchivePolicy: how long what was published is kept for replays.
//!
//! Spec section 4.8;
//! <https://docs.aws.amazon.com/sns/latest/dg/message-archiving-and-replay-topic-owner.html>.

use domain::{Seconds, Time};
use serde_json::Value;

use crate::config::{ArchivePolicy, Config};
use crate::error::Refused;
use crate::limits;

/// The policy a text asks for, given at `now`: an empty object switches archiving off. A new number of days keeps
/// what is archived.
pub(crate) fn parse(
    text: &str,
    before: Option<&ArchivePolicy>,
    now: Time,
) -> Result<Option<ArchivePolicy>, Refused> {
    let policy = match serde_json::from_str(text) {
        Ok(Value::Object(policy)) => policy,
        Ok(_) => return Err(refused("failed to parse JSON. It is not an object")),
        Err(error) => return Err(refused(format!("failed to parse JSON. {error}"))),
    };
    if policy.is_empty() {
        return Ok(None);
    }
    if let Some(unknown) = policy.keys().find(|name| *name != "MessageRetentionPeriod") {
        return Err(refused(format!(
            "invalid JSON. Attribute {unknown} is unknown."
        )));
    }
    let days = match &policy["MessageRetentionPeriod"] {
        Value::String(text) => text.parse().ok(),
        Value::Number(number) => number.as_u64().and_then(|days| u32::try_from(days).ok()),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    };
    let days = days.filter(|days| limits::ARCHIVE_DAYS.contains(days));
    let days = days.ok_or_else(|| refused("MessageRetentionPeriod value is invalid"))?;
    Ok(Some(ArchivePolicy {
        text: text.to_owned(),
        days,
        since: before.map_or(now, |before| before.since),
    }))
}

/// The earliest moment from which messages can be replayed at `now`.
pub(crate) fn beginning(config: &Config, now: Time) -> Option<Time> {
    let archive = config.archive.as_ref()?;
    let kept = Seconds(archive.days * 86_400).millis();
    Some(
        archive
            .since
            .max(Time::from_millis(now.millis().saturating_sub(kept))),
    )
}

fn refused(text: impl std::fmt::Display) -> Refused {
    Refused::new(format!("ArchivePolicy: {text}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::op::samples::{fifo, seconds};

    fn parse_at(text: &str, now: Time) -> Result<Option<ArchivePolicy>, Refused> {
        parse(text, None, now)
    }

    #[test]
    fn a_retention_of_1_to_365_days_is_a_text_or_a_number() {
        for (text, days) in [
            (r#"{"MessageRetentionPeriod":"30"}"#, 30),
            ("\n{ \"MessageRetentionPeriod\": 365 }\n", 365),
        ] {
            let policy = parse_at(text, seconds(5)).unwrap().unwrap();
            assert_eq!((policy.days, policy.since), (days, seconds(5)));
            assert_eq!(policy.text, text);
        }
        for value in ["0", "366", r#""x""#, "null", "1.5"] {
            let text = format!(r#"{{"MessageRetentionPeriod":{value}}}"#);
            assert_eq!(
                parse_at(&text, seconds(0)).unwrap_err().0,
                "ArchivePolicy: MessageRetentionPeriod value is invalid"
            );
        }
    }

    #[test]
    fn an_empty_object_switches_archiving_off_and_an_empty_text_does_not() {
        assert_eq!(parse_at("{}", seconds(0)), Ok(None));
        for text in ["", "[]", r#"{"Days":"1"}"#] {
            assert!(parse_at(text, seconds(0)).is_err(), "{text}");
        }
    }

    #[test]
    fn the_archive_begins_when_it_was_switched_on_or_where_its_retention_ends() {
        let mut config = fifo();
        assert_eq!(beginning(&config, seconds(0)), None);
        config.archive = parse_at(r#"{"MessageRetentionPeriod":"1"}"#, seconds(0)).unwrap();
        assert_eq!(beginning(&config, seconds(86_400)), Some(seconds(0)));
        assert_eq!(beginning(&config, seconds(86_405)), Some(seconds(5)));
    }

    #[test]
    fn other_days_keep_what_is_archived() {
        let first = parse_at(r#"{"MessageRetentionPeriod":"1"}"#, seconds(0)).unwrap();
        let longer = parse(
            r#"{"MessageRetentionPeriod":"2"}"#,
            first.as_ref(),
            seconds(9),
        );
        assert_eq!(longer.unwrap().unwrap().since, seconds(0));
    }
}
