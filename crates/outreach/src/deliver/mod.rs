//! What leaves for a person: an SMS, a push, a mail. Each file prepares the command that puts it into the log of what
//! was sent, or says why it does not leave.

mod apple;
mod mail;
mod push;
mod sms;
mod windows;

pub use mail::{Mail, deliver_mail};
pub use push::{Push, deliver_push};
pub use sms::{Sms, check_sms, deliver_sms};

use api::Error;
use domain::Time;

use crate::command::Command;
use crate::notice::Notice;
use crate::status::StatusLog;

/// A message as it was published, through a topic or straight to its receiver.
#[derive(Clone, Copy, Debug)]
pub struct Message<'a> {
    /// MessageId.
    pub id: &'a str,
    pub published: Time,
    /// Both absent for a Publish straight to the receiver.
    pub topic_arn: Option<&'a str>,
    pub subscription_arn: Option<&'a str>,
    pub message: &'a str,
    /// MessageStructure is `json`: `message` holds an entry for each kind of receiver.
    pub json: bool,
    pub subject: Option<&'a str>,
    /// The message attributes as JSON in request form, `{"name":{"DataType":…,"StringValue":…}}`.
    pub attributes: Option<&'a str>,
}

impl Message<'_> {
    fn structure(&self) -> Option<&'static str> {
        self.json.then_some("json")
    }
}

/// It leaves.
#[derive(Debug)]
pub struct Delivery {
    pub command: Command<'static>,
    /// What the receiver's service said.
    pub response: String,
    /// For CloudWatch Logs, if it was asked for and is among the sampled.
    pub log: Option<StatusLog>,
}

/// It does not leave, and trying again would not help.
#[derive(Debug)]
pub struct Failure {
    pub reason: String,
    /// What a Publish straight to the receiver answers. Absent: it succeeds, and only the log tells.
    pub error: Option<Error>,
    pub notice: Option<Notice>,
    pub log: Option<StatusLog>,
}

/// A failure that a publisher is told of.
fn refused(error: Error) -> Box<Failure> {
    Box::new(Failure {
        reason: error.message.to_string(),
        error: Some(error),
        notice: None,
        log: None,
    })
}
