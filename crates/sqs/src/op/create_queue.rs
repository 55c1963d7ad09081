//! CreateQueue: a queue of a name, or the one that is there already if it is what was asked for.
//!
//! <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html>

use api::Str;
use api::sqs::{CreateQueueRequest, CreateQueueResult};
use domain::{AccountId, Region, Time};

use crate::attributes::{self, QueueAttribute};
use crate::characters;
use crate::config::Config;
use crate::error::Error;
use crate::limits;
use crate::policy;
use crate::queue::Counts;
use crate::redrive_policy::{Lookup, QueueKind};
use crate::tags;

const FIFO_SUFFIX: &str = ".fifo";

/// The queue that is asked for. Checks the name, then the attributes' names, then their values; whether the queue
/// exists comes last and is the caller's to find out (see [`same`]).
pub fn prepare(
    account: AccountId,
    region: Region,
    now: Time,
    input: &CreateQueueRequest<'_>,
    lookup: Lookup<'_>,
) -> Result<Config, Error> {
    let given = given(input);
    let fifo = wants_fifo(given);
    let name = name(input, fifo)?;
    let given = attributes::settable(given, fifo)?;
    let mut config = attributes::fresh(name, account, region, fifo, now);
    attributes::assign_all(&mut config, &given, lookup)?;
    tags::add(&mut config, input.tags.as_deref().unwrap_or_default())?;
    Ok(config)
}

fn given<'a>(input: &'a CreateQueueRequest<'_>) -> &'a [(Str<'a>, Str<'a>)] {
    input.attributes.as_deref().unwrap_or_default()
}

fn wants_fifo(given: &[(Str<'_>, Str<'_>)]) -> bool {
    given.iter().any(|(name, value)| {
        name == QueueAttribute::FifoQueue.name() && attributes::parse_flag(value) == Some(true)
    })
}

fn name<'a>(input: &'a CreateQueueRequest<'_>, fifo: bool) -> Result<&'a str, Error> {
    let refuse = |text: &'static str| Err(Error::InvalidParameterValue(text.into()));
    let Some(name) = input.queue_name.as_deref() else {
        return refuse(
            "Value for parameter QueueName is invalid. Reason: Must specify a queue name.",
        );
    };
    if name.is_empty() {
        return refuse("Queue name cannot be empty");
    }
    if fifo && !is_fifo_name(name) {
        return refuse(
            "The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, \
             must end with .fifo suffix and be 1 to 80 in length",
        );
    }
    if !fifo && !characters::are_name(name) {
        return refuse(
            "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length",
        );
    }
    Ok(name)
}

fn is_fifo_name(name: &str) -> bool {
    let stem = name.strip_suffix(FIFO_SUFFIX);
    name.len() <= limits::NAME_CHARS_MAX && stem.is_some_and(characters::are_name)
}

/// Whether a queue that exists is the one asked for: each attribute given has the value that the queue has now.
/// Attributes not given and tags do not count.
pub fn same(existing: &Config, input: &CreateQueueRequest<'_>) -> Result<(), Error> {
    let given = attributes::settable(given(input), existing.fifo)?;
    for (attribute, value) in given {
        if !has(existing, attribute, value)? {
            return Err(Error::QueueNameExists {
                attribute: attribute.name(),
            });
        }
    }
    Ok(())
}

/// Compares as read back, so that `"5"` is `5` and `True` is `true`.
fn has(existing: &Config, attribute: QueueAttribute, value: &str) -> Result<bool, Error> {
    let mut wanted = existing.clone();
    // The target of a redrive policy was looked at when the request was prepared.
    let found = QueueKind {
        fifo: existing.fifo,
        redrive_allow: None,
    };
    attributes::assign(&mut wanted, attribute, value, &|_| Some(found.clone()))?;
    let read = |config: &Config| attributes::text(config, &Counts::default(), attribute);
    let (now, then) = (read(existing), read(&wanted));
    Ok(now == then
        || attribute == QueueAttribute::Policy && policy::are_same(now.as_deref(), then.as_deref()))
}

pub fn reply(queue_url: String) -> CreateQueueResult<'static> {
    CreateQueueResult {
        queue_url: Some(queue_url.into()),
    }
}

#[cfg(test)]
mod tests {
    use domain::Seconds;

    use super::*;
    use crate::op::samples::{NOW, map};

