//! What an endpoint is asked, or told, about its subscription itself (spec 5.2, 5.4).

use domain::Time;

use super::json::Lines;
use super::notification::put_signature;
use super::{Signed, iso, lines};
use crate::config::Config;
use crate::publication::message_id;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// To confirm its subscription.
    Subscription,
    /// Whether it wants its subscription back, which was just ended.
    Unsubscription,
}

#[derive(Clone, Copy, Debug)]
pub struct Confirmation<'a> {
    pub asked: Asked,
    pub topic: &'a Config,
    pub subscription_arn: &'a str,
    pub id: [u8; 16],
    pub time: Time,
    /// What ConfirmSubscription wants to see.
    pub token: &'a str,
    /// What links begin with.
    pub base_url: &'a str,
}

impl Asked {
    /// `Type`, and the header that says the same.
    pub fn name(self) -> &'static str {
        match self {
            Asked::Subscription => "SubscriptionConfirmation",
            Asked::Unsubscription => "UnsubscribeConfirmation",
        }
    }
}

impl Confirmation<'_> {
    pub fn message(&self) -> String {
        match self.asked {
            Asked::Subscription => format!(
                "You have chosen to subscribe to the topic {}.\nTo confirm the subscription, visit the SubscribeURL \
                 included in this message.",
                self.topic.arn()
            ),
            Asked::Unsubscription => format!(
                "You have chosen to deactivate subscription {}.\nTo cancel this operation and restore the \
                 subscription, visit the SubscribeURL included in this message.",
                self.subscription_arn
            ),
        }
    }

    pub fn subscribe_url(&self) -> String {
        format!(
            "{}/?Action=ConfirmSubscription&TopicArn={}&Token={}",
            self.base_url,
            self.topic.arn(),
            self.token
        )
    }

    pub fn text(&self, signed: Option<&Signed<'_>>) -> String {
        let mut lines = Lines::open(2048);
        lines
            .string("Type", self.asked.name())
            .string("MessageId", &message_id(&self.id))
            .string("Token", self.token)
            .string("TopicArn", self.topic.arn().as_str())
            .string("Message", &self.message())
            .string("SubscribeURL", &self.subscribe_url())
            .string("Timestamp", &iso(self.time));
        if let Some(signed) = signed {
            put_signature(self.topic, signed.signature, signed.cert_url, &mut lines);
        }
        lines.close()
    }

    pub fn string_to_sign(&self) -> String {
        lines(&[
            ("Message", &self.message()),
            ("MessageId", &message_id(&self.id)),
            ("SubscribeURL", &self.subscribe_url()),
            ("Timestamp", &iso(self.time)),
            ("Token", self.token),
            ("TopicArn", self.topic.arn().as_str()),
            ("Type", self.asked.name()),
        ])
    }
}
