//! PutDataProtectionPolicy: what may not pass through a topic.
//!
//! <https://docs.aws.amazon.com/sns/latest/api/API_PutDataProtectionPolicy.html>

use api::Error;
use api::sns::PutDataProtectionPolicyInput;

use crate::command::Command;
use crate::data_protection_text;
use crate::op::{Plan, required};
use crate::topic::Topic;

/// The empty text takes the policy away.
pub fn prepare(
    topic: &Topic,
    input: &PutDataProtectionPolicyInput<'_>,
) -> Result<Plan<'static, ()>, Error> {
    let text = required(
        input.data_protection_policy.as_ref(),
        "dataProtectionPolicy",
    )?;
    let mut config = topic.config().clone();
    config.data_protection = data_protection_text::read(&config, text)?;
    Ok(Plan {
        command: Some(Command::Configure(Box::new(config))),
        keep: (),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::data_protection_text::tests::POLICY;
    use crate::op::samples::{fifo, standard};

    fn put(config: Config, text: &str) -> Result<Config, Error> {
        let input = PutDataProtectionPolicyInput {
            resource_arn: None,
            data_protection_policy: Some(text.to_owned().into()),
        };
        let Some(Command::Configure(config)) = prepare(&Topic::new(config), &input)?.command else {
            panic!("a policy is a Configure");
        };
        Ok(*config)
    }

    #[test]
    fn a_policy_is_kept_as_it_was_put_until_an_empty_one_comes() {
        let config = put(standard(), POLICY).unwrap();
        assert_eq!(config.data_protection.as_deref(), Some(POLICY));
        assert_eq!(put(config, "").unwrap().data_protection, None);
    }

    #[test]
    fn only_standard_topics_have_one() {
        assert!(put(fifo(), POLICY).is_err());
        assert!(put(fifo(), "").is_ok());
    }
}
