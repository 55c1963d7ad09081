//! A topic's access policy as text: SNS's default, its limits, and the statements that permissions add and remove.
//!
//! What a policy means is decided elsewhere. It is kept as it was given. Spec sections 2.2 and 2.4;
//! <https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-language-api-permissions-reference.html>.

use domain::{AccountId, Arn};
use serde_json::{Map, Value, json};

use crate::config::Config;
use crate::error::Refused;
use crate::limits;

/// What a topic's policy may speak about.
const ACTIONS: [&str; 14] = [
    "GetTopicAttributes",
    "SetTopicAttributes",
    "AddPermission",
    "RemovePermission",
    "DeleteTopic",
    "Subscribe",
    "ListSubscriptionsByTopic",
    "Publish",
    "Receive",
    "ListTagsForResource",
    "TagResource",
    "UntagResource",
    "GetDataProtectionPolicy",
    "PutDataProtectionPolicy",
];

/// What the default policy allows the owner's account.
const DEFAULT_ACTIONS: [&str; 8] = [
    "SNS:GetTopicAttributes",
    "SNS:SetTopicAttributes",
    "SNS:AddPermission",
    "SNS:RemovePermission",
    "SNS:DeleteTopic",
    "SNS:Subscribe",
    "SNS:ListSubscriptionsByTopic",
    "SNS:Publish",
];

/// The policy that counts for a topic, as it reads back.
pub(crate) fn text(config: &Config) -> String {
    match &config.policy {
        Some(text) => text.clone(),
        None => default(&config.arn()).to_string(),
    }
}

fn default(topic: &Arn) -> Value {
    json!({
        "Version": "2008-10-17",
        "Id": "__default_policy_ID",
        "Statement": [{
            "Sid": "__default_statement_ID",
            "Effect": "Allow",
            "Principal": { "AWS": "*" },
            "Action": DEFAULT_ACTIONS,
            "Resource": topic.as_str(),
            "Condition": { "StringEquals": { "AWS:SourceOwner": topic.account() } },
        }],
    })
}

/// The text as it is kept, if it is a policy within SNS's limits.
pub(crate) fn check(text: &str) -> Result<String, Refused> {
    if text.len() > limits::POLICY_BYTES_MAX {
        return Err(Refused::new(format!(
            "Policy exceeds the maximum size of {} bytes",
            limits::POLICY_BYTES_MAX
        )));
    }
    let Ok(Value::Object(policy)) = serde_json::from_str(text) else {
        return Err(no_policy());
    };
    let statements = statements(&policy).ok_or_else(no_policy)?;
    if statements.is_empty() {
        return Err(no_policy());
    }
    check_count(statements.len())?;
    for statement in statements {
        check_statement(statement)?;
    }
    Ok(text.to_owned())
}

fn no_policy() -> Refused {
    Refused::new("Policy Error: null")
}

fn check_count(statements: usize) -> Result<(), Refused> {
    if statements > limits::POLICY_STATEMENTS_MAX {
        return Err(Refused::new(format!(
            "Policy has {statements} statements, maximum allowed is {}",
            limits::POLICY_STATEMENTS_MAX
        )));
    }
    Ok(())
}

