//! ReceiveMessage: take up to ten messages, waiting for the first if asked to.
//!
//! <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html>

use api::Str;
use api::sqs::{Message, MessageAttributeValue, ReceiveMessageRequest, ReceiveMessageResult};
use domain::Seconds;

use crate::batch;
use crate::command::{Command, Receive};
use crate::config::Config;
use crate::digest::hex;
use crate::error::Error;
use crate::limits;
use crate::message::{Attribute, Payload, Value};
use crate::message_attributes;
use crate::name_filter::NameFilter;
use crate::op::Protocol;
use crate::outcome::Received;
use crate::outgoing::check_token;
use crate::queue::Queue;
use crate::system_attributes::SystemAttributes;

pub use crate::system_attributes::Facts;

/// What headers may ask for beyond AWS's ranges (spec section 11).
#[derive(Clone, Copy, Debug, Default)]
pub struct Overrides {
    /// As many messages, instead of MaxNumberOfMessages.
    pub max: Option<u16>,
    /// Wait so long, and until all of the messages are there, not only one.
    pub wait: Option<Seconds>,
}

/// A checked receive.
#[derive(Debug)]
pub struct ReceivePlan {
    /// How long to wait for messages; 0 is a short poll.
    pub wait: Seconds,
    /// Whether to wait until `keep.max()` messages are there.
    pub fill: bool,
    /// What a waiting poll has to remember: it asks again with [`Keep::command`] whenever messages may be there.
    pub keep: Keep,
}

#[derive(Clone, Debug)]
pub struct Keep {
    max: u16,
    visibility: Option<Seconds>,
    attempt: Option<String>,
    short_poll: bool,
    system: SystemAttributes,
    attributes: NameFilter,
}

impl Keep {
    /// For looking at messages rather than receiving them: everything is shown.
    pub fn everything() -> Keep {
        Keep {
            max: 0,
            visibility: None,
            attempt: None,
            short_poll: false,
            system: SystemAttributes::ALL,
            attributes: NameFilter::All,
        }
    }

    /// ReceiveRequestAttemptId.
    pub fn attempt(&self) -> Option<&str> {
        self.attempt.as_deref()
    }

    pub fn max(&self) -> u16 {
        self.max
    }

    /// `dead_letter_open`: whether the redrive policy's target exists at this moment.
    pub fn command(&self, dead_letter_open: bool) -> Command<'_> {
        Command::Receive(Receive {
            max: self.max,
            visibility: self.visibility,
            attempt: self.attempt.as_deref(),
            dead_letter_open,
        })
    }
}

pub fn prepare(
    queue: &Queue,
    input: &ReceiveMessageRequest<'_>,
    protocol: Protocol,
    overrides: Overrides,
) -> Result<ReceivePlan, Error> {
    let config = queue.config();
    let max = max(input)?;
    let wait = wait(config, input)?;
    let visibility = input.visibility_timeout.map(visibility).transpose()?;
    let system = system_attributes(input, protocol)?;
    let attempt = attempt(config, input)?;
    let wait = overrides.wait.unwrap_or(wait);
    Ok(ReceivePlan {
        wait,
        fill: overrides.wait.is_some(),
        keep: Keep {
            max: overrides.max.unwrap_or(max),
            visibility,
            attempt,
            short_poll: wait == Seconds(0),
            system,
            attributes: NameFilter::of(input.message_attribute_names.as_deref()),
        },
    })
}

fn max(input: &ReceiveMessageRequest<'_>) -> Result<u16, Error> {
    let max = input.max_number_of_messages.unwrap_or(1);
    if !limits::RECEIVE_MESSAGES.contains(&max) {
        return Err(Error::value(
            "MaxNumberOfMessages",
            max,
            "Must be between 1 and 10, if provided.",
        ));
    }
    Ok(max as u16)
}

fn wait(config: &Config, input: &ReceiveMessageRequest<'_>) -> Result<Seconds, Error> {
    let Some(given) = input.wait_time_seconds else {
        return Ok(config.wait);
    };
    match u32::try_from(given) {
        Ok(seconds) if limits::WAIT_SECONDS.contains(&seconds) => Ok(Seconds(seconds)),
        Ok(_) | Err(_) => Err(Error::value(
            "WaitTimeSeconds",
            given,
            "Must be >= 0 and <= 20, if provided.",
        )),
    }
}

