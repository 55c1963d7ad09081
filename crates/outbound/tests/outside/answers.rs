//! What becomes of an answer, good or bad.

use std::time::Duration;

use outbound::http::{Client, FailureKind, Settings};

use crate::calls::{client, failure, post};
use crate::receiver::{Answer, Receiver, Seen, answer};

/// Long enough for loopback, and not waited for unless it must run out.
const SHORT: Duration = Duration::from_millis(50);

fn impatient() -> Client {
    let settings = Settings {
        timeout: SHORT,
        ..Settings::default()
    };
    Client::new(settings).unwrap()
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
