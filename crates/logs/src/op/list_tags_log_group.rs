//! ListTagsLogGroup: a group's tags.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_ListTagsLogGroup.html>

use api::Error;
use api::logs::{ListTagsLogGroupRequest, ListTagsLogGroupResponse};

use crate::checks::{Checks, GROUP_NAME};
use crate::config::Config;
use crate::tags;

pub fn locate<'i>(input: &'i ListTagsLogGroupRequest<'_>) -> Result<&'i str, Error> {
    Checks::new()
        .required("logGroupName", input.log_group_name.as_ref(), &GROUP_NAME)
        .done()?;
    Ok(input.log_group_name.as_deref().unwrap_or_default())
}

/// The map is there even when it is empty.
pub fn reply(config: &Config) -> ListTagsLogGroupResponse<'static> {
    ListTagsLogGroupResponse {
        tags: Some(tags::of(config)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::op::samples::{config, map};

    #[test]
    fn tags_come_by_key_and_as_an_empty_map_where_there_are_none() {
        let mut config = config();
        assert_eq!(reply(&config).tags, map(&[]));
        config.tags = vec![("a".into(), "1".into()), ("b".into(), "2".into())];
        assert_eq!(reply(&config).tags, map(&[("a", "1"), ("b", "2")]));
    }
}
