//! RemovePermission: take a statement out of the topic's policy.
//!
//! <https://docs.aws.amazon.com/sns/latest/api/API_RemovePermission.html>

use api::Error;
use api::sns::RemovePermissionInput;

use crate::command::Command;
use crate::op::{Plan, required};
use crate::policy;
use crate::topic::Topic;

/// A label that no statement has is fine.
pub fn prepare(
    topic: &Topic,
    input: &RemovePermissionInput<'_>,
) -> Result<Plan<'static, ()>, Error> {
    let label = required(input.label.as_ref(), "label")?;
    let configure = |policy| {
        let mut config = topic.config().clone();
        config.policy = Some(policy);
        Command::Configure(Box::new(config))
    };
    Ok(Plan {
        command: policy::remove(topic.config(), label).map(configure),
        keep: (),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::op::samples::standard;
    use domain::AccountId;

    fn permitted() -> Config {
        let mut config = standard();
        let accounts = [AccountId::DEFAULT];
        config.policy = Some(policy::add(&config, "one", &accounts, &["Publish"]).unwrap());
        config
    }

    fn remove(config: Config, label: &'static str) -> Option<Config> {
        let input = RemovePermissionInput {
            topic_arn: None,
            label: Some(label.into()),
        };
        let command = prepare(&Topic::new(config), &input).unwrap().command?;
        let Command::Configure(config) = command else {
            panic!("a permission less is a Configure");
        };
        Some(*config)
    }

    #[test]
    fn what_a_permission_added_goes_again() {
        let config = remove(permitted(), "one").unwrap();
        assert_eq!(config.policy.unwrap(), policy::text(&standard()));
    }

    #[test]
    fn a_label_that_is_not_there_changes_nothing() {
        assert_eq!(remove(permitted(), "two"), None);
        assert_eq!(remove(standard(), "one"), None);
    }

    #[test]
    fn the_default_statement_has_a_label_too() {
        let config = remove(standard(), "__default_statement_ID").unwrap();
        assert_eq!(
            config.policy.as_deref(),
            Some(r#"{"Version":"2008-10-17","Id":"__default_policy_ID","Statement":[]}"#)
        );
        assert_eq!(remove(config, "one"), None);
    }
}
