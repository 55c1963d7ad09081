//! AddPermission: allow other accounts some actions, by a statement in the queue's policy.
//!
//! <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_AddPermission.html>

use api::Str;
use api::sqs::AddPermissionRequest;
use domain::{AccountId, Time};

use crate::characters;
use crate::command::Command;
use crate::error::Error;
use crate::op::{Plan, required};
use crate::policy;
use crate::queue::Queue;

/// What another account may be allowed.
const ACTIONS: [&str; 9] = [
    "*",
    "SendMessage",
    "ReceiveMessage",
    "DeleteMessage",
    "ChangeMessageVisibility",
    "GetQueueAttributes",
    "GetQueueUrl",
    "ListDeadLetterSourceQueues",
    "PurgeQueue",
];

/// What the owner keeps to himself.
const OWNER_ACTIONS: [&str; 12] = [
    "AddPermission",
    "CancelMessageMoveTask",
    "CreateQueue",
    "DeleteQueue",
    "ListMessageMoveTasks",
    "ListQueueTags",
    "ListQueues",
    "RemovePermission",
    "SetQueueAttributes",
    "StartMessageMoveTask",
    "TagQueue",
    "UntagQueue",
];

pub fn prepare(
    queue: &Queue,
    now: Time,
    input: &AddPermissionRequest<'_>,
) -> Result<Plan<'static, ()>, Error> {
    let label = label(&input.label)?;
    let accounts = accounts(input.aws_account_ids.as_deref().unwrap_or_default())?;
    let actions = actions(input.actions.as_deref().unwrap_or_default())?;
    let mut config = queue.config().clone();
    let policy = policy::add(
        config.policy.as_deref(),
        &config.arn(),
        label,
        &accounts,
        &actions,
    )?;
    config.policy = Some(policy);
    config.modified = now;
    Ok(Plan {
        command: Some(Command::Configure(Box::new(config))),
        keep: (),
    })
}

/// The label of a permission.
pub(crate) fn label<'a>(given: &'a Option<Str<'_>>) -> Result<&'a str, Error> {
    let label = required(given, "Label")?;
    if !characters::are_name(label) {
        return Err(Error::value(
            "Label",
            label,
            "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length",
        ));
    }
    Ok(label)
}

