//! ListTagsForResource: a topic's tags.
//!
//! <https://docs.aws.amazon.com/sns/latest/api/API_ListTagsForResource.html>

use api::sns::{ListTagsForResourceResponse, Tag};

use crate::topic::Topic;

pub fn reply(topic: &Topic) -> ListTagsForResourceResponse<'static> {
    let tag = |(key, value): &(String, String)| Tag {
        key: Some(key.clone().into()),
        value: Some(value.clone().into()),
    };
    ListTagsForResourceResponse {
        tags: Some(topic.config().tags.iter().map(tag).collect()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::op::samples::{standard, tags};

    #[test]
    fn tags_are_listed_in_the_order_they_came() {
        let mut config = standard();
        assert_eq!(reply(&Topic::new(config.clone())).tags, Some(Vec::new()));
        config.tags = ["b", "a"]
            .map(|key| (key.to_owned(), "1".to_owned()))
            .into();
        let listed = reply(&Topic::new(config)).tags.unwrap();
        assert_eq!(listed, tags(&[("b", "1"), ("a", "1")]));
    }
}
