//! PublishBatch: up to ten messages to all subscribers of a topic. AWS refuses them together or not at all.
//!
//! <https://docs.aws.amazon.com/sns/latest/api/API_PublishBatch.html>

use api::Error;
use api::sns::error as kind;
use api::sns::{
    PublishBatchInput, PublishBatchRequestEntry, PublishBatchResponse, PublishBatchResultEntry,
};
use domain::{Region, Time};

use crate::accepting::{Accepting, Told};
use crate::arn::{self, TopicName};
use crate::command::Command;
use crate::draft::{self, Ids, Publisher};
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

#[cfg(test)]
mod tests {
    use api::Str;
    use api::sns::MessageAttributeValue;
    use domain::AccountId;

    use super::*;
    use crate::config::Config;

    const NOW: Time = Time::from_seconds(1_700_000_000);

    fn topic(name: &str) -> Topic {
        let fifo = name.ends_with(".fifo");
        Topic::new(Config::fresh(
            name,
            AccountId::DEFAULT,
            Region::default(),
            fifo,
            Time::ZERO,
        ))
    }

    fn entry<'a>(id: &'a str, message: &'a str) -> PublishBatchRequestEntry<'a> {
        PublishBatchRequestEntry {
            id: Some(id.into()),
            message: Some(message.into()),
            ..PublishBatchRequestEntry::default()
        }
    }

