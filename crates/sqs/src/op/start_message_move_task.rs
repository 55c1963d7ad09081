//! StartMessageMoveTask: bring the messages of a dead-letter queue back, or elsewhere.
//!
//! <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_StartMessageMoveTask.html>

use api::sqs::{StartMessageMoveTaskRequest, StartMessageMoveTaskResult};
use domain::Arn;

use crate::command::{Command, Ids, StartMove};
use crate::error::Error;
use crate::limits;
use crate::op::{Plan, required};
use crate::outcome::{MoveStart, Outcome};
use crate::redrive_policy::Lookup;
use crate::task_handle;

#[derive(Debug)]
pub struct Keep {
    source: Arn,
    task: [u8; 16],
}

/// The queue whose messages are to be moved.
pub fn source(input: &StartMessageMoveTaskRequest<'_>) -> Result<Arn, Error> {
    parse_arn(required(&input.source_arn, "SourceArn")?, "SourceArn")
}

/// Checks in AWS's order: the source is there, is someone's dead-letter queue, the destination is there. That no
/// task runs is for the source itself to say, in [`reply`].
///
/// `is_dead_letter` says whether the redrive policy of any queue names this one.
pub fn prepare(
    input: &StartMessageMoveTaskRequest<'_>,
    ids: Ids<'_>,
    lookup: Lookup<'_>,
    is_dead_letter: &dyn Fn(&Arn) -> bool,
) -> Result<Plan<'static, Keep>, Error> {
    let source = source(input)?;
    let destination = input
        .destination_arn
        .as_deref()
        .map(|arn| parse_arn(arn, "DestinationArn"));
    let destination = destination.transpose()?;
    let rate = input
        .max_number_of_messages_per_second
        .map(rate)
        .transpose()?;
    let source_kind = lookup(&source).ok_or(NO_SOURCE)?;
    if !is_dead_letter(&source) {
        return Err(Error::InvalidParameterValue(
            "Source queue must be configured as a Dead Letter Queue.".into(),
        ));
    }
    if let Some(destination) = &destination {
        let kind = lookup(destination).ok_or(NO_DESTINATION)?;
        if kind.fifo != source_kind.fifo {
            return Err(Error::InvalidParameterValue(
                "Destination queue must be same type of queue as the source.".into(),
            ));
        }
    }
    let task = task_handle::task_id(ids());
    Ok(Plan {
        command: Some(Command::StartMove(StartMove {
            task,
            destination,
            rate,
        })),
        keep: Keep { source, task },
    })
}

pub const NO_SOURCE: Error = Error::ResourceNotFound(
    "The resource that you specified for the SourceArn parameter doesn't exist.",
);
const NO_DESTINATION: Error = Error::ResourceNotFound(
    "The resource that you specified for the DestinationArn parameter doesn't exist.",
);

pub(crate) fn parse_arn(text: &str, parameter: &str) -> Result<Arn, Error> {
    Arn::parse(text).map_err(|_| {
        Error::InvalidParameterValue(
            format!(
                "You must use this format to specify the {parameter}: \
                 arn:<partition>:<service>:<region>:<account-id>:<resource-id>"
            )
            .into(),
        )
    })
}

fn rate(given: i32) -> Result<u32, Error> {
    if !limits::MOVE_RATE.contains(&given) {
        return Err(Error::value(
            "MaxNumberOfMessagesPerSecond",
            given,
            "Must be between 1 and 500, if provided.",
        ));
    }
    Ok(given as u32)
}

