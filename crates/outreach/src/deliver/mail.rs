//! A mail: plain text, or the JSON of a notification, in the words the sender chose.

use serde_json::json;

use crate::command::{Command, Send};
use crate::deliver::Delivery;
use crate::document;
use crate::sent::Kind;
use crate::spend::MicroUsd;

#[derive(Clone, Copy, Debug)]
pub struct Mail<'a> {
    /// The MessageId, by which the listing finds the mail.
    pub id: &'a str,
    pub topic_arn: Option<&'a str>,
    pub subscription_arn: Option<&'a str>,
    pub from: &'a str,
    pub to: &'a str,
    pub subject: &'a str,
    pub text: &'a str,
    pub html: Option<&'a str>,
}

/// A mail always leaves.
pub fn deliver_mail(mail: &Mail<'_>) -> Delivery {
    let asked = json!({
        "Id": mail.id,
        "Source": mail.from,
        "Destination": {"ToAddresses": [mail.to]},
        "Subject": mail.subject,
        "Body": {"text_part": mail.text, "html_part": mail.html},
    });
    let left = json!({"TopicArn": mail.topic_arn, "SubscriptionArn": mail.subscription_arn});
    Delivery {
        command: Command::Send(Send {
            price: MicroUsd(0),
            letter: document::letter(Kind::Mail, mail.id, mail.to, asked, left),
        }),
        response: "Accepted".to_owned(),
        log: None,
    }
}
