//! SendMessage: put one message on a queue.
//!
//! <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html>

use api::sqs::{SendMessageRequest, SendMessageResult};

use crate::command::{Command, Ids};
use crate::digest::{hex, md5};
use crate::error::Error;
use crate::op::Plan;
use crate::outcome::{Outcome, Sent};
use crate::outgoing::{self, Digests};
use crate::queue::Queue;

pub use crate::outgoing::{Draft, Sender};

impl<'a> Draft<'a> {
    /// Judges and digests what the request says by itself. Needs no queue; what is wrong comes out of [`prepare`].
    pub fn of(input: &'a SendMessageRequest<'a>) -> Draft<'a> {
        Draft::of_parts(input.into(), |body| md5(body.as_bytes()))
    }
}

#[derive(Clone, Copy, Debug)]
pub struct Keep {
    digests: Digests,
}

/// Refuses what this queue does not take, its MaximumMessageSize last of all.
pub fn prepare<'a>(
    queue: &Queue,
    caller: &Sender<'a>,
    ids: Ids<'_>,
    input: &'a SendMessageRequest<'a>,
    draft: &'a Draft<'a>,
) -> Result<Plan<'a, Keep>, Error> {
    let config = queue.config();
    let digests = draft.digests()?;
    let message = outgoing::prepare(config, caller, ids(), input.into(), draft)?;
    let limit = config.message_bytes_max;
    if draft.size > limit as usize {
        return Err(Error::InvalidParameterValue(
            format!("One or more parameters are invalid. Reason: Message must be shorter than {limit} bytes.").into(),
        ));
    }
    Ok(Plan {
        command: Some(Command::Send(vec![message])),
        keep: Keep { digests },
    })
}

pub fn reply(keep: &Keep, outcome: Outcome) -> Result<SendMessageResult<'static>, Error> {
    let Outcome::Sent(sent) = outcome else {
        panic!("a queue answers Send with Sent");
    };
    let [Sent { id, sequence }] = sent[..] else {
        panic!("one message has one answer");
    };
    let Digests {
        body,
        attributes,
        system_attributes,
    } = keep.digests;
    Ok(SendMessageResult {
        md5_of_message_body: Some(hex(&body).into()),
        md5_of_message_attributes: attributes.map(|md5| hex(&md5).into()),
        md5_of_message_system_attributes: system_attributes.map(|md5| hex(&md5).into()),
        message_id: Some(id.to_string().into()),
        sequence_number: sequence.map(|sequence| sequence_number(sequence).into()),
    })
}

/// A FIFO sequence number as AWS shows it.
pub(crate) fn sequence_number(sequence: u64) -> String {
    format!("{sequence:020}")
}

#[cfg(test)]
mod tests {
    use api::sqs::{MessageAttributeValue, MessageSystemAttributeValue};
    use domain::Seconds;

    use super::*;
    use crate::command::Outgoing;
    use crate::config::Config;
    use crate::message::MessageId;
    use crate::op::samples::{SENDER, fifo, ids, queue, standard};

