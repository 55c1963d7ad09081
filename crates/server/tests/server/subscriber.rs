//! Tests in a subscriber's place: tokens that were sent to somebody, and phones that opt out.

use serde_json::json;

use crate::running::{Answer, Running};
use crate::sns::{ask, element};

const TOKENS: &str = "/_aws/sns/subscription-tokens";

/// A subscription that nobody has confirmed, and its topic.
fn pending(server: &Running) -> (String, String) {
    let topic = element(&ask(server, "Action=CreateTopic&Name=news"), "TopicArn");
    let subscription = ask(
        server,
        &format!(
            "Action=Subscribe&TopicArn={topic}&Protocol=http&Endpoint=http://127.0.0.1:9/\
             &ReturnSubscriptionArn=true"
        ),
    );
    (element(&subscription, "SubscriptionArn"), topic)
}

fn opt_out(server: &Running, body: &str, headers: &[(&str, &str)]) -> Answer {
    let mut client = server.connect();
    client.request("POST", "/_aws/sns/phone-opt-outs", headers, body);
    client.answer()
}

#[test]
fn the_token_of_a_subscription_confirms_it() {
    let server = Running::in_memory();
    let (arn, topic) = pending(&server);
    let shown = server.get(&format!("{TOKENS}/{arn}"));
    assert_eq!(shown.status, 200, "{}", shown.body);
    let shown = shown.value();
    assert_eq!(shown["subscription_arn"], arn.as_str());
    let escaped = arn.replace(':', "%3A");
    assert_eq!(server.get(&format!("{TOKENS}/{escaped}")).value(), shown);
    let token = shown["subscription_token"].as_str().unwrap();
    let confirmed = ask(
        &server,
        &format!("Action=ConfirmSubscription&TopicArn={topic}&Token={token}"),
    );
    assert_eq!(element(&confirmed, "SubscriptionArn"), arn);
    assert_eq!(server.get(&format!("{TOKENS}/{arn}")).value(), shown);
}

#[test]
fn what_is_no_subscription_has_no_token() {
    let server = Running::in_memory();
    let (arn, topic) = pending(&server);
    let ended = ask(
        &server,
        &format!("Action=Unsubscribe&SubscriptionArn={arn}"),
    );
    assert!(ended.contains("UnsubscribeResponse"), "{ended}");
    for unknown in [
        arn.as_str(),
        &topic,
        "arn:aws:sns:us-east-1:000000000000:none:6ba7b810-9dad-11d1-80b4-00c04fd430c8",
        "arn:aws:sqs:us-east-1:000000000000:q",
        "arn:aws:sns:Mars:000000000000:news:x",
    ] {
        let answer = server.get(&format!("{TOKENS}/{unknown}"));
        let why = "The provided SubscriptionARN is not found";
        assert_eq!(answer.status, 404, "{unknown}");
        let body = json!({"error": why, "subscription_arn": unknown});
        assert_eq!(answer.value(), body);
    }
    for invalid in ["", "news", "arn:aws:sns"] {
        let answer = server.get(&format!("{TOKENS}/{invalid}"));
        let why = "The provided SubscriptionARN is invalid";
        assert_eq!(answer.status, 400, "{invalid}");
        let body = json!({"error": why, "subscription_arn": invalid});
        assert_eq!(answer.value(), body);
    }
}

#[test]
fn a_number_that_opts_out_is_on_the_accounts_list() {
    let server = Running::in_memory();
    let number = "+436641234567";
    let is_out = || {
        let answer = ask(
            &server,
            "Action=CheckIfPhoneNumberIsOptedOut&phoneNumber=%2B436641234567",
        );
        element(&answer, "isOptedOut")
    };
    let other = json!({"phoneNumber": number, "accountId": "123456789012"});
    assert_eq!(opt_out(&server, &other.to_string(), &[]).status, 200);
    assert_eq!(is_out(), "false");
    let own = json!({"phoneNumber": number}).to_string();
    let refused = opt_out(&server, &own, &[("Origin", "https://evil.example")]);
    assert_eq!((refused.status, is_out()), (403, "false".to_owned()));
    let answer = opt_out(&server, &own, &[]);
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(answer.value()["accountId"], "000000000000");
    assert_eq!(is_out(), "true");
}

#[test]
fn what_cannot_opt_out_is_refused_with_a_sentence() {
    let server = Running::in_memory();
    for (body, why) in [
        ("", "phoneNumber"),
        ("{}", "phoneNumber"),
        (r#"{"phoneNumber":"nobody"}"#, "PhoneNumber"),
        (
            r#"{"phoneNumber":"+15550100","accountId":"1"}"#,
            "accountId",
        ),
        (r#"{"phoneNumber":"+15550100","region":"Mars"}"#, "region"),
    ] {
        let answer = opt_out(&server, body, &[]);
        assert_eq!(answer.status, 400, "{body}");
        assert!(answer.body.contains(why), "{body}: {}", answer.body);
    }
}
