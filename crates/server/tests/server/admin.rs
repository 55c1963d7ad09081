//! The endpoints beside AWS's API.

use serde_json::json;

use crate::running::{Running, await_polls, put_clock};
use crate::sns::{ask, element};

#[test]
fn health_and_metrics_tell_what_goes_on() {
    let server = Running::in_memory();
    let url = server.create_queue("watched");
    server.json(
        "SendMessage",
        json!({ "QueueUrl": url, "MessageBody": "x" }),
    );
    server.json("SendMessage", json!({ "QueueUrl": url }));
    assert_eq!(server.get("/_tidings/health").value()["status"], "running");
    assert_eq!(
        server.get("/_localstack/health").value()["services"],
        json!({ "sqs": "running", "sns": "running", "logs": "running" })
    );
    assert_eq!(
        server.get("/_localstack/info").value()["services"],
        json!(["sqs", "sns", "logs"])
    );
    let metrics = server.get("/metrics").body;
    for line in [
        r#"tidings_requests_total{service="sqs",operation="SendMessage",code="OK"} 1"#,
        r#"tidings_requests_total{service="sqs",operation="SendMessage",code="MissingParameter"} 1"#,
        r#"tidings_request_duration_seconds_count{service="sqs",operation="SendMessage"} 2"#,
        r#"tidings_queue_visible_messages{account="000000000000",region="us-east-1",queue="watched"} 1"#,
        r#"tidings_cell_up{cell="0"} 1"#,
        r#"tidings_cell_topics{cell="0"} 0"#,
        "tidings_connections 1",
        "tidings_long_polls 0",
        "# EOF",
    ] {
        assert!(
            metrics.lines().any(|it| it == line),
            "{line} is not in\n{metrics}"
        );
    }
    assert_eq!(server.get("/_tidings/nothing").status, 404);
    let mut client = server.connect();
    client.request("POST", "/_tidings/health", &[], "");
    assert_eq!(client.answer().header("allow"), Some("GET, HEAD"));
}

