//! Start, stop, restart, and several threads.

use std::net::TcpStream;
use std::time::{Duration, Instant};

use serde_json::json;
use server::{Server, Settings};

use crate::running::{Client, PATIENCE, Running, Scratch, await_polls};

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
fn scripts_run_in_order_once_the_server_answers() {
    let scratch = Scratch::new();
    let ready = scratch.0.join("ready.d");
    std::fs::create_dir_all(&ready).unwrap();
    let script = |name: &str, text: &str| std::fs::write(ready.join(name), text).unwrap();
    let out = scratch.0.join("out");
    let seen = format!(">> {}", out.display());
    script(
        "20-second.sh",
        &format!(
            "echo second $AWS_ACCESS_KEY_ID {seen}; mv {0} {0}.whole",
            out.display()
        ),
    );
    script(
        "10-first.sh",
        &format!("echo first $TIDINGS_ENDPOINT {seen}; exit 1"),
    );
    script("notes.txt", "echo not a script");
    let server = Running::start(&["--memory", "--init-dir", scratch.path()]);
    let whole = scratch.0.join("out.whole");
    let start = Instant::now();
    while !whole.exists() {
        assert!(start.elapsed() < PATIENCE, "the scripts did not run");
        assert_eq!(server.get("/_tidings/health").status, 200);
    }
    let text = std::fs::read_to_string(whole).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[0], format!("first http://{}", server.address));
    assert!(lines[1].starts_with("second "), "{text}");
}
