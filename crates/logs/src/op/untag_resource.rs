//! UntagResource: take tags from a group by its ARN.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_UntagResource.html>

use api::Error;
use api::logs::UntagResourceRequest;

use crate::checks::{Checks, RESOURCE_ARN};
use crate::group::LogGroup;
use crate::op::Plan;
use crate::owner::Owner;
use crate::tags;

pub fn locate<'i>(owner: &Owner, input: &'i UntagResourceRequest<'_>) -> Result<&'i str, Error> {
    let mut checks = Checks::new();
    checks
        .required("resourceArn", input.resource_arn.as_ref(), &RESOURCE_ARN)
        .present("tagKeys", input.tag_keys.is_some());
    tags::check_keys(&mut checks, "tagKeys", input.tag_keys.as_ref());
    checks.done()?;
    owner.resource(input.resource_arn.as_deref().unwrap_or_default())
}

pub fn prepare(group: &LogGroup, input: &UntagResourceRequest<'_>) -> Plan<'static> {
    let mut config = group.config().clone();
    tags::remove(&mut config, input.tag_keys.as_ref());
    Plan::configure(group.config(), config)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::Command;
    use crate::op::samples::{OWNER, World, list};

    #[test]
    fn named_tags_go_and_unknown_ones_are_no_error() {
        let mut world = World::new();
        let mut config = world.group.config().clone();
        config.tags = vec![("a".into(), "1".into()), ("b".into(), "2".into())];
        world.apply(&Command::Configure(Box::new(config)));
        let input = UntagResourceRequest {
            resource_arn: Some("arn:aws:logs:us-east-1:000000000000:log-group:g".into()),
            tag_keys: list(&["a", "unknown"]),
        };
        assert_eq!(locate(&OWNER, &input), Ok("g"));
        world.apply(&prepare(&world.group, &input).command.unwrap());
        assert_eq!(world.group.config().tags, [("b".into(), "2".into())]);
        assert_eq!(prepare(&world.group, &input).command, None);
    }
}
