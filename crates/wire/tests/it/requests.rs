//! How requests are read where the clients' bytes differ from the common ones (spec section 1).

use api::common::{
    INVALID_ACTION, INVALID_PARAMETER_VALUE, MALFORMED_QUERY_STRING, MISSING_PARAMETER,
    SERIALIZATION, UNKNOWN_OPERATION,
};
use api::sqs::{Op, Request};
use api::{Error, Str};
use wire::{Decoded, Incoming, Protocol, Refused, decode};

const FORM: &str = "application/x-www-form-urlencoded; charset=utf-8";
const QUEUE: &str = "http://localhost/000000000000/q";

fn json<'a>(op: Op, body: &'a str) -> Incoming<'a> {
    Incoming {
        method: "POST",
        path: "/",
        content_type: "application/x-amz-json-1.0",
        target: op.operation().target,
        body: body.as_bytes(),
        ..Incoming::default()
    }
}

fn form(body: &str) -> Incoming<'_> {
    Incoming {
        method: "POST",
        path: "/",
        content_type: FORM,
        body: body.as_bytes(),
        ..Incoming::default()
    }
}

fn get<'a>(path: &'a str, query: &'a str) -> Incoming<'a> {
    Incoming {
        method: "GET",
        path,
        query,
        ..Incoming::default()
    }
}

fn request(incoming: Incoming<'_>) -> Request<'_> {
    match decode(&incoming).unwrap().request {
        api::Request::Sqs(request) => request,
        other => panic!("{other:?}"),
    }
}

fn error(incoming: Incoming<'_>) -> Error {
    match decode(&incoming) {
        Err(Refused::Error { error, .. }) => error,
        other => panic!("{other:?}"),
    }
}

fn queue_url(incoming: Incoming<'_>) -> String {
    request(incoming).queue_url().unwrap().to_owned()
}

fn attributes(incoming: Incoming<'_>) -> Vec<(Str<'_>, Str<'_>)> {
    match request(incoming) {
        Request::SetQueueAttributes(input) => input.attributes.unwrap(),
        Request::CreateQueue(input) => input.attributes.unwrap(),
        other => panic!("{other:?}"),
    }
}

fn pairs<'a, const N: usize>(pairs: [(&'a str, &'a str); N]) -> Vec<(Str<'a>, Str<'a>)> {
    pairs
        .map(|(key, value)| (Str::Borrowed(key), Str::Borrowed(value)))
        .into()
}

#[test]
fn target_header_decides_for_json_even_at_a_queue_url() {
    let body = r#"{"MessageBody":"x"}"#;
    let incoming = Incoming {
        path: "/000000000000/q",
        host: "sqs.eu-west-1.localhost:4566",
        ..json(Op::SendMessage, body)
    };
    let Decoded {
        dialect,
        at_queue_url,
        ..
    } = decode(&incoming).unwrap();
    assert_eq!(
        (dialect.protocol, at_queue_url),
        (Protocol::AwsJson10, true)
    );
    assert_eq!(
        request(incoming).queue_url(),
        Some("http://sqs.eu-west-1.localhost:4566/000000000000/q")
    );
}

