//! ChangeMessageVisibilityBatch: hide up to ten received messages until another time, or show them again.
//!
//! <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ChangeMessageVisibilityBatch.html>

use api::sqs::{
    ChangeMessageVisibilityBatchRequest, ChangeMessageVisibilityBatchResult,
    ChangeMessageVisibilityBatchResultEntry,
};

use crate::batch;
use crate::command::Command;
use crate::error::Error;
use crate::op::Plan;
use crate::op::change_message_visibility::{self, change_of, settle};
use crate::outcome::{HandleFate, Outcome};
use crate::queue::Queue;

const ENTRY: &str = "ChangeMessageVisibilityBatchRequestEntry";

/// The ids of all entries, in the order of the request, each with what it asked for or its failure.
#[derive(Debug)]
pub struct Keep {
    entries: Vec<(String, Result<change_message_visibility::Keep, Error>)>,
}

pub fn prepare(
    queue: &Queue,
    input: &ChangeMessageVisibilityBatchRequest<'_>,
) -> Result<Plan<'static, Keep>, Error> {
    let entries = input.entries.as_deref().unwrap_or_default();
    batch::check(ENTRY, entries.iter().map(|entry| &entry.id))?;
    let mut changes = Vec::with_capacity(entries.len());
    let mut keep = Vec::with_capacity(entries.len());
    for (number, entry) in (1..).zip(entries) {
        let change = change_of(queue, &entry.receipt_handle, entry.visibility_timeout);
        let change = change.map(|(handle, keep)| {
            changes.push((handle, keep.timeout));
            keep
        });
        keep.push((
            batch::id(&entry.id),
            change.map_err(|error| error.in_entry(ENTRY, number)),
        ));
    }
    Ok(Plan {
        command: if changes.is_empty() {
            None
        } else {
            Some(Command::ChangeVisibility(changes))
        },
        keep: Keep { entries: keep },
    })
}

pub fn reply(
    keep: Keep,
    outcome: Outcome,
) -> Result<ChangeMessageVisibilityBatchResult<'static>, Error> {
    let mut fates = fates(outcome).into_iter();
    let mut successful = Vec::with_capacity(keep.entries.len());
    let mut failed = Vec::new();
    for (id, entry) in keep.entries {
        let settled = entry.and_then(|entry| {
            let fate = fates.next().expect("every handle has a fate");
            settle(&entry, fate)
        });
        match settled {
            Ok(()) => successful.push(ChangeMessageVisibilityBatchResultEntry {
                id: Some(id.into()),
            }),
            Err(error) => failed.push(batch::failed(id, &error)),
        }
    }
    Ok(ChangeMessageVisibilityBatchResult {
        successful: batch::some(successful),
        failed: batch::some(failed),
    })
}

fn fates(outcome: Outcome) -> Vec<HandleFate> {
    match outcome {
        Outcome::Changed(fates) => fates,
        Outcome::Done => Vec::new(),
        Outcome::Sent(_)
        | Outcome::Received(_)
        | Outcome::Deleted(_)
        | Outcome::MoveStarted(_)
        | Outcome::MoveCancelled(_)
        | Outcome::MoveStepped => panic!("a queue answers ChangeVisibility with Changed"),
    }
}

#[cfg(test)]
mod tests {
    use api::sqs::ChangeMessageVisibilityBatchRequestEntry;
    use domain::Seconds;

    use super::*;
    use crate::op::samples::{HANDLE, queue, standard};

    fn entry<'a>(
        id: &'a str,
        handle: &'a str,
        timeout: Option<i32>,
    ) -> ChangeMessageVisibilityBatchRequestEntry<'a> {
        ChangeMessageVisibilityBatchRequestEntry {
            id: Some(id.into()),
            receipt_handle: Some(handle.into()),
            visibility_timeout: timeout,
        }
    }

    fn batch(
        entries: Vec<ChangeMessageVisibilityBatchRequestEntry<'_>>,
    ) -> ChangeMessageVisibilityBatchRequest<'_> {
        ChangeMessageVisibilityBatchRequest {
            queue_url: None,
            entries: Some(entries),
        }
    }

    #[test]
    fn each_entry_has_its_own_timeout_and_its_own_failure() {
        let queue = queue(standard());
        let handle = queue.seal_handle(HANDLE);
        let input = batch(vec![
            entry("a", &handle, Some(5)),
            entry("b", &handle, Some(43_201)),
            entry("c", &handle, None),
            entry("d", &handle, Some(0)),
        ]);
        let plan = prepare(&queue, &input).unwrap();
        assert_eq!(
            plan.command,
            Some(Command::ChangeVisibility(vec![
                (HANDLE, Seconds(5)),
                (HANDLE, Seconds(0))
            ]))
        );
        let outcome = Outcome::Changed(vec![HandleFate::Done, HandleFate::Gone]);
        let result = reply(plan.keep, outcome).unwrap();
        assert_eq!(result.successful.unwrap()[0].id.as_deref(), Some("a"));
        let failed = result.failed.unwrap();
        let codes: Vec<_> = failed
            .iter()
            .map(|entry| (entry.id.as_deref().unwrap(), entry.code.as_deref().unwrap()))
            .collect();
        assert_eq!(
            codes,
            [
                ("b", "InvalidParameterValue"),
                ("c", "MissingParameter"),
                ("d", "InvalidParameterValue")
            ]
        );
        assert_eq!(
            failed[1].message.as_deref(),
            Some(
                "The request must contain the parameter \
                 ChangeMessageVisibilityBatchRequestEntry.3.VisibilityTimeout."
            )
        );
    }

    #[test]
    fn the_whole_call_is_checked_before_any_handle() {
        let twice = batch(vec![
            entry("a", "garbage", None),
            entry("a", "garbage", None),
        ]);
        assert_eq!(
            prepare(&queue(standard()), &twice).unwrap_err(),
            Error::BatchEntryIdsNotDistinct { id: "a".into() }
        );
    }
}
