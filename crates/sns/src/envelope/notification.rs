//! The notification: what a subscriber gets of a message (spec 5.1), and what of it is signed (spec 5.4).
//!
//! Notifications of one message to queues differ in nothing but the subscription's ARN, so that what many queues
//! share is written once: as a [`Template`], from which the ARN and the signature are left out.

use super::json::{Lines, put_attributes};
use super::{Signed, iso, lines, unsubscribe_link};
use crate::config::{Config, SignatureVersion};
use crate::publication::{Publication, message_id, sequence_number};
use crate::subscription::Protocol;

#[derive(Clone, Copy, Debug)]
pub struct Notification<'a> {
    pub topic: &'a Config,
    pub publication: &'a Publication<'a>,
    /// Whose subscribers it is for: with MessageStructure `json` they have a text of their own.
    pub protocol: Protocol,
    /// It comes out of the topic's archive.
    pub replayed: bool,
    /// What links begin with.
    pub base_url: &'a str,
}

/// A notification without what differs from one subscriber to the next, and without what is costly to make.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    pub text: String,
    /// Where the signature belongs; absent where the notification carries none.
    pub signature_at: Option<usize>,
    /// Where the subscription's ARN belongs, behind the signature.
    pub arn_at: usize,
}

impl Template {
    /// The notification, with places counted in the template as it is.
    pub fn fill(&self, subscription_arn: &str, signature: &str) -> String {
        let signature_at = self.signature_at.unwrap_or(0);
        let signature = if self.signature_at.is_some() {
            signature
        } else {
            ""
        };
        let mut text =
            String::with_capacity(self.text.len() + signature.len() + subscription_arn.len());
        text.push_str(&self.text[..signature_at]);
        text.push_str(signature);
        text.push_str(&self.text[signature_at..self.arn_at]);
        text.push_str(subscription_arn);
        text.push_str(&self.text[self.arn_at..]);
        text
    }
}

impl Notification<'_> {
    /// What one subscriber gets, signed unless the topic is FIFO.
    pub fn text(&self, subscription_arn: &str, signed: Option<&Signed<'_>>) -> String {
        self.template(signed.map(|signed| signed.cert_url)).fill(
            subscription_arn,
            signed.map_or("", |signed| signed.signature),
        )
    }

    /// What all subscribers get, to be signed with what is found at this URL.
    pub fn template(&self, cert_url: Option<&str>) -> Template {
        let publication = self.publication;
        let message = publication.message_for(self.protocol);
        let mut lines = Lines::open(message.len() + 1024);
        lines.string("Type", "Notification");
        lines.string("MessageId", &message_id(&publication.id));
        if self.topic.fifo {
            lines.string("SequenceNumber", &sequence_number(publication.sequence));
        }
        lines.string("TopicArn", self.topic.arn().as_str());
        if let Some(subject) = publication.subject {
            lines.string("Subject", subject);
        }
        lines.string("Message", &message);
        lines.string("Timestamp", &iso(publication.time));
        let signature_at = cert_url
            .filter(|_| !self.topic.fifo)
            .map(|cert_url| put_signature(self.topic, "", cert_url, &mut lines));
        lines.string("UnsubscribeURL", &unsubscribe_link(self.base_url));
        let arn_at = lines.position() - 1;
        if self.replayed {
            lines.string("Replayed", "true");
        }
        if !publication.attributes.is_empty() {
            let text = lines.key("MessageAttributes");
            put_attributes(&publication.attributes, "\n    ", " : ", text);
            text.push_str("\n  }");
        }
        Template {
            text: lines.close(),
            signature_at,
            arn_at,
        }
    }

    /// What is signed. It is the same for all subscribers of one protocol.
    pub fn string_to_sign(&self) -> String {
        let publication = self.publication;
        let message = publication.message_for(self.protocol);
        let (id, time) = (message_id(&publication.id), iso(publication.time));
        let arn = self.topic.arn();
        let mut pairs = vec![("Message", &*message), ("MessageId", &*id)];
        pairs.extend(publication.subject.map(|subject| ("Subject", subject)));
        pairs.extend([
            ("Timestamp", &*time),
            ("TopicArn", arn.as_str()),
            ("Type", "Notification"),
        ]);
        lines(&pairs)
    }
}

/// Writes the members that a signature takes and tells where it stands itself.
pub(super) fn put_signature(
    topic: &Config,
    signature: &str,
    cert_url: &str,
    lines: &mut Lines,
) -> usize {
    let version = match topic.signature_version() {
        SignatureVersion::V1 => "1",
        SignatureVersion::V2 => "2",
    };
    lines.string("SignatureVersion", version);
    lines.string("Signature", signature);
    let signature_at = lines.position() - 1 - signature.len();
    lines.string("SigningCertURL", cert_url);
    signature_at
}
