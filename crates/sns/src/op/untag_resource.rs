//! UntagResource: a topic loses the tags of some keys.
//!
//! <https://docs.aws.amazon.com/sns/latest/api/API_UntagResource.html>

use api::Error;
use api::sns::UntagResourceRequest;

use crate::command::Command;
use crate::error::validation_null;
use crate::op::Plan;
use crate::tags;
use crate::topic::Topic;

pub fn prepare(
    topic: &Topic,
    input: &UntagResourceRequest<'_>,
) -> Result<Plan<'static, ()>, Error> {
    let keys = input.tag_keys.as_deref();
    let keys = keys.ok_or_else(|| validation_null("tagKeys"))?;
    let mut config = topic.config().clone();
    tags::remove(&mut config.tags, keys);
    let changed = config.tags.len() < topic.config().tags.len();
    Ok(Plan {
        command: changed.then(|| Command::Configure(Box::new(config))),
        keep: (),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::op::samples::{list, standard};

    #[test]
    fn tags_go_by_their_keys_and_unknown_keys_are_fine() {
        let mut config = standard();
        config.tags = ["a", "b"]
            .map(|key| (key.to_owned(), "x".to_owned()))
            .into();
        let topic = Topic::new(config);
        let plan = |keys: &[&'static str]| {
            let input = UntagResourceRequest {
                resource_arn: None,
                tag_keys: list(keys),
            };
            prepare(&topic, &input).unwrap().command
        };
        let Some(Command::Configure(changed)) = plan(&["a", "c"]) else {
            panic!("a tag less is a Configure");
        };
        assert_eq!(changed.tags, [("b".to_owned(), "x".to_owned())]);
        assert_eq!(plan(&["c"]), None);
        assert_eq!(plan(&[]), None);
    }
}
