//! TagQueue: give a queue tags, or known tags another value.
//!
//! <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_TagQueue.html>

use api::sqs::TagQueueRequest;

use crate::command::Command;
use crate::error::Error;
use crate::op::Plan;
use crate::queue::Queue;
use crate::tags;

pub fn prepare(queue: &Queue, input: &TagQueueRequest<'_>) -> Result<Plan<'static, ()>, Error> {
    let given = input.tags.as_deref().filter(|tags| !tags.is_empty());
    let given = given.ok_or(Error::MissingParameter("Tags"))?;
    let mut config = queue.config().clone();
    tags::add(&mut config, given)?;
    Ok(Plan {
        command: Some(Command::Configure(Box::new(config))),
        keep: (),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::op::samples::{map, queue, standard};

    fn tag(input: &TagQueueRequest<'_>) -> Result<Vec<(String, String)>, Error> {
        let config = Config {
            tags: vec![("env".into(), "test".into())],
            ..standard()
        };
        let plan = prepare(&queue(config), input)?;
        let Some(Command::Configure(config)) = plan.command else {
            panic!("a tag is a Configure");
        };
        Ok(config.tags)
    }

    #[test]
    fn a_known_key_gets_the_new_value_and_keys_differ_by_case() {
        let input = TagQueueRequest {
            queue_url: None,
            tags: map(&[("env", "live"), ("Env", "")]),
        };
        let tags = tag(&input).unwrap();
        let tags: Vec<_> = tags
            .iter()
            .map(|(key, value)| (key.as_str(), value.as_str()))
            .collect();
        assert_eq!(tags, [("Env", ""), ("env", "live")]);
    }

    #[test]
    fn tags_are_required() {
        for tags in [None, map(&[])] {
            let error = tag(&TagQueueRequest {
                queue_url: None,
                tags,
            })
            .unwrap_err();
            assert_eq!(
                error.message(),
                "The request must contain the parameter Tags."
            );
        }
    }
}
