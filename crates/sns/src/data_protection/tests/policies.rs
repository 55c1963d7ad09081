//! Which documents are policies.

use serde_json::{Value, json};

use super::{document, policy, refusal, statement};
use crate::data_protection::Policy;

fn deny() -> Value {
    json!({"Deny": {}})
}

/// A good policy with one member changed; null takes it away.
fn with(member: &str, value: Value) -> Value {
    let mut changed = document(&[statement("Inbound", &["EmailAddress"], &deny())]);
    change(&mut changed, member, value);
    changed
}

fn with_in_statement(member: &str, value: Value) -> Value {
    let mut changed = statement("Inbound", &["EmailAddress"], &deny());
    change(&mut changed, member, value);
    document(&[changed])
}

fn change(object: &mut Value, member: &str, value: Value) {
    let object = object.as_object_mut().unwrap();
    match value {
        Value::Null => object.remove(member),
        value @ (Value::Bool(_)
        | Value::Number(_)
        | Value::String(_)
        | Value::Array(_)
        | Value::Object(_)) => object.insert(member.to_owned(), value),
    };
}

fn audit(value: Value) -> Value {
    document(&[statement(
        "Inbound",
        &["EmailAddress"],
        &json!({"Audit": value}),
    )])
}

#[test]
fn all_that_aws_documents_is_a_policy() {
    let logs = json!({"CloudWatchLogs": {"LogGroup": "/aws/vendedlogs/findings"}});
    let statements = [
        statement("Inbound", &["EmailAddress", "Ssn-US"], &deny()),
        statement(
            "Outbound",
            &["custom:EmployeeId"],
            &json!({"Deidentify": {"RedactConfig": {}}}),
        ),
        statement(
            "Outbound",
            &["IpAddress"],
            &json!({"Deidentify": {"MaskConfig": {"MaskWithCharacter": "#"}}}),
        ),
        statement(
            "Inbound",
            &["IpAddress"],
            &json!({"Deidentify": {"MaskConfig": {}}}),
        ),
        statement(
            "Inbound",
            &["EmailAddress"],
            &json!({"Audit": {"SampleRate": "99", "FindingsDestination": logs, "NoFindingsDestination": {}}}),
        ),
    ];
    let mut all = document(&statements);
    all["Description"] = "d".into();
    all["Configuration"] =
        json!({"CustomDataIdentifier": [{"Name": "EmployeeId", "Regex": r"EmployeeID-\d{9}"}]});
    Policy::parse(&all.to_string()).unwrap();
}

#[test]
fn an_identifiers_arn_may_have_a_region_and_no_account() {
    let arn = "arn:aws:dataprotection:us-east-1::data-identifier/EmailAddress";
    let ok = with_in_statement("DataIdentifier", json!([arn]));
    Policy::parse(&ok.to_string()).unwrap();
}

#[test]
fn a_policy_has_its_members_and_no_others() {
    for (document, reason) in [
        (json!("text"), "the policy must be an object"),
        (with("Name", Value::Null), "the policy needs a Name"),
        (with("Name", json!(1)), "Name must be a string"),
        (
            with("Description", json!(1)),
            "Description must be a string",
        ),
        (with("Version", Value::Null), "the policy needs a Version"),
        (
            with("Version", json!("2012-10-17")),
            "Version must be 2021-06-01",
        ),
        (
            with("Statement", Value::Null),
            "the policy needs a Statement",
        ),
        (
            with("Statement", json!([])),
            "Statement must be a list that is not empty",
        ),
        (
            with("Statement", json!({})),
            "Statement must be a list that is not empty",
        ),
        (
            with("Other", json!(1)),
            "Other is not a member of the policy",
        ),
        (with("Statement", json!([1])), "Statement must be an object"),
    ] {
        assert_eq!(refusal(&document), reason);
    }
    let error = Policy::parse("{").unwrap_err();
    assert!(error.message.ends_with("the policy is not valid JSON"));
    let long = with("Description", json!("x".repeat(30_720)));
    assert_eq!(refusal(&long), "the policy is longer than 30720 characters");
}

#[test]
fn a_statement_has_its_members_and_no_others() {
    for (member, value, reason) in [
        ("Sid", json!(1), "Sid must be a string"),
        (
            "DataDirection",
            json!("Sideways"),
            "DataDirection must be Inbound or Outbound",
        ),
        (
            "DataDirection",
            Value::Null,
            "Statement needs a DataDirection",
        ),
        ("Principal", Value::Null, "Statement needs a Principal"),
        (
            "Principal",
            json!([]),
            "Principal must be a list that is not empty",
        ),
        (
            "Principal",
            json!([1]),
            "Principal must be a list of strings",
        ),
        (
            "DataIdentifier",
            Value::Null,
            "Statement needs a DataIdentifier",
        ),
        (
            "DataIdentifier",
            json!([]),
            "DataIdentifier must be a list that is not empty",
        ),
        ("Operation", Value::Null, "Statement needs a Operation"),
        ("Operation", json!({}), "Operation must have one member"),
        (
            "Operation",
            json!({"Deny": {}, "Audit": {}}),
            "Operation must have one member",
        ),
        (
            "Operation",
            json!({"Allow": {}}),
            "operation Allow is not Audit, Deidentify or Deny",
        ),
        (
            "Operation",
            json!({"Deny": {"x": 1}}),
            "x is not a member of Deny",
        ),
        (
            "Effect",
            json!("Allow"),
            "Effect is not a member of Statement",
        ),
    ] {
        assert_eq!(refusal(&with_in_statement(member, value)), reason);
    }
}

