//! TagResource: tags for a topic, new ones behind those it has.
//!
//! <https://docs.aws.amazon.com/sns/latest/api/API_TagResource.html>

use api::Error;
use api::sns::TagResourceRequest;

use crate::command::Command;
use crate::error::validation_null;
use crate::op::Plan;
use crate::tags;
use crate::topic::Topic;

pub fn prepare(topic: &Topic, input: &TagResourceRequest<'_>) -> Result<Plan<'static, ()>, Error> {
    let given = input.tags.as_deref();
    let new = tags::read(given.ok_or_else(|| validation_null("tags"))?)?;
    let mut config = topic.config().clone();
    tags::add(&mut config.tags, new)?;
    Ok(Plan {
        command: Some(Command::Configure(Box::new(config))),
        keep: (),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::op::samples::{standard, tags as request};

    fn tag(config: Config, entries: &[(&'static str, &'static str)]) -> Config {
        let input = TagResourceRequest {
            resource_arn: None,
            tags: Some(request(entries)),
        };
        let Some(Command::Configure(config)) =
            prepare(&Topic::new(config), &input).unwrap().command
        else {
            panic!("a tag is a Configure");
        };
        *config
    }

    #[test]
    fn a_tag_that_is_there_gets_the_new_value_and_keeps_its_place() {
        let config = tag(standard(), &[("b", "1"), ("a", "2")]);
        let config = tag(config, &[("c", "3"), ("b", "4")]);
        let texts = |(key, value): &(String, String)| format!("{key}={value}");
        let tags: Vec<String> = config.tags.iter().map(texts).collect();
        assert_eq!(tags, ["b=4", "a=2", "c=3"]);
    }

    #[test]
    fn tags_are_required() {
        let error = prepare(&Topic::new(standard()), &TagResourceRequest::default()).unwrap_err();
        assert_eq!(error.kind.code, "ValidationError");
    }
}