#[test]
fn queue_url_in_the_request_goes_before_the_path() {
    let body = format!(r#"{{"QueueUrl":"{QUEUE}"}}"#);
    assert_eq!(
        queue_url(Incoming {
            path: "/000000000000/other",
            ..json(Op::PurgeQueue, &body)
        }),
        QUEUE
    );
    let query = format!("Action=PurgeQueue&QueueUrl={QUEUE}");
    assert_eq!(queue_url(get("/000000000000/other", &query)), QUEUE);
}

#[test]
fn queue_url_may_be_missing_elsewhere() {
    assert_eq!(request(get("/", "Action=PurgeQueue")).queue_url(), None);
}

#[test]
fn parameters_count_in_the_url_and_in_the_form() {
    let incoming = Incoming {
        query: "Action=SendMessage&QueueUrl=a&MessageBody=url",
        ..form("QueueUrl=b")
    };
    let Request::SendMessage(input) = request(incoming) else {
        panic!()
    };
    assert_eq!(input.queue_url.as_deref(), Some("b"));
    assert_eq!(input.message_body.as_deref(), Some("url"));
    assert_eq!(
        queue_url(Incoming {
            content_type: "",
            ..form("Action=PurgeQueue&QueueUrl=q")
        }),
        "q"
    );
}

#[test]
fn presigned_url_is_read_like_any_other() {
    let query = "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=k%2F20261125%2Feu-west-1%2Fsqs%2Faws4_request&Action=DeleteQueue&X-Amz-Signature=0";
    assert_eq!(queue_url(get("/000000000000/q", query)), "/000000000000/q");
}

#[test]
fn request_without_an_operation_is_none() {
    for incoming in [
        get("/", ""),
        get("/000000000000/q", "Version=2012-11-05"),
        Incoming {
            accept: "application/json",
            ..get("/", "")
        },
        Incoming {
            target: "",
            ..json(Op::ListQueues, "{}")
        },
        Incoming {
            method: "PUT",
            ..form("Action=ListQueues")
        },
    ] {
        assert_eq!(decode(&incoming), Err(Refused::NoOperation));
    }
}

#[test]
fn operation_that_does_not_exist_is_refused() {
    let text = "The action Fly is not valid for this endpoint.";
    assert_eq!(error(form("Action=Fly")), INVALID_ACTION.with(text));
    assert_eq!(
        error(get("/000000000000/q", "Action=Fly")),
        INVALID_ACTION.with(text)
    );
    for target in ["AmazonSQS.Fly", "AmazonSNS.ListQueues", "ListQueues"] {
        let refused = error(Incoming {
            target,
            ..json(Op::ListQueues, "{}")
        });
        assert_eq!(refused.kind, &UNKNOWN_OPERATION);
    }
}

#[test]
fn queue_url_does_not_take_what_is_about_all_queues() {
    for action in ["CreateQueue", "ListQueues"] {
        let query = format!("Action={action}&QueueName=q");
        let text = format!("The action {action} is not valid for this endpoint.");
        assert_eq!(
            error(get("/000000000000/q", &query)),
            INVALID_ACTION.with(text)
        );
    }
    assert_eq!(
        request(get("/000000000000/q", "Action=GetQueueUrl&QueueName=r")).op(),
        Op::GetQueueUrl
    );
}

#[test]
fn answer_is_json_where_a_query_accepts_that() {
    let incoming = Incoming {
        accept: "application/json",
        ..get("/", "Action=ListQueues")
    };
    assert_eq!(
        decode(&incoming).unwrap().dialect.protocol,
        Protocol::QueryJson
    );
    let incoming = Incoming {
        accept: "*/*",
        ..incoming
    };
    assert_eq!(decode(&incoming).unwrap().dialect.protocol, Protocol::Query);
}

#[test]
fn list_under_its_own_name_with_no_value_is_empty() {
    let Request::SendMessageBatch(input) = request(form("Action=SendMessageBatch&Entries=")) else {
        panic!()
    };
    assert_eq!(input.entries, Some(Vec::new()));
    let Request::ReceiveMessage(input) = request(form(
        "Action=ReceiveMessage&AttributeNames=&MessageAttributeNames=",
    )) else {
        panic!()
    };
    assert_eq!(input.attribute_names, Some(Vec::new()));
    assert_eq!(input.message_attribute_names, Some(Vec::new()));
    assert_eq!(input.message_system_attribute_names, None);
}

#[test]
fn numbering_orders_entries_whatever_its_gaps() {
    let body = "Action=UntagQueue&TagKey.10=c&TagKey.2=b&TagKey.1=a&TagKey.3000000=d";
    let Request::UntagQueue(input) = request(form(body)) else {
        panic!()
    };
    assert_eq!(input.tag_keys.unwrap(), ["a", "b", "c", "d"]);
}

#[test]
fn only_entry_may_go_without_a_number() {
    let body = "Action=SetQueueAttributes&Attribute.Name=DelaySeconds&Attribute.Value=5";
    assert_eq!(attributes(form(body)), pairs([("DelaySeconds", "5")]));
    let Request::GetQueueAttributes(input) =
        request(form("Action=GetQueueAttributes&AttributeName=All"))
    else {
        panic!()
    };
    assert_eq!(input.attribute_names.unwrap(), ["All"]);
}

#[test]
fn young_member_has_a_query_name_too() {
    let body = "Action=ReceiveMessage&MessageSystemAttributeName.1=All";
    let Request::ReceiveMessage(input) = request(form(body)) else {
        panic!()
    };
    assert_eq!(input.message_system_attribute_names.unwrap(), ["All"]);
}

#[test]
fn parameter_of_the_wrong_form_is_an_invalid_value() {
    let refused = error(form("Action=SendMessage&DelaySeconds=soon"));
    let text = "Value soon for parameter DelaySeconds is invalid. Reason: Must be an integer.";
    assert_eq!(refused, INVALID_PARAMETER_VALUE.with(text));
    let refused = error(form(
        "Action=SendMessage&MessageAttribute.1.Name=a&MessageAttribute.1.Value.BinaryValue=!",
    ));
    assert_eq!(refused.kind, &INVALID_PARAMETER_VALUE);
}

#[test]
fn half_an_entry_lacks_a_parameter() {
    let refused = error(form("Action=TagQueue&Tag.1.Key=k"));
    let text = "The request must contain the parameter Tag.1.Value.";
    assert_eq!(refused, MISSING_PARAMETER.with(text));
}

#[test]
fn too_many_parameters_are_refused() {
    let body = format!("Action=ListQueues{}", "&a=b".repeat(10_000));
    assert_eq!(error(form(&body)).kind, &MALFORMED_QUERY_STRING);
}

#[test]
fn too_many_entries_are_refused() {
    let body = format!(r#"{{"Entries":[{}{{}}]}}"#, "{},".repeat(16_384));
    assert_eq!(
        error(json(Op::SendMessageBatch, &body)).kind,
        &SERIALIZATION
    );
}

#[test]
fn number_or_boolean_for_an_attribute_stands_for_its_text() {
    let body = r#"{"Attributes":{"DelaySeconds":400,"FifoQueue":true,"Policy":null,"VisibilityTimeout":"7"}}"#;
    let expected = pairs([
        ("DelaySeconds", "400"),
        ("FifoQueue", "true"),
        ("VisibilityTimeout", "7"),
    ]);
    assert_eq!(attributes(json(Op::CreateQueue, body)), expected);
}

#[test]
fn json_of_the_wrong_type_gets_the_serialisers_words() {
    for (body, text) in [
        (
            r#"{"QueueUrl":{}}"#,
            "Start of structure or map found where not expected.",
        ),
        (
            r#"{"QueueUrl":[]}"#,
            "Unrecognized collection type class java.lang.String",
        ),
        (
            r#"{"QueueUrl":1}"#,
            "NUMBER_VALUE can not be converted to a String",
        ),
        (
            r#"{"QueueUrl":true}"#,
            "TRUE_VALUE can not be converted to a String",
        ),
        (
            r#"{"DelaySeconds":"1"}"#,
            "STRING_VALUE can not be converted to an Integer",
        ),
        (
            r#"{"DelaySeconds":[]}"#,
            "Start of list found where not expected",
        ),
        (
            r#"{"DelaySeconds":99999999999}"#,
            "99999999999 can not be converted to an Integer",
        ),
        (
            r#"{"MessageAttributes":[]}"#,
            "Start of list found where not expected",
        ),
        (r#"{"MessageAttributes":"x"}"#, "Unexpected field type"),
    ] {
        assert_eq!(
            error(json(Op::SendMessage, body)),
            SERIALIZATION.with(text),
            "{body}"
        );
    }
}

#[test]
fn null_is_as_if_absent() {
    let Request::SendMessage(input) = request(json(
        Op::SendMessage,
        r#"{"QueueUrl":null,"MessageBody":"b","MessageAttributes":null}"#,
    )) else {
        panic!()
    };
    assert_eq!((input.queue_url, input.message_attributes), (None, None));
}

#[test]
fn last_of_repeated_names_counts() {
    let Request::SendMessage(input) = request(json(
        Op::SendMessage,
        r#"{"MessageBody":"a","MessageBody":"b"}"#,
    )) else {
        panic!()
    };
    assert_eq!(input.message_body.as_deref(), Some("b"));
    let body = r#"{"Attributes":{"a":"1","b":"2","a":"3"}}"#;
    assert_eq!(
        attributes(json(Op::SetQueueAttributes, body)),
        pairs([("a", "3"), ("b", "2")])
    );
    let repeated = (0..40)
        .map(|i| format!(r#""{}":"{i}""#, i % 20))
        .collect::<Vec<_>>()
        .join(",");
    let body = format!(r#"{{"Attributes":{{{repeated}}}}}"#);
    let values: Vec<String> = attributes(json(Op::SetQueueAttributes, &body))
        .into_iter()
        .map(|(_, value)| value.into_owned())
        .collect();
    assert_eq!(values, (20..40).map(|i| i.to_string()).collect::<Vec<_>>());
}

#[test]
fn unknown_members_are_skipped_to_a_depth() {
    let body = r#"{"Later":{"a":[1,{"b":"}"}],"c":null},"MessageBody":"x"}"#;
    let Request::SendMessage(input) = request(json(Op::SendMessage, body)) else {
        panic!()
    };
    assert_eq!(input.message_body.as_deref(), Some("x"));
    let body = format!(r#"{{"Later":{}1{}}}"#, "[".repeat(100), "]".repeat(100));
    assert_eq!(error(json(Op::SendMessage, &body)).kind, &SERIALIZATION);
}

#[test]
fn json_that_is_none_is_refused() {
    for body in [
        "{",
        "[]",
        "x",
        r#"{"QueueUrl":"a"} x"#,
        r#"{"QueueUrl" "a"}"#,
        r#"{"QueueUrl":"a",}"#,
        r#"{"QueueUrl":"\ud800"}"#,
        "{\"QueueUrl\":\"a\nb\"}",
    ] {
        assert_eq!(
            error(json(Op::PurgeQueue, body)).kind,
            &SERIALIZATION,
            "{body}"
        );
    }
    let incoming = Incoming {
        body: b"{\"QueueUrl\":\"\xff\"}",
        ..json(Op::PurgeQueue, "")
    };
    assert_eq!(error(incoming).kind, &SERIALIZATION);
    assert_eq!(
        error(form("Action=PurgeQueue&QueueUrl=%FF")).kind,
        &MALFORMED_QUERY_STRING
    );
}

#[test]
fn empty_body_is_an_empty_object() {
    assert_eq!(request(json(Op::ListQueues, "")).op(), Op::ListQueues);
}

#[test]
fn plain_text_is_borrowed_from_the_request() {
    let body = r#"{"MessageBody":"plain","MessageGroupId":"\u0061"}"#;
    let Request::SendMessage(input) = request(json(Op::SendMessage, body)) else {
        panic!()
    };
    assert!(matches!(input.message_body, Some(Str::Borrowed("plain"))));
    assert!(matches!(input.message_group_id, Some(Str::Owned(_))));
    let Request::SendMessage(input) = request(form("Action=SendMessage&MessageBody=plain")) else {
        panic!()
    };
    assert!(matches!(input.message_body, Some(Str::Borrowed("plain"))));
}