/// A VisibilityTimeout that a request gives.
pub(crate) fn visibility(given: i32) -> Result<Seconds, Error> {
    match u32::try_from(given) {
        Ok(seconds) if limits::VISIBILITY_SECONDS.contains(&seconds) => Ok(Seconds(seconds)),
        Ok(_) | Err(_) => Err(Error::value(
            "VisibilityTimeout",
            given,
            "Must be between 0 and 43200, if provided.",
        )),
    }
}

fn attempt(config: &Config, input: &ReceiveMessageRequest<'_>) -> Result<Option<String>, Error> {
    let Some(attempt) = input.receive_request_attempt_id.as_deref() else {
        return Ok(None);
    };
    if !config.fifo {
        return Err(Error::value(
            "ReceiveRequestAttemptId",
            attempt,
            "The request include parameter that is not valid for this queue type.",
        ));
    }
    check_token("ReceiveRequestAttemptId", Some(attempt))?;
    Ok(Some(attempt.to_owned()))
}

/// The answer to a receive. `payloads` are the messages' bytes, in the order of `received`.
pub fn reply(
    queue: &Queue,
    keep: &Keep,
    received: &Received,
    payloads: &[Vec<u8>],
) -> Result<ReceiveMessageResult<'static>, Error> {
    if received.over_limit && received.messages.is_empty() && keep.short_poll {
        return Err(Error::OverLimit("Too many messages in flight.".into()));
    }
    let messages = received
        .messages
        .iter()
        .zip(payloads)
        .map(|(delivery, payload)| {
            let payload =
                Payload::decode(payload).expect("a message comes back as it was journaled");
            show(
                keep,
                &Facts::from(delivery),
                &payload,
                queue.seal_handle(delivery.handle),
            )
        });
    Ok(ReceiveMessageResult {
        messages: batch::some(messages.collect()),
    })
}

/// One message as a caller sees it.
pub fn show(
    keep: &Keep,
    facts: &Facts<'_>,
    payload: &Payload<'_>,
    handle: String,
) -> Message<'static> {
    let wanted: Vec<&Attribute<'_>> = payload
        .attributes
        .iter()
        .filter(|attribute| keep.attributes.wants(attribute.name))
        .collect();
    // AWS's MD5 is over what is returned.
    let md5 = if wanted.len() == payload.attributes.len() {
        payload.attributes_md5
    } else {
        message_attributes::md5(wanted.iter().copied())
    };
    Message {
        message_id: Some(payload.id.to_string().into()),
        receipt_handle: Some(handle.into()),
        md5_of_body: Some(hex(&payload.body_md5).into()),
        body: Some(payload.body.to_owned().into()),
        attributes: batch::some(keep.system.show(facts, payload)),
        md5_of_message_attributes: md5.map(|md5| hex(&md5).into()),
        message_attributes: batch::some(wanted.into_iter().map(attribute).collect()),
    }
}

fn attribute(attribute: &Attribute<'_>) -> (Str<'static>, MessageAttributeValue<'static>) {
    let (string_value, binary_value) = match attribute.value {
        Value::Text(text) => (Some(text.to_owned().into()), None),
        Value::Binary(bytes) => (None, Some(bytes.to_owned().into())),
    };
    let value = MessageAttributeValue {
        string_value,
        binary_value,
        string_list_values: None,
        binary_list_values: None,
        data_type: Some(attribute.data_type.to_owned().into()),
    };
    (attribute.name.to_owned().into(), value)
}

/// The old list of names and the new one are merged, but in the Query protocol the old one alone counts when both
/// are there.
fn system_attributes(
    input: &ReceiveMessageRequest<'_>,
    protocol: Protocol,
) -> Result<SystemAttributes, Error> {
    let old = input.attribute_names.as_deref().unwrap_or_default();
    let new = input
        .message_system_attribute_names
        .as_deref()
        .unwrap_or_default();
    let new = match protocol {
        Protocol::Query if !old.is_empty() => &[],
        Protocol::Query | Protocol::Json => new,
    };
    let mut wanted = SystemAttributes::default();
    for name in old.iter().chain(new) {
        wanted.add(name)?;
    }
    Ok(wanted)
}