    fn message(body: &str) -> SendMessageRequest<'_> {
        SendMessageRequest {
            message_body: Some(body.into()),
            ..SendMessageRequest::default()
        }
    }

    fn refusal(config: Config, input: &SendMessageRequest<'_>) -> Error {
        let draft = Draft::of(input);
        prepare(&queue(config), &SENDER, &mut ids(), input, &draft).unwrap_err()
    }

    /// Shows the message that a request becomes.
    fn with_message(
        config: Config,
        caller: &Sender<'_>,
        input: &SendMessageRequest<'_>,
        see: fn(&Outgoing<'_>),
    ) {
        let draft = Draft::of(input);
        let plan = prepare(&queue(config), caller, &mut ids(), input, &draft).unwrap();
        let Some(Command::Send(messages)) = plan.command else {
            panic!("a message becomes a Send");
        };
        see(&messages[0]);
    }

    #[test]
    fn a_message_is_answered_with_its_id_and_md5() {
        let input = message("message");
        let draft = Draft::of(&input);
        let plan = prepare(&queue(standard()), &SENDER, &mut ids(), &input, &draft).unwrap();
        let sent = Sent {
            id: MessageId([1; 16]),
            sequence: None,
        };
        let result = reply(&plan.keep, Outcome::Sent(vec![sent])).unwrap();
        assert_eq!(
            result,
            SendMessageResult {
                md5_of_message_body: Some("78e731027d8fd50ed642340b7c9a63b3".into()),
                message_id: Some(MessageId([1; 16]).to_string().into()),
                ..SendMessageResult::default()
            }
        );
    }

    #[test]
    fn a_fifo_message_is_answered_with_a_sequence_number_of_20_digits() {
        let input = SendMessageRequest {
            message_group_id: Some("g".into()),
            message_deduplication_id: Some("d".into()),
            message_attributes: Some(vec![(
                "k".into(),
                MessageAttributeValue {
                    data_type: Some("String".into()),
                    string_value: Some("x".into()),
                    ..MessageAttributeValue::default()
                },
            )]),
            ..message("message")
        };
        let draft = Draft::of(&input);
        let plan = prepare(&queue(fifo()), &SENDER, &mut ids(), &input, &draft).unwrap();
        let sent = Sent {
            id: MessageId([1; 16]),
            sequence: Some(42),
        };
        let result = reply(&plan.keep, Outcome::Sent(vec![sent])).unwrap();
        assert_eq!(result.sequence_number.unwrap(), "00000000000000000042");
        assert_eq!(
            result.md5_of_message_attributes.unwrap(),
            "a45daa70926828a2f0a1db3418e6feb4"
        );
        assert_eq!(result.md5_of_message_system_attributes, None);
    }

    #[test]
    fn a_message_has_a_body() {
        for input in [message(""), SendMessageRequest::default()] {
            assert_eq!(
                refusal(standard(), &input).message(),
                "The request must contain the parameter MessageBody."
            );
        }
    }

    #[test]
    fn a_body_holds_legal_characters() {
        let error = refusal(standard(), &message("\u{1}"));
        assert_eq!(error, Error::InvalidMessageContents);
        assert_eq!(
            error.message(),
            "Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to #xD7FF | \
             #xE000 to #xFFFD | #x10000 to #x10FFFF"
        );
    }

    #[test]
    fn a_message_may_be_as_large_as_its_queue_says() {
        let small = Config {
            message_bytes_max: 1024,
            ..standard()
        };
        let fits = "x".repeat(1024);
        with_message(small.clone(), &SENDER, &message(&fits), |sent| {
            assert_eq!(sent.payload.body.len(), 1024);
        });
        assert_eq!(
            refusal(small, &message(&"x".repeat(1025))).message(),
            "One or more parameters are invalid. Reason: Message must be shorter than 1024 bytes."
        );
    }

    #[test]
    fn a_delay_lies_between_0_and_900_seconds() {
        for delay in [-1, 901] {
            let input = SendMessageRequest {
                delay_seconds: Some(delay),
                ..message("m")
            };
            assert_eq!(
                refusal(standard(), &input).message(),
                format!(
                    "Value {delay} for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and \
                     <= 900."
                )
            );
        }
        let none = SendMessageRequest {
            delay_seconds: Some(0),
            ..message("m")
        };
        with_message(standard(), &SENDER, &none, |sent| {
            assert_eq!(sent.delay, Some(Seconds(0)))
        });
        with_message(standard(), &SENDER, &message("m"), |sent| {
            assert_eq!(sent.delay, None)
        });
    }

    #[test]
    fn a_fifo_message_has_no_delay_of_its_own() {
        let input = |delay| SendMessageRequest {
            delay_seconds: Some(delay),
            message_group_id: Some("g".into()),
            message_deduplication_id: Some("d".into()),
            ..message("m")
        };
        assert_eq!(
            refusal(fifo(), &input(1)).message(),
            "Value 1 for parameter DelaySeconds is invalid. Reason: The request include parameter that is not \
             valid for this queue type."
        );
        with_message(fifo(), &SENDER, &input(0), |sent| {
            assert_eq!(sent.delay, None)
        });
    }

    #[test]
    fn a_standard_queue_takes_a_group_but_no_deduplication_id() {
        let grouped = SendMessageRequest {
            message_group_id: Some("tenant".into()),
            ..message("m")
        };
        with_message(standard(), &SENDER, &grouped, |sent| {
            assert_eq!(
                (sent.payload.group, sent.payload.dedup),
                (Some("tenant"), None)
            );
        });
        let dedup = SendMessageRequest {
            message_deduplication_id: Some("d1".into()),
            ..message("m")
        };
        assert_eq!(
            refusal(standard(), &dedup).message(),
            "Value d1 for parameter MessageDeduplicationId is invalid. Reason: The request includes a parameter \
             that is not valid for this queue type."
        );
    }

    #[test]
    fn a_fifo_queue_asks_for_a_group_before_a_deduplication_id() {
        assert_eq!(
            refusal(fifo(), &message("m")),
            Error::MissingParameter("MessageGroupId")
        );
        let grouped = SendMessageRequest {
            message_group_id: Some("g".into()),
            ..message("m")
        };
        assert_eq!(
            refusal(fifo(), &grouped).message(),
            "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided \
             explicitly"
        );
    }

    #[test]
    fn an_explicit_deduplication_id_wins_over_the_body() {
        let content = Config {
            content_dedup: true,
            ..fifo()
        };
        let grouped = SendMessageRequest {
            message_group_id: Some("g".into()),
            ..message("Test")
        };
        with_message(content.clone(), &SENDER, &grouped, |sent| {
            assert_eq!(
                sent.payload.dedup,
                Some("532eaabd9574880dbf76b9b8cc00832c20a6ec113d682299550d7a6e0f345e25")
            );
        });
        let explicit = SendMessageRequest {
            message_deduplication_id: Some("d".into()),
            ..grouped
        };
        with_message(content, &SENDER, &explicit, |sent| {
            assert_eq!(sent.payload.dedup, Some("d"))
        });
    }

    #[test]
    fn an_empty_token_is_a_bad_token_not_a_missing_one() {
        let group = SendMessageRequest {
            message_group_id: Some("a b".into()),
            ..message("m")
        };
        assert_eq!(
            refusal(standard(), &group).message(),
            "Value a b for parameter MessageGroupId is invalid. Reason: MessageGroupId can only include \
             alphanumeric and punctuation characters. 1 to 128 in length."
        );
        let dedup = SendMessageRequest {
            message_group_id: Some("g".into()),
            message_deduplication_id: Some("".into()),
            ..message("m")
        };
        assert_eq!(
            refusal(fifo(), &dedup).message(),
            "Value  for parameter MessageDeduplicationId is invalid. Reason: MessageDeduplicationId can only \
             include alphanumeric and punctuation characters. 1 to 128 in length."
        );
    }

    #[test]
    fn the_trace_header_of_the_request_is_the_messages_unless_it_brings_one() {
        let caller = Sender {
            trace_header: Some("Root=request"),
            ..SENDER
        };
        with_message(standard(), &caller, &message("m"), |sent| {
            assert_eq!(sent.payload.trace_header, Some("Root=request"));
            assert_eq!(sent.payload.sender, "AIDAEXAMPLE");
        });
        let own = SendMessageRequest {
            message_system_attributes: Some(vec![(
                "AWSTraceHeader".into(),
                MessageSystemAttributeValue {
                    data_type: Some("String".into()),
                    string_value: Some("Root=own".into()),
                    ..MessageSystemAttributeValue::default()
                },
            )]),
            ..message("m")
        };
        with_message(standard(), &caller, &own, |sent| {
            assert_eq!(sent.payload.trace_header, Some("Root=own"));
        });
    }

    #[test]
    fn attributes_are_kept_in_the_order_of_their_names() {
        let value = || MessageAttributeValue {
            data_type: Some("String".into()),
            string_value: Some("x".into()),
            ..MessageAttributeValue::default()
        };
        let input = SendMessageRequest {
            message_attributes: Some(vec![("b".into(), value()), ("a".into(), value())]),
            ..message("m")
        };
        with_message(standard(), &SENDER, &input, |sent| {
            let names: Vec<_> = sent
                .payload
                .attributes
                .iter()
                .map(|attribute| attribute.name)
                .collect();
            assert_eq!(names, ["a", "b"]);
            assert!(sent.payload.attributes_md5.is_some());
        });
    }
}