fn accounts(given: &[Str<'_>]) -> Result<Vec<AccountId>, Error> {
    let refuse = || {
        let given = format!("[{}]", given.join(", "));
        Error::value("PrincipalId", given, "Unable to verify.")
    };
    if given.is_empty() {
        return Err(refuse());
    }
    given
        .iter()
        .map(|account| AccountId::parse(account).map_err(|_| refuse()))
        .collect()
}

fn actions(given: &[Str<'_>]) -> Result<Vec<String>, Error> {
    if given.is_empty() {
        return Err(Error::MissingParameter("Actions"));
    }
    for action in given {
        let shown = format!("SQS:{action}");
        if OWNER_ACTIONS.contains(&&**action) {
            return Err(Error::value(
                "ActionName",
                shown,
                "Only the queue owner is allowed to invoke this action.",
            ));
        }
        if !ACTIONS.contains(&&**action) {
            return Err(Error::value(
                "ActionName",
                shown,
                "Please refer to the appropriate WSDL for a list of valid actions. ",
            ));
        }
    }
    Ok(given.iter().map(Str::to_string).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::op::samples::{list, queue, seconds, standard};

    fn plan(
        config: Config,
        label: &str,
        accounts: &[&'static str],
        actions: &[&'static str],
    ) -> Result<Plan<'static, ()>, Error> {
        let input = AddPermissionRequest {
            queue_url: None,
            label: Some(label.into()),
            aws_account_ids: list(accounts),
            actions: list(actions),
        };
        prepare(&queue(config), seconds(1), &input)
    }

    fn add(
        config: Config,
        label: &str,
        accounts: &[&'static str],
        actions: &[&'static str],
    ) -> Config {
        let Some(Command::Configure(config)) =
            plan(config, label, accounts, actions).unwrap().command
        else {
            panic!("a permission is a Configure");
        };
        *config
    }

    fn refusal(label: &str, accounts: &[&'static str], actions: &[&'static str]) -> String {
        plan(standard(), label, accounts, actions)
            .unwrap_err()
            .message()
            .into_owned()
    }

    #[test]
    fn a_first_permission_makes_the_default_policy() {
        let config = add(standard(), "one", &["111111111111"], &["ReceiveMessage"]);
        let arn = "arn:aws:sqs:us-east-1:000000000000:orders";
        assert_eq!(
            config.policy.unwrap(),
            format!(
                r#"{{"Version":"2008-10-17","Id":"{arn}/SQSDefaultPolicy","Statement":[{{"Sid":"one","Effect":"Allow","Principal":{{"AWS":"arn:aws:iam::111111111111:root"}},"Action":"SQS:ReceiveMessage","Resource":"{arn}"}}]}}"#
            )
        );
        assert_eq!(config.modified, seconds(1));
    }

    #[test]
    fn several_accounts_and_actions_are_lists_at_the_end_of_the_policy() {
        let first = add(standard(), "one", &["111111111111"], &["*"]);
        let policy = add(
            first,
            "two",
            &["111111111111", "222222222222"],
            &["SendMessage", "GetQueueUrl"],
        )
        .policy
        .unwrap();
        let policy: serde_json::Value = serde_json::from_str(&policy).unwrap();
        let second = &policy["Statement"][1];
        assert_eq!(second["Sid"], "two");
        assert_eq!(
            second["Action"],
            serde_json::json!(["SQS:SendMessage", "SQS:GetQueueUrl"])
        );
        assert_eq!(
            second["Principal"]["AWS"][1],
            "arn:aws:iam::222222222222:root"
        );
    }

    #[test]
    fn a_label_is_given_once() {
        let first = add(standard(), "one", &["111111111111"], &["*"]);
        let again = plan(first, "one", &["111111111111"], &["*"]).unwrap_err();
        assert_eq!(
            again.message(),
            "Value one for parameter Label is invalid. Reason: Already exists."
        );
        assert_eq!(
            refusal("", &["111111111111"], &["*"]),
            "The request must contain the parameter Label."
        );
        assert!(
            refusal("a b", &["111111111111"], &["*"])
                .starts_with("Value a b for parameter Label is invalid.")
        );
    }

    #[test]
    fn accounts_are_verified_and_actions_known() {
        assert_eq!(
            refusal("one", &[], &["*"]),
            "Value [] for parameter PrincipalId is invalid. Reason: Unable to verify."
        );
        assert_eq!(
            refusal("one", &["x"], &["*"]),
            "Value [x] for parameter PrincipalId is invalid. Reason: Unable to verify."
        );
        assert_eq!(
            refusal("one", &["111111111111"], &["Fly"]),
            "Value SQS:Fly for parameter ActionName is invalid. Reason: Please refer to the appropriate WSDL for a \
             list of valid actions. "
        );
        assert_eq!(
            refusal("one", &["111111111111"], &["DeleteQueue"]),
            "Value SQS:DeleteQueue for parameter ActionName is invalid. Reason: Only the queue owner is allowed to \
             invoke this action."
        );
        assert_eq!(
            refusal("one", &["111111111111"], &[]),
            "The request must contain the parameter Actions."
        );
    }

    #[test]
    fn a_permission_has_at_most_7_actions() {
        let error = plan(standard(), "one", &["111111111111"], &ACTIONS[1..]).unwrap_err();
        assert_eq!(
            error,
            Error::OverLimit("8 Actions were found, maximum allowed is 7.".into())
        );
        add(standard(), "one", &["111111111111"], &ACTIONS[2..]);
    }

    #[test]
    fn a_permission_has_at_most_50_accounts() {
        let error = plan(standard(), "one", &["111111111111"; 51], &["*"]).unwrap_err();
        assert_eq!(
            error,
            Error::OverLimit("51 Principals were found, maximum allowed is 50.".into())
        );
        add(standard(), "one", &["111111111111"; 50], &["*"]);
    }

    #[test]
    fn a_policy_has_at_most_20_permissions() {
        let mut config = standard();
        for n in 0..20 {
            config = add(config, &format!("p{n}"), &["111111111111"], &["*"]);
        }
        let error = plan(config, "more", &["111111111111"], &["*"]).unwrap_err();
        assert_eq!(error.kind().code, "OverLimit");
    }
}
