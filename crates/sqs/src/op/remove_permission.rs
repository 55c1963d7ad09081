//! RemovePermission: take a permission's statement out of the queue's policy.
//!
//! <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_RemovePermission.html>

use api::sqs::RemovePermissionRequest;
use domain::Time;

use crate::command::Command;
use crate::error::Error;
use crate::op::{Plan, required};
use crate::policy;
use crate::queue::Queue;

pub fn prepare(
    queue: &Queue,
    now: Time,
    input: &RemovePermissionRequest<'_>,
) -> Result<Plan<'static, ()>, Error> {
    let label = required(&input.label, "Label")?;
    let mut config = queue.config().clone();
    config.policy = policy::remove(config.policy.as_deref(), &config.arn(), label)?;
    config.modified = now;
    Ok(Plan {
        command: Some(Command::Configure(Box::new(config))),
        keep: (),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::op::samples::{NOW, queue, standard};

    const POLICY: &str = r#"{"Version":"2012-10-17","Statement":[{"Sid":"one","Effect":"Allow","Principal":"*","Action":"SQS:*"},{"Sid":"two","Effect":"Deny","Principal":"*","Action":"SQS:*"}]}"#;

    fn plan(policy: Option<&str>, label: &str) -> Result<Plan<'static, ()>, Error> {
        let config = Config {
            policy: policy.map(str::to_owned),
            ..standard()
        };
        let input = RemovePermissionRequest {
            queue_url: None,
            label: Some(label.into()),
        };
        prepare(&queue(config), NOW, &input)
    }

    fn remove(policy: &str, label: &str) -> Option<String> {
        let Some(Command::Configure(config)) = plan(Some(policy), label).unwrap().command else {
            panic!("a permission less is a Configure");
        };
        config.policy
    }

    #[test]
    fn the_last_statement_takes_the_policy_with_it() {
        let left = remove(POLICY, "one").unwrap();
        assert_eq!(
            left,
            r#"{"Version":"2012-10-17","Statement":[{"Sid":"two","Effect":"Deny","Principal":"*","Action":"SQS:*"}]}"#
        );
        assert_eq!(remove(&left, "two"), None);
    }

    #[test]
    fn an_unknown_label_is_named() {
        for policy in [None, Some(POLICY)] {
            assert_eq!(
                plan(policy, "three").unwrap_err().message(),
                "Value three for parameter Label is invalid. Reason: can't find label."
            );
        }
    }
}
