//! A notification as its reader understands it: the JSON around a message.

use serde_json::Value as Json;

use crate::content::Value;
use crate::violation::{Check, ensure, violated};

/// What an envelope says beside its message.
pub(crate) struct Notice {
    json: Json,
}

impl Notice {
    pub(crate) fn read(text: &str) -> Check<Notice> {
        match serde_json::from_str(text) {
            Ok(json @ Json::Object(_)) => Ok(Notice { json }),
            Ok(_) | Err(_) => violated(format!("nobody sent or published {text:?}")),
        }
    }

    pub(crate) fn text(&self, name: &str) -> &str {
        self.json[name].as_str().unwrap_or_default()
    }

    pub(crate) fn subscription(&self) -> &str {
        let link = self.text("UnsubscribeURL");
        link.rsplit("SubscriptionArn=").next().unwrap_or_default()
    }

    /// Whether it carries these attributes and no others.
    pub(crate) fn carries(&self, attributes: &[(String, Value)]) -> bool {
        let shown = self.json["MessageAttributes"].as_object();
        let shown_len = shown.map_or(0, serde_json::Map::len);
        shown_len == attributes.len()
            && attributes.iter().all(|(name, value)| {
                let shown = &self.json["MessageAttributes"][name];
                let same_text = value
                    .text
                    .as_deref()
                    .is_none_or(|text| shown["Value"].as_str() == Some(text));
                shown["Type"].as_str() == Some(&value.data_type) && same_text
            })
    }

    /// Signed on a standard topic, numbered on a FIFO topic.
    pub(crate) fn check_seal(&self, fifo: bool) -> Check {
        let (signature, sequence) = (self.text("Signature"), self.text("SequenceNumber"));
        ensure(
            signature.is_empty() == fifo && sequence.is_empty() != fifo,
            || {
                format!(
                    "a notification has the signature {signature:?} and the number {sequence:?}"
                )
            },
        )
    }
}
