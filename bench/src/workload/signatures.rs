//! What a publish leaves for later: the signature of an enveloped notification is made when somebody first reads it.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};

use super::Bench;
use super::topic::{Subscribed, Topic};
use crate::contender::Contender;
use crate::load;
use crate::rounds::{self, Rounds};
use crate::script::{Script, Step};
use crate::server::Server;

/// Fewer than the signatures that the server keeps, so that the second reader finds all of them.
const MESSAGES: u64 = 4000;
const AT_ONCE: u64 = 10;

/// Receiving all messages of one queue on one connection, per message.
pub(super) struct Reading {
    first: Cost,
    second: Cost,
    raw: Cost,
}

struct Cost {
    cpu: f64,
    elapsed: f64,
}

pub(super) fn run(bench: &Bench) -> Result<Rounds<Reading>> {
    let server = Server::start(Contender::Tidings, &bench.programs, &bench.home()?)?;
    let mut topic = Topic::make(&server, "signatures")?;
    topic.add_queues(&server, "enveloped", 2, Subscribed::Plain)?;
    topic.add_queues(&server, "raw", 1, Subscribed::Raw)?;
    let messages = bench.many(MESSAGES * 10).min(MESSAGES);
    rounds::run(bench.rounds(), |_| {
        topic.publish_some(&server, &[], messages / AT_ONCE, AT_ONCE as usize)?;
        let mut costs = Vec::new();
        for queue in &topic.queues {
            costs.push(read(&server, queue, messages)?);
        }
        topic.purge(&server)?;
        let [first, second, raw] = costs.try_into().ok().context("three queues")?;
        // Nothing beside the server is pinned to its core here, and what is compared differs by much more than noise.
        Ok((Reading { first, second, raw }, 0.0))
    })
}

fn read(server: &Server, queue: &str, messages: u64) -> Result<Cost> {
    let script = Script {
        steps: vec![Step::receive(server.port, queue, AT_ONCE)],
        rounds: Some(messages / AT_ONCE),
        first_number: 0,
    };
    let (before, begun) = (server.cpu()?, Instant::now());
    let received = load::complete(server, vec![script])?;
    let (cpu, elapsed) = (server.cpu()? - before, begun.elapsed());
    ensure!(received == messages, "{received} of {messages} received");
    let each = |time: Duration| time.as_secs_f64() * 1e6 / messages as f64;
    Ok(Cost {
        cpu: each(cpu),
        elapsed: each(elapsed),
    })
}

pub(super) fn note(readings: &Rounds<Reading>) -> String {
    let of = |cost: fn(&Reading) -> &Cost| {
        let cpu = readings.median(|reading| cost(reading).cpu);
        let elapsed = readings.median(|reading| cost(reading).elapsed);
        format!("{cpu:.0} µs of the server's CPU ({elapsed:.0} µs in all)")
    };
    format!(
        "Not in the table: an enveloped notification is signed (RSA) when it is first received, and not when it is \
         published. Received in tens on one connection, a message costs its first reader {}, the next reader of the same \
         publication {}, and in a raw queue {}.",
        of(|reading| &reading.first),
        of(|reading| &reading.second),
        of(|reading| &reading.raw),
    )
}
