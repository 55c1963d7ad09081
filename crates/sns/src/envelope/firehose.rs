//! The record that a delivery stream gets (spec 6.3): a line of JSON without a signature, or the message itself.

use super::json::put_attributes;
use super::lambda::member;
use super::{Notification, iso, unsubscribe_link};
use crate::publication::message_id;

impl Notification<'_> {
    pub fn firehose_record(&self, subscription_arn: &str) -> String {
        let publication = self.publication;
        let message = publication.message_for(self.protocol);
        let mut record = String::with_capacity(message.len() + 512);
        let out = &mut record;
        out.push_str(r#"{"Type":"Notification""#);
        member("MessageId", &message_id(&publication.id), out);
        member("TopicArn", self.topic.arn().as_str(), out);
        if let Some(subject) = publication.subject {
            member("Subject", subject, out);
        }
        member("Message", &message, out);
        member("Timestamp", &iso(publication.time), out);
        let unsubscribe = unsubscribe_link(self.base_url) + subscription_arn;
        member("UnsubscribeURL", &unsubscribe, out);
        if !publication.attributes.is_empty() {
            out.push_str(r#","MessageAttributes":"#);
            put_attributes(&publication.attributes, "", ":", out);
            out.push('}');
        }
        out.push_str("}\n");
        record
    }
}
