//! What becomes of a text.

use serde_json::{Value, json};

use super::{document, policy, statement};
use crate::data_protection::{Direction, Inspection, Policy, Verdict};

const JANE: &str = "arn:aws:iam::111111111111:user/jane";
const MAIL: &str = "mail a@b.io now";

fn deny() -> Value {
    json!({"Deny": {}})
}

fn mask(with: &str) -> Value {
    json!({"Deidentify": {"MaskConfig": {"MaskWithCharacter": with}}})
}

fn redact() -> Value {
    json!({"Deidentify": {"RedactConfig": {}}})
}

fn audit(rate: &str) -> Value {
    let group =
        |name: &str| json!({"CloudWatchLogs": {"LogGroup": format!("/aws/vendedlogs/{name}")}});
    json!({"Audit": {
        "SampleRate": rate,
        "FindingsDestination": group("found"),
        "NoFindingsDestination": group("clean"),
    }})
}

fn inbound(policy: &Policy, text: &str) -> Inspection {
    policy.inspect(Direction::Inbound, JANE, text, 50)
}

fn verdict(statements: &[Value], text: &str) -> Verdict {
    inbound(&policy(statements), text).verdict
}

fn deidentified(text: &str) -> Verdict {
    Verdict::Deidentified(text.to_owned())
}

#[test]
fn a_mebibyte_is_looked_through_by_all_statements() {
    let statements = [
        statement(
            "Inbound",
            &["EmailAddress", "IpAddress", "Ssn-US"],
            &mask("#"),
        ),
        statement("Inbound", &["CreditCardNumber"], &deny()),
    ];
    let text = "a@b.io 1 ".repeat((1 << 20) / 9);
    let masked = "###### 1 ".repeat((1 << 20) / 9);
    assert!(verdict(&statements, &text) == deidentified(&masked));
}

#[test]
fn what_holds_nothing_passes() {
    let statements = [
        statement("Inbound", &["EmailAddress"], &deny()),
        statement("Inbound", &["IpAddress"], &mask("#")),
    ];
    assert_eq!(verdict(&statements, "nothing"), Verdict::Pass);
}

#[test]
fn sensitive_data_is_refused_masked_or_redacted() {
    for (operation, wanted) in [
        (deny(), Verdict::Deny),
        (mask("#"), deidentified("mail ###### now")),
        (mask("x"), deidentified("mail xxxxxx now")),
        (redact(), deidentified("mail  now")),
    ] {
        let statements = [statement("Inbound", &["EmailAddress"], &operation)];
        assert_eq!(verdict(&statements, MAIL), wanted);
    }
}

#[test]
fn every_statement_has_its_say_and_a_refusal_the_last() {
    let masks = [
        statement("Inbound", &["EmailAddress"], &mask("#")),
        statement("Inbound", &["IpAddress", "custom:Order"], &redact()),
    ];
    let mut document = document(&masks);
    document["Configuration"] =
        json!({"CustomDataIdentifier": [{"Name": "Order", "Regex": "ORDER-[0-9]+"}]});
    let policy = Policy::parse(&document.to_string()).unwrap();
    let text = "ORDER-77 of a@b.io from 10.0.0.1.";
    assert_eq!(
        inbound(&policy, text).verdict,
        deidentified(" of ###### from .")
    );
    document["Statement"]
        .as_array_mut()
        .unwrap()
        .push(statement("Inbound", &["IpAddress"], &deny()));
    let policy = Policy::parse(&document.to_string()).unwrap();
    assert_eq!(inbound(&policy, text).verdict, Verdict::Deny);
}

#[test]
fn a_statement_is_for_one_direction() {
    let policy = policy(&[statement("Outbound", &["EmailAddress"], &deny())]);
    assert_eq!(inbound(&policy, MAIL).verdict, Verdict::Pass);
    let outbound = policy.inspect(Direction::Outbound, JANE, MAIL, 0);
    assert_eq!(outbound.verdict, Verdict::Deny);
}

#[test]
fn a_statement_is_for_its_principals() {
    for (principals, wanted) in [
        (json!(["*"]), Verdict::Deny),
        (
            json!(["arn:aws:iam::111111111111:role/x", JANE]),
            Verdict::Deny,
        ),
        (json!(["arn:aws:iam::111111111111:root"]), Verdict::Deny),
        (json!(["111111111111"]), Verdict::Deny),
        (json!(["arn:aws:iam::222222222222:root"]), Verdict::Pass),
        (
            json!(["arn:aws:iam::111111111111:user/john"]),
            Verdict::Pass,
        ),
    ] {
        let mut statement = statement("Inbound", &["EmailAddress"], &deny());
        statement["Principal"] = principals.clone();
        assert_eq!(verdict(&[statement], MAIL), wanted, "{principals}");
    }
}

#[test]
fn an_audit_reports_what_it_finds_and_lets_it_pass() {
    let policy = policy(&[statement(
        "Inbound",
        &["EmailAddress", "IpAddress"],
        &audit("99"),
    )]);
    let inspection = inbound(&policy, "é a@b.io, c@d.org at 10.0.0.1");
    assert_eq!(inspection.verdict, Verdict::Pass);
    let audit = inspection.audit.unwrap();
    assert_eq!(audit.log_group, "/aws/vendedlogs/found");
    let topic = "arn:aws:sns:us-east-1:111111111111:t";
    let document = audit.document("m-1", "2023-01-23T21:11:20Z", topic);
    assert_eq!(
        serde_json::from_str::<Value>(&document).unwrap(),
        json!({
            "messageId": "m-1",
            "auditTimestamp": "2023-01-23T21:11:20Z",
            "callerPrincipal": JANE,
            "resourceArn": topic,
            "dataIdentifiers": [
                {
                    "name": "EmailAddress",
                    "count": 2,
                    "detections": [{"start": 3, "end": 8}, {"start": 11, "end": 17}],
                },
                {"name": "IpAddress", "count": 1, "detections": [{"start": 22, "end": 29}]},
            ],
        })
    );
    let clean = inbound(&policy, "nothing").audit.unwrap();
    assert_eq!(clean.log_group, "/aws/vendedlogs/clean");
    assert!(
        clean
            .document("m", "t", topic)
            .ends_with("\"dataIdentifiers\":[]}")
    );
}

#[test]
fn an_audit_looks_at_as_many_as_it_samples() {
    for (rate, dice, sampled) in [
        ("0", 0, false),
        ("1", 0, true),
        ("1", 1, false),
        ("99", 98, true),
        ("99", 99, false),
    ] {
        let policy = policy(&[statement("Inbound", &["EmailAddress"], &audit(rate))]);
        let inspection = policy.inspect(Direction::Inbound, JANE, MAIL, dice);
        assert_eq!(inspection.audit.is_some(), sampled, "{rate} {dice}");
    }
}

#[test]
fn a_refused_text_is_audited_all_the_same() {
    let policy = policy(&[
        statement("Inbound", &["EmailAddress"], &deny()),
        statement("Inbound", &["EmailAddress"], &audit("99")),
    ]);
    let inspection = inbound(&policy, MAIL);
    assert_eq!(inspection.verdict, Verdict::Deny);
    assert_eq!(inspection.audit.unwrap().findings[0].detections, [(6, 11)]);
}
