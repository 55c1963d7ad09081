//! Answers byte by byte (`testdata/sqs/*.response`): status and headers, an empty line, the body.
//!
//! `UPDATE=1 cargo test -p wire` writes the files anew; look at the difference before you keep it.

use std::borrow::Cow;
use std::fs;

use api::common::{INVALID_PARAMETER_VALUE, SERVICE_UNAVAILABLE};
use api::sqs::{
    BatchResultErrorEntry, CreateQueueResult, GetQueueAttributesResult,
    ListDeadLetterSourceQueuesResult, ListMessageMoveTasksResult, ListMessageMoveTasksResultEntry,
    ListQueueTagsResult, ListQueuesResult, Message, MessageAttributeValue, ReceiveMessageResult,
    Reply, SendMessageBatchResult, SendMessageBatchResultEntry, SendMessageResult, error,
};
use api::{Error, Map};
use wire::{Dialect, Protocol, encode_error, encode_reply};

use crate::recorded::testdata;

const REQUEST_ID: &str = "6fde8d1e-52cd-4581-8cd9-c512f4c64223";
const MD5: &str = "78e731027d8fd50ed642340b7c9a63b3";

const PROTOCOLS: [(Protocol, &str); 3] = [
    (Protocol::AwsJson10, "json"),
    (Protocol::Query, "query"),
    (Protocol::QueryJson, "query-json"),
];

fn check_reply(name: &str, reply: Reply<'_>) {
    let reply = api::Reply::Sqs(reply);
    for (protocol, suffix) in PROTOCOLS {
        let mut body = Vec::new();
        let content_type = encode_reply(protocol, &reply, REQUEST_ID, &mut body);
        compare(
            &format!("{name}.{suffix}"),
            format!("200\ncontent-type: {content_type}\n"),
            body,
        );
    }
}

fn check_error(name: &str, error: Error) {
    for (protocol, suffix) in PROTOCOLS {
        let mut body = Vec::new();
        let service = &api::sqs::SERVICE;
        let head = encode_error(Dialect { service, protocol }, &error, REQUEST_ID, &mut body);
        let mut lines = format!("{}\ncontent-type: {}\n", head.status, head.content_type);
        if let Some(query_error) = head.query_error {
            lines += &format!("x-amzn-query-error: {query_error}\n");
        }
        compare(&format!("{name}.{suffix}"), lines, body);
    }
}

fn compare(name: &str, head: String, body: Vec<u8>) {
    let written = format!("{head}\n{}", String::from_utf8(body).unwrap());
    let path = testdata().join(format!("{name}.response"));
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&path, &written).unwrap();
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(written, expected, "{}", path.display());
}

