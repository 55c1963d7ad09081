//! Message system attributes: what a queue knows of a message, as a receive may ask for it.
//!
//! Spec section 3, ReceiveMessage;
//! <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html>.

use api::{Map, Str};
use domain::{Arn, Time};

use crate::attributes::QueueAttribute;
use crate::error::Error;
use crate::message::Payload;
use crate::op::send_message::sequence_number;
use crate::outcome::Delivery;
use crate::peek::Peeked;

/// What a queue knows of a message beside what the message carries.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    sent: Time,
    first_received: Time,
    receives: u32,
    sequence: Option<u64>,
    dead_letter_source: Option<&'a Arn>,
}

impl<'a> From<&'a Delivery> for Facts<'a> {
    fn from(delivery: &'a Delivery) -> Facts<'a> {
        Facts {
            sent: delivery.sent,
            first_received: delivery.first_received,
            receives: delivery.receives,
            sequence: delivery.sequence,
            dead_letter_source: delivery.dead_letter_source.as_ref(),
        }
    }
}

/// A message that was never received shows 0 as the time of its first receive (spec section 11).
impl<'a> From<&'a Peeked> for Facts<'a> {
    fn from(peeked: &'a Peeked) -> Facts<'a> {
        Facts {
            sent: peeked.sent,
            first_received: peeked.first_received.unwrap_or(Time::ZERO),
            receives: peeked.receives,
            sequence: peeked.sequence,
            dead_letter_source: peeked.dead_letter_source.as_ref(),
        }
    }
}

/// What a receive may ask for beside the message attributes.
#[derive(Clone, Copy, Debug)]
enum SystemAttribute {
    SenderId,
    SentTimestamp,
    ApproximateReceiveCount,
    ApproximateFirstReceiveTimestamp,
    MessageDeduplicationId,
    MessageGroupId,
    SequenceNumber,
    TraceHeader,
    DeadLetterQueueSourceArn,
}

const SYSTEM_ATTRIBUTES: [(SystemAttribute, &str); 9] = [
    (SystemAttribute::SenderId, "SenderId"),
    (SystemAttribute::SentTimestamp, "SentTimestamp"),
    (
        SystemAttribute::ApproximateReceiveCount,
        "ApproximateReceiveCount",
    ),
    (
        SystemAttribute::ApproximateFirstReceiveTimestamp,
        "ApproximateFirstReceiveTimestamp",
    ),
    (
        SystemAttribute::MessageDeduplicationId,
        "MessageDeduplicationId",
    ),
    (SystemAttribute::MessageGroupId, "MessageGroupId"),
    (SystemAttribute::SequenceNumber, "SequenceNumber"),
    (SystemAttribute::TraceHeader, "AWSTraceHeader"),
    (
        SystemAttribute::DeadLetterQueueSourceArn,
        "DeadLetterQueueSourceArn",
    ),
];

impl SystemAttribute {
    /// Absent when the message has none: it is then left out without a word.
    fn of(self, facts: &Facts<'_>, payload: &Payload<'_>) -> Option<String> {
        match self {
            SystemAttribute::SenderId => Some(payload.sender.to_owned()),
            SystemAttribute::SentTimestamp => Some(facts.sent.millis().to_string()),
            SystemAttribute::ApproximateReceiveCount => Some(facts.receives.to_string()),
            SystemAttribute::ApproximateFirstReceiveTimestamp => {
                Some(facts.first_received.millis().to_string())
            }
            SystemAttribute::MessageDeduplicationId => payload.dedup.map(str::to_owned),
            SystemAttribute::MessageGroupId => payload.group.map(str::to_owned),
            SystemAttribute::SequenceNumber => facts.sequence.map(sequence_number),
            SystemAttribute::TraceHeader => payload.trace_header.map(str::to_owned),
            SystemAttribute::DeadLetterQueueSourceArn => {
                facts.dead_letter_source.map(|arn| arn.as_str().to_owned())
            }
        }
    }
}

/// A set of system attributes: one bit each, in the order of the table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct SystemAttributes(u16);

impl SystemAttributes {
    pub(crate) const ALL: SystemAttributes = SystemAttributes((1 << SYSTEM_ATTRIBUTES.len()) - 1);

    /// Adds one attribute by its name, or `All`.
    pub(crate) fn add(&mut self, name: &str) -> Result<(), Error> {
        if name == "All" {
            *self = SystemAttributes::ALL;
            return Ok(());
        }
        let position = SYSTEM_ATTRIBUTES
            .iter()
            .position(|(_, known)| *known == name);
        match position {
            Some(position) => self.0 |= 1 << position,
            // AWS's model lists the attributes of queues here, so callers name them; no message has them.
            None => drop(QueueAttribute::parse(name)?),
        }
        Ok(())
    }

    /// Those of the set that the message has, in the order of the table.
    pub(crate) fn show(
        self,
        facts: &Facts<'_>,
        payload: &Payload<'_>,
    ) -> Map<'static, Str<'static>> {
        let wanted =
            |(position, _): &(usize, &(SystemAttribute, &'static str))| self.0 >> position & 1 == 1;
        SYSTEM_ATTRIBUTES
            .iter()
            .enumerate()
            .filter(wanted)
            .filter_map(|(_, (attribute, name))| {
                Some(((*name).into(), attribute.of(facts, payload)?.into()))
            })
            .collect()
    }
}
