//! What goes over the wire.

use outbound::http::{FailureKind, HttpCall};

use crate::calls::{call, client, failure};
use crate::receiver::{Receiver, ok};

#[tokio::test]
async fn a_notification_is_sent_byte_for_byte_as_aws_sends_it() {
    let mut receiver = Receiver::start([ok()]).await;
    let headers = [
        ("x-amz-sns-message-type", "Notification"),
        (
            "x-amz-sns-message-id",
            "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324",
        ),
        (
            "x-amz-sns-topic-arn",
            "arn:aws:sns:us-west-2:123456789012:MyTopic",
        ),
        ("Content-Length", ""),
        ("Content-Type", "text/plain; charset=UTF-8"),
        ("Host", ""),
        ("Connection", "Keep-Alive"),
        ("User-Agent", "Amazon Simple Notification Service Agent"),
        ("Accept-Encoding", "gzip,deflate"),
    ];
    let call = HttpCall {
        url: receiver.url(),
        headers: headers
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into(),
        body: "{\n  \"Type\" : \"Notification\"\n}".into(),
    };
    let outcome = client().post(call).await.unwrap();
    assert_eq!(
        (outcome.status, outcome.body.as_slice()),
        (200, b"fine".as_slice())
    );
    assert!(!outcome.cut);
    let expected = format!(
        "POST /in?a=b HTTP/1.1\r\n\
         x-amz-sns-message-type: Notification\r\n\
         x-amz-sns-message-id: 22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324\r\n\
         x-amz-sns-topic-arn: arn:aws:sns:us-west-2:123456789012:MyTopic\r\n\
         Content-Length: 29\r\n\
         Content-Type: text/plain; charset=UTF-8\r\n\
         Host: {}\r\n\
         Connection: Keep-Alive\r\n\
         User-Agent: Amazon Simple Notification Service Agent\r\n\
         Accept-Encoding: gzip,deflate\r\n\
         \r\n\
         {{\n  \"Type\" : \"Notification\"\n}}",
        receiver.address
    );
    assert_eq!(receiver.request().await, expected);
}

#[tokio::test]
async fn nothing_is_added_but_host_and_length() {
    let mut receiver = Receiver::start([ok()]).await;
    let framed = HttpCall {
        headers: vec![
            ("transfer-encoding".to_owned(), "chunked".to_owned()),
            ("a".to_owned(), "1".to_owned()),
            ("B".to_owned(), "2".to_owned()),
            ("a".to_owned(), "3".to_owned()),
        ],
        ..call(receiver.url())
    };
    client().post(framed).await.unwrap();
    let expected = format!(
        "POST /in?a=b HTTP/1.1\r\na: 1\r\na: 3\r\nB: 2\r\nHost: {}\r\nContent-Length: 5\r\n\r\nhello",
        receiver.address
    );
    assert_eq!(receiver.request().await, expected);
}

#[tokio::test]
async fn what_can_never_be_sent_is_said_to_be_so() {
    for url in [
        "",
        "host/path",
        "ftp://127.0.0.1/",
        "http://",
        "https://a b/",
    ] {
        assert_eq!(
            failure(&client(), url.to_owned()).await,
            FailureKind::BadCall,
            "{url}"
        );
    }
    let receiver = Receiver::start([]).await;
    for (name, value) in [
        ("X-Test", "a\r\nb: c"),
        ("X Test", "a"),
        ("", "a"),
        ("a\r\nb", "c"),
    ] {
        let injected = HttpCall {
            headers: vec![(name.to_owned(), value.to_owned())],
            ..call(receiver.url())
        };
        let failed = client().post(injected).await.unwrap_err();
        assert_eq!(failed.kind, FailureKind::BadCall, "{name}");
    }
}
