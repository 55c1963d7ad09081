//! One server process: started on its own core, asked, measured, and always ended.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use crate::contender::{Contender, Programs};
use crate::http;
use crate::machine::{self, CLIENT_CORE, SERVER_CORE};

const START_TIME_MAX: Duration = Duration::from_secs(60);
const STOP_TIME_MAX: Duration = Duration::from_secs(30);
const ANSWER_TIME_MAX: Duration = Duration::from_secs(60);
const LOOK_AGAIN: Duration = Duration::from_micros(500);

pub(crate) struct Server {
    child: Child,
    pub(crate) contender: Contender,
    pub(crate) port: u16,
    log: PathBuf,
}

impl Server {
    /// Starts a server on the data in `home` and waits until it answers a call.
    pub(crate) fn start(contender: Contender, programs: &Programs, home: &Path) -> Result<Server> {
        let server = Server::spawn(contender, programs, home)?;
        server.first_answer("ListQueues", &json!({}))?;
        Ok(server)
    }

    /// Starts a server and does not wait.
    pub(crate) fn spawn(contender: Contender, programs: &Programs, home: &Path) -> Result<Server> {
        fs::create_dir_all(home)?;
        let port = free_port()?;
        let log = home.join(format!("log-{port}"));
        let mut command = contender.command(programs, port, home);
        let output = fs::File::create(&log)?;
        command
            .current_dir(home)
            .stdin(Stdio::null())
            .stdout(output.try_clone()?)
            .stderr(output);
        // A process inherits the core it may run on.
        machine::stay_on(SERVER_CORE)?;
        let child = command
            .spawn()
            .with_context(|| format!("starting {}: {command:?}", contender.name()));
        machine::stay_on(CLIENT_CORE)?;
        Ok(Server {
            child: child?,
            contender,
            port,
            log,
        })
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Asks until there is an answer.
    pub(crate) fn first_answer(&self, operation: &str, body: &Value) -> Result<Value> {
        let begun = Instant::now();
        loop {
            let asked = Line::open(self.port).and_then(|mut line| line.call(operation, body));
            match asked {
                Ok(answer) => return Ok(answer),
                Err(_) if begun.elapsed() < START_TIME_MAX => sleep(LOOK_AGAIN),
                Err(why) => {
                    let name = self.contender.name();
                    bail!(
                        "{name} does not answer {operation}: {why:#}; its log: {}",
                        self.log_tail()
                    );
                }
            }
        }
    }

    /// Makes a queue and returns its URL.
    pub(crate) fn create_queue(&self, name: &str, attributes: Value) -> Result<String> {
        if self.contender == Contender::Ceiling {
            return Ok(format!(
                "http://127.0.0.1:{}/000000000000/{name}",
                self.port
            ));
        }
        let body = json!({"QueueName": name, "Attributes": attributes});
        let answer = Line::open(self.port)?.call("CreateQueue", &body)?;
        let url = answer["QueueUrl"].as_str();
        Ok(url.context("CreateQueue answers no QueueUrl")?.to_owned())
    }

    pub(crate) fn cpu(&self) -> Result<Duration> {
        machine::process_cpu(self.pid()).with_context(|| self.log_tail())
    }

    pub(crate) fn resident_bytes(&self) -> Result<u64> {
        machine::resident_bytes(self.pid())
    }

    /// Ends the server in peace, so that the next one finds what this one knew.
    pub(crate) fn stop(mut self) -> Result<()> {
        let pid = Pid::from_child(&self.child);
        kill_process(pid, Signal::TERM)?;
        let begun = Instant::now();
        while self.child.try_wait()?.is_none() {
            ensure!(
                begun.elapsed() < STOP_TIME_MAX,
                "{} does not stop",
                self.contender.name()
            );
            sleep(LOOK_AGAIN);
        }
        Ok(())
    }

    /// Ends the server as a crash would.
    pub(crate) fn kill(self) {
        drop(self);
    }

    fn log_tail(&self) -> String {
        let log = fs::read_to_string(&self.log).unwrap_or_default();
        let tail: Vec<&str> = log.lines().rev().take(5).collect();
        tail.into_iter().rev().collect::<Vec<_>>().join("\n")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing to do.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn free_port() -> Result<u16> {
    let probe = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))?;
    Ok(probe.local_addr()?.port())
}

/// One connection for calls that are not measured.
pub(crate) struct Line {
    stream: TcpStream,
    port: u16,
}

impl Line {
    pub(crate) fn open(port: u16) -> Result<Line> {
        let stream = TcpStream::connect(SocketAddr::from((Ipv4Addr::LOCALHOST, port)))?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(ANSWER_TIME_MAX))?;
        stream.set_write_timeout(Some(ANSWER_TIME_MAX))?;
        Ok(Line { stream, port })
    }

    /// The answer's body. Any status but 200 is an error.
    pub(crate) fn call(&mut self, operation: &str, body: &Value) -> Result<Value> {
        let request = http::call(self.port, operation, &body.to_string());
        let answer = self.exchange(operation, &request)?;
        Ok(serde_json::from_slice(&answer).unwrap_or(Value::Null))
    }

    /// A call of SNS, and the text of the answer's first element of that name.
    pub(crate) fn query(
        &mut self,
        action: &str,
        fields: &[(&str, &str)],
        element: &str,
    ) -> Result<String> {
        let request = http::query(self.port, action, fields);
        let answer = self.exchange(action, &request)?;
        let answer = String::from_utf8_lossy(&answer);
        let text = answer
            .split_once(&format!("<{element}>"))
            .and_then(|(_, rest)| rest.split_once('<'))
            .map(|(text, _)| text.to_owned());
        text.with_context(|| format!("{action} answers no {element}: {answer}"))
    }

    /// A counter of the server's metrics, all its cells together.
    pub(crate) fn counter(&mut self, name: &str) -> Result<f64> {
        let request = http::get(self.port, "/metrics");
        let page = self.exchange("/metrics", &request)?;
        let page = String::from_utf8_lossy(&page);
        let samples = page.lines().filter(|line| {
            let rest = line.strip_prefix(name);
            rest.is_some_and(|rest| rest.starts_with(['{', ' ']))
        });
        let values: Vec<f64> = samples
            .filter_map(|line| line.rsplit_once(' ')?.1.parse().ok())
            .collect();
        ensure!(!values.is_empty(), "the metrics hold no {name}");
        Ok(values.iter().sum())
    }

    fn exchange(&mut self, what: &str, request: &[u8]) -> Result<Vec<u8>> {
        self.stream.write_all(request)?;
        let mut bytes = Vec::new();
        let mut piece = [0; 16 * 1024];
        loop {
            if let Some(answer) = http::answer(&bytes)? {
                let text = String::from_utf8_lossy(&answer.body);
                ensure!(answer.status == 200, "{what}: {} {text}", answer.status);
                return Ok(answer.body.into_owned());
            }
            let read = self.stream.read(&mut piece)?;
            ensure!(read > 0, "{what}: the server closed the connection");
            bytes.extend_from_slice(&piece[..read]);
        }
    }
}
