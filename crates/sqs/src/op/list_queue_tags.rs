//! ListQueueTags: a queue's tags.
//!
//! <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ListQueueTags.html>

use api::sqs::ListQueueTagsResult;

use crate::batch;
use crate::config::Config;

pub fn reply(config: &Config) -> ListQueueTagsResult<'static> {
    let tags = config
        .tags
        .iter()
        .map(|(key, value)| (key.clone().into(), value.clone().into()));
    ListQueueTagsResult {
        tags: batch::some(tags.collect()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::op::samples::standard;

    #[test]
    fn a_queue_without_tags_has_no_list() {
        assert_eq!(reply(&standard()).tags, None);
        let tagged = Config {
            tags: vec![("k".into(), String::new())],
            ..standard()
        };
        assert_eq!(
            reply(&tagged).tags.unwrap(),
            [("k".into(), api::Str::from(""))]
        );
    }
}
