//! RedrivePolicy and RedriveAllowPolicy: where messages go that nobody finishes, and who may send them there.
//!
//! Spec sections 6.1 and 6.3;
//! <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html>.

use domain::Arn;
use serde_json::{Map, Value, json};

use crate::config::{Config, Redrive, RedriveAllow};
use crate::error::Error;
use crate::limits;

const TARGET: &str = "deadLetterTargetArn";
const COUNT: &str = "maxReceiveCount";

/// What must be known of another queue before it is used as a target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueKind {
    pub fifo: bool,
    pub redrive_allow: Option<RedriveAllow>,
}

/// Finds a queue that exists.
pub type Lookup<'l> = &'l dyn Fn(&Arn) -> Option<QueueKind>;

impl QueueKind {
    pub fn of(config: &Config) -> QueueKind {
        QueueKind {
            fifo: config.fifo,
            redrive_allow: config.redrive_allow.clone(),
        }
    }

    fn admits(&self, source: &Arn) -> bool {
        match &self.redrive_allow {
            None | Some(RedriveAllow::All) => true,
            Some(RedriveAllow::None) => false,
            Some(RedriveAllow::Queues(sources)) => sources.contains(source),
        }
    }
}

/// Reads a RedrivePolicy for the queue `source` and looks at its target, which may be the queue itself.
pub(crate) fn parse(text: &str, source: &Config, lookup: Lookup<'_>) -> Result<Redrive, Error> {
    let refuse = |reason: &str| Error::value("RedrivePolicy", text, reason);
    let Ok(Value::Object(map)) = serde_json::from_str(text) else {
        return Err(Error::InvalidAttributeValue(
            "Invalid value for the parameter RedrivePolicy. Reason: Redrive policy is not a valid JSON map.".into(),
        ));
    };
    for name in [TARGET, COUNT] {
        if !map.contains_key(name) {
            let reason = format!("Redrive policy does not contain mandatory attribute: {name}.");
            return Err(refuse(&reason));
        }
    }
    if map.len() > 2 {
        return Err(refuse(
            "Only following attributes are supported: [maxReceiveCount, deadLetterTargetArn].",
        ));
    }
    let max_receives = receive_count(&map[COUNT]).map_err(|given| {
        refuse(&format!(
            "Invalid value for maxReceiveCount: {given}, valid values are from 1 to 1000 both inclusive."
        ))
    })?;
    let not_qualified = || refuse("Dead-letter target ARN should be fully qualified ARN.");
    let target = map[TARGET].as_str().ok_or_else(not_qualified)?;
    let target = Arn::parse(target).map_err(|_| not_qualified())?;
    check_target(&target, source, lookup).map_err(refuse)?;
    Ok(Redrive {
        dead_letter: target,
        max_receives,
    })
}

/// A number, or a text that is one. Otherwise what was given, as AWS shows it.
fn receive_count(given: &Value) -> Result<u32, String> {
    let text = match given {
        Value::String(text) => text.clone(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
            given.to_string()
        }
    };
    match number(&text) {
        Some(count) if limits::RECEIVE_COUNT.contains(&count) => Ok(count),
        Some(_) | None => Err(text),
    }
}

/// A whole number in plain digits: no sign, no blanks.
pub(crate) fn number(text: &str) -> Option<u32> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if digits { text.parse().ok() } else { None }
}

