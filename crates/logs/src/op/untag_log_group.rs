//! UntagLogGroup: take tags from a group; its `tags` are keys.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_UntagLogGroup.html>

use api::Error;
use api::logs::UntagLogGroupRequest;

use crate::checks::{Checks, GROUP_NAME};
use crate::group::LogGroup;
use crate::op::Plan;
use crate::tags;

pub fn locate<'i>(input: &'i UntagLogGroupRequest<'_>) -> Result<&'i str, Error> {
    let mut checks = Checks::new();
    checks
        .required("logGroupName", input.log_group_name.as_ref(), &GROUP_NAME)
        .present("tags", input.tags.is_some());
    tags::check_keys(&mut checks, "tags", input.tags.as_ref());
    checks.done()?;
    Ok(input.log_group_name.as_deref().unwrap_or_default())
}

pub fn prepare(group: &LogGroup, input: &UntagLogGroupRequest<'_>) -> Plan<'static> {
    let mut config = group.config().clone();
    tags::remove(&mut config, input.tags.as_ref());
    Plan::configure(group.config(), config)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::Command;
    use crate::op::samples::{World, list};

    #[test]
    fn named_tags_go_and_unknown_ones_are_no_error() {
        let mut world = World::new();
        let mut config = world.group.config().clone();
        config.tags = vec![("a".into(), "1".into()), ("b".into(), "2".into())];
        world.apply(&Command::Configure(Box::new(config)));
        let input = UntagLogGroupRequest {
            log_group_name: Some("g".into()),
            tags: list(&["a", "unknown"]),
        };
        assert_eq!(locate(&input), Ok("g"));
        world.apply(&prepare(&world.group, &input).command.unwrap());
        assert_eq!(world.group.config().tags, [("b".into(), "2".into())]);
        assert_eq!(prepare(&world.group, &input).command, None);
    }
}
