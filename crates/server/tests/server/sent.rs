//! Looking at what was sent to phones, devices and mailboxes, and forgetting it.

use std::time::Instant;

use serde_json::{Value, json};

use crate::running::{Answer, PATIENCE, Running};
use crate::sns::{ask, delete, element};

const PHONE: &str = "+436641234567";
const SMS: &str = "/_aws/sns/sms-messages";
const PUSHES: &str = "/_aws/sns/platform-endpoint-messages";
const MAILS: &str = "/_aws/ses";
const OUTBOX: &str = "/_tidings/outbox";

fn text(server: &Running, number: &str, message: &str) {
    let number = number.replace('+', "%2B");
    ask(
        server,
        &format!("Action=Publish&PhoneNumber={number}&Message={message}"),
    );
}

fn device(server: &Running, token: &str) -> String {
    let application = ask(
        server,
        "Action=CreatePlatformApplication&Name=shop&Platform=GCM\
         &Attributes.entry.1.key=PlatformCredential&Attributes.entry.1.value=secret",
    );
    let application = element(&application, "PlatformApplicationArn");
    let endpoint = ask(
        server,
        &format!(
            "Action=CreatePlatformEndpoint&PlatformApplicationArn={application}&Token={token}"
        ),
    );
    element(&endpoint, "EndpointArn")
}

fn push(server: &Running, endpoint: &str, message: &str) {
    ask(
        server,
        &format!("Action=Publish&TargetArn={endpoint}&Message={message}"),
    );
}

/// Lets a topic send a mail to each address.
fn mail(server: &Running, to: &[&str], message: &str) {
    let topic = element(&ask(server, "Action=CreateTopic&Name=news"), "TopicArn");
    for address in to {
        ask(
            server,
            &format!("Action=Subscribe&TopicArn={topic}&Protocol=email&Endpoint={address}"),
        );
    }
    ask(
        server,
        &format!("Action=Publish&TopicArn={topic}&Message={message}"),
    );
}

/// The mails there are once they are so many: a topic's deliveries take a moment.
fn mails(server: &Running, count: usize) -> Vec<Value> {
    let start = Instant::now();
    loop {
        let mut listed = server.get(MAILS).value();
        let Value::Array(mails) = listed["messages"].take() else {
            panic!("{listed}");
        };
        if mails.len() == count {
            return mails;
        }
        assert!(start.elapsed() < PATIENCE, "{mails:?}");
    }
}

fn assert_gone(answer: &Answer) {
    assert_eq!((answer.status, answer.body.as_str()), (204, ""));
}

#[test]
fn sms_are_listed_by_number_and_forgotten() {
    let server = Running::in_memory();
    text(&server, PHONE, "one");
    text(&server, "+15550100", "two");
    let all = server.get(SMS).value();
    assert_eq!(all["region"], "us-east-1");
    assert_eq!(all["sms_messages"][PHONE][0]["Message"], "one");
    assert_eq!(all["sms_messages"]["+15550100"][0]["Message"], "two");
    for spelled in [PHONE, &PHONE.replace('+', "%2B")] {
        let only = server.get(&format!("{SMS}?phoneNumber={spelled}")).value();
        let only = only["sms_messages"].as_object().unwrap();
        assert_eq!(only.keys().collect::<Vec<_>>(), [PHONE]);
        assert_eq!(only[PHONE].as_array().unwrap().len(), 1);
    }
    let elsewhere = server.get(&format!("{SMS}?region=eu-west-1")).value();
    assert_eq!(
        elsewhere,
        json!({"sms_messages": {}, "region": "eu-west-1"})
    );
    let others = server.get(&format!("{SMS}?accountId=123456789012&phoneNumber=+1"));
    assert_eq!(others.value()["sms_messages"], json!({"+1": []}));

    assert_gone(&delete(&server, &format!("{SMS}?phoneNumber={PHONE}")));
    let left = server.get(SMS).value();
    let left = left["sms_messages"].as_object().unwrap();
    assert_eq!(left.keys().collect::<Vec<_>>(), ["+15550100"]);
    assert_gone(&delete(&server, &format!("{SMS}?accountId=123456789012")));
    assert_eq!(
        server.get(SMS).value()["sms_messages"]
            .as_object()
            .unwrap()
            .len(),
        1
    );
    assert_gone(&delete(&server, SMS));
    assert_eq!(server.get(SMS).value()["sms_messages"], json!({}));
}