#[test]
fn the_clock_can_be_frozen_and_advanced_and_messages_feel_it() {
    let server = Running::in_memory();
    let url = server.create_queue("q");
    assert_eq!(
        put_clock(&server, r#"{"freeze":true}"#).value()["frozen"],
        true
    );
    let before = server.get("/_tidings/clock").value()["now"]
        .as_u64()
        .unwrap();
    server.json(
        "SendMessage",
        json!({ "QueueUrl": url, "MessageBody": "late", "DelaySeconds": 900 }),
    );
    assert_eq!(
        server
            .json("ReceiveMessage", json!({ "QueueUrl": url }))
            .value(),
        json!({})
    );
    let mut waiting = server.connect();
    waiting.json(
        "ReceiveMessage",
        &json!({ "QueueUrl": url, "WaitTimeSeconds": 20 }),
    );
    await_polls(&server, 1);
    let after = put_clock(&server, r#"{"advance":10.5}"#).value()["now"]
        .as_u64()
        .unwrap();
    assert_eq!(after, before + 10_500);
    put_clock(&server, r#"{"advance":9.5}"#);
    assert_eq!(waiting.answer().value(), json!({}));
    put_clock(&server, r#"{"advance":880}"#);
    let received = server
        .json("ReceiveMessage", json!({ "QueueUrl": url }))
        .value();
    assert_eq!(received["Messages"][0]["Body"], "late");
    assert_eq!(put_clock(&server, r#"{"set":0}"#).status, 400);
    assert_eq!(put_clock(&server, "soon").status, 400);
}

#[test]
fn a_reset_removes_every_queue_unless_a_page_asks() {
    let server = Running::in_memory();
    server.create_queue("q");
    let mut client = server.connect();
    client.request(
        "POST",
        "/_tidings/reset",
        &[("Origin", "https://evil.example")],
        "",
    );
    assert_eq!(client.answer().status, 403);
    assert!(server.json("ListQueues", json!({})).value()["QueueUrls"].is_array());
    client.request("POST", "/_tidings/reset", &[], "");
    assert_eq!(client.answer().status, 200);
    assert_eq!(server.json("ListQueues", json!({})).value(), json!({}));
}

#[test]
fn a_reset_leaves_nothing_of_any_service() {
    let server = Running::start(&["--memory", "--cells", "4"]);
    let topic = element(&ask(&server, "Action=CreateTopic&Name=news"), "TopicArn");
    let subscription = ask(
        &server,
        &format!(
            "Action=Subscribe&TopicArn={topic}&Protocol=email&Endpoint=a@example.com\
             &ReturnSubscriptionArn=true"
        ),
    );
    let subscription = element(&subscription, "SubscriptionArn");
    ask(
        &server,
        "Action=CreatePlatformApplication&Name=shop&Platform=GCM\
         &Attributes.entry.1.key=PlatformCredential&Attributes.entry.1.value=secret",
    );
    ask(
        &server,
        "Action=Publish&PhoneNumber=%2B436641234567&Message=hello",
    );
    server.create_queue("q");
    let mut client = server.connect();
    client.request("POST", "/_tidings/reset", &[], "");
    assert_eq!(client.answer().value(), json!({ "status": "reset" }));
    for (action, gone) in [
        ("ListTopics", "TopicArn"),
        ("ListSubscriptions", "SubscriptionArn"),
        ("ListPlatformApplications", "PlatformApplicationArn"),
    ] {
        let listed = ask(&server, &format!("Action={action}"));
        assert!(!listed.contains(gone), "{listed}");
    }
    let token = format!("/_aws/sns/subscription-tokens/{subscription}");
    assert_eq!(server.get(&token).status, 404);
    assert_eq!(server.get("/_tidings/outbox").value(), json!([]));
    assert_eq!(server.json("ListQueues", json!({})).value(), json!({}));
    let again = element(&ask(&server, "Action=CreateTopic&Name=news"), "TopicArn");
    assert_eq!(again, topic);
    let listed = ask(
        &server,
        &format!("Action=ListSubscriptionsByTopic&TopicArn={topic}"),
    );
    assert!(!listed.contains("SubscriptionArn"), "{listed}");
}

#[test]
fn metrics_count_topics_and_what_they_owe() {
    let server = Running::in_memory();
    let topic = element(&ask(&server, "Action=CreateTopic&Name=news"), "TopicArn");
    // Nobody listens there: what is owed stays owed.
    ask(
        &server,
        &format!("Action=Subscribe&TopicArn={topic}&Protocol=http&Endpoint=http://127.0.0.1:9/"),
    );
    let metrics = server.get("/metrics").body;
    for line in [
        r#"tidings_cell_topics{cell="0"} 1"#,
        r#"tidings_cell_subscriptions{cell="0"} 1"#,
        r#"tidings_deliveries_to_queues{cell="0"} 0"#,
        r#"tidings_deliveries_by_call{cell="0"} 1"#,
    ] {
        assert!(
            metrics.lines().any(|it| it == line),
            "{line} is not in\n{metrics}"
        );
    }
    assert!(
        metrics.contains("\ntidings_calls{cell=\"0\"} "),
        "{metrics}"
    );
}

#[test]
fn messages_can_be_looked_at_without_receiving_them() {
    let server = Running::in_memory();
    let url = server.create_queue("q");
    server.json(
        "SendMessage",
        json!({ "QueueUrl": url, "MessageBody": "<a>" }),
    );
    let xml = server.get(&format!("/_aws/sqs/messages?QueueUrl={url}"));
    assert_eq!(xml.status, 200, "{}", xml.body);
    assert!(xml.body.contains("<Body>&lt;a&gt;</Body>"), "{}", xml.body);
    assert!(
        xml.body
            .contains("<ReceiptHandle>SQS/BACKDOOR/ACCESS</ReceiptHandle>"),
        "{}",
        xml.body
    );
    assert!(
        xml.body
            .contains("<Name>ApproximateReceiveCount</Name><Value>0</Value>"),
        "{}",
        xml.body
    );

    let mut client = server.connect();
    client.request(
        "GET",
        "/_aws/sqs/messages/us-east-1/000000000000/q",
        &[("Accept", "application/json")],
        "",
    );
    let message =
        client.answer().value()["ReceiveMessageResponse"]["ReceiveMessageResult"]["Message"]
            .clone();
    assert_eq!(message["Body"], "<a>");

    let form = client.form(
        "/_aws/sqs/messages",
        &format!("QueueUrl={url}&ShowInvisible=1"),
    );
    assert!(
        form.body
            .contains("<Name>IsVisible</Name><Value>true</Value>"),
        "{}",
        form.body
    );
    let received = server
        .json(
            "ReceiveMessage",
            json!({ "QueueUrl": url, "AttributeNames": ["All"] }),
        )
        .value();
    assert_eq!(
        received["Messages"][0]["Attributes"]["ApproximateReceiveCount"],
        "1"
    );
    assert!(
        !server
            .get(&format!("/_aws/sqs/messages?QueueUrl={url}"))
            .body
            .contains("<Message>")
    );
    let hidden = server.get(&format!(
        "/_aws/sqs/messages?QueueUrl={url}&ShowInvisible=true"
    ));
    assert!(
        hidden
            .body
            .contains("<Name>IsVisible</Name><Value>false</Value>"),
        "{}",
        hidden.body
    );
}

#[test]
fn an_sdk_may_take_the_peek_address_as_its_endpoint() {
    let server = Running::in_memory();
    let url = server.create_queue("q");
    for n in 0..12 {
        server.json(
            "SendMessage",
            json!({ "QueueUrl": url, "MessageBody": format!("{n}") }),
        );
    }
    let call = |operation: &str| {
        let mut client = server.connect();
        let target = format!("AmazonSQS.{operation}");
        let headers = [
            ("Content-Type", "application/x-amz-json-1.0"),
            ("X-Amz-Target", target.as_str()),
        ];
        client.request(
            "POST",
            "/_aws/sqs/messages",
            &headers,
            &json!({ "QueueUrl": url }).to_string(),
        );
        client.answer()
    };
    assert_eq!(
        call("ReceiveMessage").value()["Messages"]
            .as_array()
            .unwrap()
            .len(),
        12
    );
    let refused = call("PurgeQueue");
    assert_eq!(refused.status, 400);
    assert_eq!(
        refused.header("x-amzn-query-error"),
        Some("InvalidRequest;Sender")
    );
    assert_eq!(
        refused.value()["message"],
        "This endpoint only accepts ReceiveMessage calls"
    );
    let by_query = server.connect().form(
        "/_aws/sqs/messages",
        &format!("Action=ReceiveMessage&QueueUrl={url}"),
    );
    assert_eq!(by_query.body.matches("<Message>").count(), 12);
}

#[test]
fn looking_at_no_queue_is_an_error() {
    let server = Running::in_memory();
    server.create_queue("q");
    let mut client = server.connect();
    let mut code = |path: &str| {
        client.request("GET", path, &[("Accept", "application/json")], "");
        let answer = client.answer();
        (
            answer.status,
            answer.value()["ErrorResponse"]["Error"]["Code"]
                .as_str()
                .unwrap()
                .to_owned(),
        )
    };
    let absent = (400, "AWS.SimpleQueueService.NonExistentQueue".to_owned());
    assert_eq!(code("/_aws/sqs/messages"), absent);
    assert_eq!(
        code("/_aws/sqs/messages?QueueUrl=http://localhost/000000000000/none"),
        absent
    );
    assert_eq!(code("/_aws/sqs/messages/eu-west-1/000000000000/q"), absent);
    assert_eq!(
        code("/_aws/sqs/messages?QueueUrl=http://localhost/"),
        (404, "InvalidAddress".to_owned())
    );
}