    fn grouped<'a>(id: &'a str, message: &'a str, dedup: &'a str) -> PublishBatchRequestEntry<'a> {
        PublishBatchRequestEntry {
            message_group_id: Some("g".into()),
            message_deduplication_id: Some(dedup.into()),
            ..entry(id, message)
        }
    }

    fn batch(entries: Vec<PublishBatchRequestEntry<'_>>) -> PublishBatchInput<'_> {
        PublishBatchInput {
            topic_arn: Some("arn:aws:sns:us-east-1:000000000000:t".into()),
            publish_batch_request_entries: Some(entries),
        }
    }

    fn publish(
        topic: &Topic,
        entries: Vec<PublishBatchRequestEntry<'_>>,
        see: impl FnOnce(&[crate::Publication<'_>], PublishBatchResponse<'_>),
    ) {
        let input = batch(entries);
        let draft = Draft::of(&input);
        let mut next = 0;
        let mut ids = || {
            next += 1;
            [next; 16]
        };
        let plan = prepare(topic, &Publisher::default(), NOW, &mut ids, &input, &draft).unwrap();
        let answer = reply(&plan.keep);
        match &plan.command {
            Some(Command::Publish(publish)) => see(&publish.publications, answer),
            other => {
                assert_eq!(*other, None);
                see(&[], answer);
            }
        }
    }

    fn refusal(topic: &Topic, entries: Vec<PublishBatchRequestEntry<'_>>) -> String {
        let input = batch(entries);
        let draft = Draft::of(&input);
        let publisher = Publisher::default();
        prepare(topic, &publisher, NOW, &mut || [1; 16], &input, &draft)
            .unwrap_err()
            .to_string()
    }

    fn told(answer: &PublishBatchResponse<'_>) -> Vec<(String, Option<String>)> {
        let told = |entry: &PublishBatchResultEntry<'_>| {
            let sequence = entry.sequence_number.as_deref().map(str::to_owned);
            (entry.id.as_deref().unwrap().to_owned(), sequence)
        };
        answer.successful.iter().flatten().map(told).collect()
    }

    #[test]
    fn each_entry_is_answered_under_its_id_and_none_has_failed() {
        publish(
            &topic("t"),
            vec![entry("a", "one"), entry("b-_9", "two")],
            |publications, answer| {
                let sequences: Vec<u64> = publications.iter().map(|p| p.sequence).collect();
                assert_eq!(sequences, [1, 2]);
                assert_eq!(
                    told(&answer),
                    [("a".to_owned(), None), ("b-_9".to_owned(), None)]
                );
                assert_eq!(answer.failed, Some(Vec::new()));
            },
        );
    }

    #[test]
    fn a_repeated_entry_is_answered_like_the_first_of_the_batch() {
        publish(
            &topic("t.fifo"),
            vec![
                grouped("a", "one", "d"),
                grouped("b", "two", "d"),
                grouped("c", "three", "e"),
            ],
            |publications, answer| {
                let messages: Vec<&str> = publications.iter().map(|p| p.message).collect();
                assert_eq!(messages, ["one", "three"]);
                let entries = answer.successful.as_deref().unwrap();
                assert_eq!(entries[0].message_id, entries[1].message_id);
                let sequences: Vec<Option<String>> = told(&answer)
                    .into_iter()
                    .map(|(_, sequence)| sequence)
                    .collect();
                let sequence = |text: &str| Some(text.to_owned());
                assert_eq!(
                    sequences,
                    [
                        sequence("10000000000000001000"),
                        sequence("10000000000000001000"),
                        sequence("10000000000000002000")
                    ]
                );
            },
        );
    }

    #[test]
    fn a_batch_has_1_to_10_entries() {
        assert_eq!(
            refusal(&topic("t"), Vec::new()),
            "EmptyBatchRequest: The batch request doesn't contain any entries."
        );
        let ids: Vec<String> = (0..11).map(|n| n.to_string()).collect();
        let entries = |count: usize| ids[..count].iter().map(|id| entry(id, "m")).collect();
        assert_eq!(
            refusal(&topic("t.fifo"), entries(11)),
            "TooManyEntriesInBatchRequest: The batch request contains more entries than permissible.",
            "before the missing groups"
        );
        publish(&topic("t"), entries(10), |publications, _| {
            assert_eq!(publications.len(), 10);
        });
    }

    #[test]
    fn entry_ids_are_legal_and_distinct() {
        assert_eq!(
            refusal(&topic("t.fifo"), vec![entry("a", "m"), entry("a", "m")]),
            "BatchEntryIdsNotDistinct: Two or more batch entries in the request have the same Id."
        );
        assert_eq!(
            refusal(&topic("t"), vec![entry("a:b", "m")]),
            "InvalidBatchEntryId: The Id of a batch entry in the batch request contains an impermissible character: \
             a:b"
        );
        let long = "x".repeat(81);
        assert_eq!(
            refusal(&topic("t"), vec![entry(&long, "m")]),
            format!(
                "InvalidBatchEntryId: The Id of a batch entry in the batch request is too long: {long}"
            )
        );
    }

    #[test]
    fn the_messages_together_have_a_largest_size() {
        let half = "x".repeat(131_072);
        publish(
            &topic("t"),
            vec![entry("a", &half), entry("b", &half)],
            |publications, _| assert_eq!(publications.len(), 2),
        );
        assert_eq!(
            refusal(
                &topic("t"),
                vec![entry("a", &half), entry("b", &half), entry("c", "x")]
            ),
            "BatchRequestTooLong: The length of all the messages put together is more than the limit."
        );
    }

    #[test]
    fn one_wrong_entry_fails_the_whole_batch() {
        let fifo = topic("t.fifo");
        assert_eq!(
            refusal(&fifo, vec![grouped("a", "m", "d"), entry("b", "m")]),
            "InvalidParameter: Invalid parameter: The MessageGroupId parameter is required for FIFO topics"
        );
        let structured = PublishBatchRequestEntry {
            message_structure: Some("json".into()),
            ..entry("a", "{}")
        };
        assert_eq!(
            refusal(&fifo, vec![structured]),
            "InvalidParameter: Invalid parameter: Message Structure - No default entry in JSON message body",
            "before the missing group"
        );
        assert_eq!(
            refusal(&topic("t"), vec![entry("a", "m"), entry("b", "")]),
            "InvalidParameter: Invalid parameter: Empty message"
        );
    }

    #[test]
    fn missing_members_are_named_with_the_entrys_place() {
        let nameless: (Str<'_>, _) = ("attr1".into(), MessageAttributeValue::default());
        let untyped = PublishBatchRequestEntry {
            message_attributes: Some(vec![nameless]),
            ..entry("b", "m")
        };
        let null = |path: &str| {
            format!(
                "ValidationError: 1 validation error detected: Value null at '{path}' failed to satisfy constraint: \
                 Member must not be null"
            )
        };
        assert_eq!(
            refusal(&topic("t"), vec![entry("a", ""), untyped]),
            null("publishBatchRequestEntries.2.member.messageAttributes.attr1.member.dataType")
        );
        let input = PublishBatchInput::default();
        let draft = Draft::of(&input);
        assert_eq!(
            draft.topic_missing("t").to_string(),
            null("publishBatchRequestEntries")
        );
        assert_eq!(
            super::topic(&input, Region::default())
                .unwrap_err()
                .to_string(),
            null("topicArn")
        );
    }

    #[test]
    fn that_the_topic_is_missing_comes_last() {
        let missing = |name: &str, entries| {
            let input = batch(entries);
            Draft::of(&input).topic_missing(name).to_string()
        };
        let not_found = "NotFound: Topic does not exist";
        assert_eq!(missing("t", vec![entry("a", "m")]), not_found);
        assert_eq!(missing("t.fifo", vec![grouped("a", "m", "d")]), not_found);
        assert!(missing("t", vec![entry("a", "m"), entry("b", "")]).ends_with("Empty message"));
        assert!(missing("t.fifo", vec![entry("a", "m")]).ends_with("required for FIFO topics"));
    }
}
