//! Calls over plain HTTP.

use std::time::Duration;

use outbound::Reach;
use outbound::http::{Client, FailureKind, HttpCall, HttpOutcome, Settings};
use tokio::net::TcpListener;

use crate::receiver::{Answer, Receiver, Seen, answer, ok};

/// Long enough for loopback, and not waited for unless it must run out.
const SHORT: Duration = Duration::from_millis(50);

fn client() -> Client {
    Client::new(Settings::default()).unwrap()
}

fn impatient() -> Client {
    let settings = Settings {
        timeout: SHORT,
        ..Settings::default()
    };
    Client::new(settings).unwrap()
}

fn call(url: String) -> HttpCall {
    HttpCall {
        url,
        headers: vec![("X-Test".to_owned(), "1".to_owned())],
        body: b"hello".to_vec(),
    }
}

async fn failure(client: &Client, url: String) -> FailureKind {
    client.post(call(url)).await.unwrap_err().kind
}

async fn post(client: &Client, receiver: &Receiver) -> HttpOutcome {
    client.post(call(receiver.url())).await.unwrap()
}

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
async fn a_connection_is_used_again() {
    let mut receiver = Receiver::start([ok(), ok()]).await;
    let client = client();
    for _ in 0..2 {
        assert_eq!(post(&client, &receiver).await.status, 200);
    }
    assert_eq!(receiver.next().await, Seen::Opened);
    assert!(matches!(receiver.next().await, Seen::Request(_)));
    assert!(matches!(receiver.next().await, Seen::Request(_)));
}

#[tokio::test]
async fn a_connection_that_the_server_closed_meanwhile_is_replaced() {
    let closes = Answer::Close(answer("200 OK", &[], ""));
    let mut receiver = Receiver::start([closes, ok()]).await;
    let client = client();
    for _ in 0..2 {
        assert_eq!(post(&client, &receiver).await.status, 200);
    }
    assert_eq!(receiver.next().await, Seen::Opened);
    receiver.request().await;
    assert_eq!(receiver.next().await, Seen::Opened);
    receiver.request().await;
    assert_eq!(receiver.rest(), []);
}

#[tokio::test]
async fn a_call_that_is_lost_with_a_kept_connection_is_made_once_more() {
    let lost = Answer::Close(String::new());
    let mut receiver = Receiver::start([ok(), lost, ok()]).await;
    let client = client();
    for _ in 0..2 {
        assert_eq!(post(&client, &receiver).await.status, 200);
    }
    let first = receiver.request().await;
    assert_eq!(receiver.request().await, first);
    assert_eq!(receiver.request().await, first);
}

#[tokio::test]
async fn a_call_that_is_lost_with_a_new_connection_fails() {
    let receiver = Receiver::start([Answer::Close(String::new())]).await;
    assert_eq!(
        failure(&client(), receiver.url()).await,
        FailureKind::Protocol
    );
}

#[tokio::test]
async fn only_so_many_connections_are_kept() {
    let mut receiver = Receiver::start([ok(), ok()]).await;
    let settings = Settings {
        idle_to_host: 1,
        ..Settings::default()
    };
    let client = Client::new(settings).unwrap();
    let (first, second) = tokio::join!(post(&client, &receiver), post(&client, &receiver));
    assert_eq!((first.status, second.status), (200, 200));
    while receiver.next().await != Seen::Closed {}
    assert_eq!(receiver.rest(), []);
}

#[tokio::test]
async fn a_connection_that_nobody_uses_is_closed() {
    let mut receiver = Receiver::start([ok()]).await;
    let settings = Settings {
        idle_for: Duration::from_millis(5),
        ..Settings::default()
    };
    let client = Client::new(settings).unwrap();
    post(&client, &receiver).await;
    while receiver.next().await != Seen::Closed {}
}