fn check_target(target: &Arn, source: &Config, lookup: Lookup<'_>) -> Result<(), &'static str> {
    if target.service() != "sqs" {
        return Err("Dead-letter target ARN should be fully qualified ARN.");
    }
    if target.account() != source.account.as_str() {
        return Err("Dead-letter target owner should be same as the source.");
    }
    let own = source.arn();
    let found = if *target == own {
        Some(QueueKind::of(source))
    } else {
        lookup(target)
    };
    let here = target.region() == source.region.as_str();
    let Some(queue) = found.filter(|_| here) else {
        return Err("Dead letter target does not exist.");
    };
    if queue.fifo != source.fifo {
        return Err("Dead-letter queue must be same type of queue as the source..");
    }
    if !queue.admits(&own) {
        return Err(
            "The dead-letter queue's redrive allow policy does not admit this source queue.",
        );
    }
    Ok(())
}

/// The policy as it is read back, whatever form it was given in.
pub(crate) fn text(redrive: &Redrive) -> String {
    json!({ TARGET: redrive.dead_letter.as_str(), COUNT: redrive.max_receives }).to_string()
}

const PERMISSION: &str = "redrivePermission";
const SOURCES: &str = "sourceQueueArns";

/// Reads a RedriveAllowPolicy.
pub(crate) fn parse_allow(text: &str) -> Result<RedriveAllow, Error> {
    let unsupported = || {
        Error::InvalidParameterValue(
            "Invalid value for the parameter RedriveAllowPolicy. Reason: Amazon SQS can't create the redrive \
             allow policy, as it’s in an unsupported format."
                .into(),
        )
    };
    let Ok(Value::Object(map)) = serde_json::from_str(text) else {
        return Err(unsupported());
    };
    if map.keys().any(|name| name != PERMISSION && name != SOURCES) {
        return Err(unsupported());
    }
    let sources = sources(&map).ok_or_else(unsupported)?;
    let refuse = |reason: &str| {
        let reason = format!("Amazon SQS can't create the redrive allow policy. {reason}");
        Err(Error::value("RedriveAllowPolicy", text, &reason))
    };
    let permission = map
        .get(PERMISSION)
        .and_then(Value::as_str)
        .ok_or_else(unsupported)?;
    let allow = match permission {
        "byQueue" => {
            return match sources.len() {
                0 => refuse(
                    "When you specify the byQueue permission type, you must also specify one or more \
                     sourceQueueArns values.",
                ),
                1..=limits::ALLOWED_SOURCES_MAX => Ok(RedriveAllow::Queues(sources)),
                _ => refuse("The maximum number of source queue ARNs you can specify is 10."),
            };
        }
        "allowAll" => RedriveAllow::All,
        "denyAll" => RedriveAllow::None,
        _ => return Err(unsupported()),
    };
    if sources.is_empty() {
        Ok(allow)
    } else {
        refuse(
            "To specify one or more source queue ARNs, you must set redrivePermission to byQueue.",
        )
    }
}

/// The sources named, none if there is no list. Absent if it is no list of ARNs.
fn sources(map: &Map<String, Value>) -> Option<Vec<Arn>> {
    let Some(list) = map.get(SOURCES) else {
        return Some(Vec::new());
    };
    list.as_array()?
        .iter()
        .map(|source| Arn::parse(source.as_str()?).ok())
        .collect()
}

/// The policy as it is read back.
pub(crate) fn allow_text(allow: &RedriveAllow) -> String {
    match allow {
        RedriveAllow::All => json!({ PERMISSION: "allowAll" }),
        RedriveAllow::None => json!({ PERMISSION: "denyAll" }),
        RedriveAllow::Queues(sources) => {
            let sources: Vec<&str> = sources.iter().map(Arn::as_str).collect();
            json!({ PERMISSION: "byQueue", SOURCES: sources })
        }
    }
    .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::op::samples::standard;

    const DEAD: &str = "arn:aws:sqs:us-east-1:000000000000:dead";

    fn policy(target: &str, count: &str) -> String {
        format!(r#"{{"deadLetterTargetArn": {target}, "maxReceiveCount": {count}}}"#)
    }

    fn to(target: &str) -> String {
        policy(&format!("\"{target}\""), "3")
    }

    /// Reads with the queue `dead` there and no other.
    fn read(text: &str, dead: QueueKind) -> Result<Redrive, Error> {
        parse(text, &standard(), &|arn| {
            (arn.as_str() == DEAD).then(|| dead.clone())
        })
    }

    fn open() -> QueueKind {
        QueueKind {
            fifo: false,
            redrive_allow: None,
        }
    }

    /// The reason given for refusing the whole text.
    fn reason(text: &str, dead: QueueKind) -> String {
        let error = read(text, dead).unwrap_err();
        assert_eq!(error.kind().code, "InvalidParameterValue");
        let message = error.message();
        let start = format!("Value {text} for parameter RedrivePolicy is invalid. Reason: ");
        message
            .strip_prefix(&start)
            .unwrap_or_else(|| panic!("{message}"))
            .to_owned()
    }

    #[test]
    fn a_count_may_be_a_number_or_a_text_and_reads_back_as_a_number() {
        for count in ["5", "\"5\""] {
            let redrive = read(&policy(&format!("\"{DEAD}\""), count), open()).unwrap();
            assert_eq!(
                text(&redrive),
                format!(r#"{{"deadLetterTargetArn":"{DEAD}","maxReceiveCount":5}}"#)
            );
        }
    }

    #[test]
    fn a_count_lies_between_1_and_1000() {
        for (count, shown) in [
            ("0", "0"),
            ("1001", "1001"),
            ("-1", "-1"),
            ("1.5", "1.5"),
            ("\"x\"", "x"),
            ("\"\"", ""),
            ("null", "null"),
        ] {
            assert_eq!(
                reason(&policy(&format!("\"{DEAD}\""), count), open()),
                format!(
                    "Invalid value for maxReceiveCount: {shown}, valid values are from 1 to 1000 both inclusive."
                )
            );
        }
    }

    #[test]
    fn a_policy_is_a_map_of_both_members_and_no_more() {
        for text in ["x", "[]", "1", "\"{}\""] {
            let error = read(text, open()).unwrap_err();
            assert_eq!(error.kind().code, "InvalidAttributeValue");
            assert_eq!(
                error.message(),
                "Invalid value for the parameter RedrivePolicy. Reason: Redrive policy is not a valid JSON map."
            );
        }
        assert_eq!(
            reason(&format!(r#"{{"deadLetterTargetArn":"{DEAD}"}}"#), open()),
            "Redrive policy does not contain mandatory attribute: maxReceiveCount."
        );
        assert_eq!(
            reason(r#"{"maxReceiveCount":1}"#, open()),
            "Redrive policy does not contain mandatory attribute: deadLetterTargetArn."
        );
        assert_eq!(
            reason(
                &format!(r#"{{"deadLetterTargetArn":"{DEAD}","maxReceiveCount":1,"x":1}}"#),
                open()
            ),
            "Only following attributes are supported: [maxReceiveCount, deadLetterTargetArn]."
        );
    }

    #[test]
    fn the_target_is_a_queue_of_the_same_kind_and_owner() {
        for text in [
            to("dead"),
            to("arn:aws:sns:us-east-1:000000000000:dead"),
            policy("1", "1"),
        ] {
            assert_eq!(
                reason(&text, open()),
                "Dead-letter target ARN should be fully qualified ARN."
            );
        }
        for missing in [
            "arn:aws:sqs:us-east-1:000000000000:other",
            "arn:aws:sqs:eu-west-1:000000000000:dead",
        ] {
            assert_eq!(
                reason(&to(missing), open()),
                "Dead letter target does not exist."
            );
        }
        assert_eq!(
            reason(&to("arn:aws:sqs:us-east-1:111111111111:dead"), open()),
            "Dead-letter target owner should be same as the source."
        );
        assert_eq!(
            reason(
                &to(DEAD),
                QueueKind {
                    fifo: true,
                    ..open()
                }
            ),
            "Dead-letter queue must be same type of queue as the source.."
        );
    }

    #[test]
    fn the_target_decides_who_may_use_it() {
        let dead = |allow| QueueKind {
            redrive_allow: Some(allow),
            ..open()
        };
        let other = Arn::parse("arn:aws:sqs:us-east-1:000000000000:other").unwrap();
        assert!(read(&to(DEAD), dead(RedriveAllow::All)).is_ok());
        assert!(
            read(
                &to(DEAD),
                dead(RedriveAllow::Queues(vec![other.clone(), standard().arn()]))
            )
            .is_ok()
        );
        for closed in [RedriveAllow::None, RedriveAllow::Queues(vec![other])] {
            assert!(reason(&to(DEAD), dead(closed)).contains("does not admit"));
        }
    }

    fn allow_refusal(text: &str) -> String {
        let error = parse_allow(text).unwrap_err();
        assert_eq!(error.kind().code, "InvalidParameterValue");
        error.message().into_owned()
    }

    #[test]
    fn an_allow_policy_reads_back_as_it_was_set() {
        for text in [
            r#"{"redrivePermission":"allowAll"}"#.to_owned(),
            r#"{"redrivePermission":"denyAll"}"#.to_owned(),
            format!(r#"{{"redrivePermission":"byQueue","sourceQueueArns":["{DEAD}"]}}"#),
        ] {
            assert_eq!(allow_text(&parse_allow(&text).unwrap()), text);
        }
    }

    #[test]
    fn an_allow_policy_of_another_form_is_refused() {
        for text in [
            "x",
            "[]",
            "{}",
            r#"{"redrivePermission":"some"}"#,
            r#"{"redrivePermission":"allowAll","x":1}"#,
            r#"{"redrivePermission":"byQueue","sourceQueueArns":"x"}"#,
            r#"{"redrivePermission":"byQueue","sourceQueueArns":["x"]}"#,
        ] {
            assert_eq!(
                allow_refusal(text),
                "Invalid value for the parameter RedriveAllowPolicy. Reason: Amazon SQS can't create the redrive \
                 allow policy, as it’s in an unsupported format."
            );
        }
    }

    #[test]
    fn sources_are_given_by_queue_and_then_only_1_to_10() {
        let by_queue = |count: usize| {
            let sources: Vec<&str> = vec![DEAD; count];
            json!({ "redrivePermission": "byQueue", "sourceQueueArns": sources }).to_string()
        };
        assert!(parse_allow(&by_queue(10)).is_ok());
        assert!(allow_refusal(&by_queue(11)).ends_with(
            "Reason: Amazon SQS can't create the redrive allow policy. The maximum number of source queue ARNs you \
             can specify is 10."
        ));
        for text in [by_queue(0), r#"{"redrivePermission":"byQueue"}"#.to_owned()] {
            assert_eq!(
                allow_refusal(&text),
                format!(
                    "Value {text} for parameter RedriveAllowPolicy is invalid. Reason: Amazon SQS can't create the \
                     redrive allow policy. When you specify the byQueue permission type, you must also specify one \
                     or more sourceQueueArns values."
                )
            );
        }
        let both = format!(r#"{{"redrivePermission":"denyAll","sourceQueueArns":["{DEAD}"]}}"#);
        assert!(allow_refusal(&both).ends_with(
            "To specify one or more source queue ARNs, you must set redrivePermission to byQueue."
        ));
    }
}
