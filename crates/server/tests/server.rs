//! A server in this process, spoken to in plain HTTP over loopback.

#![expect(clippy::unwrap_used, reason = "a step that fails fails its test")]

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use server::{Server, Settings, Stopper};

/// Longer than anything here takes; a test that waits this long has failed.
const PATIENCE: Duration = Duration::from_secs(20);

struct Running {
    address: SocketAddr,
    stopper: Stopper,
    thread: Option<JoinHandle<()>>,
}

impl Running {
    fn start(flags: &[&str]) -> Running {
        let flags = ["tidings", "--listen", "127.0.0.1:0"].iter().chain(flags);
        let settings = Settings::read(flags.map(|flag| (*flag).into()), []).unwrap();
        let server = Server::open(settings).unwrap();
        let (address, stopper) = (server.address(), server.stopper());
        let thread = std::thread::spawn(move || server.run().unwrap());
        Running {
            address,
            stopper,
            thread: Some(thread),
        }
    }

    fn in_memory() -> Running {
        Running::start(&["--memory"])
    }

    fn connect(&self) -> Client {
        let tcp = TcpStream::connect(self.address).unwrap();
        tcp.set_read_timeout(Some(PATIENCE)).unwrap();
        Client {
            tcp,
            read: Vec::new(),
        }
    }

    fn json(&self, operation: &str, input: Value) -> Answer {
        let mut client = self.connect();
        client.json(operation, &input);
        client.answer()
    }

    fn create_queue(&self, name: &str) -> String {
        let answer = self.json("CreateQueue", json!({ "QueueName": name }));
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.value()["QueueUrl"].as_str().unwrap().to_owned()
    }

    fn get(&self, path: &str) -> Answer {
        let mut client = self.connect();
        client.request("GET", path, &[], "");
        client.answer()
    }

    fn stop(mut self) {
        self.end();
    }

    fn end(&mut self) {
        self.stopper.stop();
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap();
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.end();
        }
    }
}

struct Client {
    tcp: TcpStream,
    read: Vec<u8>,
}

#[derive(Debug)]
struct Answer {
    status: u16,
    head: String,
    body: String,
}

impl Answer {
    fn value(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }

    fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    }
}

impl Client {
    fn send(&mut self, bytes: &[u8]) {
        self.tcp.write_all(bytes).unwrap();
    }

    fn request(&mut self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) {
        let mut text = format!(
            "{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {}\r\n",
            body.len()
        );
        for (name, value) in headers {
            text += &format!("{name}: {value}\r\n");
        }
        self.send((text + "\r\n" + body).as_bytes());
    }

    fn json(&mut self, operation: &str, input: &Value) {
        let target = format!("AmazonSQS.{operation}");
        let headers = [
            ("Content-Type", "application/x-amz-json-1.0"),
            ("X-Amz-Target", &target),
        ];
        self.request("POST", "/", &headers, &input.to_string());
    }

    fn form(&mut self, path: &str, form: &str) -> Answer {
        self.request(
            "POST",
            path,
            &[("Content-Type", "application/x-www-form-urlencoded")],
            form,
        );
        self.answer()
    }

    /// Reads more; false when the server has closed.
    fn more(&mut self) -> bool {
        let mut piece = [0; 16 * 1024];
        match self.tcp.read(&mut piece) {
            Ok(0) => false,
            Ok(len) => {
                self.read.extend_from_slice(&piece[..len]);
                true
            }
            Err(error) if error.kind() == ErrorKind::ConnectionReset => false,
            Err(error) => panic!("the server neither answered nor closed: {error}"),
        }
    }

    fn answer(&mut self) -> Answer {
        self.answer_if_any()
            .expect("the server closed without an answer")
    }

    fn answer_if_any(&mut self) -> Option<Answer> {
        let head_end = loop {
            match self
                .read
                .windows(4)
                .position(|window| window == b"\r\n\r\n")
            {
                Some(at) => break at + 4,
                None if self.more() => {}
                None => return None,
            }
        };
        let head = String::from_utf8(self.read.drain(..head_end).collect()).unwrap();
        let status = head[9..12].parse().unwrap();
        let mut answer = Answer {
            status,
            head,
            body: String::new(),
        };
        let len: usize = answer
            .header("content-length")
            .unwrap_or("0")
            .parse()
            .unwrap();
        while self.read.len() < len {
            assert!(self.more(), "the server closed in the middle of an answer");
        }
        answer.body = String::from_utf8(self.read.drain(..len).collect()).unwrap();
        Some(answer)
    }

    fn is_closed(&mut self) -> bool {
        !self.more()
    }
}

