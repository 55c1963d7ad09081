//! AWS's API: both protocols, errors, long polls.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::running::{Running, await_polls, put_clock};

#[test]
fn a_message_is_sent_received_and_deleted_in_json() {
    let server = Running::in_memory();
    let url = server.create_queue("orders");
    assert_eq!(url, "http://localhost/000000000000/orders");
    let sent = server.json(
        "SendMessage",
        json!({ "QueueUrl": url, "MessageBody": "hello" }),
    );
    assert_eq!(sent.status, 200);
    assert_eq!(
        sent.header("content-type"),
        Some("application/x-amz-json-1.0")
    );
    assert_eq!(sent.header("x-amzn-requestid").unwrap().len(), 36);
    assert!(sent.header("date").is_some());
    assert_eq!(
        sent.value()["MD5OfMessageBody"],
        "5d41402abc4b2a76b9719d911017c592"
    );

    let received = server
        .json("ReceiveMessage", json!({ "QueueUrl": url }))
        .value();
    assert_eq!(received["Messages"][0]["Body"], "hello");
    let handle = &received["Messages"][0]["ReceiptHandle"];
    let deleted = server.json(
        "DeleteMessage",
        json!({ "QueueUrl": url, "ReceiptHandle": handle }),
    );
    assert_eq!((deleted.status, deleted.body.as_str()), (200, "{}"));
    let empty = server.json(
        "ReceiveMessage",
        json!({ "QueueUrl": url, "VisibilityTimeout": 0 }),
    );
    assert_eq!(empty.value(), json!({}));
}

#[test]
fn a_message_is_sent_and_received_in_query_on_one_connection() {
    let server = Running::in_memory();
    let mut client = server.connect();
    let created = client.form("/", "Action=CreateQueue&QueueName=q&Version=2012-11-05");
    assert_eq!(created.status, 200);
    assert_eq!(created.header("content-type"), Some("text/xml"));
    assert!(
        created
            .body
            .contains("<QueueUrl>http://localhost/000000000000/q</QueueUrl>"),
        "{}",
        created.body
    );
    let sent = client.form("/000000000000/q", "Action=SendMessage&MessageBody=a%26b+c");
    assert_eq!(sent.status, 200, "{}", sent.body);
    client.request("GET", "/000000000000/q?Action=ReceiveMessage", &[], "");
    let received = client.answer();
    assert!(
        received.body.contains("<Body>a&amp;b c</Body>"),
        "{}",
        received.body
    );
    let id = received.header("x-amzn-requestid").unwrap();
    assert!(
        received
            .body
            .contains(&format!("<RequestId>{id}</RequestId>"))
    );
}

#[test]
fn requests_sent_back_to_back_are_answered_in_order() {
    let server = Running::in_memory();
    let url = server.create_queue("q");
    let mut client = server.connect();
    for n in 0..20 {
        client.json(
            "SendMessage",
            &json!({ "QueueUrl": url, "MessageBody": format!("{n}") }),
        );
    }
    client.json("GetQueueUrl", &json!({ "QueueName": "q" }));
    for _ in 0..20 {
        assert!(client.answer().value()["MessageId"].is_string());
    }
    assert_eq!(client.answer().value()["QueueUrl"], url.as_str());
}

#[test]
fn errors_have_their_code_where_each_protocol_has_it() {
    let server = Running::in_memory();
    let error = server.json("GetQueueUrl", json!({ "QueueName": "none" }));
    assert_eq!(error.status, 400);
    assert_eq!(
        error.header("x-amzn-query-error"),
        Some("AWS.SimpleQueueService.NonExistentQueue;Sender")
    );
    assert_eq!(
        error.value()["__type"],
        "com.amazonaws.sqs#QueueDoesNotExist"
    );
    let error = server
        .connect()
        .form("/", "Action=GetQueueUrl&QueueName=none");
    assert!(
        error
            .body
            .contains("<Code>AWS.SimpleQueueService.NonExistentQueue</Code>"),
        "{}",
        error.body
    );
    let nothing = server.get("/");
    assert_eq!(nothing.status, 404);
    assert!(nothing.body.contains("<UnknownOperationException/>"));
}

#[test]
fn a_long_poll_wakes_when_a_message_comes() {
    let server = Running::in_memory();
    let url = server.create_queue("q");
    let mut waiting = server.connect();
    waiting.json(
        "ReceiveMessage",
        &json!({ "QueueUrl": url, "WaitTimeSeconds": 20 }),
    );
    await_polls(&server, 1);
    let start = Instant::now();
    server.json(
        "SendMessage",
        json!({ "QueueUrl": url, "MessageBody": "now" }),
    );
    assert_eq!(waiting.answer().value()["Messages"][0]["Body"], "now");
    assert!(start.elapsed() < Duration::from_secs(10));
}

#[test]
fn a_long_poll_whose_client_left_takes_no_message() {
    let server = Running::in_memory();
    let url = server.create_queue("q");
    let mut waiting = server.connect();
    waiting.json(
        "ReceiveMessage",
        &json!({ "QueueUrl": url, "WaitTimeSeconds": 20 }),
    );
    await_polls(&server, 1);
    drop(waiting);
    await_polls(&server, 0);
    server.json(
        "SendMessage",
        json!({ "QueueUrl": url, "MessageBody": "kept" }),
    );
    let received = server
        .json("ReceiveMessage", json!({ "QueueUrl": url }))
        .value();
    assert_eq!(received["Messages"][0]["Body"], "kept");
}

#[test]
fn a_long_poll_ends_in_real_time_even_if_the_clock_stands_still() {
    let server = Running::in_memory();
    let url = server.create_queue("q");
    assert_eq!(put_clock(&server, r#"{"freeze":true}"#).status, 200);
    let received = server.json(
        "ReceiveMessage",
        json!({ "QueueUrl": url, "WaitTimeSeconds": 1 }),
    );
    assert_eq!(received.value(), json!({}));
}
