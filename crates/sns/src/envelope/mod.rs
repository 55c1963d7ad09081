//! What subscribers are sent, byte for byte: notifications, confirmations, and what of them is signed.
//!
//! Spec sections 5, 6.2 and 6.3. Nothing here knows where this server stands or how it signs: links begin with a given
//! `base_url`, a signature comes from outside and is made over what `string_to_sign` gives.
//! <https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html>

mod confirmation;
mod firehose;
mod json;
mod lambda;
mod notification;
mod timestamp;

pub use confirmation::{Asked, Confirmation};
pub use notification::{Notification, Template};

pub(crate) use json::put_string;
pub use timestamp::iso;
pub(crate) use timestamp::{date, spaced};

/// A signature over a message's string to sign, in base64, and where the certificate to check it with is found.
#[derive(Clone, Copy, Debug)]
pub struct Signed<'a> {
    pub signature: &'a str,
    pub cert_url: &'a str,
}

/// `https://sns.us-east-1.amazonaws.com/?Action=Unsubscribe&SubscriptionArn=…`, without the ARN.
fn unsubscribe_link(base_url: &str) -> String {
    format!("{base_url}/?Action=Unsubscribe&SubscriptionArn=")
}

/// Key and value on a line each, for every pair.
fn lines(pairs: &[(&str, &str)]) -> String {
    pairs
        .iter()
        .map(|(key, value)| format!("{key}\n{value}\n"))
        .collect()
}

#[cfg(test)]
mod tests;
