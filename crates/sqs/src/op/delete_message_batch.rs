//! DeleteMessageBatch: up to ten received messages are done with.
//!
//! <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_DeleteMessageBatch.html>

use api::sqs::{
    DeleteMessageBatchRequest, DeleteMessageBatchRequestEntry, DeleteMessageBatchResult,
    DeleteMessageBatchResultEntry,
};

use crate::batch;
use crate::command::{Command, Handle};
use crate::error::Error;
use crate::op::delete_message::{open, settle};
use crate::op::{Plan, required};
use crate::outcome::{HandleFate, Outcome};
use crate::queue::Queue;

const ENTRY: &str = "DeleteMessageBatchRequestEntry";

/// The ids of all entries, in the order of the request, each with its handle's text or its failure.
#[derive(Debug)]
pub struct Keep {
    entries: Vec<(String, Result<String, Error>)>,
}

pub fn prepare(
    queue: &Queue,
    input: &DeleteMessageBatchRequest<'_>,
) -> Result<Plan<'static, Keep>, Error> {
    let entries = input.entries.as_deref().unwrap_or_default();
    batch::check(ENTRY, entries.iter().map(|entry| &entry.id))?;
    let mut handles = Vec::with_capacity(entries.len());
    let mut keep = Vec::with_capacity(entries.len());
    for (number, entry) in (1..).zip(entries) {
        let opened = prepare_entry(queue, entry).map(|(text, handle)| {
            handles.push(handle);
            text
        });
        keep.push((
            batch::id(&entry.id),
            opened.map_err(|error| error.in_entry(ENTRY, number)),
        ));
    }
    Ok(Plan {
        command: if handles.is_empty() {
            None
        } else {
            Some(Command::Delete(handles))
        },
        keep: Keep { entries: keep },
    })
}

fn prepare_entry(
    queue: &Queue,
    entry: &DeleteMessageBatchRequestEntry<'_>,
) -> Result<(String, Handle), Error> {
    let text = required(&entry.receipt_handle, "ReceiptHandle")?;
    Ok((text.to_owned(), open(queue, text)?))
}

pub fn reply(keep: Keep, outcome: Outcome) -> Result<DeleteMessageBatchResult<'static>, Error> {
    let mut fates = fates(outcome).into_iter();
    let mut successful = Vec::with_capacity(keep.entries.len());
    let mut failed = Vec::new();
    for (id, entry) in keep.entries {
        let settled = entry.and_then(|handle| {
            let fate = fates.next().expect("every handle has a fate");
            settle(&handle, fate)
        });
        match settled {
            Ok(()) => successful.push(DeleteMessageBatchResultEntry {
                id: Some(id.into()),
            }),
            Err(error) => failed.push(batch::failed(id, &error)),
        }
    }
    Ok(DeleteMessageBatchResult {
        successful: batch::some(successful),
        failed: batch::some(failed),
    })
}

fn fates(outcome: Outcome) -> Vec<HandleFate> {
    match outcome {
        Outcome::Deleted(fates) => fates,
        Outcome::Done => Vec::new(),
        Outcome::Sent(_)
        | Outcome::Received(_)
        | Outcome::Changed(_)
        | Outcome::MoveStarted(_)
        | Outcome::MoveCancelled(_)
        | Outcome::MoveStepped => panic!("a queue answers Delete with Deleted"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::op::samples::{HANDLE, queue, standard};

    fn entry<'a>(id: &'a str, handle: &'a str) -> DeleteMessageBatchRequestEntry<'a> {
        DeleteMessageBatchRequestEntry {
            id: Some(id.into()),
            receipt_handle: Some(handle.into()),
        }
    }

    fn batch(entries: Vec<DeleteMessageBatchRequestEntry<'_>>) -> DeleteMessageBatchRequest<'_> {
        DeleteMessageBatchRequest {
            queue_url: None,
            entries: Some(entries),
        }
    }

    #[test]
    fn garbage_fails_its_entry_only() {
        let queue = queue(standard());
        let handle = queue.seal_handle(HANDLE);
        let plan = prepare(
            &queue,
            &batch(vec![entry("a", "garbage"), entry("b", &handle)]),
        )
        .unwrap();
        assert_eq!(plan.command, Some(Command::Delete(vec![HANDLE])));
        let result = reply(plan.keep, Outcome::Deleted(vec![HandleFate::Gone])).unwrap();
        assert_eq!(result.successful.unwrap()[0].id.as_deref(), Some("b"));
        let failed = &result.failed.unwrap()[0];
        assert_eq!(failed.id.as_deref(), Some("a"));
        assert_eq!(failed.code.as_deref(), Some("ReceiptHandleIsInvalid"));
        assert_eq!(failed.sender_fault, Some(true));
    }

    #[test]
    fn the_whole_call_is_checked_before_any_handle() {
        let queue = queue(standard());
        assert_eq!(
            prepare(&queue, &batch(vec![entry("invalid:id", "garbage")])).unwrap_err(),
            Error::InvalidBatchEntryId
        );
        assert_eq!(
            prepare(&queue, &batch(vec![])).unwrap_err().message(),
            "There should be at least one DeleteMessageBatchRequestEntry in the request."
        );
    }

    #[test]
    fn a_batch_of_garbage_journals_nothing() {
        let plan = prepare(&queue(standard()), &batch(vec![entry("a", "garbage")])).unwrap();
        assert_eq!(plan.command, None);
        assert_eq!(reply(plan.keep, Outcome::Done).unwrap().successful, None);
    }
}
