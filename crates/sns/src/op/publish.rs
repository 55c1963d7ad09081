//! Publish: one message to all subscribers of a topic, to one endpoint, or to one phone number.
//!
//! <https://docs.aws.amazon.com/sns/latest/api/API_Publish.html>

use api::Error;
use api::sns::{PublishInput, PublishResponse};
use domain::{Region, Time};

use crate::accepting::{Accepting, Told};
use crate::arn::{self, TopicName};
use crate::command::Command;

use crate::error::invalid_because;
use crate::op::Plan;
use crate::publication::{Publish, message_id, sequence_number};
use crate::topic::Topic;

pub use crate::draft::{Direct, Draft, Ids, Publisher};

/// Where a message goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target<'a> {
    Topic(TopicName<'a>),
    /// An endpoint of a platform application, by its ARN.
    Endpoint(&'a str),
    Phone(&'a str),
}

impl<'a> Target<'a> {
    /// Where a request made in `region` wants its message to go.
    pub fn of(input: &'a PublishInput<'_>, region: Region) -> Result<Target<'a>, Error> {
        if let Some(topic) = input.topic_arn.as_deref() {
            return Ok(Target::Topic(arn::topic(topic, region)?));
        }
        if let Some(target) = input.target_arn.as_deref() {
            let resource = target.splitn(6, ':').nth(5);
            return Ok(match resource {
                Some(resource) if resource.starts_with("endpoint/") => Target::Endpoint(target),
                Some(_) | None => Target::Topic(arn::topic(target, region)?),
            });
        }
        match input.phone_number.as_deref() {
            Some(number) if is_phone_number(number) => Ok(Target::Phone(number)),
            Some(number) => Err(invalid_because(
                "PhoneNumber",
                format!("{number} is not valid to publish to"),
            )),
            None => Err(invalid_because(
                "TopicArn or TargetArn",
                "no value for required parameter",
            )),
        }
    }
}

/// The form of E.164: up to 15 digits, of which the first is not 0.
fn is_phone_number(text: &str) -> bool {
    let digits = text.strip_prefix('+').unwrap_or(text);
    (2..=15).contains(&digits.len())
        && digits.bytes().all(|byte| byte.is_ascii_digit())
        && !digits.starts_with('0')
}

impl<'a> Draft<'a> {
    /// Judges what the request says by itself. Needs no topic; what is wrong comes out of [`prepare`].
    pub fn of(input: &'a PublishInput<'a>) -> Draft<'a> {
        Draft::of_parts(input.into(), "")
    }
}

#[derive(Clone, Copy, Debug)]
pub struct Keep {
    told: Told,
}

/// A message that repeats another within five minutes, on a FIFO topic, changes nothing.
pub fn prepare<'a>(
    topic: &Topic,
    publisher: &Publisher<'a>,
    now: Time,
    ids: Ids<'_>,
    draft: &'a Draft<'a>,
) -> Result<Plan<'a, Keep>, Error> {
    let mut accepting = Accepting::new(topic, publisher, now);
    let told = accepting.accept(ids(), draft)?;
    let publications = accepting.publications;
    Ok(Plan {
        command: (!publications.is_empty()).then_some(Command::Publish(Publish { publications })),
        keep: Keep { told },
    })
}

pub fn reply(keep: &Keep) -> PublishResponse<'static> {
    PublishResponse {
        message_id: Some(message_id(&keep.told.id).into()),
        sequence_number: keep
            .told
            .sequence
            .map(|sequence| sequence_number(sequence).into()),
    }
}

#[cfg(test)]
mod tests {
    use api::Str;
    use api::sns::MessageAttributeValue;
    use domain::AccountId;

    use super::*;
    use crate::config::{Config, DedupScope};
    use crate::dedup::{First, Mark};
    use crate::publication::Publication;

    const NOW: Time = Time::from_seconds(1_700_000_000);

    fn topic(name: &str) -> Topic {
        let fifo = name.ends_with(".fifo");
        Topic::new(Config::fresh(
            name,
            AccountId::DEFAULT,
            Region::default(),
            fifo,
            Time::ZERO,
        ))
    }

