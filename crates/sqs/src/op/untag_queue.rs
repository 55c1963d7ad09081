//! UntagQueue: take tags from a queue; keys it does not have are no error.
//!
//! <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_UntagQueue.html>

use api::sqs::UntagQueueRequest;

use crate::command::Command;
use crate::error::Error;
use crate::op::Plan;
use crate::queue::Queue;

pub fn prepare(queue: &Queue, input: &UntagQueueRequest<'_>) -> Result<Plan<'static, ()>, Error> {
    let keys = input.tag_keys.as_deref().filter(|keys| !keys.is_empty());
    let keys = keys.ok_or(Error::MissingParameter("TagKeys"))?;
    let mut config = queue.config().clone();
    config
        .tags
        .retain(|(key, _)| !keys.iter().any(|gone| gone == key));
    let changed = config.tags.len() != queue.config().tags.len();
    Ok(Plan {
        command: changed.then(|| Command::Configure(Box::new(config))),
        keep: (),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::op::samples::{list, queue, standard};

    fn untag(keys: &[&'static str]) -> Result<Option<Vec<(String, String)>>, Error> {
        let tags = vec![("a".into(), "1".into()), ("b".into(), "2".into())];
        let input = UntagQueueRequest {
            queue_url: None,
            tag_keys: list(keys),
        };
        let plan = prepare(&queue(Config { tags, ..standard() }), &input)?;
        Ok(plan.command.map(|command| {
            let Command::Configure(config) = command else {
                panic!("a tag less is a Configure");
            };
            config.tags
        }))
    }

    #[test]
    fn known_keys_go_and_others_are_no_error() {
        assert_eq!(
            untag(&["a", "A"]).unwrap().unwrap(),
            [("b".into(), String::from("2"))]
        );
        assert_eq!(untag(&["x"]).unwrap(), None);
    }

    #[test]
    fn keys_are_required() {
        assert_eq!(untag(&[]).unwrap_err(), Error::MissingParameter("TagKeys"));
    }
}
