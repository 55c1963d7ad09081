//! CancelMessageMoveTask: stop a running move; what is moved stays moved.
//!
//! <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CancelMessageMoveTask.html>

use api::sqs::{CancelMessageMoveTaskRequest, CancelMessageMoveTaskResult};
use domain::Arn;

use crate::command::Command;
use crate::error::Error;
use crate::op::start_message_move_task::NO_SOURCE;
use crate::op::{Plan, required};
use crate::outcome::{MoveCancel, Outcome};
use crate::task_handle;

const NO_TASK: Error = Error::ResourceNotFound("Task does not exist.");

/// The plan, for the queue that the handle names. `exists` says whether a queue is there.
pub fn prepare(
    input: &CancelMessageMoveTaskRequest<'_>,
    exists: &dyn Fn(&Arn) -> bool,
) -> Result<(Arn, Plan<'static, ()>), Error> {
    let text = required(&input.task_handle, "TaskHandle")?;
    let handle = task_handle::decode(text).ok_or(Error::InvalidParameterValue(
        "Value for parameter TaskHandle is invalid.".into(),
    ))?;
    if !exists(&handle.source) {
        return Err(NO_SOURCE);
    }
    let task = handle.task.ok_or(NO_TASK)?;
    Ok((
        handle.source,
        Plan {
            command: Some(Command::CancelMove(task)),
            keep: (),
        },
    ))
}

pub fn reply(outcome: Outcome) -> Result<CancelMessageMoveTaskResult, Error> {
    let Outcome::MoveCancelled(cancel) = outcome else {
        panic!("a queue answers CancelMove with MoveCancelled");
    };
    match cancel {
        MoveCancel::Cancelled(moved) => Ok(CancelMessageMoveTaskResult {
            approximate_number_of_messages_moved: Some(moved as i64),
        }),
        MoveCancel::NotRunning => Err(NO_TASK),
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::prelude::BASE64_STANDARD;

    use super::*;

    const DEAD: &str = "arn:aws:sqs:us-east-1:000000000000:dead";

    fn cancel(handle: &str, exists: bool) -> Result<(Arn, Plan<'static, ()>), Error> {
        let input = CancelMessageMoveTaskRequest {
            task_handle: Some(handle.into()),
        };
        prepare(&input, &|arn| exists && arn.as_str() == DEAD)
    }

    fn refusal(handle: &str, exists: bool) -> (u16, String) {
        let error = cancel(handle, exists).unwrap_err();
        (error.kind().status, error.message().into_owned())
    }

    #[test]
    fn a_handle_leads_to_its_queue_and_task() {
        let task = task_handle::task_id([3; 16]);
        let handle = task_handle::encode(task, &Arn::parse(DEAD).unwrap());
        let (source, plan) = cancel(&handle, true).unwrap();
        assert_eq!(
            (source.as_str(), plan.command),
            (DEAD, Some(Command::CancelMove(task)))
        );
        assert_eq!(
            refusal(&handle, false),
            (
                404,
                "The resource that you specified for the SourceArn parameter doesn't exist.".into()
            )
        );
    }

    #[test]
    fn what_is_no_handle_and_what_is_no_task_are_told_apart() {
        assert_eq!(
            refusal("foobared", true),
            (400, "Value for parameter TaskHandle is invalid.".into())
        );
        let handle =
            BASE64_STANDARD.encode(format!(r#"{{"taskId":"foobar","sourceArn":"{DEAD}"}}"#));
        assert_eq!(refusal(&handle, true), (404, "Task does not exist.".into()));
        assert_eq!(
            refusal("", true),
            (
                400,
                "The request must contain the parameter TaskHandle.".into()
            )
        );
    }

    #[test]
    fn cancelling_says_how_many_messages_had_moved() {
        let result = reply(Outcome::MoveCancelled(MoveCancel::Cancelled(2))).unwrap();
        assert_eq!(result.approximate_number_of_messages_moved, Some(2));
        let gone = reply(Outcome::MoveCancelled(MoveCancel::NotRunning)).unwrap_err();
        assert_eq!(gone.message(), "Task does not exist.");
    }
}
