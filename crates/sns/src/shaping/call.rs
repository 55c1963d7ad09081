//! What somebody outside is called with (spec 5.3, 6.2 to 6.5).

use domain::Arn;

use super::Outside;
use crate::attempted::DeliveryKey;
use crate::config::Config;
use crate::delivery_policy::{CONTENT_TYPE_DEFAULT, effective};
use crate::draft::Direct;
use crate::envelope::{Asked, Confirmation, Notification};
use crate::message_structure;
use crate::outbox::Matter;
use crate::publication::{Attribute, Publication, Value, message_id};
use crate::subscription::{Endpoint, Protocol, Subscription};
use crate::topic::Topic;

const USER_AGENT: &str = "Amazon Simple Notification Service Agent";
const MAIL_SUBJECT: &str = "AWS Notification Message";
const CONFIRMATION_SUBJECT: &str = "AWS Notification - Subscription Confirmation";

/// A call as it leaves the topic: it holds all that it needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Call {
    /// A POST. Host, Content-Length and what a URL says of user and password are the transport's.
    Http {
        url: String,
        headers: Vec<(&'static str, String)>,
        body: String,
    },
    Email {
        to: String,
        /// The topic's DisplayName, which may be empty.
        from_name: String,
        subject: String,
        text: String,
        /// What mail adds below the text: how to unsubscribe.
        footer: String,
    },
    /// To a phone number.
    Sms(Bare),
    /// To an endpoint of a platform application.
    Push(Bare),
    Lambda {
        function: Arn,
        event: String,
    },
    Firehose {
        stream: Arn,
        record: String,
    },
}