pub fn reply(keep: &Keep, outcome: Outcome) -> Result<StartMessageMoveTaskResult<'static>, Error> {
    let Outcome::MoveStarted(start) = outcome else {
        panic!("a queue answers StartMove with MoveStarted");
    };
    match start {
        MoveStart::Started => Ok(StartMessageMoveTaskResult {
            task_handle: Some(task_handle::encode(keep.task, &keep.source).into()),
        }),
        MoveStart::AlreadyRunning => Err(Error::InvalidParameterValue(
            "There is already a task running. Only one active task is allowed for a source queue arn at a \
             given time."
                .into(),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::op::samples::ids;
    use crate::redrive_policy::QueueKind;

    const DEAD: &str = "arn:aws:sqs:us-east-1:000000000000:dead";
    const OTHER: &str = "arn:aws:sqs:us-east-1:000000000000:other";
    const FIFO: &str = "arn:aws:sqs:us-east-1:000000000000:other.fifo";

    fn request(
        source: &'static str,
        destination: Option<&'static str>,
    ) -> StartMessageMoveTaskRequest<'static> {
        StartMessageMoveTaskRequest {
            source_arn: Some(source.into()),
            destination_arn: destination.map(Into::into),
            max_number_of_messages_per_second: None,
        }
    }

    /// Starts where `dead`, the only dead-letter queue, and two other queues are.
    fn start(input: &StartMessageMoveTaskRequest<'_>) -> Result<Plan<'static, Keep>, Error> {
        let lookup = |arn: &Arn| {
            let known = [DEAD, OTHER, FIFO].contains(&arn.as_str());
            let fifo = arn.as_str().ends_with(".fifo");
            known.then_some(QueueKind {
                fifo,
                redrive_allow: None,
            })
        };
        prepare(input, &mut ids(), &lookup, &|arn| arn.as_str() == DEAD)
    }

    fn refusal(input: &StartMessageMoveTaskRequest<'_>) -> (u16, String) {
        let error = start(input).unwrap_err();
        (error.kind().status, error.message().into_owned())
    }

    #[test]
    fn a_task_goes_back_to_the_sources_or_to_one_destination() {
        let command = |input: &StartMessageMoveTaskRequest<'_>| {
            let Some(Command::StartMove(start)) = start(input).unwrap().command else {
                panic!("a task begins with StartMove");
            };
            start
        };
        assert_eq!(command(&request(DEAD, None)).destination, None);
        let input = StartMessageMoveTaskRequest {
            max_number_of_messages_per_second: Some(500),
            ..request(DEAD, Some(OTHER))
        };
        let start = command(&input);
        assert_eq!(
            (start.destination.unwrap().as_str(), start.rate),
            (OTHER, Some(500))
        );
    }

    #[test]
    fn the_source_is_looked_at_before_the_destination() {
        let nowhere = "arn:aws:sqs:us-east-1:000000000000:nowhere";
        assert_eq!(
            refusal(&request(nowhere, Some(nowhere))),
            (
                404,
                "The resource that you specified for the SourceArn parameter doesn't exist.".into()
            )
        );
        assert_eq!(
            refusal(&request(OTHER, Some(nowhere))),
            (
                400,
                "Source queue must be configured as a Dead Letter Queue.".into()
            )
        );
        assert_eq!(
            refusal(&request(DEAD, Some(nowhere))),
            (
                404,
                "The resource that you specified for the DestinationArn parameter doesn't exist."
                    .into()
            )
        );
        assert_eq!(refusal(&request(DEAD, Some(FIFO))).0, 400);
    }

    #[test]
    fn arns_are_of_the_form_of_arns() {
        assert_eq!(
            refusal(&request("dead", None)).1,
            "You must use this format to specify the SourceArn: \
             arn:<partition>:<service>:<region>:<account-id>:<resource-id>"
        );
        assert_eq!(
            start(&StartMessageMoveTaskRequest::default()).unwrap_err(),
            Error::MissingParameter("SourceArn")
        );
    }

    #[test]
    fn a_rate_lies_between_1_and_500() {
        for rate in [0, 501] {
            let input = StartMessageMoveTaskRequest {
                max_number_of_messages_per_second: Some(rate),
                ..request(DEAD, None)
            };
            assert_eq!(refusal(&input).0, 400);
        }
    }

    #[test]
    fn the_handle_names_source_and_task_and_only_one_task_runs() {
        let plan = start(&request(DEAD, None)).unwrap();
        let Some(Command::StartMove(StartMove { task, .. })) = plan.command else {
            panic!("a task begins with StartMove");
        };
        let result = reply(&plan.keep, Outcome::MoveStarted(MoveStart::Started)).unwrap();
        let handle = task_handle::decode(&result.task_handle.unwrap()).unwrap();
        assert_eq!((handle.source.as_str(), handle.task), (DEAD, Some(task)));
        let busy = reply(&plan.keep, Outcome::MoveStarted(MoveStart::AlreadyRunning)).unwrap_err();
        assert_eq!(
            busy.message(),
            "There is already a task running. Only one active task is allowed for a source queue arn at a given \
             time."
        );
    }
}
