//! Cleartext HTTP/2 with prior knowledge, on the same port.

use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt as _, Full};
use hyper_util::rt::{TokioExecutor, TokioIo};
use serde_json::{Value, json};

use crate::running::Running;

fn call(operation: &str, input: Value) -> Request<Full<Bytes>> {
    Request::post("http://localhost/")
        .header("content-type", "application/x-amz-json-1.0")
        .header("x-amz-target", format!("AmazonSQS.{operation}"))
        .body(Full::from(input.to_string()))
        .unwrap()
}

#[test]
fn calls_share_one_connection_and_a_long_poll_holds_up_none() {
    let server = Running::in_memory();
    let url = server.create_queue("q");
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let tcp = tokio::net::TcpStream::connect(server.address)
            .await
            .unwrap();
        let builder = hyper::client::conn::http2::Builder::new(TokioExecutor::new());
        let (mut client, connection) = builder.handshake(TokioIo::new(tcp)).await.unwrap();
        tokio::spawn(connection);
        let poll = client.send_request(call(
            "ReceiveMessage",
            json!({ "QueueUrl": url, "WaitTimeSeconds": 20 }),
        ));
        let sent = client.send_request(call(
            "SendMessage",
            json!({ "QueueUrl": url, "MessageBody": "over HTTP/2" }),
        ));
        let (received, sent) = tokio::join!(poll, sent);
        assert_eq!(sent.unwrap().status(), 200);
        let body = received
            .unwrap()
            .into_body()
            .collect()
            .await
            .unwrap()
            .to_bytes();
        let received: Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(received["Messages"][0]["Body"], "over HTTP/2");
    });
}
