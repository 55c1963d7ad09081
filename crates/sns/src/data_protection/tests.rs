//! Policies, detectors and verdicts, by tables.

mod detectors;
mod policies;
mod regexes;
mod verdicts;

use serde_json::{Value, json};

use super::Policy;

/// The ARN of a managed identifier.
fn managed(name: &str) -> String {
    format!("arn:aws:dataprotection::aws:data-identifier/{name}")
}

fn statement(direction: &str, identifiers: &[&str], operation: &Value) -> Value {
    let identifiers: Vec<String> = identifiers
        .iter()
        .map(|name| match name.strip_prefix("custom:") {
            Some(name) => name.to_owned(),
            None => managed(name),
        })
        .collect();
    json!({
        "Sid": "s",
        "DataDirection": direction,
        "Principal": ["*"],
        "DataIdentifier": identifiers,
        "Operation": operation,
    })
}

fn document(statements: &[Value]) -> Value {
    json!({"Name": "p", "Version": "2021-06-01", "Statement": statements})
}

fn policy(statements: &[Value]) -> Policy {
    Policy::parse(&document(statements).to_string()).unwrap()
}

fn refusal(document: &Value) -> String {
    let error = Policy::parse(&document.to_string()).unwrap_err();
    assert_eq!(error.kind.code, "InvalidParameter");
    let reason = error
        .message
        .strip_prefix("Invalid parameter: DataProtectionPolicy Reason: ");
    reason.unwrap().to_owned()
}
