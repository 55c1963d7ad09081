//! A server in this process, and a client that speaks plain HTTP to it.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use server::{Server, Settings, Stopper};

/// Longer than anything here takes; a test that waits this long has failed.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) struct Running {
    pub(crate) address: SocketAddr,
    stopper: Stopper,
    thread: Option<JoinHandle<()>>,
}

impl Running {
    pub(crate) fn start(flags: &[&str]) -> Running {
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

    pub(crate) fn in_memory() -> Running {
        Running::start(&["--memory"])
    }

    pub(crate) fn connect(&self) -> Client {
        let tcp = TcpStream::connect(self.address).unwrap();
        tcp.set_read_timeout(Some(PATIENCE)).unwrap();
        Client {
            tcp,
            read: Vec::new(),
        }
    }

    pub(crate) fn json(&self, operation: &str, input: Value) -> Answer {
        let mut client = self.connect();
        client.json(operation, &input);
        client.answer()
    }

    pub(crate) fn create_queue(&self, name: &str) -> String {
        let answer = self.json("CreateQueue", json!({ "QueueName": name }));
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.value()["QueueUrl"].as_str().unwrap().to_owned()
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        let mut client = self.connect();
        client.request("GET", path, &[], "");
        client.answer()
    }

    pub(crate) fn stop(mut self) {
        self.end();
    }

    pub(crate) fn end(&mut self) {
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

pub(crate) struct Client {
    pub(crate) tcp: TcpStream,
    read: Vec<u8>,
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn value(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    }
}

impl Client {
    pub(crate) fn send(&mut self, bytes: &[u8]) {
        self.tcp.write_all(bytes).unwrap();
    }

    pub(crate) fn request(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) {
        let mut text = format!(
            "{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {}\r\n",
            body.len()
        );
        for (name, value) in headers {
            text += &format!("{name}: {value}\r\n");
        }
        self.send((text + "\r\n" + body).as_bytes());
    }

    pub(crate) fn json(&mut self, operation: &str, input: &Value) {
        let target = format!("AmazonSQS.{operation}");
        let headers = [
            ("Content-Type", "application/x-amz-json-1.0"),
            ("X-Amz-Target", &target),
        ];
        self.request("POST", "/", &headers, &input.to_string());
    }

    pub(crate) fn form(&mut self, path: &str, form: &str) -> Answer {
        self.request(
            "POST",
            path,
            &[("Content-Type", "application/x-www-form-urlencoded")],
            form,
        );
        self.answer()
    }

    /// Reads more; false when the server has closed.
    pub(crate) fn more(&mut self) -> bool {
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

    pub(crate) fn answer(&mut self) -> Answer {
        self.answer_if_any()
            .expect("the server closed without an answer")
    }

    pub(crate) fn answer_if_any(&mut self) -> Option<Answer> {
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

    pub(crate) fn is_closed(&mut self) -> bool {
        !self.more()
    }
}

/// A directory that is removed in the end.
pub(crate) struct Scratch(pub(crate) PathBuf);

impl Scratch {
    pub(crate) fn new() -> Scratch {
        let name = format!(
            "tidings-test-{}-{:x}",
            std::process::id(),
            rand::random::<u64>()
        );
        Scratch(std::env::temp_dir().join(name))
    }

    pub(crate) fn path(&self) -> &str {
        self.0.to_str().unwrap()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

pub(crate) fn put_clock(server: &Running, body: &str) -> Answer {
    let mut client = server.connect();
    client.request("PUT", "/_tidings/clock", &[], body);
    client.answer()
}

/// Returns once so many calls wait for messages.
pub(crate) fn await_polls(server: &Running, wanted: u32) {
    let start = Instant::now();
    let line = format!("tidings_long_polls {wanted}");
    while !server.get("/metrics").body.lines().any(|it| it == line) {
        assert!(
            start.elapsed() < PATIENCE,
            "there never were {wanted} long polls"
        );
    }
}
