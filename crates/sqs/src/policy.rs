//! A queue's access policy as text: its limits, and the statements that permissions add and remove.
//!
//! What a policy means is decided elsewhere. It is kept as it was given: a single action reads back as a text, a
//! list as a list. Spec sections 2.7 and 7;
//! <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-policies.html>.

use domain::{AccountId, Arn};
use serde_json::{Map, Value, json};

use crate::error::Error;
use crate::limits;

/// The text as it is kept, if it is a policy within SQS's limits.
pub(crate) fn check(text: &str) -> Result<String, Error> {
    if text.len() > limits::POLICY_BYTES_MAX {
        return Err(invalid());
    }
    let Ok(Value::Object(policy)) = serde_json::from_str(text) else {
        return Err(invalid());
    };
    let statements = statements(&policy).ok_or_else(invalid)?;
    check_count(statements.len())?;
    for statement in statements {
        check_statement(statement)?;
    }
    Ok(text.to_owned())
}

/// Whether two policies say the same, whatever their blanks and the order of their members.
pub(crate) fn are_same(one: Option<&str>, other: Option<&str>) -> bool {
    let read = |text: Option<&str>| text.and_then(|text| serde_json::from_str::<Value>(text).ok());
    read(one) == read(other)
}

fn invalid() -> Error {
    Error::InvalidAttributeValue("Invalid value for the parameter Policy.".into())
}