#[test]
fn pushes_are_listed_by_endpoint_and_forgotten() {
    let server = Running::in_memory();
    let (one, two) = (device(&server, "1"), device(&server, "2"));
    push(&server, &one, "hello");
    push(&server, &two, "there");
    let all = server.get(PUSHES).value();
    assert_eq!(all["region"], "us-east-1");
    let all = &all["platform_endpoint_messages"];
    assert_eq!(all[&one][0]["Message"], "hello");
    assert_eq!(all[&one][0]["TopicArn"], "");
    assert_eq!(all[&two][0]["Message"], "there");

    // The ARN says whose it is, whatever stands beside it.
    let only = format!("{PUSHES}?endpointArn={one}&accountId=123456789012");
    let listed = server.get(&only).value();
    let listed = listed["platform_endpoint_messages"].as_object().unwrap();
    assert_eq!(listed.keys().collect::<Vec<_>>(), [&one]);
    assert_gone(&delete(&server, &only));
    let listed = server.get(&only).value();
    assert_eq!(listed["platform_endpoint_messages"], json!({one: []}));
    assert_gone(&delete(&server, PUSHES));
    let listed = server.get(PUSHES).value();
    assert_eq!(listed["platform_endpoint_messages"], json!({}));
}

#[test]
fn a_topic_of_the_same_account_pushes_to_an_endpoint() {
    let server = Running::in_memory();
    let endpoint = device(&server, "1");
    let topic = element(&ask(&server, "Action=CreateTopic&Name=news"), "TopicArn");
    ask(
        &server,
        &format!("Action=Subscribe&TopicArn={topic}&Protocol=application&Endpoint={endpoint}"),
    );
    ask(
        &server,
        &format!("Action=Publish&TopicArn={topic}&Message=hello"),
    );
    let start = Instant::now();
    let sent = loop {
        let listed = server.get(PUSHES).value();
        let sent = listed["platform_endpoint_messages"][&endpoint][0].clone();
        if !sent.is_null() {
            break sent;
        }
        assert!(start.elapsed() < PATIENCE, "{listed}");
    };
    assert_eq!(sent["TopicArn"], topic.as_str());
    assert_eq!(sent["Message"], "hello");
}

#[test]
fn mails_are_listed_over_all_accounts_and_found_by_id_and_address() {
    let server = Running::in_memory();
    mail(&server, &["a@example.com", "b@example.com"], "hello");
    let listed = mails(&server, 2);
    let first = &listed[0];
    assert_eq!(first["Region"], "us-east-1");
    assert_eq!(first["Source"], "no-reply@sns.amazonaws.com");
    assert_eq!(first["Body"]["html_part"], Value::Null);
    let text = first["Body"]["text_part"].as_str().unwrap();
    assert!(text.starts_with("hello"), "{text}");
    let id = first["Id"].as_str().unwrap();
    let found = |query: &str| {
        let listed = server.get(&format!("{MAILS}?{query}")).value();
        listed["messages"].as_array().unwrap().len()
    };
    assert_eq!(found("email=b@example.com"), 1);
    assert_eq!(found("email=no-reply@sns.amazonaws.com"), 2);
    assert_eq!(found(&format!("id={id}")), 1);
    assert_eq!(found("id=none"), 0);
    assert_eq!(found("accountId=000000000000&region=us-east-1"), 2);
    assert_eq!(found("accountId=123456789012"), 0);
    assert_eq!(found("region=eu-west-1"), 0);

    assert_gone(&delete(&server, &format!("{MAILS}?region=eu-west-1")));
    assert_gone(&delete(&server, &format!("{MAILS}?id={id}")));
    let left = mails(&server, 1);
    assert_ne!(left[0]["Id"], id);
    assert_eq!(
        delete(&server, &format!("{MAILS}?email=b@example.com")).status,
        400
    );
    assert_gone(&delete(&server, MAILS));
    mails(&server, 0);
}