fn text(text: &'static str) -> Option<Cow<'static, str>> {
    Some(Cow::Borrowed(text))
}

fn map<const N: usize>(
    entries: [(&'static str, &'static str); N],
) -> Option<Map<'static, Cow<'static, str>>> {
    Some(
        entries
            .map(|(key, value)| (Cow::Borrowed(key), Cow::Borrowed(value)))
            .into(),
    )
}

#[test]
fn operation_without_output() {
    check_reply("delete_message", Reply::DeleteMessage);
}

#[test]
fn queue_url() {
    let queue_url = text("http://localhost:4566/000000000000/orders");
    check_reply(
        "create_queue",
        Reply::CreateQueue(CreateQueueResult { queue_url }),
    );
}

#[test]
fn sent_message() {
    check_reply(
        "send_message",
        Reply::SendMessage(SendMessageResult {
            md5_of_message_body: text(MD5),
            message_id: text("219f8380-5770-4cc2-8c3e-5c715e145f5e"),
            ..SendMessageResult::default()
        }),
    );
}

#[test]
fn batch_with_a_failure() {
    check_reply(
        "send_message_batch",
        Reply::SendMessageBatch(SendMessageBatchResult {
            successful: Some(vec![SendMessageBatchResultEntry {
                id: text("a"),
                message_id: text("219f8380-5770-4cc2-8c3e-5c715e145f5e"),
                md5_of_message_body: text(MD5),
                sequence_number: text("18849496460467696128"),
                ..SendMessageBatchResultEntry::default()
            }]),
            failed: Some(vec![BatchResultErrorEntry {
                id: text("b"),
                sender_fault: Some(true),
                code: text("InvalidMessageContents"),
                message: Some(Cow::Borrowed(error::INVALID_MESSAGE_CONTENTS.text)),
            }]),
        }),
    );
}

#[test]
fn nothing_received() {
    check_reply(
        "receive_message_empty",
        Reply::ReceiveMessage(ReceiveMessageResult::default()),
    );
}

#[test]
fn received_messages() {
    let binary = MessageAttributeValue {
        binary_value: Some(Cow::Borrowed(&[0, 1, 255])),
        data_type: text("Binary"),
        ..MessageAttributeValue::default()
    };
    let string = MessageAttributeValue {
        string_value: text("a & b"),
        data_type: text("String"),
        ..MessageAttributeValue::default()
    };
    let message = Message {
        message_id: text("219f8380-5770-4cc2-8c3e-5c715e145f5e"),
        receipt_handle: text("AQEBhandle+/="),
        md5_of_body: text(MD5),
        body: text("{\"a\":\"<&>\"}\r\n\ttext &quot; \u{1} é 😀"),
        attributes: map([
            ("SentTimestamp", "1779981273000"),
            ("ApproximateReceiveCount", "1"),
        ]),
        md5_of_message_attributes: text("4c360f3fdafd970e05fae2f149d997f5"),
        message_attributes: Some(vec![
            (Cow::Borrowed("General"), string),
            (Cow::Borrowed("raw"), binary),
        ]),
    };
    let bare = Message {
        body: text(""),
        ..Message::default()
    };
    check_reply(
        "receive_message",
        Reply::ReceiveMessage(ReceiveMessageResult {
            messages: Some(vec![message, bare]),
        }),
    );
}

#[test]
fn one_of_each_in_a_list() {
    check_reply(
        "list_queues",
        Reply::ListQueues(ListQueuesResult {
            queue_urls: Some(vec!["http://localhost:4566/000000000000/orders".into()]),
            next_token: text("dG9rZW4="),
        }),
    );
    check_reply(
        "get_queue_attributes",
        Reply::GetQueueAttributes(GetQueueAttributesResult {
            attributes: map([("QueueArn", "arn:aws:sqs:us-east-1:000000000000:orders")]),
        }),
    );
}

#[test]
fn nothing_listed() {
    check_reply(
        "list_queues_empty",
        Reply::ListQueues(ListQueuesResult::default()),
    );
    check_reply(
        "list_dead_letter_source_queues_empty",
        Reply::ListDeadLetterSourceQueues(ListDeadLetterSourceQueuesResult {
            queue_urls: Some(Vec::new()),
            next_token: None,
        }),
    );
}

#[test]
fn tags_with_an_empty_value() {
    let tags = map([("k", ""), ("team", "a b")]);
    check_reply(
        "list_queue_tags",
        Reply::ListQueueTags(ListQueueTagsResult { tags }),
    );
}

#[test]
fn move_tasks_count_in_numbers() {
    check_reply(
        "list_message_move_tasks",
        Reply::ListMessageMoveTasks(ListMessageMoveTasksResult {
            results: Some(vec![ListMessageMoveTasksResultEntry {
                status: text("COMPLETED"),
                source_arn: text("arn:aws:sqs:us-east-1:000000000000:dead"),
                approximate_number_of_messages_moved: Some(2),
                approximate_number_of_messages_to_move: Some(2),
                started_timestamp: Some(1_779_981_273_000),
                ..ListMessageMoveTasksResultEntry::default()
            }]),
        }),
    );
}

#[test]
fn errors() {
    check_error(
        "error_queue_does_not_exist",
        error::QUEUE_DOES_NOT_EXIST.error(),
    );
    check_error(
        "error_message_not_inflight",
        error::MESSAGE_NOT_INFLIGHT.error(),
    );
    check_error(
        "error_invalid_parameter",
        INVALID_PARAMETER_VALUE.with("Value \"<a>\" is invalid."),
    );
    check_error(
        "error_service_unavailable",
        SERVICE_UNAVAILABLE.with("The journal cannot be written."),
    );
    check_error(
        "error_receipt_handle",
        error::RECEIPT_HANDLE_IS_INVALID
            .with("The input receipt handle \"x\" is not a valid receipt handle."),
    );
}