/// One statement may stand by itself, outside a list.
fn statements(policy: &Map<String, Value>) -> Option<&[Value]> {
    match policy.get("Statement")? {
        Value::Array(statements) => Some(statements),
        single @ Value::Object(_) => Some(std::slice::from_ref(single)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
    }
}

fn check_statement(statement: &Value) -> Result<(), Refused> {
    let statement = statement.as_object().ok_or_else(no_policy)?;
    let effect = statement.get("Effect").and_then(Value::as_str);
    if !matches!(effect, Some("Allow" | "Deny")) {
        return Err(no_policy());
    }
    let part = |name: &str, other: &str| {
        let part = statement.get(name).or_else(|| statement.get(other));
        part.ok_or_else(no_policy)
    };
    let actions = texts(part("Action", "NotAction")?).ok_or_else(no_policy)?;
    if actions.is_empty() || !actions.iter().all(|action| is_of_sns(action)) {
        return Err(out_of_scope());
    }
    let resources = texts(part("Resource", "NotResource")?).ok_or_else(no_policy)?;
    if resources.len() != 1 {
        return Err(Refused::new(
            "Policy statement must apply to a single resource!",
        ));
    }
    check_principals(part("Principal", "NotPrincipal")?)?;
    match statement.get("Condition") {
        Some(condition) if !condition.is_object() => Err(no_policy()),
        Some(_) | None => Ok(()),
    }
}

fn check_principals(value: &Value) -> Result<(), Refused> {
    let count = match value.as_object() {
        Some(kinds) => kinds
            .values()
            .map(|kind| texts(kind).map(|texts| texts.len()))
            .sum(),
        None => value.is_string().then_some(1),
    };
    match count {
        None | Some(0) => Err(no_policy()),
        Some(count) if count > limits::POLICY_PRINCIPALS_MAX => Err(Refused::new(format!(
            "Policy statement has {count} principals, maximum allowed is {}",
            limits::POLICY_PRINCIPALS_MAX
        ))),
        Some(_) => Ok(()),
    }
}

/// Whether an action is one of a topic's, with its service, in any case.
fn is_of_sns(action: &str) -> bool {
    action.split_once(':').is_some_and(|(service, action)| {
        service.eq_ignore_ascii_case("sns")
            && ACTIONS
                .iter()
                .any(|known| known.eq_ignore_ascii_case(action))
    })
}

fn out_of_scope() -> Refused {
    Refused::new("Policy statement action out of service scope!")
}

/// The texts of a value: one, or those of a list. Absent if there is anything else.
fn texts(value: &Value) -> Option<Vec<&str>> {
    match value {
        Value::String(text) => Some(vec![text]),
        Value::Array(list) => list.iter().map(Value::as_str).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => None,
    }
}

/// The policy with a statement at its end that allows `actions` to `accounts`.
pub(crate) fn add(
    config: &Config,
    label: &str,
    accounts: &[AccountId],
    actions: &[&str],
) -> Result<String, Refused> {
    if actions.is_empty() || !actions.iter().all(|action| ACTIONS.contains(action)) {
        return Err(out_of_scope());
    }
    let topic = config.arn();
    let mut policy = read(config);
    let statements = statements_mut(&mut policy);
    if statements
        .iter()
        .any(|statement| is_labelled(statement, label))
    {
        return Err(Refused::new("Statement already exists"));
    }
    let partition = topic.partition();
    let principals = accounts
        .iter()
        .map(|account| format!("arn:{partition}:iam::{account}:root"));
    let actions = actions.iter().map(|action| format!("SNS:{action}"));
    statements.push(json!({
        "Sid": label,
        "Effect": "Allow",
        "Principal": { "AWS": one_or_many(principals.collect()) },
        "Action": one_or_many(actions.collect()),
        "Resource": topic.as_str(),
    }));
    check(&policy.to_string())
}

/// The policy without the statement of that label; absent when it has none.
pub(crate) fn remove(config: &Config, label: &str) -> Option<String> {
    let mut policy = read(config);
    let statements = statements_mut(&mut policy);
    let before = statements.len();
    statements.retain(|statement| !is_labelled(statement, label));
    (statements.len() < before).then(|| policy.to_string())
}

/// A policy that was checked when it was set, or SNS's own.
fn read(config: &Config) -> Value {
    match &config.policy {
        Some(text) => serde_json::from_str(text).expect("a policy is checked when it is set"),
        None => default(&config.arn()),
    }
}

fn statements_mut(policy: &mut Value) -> &mut Vec<Value> {
    let slot = &mut policy["Statement"];
    if !slot.is_array() {
        *slot = Value::Array(vec![slot.take()]);
    }
    slot.as_array_mut().expect("it was made a list")
}

fn is_labelled(statement: &Value, label: &str) -> bool {
    statement.get("Sid").and_then(Value::as_str) == Some(label)
}

fn one_or_many(mut texts: Vec<String>) -> Value {
    if texts.len() == 1 {
        Value::String(texts.remove(0))
    } else {
        json!(texts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::op::samples::standard;

    fn statement() -> Value {
        json!({ "Effect": "Allow", "Principal": "*", "Action": "sns:Publish", "Resource": "*" })
    }

    fn with(name: &str, value: Value) -> Value {
        let mut statement = statement();
        statement[name] = value;
        statement
    }

    fn policy(statements: Value) -> String {
        json!({ "Version": "2012-10-17", "Statement": statements }).to_string()
    }

    fn refusal(text: &str) -> String {
        check(text).unwrap_err().0.into_owned()
    }

    #[test]
    fn the_default_policy_allows_the_owners_account_everything() {
        assert_eq!(
            text(&standard()),
            r#"{"Version":"2008-10-17","Id":"__default_policy_ID","Statement":[{"Sid":"__default_statement_ID","Effect":"Allow","Principal":{"AWS":"*"},"Action":["SNS:GetTopicAttributes","SNS:SetTopicAttributes","SNS:AddPermission","SNS:RemovePermission","SNS:DeleteTopic","SNS:Subscribe","SNS:ListSubscriptionsByTopic","SNS:Publish"],"Resource":"arn:aws:sns:us-east-1:000000000000:orders","Condition":{"StringEquals":{"AWS:SourceOwner":"000000000000"}}}]}"#
        );
    }

    #[test]
    fn the_default_policy_is_one_that_could_be_set() {
        let default = text(&standard());
        assert_eq!(check(&default).unwrap(), default);
    }

    #[test]
    fn a_policy_is_kept_as_it_was_given() {
        let spaced = format!("  {}\n", policy(json!([statement(), statement()])));
        assert_eq!(check(&spaced).unwrap(), spaced);
        assert!(check(&policy(statement())).is_ok());
    }

    #[test]
    fn what_is_no_policy_is_a_policy_error() {
        for text in [
            "",
            "x",
            "[]",
            r#"{"foo":"bar"}"#,
            &policy(json!([])),
            &policy(json!("x")),
            &policy(json!([1])),
            &policy(with("Effect", json!("Maybe"))),
            &policy(with("Action", json!(1))),
            &policy(with("Principal", json!({}))),
            &policy(with("Condition", json!("x"))),
            &policy(json!({ "Effect": "Allow", "Principal": "*", "Action": "sns:Publish" })),
        ] {
            assert_eq!(refusal(text), "Policy Error: null", "{text}");
        }
    }

    #[test]
    fn a_statement_names_actions_of_sns_and_one_resource() {
        for action in ["SNS:Publishx", "sns:*", "sqs:SendMessage", "Publish", "*"] {
            assert_eq!(
                refusal(&policy(with("Action", json!([action, "SNS:Publish"])))),
                "Policy statement action out of service scope!",
                "{action}"
            );
        }
        assert_eq!(
            refusal(&policy(with("Resource", json!(["a", "b"])))),
            "Policy statement must apply to a single resource!"
        );
        assert!(check(&policy(with("Resource", json!(["a"])))).is_ok());
    }

    #[test]
    fn a_policy_holds_100_statements_of_200_principals_in_30_kilobytes() {
        let principals = |count| with("Principal", json!({ "AWS": vec!["1"; count] }));
        assert!(check(&policy(json!(vec![statement(); 100]))).is_ok());
        assert!(check(&policy(json!(vec![statement(); 101]))).is_err());
        assert!(check(&policy(principals(200))).is_ok());
        assert!(check(&policy(principals(201))).is_err());
        let long = policy(with("Sid", json!("x".repeat(30_720))));
        assert!(refusal(&long).contains("30720"));
    }
}