#[test]
fn the_outbox_has_everything_with_the_newest_last() {
    let server = Running::in_memory();
    text(&server, PHONE, "one");
    let endpoint = device(&server, "1");
    push(&server, &endpoint, "two");
    mail(&server, &["a@example.com"], "three");
    mails(&server, 1);
    let listed = server.get(OUTBOX).value();
    let kinds: Vec<_> = (0..4).map(|at| listed[at]["kind"].as_str()).collect();
    assert_eq!(kinds, [Some("sms"), Some("push"), Some("mail"), None]);
    assert_eq!(listed[0]["to"], PHONE);
    assert_eq!(listed[0]["account"], "000000000000");
    assert_eq!(listed[0]["region"], "us-east-1");
    assert_eq!(listed[0]["asked"]["Message"], "one");
    let payload = r#"{"data":{"default":"two"}}"#;
    assert_eq!(listed[1]["details"]["Payload"], payload);
    assert_eq!(listed[2]["to"], "a@example.com");
    let times: Vec<u64> = (0..3)
        .map(|at| listed[at]["time"].as_u64().unwrap())
        .collect();
    assert!(times.is_sorted() && times[0] > 0, "{times:?}");

    let found = |query: &str| -> Vec<String> {
        let listed = server.get(&format!("{OUTBOX}?{query}")).value();
        let kinds = listed.as_array().unwrap().iter();
        kinds
            .map(|it| it["kind"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(found("limit=2"), ["push", "mail"]);
    assert_eq!(found("kind=push"), ["push"]);
    assert_eq!(found(&format!("to={PHONE}")), ["sms"]);
    assert!(found("region=eu-west-1").is_empty());
    assert_gone(&delete(&server, &format!("{OUTBOX}?kind=sms")));
    assert_eq!(found(""), ["push", "mail"]);
    assert_gone(&delete(&server, OUTBOX));
    assert_eq!(server.get(OUTBOX).value(), json!([]));
}

#[test]
fn what_was_sent_outlives_a_restart() {
    let scratch = crate::running::Scratch::new();
    let server = Running::start(&["--data", scratch.path()]);
    text(&server, PHONE, "kept");
    let before = server.get(OUTBOX).value();
    server.stop();
    let server = Running::start(&["--data", scratch.path()]);
    assert_eq!(server.get(OUTBOX).value(), before);
    assert_eq!(before[0]["asked"]["Message"], "kept");
}

#[test]
fn what_makes_no_sense_is_refused_with_a_sentence() {
    let server = Running::in_memory();
    for (path, why) in [
        ("/_aws/sns/sms-messages?accountId=12", "accountId"),
        ("/_aws/sns/sms-messages?region=Mars", "region"),
        ("/_aws/sns/sms-messages?phoneNumber=%ff", "UTF-8"),
        (
            "/_aws/sns/platform-endpoint-messages?endpointArn=x",
            "endpointArn",
        ),
        (
            "/_aws/sns/platform-endpoint-messages?endpointArn=arn:aws:sns:us-east-1:1:endpoint/GCM/a/b",
            "accountId",
        ),
        ("/_aws/ses?accountId=x", "accountId"),
        ("/_tidings/outbox?kind=letter", "kind"),
        ("/_tidings/outbox?limit=0", "limit"),
        ("/_tidings/outbox?limit=many", "limit"),
        ("/_tidings/outbox?region=Mars", "region"),
    ] {
        let answer = server.get(path);
        assert_eq!(answer.status, 400, "{path}");
        assert!(answer.body.contains(why), "{path}: {}", answer.body);
    }
    let mut client = server.connect();
    client.request("POST", OUTBOX, &[], "");
    assert_eq!(client.answer().header("allow"), Some("GET, HEAD, DELETE"));
}

#[test]
fn a_page_of_another_site_cannot_make_it_forget() {
    let server = Running::in_memory();
    text(&server, PHONE, "kept");
    let mut client = server.connect();
    client.request("DELETE", SMS, &[("Origin", "https://evil.example")], "");
    assert_eq!(client.answer().status, 403);
    assert_eq!(server.get(OUTBOX).value().as_array().unwrap().len(), 1);
}
