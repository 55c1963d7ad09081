//! One port for all services: which one a request is for, and how each is answered.

use api::Op;
use wire::{Dialect, Incoming, Protocol, Refused, decode, encode_error};

fn posted(body: &str) -> Incoming<'_> {
    Incoming {
        method: "POST",
        path: "/",
        content_type: "application/x-www-form-urlencoded; charset=utf-8",
        body: body.as_bytes(),
        ..Incoming::default()
    }
}

fn op(incoming: &Incoming<'_>) -> Op {
    decode(incoming).unwrap().request.op()
}

#[test]
fn the_signature_decides_where_services_share_an_action() {
    let body = "Action=AddPermission&Label=x";
    let sns = Incoming {
        scope: Some("sns"),
        ..posted(body)
    };
    assert_eq!(op(&sns), Op::Sns(api::sns::Op::AddPermission));
    let sqs = Incoming {
        scope: Some("sqs"),
        ..posted(body)
    };
    assert_eq!(op(&sqs), Op::Sqs(api::sqs::Op::AddPermission));
}

#[test]
fn without_a_signature_the_version_decides() {
    assert_eq!(
        op(&posted("Action=AddPermission&Version=2010-03-31")),
        Op::Sns(api::sns::Op::AddPermission)
    );
    assert_eq!(
        op(&posted("Action=AddPermission&Version=2012-11-05")),
        Op::Sqs(api::sqs::Op::AddPermission)
    );
}

#[test]
fn a_bare_link_of_a_message_leads_to_sns() {
    for query in [
        "Action=ConfirmSubscription&TopicArn=arn:aws:sns:us-east-1:000000000000:t&Token=ab",
        "Action=Unsubscribe&SubscriptionArn=arn:aws:sns:us-east-1:000000000000:t:u",
    ] {
        let link = Incoming {
            method: "GET",
            path: "/",
            query,
            ..Incoming::default()
        };
        assert_eq!(decode(&link).unwrap().dialect.service.name, "sns");
    }
}

#[test]
fn a_queue_url_leads_to_sqs_whatever_else_is_said() {
    let at_queue = Incoming {
        path: "/000000000000/q",
        scope: Some("sns"),
        ..posted("Action=AddPermission&Label=x")
    };
    assert_eq!(op(&at_queue), Op::Sqs(api::sqs::Op::AddPermission));
}

#[test]
fn an_action_that_only_one_service_has_leads_there() {
    assert_eq!(
        op(&posted("Action=ListTopics")),
        Op::Sns(api::sns::Op::ListTopics)
    );
    assert_eq!(
        op(&posted("Action=ListQueues")),
        Op::Sqs(api::sqs::Op::ListQueues)
    );
}

#[test]
fn lists_and_maps_of_sns_are_not_flat() {
    let body = "Action=PublishBatch&TopicArn=t&PublishBatchRequestEntries.member.1.Id=a\
                &PublishBatchRequestEntries.member.1.Message=m\
                &PublishBatchRequestEntries.member.1.MessageAttributes.entry.1.Name=n\
                &PublishBatchRequestEntries.member.1.MessageAttributes.entry.1.Value.DataType=String\
                &PublishBatchRequestEntries.member.1.MessageAttributes.entry.1.Value.StringValue=v";
    let body = body.replace(' ', "");
    let incoming = Incoming {
        scope: Some("sns"),
        ..posted(&body)
    };
    let decoded = decode(&incoming).unwrap();
    let api::Request::Sns(api::sns::Request::PublishBatch(input)) = decoded.request else {
        panic!("{:?}", decoded.request);
    };
    let entry = &input.publish_batch_request_entries.unwrap()[0];
    assert_eq!(entry.id.as_deref(), Some("a"));
    let (name, value) = &entry.message_attributes.as_ref().unwrap()[0];
    assert_eq!(
        (name.as_ref(), value.string_value.as_deref()),
        ("n", Some("v"))
    );
}

#[test]
fn logs_speak_json_1_1() {
    let incoming = Incoming {
        target: "Logs_20140328.DescribeLogGroups",
        ..posted("{}")
    };
    let decoded = decode(&incoming).unwrap();
    assert_eq!(decoded.dialect.protocol, Protocol::AwsJson11);
    assert_eq!(
        decoded.request.op(),
        Op::Logs(api::logs::Op::DescribeLogGroups)
    );
    let mut body = Vec::new();
    let error = api::logs::error::RESOURCE_NOT_FOUND_EXCEPTION.with("gone");
    let head = encode_error(decoded.dialect, &error, "id", &mut body);
    assert_eq!(
        (head.status, head.content_type, head.query_error),
        (400, "application/x-amz-json-1.1", None)
    );
    assert_eq!(
        body,
        br#"{"__type":"ResourceNotFoundException","message":"gone"}"#
    );
}

#[test]
fn an_operation_that_is_not_built_says_so() {
    let incoming = Incoming {
        target: "Logs_20140328.PutMetricFilter",
        ..posted("{}")
    };
    let Err(Refused::Error { error, .. }) = decode(&incoming) else {
        panic!("it was accepted");
    };
    assert_eq!(
        (error.kind.status, error.kind.code),
        (501, "NotImplemented")
    );
}

#[test]
fn errors_of_sns_have_no_detail() {
    let dialect = Dialect {
        service: &api::sns::SERVICE,
        protocol: Protocol::Query,
    };
    let mut body = Vec::new();
    let error = api::sns::error::NOT_FOUND_EXCEPTION.with("Topic does not exist");
    let head = encode_error(dialect, &error, "id", &mut body);
    assert_eq!(head.status, 404);
    assert_eq!(
        String::from_utf8(body).unwrap(),
        "<?xml version=\"1.0\"?><ErrorResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><Error><Type>Sender</Type>\
         <Code>NotFound</Code><Message>Topic does not exist</Message></Error><RequestId>id</RequestId></ErrorResponse>"
    );
}
