//! What an operation costs at different depths: the answer must not depend on the depth.
//!
//! `cargo run --release -p sqs --example depth`

#![expect(clippy::print_stdout, reason = "it prints its measurements")]

use std::hint::black_box;
use std::time::Instant;

use domain::{AccountId, Body, Effects, Machine as _, Offset, Region, Seconds, Stamp, Time};
use sqs::command::{Handle, Outgoing, Receive};
use sqs::config::{DedupScope, ThroughputLimit};
use sqs::{Command, Config, MessageId, Outcome, Payload, Queue};

const ROUNDS: u32 = 400;
/// Operations of a kind in a round.
const ROUND: u32 = 250;

fn config(fifo: bool) -> Config {
    Config {
        name: "depth".to_owned(),
        account: AccountId::DEFAULT,
        region: Region::default(),
        fifo,
        created: Time::ZERO,
        modified: Time::ZERO,
        delay: Seconds(0),
        message_bytes_max: 1_048_576,
        retention: Seconds(345_600),
        wait: Seconds(0),
        visibility: Seconds(30),
        policy: None,
        redrive: None,
        redrive_allow: None,
        kms_key: None,
        kms_reuse: Seconds(300),
        managed_sse: true,
        content_dedup: false,
        dedup_scope: DedupScope::Queue,
        dedup_scope_before: None,
        throughput: ThroughputLimit::PerQueue,
        tags: Vec::new(),
    }
}

struct Bench {
    queue: Queue,
    /// Commands applied so far; each comes 10 µs after the one before.
    commands: u64,
    groups: u64,
    sent: u64,
}

impl Bench {
    /// A queue that holds `depth` messages in so many groups, or in none.
    fn new(fifo: bool, depth: u64, groups: u64) -> Bench {
        let mut bench = Bench {
            queue: Queue::new(config(fifo), [7; 16]),
            commands: 0,
            groups,
            sent: 0,
        };
        for _ in 0..depth {
            bench.send();
        }
        bench
    }

    fn apply(&mut self, command: Command<'_>) -> Outcome {
        self.commands += 1;
        let at = Stamp {
            time: Time::from_millis(self.commands / 100),
            offset: Offset(self.commands),
        };
        self.queue.apply(at, command, &mut Effects::default())
    }

    fn send(&mut self) {
        self.sent += 1;
        let dedup = self.sent.to_string();
        let group = (self.groups > 0).then(|| (self.sent % self.groups).to_string());
        let outcome = self.apply(Command::Send(vec![Outgoing {
            payload: Payload {
                id: MessageId(u128::from(self.sent).to_le_bytes()),
                body: "body",
                body_md5: [0; 16],
                attributes: Vec::new(),
                attributes_md5: None,
                sender: "000000000000",
                trace_header: None,
                group: group.as_deref(),
                dedup: Some(&dedup),
            },
            body: Body { at: 20, len: 100 },
            delay: None,
        }]));
        black_box(outcome);
    }

    fn receive(&mut self, max: u16) -> Vec<Handle> {
        let receive = Receive {
            max,
            visibility: None,
            attempt: None,
            dead_letter_open: false,
        };
        let Outcome::Received(received) = self.apply(Command::Receive(receive)) else {
            unreachable!("a receive is answered by what was received");
        };
        received.messages.iter().map(|one| one.handle).collect()
    }

    fn delete(&mut self, handles: Vec<Handle>) {
        black_box(self.apply(Command::Delete(handles)));
    }

    /// Nanoseconds of a send, a receive of one and its delete, at a depth that stays. The median round counts,
    /// so that other work on the machine shows little.
    fn measure(&mut self) -> [u128; 3] {
        let mut spent = [const { Vec::new() }; 3];
        for _ in 0..ROUNDS {
            let start = Instant::now();
            for _ in 0..ROUND {
                self.send();
            }
            spent[0].push(start.elapsed());
            let start = Instant::now();
            let handles: Vec<_> = (0..ROUND).map(|_| self.receive(1)).collect();
            spent[1].push(start.elapsed());
            let start = Instant::now();
            for handle in handles {
                self.delete(handle);
            }
            spent[2].push(start.elapsed());
        }
        spent.map(|mut rounds| {
            rounds.sort_unstable();
            rounds[rounds.len() / 2].as_nanos() / u128::from(ROUND)
        })
    }
}

/// Resident memory of this process in bytes, where the system tells it.
fn memory() -> f64 {
    let status = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages = status
        .split(' ')
        .nth(1)
        .and_then(|pages| pages.parse::<f64>().ok());
    pages.unwrap_or_default() * 4096.0
}

fn main() {
    println!(
        "{:28} {:>8} {:>8} {:>8} {:>14}",
        "", "send", "receive", "delete", "bytes/message"
    );
    for (name, fifo, depth, groups) in [
        ("standard, 300", false, 300, 0),
        ("standard, 1,000,000", false, 1_000_000, 0),
        ("standard, 1M in 1,000 groups", false, 1_000_000, 1_000),
        ("FIFO, 300 in 300 groups", true, 300, 300),
        ("FIFO, 1M in 100,000 groups", true, 1_000_000, 100_000),
        ("FIFO, 1M in 1,000 groups", true, 1_000_000, 1_000),
    ] {
        let before = memory();
        let mut bench = Bench::new(fifo, depth, groups);
        let bytes = (memory() - before) / depth as f64;
        let [send, receive, delete] = bench.measure();
        println!("{name:28} {send:5} ns {receive:5} ns {delete:5} ns {bytes:14.0}");
    }
}