    fn request(
        name: &str,
        attributes: &[(&'static str, &'static str)],
    ) -> CreateQueueRequest<'static> {
        CreateQueueRequest {
            queue_name: Some(name.to_owned().into()),
            attributes: map(attributes),
            tags: None,
        }
    }

    fn create(name: &str, attributes: &[(&'static str, &'static str)]) -> Result<Config, Error> {
        prepare_alone(&request(name, attributes))
    }

    /// Creates where there is no other queue.
    fn prepare_alone(input: &CreateQueueRequest<'_>) -> Result<Config, Error> {
        prepare(AccountId::DEFAULT, Region::default(), NOW, input, &|_| None)
    }

    fn refusal(name: &str, attributes: &[(&'static str, &'static str)]) -> String {
        create(name, attributes).unwrap_err().message().into_owned()
    }

    #[test]
    fn a_queue_without_attributes_has_the_defaults() {
        let config = create("orders", &[]).unwrap();
        assert_eq!(
            config.arn().as_str(),
            "arn:aws:sqs:us-east-1:000000000000:orders"
        );
        assert_eq!(
            (
                config.delay,
                config.retention,
                config.visibility,
                config.wait,
                config.message_bytes_max
            ),
            (
                Seconds(0),
                Seconds(345_600),
                Seconds(30),
                Seconds(0),
                1_048_576
            )
        );
        assert!(!config.fifo && config.managed_sse);
        assert_eq!((config.created, config.modified), (NOW, NOW));
    }

    #[test]
    fn a_name_is_1_to_80_letters_digits_hyphens_and_underscores() {
        let unnamed = CreateQueueRequest::default();
        assert_eq!(
            prepare_alone(&unnamed).unwrap_err().message(),
            "Value for parameter QueueName is invalid. Reason: Must specify a queue name."
        );
        assert_eq!(refusal("", &[]), "Queue name cannot be empty");
        assert!(create(&"x".repeat(80), &[]).is_ok());
        for name in ["a b", "a.b", "ü", "orders.fifo", &"x".repeat(81)] {
            assert_eq!(
                refusal(name, &[]),
                "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length"
            );
        }
    }

    #[test]
    fn a_fifo_queue_is_called_fifo() {
        assert!(
            create("orders.fifo", &[("FifoQueue", "true")])
                .unwrap()
                .fifo
        );
        let longest = format!("{}.fifo", "x".repeat(75));
        assert!(create(&longest, &[("FifoQueue", "true")]).is_ok());
        for name in ["orders", ".fifo", "a.b.fifo", &format!("x{longest}")] {
            assert_eq!(
                refusal(name, &[("FifoQueue", "true")]),
                "The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, must \
                 end with .fifo suffix and be 1 to 80 in length"
            );
        }
    }

    #[test]
    fn a_standard_queue_knows_no_fifo_attributes() {
        assert_eq!(
            refusal("q", &[("FifoQueue", "false")]),
            "Unknown Attribute FifoQueue."
        );
        assert_eq!(
            refusal("q", &[("ContentBasedDeduplication", "true")]),
            "Unknown Attribute ContentBasedDeduplication."
        );
        for (name, value) in [
            ("DeduplicationScope", "queue"),
            ("FifoThroughputLimit", "perQueue"),
        ] {
            let error = create("q", &[(name, value)]).unwrap_err();
            assert_eq!(error.kind().code, "InvalidAttributeName");
            assert_eq!(
                error.message(),
                format!("You can specify the {name} only when FifoQueue is set to true.")
            );
        }
    }

    #[test]
    fn the_name_is_judged_before_attribute_names_and_those_before_values() {
        let wrong = [("DelaySeconds", "x"), ("Nonsense", "1")];
        assert!(refusal("a b", &wrong).starts_with("Can only include"));
        assert_eq!(refusal("q", &wrong), "Unknown Attribute Nonsense.");
        assert_eq!(
            refusal("q", &wrong[..1]),
            "Invalid value for the parameter DelaySeconds."
        );
    }

    #[test]
    fn a_new_queue_keeps_its_tags_sorted() {
        let input = CreateQueueRequest {
            tags: map(&[("b", "2"), ("a", "1")]),
            ..request("q", &[])
        };
        let tags = prepare_alone(&input).unwrap().tags;
        assert_eq!(
            tags,
            [("a".into(), "1".into()), ("b".into(), String::from("2"))]
        );
    }

    #[test]
    fn creating_again_compares_what_is_given_with_what_is() {
        let existing = create("q", &[("DelaySeconds", "5"), ("Policy", "")]).unwrap();
        assert_eq!(same(&existing, &request("q", &[])), Ok(()));
        assert_eq!(
            same(&existing, &request("q", &[("DelaySeconds", "5")])),
            Ok(())
        );
        assert_eq!(
            same(&existing, &request("q", &[("VisibilityTimeout", "30")])),
            Ok(())
        );
        let error = same(
            &existing,
            &request("q", &[("VisibilityTimeout", "30"), ("DelaySeconds", "6")]),
        );
        assert_eq!(
            error.unwrap_err().message(),
            "A queue already exists with the same name and a different value for attribute DelaySeconds"
        );
    }

    #[test]
    fn creating_again_compares_values_not_spellings() {
        let target = "arn:aws:sqs:us-east-1:000000000000:dead";
        let redrive = |count: &str| -> &'static str {
            format!(r#"{{"maxReceiveCount": {count}, "deadLetterTargetArn": "{target}"}}"#).leak()
        };
        let found = QueueKind {
            fifo: false,
            redrive_allow: None,
        };
        let existing = prepare(
            AccountId::DEFAULT,
            Region::default(),
            NOW,
            &request("q", &[("RedrivePolicy", redrive("5"))]),
            &|_| Some(found.clone()),
        );
        let existing = existing.unwrap();
        assert_eq!(
            same(
                &existing,
                &request("q", &[("RedrivePolicy", redrive("\"5\""))])
            ),
            Ok(())
        );
        assert_eq!(
            same(&existing, &request("q", &[("RedrivePolicy", redrive("6"))])),
            Err(Error::QueueNameExists {
                attribute: "RedrivePolicy"
            })
        );
        assert_eq!(
            same(
                &existing,
                &request("q", &[("SqsManagedSseEnabled", "True")])
            ),
            Ok(())
        );
        let fifo = create("q.fifo", &[("FifoQueue", "true")]).unwrap();
        assert_eq!(
            same(&fifo, &request("q.fifo", &[("FifoQueue", "TRUE")])),
            Ok(())
        );
    }
}
