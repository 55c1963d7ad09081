//! TagResource: give a group tags by its ARN, or known tags another value.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_TagResource.html>

use api::Error;
use api::logs::{TagResourceRequest, error as kind};

use crate::checks::{Checks, RESOURCE_ARN};
use crate::group::LogGroup;
use crate::op::Plan;
use crate::owner::Owner;
use crate::tags;

pub fn locate<'i>(owner: &Owner, input: &'i TagResourceRequest<'_>) -> Result<&'i str, Error> {
    let mut checks = Checks::new();
    checks
        .required("resourceArn", input.resource_arn.as_ref(), &RESOURCE_ARN)
        .present("tags", input.tags.is_some());
    tags::check(&mut checks, input.tags.as_ref());
    checks.done()?;
    owner.resource(input.resource_arn.as_deref().unwrap_or_default())
}

pub fn prepare(group: &LogGroup, input: &TagResourceRequest<'_>) -> Result<Plan<'static>, Error> {
    let mut config = group.config().clone();
    tags::add(
        &mut config,
        input.tags.as_ref(),
        &kind::TOO_MANY_TAGS_EXCEPTION,
    )?;
    Ok(Plan::configure(group.config(), config))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::op::samples::{OWNER, World, map};

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
            let input = TagResourceRequest {
                resource_arn: Some("arn:aws:logs:us-east-1:000000000000:log-group:g".into()),
                tags,
            };
            assert_eq!(locate(&OWNER, &input), Ok("g"));
            world.apply(&prepare(&world.group, &input).unwrap().command.unwrap());
            assert_eq!(tags::of(world.group.config()), wanted.unwrap());
        }
    }

    #[test]
    fn tags_are_required() {
        let input = TagResourceRequest {
            resource_arn: Some("arn:aws:logs:us-east-1:000000000000:log-group:g".into()),
            tags: None,
        };
        let error = locate(&OWNER, &input).unwrap_err();
        assert_eq!(
            error.message,
            "1 validation error detected: Value null at 'tags' failed to satisfy constraint: Member must not be null"
        );
    }
}