#[test]
fn an_identifier_without_an_honest_detector_is_refused() {
    for (identifier, reason) in [
        (
            "arn:aws:dataprotection::aws:data-identifier/Name",
            "data identifier Name is not supported: this server has no detector for it",
        ),
        (
            "arn:aws:dataprotection::aws:data-identifier/Address",
            "data identifier Address is not supported: this server has no detector for it",
        ),
        (
            "arn:aws:dataprotection::aws:data-identifier/DriversLicense-US",
            "data identifier DriversLicense-US is not supported: this server has no detector for it",
        ),
        (
            "arn:aws:dataprotection::aws:data-identifier/PhoneNumber-DE",
            "data identifier PhoneNumber-DE is not supported: this server has no detector for it",
        ),
        (
            "arn:aws:dataprotection::aws:data-identifier/ShoeSize",
            "data identifier ShoeSize does not exist",
        ),
        (
            "arn:aws:iam::aws:data-identifier/EmailAddress",
            "arn:aws:iam::aws:data-identifier/EmailAddress is not the ARN of a data identifier",
        ),
        (
            "EmployeeId",
            "custom data identifier EmployeeId is not configured",
        ),
    ] {
        let document = with_in_statement("DataIdentifier", json!([identifier]));
        assert_eq!(refusal(&document), reason);
    }
}

#[test]
fn an_audit_samples_and_reports_to_a_log_group() {
    let logs = |group: &str| json!({"CloudWatchLogs": {"LogGroup": group}});
    let good = logs("/aws/vendedlogs/x");
    let rate = "SampleRate must be an integer between 0 and 99";
    for (value, reason) in [
        (
            json!({"FindingsDestination": good}),
            "Audit needs a SampleRate",
        ),
        (
            json!({"SampleRate": "100", "FindingsDestination": good}),
            rate,
        ),
        (
            json!({"SampleRate": "-1", "FindingsDestination": good}),
            rate,
        ),
        (
            json!({"SampleRate": 1.5, "FindingsDestination": good}),
            rate,
        ),
        (
            json!({"SampleRate": "5"}),
            "Audit needs a FindingsDestination or a NoFindingsDestination",
        ),
        (
            json!({"SampleRate": "5", "FindingsDestination": logs("/other")}),
            "LogGroup must begin with /aws/vendedlogs/",
        ),
        (
            json!({"SampleRate": "5", "FindingsDestination": {"S3": {"Bucket": "b"}}}),
            "S3 is not supported as a FindingsDestination by this server",
        ),
        (
            json!({"SampleRate": "5", "NoFindingsDestination": {"Firehose": {"DeliveryStream": "d"}}}),
            "Firehose is not supported as a NoFindingsDestination by this server",
        ),
    ] {
        assert_eq!(refusal(&audit(value)), reason);
    }
    for rate in [json!("0"), json!("99"), json!(7)] {
        let good = audit(json!({"SampleRate": rate, "FindingsDestination": good}));
        Policy::parse(&good.to_string()).unwrap();
    }
}

#[test]
fn audits_are_inbound_and_one_at_most() {
    let value = json!({"Audit": {
        "SampleRate": "1",
        "FindingsDestination": {"CloudWatchLogs": {"LogGroup": "/aws/vendedlogs/x"}},
    }});
    let inbound = statement("Inbound", &["EmailAddress"], &value);
    let outbound = statement("Outbound", &["EmailAddress"], &value);
    policy(std::slice::from_ref(&inbound));
    assert_eq!(
        refusal(&document(&[outbound])),
        "Audit is for the Inbound direction only"
    );
    assert_eq!(
        refusal(&document(&[inbound.clone(), inbound])),
        "a policy has at most one Audit statement"
    );
}

#[test]
fn what_is_deidentified_is_masked_or_redacted() {
    for (value, reason) in [
        (json!({}), "Deidentify must have one member"),
        (
            json!({"HashConfig": {}}),
            "HashConfig is not MaskConfig or RedactConfig",
        ),
        (
            json!({"MaskConfig": {"MaskWithCharacter": "##"}}),
            "MaskWithCharacter must be one printable ASCII character",
        ),
        (
            json!({"RedactConfig": {"x": 1}}),
            "x is not a member of RedactConfig",
        ),
    ] {
        let operation = json!({"Deidentify": value});
        assert_eq!(refusal(&with_in_statement("Operation", operation)), reason);
    }
}

#[test]
fn custom_identifiers_are_few_named_and_valid() {
    let custom = |list: Value| with("Configuration", json!({"CustomDataIdentifier": list}));
    let one = |name: &str, regex: &str| json!([{"Name": name, "Regex": regex}]);
    let eleven: Vec<Value> = (0..11)
        .map(|n| json!({"Name": format!("c{n}"), "Regex": "a"}))
        .collect();
    let name = "the name of a custom data identifier has 1 to 128 letters, digits, hyphens and underscores";
    for (list, reason) in [
        (
            one("EmailAddress", "a"),
            "EmailAddress is a managed data identifier",
        ),
        (one("Name", "a"), "Name is a managed data identifier"),
        (one("", "a"), name),
        (one("a b", "a"), name),
        (one("a", "[a"), "the regular expression of a is not valid"),
        (
            json!([{"Name": "a", "Regex": "a"}, {"Name": "a", "Regex": "b"}]),
            "two custom data identifiers are named a",
        ),
        (
            json!(eleven),
            "a policy has at most 10 custom data identifiers",
        ),
        (json!([{"Name": "a"}]), "CustomDataIdentifier needs a Regex"),
    ] {
        assert_eq!(refusal(&custom(list)), reason);
    }
}
