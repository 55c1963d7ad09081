//! Names and passwords in URLs.

use crate::calls::{call, client, post};
use crate::receiver::{Answer, Receiver, Seen, answer, ok};

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