/// A directory that is removed in the end.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> Scratch {
        let name = format!(
            "tidings-test-{}-{:x}",
            std::process::id(),
            rand::random::<u64>()
        );
        Scratch(std::env::temp_dir().join(name))
    }

    fn path(&self) -> &str {
        self.0.to_str().unwrap()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[test]
fn a_message_is_sent_received_and_deleted_in_json() {
    let server = Running::in_memory();
    let url = server.create_queue("orders");
    assert_eq!(url, "http://localhost/000000000000/orders");
    let sent = server.json(
        "SendMessage",
        json!({ "QueueUrl": url, "MessageBody": "hello" }),
    );
    assert_eq!(sent.status, 200);
    assert_eq!(
        sent.header("content-type"),
        Some("application/x-amz-json-1.0")
    );
    assert_eq!(sent.header("x-amzn-requestid").unwrap().len(), 36);
    assert!(sent.header("date").is_some());
    assert_eq!(
        sent.value()["MD5OfMessageBody"],
        "5d41402abc4b2a76b9719d911017c592"
    );

    let received = server
        .json("ReceiveMessage", json!({ "QueueUrl": url }))
        .value();
    assert_eq!(received["Messages"][0]["Body"], "hello");
    let handle = &received["Messages"][0]["ReceiptHandle"];
    let deleted = server.json(
        "DeleteMessage",
        json!({ "QueueUrl": url, "ReceiptHandle": handle }),
    );
    assert_eq!((deleted.status, deleted.body.as_str()), (200, "{}"));
    let empty = server.json(
        "ReceiveMessage",
        json!({ "QueueUrl": url, "VisibilityTimeout": 0 }),
    );
    assert_eq!(empty.value(), json!({}));
}

#[test]
fn a_message_is_sent_and_received_in_query_on_one_connection() {
    let server = Running::in_memory();
    let mut client = server.connect();
    let created = client.form("/", "Action=CreateQueue&QueueName=q&Version=2012-11-05");
    assert_eq!(created.status, 200);
    assert_eq!(created.header("content-type"), Some("text/xml"));
    assert!(
        created
            .body
            .contains("<QueueUrl>http://localhost/000000000000/q</QueueUrl>"),
        "{}",
        created.body
    );
    let sent = client.form("/000000000000/q", "Action=SendMessage&MessageBody=a%26b+c");
    assert_eq!(sent.status, 200, "{}", sent.body);
    client.request("GET", "/000000000000/q?Action=ReceiveMessage", &[], "");
    let received = client.answer();
    assert!(
        received.body.contains("<Body>a&amp;b c</Body>"),
        "{}",
        received.body
    );
    let id = received.header("x-amzn-requestid").unwrap();
    assert!(
        received
            .body
            .contains(&format!("<RequestId>{id}</RequestId>"))
    );
}

#[test]
fn requests_sent_back_to_back_are_answered_in_order() {
    let server = Running::in_memory();
    let url = server.create_queue("q");
    let mut client = server.connect();
    for n in 0..20 {
        client.json(
            "SendMessage",
            &json!({ "QueueUrl": url, "MessageBody": format!("{n}") }),
        );
    }
    client.json("GetQueueUrl", &json!({ "QueueName": "q" }));
    for _ in 0..20 {
        assert!(client.answer().value()["MessageId"].is_string());
    }
    assert_eq!(client.answer().value()["QueueUrl"], url.as_str());
}

#[test]
fn errors_have_their_code_where_each_protocol_has_it() {
    let server = Running::in_memory();
    let error = server.json("GetQueueUrl", json!({ "QueueName": "none" }));
    assert_eq!(error.status, 400);
    assert_eq!(
        error.header("x-amzn-query-error"),
        Some("AWS.SimpleQueueService.NonExistentQueue;Sender")
    );
    assert_eq!(
        error.value()["__type"],
        "com.amazonaws.sqs#QueueDoesNotExist"
    );
    let error = server
        .connect()
        .form("/", "Action=GetQueueUrl&QueueName=none");
    assert!(
        error
            .body
            .contains("<Code>AWS.SimpleQueueService.NonExistentQueue</Code>"),
        "{}",
        error.body
    );
    let nothing = server.get("/");
    assert_eq!(nothing.status, 404);
    assert!(nothing.body.contains("<UnknownOperationException/>"));
}

#[test]
fn a_long_poll_wakes_when_a_message_comes() {
    let server = Running::in_memory();
    let url = server.create_queue("q");
    let mut waiting = server.connect();
    waiting.json(
        "ReceiveMessage",
        &json!({ "QueueUrl": url, "WaitTimeSeconds": 20 }),
    );
    await_polls(&server, 1);
    let start = Instant::now();
    server.json(
        "SendMessage",
        json!({ "QueueUrl": url, "MessageBody": "now" }),
    );
    assert_eq!(waiting.answer().value()["Messages"][0]["Body"], "now");
    assert!(start.elapsed() < Duration::from_secs(10));
}

#[test]
fn a_long_poll_whose_client_left_takes_no_message() {
    let server = Running::in_memory();
    let url = server.create_queue("q");
    let mut waiting = server.connect();
    waiting.json(
        "ReceiveMessage",
        &json!({ "QueueUrl": url, "WaitTimeSeconds": 20 }),
    );
    await_polls(&server, 1);
    drop(waiting);
    await_polls(&server, 0);
    server.json(
        "SendMessage",
        json!({ "QueueUrl": url, "MessageBody": "kept" }),
    );
    let received = server
        .json("ReceiveMessage", json!({ "QueueUrl": url }))
        .value();
    assert_eq!(received["Messages"][0]["Body"], "kept");
}

#[test]
fn a_long_poll_ends_in_real_time_even_if_the_clock_stands_still() {
    let server = Running::in_memory();
    let url = server.create_queue("q");
    assert_eq!(put_clock(&server, r#"{"freeze":true}"#).status, 200);
    let received = server.json(
        "ReceiveMessage",
        json!({ "QueueUrl": url, "WaitTimeSeconds": 1 }),
    );
    assert_eq!(received.value(), json!({}));
}

#[test]
fn a_stop_answers_long_polls_and_ends_idle_connections() {
    let server = Running::in_memory();
    let url = server.create_queue("q");
    let mut waiting = server.connect();
    let mut idle = server.connect();
    idle.json("GetQueueUrl", &json!({ "QueueName": "q" }));
    idle.answer();
    waiting.json(
        "ReceiveMessage",
        &json!({ "QueueUrl": url, "WaitTimeSeconds": 20 }),
    );
    await_polls(&server, 1);
    let (start, address) = (Instant::now(), server.address);
    server.stop();
    assert!(start.elapsed() < Duration::from_secs(10));
    let answer = waiting.answer();
    assert_eq!((answer.status, answer.value()), (200, json!({})));
    assert!(waiting.is_closed() && idle.is_closed());
    assert!(TcpStream::connect(address).is_err());
}

#[test]
fn a_message_is_there_after_a_restart() {
    let scratch = Scratch::new();
    let server = Running::start(&["--data", scratch.path(), "--cells", "2"]);
    let url = server.create_queue("q");
    let sent = server
        .json(
            "SendMessage",
            json!({ "QueueUrl": url, "MessageBody": "kept" }),
        )
        .value();
    server.stop();
    // The directory knows its number of cells.
    let server = Running::start(&["--data", scratch.path()]);
    let received = server
        .json("ReceiveMessage", json!({ "QueueUrl": url }))
        .value();
    assert_eq!(received["Messages"][0]["Body"], "kept");
    assert_eq!(received["Messages"][0]["MessageId"], sent["MessageId"]);
}

#[test]
fn a_data_directory_in_use_or_of_other_cells_is_refused() {
    let scratch = Scratch::new();
    let open = |more: &[&str]| {
        let flags = [
            "tidings",
            "--listen",
            "127.0.0.1:0",
            "--data",
            scratch.path(),
        ];
        let flags = flags.into_iter().chain(more.iter().copied());
        let settings = Settings::read(flags.map(Into::into), []).unwrap();
        Server::open(settings)
            .map(drop)
            .map_err(|error| format!("{error:#}"))
    };
    let server = Running::start(&["--data", scratch.path()]);
    assert!(open(&[]).unwrap_err().contains("in use by another process"));
    server.stop();
    let error = open(&["--cells", "3"]).unwrap_err();
    assert!(error.contains("--cells 1"), "{error}");
    assert_eq!(open(&["--cells", "1"]), Ok(()));
}

#[test]
fn several_threads_serve_one_queue() {
    let scratch = Scratch::new();
    let server = Running::start(&["--threads", "3", "--data", scratch.path()]);
    let url = server.create_queue("q");
    let mut clients: Vec<Client> = (0..12).map(|_| server.connect()).collect();
    for (n, client) in clients.iter_mut().enumerate() {
        client.json(
            "SendMessage",
            &json!({ "QueueUrl": url, "MessageBody": format!("{n}") }),
        );
    }
    for client in &mut clients {
        assert_eq!(client.answer().status, 200);
    }
    let mut got = 0;
    while got < 12 {
        let input = json!({ "QueueUrl": url, "MaxNumberOfMessages": 10, "WaitTimeSeconds": 5 });
        let received = server.json("ReceiveMessage", input).value();
        got += received["Messages"].as_array().map_or(0, Vec::len);
    }
}

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
fn health_and_metrics_tell_what_goes_on() {
    let server = Running::in_memory();
    let url = server.create_queue("watched");
    server.json(
        "SendMessage",
        json!({ "QueueUrl": url, "MessageBody": "x" }),
    );
    server.json("SendMessage", json!({ "QueueUrl": url }));
    assert_eq!(server.get("/_tidings/health").value()["status"], "running");
    assert_eq!(
        server.get("/_localstack/health").value()["services"]["sqs"],
        "running"
    );
    let metrics = server.get("/metrics").body;
    for line in [
        r#"tidings_requests_total{operation="SendMessage",code="OK"} 1"#,
        r#"tidings_requests_total{operation="SendMessage",code="MissingParameter"} 1"#,
        r#"tidings_request_duration_seconds_count{operation="SendMessage"} 2"#,
        r#"tidings_queue_visible_messages{account="000000000000",region="us-east-1",queue="watched"} 1"#,
        r#"tidings_cell_up{cell="0"} 1"#,
        "tidings_connections 1",
        "tidings_long_polls 0",
        "# EOF",
    ] {
        assert!(
            metrics.lines().any(|it| it == line),
            "{line} is not in\n{metrics}"
        );
    }
    assert_eq!(server.get("/_tidings/nothing").status, 404);
    let mut client = server.connect();
    client.request("POST", "/_tidings/health", &[], "");
    assert_eq!(client.answer().header("allow"), Some("GET, HEAD"));
}

fn put_clock(server: &Running, body: &str) -> Answer {
    let mut client = server.connect();
    client.request("PUT", "/_tidings/clock", &[], body);
    client.answer()
}

#[test]
fn the_clock_can_be_frozen_and_advanced_and_messages_feel_it() {
    let server = Running::in_memory();
    let url = server.create_queue("q");
    assert_eq!(
        put_clock(&server, r#"{"freeze":true}"#).value()["frozen"],
        true
    );
    let before = server.get("/_tidings/clock").value()["now"]
        .as_u64()
        .unwrap();
    server.json(
        "SendMessage",
        json!({ "QueueUrl": url, "MessageBody": "late", "DelaySeconds": 900 }),
    );
    assert_eq!(
        server
            .json("ReceiveMessage", json!({ "QueueUrl": url }))
            .value(),
        json!({})
    );
    let mut waiting = server.connect();
    waiting.json(
        "ReceiveMessage",
        &json!({ "QueueUrl": url, "WaitTimeSeconds": 20 }),
    );
    await_polls(&server, 1);
    let after = put_clock(&server, r#"{"advance":10.5}"#).value()["now"]
        .as_u64()
        .unwrap();
    assert_eq!(after, before + 10_500);
    put_clock(&server, r#"{"advance":9.5}"#);
    assert_eq!(waiting.answer().value(), json!({}));
    put_clock(&server, r#"{"advance":880}"#);
    let received = server
        .json("ReceiveMessage", json!({ "QueueUrl": url }))
        .value();
    assert_eq!(received["Messages"][0]["Body"], "late");
    assert_eq!(put_clock(&server, r#"{"set":0}"#).status, 400);
    assert_eq!(put_clock(&server, "soon").status, 400);
}

#[test]
fn a_reset_removes_every_queue_unless_a_page_asks() {
    let server = Running::in_memory();
    server.create_queue("q");
    let mut client = server.connect();
    client.request(
        "POST",
        "/_tidings/reset",
        &[("Origin", "https://evil.example")],
        "",
    );
    assert_eq!(client.answer().status, 403);
    assert!(server.json("ListQueues", json!({})).value()["QueueUrls"].is_array());
    client.request("POST", "/_tidings/reset", &[], "");
    assert_eq!(client.answer().status, 200);
    assert_eq!(server.json("ListQueues", json!({})).value(), json!({}));
}

#[test]
fn messages_can_be_looked_at_without_receiving_them() {
    let server = Running::in_memory();
    let url = server.create_queue("q");
    server.json(
        "SendMessage",
        json!({ "QueueUrl": url, "MessageBody": "<a>" }),
    );
    let xml = server.get(&format!("/_aws/sqs/messages?QueueUrl={url}"));
    assert_eq!(xml.status, 200, "{}", xml.body);
    assert!(xml.body.contains("<Body>&lt;a&gt;</Body>"), "{}", xml.body);
    assert!(
        xml.body
            .contains("<ReceiptHandle>SQS/BACKDOOR/ACCESS</ReceiptHandle>"),
        "{}",
        xml.body
    );
    assert!(
        xml.body
            .contains("<Name>ApproximateReceiveCount</Name><Value>0</Value>"),
        "{}",
        xml.body
    );

    let mut client = server.connect();
    client.request(
        "GET",
        "/_aws/sqs/messages/us-east-1/000000000000/q",
        &[("Accept", "application/json")],
        "",
    );
    let message =
        client.answer().value()["ReceiveMessageResponse"]["ReceiveMessageResult"]["Message"]
            .clone();
    assert_eq!(message["Body"], "<a>");

    let form = client.form(
        "/_aws/sqs/messages",
        &format!("QueueUrl={url}&ShowInvisible=1"),
    );
    assert!(
        form.body
            .contains("<Name>IsVisible</Name><Value>true</Value>"),
        "{}",
        form.body
    );
    let received = server
        .json(
            "ReceiveMessage",
            json!({ "QueueUrl": url, "AttributeNames": ["All"] }),
        )
        .value();
    assert_eq!(
        received["Messages"][0]["Attributes"]["ApproximateReceiveCount"],
        "1"
    );
    assert!(
        !server
            .get(&format!("/_aws/sqs/messages?QueueUrl={url}"))
            .body
            .contains("<Message>")
    );
    let hidden = server.get(&format!(
        "/_aws/sqs/messages?QueueUrl={url}&ShowInvisible=true"
    ));
    assert!(
        hidden
            .body
            .contains("<Name>IsVisible</Name><Value>false</Value>"),
        "{}",
        hidden.body
    );
}

#[test]
fn an_sdk_may_take_the_peek_address_as_its_endpoint() {
    let server = Running::in_memory();
    let url = server.create_queue("q");
    for n in 0..12 {
        server.json(
            "SendMessage",
            json!({ "QueueUrl": url, "MessageBody": format!("{n}") }),
        );
    }
    let call = |operation: &str| {
        let mut client = server.connect();
        let target = format!("AmazonSQS.{operation}");
        let headers = [
            ("Content-Type", "application/x-amz-json-1.0"),
            ("X-Amz-Target", target.as_str()),
        ];
        client.request(
            "POST",
            "/_aws/sqs/messages",
            &headers,
            &json!({ "QueueUrl": url }).to_string(),
        );
        client.answer()
    };
    assert_eq!(
        call("ReceiveMessage").value()["Messages"]
            .as_array()
            .unwrap()
            .len(),
        12
    );
    let refused = call("PurgeQueue");
    assert_eq!(refused.status, 400);
    assert_eq!(
        refused.header("x-amzn-query-error"),
        Some("InvalidRequest;Sender")
    );
    assert_eq!(
        refused.value()["message"],
        "This endpoint only accepts ReceiveMessage calls"
    );
    let by_query = server.connect().form(
        "/_aws/sqs/messages",
        &format!("Action=ReceiveMessage&QueueUrl={url}"),
    );
    assert_eq!(by_query.body.matches("<Message>").count(), 12);
}

#[test]
fn looking_at_no_queue_is_an_error() {
    let server = Running::in_memory();
    server.create_queue("q");
    let mut client = server.connect();
    let mut code = |path: &str| {
        client.request("GET", path, &[("Accept", "application/json")], "");
        let answer = client.answer();
        (
            answer.status,
            answer.value()["ErrorResponse"]["Error"]["Code"]
                .as_str()
                .unwrap()
                .to_owned(),
        )
    };
    let absent = (400, "AWS.SimpleQueueService.NonExistentQueue".to_owned());
    assert_eq!(code("/_aws/sqs/messages"), absent);
    assert_eq!(
        code("/_aws/sqs/messages?QueueUrl=http://localhost/000000000000/none"),
        absent
    );
    assert_eq!(code("/_aws/sqs/messages/eu-west-1/000000000000/q"), absent);
    assert_eq!(
        code("/_aws/sqs/messages?QueueUrl=http://localhost/"),
        (404, "InvalidAddress".to_owned())
    );
}

/// Returns once so many calls wait for messages.
fn await_polls(server: &Running, wanted: u32) {
    let start = Instant::now();
    let line = format!("tidings_long_polls {wanted}");
    while !server.get("/metrics").body.lines().any(|it| it == line) {
        assert!(
            start.elapsed() < PATIENCE,
            "there never were {wanted} long polls"
        );
    }
}
