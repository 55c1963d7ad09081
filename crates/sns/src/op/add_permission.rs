//! AddPermission: allow other accounts some actions, by a statement in the topic's policy.
//!
//! <https://docs.aws.amazon.com/sns/latest/api/API_AddPermission.html>

use api::Error;
use api::sns::AddPermissionInput;
use domain::AccountId;

use crate::command::Command;
use crate::error::{Refused, invalid_parameter, validation_null};
use crate::op::{Plan, required};
use crate::policy;
use crate::topic::Topic;

pub fn prepare(topic: &Topic, input: &AddPermissionInput<'_>) -> Result<Plan<'static, ()>, Error> {
    let label = required(input.label.as_ref(), "label")?;
    let accounts = input.aws_account_id.as_deref();
    let accounts = accounts.ok_or_else(|| validation_null("aWSAccountId"))?;
    let actions = input.action_name.as_deref();
    let actions = actions.ok_or_else(|| validation_null("actionName"))?;
    if accounts.is_empty() {
        return Err(invalid_parameter("AWSAccountId"));
    }
    let accounts: Vec<AccountId> = accounts
        .iter()
        .map(|account| AccountId::parse(account))
        .collect::<Result<_, _>>()
        .map_err(|_| invalid_parameter("Policy Error: PrincipalNotFound"))?;
    let actions: Vec<&str> = actions.iter().map(|action| &**action).collect();
    let mut config = topic.config().clone();
    let policy = policy::add(&config, label, &accounts, &actions).map_err(Refused::alone)?;
    config.policy = Some(policy);
    Ok(Plan {
        command: Some(Command::Configure(Box::new(config))),
        keep: (),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::op::samples::{list, standard};
    use serde_json::{Value, json};

    fn add(
        config: Config,
        label: &'static str,
        accounts: &[&'static str],
        actions: &[&'static str],
    ) -> Result<Config, Error> {
        let input = AddPermissionInput {
            topic_arn: None,
            label: Some(label.into()),
            aws_account_id: list(accounts),
            action_name: list(actions),
        };
        let Some(Command::Configure(config)) = prepare(&Topic::new(config), &input)?.command else {
            panic!("a permission is a Configure");
        };
        Ok(*config)
    }

    fn refusal(label: &'static str, accounts: &[&'static str], actions: &[&'static str]) -> String {
        let error = add(standard(), label, accounts, actions).unwrap_err();
        error.message.into_owned()
    }

    fn statements(config: &Config) -> Vec<Value> {
        let policy: Value = serde_json::from_str(config.policy.as_ref().unwrap()).unwrap();
        policy["Statement"].as_array().unwrap().clone()
    }

    #[test]
    fn a_permission_stands_behind_the_default_statement() {
        let config = add(standard(), "one", &["111111111111"], &["Publish"]).unwrap();
        let statements = statements(&config);
        assert_eq!(statements.len(), 2);
        assert_eq!(
            statements[1].to_string(),
            r#"{"Sid":"one","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111111111111:root"},"Action":"SNS:Publish","Resource":"arn:aws:sns:us-east-1:000000000000:orders"}"#
        );
    }

    #[test]
    fn several_accounts_and_actions_are_lists() {
        let config = add(
            standard(),
            "two",
            &["111111111111", "222222222222"],
            &["Subscribe", "Publish"],
        );
        let statement = &statements(&config.unwrap())[1];
        assert_eq!(statement["Action"], json!(["SNS:Subscribe", "SNS:Publish"]));
        assert_eq!(
            statement["Principal"]["AWS"],
            json!([
                "arn:aws:iam::111111111111:root",
                "arn:aws:iam::222222222222:root"
            ])
        );
    }

    #[test]
    fn a_label_is_given_once() {
        let first = add(standard(), "one", &["111111111111"], &["Publish"]).unwrap();
        let again = add(first, "one", &["222222222222"], &["Publish"]).unwrap_err();
        assert_eq!(again.message, "Invalid parameter: Statement already exists");
    }

    #[test]
    fn actions_are_those_of_a_topic_and_accounts_have_12_digits() {
        for action in ["Fly", "CreateTopic", "*"] {
            assert_eq!(
                refusal("one", &["111111111111"], &[action]),
                "Invalid parameter: Policy statement action out of service scope!"
            );
        }
        assert_eq!(
            refusal("one", &["1"], &["Publish"]),
            "Invalid parameter: Policy Error: PrincipalNotFound"
        );
        assert_eq!(
            refusal("one", &[], &["Publish"]),
            "Invalid parameter: AWSAccountId"
        );
    }

    #[test]
    fn a_policy_has_at_most_100_statements() {
        let label = |n: usize| -> &'static str { format!("p{n}").leak() };
        let mut config = standard();
        for n in 0..99 {
            config = add(config, label(n), &["111111111111"], &["Publish"]).unwrap();
        }
        assert!(add(config, "more", &["111111111111"], &["Publish"]).is_err());
    }
}
