//! What a message carries from its sender to whoever receives it.

use api::sqs::{Message, MessageAttributeValue};
use api::{Map, Str};
use domain::Time;

use crate::random::Random;
use crate::topics::Published;
use crate::violation::{Check, Violation, violated};

/// A message as its sender gave it. Its number, told in the body, names it wherever it goes.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Content {
    pub(crate) number: u64,
    pub(crate) body: String,
    /// Sorted by name.
    pub(crate) attributes: Vec<(String, Value)>,
    pub(crate) group: Option<String>,
    /// As the sender was told.
    pub(crate) body_md5: String,
    pub(crate) attributes_md5: Option<String>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Value {
    pub(crate) data_type: String,
    pub(crate) text: Option<String>,
    pub(crate) binary: Option<Vec<u8>>,
}

impl Content {
    pub(crate) fn draw(number: u64, group: Option<String>, random: &mut Random) -> Content {
        let padding = match random.below(20) {
            0 => random.between(2_000, 9_000),
            1..=4 => random.between(200, 2_000),
            _ => random.below(60),
        };
        let letters = (0..padding).map(|at| char::from(b'a' + ((number + at) % 26) as u8));
        let mut attributes = Vec::new();
        if random.percent(30) {
            attributes.push((
                "a.text".to_owned(),
                Value::text("String", format!("t{number}")),
            ));
        }
        if random.percent(15) {
            let bytes = number.to_le_bytes().to_vec();
            attributes.push(("binary".to_owned(), Value::binary(bytes)));
        }
        if random.percent(15) {
            attributes.push((
                "n".to_owned(),
                Value::text("Number.int", number.to_string()),
            ));
        }
        Content {
            number,
            body: format!("m{number}:{}", letters.collect::<String>()),
            attributes,
            group,
            body_md5: String::new(),
            attributes_md5: None,
        }
    }

    pub(crate) fn wire_attributes(&self) -> Option<Map<'static, MessageAttributeValue<'static>>> {
        let wire = |(name, value): &(String, Value)| (Str::from(name.clone()), value.wire());
        (!self.attributes.is_empty()).then(|| self.attributes.iter().map(wire).collect())
    }
}

impl Value {
    pub(crate) fn text(data_type: &str, text: String) -> Value {
        Value {
            data_type: data_type.to_owned(),
            text: Some(text),
            binary: None,
        }
    }

    fn binary(bytes: Vec<u8>) -> Value {
        Value {
            data_type: "Binary".to_owned(),
            text: None,
            binary: Some(bytes),
        }
    }

    fn wire(&self) -> MessageAttributeValue<'static> {
        MessageAttributeValue {
            string_value: self.text.clone().map(Into::into),
            binary_value: self.binary.clone().map(Into::into),
            string_list_values: None,
            binary_list_values: None,
            data_type: Some(self.data_type.clone().into()),
        }
    }

    fn of(wire: &MessageAttributeValue<'_>) -> Value {
        Value {
            data_type: text(&wire.data_type),
            text: wire.string_value.as_deref().map(str::to_owned),
            binary: wire.binary_value.as_deref().map(<[u8]>::to_vec),
        }
    }
}

/// A message as a receive or a peek shows it, with everything asked for.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Seen {
    pub(crate) content: Content,
    pub(crate) id: String,
    pub(crate) handle: String,
    pub(crate) sent: Time,
    pub(crate) receives: u32,
    pub(crate) first: Time,
    pub(crate) dedup: Option<String>,
    pub(crate) sequence: Option<u64>,
    pub(crate) source: Option<String>,
    pub(crate) visible: bool,
    pub(crate) delayed: bool,
}

/// The number that a body begins with, behind its kind.
pub(crate) fn number_in(body: &str, kind: char) -> Option<u64> {
    body.strip_prefix(kind)?.split(':').next()?.parse().ok()
}

fn text(member: &Option<Str<'_>>) -> String {
    member.as_deref().unwrap_or_default().to_owned()
}

impl Seen {
    /// `published` knows the messages that come from topics.
    pub(crate) fn of(message: &Message<'_>, published: &Published) -> Check<Seen> {
        let attributes = message.attributes.as_deref().unwrap_or_default();
        let attribute = |wanted: &str| {
            let found = attributes.iter().find(|(name, _)| name == wanted);
            found.map(|(_, value)| value.to_string())
        };
        let number = |name: &str| -> Check<u64> {
            let value = attribute(name).and_then(|value| value.parse().ok());
            value.ok_or_else(|| Violation(format!("{name} is missing or no number in {message:?}")))
        };
        let body = text(&message.body);
        let given = message.message_attributes.as_deref().unwrap_or_default();
        let content = Content {
            number: 0,
            attributes: given
                .iter()
                .map(|(name, value)| (name.to_string(), Value::of(value)))
                .collect(),
            group: attribute("MessageGroupId"),
            body_md5: text(&message.md5_of_body),
            attributes_md5: message
                .md5_of_message_attributes
                .as_deref()
                .map(str::to_owned),
            body,
        };
        let sender = attribute("SenderId").unwrap_or_default();
        let content = match number_in(&content.body, 'm') {
            Some(number) if sender == crate::client::SENDER => Content { number, ..content },
            Some(number) => return violated(format!("SenderId of m{number} is {sender}")),
            None => {
                let fifo = attribute("SequenceNumber").is_some();
                published.content(content, fifo, &sender)?
            }
        };
        Ok(Seen {
            content,
            id: text(&message.message_id),
            handle: text(&message.receipt_handle),
            sent: Time::from_millis(number("SentTimestamp")?),
            receives: number("ApproximateReceiveCount")? as u32,
            first: Time::from_millis(number("ApproximateFirstReceiveTimestamp")?),
            dedup: attribute("MessageDeduplicationId"),
            sequence: attribute("SequenceNumber").and_then(|value| value.parse().ok()),
            source: attribute("DeadLetterQueueSourceArn"),
            visible: attribute("IsVisible").is_none_or(|value| value == "true"),
            delayed: attribute("IsDelayed").is_some_and(|value| value == "true"),
        })
    }
}
