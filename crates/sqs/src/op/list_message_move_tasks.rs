//! ListMessageMoveTasks: the latest moves out of a queue, newest first.
//!
//! <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ListMessageMoveTasks.html>

use api::sqs::{
    ListMessageMoveTasksRequest, ListMessageMoveTasksResult, ListMessageMoveTasksResultEntry,
};
use domain::Arn;

use crate::batch;
use crate::error::Error;
use crate::limits;
use crate::move_task::{MoveFailure, MoveStatus, MoveTask};
use crate::op::required;
use crate::op::start_message_move_task::parse_arn;
use crate::queue::Queue;
use crate::task_handle;

pub use crate::op::start_message_move_task::NO_SOURCE;

/// The queue that is asked about; [`NO_SOURCE`] if it does not exist.
pub fn source(input: &ListMessageMoveTasksRequest<'_>) -> Result<Arn, Error> {
    parse_arn(required(&input.source_arn, "SourceArn")?, "SourceArn")
}

pub fn reply(
    queue: &Queue,
    input: &ListMessageMoveTasksRequest<'_>,
) -> Result<ListMessageMoveTasksResult<'static>, Error> {
    let max = input.max_results.unwrap_or(1);
    if !limits::MOVE_TASKS_LISTED.contains(&max) {
        return Err(Error::value(
            "MaxResults",
            max,
            "Must be between 1 and 10, if provided.",
        ));
    }
    let source = queue.config().arn();
    let entries = queue
        .move_tasks()
        .take(max as usize)
        .map(|task| entry(&source, task));
    Ok(ListMessageMoveTasksResult {
        results: batch::some(entries.collect()),
    })
}

/// The handle is shown only while it is good for something.
fn entry(source: &Arn, task: &MoveTask) -> ListMessageMoveTasksResultEntry<'static> {
    let running = task.status == MoveStatus::Running;
    ListMessageMoveTasksResultEntry {
        task_handle: running.then(|| task_handle::encode(task.id, source).into()),
        status: Some(task.status.as_str().into()),
        source_arn: Some(source.as_str().to_owned().into()),
        destination_arn: task
            .destination
            .as_ref()
            .map(|arn| arn.as_str().to_owned().into()),
        max_number_of_messages_per_second: task.rate.map(|rate| rate as i32),
        approximate_number_of_messages_moved: Some(task.moved as i64),
        approximate_number_of_messages_to_move: Some(task.total as i64),
        failure_reason: task
            .status
            .failure()
            .map(MoveFailure::as_str)
            .map(Into::into),
        started_timestamp: Some(task.started.millis() as i64),
    }
}

#[cfg(test)]
mod tests {
    use domain::{Effects, Machine as _, Offset, Stamp};

    use super::*;
    use crate::command::{Command, Outgoing, StartMove};
    use crate::message::{MessageId, Payload};
    use crate::op::samples::{queue, seconds, standard};

    const TARGET: &str = "arn:aws:sqs:us-east-1:000000000000:target";

    /// A queue with a message, whose first task was cancelled and whose second one runs.
    fn moving() -> Queue {
        let mut queue = queue(standard());
        let payload = Payload {
            id: MessageId([1; 16]),
            body: "m",
            body_md5: [0; 16],
            attributes: Vec::new(),
            attributes_md5: None,
            sender: "s",
            trace_header: None,
            group: None,
            dedup: None,
        };
        let message = Outgoing {
            payload,
            body: domain::Body::default(),
            delay: None,
        };
        let start = |task, rate| {
            let destination = Some(Arn::parse(TARGET).unwrap());
            Command::StartMove(StartMove {
                task: [task; 16],
                destination,
                rate,
            })
        };
        let commands = [
            Command::Send(vec![message]),
            start(1, Some(5)),
            Command::CancelMove([1; 16]),
            start(2, None),
        ];
        for (n, command) in commands.into_iter().enumerate() {
            let at = Stamp {
                time: seconds(n as u64),
                offset: Offset(n as u64),
            };
            queue.apply(at, command, &mut Effects::default());
        }
        queue
    }

    fn list(queue: &Queue, max: Option<i32>) -> Vec<ListMessageMoveTasksResultEntry<'static>> {
        let input = ListMessageMoveTasksRequest {
            source_arn: None,
            max_results: max,
        };
        reply(queue, &input).unwrap().results.unwrap_or_default()
    }

    #[test]
    fn the_newest_task_is_listed_with_its_handle_while_it_runs() {
        let entries = list(&moving(), None);
        let source = standard().arn();
        assert_eq!(
            entries,
            [ListMessageMoveTasksResultEntry {
                task_handle: Some(task_handle::encode([2; 16], &source).into()),
                status: Some("RUNNING".into()),
                source_arn: Some(source.as_str().into()),
                destination_arn: Some(TARGET.into()),
                max_number_of_messages_per_second: None,
                approximate_number_of_messages_moved: Some(0),
                approximate_number_of_messages_to_move: Some(1),
                failure_reason: None,
                started_timestamp: Some(1_000_003_000),
            }]
        );
    }

    #[test]
    fn an_ended_task_has_no_handle() {
        let entries = list(&moving(), Some(10));
        assert_eq!(entries.len(), 2);
        let cancelled = &entries[1];
        assert_eq!(cancelled.status.as_deref(), Some("CANCELLED"));
        assert_eq!(
            (&cancelled.task_handle, &cancelled.failure_reason),
            (&None, &None)
        );
        assert_eq!(cancelled.max_number_of_messages_per_second, Some(5));
    }

    #[test]
    fn a_queue_without_tasks_has_no_list() {
        let input = ListMessageMoveTasksRequest::default();
        assert_eq!(reply(&queue(standard()), &input).unwrap().results, None);
    }

    #[test]
    fn at_most_10_tasks_are_listed() {
        for max in [0, 11] {
            let input = ListMessageMoveTasksRequest {
                source_arn: None,
                max_results: Some(max),
            };
            let error = reply(&moving(), &input).unwrap_err();
            assert_eq!(error.kind().code, "InvalidParameterValue");
        }
    }
}
