//! A publication as queues get it: letters that many of them share, or the payload for one that is elsewhere.

use api::Error;
use domain::{Arn, Place};
use sns::data_protection::Policy;
use sns::publication::Value;
use sns::shaping::{self, LetterBody};
use sns::{About, Config, Errand, Publication, Subscription, Topic};
use sqs::letter::{Copy, Unsigned};
use sqs::{Letter, Payload};

use crate::protection::outward;
use crate::state::CellState;

/// SenderId of published messages: SNS's own, since it is the service that sends them.
const SENDER: &str = "AIDATIDINGSSNSSERVICE";

/// What links in notifications begin with, and where the certificate is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Links<'a> {
    pub(crate) base_url: &'a str,
    pub(crate) cert_url: &'a str,
}

/// A letter whose body is its own until it is encoded.
pub(crate) struct Draught<'p> {
    id: [u8; 16],
    body: String,
    shaped: shaping::Letter<'p>,
    label_at: Option<u32>,
    unsigned: Option<Unsigned>,
}

impl<'p> Draught<'p> {
    /// What the queue `to` of a subscription gets, and all queues that are subscribed alike.
    pub(crate) fn of(
        topic: &Config,
        subscription: &Subscription,
        publication: &'p Publication<'p>,
        (errand, to): (Errand, &Arn),
        links: Links<'_>,
    ) -> Draught<'p> {
        let cert_url = (!topic.fifo).then_some(links.cert_url);
        let mut shaped = shaping::letter(
            topic,
            subscription,
            publication,
            errand,
            to,
            links.base_url,
            cert_url,
        )
        .expect("what a queue cannot take is not sent there");
        let place = |at: usize| u32::try_from(at).expect("a publication is bounded");
        let body = std::mem::replace(&mut shaped.body, LetterBody::Message("".into()));
        let (body, label_at, unsigned) = match body {
            LetterBody::Message(message) => (message.into_owned(), None, None),
            LetterBody::Notification(template) => {
                let unsigned = template.signature_at.map(|at| Unsigned {
                    at: place(at),
                    version: topic.signature_version().number(),
                });
                (template.text, Some(place(template.arn_at)), unsigned)
            }
        };
        Draught {
            id: publication.id,
            body,
            shaped,
            label_at,
            unsigned,
        }
    }

    pub(crate) fn letter(&self) -> Letter<'_> {
        let attributes = self.shaped.attributes.iter().map(attribute).collect();
        let gaps = self.label_at.is_some() || self.unsigned.is_some();
        let payload = Payload::published(self.id, &self.body, gaps, attributes, SENDER);
        Letter {
            payload: Payload {
                trace_header: self.shaped.trace,
                group: self.shaped.group,
                dedup: self.shaped.dedup,
                ..payload
            },
            label_at: self.label_at,
            unsigned: self.unsigned,
        }
    }
}

fn attribute<'a>(attribute: &sns::publication::Attribute<'a>) -> sqs::message::Attribute<'a> {
    sqs::message::Attribute {
        name: attribute.name,
        data_type: attribute.data_type,
        value: match attribute.value {
            Value::Text(text) => sqs::message::Value::Text(text),
            Value::Binary(bytes) => sqs::message::Value::Binary(bytes),
        },
    }
}

impl CellState {
    /// The payload that a delivery of a topic becomes in its queue, signed.
    /// None if its subscriber may not see it.
    pub(crate) fn published(
        &self,
        topic: &Topic,
        policy: Option<&Policy>,
        (about, to): (&[u8], &Arn),
        place: Place,
    ) -> Result<Option<Vec<u8>>, Error> {
        let about = About::decode(about).expect("a topic's item is as it was put into the outbox");
        let bytes = self.read(place)?;
        let publication =
            Publication::read(&bytes).expect("a publication comes back as it was journaled");
        let subscription = topic
            .subscription(about.subscription)
            .expect("a subscription's deliveries end with it");
        let mut masked = String::new();
        // What nobody was allowed to see is in the dead-letter queue as it was published.
        let policy = policy.filter(|_| about.errand != Errand::DeadLetter);
        let Some(publication) = outward(policy, subscription, &publication, &mut masked) else {
            return Ok(None);
        };
        let config = topic.config();
        let way = (about.errand, to);
        let draught = Draught::of(config, subscription, &publication, way, self.links());
        let copy = Copy {
            id: subscription.id,
            label: subscription.arn(config).into(),
        };
        let mut opened = draught.letter().open(&copy);
        let sign = |version, text: &str| {
            let signature = self
                .signatures
                .of_notification(publication.id, version, text);
            signature.as_ref().to_owned()
        };
        opened.sign(sign).expect("an opened letter decodes");
        Ok(Some(opened.payload))
    }

    pub(crate) fn links(&self) -> Links<'_> {
        Links {
            base_url: &self.base_url,
            cert_url: self.signatures.certificate_url(),
        }
    }
}