#[cfg(test)]
mod tests {
    use domain::{Arn, Place};

    use super::*;
    use crate::message::MessageId;
    use crate::op::samples::{HANDLE, NOW, fifo, list, queue, seconds, standard};
    use crate::outcome::Delivery;
    use crate::peek::Peeked;

    fn plan(config: Config, input: &ReceiveMessageRequest<'_>) -> Result<ReceivePlan, Error> {
        prepare(&queue(config), input, Protocol::Json, Overrides::default())
    }

    fn refusal(config: Config, input: &ReceiveMessageRequest<'_>) -> String {
        let error = plan(config, input).unwrap_err();
        assert_eq!(error.kind().code, "InvalidParameterValue");
        error.message().into_owned()
    }

    fn payload() -> Payload<'static> {
        let text = |name, value| Attribute {
            name,
            data_type: "String",
            value: Value::Text(value),
        };
        let attributes = vec![
            text("General", "Kenobi"),
            text("Hello", "There"),
            text("Help.Me", "Me"),
        ];
        Payload {
            id: MessageId([1; 16]),
            body: "message",
            body_md5: crate::digest::md5(b"message"),
            attributes_md5: message_attributes::md5(&attributes),
            attributes,
            sender: "AIDAEXAMPLE",
            trace_header: None,
            group: None,
            dedup: None,
        }
    }

    fn delivery() -> Delivery {
        Delivery {
            place: Place::default(),
            handle: HANDLE,
            sent: NOW,
            first_received: seconds(1),
            receives: 2,
            sequence: None,
            dead_letter_source: None,
            copy: None,
        }
    }

    fn receive(
        input: &ReceiveMessageRequest<'_>,
        delivery: Delivery,
        payload: &Payload<'_>,
    ) -> Message<'static> {
        let queue = queue(standard());
        let plan = prepare(&queue, input, Protocol::Json, Overrides::default()).unwrap();
        let mut bytes = Vec::new();
        payload.encode(&mut bytes);
        let received = Received {
            messages: vec![delivery],
            ..Received::default()
        };
        let result = reply(&queue, &plan.keep, &received, &[bytes]).unwrap();
        result.messages.unwrap().remove(0)
    }

    fn system_names(message: &Message<'_>) -> Vec<String> {
        let attributes = message.attributes.as_deref().unwrap_or_default();
        attributes
            .iter()
            .map(|(name, _)| name.to_string())
            .collect()
    }

    #[test]
    fn what_is_not_given_comes_from_the_queue() {
        let config = Config {
            wait: Seconds(3),
            ..standard()
        };
        let plan = plan(config, &ReceiveMessageRequest::default()).unwrap();
        assert_eq!((plan.wait, plan.fill), (Seconds(3), false));
        assert_eq!(
            plan.keep.command(true),
            Command::Receive(Receive {
                max: 1,
                visibility: None,
                attempt: None,
                dead_letter_open: true
            })
        );
    }

    #[test]
    fn numbers_out_of_range_are_named() {
        let none = ReceiveMessageRequest::default;
        for max in [0, 11] {
            assert_eq!(
                refusal(
                    standard(),
                    &ReceiveMessageRequest {
                        max_number_of_messages: Some(max),
                        ..none()
                    }
                ),
                format!(
                    "Value {max} for parameter MaxNumberOfMessages is invalid. Reason: Must be between 1 and 10, \
                     if provided."
                )
            );
        }
        for wait in [-1, 21] {
            assert_eq!(
                refusal(
                    standard(),
                    &ReceiveMessageRequest {
                        wait_time_seconds: Some(wait),
                        ..none()
                    }
                ),
                format!(
                    "Value {wait} for parameter WaitTimeSeconds is invalid. Reason: Must be >= 0 and <= 20, if \
                     provided."
                )
            );
        }
        for visibility in [-1, 43_201] {
            assert_eq!(
                refusal(
                    standard(),
                    &ReceiveMessageRequest {
                        visibility_timeout: Some(visibility),
                        ..none()
                    }
                ),
                format!(
                    "Value {visibility} for parameter VisibilityTimeout is invalid. Reason: Must be between 0 and \
                     43200, if provided."
                )
            );
        }
    }

    #[test]
    fn an_attempt_id_is_for_fifo_queues() {
        let input = ReceiveMessageRequest {
            receive_request_attempt_id: Some("try-1".into()),
            ..ReceiveMessageRequest::default()
        };
        assert!(refusal(standard(), &input).ends_with(
            "Reason: The request include parameter that is not valid for this queue type."
        ));
        let plan = plan(fifo(), &input).unwrap();
        assert!(matches!(
            plan.keep.command(false),
            Command::Receive(Receive {
                attempt: Some("try-1"),
                ..
            })
        ));
    }

    #[test]
    fn overrides_go_beyond_the_ranges_and_wait_for_all_messages() {
        let overrides = Overrides {
            max: Some(500),
            wait: Some(Seconds(60)),
        };
        let input = ReceiveMessageRequest::default();
        let plan = prepare(&queue(standard()), &input, Protocol::Json, overrides).unwrap();
        assert_eq!(
            (plan.keep.max(), plan.wait, plan.fill),
            (500, Seconds(60), true)
        );
    }

    #[test]
    fn a_message_comes_with_its_handle_body_and_md5_and_no_more_unless_asked() {
        let message = receive(&ReceiveMessageRequest::default(), delivery(), &payload());
        assert_eq!(
            message,
            Message {
                message_id: Some(MessageId([1; 16]).to_string().into()),
                receipt_handle: Some(queue(standard()).seal_handle(HANDLE).into()),
                md5_of_body: Some("78e731027d8fd50ed642340b7c9a63b3".into()),
                body: Some("message".into()),
                ..Message::default()
            }
        );
    }

    #[test]
    fn an_empty_answer_has_no_list() {
        let queue = queue(standard());
        let plan = plan(standard(), &ReceiveMessageRequest::default()).unwrap();
        let result = reply(&queue, &plan.keep, &Received::default(), &[]).unwrap();
        assert_eq!(result.messages, None);
    }

    #[test]
    fn all_system_attributes_are_those_the_message_has() {
        let input = ReceiveMessageRequest {
            message_system_attribute_names: list(&["All"]),
            ..ReceiveMessageRequest::default()
        };
        let plain = receive(&input, delivery(), &payload());
        assert_eq!(
            plain.attributes.unwrap(),
            [
                ("SenderId".into(), "AIDAEXAMPLE".into()),
                ("SentTimestamp".into(), "1000000000".into()),
                ("ApproximateReceiveCount".into(), "2".into()),
                (
                    "ApproximateFirstReceiveTimestamp".into(),
                    Str::from("1000001000")
                ),
            ]
        );
        let source = Arn::parse("arn:aws:sqs:us-east-1:000000000000:source").unwrap();
        let full = receive(
            &input,
            Delivery {
                sequence: Some(3),
                dead_letter_source: Some(source),
                ..delivery()
            },
            &Payload {
                trace_header: Some("Root=1"),
                group: Some("g"),
                dedup: Some("d"),
                ..payload()
            },
        );
        assert_eq!(system_names(&full).len(), 9);
        let attributes = full.attributes.unwrap();
        assert!(attributes.contains(&("SequenceNumber".into(), "00000000000000000003".into())));
        assert!(attributes.contains(&(
            "DeadLetterQueueSourceArn".into(),
            "arn:aws:sqs:us-east-1:000000000000:source".into()
        )));
    }

    #[test]
    fn an_absent_attribute_is_skipped_and_an_unknown_one_refused() {
        let input = |name| ReceiveMessageRequest {
            attribute_names: list(&[name]),
            ..ReceiveMessageRequest::default()
        };
        let message = receive(&input("AWSTraceHeader"), delivery(), &payload());
        assert_eq!(message.attributes, None);
        assert!(plan(standard(), &input("VisibilityTimeout")).is_ok());
        let error = plan(standard(), &input("Nonsense")).unwrap_err();
        assert_eq!(
            error,
            Error::InvalidAttributeName("Unknown Attribute Nonsense.".into())
        );
    }

    #[test]
    fn both_lists_of_names_count_but_for_the_query_protocol() {
        let input = ReceiveMessageRequest {
            attribute_names: list(&["SenderId"]),
            message_system_attribute_names: list(&["SentTimestamp"]),
            ..ReceiveMessageRequest::default()
        };
        let names = |protocol, input: &ReceiveMessageRequest<'_>| {
            let plan = prepare(&queue(standard()), input, protocol, Overrides::default()).unwrap();
            let message = show(
                &plan.keep,
                &Facts::from(&delivery()),
                &payload(),
                String::new(),
            );
            system_names(&message)
        };
        assert_eq!(names(Protocol::Json, &input), ["SenderId", "SentTimestamp"]);
        assert_eq!(names(Protocol::Query, &input), ["SenderId"]);
        let new_only = ReceiveMessageRequest {
            attribute_names: None,
            ..input
        };
        assert_eq!(names(Protocol::Query, &new_only), ["SentTimestamp"]);
    }

    #[test]
    fn the_md5_is_over_the_attributes_that_are_returned() {
        let input = |names| ReceiveMessageRequest {
            message_attribute_names: list(names),
            ..ReceiveMessageRequest::default()
        };
        for (names, count, md5) in [
            (&["All"][..], 3, "4c360f3fdafd970e05fae2f149d997f5"),
            (&["Hel.*"][..], 2, "83fee93c1bcd8b9a5a923ffacdc636c7"),
            (
                &["Hello", "nothing"][..],
                1,
                "a311262e065454b75da111d535b8dacd",
            ),
        ] {
            let message = receive(&input(names), delivery(), &payload());
            assert_eq!(message.message_attributes.unwrap().len(), count);
            assert_eq!(message.md5_of_message_attributes.unwrap(), md5);
        }
        let none = receive(&input(&["AWS."]), delivery(), &payload());
        assert_eq!(
            (none.message_attributes, none.md5_of_message_attributes),
            (None, None)
        );
    }

    #[test]
    fn an_attribute_comes_back_with_the_members_that_were_sent() {
        let binary = Attribute {
            name: "b",
            data_type: "Binary.gif",
            value: Value::Binary(b"\0\x01"),
        };
        let input = ReceiveMessageRequest {
            message_attribute_names: list(&["*"]),
            ..ReceiveMessageRequest::default()
        };
        let message = receive(
            &input,
            delivery(),
            &Payload {
                attributes: vec![binary],
                ..payload()
            },
        );
        assert_eq!(
            message.message_attributes.unwrap(),
            [(
                Str::from("b"),
                MessageAttributeValue {
                    data_type: Some("Binary.gif".into()),
                    binary_value: Some(b"\0\x01".into()),
                    ..MessageAttributeValue::default()
                }
            )]
        );
    }

    #[test]
    fn too_many_messages_in_flight_fail_a_short_poll_only() {
        let queue = queue(standard());
        let full = Received {
            over_limit: true,
            ..Received::default()
        };
        let input = |wait| ReceiveMessageRequest {
            wait_time_seconds: Some(wait),
            ..ReceiveMessageRequest::default()
        };
        let short = plan(standard(), &input(0)).unwrap();
        let error = reply(&queue, &short.keep, &full, &[]).unwrap_err();
        assert_eq!((error.kind().code, error.kind().status), ("OverLimit", 403));
        let long = plan(standard(), &input(1)).unwrap();
        assert_eq!(
            reply(&queue, &long.keep, &full, &[]).unwrap().messages,
            None
        );
    }

    #[test]
    fn a_look_shows_everything_and_0_for_what_never_happened() {
        let peeked = Peeked {
            place: Place::default(),
            sent: NOW,
            first_received: None,
            receives: 0,
            sequence: None,
            dead_letter_source: None,
            copy: None,
            visible: true,
            delayed: false,
        };
        let message = show(
            &Keep::everything(),
            &Facts::from(&peeked),
            &payload(),
            "x".into(),
        );
        let attributes = message.attributes.unwrap();
        assert!(attributes.contains(&("ApproximateReceiveCount".into(), "0".into())));
        assert!(attributes.contains(&("ApproximateFirstReceiveTimestamp".into(), "0".into())));
        assert_eq!(message.message_attributes.unwrap().len(), 3);
    }
}
