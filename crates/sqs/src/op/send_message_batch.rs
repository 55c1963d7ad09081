//! SendMessageBatch: put up to ten messages on a queue.
//!
//! <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html>

use api::sqs::{
    SendMessageBatchRequest, SendMessageBatchRequestEntry, SendMessageBatchResult,
    SendMessageBatchResultEntry,
};

use crate::batch;
use crate::command::{Command, Ids, Outgoing};
use crate::config::Config;
use crate::digest::hex;
use crate::error::Error;
use crate::limits;
use crate::md5_lanes::md5_of_each;
use crate::op::Plan;
use crate::op::send_message::sequence_number;
use crate::outcome::{Outcome, Sent};
use crate::outgoing::{self, Digests, Sender};
use crate::queue::Queue;

const ENTRY: &str = "SendMessageBatchRequestEntry";

/// Every entry's draft. Empty when there are more entries than a batch may have.
#[derive(Debug)]
pub struct Draft<'a> {
    entries: Vec<outgoing::Draft<'a>>,
}

impl<'a> Draft<'a> {
    /// Judges and digests what the entries say by themselves. Needs no queue; what is wrong comes out of [`prepare`].
    pub fn of(input: &'a SendMessageBatchRequest<'a>) -> Draft<'a> {
        let entries = entries(input);
        if entries.len() > limits::BATCH_ENTRIES_MAX {
            return Draft {
                entries: Vec::new(),
            };
        }
        let bodies = entries.iter().map(|entry| entry.message_body.as_deref());
        let bodies: Vec<&[u8]> = bodies
            .map(|body| body.unwrap_or_default().as_bytes())
            .collect();
        let digested = entries.iter().zip(md5_of_each(&bodies));
        Draft {
            entries: digested
                .map(|(entry, md5)| outgoing::Draft::of_parts(entry.into(), |_| md5))
                .collect(),
        }
    }
}

fn entries<'a>(input: &'a SendMessageBatchRequest<'_>) -> &'a [SendMessageBatchRequestEntry<'a>] {
    input.entries.as_deref().unwrap_or_default()
}

/// The ids of all entries, in the order of the request, each with its digests or its failure.
#[derive(Debug)]
pub struct Keep {
    entries: Vec<(String, Result<Digests, Error>)>,
}

/// Fails for what is wrong with the whole call; what is wrong with an entry comes out of [`reply`].
pub fn prepare<'a>(
    queue: &Queue,
    caller: &Sender<'a>,
    ids: Ids<'_>,
    input: &'a SendMessageBatchRequest<'a>,
    draft: &'a Draft<'a>,
) -> Result<Plan<'a, Keep>, Error> {
    let config = queue.config();
    let entries = entries(input);
    batch::check(ENTRY, entries.iter().map(|entry| &entry.id))?;
    check_total(draft)?;
    if config.fifo {
        check_fifo(config, entries)?;
    }
    let mut messages = Vec::with_capacity(entries.len());
    let mut keep = Vec::with_capacity(entries.len());
    for (number, (entry, draft)) in (1..).zip(entries.iter().zip(&draft.entries)) {
        let digests = prepare_entry(config, caller, ids(), entry, draft).and_then(|message| {
            messages.push(message);
            draft.digests()
        });
        keep.push((
            batch::id(&entry.id),
            digests.map_err(|error| error.in_entry(ENTRY, number)),
        ));
    }
    Ok(Plan {
        command: if messages.is_empty() {
            None
        } else {
            Some(Command::Send(messages))
        },
        keep: Keep { entries: keep },
    })
}

/// The batch's own limit is AWS's, whatever the queue's MaximumMessageSize.
fn check_total(draft: &Draft<'_>) -> Result<(), Error> {
    let bytes = draft.entries.iter().map(|entry| entry.size).sum();
    if bytes > limits::MESSAGE_BYTES_MAX as usize {
        Err(Error::BatchRequestTooLong { bytes })
    } else {
        Ok(())
    }
}

