//! Publish: one message to all subscribers of a topic, to one endpoint, or to one phone number.
//!
//! <https://docs.aws.amazon.com/sns/latest/api/API_Publish.html>

use api::Error;
use api::sns::{PublishInput, PublishResponse};
use domain::{Region, Time};

use crate::arn::{self, TopicName};
use crate::command::Command;
use crate::draft::{Accepting, Ids, Told};
use crate::error::invalid_because;
use crate::op::Plan;
use crate::publication::{Publish, message_id, sequence_number};
use crate::topic::Topic;

pub use crate::draft::{Direct, Draft, Publisher};

/// Where a message goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target<'a> {
    Topic(TopicName<'a>),
    /// An endpoint of a platform application, by its ARN.
    Endpoint(&'a str),
    Phone(&'a str),
}

impl<'a> Target<'a> {
    /// Where a request made in `region` wants its message to go.
    pub fn of(input: &'a PublishInput<'_>, region: Region) -> Result<Target<'a>, Error> {
        if let Some(topic) = input.topic_arn.as_deref() {
            return Ok(Target::Topic(arn::topic(topic, region)?));
        }
        if let Some(target) = input.target_arn.as_deref() {
            let resource = target.splitn(6, ':').nth(5);
            return Ok(match resource {
                Some(resource) if resource.starts_with("endpoint/") => Target::Endpoint(target),
                Some(_) | None => Target::Topic(arn::topic(target, region)?),
            });
        }
        match input.phone_number.as_deref() {
            Some(number) if is_phone_number(number) => Ok(Target::Phone(number)),
            Some(number) => Err(invalid_because(
                "PhoneNumber",
                format!("{number} is not valid to publish to"),
            )),
            None => Err(invalid_because(
                "TopicArn or TargetArn",
                "no value for required parameter",
            )),
        }
    }
}

/// The form of E.164: up to 15 digits, of which the first is not 0.
fn is_phone_number(text: &str) -> bool {
    let digits = text.strip_prefix('+').unwrap_or(text);
    (2..=15).contains(&digits.len())
        && digits.bytes().all(|byte| byte.is_ascii_digit())
        && !digits.starts_with('0')
}

impl<'a> Draft<'a> {
    /// Judges what the request says by itself. Needs no topic; what is wrong comes out of [`prepare`].
    pub fn of(input: &'a PublishInput<'a>) -> Draft<'a> {
        Draft::of_parts(input.into(), "")
    }
}

#[derive(Clone, Copy, Debug)]
pub struct Keep {
    told: Told,
}

/// A message that repeats another within five minutes, on a FIFO topic, changes nothing.
pub fn prepare<'a>(
    topic: &Topic,
    publisher: &Publisher<'a>,
    now: Time,
    ids: Ids<'_>,
    draft: &'a Draft<'a>,
) -> Result<Plan<'a, Keep>, Error> {
    let mut accepting = Accepting::new(topic, publisher, now);
    let told = accepting.accept(ids(), draft)?;
    let publications = accepting.publications;
    Ok(Plan {
        command: (!publications.is_empty()).then_some(Command::Publish(Publish { publications })),
        keep: Keep { told },
    })
}

pub fn reply(keep: &Keep) -> PublishResponse<'static> {
    PublishResponse {
        message_id: Some(message_id(&keep.told.id).into()),
        sequence_number: keep
            .told
            .sequence
            .map(|sequence| sequence_number(sequence).into()),
    }
}
