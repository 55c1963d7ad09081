//! What a delivery becomes where it arrives: a letter for a queue, a call for everybody else.
//!
//! Pure: what must come from outside (links, signatures, tokens) comes as [`Outside`].

mod call;
mod letter;

pub use call::{Bare, BareAttribute, BareValue, Call, call};
pub use letter::{Letter, LetterBody, Undeliverable, letter};

use crate::config::{Config, SignatureVersion};
use crate::envelope::{Confirmation, Notification, Signed};
use crate::subscription::Subscription;

/// What shaping needs of the server around it.
#[derive(Clone, Copy)]
pub struct Outside<'a> {
    /// What links begin with, such as `http://127.0.0.1:4566`.
    pub base_url: &'a str,
    /// Where the certificate is found.
    pub cert_url: &'a str,
    /// Signs a text: base64.
    pub sign: &'a dyn Fn(SignatureVersion, &str) -> String,
    /// The token that confirms, or restores, a subscription.
    pub token: &'a dyn Fn(&Subscription) -> String,
}

impl Outside<'_> {
    fn notification(&self, notification: &Notification<'_>, subscription_arn: &str) -> String {
        self.signed(
            notification.topic,
            &notification.string_to_sign(),
            |signed| notification.text(subscription_arn, signed),
        )
    }

    fn confirmation(&self, confirmation: &Confirmation<'_>) -> String {
        self.signed(
            confirmation.topic,
            &confirmation.string_to_sign(),
            |signed| confirmation.text(signed),
        )
    }

    /// Nothing that a FIFO topic sends is signed.
    fn signed(
        &self,
        topic: &Config,
        string: &str,
        text: impl FnOnce(Option<&Signed<'_>>) -> String,
    ) -> String {
        if topic.fifo {
            return text(None);
        }
        let signature = (self.sign)(topic.signature_version(), string);
        text(Some(&Signed {
            signature: &signature,
            cert_url: self.cert_url,
        }))
    }
}

#[cfg(test)]
mod tests;
