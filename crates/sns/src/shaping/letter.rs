//! What a queue gets of a publication (spec 6.1): the notification, or with raw delivery the message itself.
//!
//! A dead letter is what its subscriber would have got (spec 6.7), in the form of a queue's message whatever the
//! subscriber is.

use std::borrow::Cow;

use domain::Arn;

use crate::config::Config;
use crate::envelope::{Notification, Template};
use crate::outbox::{Errand, RAW_ATTRIBUTES_MAX};
use crate::publication::{Attribute, Publication, Value};
use crate::subscription::Subscription;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter<'a> {
    pub body: LetterBody<'a>,
    /// The queue's message attributes; none beside a notification, which has its own.
    pub attributes: Vec<Attribute<'a>>,
    pub group: Option<&'a str>,
    pub dedup: Option<&'a str>,
    /// AWSTraceHeader.
    pub trace: Option<&'a str>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LetterBody<'a> {
    Message(Cow<'a, str>),
    /// To be filled with the subscription's ARN and the signature when it is read.
    Notification(Template),
}

/// A queue's message has at most ten attributes. It is the client's fault, and nothing is tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Undeliverable;

/// The letter for the queue `to`. All queues of one kind, subscribed in one way, get the same.
pub fn letter<'a>(
    topic: &Config,
    subscription: &Subscription,
    publication: &'a Publication<'a>,
    errand: Errand,
    to: &Arn,
    base_url: &str,
    cert_url: Option<&str>,
) -> Result<Letter<'a>, Undeliverable> {
    let too_many = publication.attributes.len() > RAW_ATTRIBUTES_MAX;
    if subscription.raw && too_many && errand != Errand::DeadLetter {
        return Err(Undeliverable);
    }
    let replayed = errand == Errand::Replayed;
    // A dead letter with too many attributes keeps them inside a notification.
    let raw = subscription.raw && !too_many;
    let (body, attributes) = if raw {
        let message = publication.message_for(subscription.protocol);
        (
            LetterBody::Message(message),
            raw_attributes(publication, replayed),
        )
    } else {
        let notification = Notification {
            topic,
            publication,
            protocol: subscription.protocol,
            replayed,
            base_url,
        };
        let template = notification.template(cert_url);
        (LetterBody::Notification(template), Vec::new())
    };
    let (group, dedup) = match (topic.fifo, to.as_str().ends_with(".fifo")) {
        (true, true) => (publication.group, publication.dedup),
        // Fair queues take the group of a standard topic's message.
        (false, false) => (publication.group, None),
        (true, false) | (false, true) => (None, None),
    };
    Ok(Letter {
        body,
        attributes,
        group,
        dedup,
        trace: publication.trace,
    })
}

fn raw_attributes<'a>(publication: &Publication<'a>, replayed: bool) -> Vec<Attribute<'a>> {
    let mut attributes = publication.attributes.clone();
    if replayed {
        attributes.push(Attribute {
            name: "Replayed",
            data_type: "String",
            value: Value::Text("true"),
        });
    }
    attributes
}
