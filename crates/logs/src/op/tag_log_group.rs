//! TagLogGroup: give a group tags, or known tags another value.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_TagLogGroup.html>

use api::Error;
use api::logs::{TagLogGroupRequest, error as kind};

use crate::checks::{Checks, GROUP_NAME};
use crate::group::LogGroup;
use crate::op::Plan;
use crate::tags;

pub fn locate<'i>(input: &'i TagLogGroupRequest<'_>) -> Result<&'i str, Error> {
    let mut checks = Checks::new();
    checks
        .required("logGroupName", input.log_group_name.as_ref(), &GROUP_NAME)
        .present("tags", input.tags.is_some());
    tags::check(&mut checks, input.tags.as_ref());
    checks.done()?;
    Ok(input.log_group_name.as_deref().unwrap_or_default())
}

pub fn prepare(group: &LogGroup, input: &TagLogGroupRequest<'_>) -> Result<Plan<'static>, Error> {
    let mut config = group.config().clone();
    tags::add(
        &mut config,
        input.tags.as_ref(),
        &kind::INVALID_PARAMETER_EXCEPTION,
    )?;
    Ok(Plan::configure(group.config(), config))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::op::samples::{World, map};

    #[test]
    fn tags_are_added_to_those_there() {
        let mut world = World::new();
        for (tags, wanted) in [
            (map(&[("a", "1")]), map(&[("a", "1")])),
            (
                map(&[("b", "2"), ("a", "0")]),
                map(&[("a", "0"), ("b", "2")]),
            ),
        ] {
            let input = TagLogGroupRequest {
                log_group_name: Some("g".into()),
                tags,
            };
            assert_eq!(locate(&input), Ok("g"));
            world.apply(&prepare(&world.group, &input).unwrap().command.unwrap());
            assert_eq!(tags::of(world.group.config()), wanted.unwrap());
        }
    }

    #[test]
    fn tags_are_required() {
        let input = TagLogGroupRequest {
            log_group_name: Some("g".into()),
            tags: None,
        };
        let error = locate(&input).unwrap_err();
        assert_eq!(
            error.message,
            "1 validation error detected: Value null at 'tags' failed to satisfy constraint: Member must not be null"
        );
    }
}