/// A message for somebody who gets no envelope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bare {
    /// The phone number or the endpoint's ARN.
    pub to: String,
    /// Absent where it was published straight there.
    pub topic_arn: Option<String>,
    pub subscription_arn: Option<String>,
    pub message_id: String,
    /// As published: with `json` it holds a text for each protocol and platform.
    pub message: String,
    pub json: bool,
    pub subject: Option<String>,
    pub attributes: Vec<BareAttribute>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BareAttribute {
    pub name: String,
    pub data_type: String,
    pub value: BareValue,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BareValue {
    Text(String),
    Binary(Vec<u8>),
}

/// The call that makes a delivery; `publication` is what its matter's place holds, if it has one. None if the delivery
/// is not outstanding any more.
pub fn call(
    topic: &Topic,
    key: DeliveryKey,
    publication: Option<&Publication<'_>>,
    outside: &Outside<'_>,
) -> Option<Call> {
    let subscription = topic.subscriptions().get_leaving(key.subscription)?;
    let (asked, id, time) = match *topic.matter(key)? {
        Matter::Publication { .. } => {
            return notify(topic, subscription, publication?, outside);
        }
        Matter::SubscriptionConfirmation { id, time } => (Asked::Subscription, id, time),
        Matter::UnsubscribeConfirmation { id, time } => (Asked::Unsubscription, id, time),
    };
    let confirmation = Confirmation {
        asked,
        topic: topic.config(),
        subscription_arn: &subscription.arn(topic.config()),
        id,
        time,
        token: &(outside.token)(subscription),
        base_url: outside.base_url,
    };
    confirm(subscription, &confirmation, outside)
}

fn notify(
    topic: &Topic,
    subscription: &Subscription,
    publication: &Publication<'_>,
    outside: &Outside<'_>,
) -> Option<Call> {
    let config = topic.config();
    let arn = subscription.arn(config);
    let protocol = subscription.protocol;
    let notification = Notification {
        topic: config,
        publication,
        protocol,
        replayed: false,
        base_url: outside.base_url,
    };
    let message = || publication.message_for(protocol).into_owned();
    let text = || outside.notification(&notification, &arn);
    let mail = |text, footer| Call::Email {
        to: subscription.endpoint().to_owned(),
        from_name: config.display_name.clone(),
        subject: publication.subject.unwrap_or(MAIL_SUBJECT).to_owned(),
        text,
        footer,
    };
    let bare = || {
        Bare::of(
            publication,
            subscription.endpoint(),
            config.arn().as_str(),
            &arn,
        )
    };
    Some(match (protocol, &subscription.endpoint) {
        (Protocol::Http | Protocol::Https, _) => Call::Http {
            url: subscription.endpoint().to_owned(),
            headers: headers(
                config,
                "Notification",
                &message_id(&publication.id),
                Some((subscription, &arn)),
            ),
            body: if subscription.raw { message() } else { text() },
        },
        (Protocol::Email, _) => mail(message(), footer(&arn, outside.base_url)),
        // A program reads this one, and its text has the link already.
        (Protocol::EmailJson, _) => mail(text(), String::new()),
        (Protocol::Sms, _) => Call::Sms(bare()),
        (Protocol::Application, _) => Call::Push(bare()),
        (Protocol::Lambda, Endpoint::Arn(function)) => {
            let string = notification.string_to_sign();
            Call::Lambda {
                function: function.clone(),
                event: outside.signed(config, &string, |signed| {
                    notification.lambda_event(&arn, signed)
                }),
            }
        }
        (Protocol::Firehose, Endpoint::Arn(stream)) => Call::Firehose {
            stream: stream.clone(),
            record: if subscription.raw {
                message()
            } else {
                notification.firehose_record(&arn)
            },
        },
        (Protocol::Lambda | Protocol::Firehose, Endpoint::Text(_)) | (Protocol::Sqs, _) => {
            return None;
        }
    })
}

fn confirm(
    subscription: &Subscription,
    confirmation: &Confirmation<'_>,
    outside: &Outside<'_>,
) -> Option<Call> {
    let (topic, asked) = (confirmation.topic, confirmation.asked);
    let named = (subscription, confirmation.subscription_arn);
    match subscription.protocol {
        Protocol::Http | Protocol::Https => Some(Call::Http {
            url: subscription.endpoint().to_owned(),
            headers: headers(
                topic,
                asked.name(),
                &message_id(&confirmation.id),
                (asked == Asked::Unsubscription).then_some(named),
            ),
            body: outside.confirmation(confirmation),
        }),
        Protocol::Email | Protocol::EmailJson => Some(Call::Email {
            to: subscription.endpoint().to_owned(),
            from_name: topic.display_name.clone(),
            subject: CONFIRMATION_SUBJECT.to_owned(),
            text: format!(
                "{}\n\n{}\n",
                confirmation.message(),
                confirmation.subscribe_url()
            ),
            footer: String::new(),
        }),
        Protocol::Sms
        | Protocol::Sqs
        | Protocol::Application
        | Protocol::Lambda
        | Protocol::Firehose => None,
    }
}

/// The headers of a POST. `about` names the subscription in them: who is asked to confirm one has none yet.
fn headers(
    topic: &Config,
    kind: &str,
    message_id: &str,
    about: Option<(&Subscription, &str)>,
) -> Vec<(&'static str, String)> {
    let mut headers = vec![
        ("x-amz-sns-message-type", kind.to_owned()),
        ("x-amz-sns-message-id", message_id.to_owned()),
        ("x-amz-sns-topic-arn", topic.arn().to_string()),
    ];
    let mut content_type = CONTENT_TYPE_DEFAULT.to_owned();
    if let Some((subscription, arn)) = about {
        headers.push(("x-amz-sns-subscription-arn", arn.to_owned()));
        if kind == "Notification" {
            content_type = effective(topic, subscription).content_type;
            if subscription.raw {
                headers.push(("x-amz-sns-rawdelivery", "true".to_owned()));
            }
        }
    }
    headers.extend([
        ("Content-Type", content_type),
        ("User-Agent", USER_AGENT.to_owned()),
        ("Accept-Encoding", "gzip,deflate".to_owned()),
        ("Connection", "Keep-Alive".to_owned()),
    ]);
    headers
}

fn footer(subscription_arn: &str, base_url: &str) -> String {
    format!(
        "\n--\nTo receive no more messages from this topic, visit:\n\
         {base_url}/?Action=Unsubscribe&SubscriptionArn={subscription_arn}\n"
    )
}

impl Bare {
    fn of(
        publication: &Publication<'_>,
        to: &str,
        topic_arn: &str,
        subscription_arn: &str,
    ) -> Bare {
        Bare {
            to: to.to_owned(),
            topic_arn: Some(topic_arn.to_owned()),
            subscription_arn: Some(subscription_arn.to_owned()),
            message_id: message_id(&publication.id),
            message: publication.message.to_owned(),
            json: publication.json,
            subject: publication.subject.map(str::to_owned),
            attributes: owned(&publication.attributes),
        }
    }

    /// The text for a protocol or platform: its own, else the default; the message where it has no structure.
    pub fn text_for(&self, key: &str) -> String {
        let own = |key: &str| message_structure::entry(&self.message, key).filter(|_| self.json);
        own(key)
            .or_else(|| own("default"))
            .unwrap_or_else(|| self.message.clone())
    }

    /// A message that was published straight to a phone number or an endpoint.
    pub fn direct(id: &[u8; 16], to: &str, message: &Direct<'_>) -> Bare {
        Bare {
            to: to.to_owned(),
            topic_arn: None,
            subscription_arn: None,
            message_id: message_id(id),
            message: message.message.to_owned(),
            json: message.json,
            subject: message.subject.map(str::to_owned),
            attributes: owned(&message.attributes),
        }
    }
}

fn owned(attributes: &[Attribute<'_>]) -> Vec<BareAttribute> {
    let own = |attribute: &Attribute<'_>| BareAttribute {
        name: attribute.name.to_owned(),
        data_type: attribute.data_type.to_owned(),
        value: match attribute.value {
            Value::Text(text) => BareValue::Text(text.to_owned()),
            Value::Binary(bytes) => BareValue::Binary(bytes.to_owned()),
        },
    };
    attributes.iter().map(own).collect()
}