/// A FIFO batch is refused whole when an entry has no group or no deduplication id, and with another code than a
/// SendMessage without a group.
fn check_fifo(config: &Config, entries: &[SendMessageBatchRequestEntry<'_>]) -> Result<(), Error> {
    for entry in entries {
        if entry.message_group_id.is_none() {
            let text = Error::MissingParameter("MessageGroupId").message();
            return Err(Error::InvalidParameterValue(text));
        }
        if entry.message_deduplication_id.is_none() && !config.content_dedup {
            return Err(outgoing::no_dedup());
        }
    }
    Ok(())
}

fn prepare_entry<'a>(
    config: &Config,
    caller: &Sender<'a>,
    id: [u8; 16],
    entry: &'a SendMessageBatchRequestEntry<'a>,
    draft: &'a outgoing::Draft<'a>,
) -> Result<Outgoing<'a>, Error> {
    let message = outgoing::prepare(config, caller, id, entry.into(), draft)?;
    let limit = config.message_bytes_max;
    if draft.size > limit as usize {
        // Not the words of SendMessage, but AWS's.
        return Err(Error::InvalidParameterValue(
            format!(
                "One or more parameters cannot be validated. Reason: Message must be shorter than {limit} bytes."
            )
            .into(),
        ));
    }
    Ok(message)
}

pub fn reply(keep: Keep, outcome: Outcome) -> Result<SendMessageBatchResult<'static>, Error> {
    let sent = match outcome {
        Outcome::Sent(sent) => sent,
        Outcome::Done => Vec::new(),
        Outcome::Received(_)
        | Outcome::Deleted(_)
        | Outcome::Changed(_)
        | Outcome::MoveStarted(_)
        | Outcome::MoveCancelled(_)
        | Outcome::MoveStepped => panic!("a queue answers Send with Sent"),
    };
    let mut sent = sent.into_iter();
    let mut successful = Vec::with_capacity(keep.entries.len());
    let mut failed = Vec::new();
    for (id, entry) in keep.entries {
        match entry {
            Ok(digests) => {
                let sent = sent.next().expect("every message has an answer");
                successful.push(success(id, digests, sent));
            }
            Err(error) => failed.push(batch::failed(id, &error)),
        }
    }
    Ok(SendMessageBatchResult {
        successful: batch::some(successful),
        failed: batch::some(failed),
    })
}