#[tokio::test]
async fn every_status_is_an_outcome() {
    for status in [
        "204 No Content",
        "400 Bad Request",
        "429 Slow Down",
        "500 Oops",
        "599 Odd",
    ] {
        let receiver = Receiver::start([Answer::Keep(answer(status, &[], ""))]).await;
        let number: u16 = status[..3].parse().unwrap();
        assert_eq!(post(&client(), &receiver).await.status, number);
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let elsewhere = Receiver::start([]).await;
    let location = format!("Location: http://{}/", elsewhere.address);
    for status in ["301 Moved", "302 Found", "307 Temporary Redirect"] {
        let moved = Answer::Keep(answer(status, &[&location], ""));
        let mut receiver = Receiver::start([moved]).await;
        let outcome = post(&client(), &receiver).await;
        assert_eq!(outcome.status / 100, 3);
        receiver.request().await;
        assert_eq!(receiver.rest(), []);
    }
}

#[tokio::test]
async fn what_comes_before_the_answer_is_passed_over() {
    let early = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n";
    let text = format!("{early}{}", answer("200 OK", &[], "fine"));
    let receiver = Receiver::start([Answer::Keep(text)]).await;
    assert_eq!(post(&client(), &receiver).await.body, b"fine");
}

#[tokio::test]
async fn a_body_may_come_in_chunks_or_end_with_the_connection() {
    let chunked =
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nfi\r\n2\r\nne\r\n0\r\n\r\n";
    let ending = "HTTP/1.1 200 OK\r\n\r\nfine";
    let answers = [
        Answer::Keep(chunked.to_owned()),
        Answer::Close(ending.to_owned()),
    ];
    let receiver = Receiver::start(answers).await;
    let client = client();
    for _ in 0..2 {
        assert_eq!(post(&client, &receiver).await.body, b"fine");
    }
}

#[tokio::test]
async fn a_long_answer_is_cut_and_its_connection_closed() {
    let long = Answer::Keep(answer("200 OK", &[], &"x".repeat(1_000_000)));
    let exact = Answer::Keep(answer("200 OK", &[], &"x".repeat(10)));
    let mut receiver = Receiver::start([long, exact]).await;
    let settings = Settings {
        longest_answer: 10,
        ..Settings::default()
    };
    let client = Client::new(settings).unwrap();
    let outcome = post(&client, &receiver).await;
    assert_eq!(
        (outcome.status, outcome.body.len(), outcome.cut),
        (200, 10, true)
    );
    receiver.request().await;
    assert_eq!(receiver.next().await, Seen::Closed);
    let outcome = post(&client, &receiver).await;
    assert_eq!((outcome.body.len(), outcome.cut), (10, false));
}

#[tokio::test]
async fn a_head_without_end_is_a_failure() {
    let head = format!("HTTP/1.1 200 OK\r\nX: {}", "x".repeat(200_000));
    let receiver = Receiver::start([Answer::Silence(head)]).await;
    assert_eq!(
        failure(&client(), receiver.url()).await,
        FailureKind::Protocol
    );
}

#[tokio::test]
async fn an_answer_that_is_not_http_or_ends_early_is_a_failure() {
    for text in [
        "220 mail.example.com ESMTP\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nfine",
    ] {
        let receiver = Receiver::start([Answer::Close(text.to_owned())]).await;
        assert_eq!(
            failure(&client(), receiver.url()).await,
            FailureKind::Protocol,
            "{text}"
        );
    }
}

#[tokio::test]
async fn a_call_ends_within_its_time_wherever_the_server_stops() {
    for text in [
        "",
        "HTTP/1.1 200",
        "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nfine",
    ] {
        let mut receiver = Receiver::start([Answer::Silence(text.to_owned())]).await;
        assert_eq!(
            failure(&impatient(), receiver.url()).await,
            FailureKind::Timeout,
            "{text}"
        );
        while receiver.next().await != Seen::Closed {}
    }
}

#[tokio::test]
async fn a_port_where_nobody_listens_is_a_failure_to_connect() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let failed = client()
        .post(call(format!("http://{address}/")))
        .await
        .unwrap_err();
    assert_eq!(failed.kind, FailureKind::Connect);
    assert!(failed.text.contains(&address.to_string()), "{failed}");
}

