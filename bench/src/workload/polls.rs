//! What ten thousand callers cost who wait for messages that do not come.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::{Value, json};

use super::{Bench, mebibytes};
use crate::contender::Contender;
use crate::http;
use crate::report::{Finding, Results};
use crate::server::{Line, Server};

const POLLS: u64 = 10_000;
const QUEUES: usize = 100;
const CORE_SHARE_MAX: f64 = 0.01;
const MEBIBYTES_MAX: f64 = 100.0;
/// After the last poll was sent, before the measurement begins.
const SETTLE: Duration = Duration::from_secs(2);
/// Ends before the first poll does, 20 s after it began.
const WINDOW: Duration = Duration::from_secs(10);
const CONNECT_TIME_MAX: Duration = Duration::from_secs(6);

pub(super) fn run(bench: &Bench) -> Result<Results> {
    let server = Server::start(Contender::Tidings, &bench.programs, &bench.home()?)?;
    let empty = server.resident_bytes()?;
    let queues: Vec<String> = (0..QUEUES)
        .map(|index| server.create_queue(&format!("quiet-{index}"), json!({})))
        .collect::<Result<_>>()?;
    let count = bench.many(POLLS) as usize;
    let polls = begin(&server, &queues, count)?;
    sleep(SETTLE);
    let (cpu, at) = (server.cpu()?, Instant::now());
    sleep(WINDOW);
    let share = (server.cpu()? - cpu).as_secs_f64() / at.elapsed().as_secs_f64();
    let resident = server.resident_bytes()?;
    let waiting = polls.iter().filter(|poll| is_silent(poll)).count();
    ensure!(
        waiting == count,
        "only {waiting} of {count} polls were waiting"
    );
    let woken_after = wake_one(&server, &queues[0], &polls)?;

    let megabytes = mebibytes(resident);
    Ok(Results {
        findings: vec![
            Finding::new(
                &format!("{count} idle long polls, CPU"),
                "< 1 % of a core",
                format!("{:.2} %", share * 100.0),
                share < CORE_SHARE_MAX,
            ),
            Finding::new(
                &format!("{count} idle long polls, memory"),
                "< 100 MB",
                format!("{megabytes:.0} MiB"),
                megabytes < MEBIBYTES_MAX,
            ),
        ],
        columns: vec![
            "polls",
            "CPU, % of a core",
            "resident MiB",
            "of it before the polls",
            "one message answers one poll after",
        ],
        rows: vec![vec![
            count.to_string(),
            format!("{:.2}", share * 100.0),
            format!("{megabytes:.0}"),
            format!("{:.0}", mebibytes(empty)),
            format!("{:.1} ms", woken_after.as_secs_f64() * 1e3),
        ]],
        notes: Vec::new(),
        rounds: Value::Array(vec![json!({
            "core_share": share, "resident_bytes": resident, "resident_bytes_before": empty,
        })]),
    })
}

fn begin(server: &Server, queues: &[String], count: usize) -> Result<Vec<TcpStream>> {
    let requests: Vec<Vec<u8>> = queues
        .iter()
        .map(|queue| {
            let body = json!({"QueueUrl": queue, "WaitTimeSeconds": 20});
            http::call(server.port, "ReceiveMessage", &body.to_string())
        })
        .collect();
    let begun = Instant::now();
    let mut polls = Vec::with_capacity(count);
    for index in 0..count {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, server.port));
        let mut poll =
            TcpStream::connect(address).with_context(|| format!("connection {index}"))?;
        poll.write_all(&requests[index % requests.len()])?;
        poll.set_nonblocking(true)?;
        polls.push(poll);
    }
    ensure!(
        begun.elapsed() < CONNECT_TIME_MAX,
        "connecting took {:?}",
        begun.elapsed()
    );
    Ok(polls)
}

fn is_silent(poll: &TcpStream) -> bool {
    matches!(poll.peek(&mut [0; 1]), Err(error) if error.kind() == ErrorKind::WouldBlock)
}

/// Sends one message to the first queue; exactly one of its polls must receive it.
fn wake_one(server: &Server, queue: &str, polls: &[TcpStream]) -> Result<Duration> {
    let sent = Instant::now();
    let body = json!({"QueueUrl": queue, "MessageBody": "at last"});
    Line::open(server.port)?.call("SendMessage", &body)?;
    let of_queue: Vec<&TcpStream> = polls.iter().step_by(QUEUES).collect();
    let woken = loop {
        if let Some(poll) = of_queue.iter().find(|poll| !is_silent(poll)) {
            break poll;
        }
        ensure!(
            sent.elapsed() < Duration::from_secs(3),
            "no poll received the message"
        );
    };
    let after = sent.elapsed();
    let mut bytes = vec![0; 64 * 1024];
    let mut filled = 0;
    loop {
        match (&mut &**woken).read(&mut bytes[filled..]) {
            Ok(0) => bail!("a poll was closed"),
            Ok(count) => filled += count,
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Err(error) => return Err(error.into()),
        }
        if let Some(answer) = http::answer(&bytes[..filled])? {
            let text = String::from_utf8_lossy(&answer.body).into_owned();
            ensure!(
                answer.status == 200 && text.contains("at last"),
                "{} {text}",
                answer.status
            );
            break;
        }
    }
    sleep(Duration::from_millis(100));
    let answered = of_queue.iter().filter(|poll| !is_silent(poll)).count();
    ensure!(answered == 0, "{answered} further polls were answered");
    Ok(after)
}
