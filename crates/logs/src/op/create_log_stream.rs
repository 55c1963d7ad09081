//! CreateLogStream: a stream of a name in a group, which must not be there.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogStream.html>

use api::Error;
use api::logs::CreateLogStreamRequest;

use crate::checks::{Checks, GROUP_NAME, STREAM_NAME};
use crate::command::Command;
use crate::error;
use crate::group::LogGroup;
use crate::op::Plan;

pub fn locate<'i>(input: &'i CreateLogStreamRequest<'_>) -> Result<&'i str, Error> {
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

pub fn prepare<'i>(
    group: &LogGroup,
    input: &'i CreateLogStreamRequest<'_>,
) -> Result<Plan<'i>, Error> {
    let name = input.log_stream_name.as_deref().unwrap_or_default();
    if group.has_stream(name) {
        return Err(error::stream_exists());
    }
    Ok(Plan::of(Command::CreateStream(name)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::op::samples::World;

    fn stream(name: &str) -> CreateLogStreamRequest<'_> {
        CreateLogStreamRequest {
            log_group_name: Some("g".into()),
            log_stream_name: Some(name.into()),
        }
    }

    #[test]
    fn a_stream_is_made_once() {
        let mut world = World::new();
        let input = stream("s");
        let plan = prepare(&world.group, &input).unwrap();
        world.apply(&plan.command.unwrap());
        assert!(world.group.has_stream("s"));
        let error = prepare(&world.group, &stream("s")).unwrap_err();
        assert_eq!(error.kind.code, "ResourceAlreadyExistsException");
        assert_eq!(error.message, "The specified log stream already exists");
        assert!(prepare(&world.group, &stream("S")).is_ok());
    }

    #[test]
    fn colons_and_asterisks_are_in_no_streams_name() {
        assert_eq!(locate(&stream("2026/1/[$LATEST]1f")), Ok("g"));
        for name in ["a:b", "*", ""] {
            assert!(locate(&stream(name)).is_err(), "{name}");
        }
    }
}
