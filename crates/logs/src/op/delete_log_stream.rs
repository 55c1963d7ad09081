//! DeleteLogStream: a stream goes, with its events.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DeleteLogStream.html>

use api::Error;
use api::logs::DeleteLogStreamRequest;

use crate::checks::{Checks, GROUP_NAME, STREAM_NAME};
use crate::command::Command;
use crate::error;
use crate::group::LogGroup;
use crate::op::Plan;

pub fn locate<'i>(input: &'i DeleteLogStreamRequest<'_>) -> Result<&'i str, Error> {
    Checks::new()
        .required("logGroupName", input.log_group_name.as_ref(), &GROUP_NAME)
        .required(
            "logStreamName",
            input.log_stream_name.as_ref(),
            &STREAM_NAME,
        )
        .done()?;
    Ok(input.log_group_name.as_deref().unwrap_or_default())
}

/// A group's deletion protection holds for its streams too.
pub fn prepare<'i>(
    group: &LogGroup,
    input: &'i DeleteLogStreamRequest<'_>,
) -> Result<Plan<'i>, Error> {
    let name = input.log_stream_name.as_deref().unwrap_or_default();
    if !group.has_stream(name) {
        return Err(error::no_such_stream());
    }
    if group.config().protected {
        return Err(error::protected());
    }
    Ok(Plan::of(Command::DeleteStream(name)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::op::samples::World;

    fn stream(name: &str) -> DeleteLogStreamRequest<'_> {
        DeleteLogStreamRequest {
            log_group_name: Some("g".into()),
            log_stream_name: Some(name.into()),
        }
    }

    #[test]
    fn a_deleted_stream_leaves_nothing_and_can_be_made_again() {
        let mut world = World::with(&[("s", 0, "gone"), ("t", 0, "stays")]);
        let input = stream("s");
        let plan = prepare(&world.group, &input).unwrap();
        world.apply(&plan.command.unwrap());
        assert_eq!(
            prepare(&world.group, &stream("s")).unwrap_err(),
            error::no_such_stream()
        );
        world.apply(&Command::CreateStream("s"));
        assert!(world.messages("s").is_empty());
        assert_eq!(world.messages("t"), ["stays"]);
        assert_eq!(world.group.stored_bytes(), 5 + 26);
    }

    #[test]
    fn streams_of_a_protected_group_stay() {
        let mut world = World::with(&[("s", 0, "stays")]);
        let mut config = world.group.config().clone();
        config.protected = true;
        world.apply(&Command::Configure(Box::new(config)));
        let error = prepare(&world.group, &stream("s")).unwrap_err();
        assert_eq!(error.kind.code, "ValidationException");
    }
}
