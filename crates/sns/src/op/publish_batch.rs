//! PublishBatch: up to ten messages to all subscribers of a topic. AWS refuses them together or not at all.
//!
//! <https://docs.aws.amazon.com/sns/latest/api/API_PublishBatch.html>

use api::Error;
use api::sns::error as kind;
use api::sns::{
    PublishBatchInput, PublishBatchRequestEntry, PublishBatchResponse, PublishBatchResultEntry,
};
use domain::{Region, Time};

use crate::arn::{self, TopicName};
use crate::command::Command;
use crate::draft::{self, Accepting, Ids, Publisher, Told};
use crate::error::{topic_does_not_exist, validation_null};
use crate::limits;
use crate::op::Plan;
use crate::publication::{Publish, message_id, sequence_number};
use crate::topic::Topic;

/// Ids of entries, in characters.
const ID_CHARS_MAX: usize = 80;

/// Every entry's draft, or what is wrong with the batch itself.
#[derive(Debug)]
pub struct Draft<'a> {
    entries: Result<Vec<draft::Draft<'a>>, Error>,
}

/// The topic that a request made in `region` speaks to.
pub fn topic<'a>(input: &'a PublishBatchInput<'_>, region: Region) -> Result<TopicName<'a>, Error> {
    let topic = input.topic_arn.as_deref();
    arn::topic(topic.ok_or_else(|| validation_null("topicArn"))?, region)
}

impl<'a> Draft<'a> {
    /// Judges what the entries say by themselves. Needs no topic; what is wrong comes out of [`prepare`].
    pub fn of(input: &'a PublishBatchInput<'a>) -> Draft<'a> {
        Draft {
            entries: entries(input).map(|entries| {
                let draft = |(number, entry): (usize, &'a PublishBatchRequestEntry<'a>)| {
                    draft::Draft::of_parts(entry.into(), &path(number + 1))
                };
                entries.iter().enumerate().map(draft).collect()
            }),
        }
    }

    /// What is said when the topic does not exist, which comes last of all; its name tells whether it would be FIFO.
    pub fn topic_missing(&self, name: &str) -> Error {
        let entries = match self.checked(limits::MESSAGE_BYTES_DEFAULT as usize) {
            Ok(entries) => entries,
            Err(error) => return error,
        };
        let missing = topic_does_not_exist();
        let mut wrong = entries.iter().map(|entry| entry.topic_missing(name));
        wrong.find(|error| *error != missing).unwrap_or(missing)
    }

    /// The entries, if they are whole and together not too large.
    fn checked(&self, size_max: usize) -> Result<&[draft::Draft<'a>], Error> {
        let entries = self.entries.as_ref().map_err(Error::clone)?;
        for entry in entries {
            entry.complete.clone()?;
        }
        if entries.iter().map(|entry| entry.size).sum::<usize>() > size_max {
            return Err(kind::BATCH_REQUEST_TOO_LONG_EXCEPTION
                .with("The length of all the messages put together is more than the limit."));
        }
        Ok(entries)
    }
}

fn path(number: usize) -> String {
    format!("publishBatchRequestEntries.{number}.member.")
}

/// The entries of a batch whose number and ids are right.
fn entries<'a>(
    input: &'a PublishBatchInput<'a>,
) -> Result<&'a [PublishBatchRequestEntry<'a>], Error> {
    let entries = input
        .publish_batch_request_entries
        .as_deref()
        .ok_or_else(|| validation_null("publishBatchRequestEntries"))?;
    if entries.is_empty() {
        return Err(kind::EMPTY_BATCH_REQUEST_EXCEPTION
            .with("The batch request doesn't contain any entries."));
    }
    if entries.len() > limits::BATCH_ENTRIES_MAX {
        return Err(kind::TOO_MANY_ENTRIES_IN_BATCH_REQUEST_EXCEPTION
            .with("The batch request contains more entries than permissible."));
    }
    let mut seen = Vec::new();
    for (number, entry) in (1..).zip(entries) {
        let missing = || validation_null(&format!("{}id", path(number)));
        let id = entry.id.as_deref().ok_or_else(missing)?;
        check_id(id)?;
        if seen.contains(&id) {
            return Err(kind::BATCH_ENTRY_IDS_NOT_DISTINCT_EXCEPTION
                .with("Two or more batch entries in the request have the same Id."));
        }
        seen.push(id);
    }
    Ok(entries)
}

fn check_id(id: &str) -> Result<(), Error> {
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    if id.is_empty() || !id.bytes().all(legal) {
        return Err(kind::INVALID_BATCH_ENTRY_ID_EXCEPTION.with(format!(
            "The Id of a batch entry in the batch request contains an impermissible character: {id}"
        )));
    }
    if id.len() > ID_CHARS_MAX {
        return Err(kind::INVALID_BATCH_ENTRY_ID_EXCEPTION.with(format!(
            "The Id of a batch entry in the batch request is too long: {id}"
        )));
    }
    Ok(())
}

#[derive(Clone, Debug)]
pub struct Keep {
    /// Of each entry: its id, and what its publisher is told.
    told: Vec<(String, Told)>,
}

/// Messages that repeat others within five minutes, on a FIFO topic, are left out; without any left nothing changes.
pub fn prepare<'a>(
    topic: &Topic,
    publisher: &Publisher<'a>,
    now: Time,
    ids: Ids<'_>,
    input: &'a PublishBatchInput<'a>,
    draft: &'a Draft<'a>,
) -> Result<Plan<'a, Keep>, Error> {
    let entries = draft.checked(topic.config().max_message_size())?;
    let mut accepting = Accepting::new(topic, publisher, now);
    let given = input.publish_batch_request_entries.iter().flatten();
    let mut told = Vec::with_capacity(entries.len());
    for (entry, given) in entries.iter().zip(given) {
        let id = given.id.as_deref().unwrap_or_default().to_owned();
        told.push((id, accepting.accept(ids(), entry)?));
    }
    let publications = accepting.publications;
    Ok(Plan {
        command: (!publications.is_empty()).then_some(Command::Publish(Publish { publications })),
        keep: Keep { told },
    })
}

pub fn reply(keep: &Keep) -> PublishBatchResponse<'static> {
    let entry = |(id, told): &(String, Told)| PublishBatchResultEntry {
        id: Some(id.clone().into()),
        message_id: Some(message_id(&told.id).into()),
        sequence_number: told
            .sequence
            .map(|sequence| sequence_number(sequence).into()),
    };
    PublishBatchResponse {
        successful: Some(keep.told.iter().map(entry).collect()),
        failed: Some(Vec::new()),
    }
}
