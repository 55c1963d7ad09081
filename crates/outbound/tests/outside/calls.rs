//! What the tests of calls have in common.

use outbound::http::{Client, FailureKind, HttpCall, HttpOutcome, Settings};

use crate::receiver::Receiver;

pub(crate) fn client() -> Client {
    Client::new(Settings::default()).unwrap()
}

pub(crate) fn call(url: String) -> HttpCall {
    HttpCall {
        url,
        headers: vec![("X-Test".to_owned(), "1".to_owned())],
        body: b"hello".to_vec(),
    }
}

pub(crate) async fn failure(client: &Client, url: String) -> FailureKind {
    client.post(call(url)).await.unwrap_err().kind
}

pub(crate) async fn post(client: &Client, receiver: &Receiver) -> HttpOutcome {
    client.post(call(receiver.url())).await.unwrap()
}