fn success(id: String, digests: Digests, sent: Sent) -> SendMessageBatchResultEntry<'static> {
    let Digests {
        body,
        attributes,
        system_attributes,
    } = digests;
    SendMessageBatchResultEntry {
        id: Some(id.into()),
        message_id: Some(sent.id.to_string().into()),
        md5_of_message_body: Some(hex(&body).into()),
        md5_of_message_attributes: attributes.map(|md5| hex(&md5).into()),
        md5_of_message_system_attributes: system_attributes.map(|md5| hex(&md5).into()),
        sequence_number: sent
            .sequence
            .map(|sequence| sequence_number(sequence).into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::MessageId;
    use crate::op::samples::{SENDER, fifo, ids, queue, standard};

    fn entry(
        id: &'static str,
        body: impl Into<api::Str<'static>>,
    ) -> SendMessageBatchRequestEntry<'static> {
        SendMessageBatchRequestEntry {
            id: Some(id.into()),
            message_body: Some(body.into()),
            ..SendMessageBatchRequestEntry::default()
        }
    }

    fn batch(entries: Vec<SendMessageBatchRequestEntry<'_>>) -> SendMessageBatchRequest<'_> {
        SendMessageBatchRequest {
            queue_url: None,
            entries: Some(entries),
        }
    }

    fn refusal(config: Config, input: &SendMessageBatchRequest<'_>) -> Error {
        let draft = Draft::of(input);
        prepare(&queue(config), &SENDER, &mut ids(), input, &draft).unwrap_err()
    }

    /// Sends all that can be sent, and gives the answer.
    fn send(
        config: Config,
        input: &SendMessageBatchRequest<'_>,
    ) -> SendMessageBatchResult<'static> {
        let draft = Draft::of(input);
        let plan = prepare(&queue(config), &SENDER, &mut ids(), input, &draft).unwrap();
        let outcome = if let Some(Command::Send(messages)) = plan.command {
            let sent = messages.iter().map(|message| Sent {
                id: message.payload.id,
                sequence: None,
            });
            Outcome::Sent(sent.collect())
        } else {
            Outcome::Done
        };
        reply(plan.keep, outcome).unwrap()
    }

    #[test]
    fn what_is_wrong_with_an_entry_fails_that_entry_only() {
        let result = send(
            standard(),
            &batch(vec![
                entry("a", "fine"),
                entry("b", "\u{1}"),
                entry("c", ""),
            ]),
        );
        let successful = result.successful.unwrap();
        assert_eq!(successful.len(), 1);
        assert_eq!(successful[0].id.as_deref(), Some("a"));
        assert_eq!(
            successful[0].message_id,
            Some(MessageId([1; 16]).to_string().into())
        );
        let failed = result.failed.unwrap();
        let codes: Vec<_> = failed
            .iter()
            .map(|entry| (entry.id.as_deref(), entry.code.as_deref()))
            .collect();
        assert_eq!(
            codes,
            [
                (Some("b"), Some("InvalidMessageContents")),
                (Some("c"), Some("MissingParameter"))
            ]
        );
        assert!(failed.iter().all(|entry| entry.sender_fault == Some(true)));
        assert_eq!(
            failed[1].message.as_deref(),
            Some(
                "The request must contain the parameter SendMessageBatchRequestEntry.3.MessageBody."
            )
        );
    }

    #[test]
    fn a_batch_without_a_valid_entry_journals_nothing() {
        let input = batch(vec![entry("a", "")]);
        let draft = Draft::of(&input);
        let plan = prepare(&queue(standard()), &SENDER, &mut ids(), &input, &draft).unwrap();
        assert_eq!(plan.command, None);
        let result = reply(plan.keep, Outcome::Done).unwrap();
        assert_eq!((result.successful, result.failed.unwrap().len()), (None, 1));
    }

    #[test]
    fn a_batch_where_nothing_fails_has_no_list_of_failures() {
        assert_eq!(send(standard(), &batch(vec![entry("a", "m")])).failed, None);
    }

    #[test]
    fn an_empty_batch_is_refused() {
        for input in [batch(vec![]), SendMessageBatchRequest::default()] {
            assert_eq!(
                refusal(standard(), &input).message(),
                "There should be at least one SendMessageBatchRequestEntry in the request."
            );
        }
    }

    #[test]
    fn eleven_entries_are_counted_and_refused() {
        let entries = (0..11).map(|_| entry("same", "m")).collect();
        assert_eq!(
            refusal(standard(), &batch(entries)),
            Error::TooManyEntriesInBatchRequest { sent: 11 }
        );
    }

    #[test]
    fn a_batch_holds_1_mib_whatever_the_queue_allows_a_message() {
        let half = "x".repeat(524_288);
        let fits = batch(vec![entry("a", half.clone()), entry("b", half.clone())]);
        assert_eq!(send(standard(), &fits).successful.unwrap().len(), 2);
        let over = batch(vec![
            entry("a", half.clone()),
            entry("b", half),
            entry("c", "x"),
        ]);
        assert_eq!(
            refusal(standard(), &over).message(),
            "Batch requests cannot be longer than 1048576 bytes. You have sent 1048577 bytes."
        );
        let small = Config {
            message_bytes_max: 1024,
            ..standard()
        };
        let many = batch(vec![
            entry("a", "x".repeat(1024)),
            entry("b", "x".repeat(1024)),
        ]);
        assert_eq!(send(small, &many).failed, None);
    }

    #[test]
    fn an_entry_too_large_for_the_queue_fails_in_words_of_its_own() {
        let small = Config {
            message_bytes_max: 1024,
            ..standard()
        };
        let failed = send(small, &batch(vec![entry("a", "x".repeat(1025))]))
            .failed
            .unwrap();
        assert_eq!(failed[0].code.as_deref(), Some("InvalidParameterValue"));
        assert_eq!(
            failed[0].message.as_deref(),
            Some(
                "One or more parameters cannot be validated. Reason: Message must be shorter than 1024 bytes."
            )
        );
    }

    #[test]
    fn a_fifo_batch_fails_whole_for_one_missing_group_or_deduplication_id() {
        let complete = || SendMessageBatchRequestEntry {
            message_group_id: Some("g".into()),
            message_deduplication_id: Some("d".into()),
            ..entry("a", "m")
        };
        let ungrouped = SendMessageBatchRequestEntry {
            message_group_id: None,
            id: Some("b".into()),
            ..complete()
        };
        assert_eq!(
            refusal(fifo(), &batch(vec![complete(), ungrouped])),
            Error::InvalidParameterValue(
                "The request must contain the parameter MessageGroupId.".into()
            )
        );
        let undedupped = || SendMessageBatchRequestEntry {
            message_deduplication_id: None,
            id: Some("b".into()),
            ..complete()
        };
        assert_eq!(
            refusal(fifo(), &batch(vec![complete(), undedupped()])).message(),
            "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided \
             explicitly"
        );
        let content = Config {
            content_dedup: true,
            ..fifo()
        };
        assert_eq!(
            send(content, &batch(vec![complete(), undedupped()])).failed,
            None
        );
    }
}
