//! What a client may not do: take too long, send too much, or speak nonsense.

use std::io::Write as _;
use std::time::Instant;

use serde_json::json;

use crate::running::{PATIENCE, Running};

#[test]
fn a_client_that_never_finishes_its_head_is_cut() {
    let server = Running::start(&["--memory", "--header-timeout", "40ms"]);
    let mut silent = server.connect();
    let mut slow = server.connect();
    slow.send(b"POST / HTTP/1.1\r\nHost: local");
    let mut preface = server.connect();
    preface.send(b"PRI * HTT");
    assert!(silent.is_closed() && slow.is_closed() && preface.is_closed());
}

#[test]
fn a_client_that_never_finishes_its_body_is_cut() {
    let server = Running::start(&["--memory", "--body-timeout", "40ms"]);
    let mut slow = server.connect();
    slow.send(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nAction=");
    assert!(slow.is_closed());
}

#[test]
fn an_idle_connection_is_cut_but_serves_before() {
    let server = Running::start(&["--memory", "--idle-timeout", "100ms"]);
    let mut client = server.connect();
    client.request("GET", "/_tidings/health", &[], "");
    assert_eq!(client.answer().status, 200);
    assert!(client.is_closed());
}

#[test]
fn a_body_that_is_too_large_is_refused_in_the_clients_protocol() {
    let server = Running::in_memory();
    let mut client = server.connect();
    let large = json!({ "MessageBody": "x".repeat(9 << 20) });
    client.json("SendMessage", &large);
    let refused = client.answer();
    assert_eq!(refused.status, 413);
    assert!(
        refused
            .header("x-amzn-query-error")
            .unwrap()
            .ends_with(";Sender")
    );
    // Without a length it is noticed on the way.
    let mut client = server.connect();
    client.send(b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n");
    let piece = vec![b'x'; 1 << 20];
    for _ in 0..9 {
        client.send(b"100000\r\n");
        client.send(&piece);
        client.send(b"\r\n");
    }
    client.send(b"0\r\n\r\n");
    assert_eq!(client.answer().status, 413);
}

#[test]
fn whoever_asks_first_is_told_before_sending_a_body_that_is_too_large() {
    let server = Running::in_memory();
    let mut client = server.connect();
    client.send(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999\r\nExpect: 100-continue\r\n\r\n");
    assert_eq!(client.answer().status, 413);
}

#[test]
fn what_is_not_http_is_answered_or_closed() {
    let server = Running::in_memory();
    let garbage: [&[u8]; 9] = [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"\0\0\0\0\0\0\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\xff\xff\xff\xff\xff\xff\xff\xff\xff",
        b"GET /\xff\xfe HTTP/1.1\r\n\r\n",
    ];
    for bytes in garbage {
        let mut client = server.connect();
        client.send(bytes);
        client.tcp.shutdown(std::net::Shutdown::Write).unwrap();
        while client.more() {}
    }
    assert_eq!(server.get("/_tidings/health").status, 200);
}

#[test]
fn malformed_requests_get_an_answer_of_awss_shape() {
    let server = Running::in_memory();
    let json = |body: &str| {
        let mut client = server.connect();
        let headers = [
            ("Content-Type", "application/x-amz-json-1.0"),
            ("X-Amz-Target", "AmazonSQS.SendMessage"),
        ];
        client.request("POST", "/", &headers, body);
        client.answer()
    };
    let deep = "[".repeat(100_000);
    for body in [
        "",
        "{",
        "[]",
        "null",
        "{\"QueueUrl\":",
        "{\"QueueUrl\":{}}",
        "\"x\"",
        &deep,
    ] {
        let answer = json(body);
        assert_eq!(answer.status, 400, "{body:.20}");
        assert!(answer.value()["__type"].is_string(), "{body:.20}");
    }
    let many: String = (0..20_000).map(|n| format!("a{n}=b&")).collect();
    for form in [
        "Action=",
        "Action=Nonsense",
        "Action=SendMessage&QueueUrl=%ff%fe",
        many.as_str(),
    ] {
        let answer = server.connect().form("/", form);
        assert!(
            answer.body.contains("Exception") || answer.body.contains("<Code>"),
            "{form:.20}: {}",
            answer.body
        );
        assert!((400..500).contains(&answer.status), "{form:.20}");
    }
    let headers = [("X-Amz-Target", "AmazonSQS.Nonsense")];
    let mut client = server.connect();
    client.request("POST", "/", &headers, "{}");
    assert_eq!(client.answer().status, 400);
}

#[test]
fn a_head_that_is_too_large_is_refused() {
    let server = Running::in_memory();
    let mut client = server.connect();
    let long = "x".repeat(200_000);
    let _ = client
        .tcp
        .write_all(format!("GET /{long} HTTP/1.1\r\n\r\n").as_bytes());
    if let Some(answer) = client.answer_if_any() {
        assert!((400..500).contains(&answer.status), "{}", answer.head);
    }
}

#[test]
fn a_client_that_does_not_take_its_answers_is_cut() {
    let server = Running::start(&["--memory", "--body-timeout", "100ms"]);
    let url = server.create_queue("q");
    let body = "x".repeat(200_000);
    server.json(
        "SendMessage",
        json!({ "QueueUrl": url, "MessageBody": body }),
    );
    let mut greedy = server.connect();
    let asked = json!({ "QueueUrl": url, "VisibilityTimeout": 0 });
    // Far more than sockets hold between them, and nothing is read.
    for _ in 0..200 {
        greedy.json("ReceiveMessage", &asked);
    }
    let start = Instant::now();
    let cut = "tidings_connections_cut_total 1";
    while !server.get("/metrics").body.lines().any(|it| it == cut) {
        assert!(start.elapsed() < PATIENCE, "the connection was never cut");
    }
}
