//! ListTagsForResource: a group's tags by its ARN.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_ListTagsForResource.html>

use api::Error;
use api::logs::{ListTagsForResourceRequest, ListTagsForResourceResponse};

use crate::checks::{Checks, RESOURCE_ARN};
use crate::config::Config;
use crate::owner::Owner;
use crate::tags;

pub fn locate<'i>(
    owner: &Owner,
    input: &'i ListTagsForResourceRequest<'_>,
) -> Result<&'i str, Error> {
    Checks::new()
        .required("resourceArn", input.resource_arn.as_ref(), &RESOURCE_ARN)
        .done()?;
    owner.resource(input.resource_arn.as_deref().unwrap_or_default())
}

/// The map is there even when it is empty.
pub fn reply(config: &Config) -> ListTagsForResourceResponse<'static> {
    ListTagsForResourceResponse {
        tags: Some(tags::of(config)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::op::samples::{OWNER, config, map};

    #[test]
    fn tags_come_by_key_and_as_an_empty_map_where_there_are_none() {
        let mut config = config();
        assert_eq!(reply(&config).tags, map(&[]));
        config.tags = vec![("a".into(), "1".into()), ("b".into(), "2".into())];
        assert_eq!(reply(&config).tags, map(&[("a", "1"), ("b", "2")]));
    }

    #[test]
    fn the_arn_is_the_groups_without_an_asterisk() {
        let arn = "arn:aws:logs:us-east-1:000000000000:log-group:g";
        let named = |arn: &'static str| ListTagsForResourceRequest {
            resource_arn: Some(arn.into()),
        };
        assert_eq!(locate(&OWNER, &named(arn)), Ok("g"));
        let with_asterisk = named("arn:aws:logs:us-east-1:000000000000:log-group:g:*");
        assert_eq!(
            locate(&OWNER, &with_asterisk).unwrap_err().kind.code,
            "InvalidParameterException"
        );
        let no_arn = locate(&OWNER, &named("g")).unwrap_err();
        assert_eq!(no_arn.kind.code, "InvalidParameterException");
    }
}
