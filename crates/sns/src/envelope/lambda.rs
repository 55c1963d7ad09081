//! The event that a Lambda function is invoked with (spec 6.2): AWS spells its URLs differently here, says version 1
//! whatever the signature is, and leaves nothing out.

use super::json::{put_attributes, put_string};
use super::{Notification, Signed, iso, unsubscribe_link};
use crate::publication::message_id;

impl Notification<'_> {
    pub fn lambda_event(&self, subscription_arn: &str, signed: Option<&Signed<'_>>) -> String {
        let publication = self.publication;
        let message = publication.message_for(self.protocol);
        let mut event = String::with_capacity(message.len() + 1024);
        let out = &mut event;
        out.push_str(r#"{"Records":[{"EventSource":"aws:sns","EventVersion":"1.0""#);
        member("EventSubscriptionArn", subscription_arn, out);
        out.push_str(r#","Sns":{"Type":"Notification""#);
        member("MessageId", &message_id(&publication.id), out);
        member("TopicArn", self.topic.arn().as_str(), out);
        match publication.subject {
            Some(subject) => member("Subject", subject, out),
            None => out.push_str(r#","Subject":null"#),
        }
        member("Message", &message, out);
        member("Timestamp", &iso(publication.time), out);
        member("SignatureVersion", "1", out);
        member(
            "Signature",
            signed.map_or("", |signed| signed.signature),
            out,
        );
        member(
            "SigningCertUrl",
            signed.map_or("", |signed| signed.cert_url),
            out,
        );
        let unsubscribe = unsubscribe_link(self.base_url) + subscription_arn;
        member("UnsubscribeUrl", &unsubscribe, out);
        out.push_str(r#","MessageAttributes":"#);
        put_attributes(&publication.attributes, "", ":", out);
        out.push_str("}}}]}");
        event
    }
}

/// A member that is not the first.
pub(super) fn member(key: &str, value: &str, out: &mut String) {
    out.push_str(",\"");
    out.push_str(key);
    out.push_str("\":");
    put_string(value, out);
}