#[tokio::test]
async fn addresses_out_of_reach_are_refused() {
    for host in [
        "169.254.169.254",
        "[fe80::1]",
        "[::ffff:169.254.169.254]",
        "0.0.0.0",
        "[::]",
    ] {
        let url = format!("http://{host}/latest/meta-data/");
        assert_eq!(
            failure(&client(), url).await,
            FailureKind::Refused,
            "{host}"
        );
    }
    let public = Settings {
        reach: Reach::Public,
        ..Settings::default()
    };
    let receiver = Receiver::start([]).await;
    let client = Client::new(public).unwrap();
    for url in [
        receiver.url(),
        format!("http://localhost:{}/", receiver.address.port()),
    ] {
        assert_eq!(failure(&client, url).await, FailureKind::Refused);
    }
}

#[tokio::test]
async fn a_name_is_looked_up() {
    let mut receiver = Receiver::start([ok()]).await;
    let url = format!("http://localhost:{}/", receiver.address.port());
    assert_eq!(client().post(call(url)).await.unwrap().status, 200);
    let host = format!("Host: localhost:{}\r\n", receiver.address.port());
    assert!(receiver.request().await.contains(&host));
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

#[tokio::test]
async fn credentials_in_the_url_answer_a_challenge_and_are_not_sent_before() {
    let challenge = Answer::Keep(answer(
        "401 No",
        &["WWW-Authenticate: Basic realm=\"x\""],
        "who?",
    ));
    let mut receiver = Receiver::start([challenge, ok()]).await;
    let url = format!("http://user:p%40ss@{}/in", receiver.address);
    assert_eq!(client().post(call(url)).await.unwrap().status, 200);
    assert_eq!(receiver.next().await, Seen::Opened);
    let first = receiver.request().await;
    assert!(
        !first.contains("Authorization") && !first.contains("user"),
        "{first}"
    );
    // The same, over the same connection, with one line more.
    assert!(matches!(
        receiver.next().await,
        Seen::Request(second)
            if second == first.replace("\r\n\r\n", "\r\nAuthorization: Basic dXNlcjpwQHNz\r\n\r\n")
    ));
}

#[tokio::test]
async fn a_digest_challenge_is_answered_without_the_password() {
    let offer =
        "WWW-Authenticate: Digest realm=\"x\", nonce=\"n\", qop=\"auth\", algorithm=SHA-256";
    let mut receiver = Receiver::start([Answer::Keep(answer("401 No", &[offer], "")), ok()]).await;
    let url = format!("http://user:secret@{}/in", receiver.address);
    assert_eq!(client().post(call(url)).await.unwrap().status, 200);
    receiver.request().await;
    let second = receiver.request().await;
    assert!(
        second.contains("\r\nAuthorization: Digest username=\"user\", realm=\"x\""),
        "{second}"
    );
    assert!(!second.contains("secret"));
}

#[tokio::test]
async fn credentials_that_are_refused_are_not_tried_a_third_time() {
    let refusal = || Answer::Keep(answer("401 No", &["WWW-Authenticate: Basic"], ""));
    let mut receiver = Receiver::start([refusal(), refusal()]).await;
    let url = format!("http://user:wrong@{}/in", receiver.address);
    assert_eq!(client().post(call(url)).await.unwrap().status, 401);
    for _ in 0..2 {
        receiver.request().await;
    }
    assert_eq!(receiver.rest(), []);
}

#[tokio::test]
async fn without_credentials_a_challenge_is_an_outcome() {
    let refusal = Answer::Keep(answer("401 No", &["WWW-Authenticate: Basic"], ""));
    let receiver = Receiver::start([refusal]).await;
    assert_eq!(post(&client(), &receiver).await.status, 401);
}