    fn message(text: &str) -> PublishInput<'_> {
        PublishInput {
            message: Some(text.into()),
            ..PublishInput::default()
        }
    }

    fn grouped<'a>(text: &'a str, dedup: Option<&'a str>) -> PublishInput<'a> {
        PublishInput {
            message_group_id: Some("g".into()),
            message_deduplication_id: dedup.map(Str::from),
            ..message(text)
        }
    }

    fn attribute<'a>(name: &'a str, value: &'a str) -> (Str<'a>, MessageAttributeValue<'a>) {
        let value = MessageAttributeValue {
            data_type: Some("String".into()),
            string_value: Some(value.into()),
            binary_value: None,
        };
        (name.into(), value)
    }

    /// Shows what a request becomes, and what its publisher is told.
    fn with_publication(
        topic: &Topic,
        input: &PublishInput<'_>,
        see: impl FnOnce(Option<&Publication<'_>>, PublishResponse<'_>),
    ) {
        let draft = Draft::of(input);
        let publisher = Publisher {
            trace: Some("Root=1"),
        };
        let plan = prepare(topic, &publisher, NOW, &mut || [1; 16], &draft).unwrap();
        let answer = reply(&plan.keep);
        match &plan.command {
            Some(Command::Publish(publish)) => see(publish.publications.first(), answer),
            other => {
                assert_eq!(*other, None);
                see(None, answer);
            }
        }
    }

    fn refusal(topic: &Topic, input: &PublishInput<'_>) -> String {
        let draft = Draft::of(input);
        let publisher = Publisher::default();
        prepare(topic, &publisher, NOW, &mut || [1; 16], &draft)
            .unwrap_err()
            .to_string()
    }

    #[test]
    fn a_message_is_answered_with_its_id() {
        let input = PublishInput {
            subject: Some("s".into()),
            message_attributes: Some(vec![attribute("a", "1")]),
            message_group_id: Some("tenant".into()),
            ..message("m")
        };
        with_publication(&topic("t"), &input, |publication, answer| {
            let publication = publication.unwrap();
            assert_eq!((publication.message, publication.subject), ("m", Some("s")));
            assert_eq!((publication.time, publication.sequence), (NOW, 1));
            assert_eq!(
                (publication.group, publication.dedup),
                (Some("tenant"), None)
            );
            assert_eq!(publication.trace, Some("Root=1"));
            assert_eq!(publication.attributes.len(), 1);
            assert_eq!(
                answer.message_id.as_deref(),
                Some("01010101-0101-4101-8101-010101010101")
            );
            assert_eq!(answer.sequence_number, None);
        });
    }

    #[test]
    fn a_fifo_message_is_answered_with_its_sequence_number() {
        let mut topic = topic("t.fifo");
        topic.config.content_dedup = true;
        topic.next_publication = 7;
        with_publication(&topic, &grouped("Test", None), |publication, answer| {
            assert_eq!(
                publication.unwrap().dedup,
                Some("532eaabd9574880dbf76b9b8cc00832c20a6ec113d682299550d7a6e0f345e25")
            );
            assert_eq!(
                answer.sequence_number.as_deref(),
                Some("10000000000000007000")
            );
        });
        with_publication(&topic, &grouped("Test", Some("d")), |publication, _| {
            assert_eq!(
                publication.unwrap().dedup,
                Some("d"),
                "the explicit one wins"
            );
        });
    }

    #[test]
    fn a_repeated_message_is_answered_like_the_first() {
        let mut topic = topic("t.fifo");
        let first = First {
            id: [9; 16],
            sequence: 3,
        };
        topic
            .dedup
            .remember(Mark::of("d", Some("other")), first, NOW);
        with_publication(&topic, &grouped("m", Some("d")), |publication, answer| {
            assert_eq!(publication, None);
            assert_eq!(
                answer.message_id.as_deref(),
                Some("09090909-0909-4909-8909-090909090909")
            );
            assert_eq!(
                answer.sequence_number.as_deref(),
                Some("10000000000000003000")
            );
        });
        topic.config.dedup_scope = Some(DedupScope::MessageGroup);
        with_publication(&topic, &grouped("m", Some("d")), |publication, _| {
            assert!(publication.is_some(), "in its group it is new");
        });
    }

    #[test]
    fn a_message_is_there_and_not_empty() {
        assert_eq!(
            refusal(&topic("t"), &message("")),
            "InvalidParameter: Invalid parameter: Empty message"
        );
        assert_eq!(
            refusal(&topic("t"), &PublishInput::default()),
            "ValidationError: 1 validation error detected: Value null at 'message' failed to satisfy constraint: \
             Member must not be null"
        );
    }

    #[test]
    fn a_subject_is_one_line_of_at_most_100_characters() {
        let long = "x".repeat(101);
        for subject in ["", " leading", "two\nlines", "a\u{7}", "éa", &long] {
            let input = PublishInput {
                subject: Some(subject.into()),
                ..message("m")
            };
            assert_eq!(
                refusal(&topic("t"), &input),
                "InvalidParameter: Invalid parameter: Subject",
                "{subject:?}"
            );
        }
        for subject in ["a", "[urgent] né", &long[1..]] {
            let input = PublishInput {
                subject: Some(subject.into()),
                ..message("m")
            };
            with_publication(&topic("t"), &input, |publication, _| {
                assert_eq!(publication.unwrap().subject, Some(subject));
            });
        }
    }

    #[test]
    fn message_and_attributes_together_have_262144_bytes_at_most() {
        let text = "x".repeat(262_144 - 8);
        let with = |value| PublishInput {
            message_attributes: Some(vec![attribute("a", value)]),
            ..message(&text)
        };
        with_publication(&topic("t"), &with("1"), |publication, _| {
            assert!(publication.is_some());
        });
        assert_eq!(
            refusal(&topic("t"), &with("12")),
            "InvalidParameter: Invalid parameter: Message too long"
        );
        let mut wide = topic("t");
        wide.config.message_bytes_max = Some(300_000);
        with_publication(&wide, &with("12"), |publication, _| {
            assert!(publication.is_some());
        });
    }

    #[test]
    fn a_structured_message_has_a_default() {
        let structured = |text| PublishInput {
            message_structure: Some("json".into()),
            ..message(text)
        };
        with_publication(
            &topic("t"),
            &structured(r#"{"default":"d"}"#),
            |publication, _| assert!(publication.unwrap().json),
        );
        assert_eq!(
            refusal(&topic("t"), &structured("{}")),
            "InvalidParameter: Invalid parameter: Message Structure - No default entry in JSON message body"
        );
        let other = PublishInput {
            message_structure: Some("xml".into()),
            ..message("m")
        };
        assert_eq!(
            refusal(&topic("t"), &other),
            "InvalidParameter: Invalid parameter: MessageStructure"
        );
    }

    #[test]
    fn a_fifo_topic_asks_for_a_group_before_a_deduplication_id() {
        let topic = topic("t.fifo");
        let empty = PublishInput {
            message_group_id: Some("".into()),
            ..message("m")
        };
        for input in [message("m"), empty] {
            assert_eq!(
                refusal(&topic, &input),
                "InvalidParameter: Invalid parameter: The MessageGroupId parameter is required for FIFO topics"
            );
        }
        assert_eq!(
            refusal(&topic, &grouped("m", None)),
            "InvalidParameter: Invalid parameter: The topic should either have ContentBasedDeduplication enabled or \
             MessageDeduplicationId provided explicitly"
        );
    }

    #[test]
    fn a_standard_topic_takes_no_deduplication_id() {
        assert_eq!(
            refusal(&topic("t"), &grouped("m", Some("d"))),
            "InvalidParameter: Invalid parameter: MessageDeduplicationId Reason: The request includes \
             MessageDeduplicationId parameter that is not valid for this topic type"
        );
    }

    #[test]
    fn the_first_fault_in_awss_order_is_told() {
        let mut input = PublishInput {
            message: Some("".into()),
            subject: Some("".into()),
            message_structure: Some("json".into()),
            message_attributes: Some(vec![attribute("a", "")]),
            message_deduplication_id: Some("d".into()),
            ..PublishInput::default()
        };
        let topic = topic("t");
        assert!(refusal(&topic, &input).ends_with("Empty message"));
        let long = "x".repeat(262_145);
        input.message = Some(long.as_str().into());
        assert!(refusal(&topic, &input).ends_with("Subject"));
        input.subject = None;
        assert!(refusal(&topic, &input).ends_with("Message too long"));
        input.message = Some("m".into());
        assert!(refusal(&topic, &input).ends_with("failed to parse"));
        input.message = Some(r#"{"default":"d"}"#.into());
        assert!(refusal(&topic, &input).contains("MessageDeduplicationId Reason"));
        input.message_deduplication_id = None;
        assert!(refusal(&topic, &input).starts_with("ParameterValueInvalid: "));
        let told = Draft::of(&input).topic_missing("t").to_string();
        assert!(told.starts_with("ParameterValueInvalid: "), "{told}");
        input.message_attributes = None;
        assert_eq!(
            Draft::of(&input).topic_missing("t").to_string(),
            "NotFound: Topic does not exist"
        );
        assert!(
            Draft::of(&input)
                .topic_missing("t.fifo")
                .to_string()
                .ends_with("required for FIFO topics")
        );
    }

    #[test]
    fn a_message_goes_to_a_topic_an_endpoint_or_a_phone_number() {
        let region = Region::default();
        let target = |topic: Option<&'static str>,
                      target: Option<&'static str>,
                      phone: Option<&'static str>| {
            let input = PublishInput {
                topic_arn: topic.map(Str::from),
                target_arn: target.map(Str::from),
                phone_number: phone.map(Str::from),
                ..message("m")
            };
            match Target::of(&input, region) {
                Ok(Target::Topic(topic)) => format!("topic {}", topic.name),
                Ok(Target::Endpoint(arn)) => format!("endpoint {arn}"),
                Ok(Target::Phone(number)) => format!("phone {number}"),
                Err(error) => error.to_string(),
            }
        };
        let arn = "arn:aws:sns:us-east-1:000000000000:t";
        let endpoint = "arn:aws:sns:us-east-1:000000000000:endpoint/GCM/a/b";
        assert_eq!(target(Some(arn), None, None), "topic t");
        assert_eq!(target(None, Some(arn), None), "topic t");
        assert_eq!(
            target(None, Some(endpoint), None),
            format!("endpoint {endpoint}")
        );
        assert_eq!(target(None, None, Some("+4366412")), "phone +4366412");
        assert_eq!(
            target(None, None, Some("+43x")),
            "InvalidParameter: Invalid parameter: PhoneNumber Reason: +43x is not valid to publish to"
        );
        assert_eq!(
            target(None, None, None),
            "InvalidParameter: Invalid parameter: TopicArn or TargetArn Reason: no value for required parameter"
        );
        assert_eq!(
            target(Some(""), None, None),
            "InvalidParameter: Invalid parameter: TopicArn Reason: An ARN must have at least 6 elements, not 1"
        );
        assert_eq!(
            target(Some("arn:aws:sns:eu-west-1:000000000000:t"), None, None),
            "InvalidParameter: Invalid parameter: TopicArn"
        );
    }

    #[test]
    fn straight_to_an_endpoint_its_platforms_own_text_is_enough() {
        let input = PublishInput {
            message_structure: Some("json".into()),
            message_attributes: Some(vec![attribute("a", "1")]),
            ..message(r#"{"GCM":"{}"}"#)
        };
        let draft = Draft::of(&input);
        let direct = draft.direct(Some("GCM")).unwrap();
        assert!(direct.json && direct.attributes.len() == 1);
        assert!(draft.direct(Some("APNS")).is_err());
        assert!(draft.direct(None).is_err());
        let plain = message("m");
        assert_eq!(Draft::of(&plain).direct(None).unwrap().message, "m");
        assert!(Draft::of(&message("")).direct(None).is_err());
        let other = PublishInput {
            message_structure: Some("xml".into()),
            ..message(r#"{"GCM":"{}"}"#)
        };
        assert!(Draft::of(&other).direct(Some("GCM")).is_err());
    }
}