fn check_count(statements: usize) -> Result<(), Error> {
    if statements > limits::POLICY_STATEMENTS_MAX {
        return Err(Error::OverLimit(
            format!(
                "{statements} statements were found in the submitted policy, max allowed is 20"
            )
            .into(),
        ));
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

fn check_statement(statement: &Value) -> Result<(), Error> {
    let statement = statement.as_object().ok_or_else(invalid)?;
    let effect = statement.get("Effect").and_then(Value::as_str);
    if !matches!(effect, Some("Allow" | "Deny")) {
        return Err(invalid());
    }
    let part = |name: &str, other: &str| statement.get(name).or_else(|| statement.get(other));
    let actions = texts(part("Action", "NotAction").ok_or_else(invalid)?).ok_or_else(invalid)?;
    check_actions(actions)?;
    let principals = principals(part("Principal", "NotPrincipal").ok_or_else(invalid)?);
    let principals = principals.ok_or_else(invalid)?;
    check_principals(principals)?;
    let conditions = statement.get("Condition").map_or(Some(0), conditions);
    let conditions = conditions.ok_or_else(invalid)?;
    if conditions > limits::POLICY_CONDITIONS_MAX {
        return Err(Error::OverLimit(
            format!("{conditions} Conditions were found, maximum allowed is 10.").into(),
        ));
    }
    Ok(())
}

fn check_principals(principals: usize) -> Result<(), Error> {
    if principals > limits::POLICY_PRINCIPALS_MAX {
        return Err(Error::OverLimit(
            format!("{principals} Principals were found, maximum allowed is 50.").into(),
        ));
    }
    Ok(())
}

fn check_actions(actions: usize) -> Result<(), Error> {
    if actions > limits::POLICY_ACTIONS_MAX {
        return Err(Error::OverLimit(
            format!("{actions} Actions were found, maximum allowed is 7.").into(),
        ));
    }
    Ok(())
}

/// How many texts: one, or those of a list. Absent if there is anything else.
fn texts(value: &Value) -> Option<usize> {
    match value {
        Value::String(_) => Some(1),
        Value::Array(list) => list.iter().all(Value::is_string).then_some(list.len()),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => None,
    }
}

/// How many principals: `"*"`, or those of each kind.
fn principals(value: &Value) -> Option<usize> {
    match value.as_object() {
        Some(kinds) => kinds.values().map(texts).sum(),
        None => value.is_string().then_some(1),
    }
}

/// How many keys are compared, over all operators.
fn conditions(value: &Value) -> Option<usize> {
    value
        .as_object()?
        .values()
        .map(|keys| Some(keys.as_object()?.len()))
        .sum()
}

/// The policy with a statement at its end that allows `actions` to `accounts`.
pub(crate) fn add(
    policy: Option<&str>,
    queue: &Arn,
    label: &str,
    accounts: &[AccountId],
    actions: &[String],
) -> Result<String, Error> {
    check_actions(actions.len())?;
    check_principals(accounts.len())?;
    let mut policy = read(policy, queue);
    let statements = statements_mut(&mut policy);
    if statements
        .iter()
        .any(|statement| is_labelled(statement, label))
    {
        return Err(Error::value("Label", label, "Already exists."));
    }
    let partition = queue.partition();
    let principals = accounts
        .iter()
        .map(|account| format!("arn:{partition}:iam::{account}:root"));
    let actions = actions.iter().map(|action| format!("SQS:{action}"));
    statements.push(json!({
        "Sid": label,
        "Effect": "Allow",
        "Principal": { "AWS": one_or_many(principals.collect()) },
        "Action": one_or_many(actions.collect()),
        "Resource": queue.as_str(),
    }));
    check_count(statements.len())?;
    let text = Value::Object(policy).to_string();
    if text.len() > limits::POLICY_BYTES_MAX {
        return Err(Error::OverLimit(
            format!(
                "The policy would have {} bytes, maximum allowed is 8192.",
                text.len()
            )
            .into(),
        ));
    }
    Ok(text)
}

/// The policy without the statement of that label; absent when it was the last one.
pub(crate) fn remove(
    policy: Option<&str>,
    queue: &Arn,
    label: &str,
) -> Result<Option<String>, Error> {
    let mut policy = read(policy, queue);
    let statements = statements_mut(&mut policy);
    let before = statements.len();
    statements.retain(|statement| !is_labelled(statement, label));
    match statements.len() {
        after if after == before => Err(Error::value("Label", label, "can't find label.")),
        0 => Ok(None),
        _ => Ok(Some(Value::Object(policy).to_string())),
    }
}

/// A policy that was checked when it was set, or SQS's own without a statement.
fn read(policy: Option<&str>, queue: &Arn) -> Map<String, Value> {
    let parsed =
        policy.map(|text| serde_json::from_str(text).expect("a policy is checked when it is set"));
    parsed.unwrap_or_else(|| {
        Map::from_iter([
            ("Version".to_owned(), json!("2008-10-17")),
            ("Id".to_owned(), json!(format!("{queue}/SQSDefaultPolicy"))),
            ("Statement".to_owned(), json!([])),
        ])
    })
}

fn statements_mut(policy: &mut Map<String, Value>) -> &mut Vec<Value> {
    let slot = policy.entry("Statement").or_insert_with(|| json!([]));
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

    fn statement() -> Value {
        json!({ "Effect": "Allow", "Principal": "*", "Action": "SQS:SendMessage", "Resource": "no arn" })
    }

    fn with(name: &str, value: Value) -> Value {
        let mut statement = statement();
        statement[name] = value;
        statement
    }

    fn policy(statements: Value) -> String {
        json!({ "Version": "2012-10-17", "Statement": statements }).to_string()
    }

    #[test]
    fn a_policy_is_kept_as_it_was_given() {
        let spaced = format!("  {}\n", policy(json!([statement(), statement()])));
        assert_eq!(check(&spaced).unwrap(), spaced);
        assert!(check(&policy(statement())).is_ok());
    }

    #[test]
    fn what_is_no_policy_is_an_invalid_value() {
        let too_long = policy(json!([with("Sid", json!("x".repeat(8192)))]));
        for text in [
            "x",
            "[]",
            "{}",
            &policy(json!("x")),
            &policy(json!([1])),
            &policy(with("Effect", json!("Maybe"))),
            &policy(with("Action", json!(1))),
            &policy(with("Principal", json!(1))),
            &policy(with("Condition", json!("x"))),
            &policy(json!({ "Effect": "Allow", "Principal": "*" })),
            &too_long,
        ] {
            assert_eq!(
                check(text),
                Err(Error::InvalidAttributeValue(
                    "Invalid value for the parameter Policy.".into()
                )),
                "{text}"
            );
        }
    }

    #[test]
    fn a_policy_holds_20_statements_of_7_actions_50_principals_and_10_conditions() {
        let texts = |count| json!(vec!["x"; count]);
        let keys = |count: usize| {
            let keys: Map<String, Value> =
                (0..count).map(|n| (format!("k{n}"), json!("v"))).collect();
            json!({ "StringEquals": keys })
        };
        let short = json!({ "Effect": "Deny", "NotPrincipal": "*", "NotAction": "x" });
        for fits in [
            json!(vec![short.clone(); 20]),
            with("Action", texts(7)),
            with("Principal", json!({ "AWS": texts(49), "Service": "x" })),
            with("Condition", keys(10)),
        ] {
            assert!(check(&policy(fits)).is_ok());
        }
        for (over, message) in [
            (
                json!(vec![short; 21]),
                "21 statements were found in the submitted policy, max allowed is 20",
            ),
            (
                with("Action", texts(8)),
                "8 Actions were found, maximum allowed is 7.",
            ),
            (
                with("Principal", json!({ "AWS": texts(50), "Service": "x" })),
                "51 Principals were found, maximum allowed is 50.",
            ),
            (
                with("Condition", keys(11)),
                "11 Conditions were found, maximum allowed is 10.",
            ),
        ] {
            assert_eq!(check(&policy(over)), Err(Error::OverLimit(message.into())));
        }
    }

    #[test]
    fn policies_are_the_same_whatever_their_spelling() {
        assert!(are_same(
            Some(r#"{"a":1,"b":2}"#),
            Some(r#"{ "b": 2, "a": 1 }"#)
        ));
        assert!(!are_same(Some(r#"{"a":1}"#), Some(r#"{"a":2}"#)));
        assert!(!are_same(Some(r#"{"a":1}"#), None));
    }
}
