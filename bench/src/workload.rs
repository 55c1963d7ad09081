//! The canonical workloads. Their names and meanings stay, so that results of years can be compared.

mod backlog;
mod build;
mod depth;
mod filters;
mod latency;
mod polls;
mod publish;
mod signatures;
mod start;
mod throughput;
mod topic;

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Result;
use serde_json::Value;

use crate::contender::{Contender, Programs};
use crate::load::Span;
use crate::report::Results;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Workload {
    Send,
    SendBatch,
    Cycle,
    Latency,
    Depth,
    Polls,
    Backlog,
    Publish,
    Filters,
    Start,
    Build,
}

/// Everything a workload needs to know.
pub(crate) struct Bench {
    pub(crate) programs: Programs,
    pub(crate) root: PathBuf,
    /// On a real disk; each server gets a directory of its own in it.
    pub(crate) scratch: PathBuf,
    pub(crate) quick: bool,
    pub(crate) contenders: Vec<Contender>,
}

impl Workload {
    pub(crate) const ALL: [Workload; 11] = [
        Workload::Send,
        Workload::SendBatch,
        Workload::Cycle,
        Workload::Latency,
        Workload::Depth,
        Workload::Polls,
        Workload::Backlog,
        Workload::Publish,
        Workload::Filters,
        Workload::Start,
        Workload::Build,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Workload::Send => "send",
            Workload::SendBatch => "send-batch",
            Workload::Cycle => "send-receive-delete",
            Workload::Latency => "one-connection",
            Workload::Depth => "depth",
            Workload::Polls => "idle-polls",
            Workload::Backlog => "backlog",
            Workload::Publish => "publish",
            Workload::Filters => "filters",
            Workload::Start => "start",
            Workload::Build => "build",
        }
    }

    pub(crate) fn description(self) -> &'static str {
        match self {
            Workload::Send => "SendMessage of 1 KiB in AWS JSON, 64 connections, one queue.",
            Workload::SendBatch => {
                "SendMessageBatch of ten times 1 KiB, 32 connections, one queue."
            }
            Workload::Cycle => {
                "SendMessageBatch of ten, ReceiveMessage of ten, DeleteMessageBatch of ten, 32 connections, one queue, \
                 1 KiB each. A message counts once, when it is deleted."
            }
            Workload::Latency => {
                "SendMessage of 1 KiB on one connection, beside one flush of the same disk without a server."
            }
            Workload::Depth => {
                "CPU of the server per request, at a queue of 100 messages and at one of 1,000,000, 1 KiB each, \
                 32 connections. The rounds keep the depth."
            }
            Workload::Polls => {
                "ReceiveMessage with WaitTimeSeconds=20 on 10,000 connections and 100 empty queues."
            }
            Workload::Backlog => "1,000,000 messages of 1 KiB in one queue.",
            Workload::Publish => {
                "Publish of 1 KiB to one topic with 1, 10, 100 and 1,000 queues subscribed in the default envelope, 64 \
                 connections, beside SendMessage to one queue. A delivery is a message in one queue; afterwards the \
                 queues are asked whether they hold every one that was acknowledged."
            }
            Workload::Filters => {
                "100,000 subscriptions with filter policies on one topic, and a Publish of 1 KiB that ten of them let \
                 through, 64 connections, beside the same Publish to topics with those ten subscriptions only."
            }
            Workload::Start => {
                "An empty data directory; from the start of the process to its first answer."
            }
            Workload::Build => {
                "`cargo build --release` into an empty directory, all sources downloaded before."
            }
        }
    }

    pub(crate) fn run(self, bench: &Bench) -> Result<Results> {
        match self {
            Workload::Send => throughput::send(bench),
            Workload::SendBatch => throughput::send_batch(bench),
            Workload::Cycle => throughput::cycle(bench),
            Workload::Latency => latency::run(bench),
            Workload::Depth => depth::run(bench),
            Workload::Polls => polls::run(bench),
            Workload::Backlog => backlog::run(bench),
            Workload::Publish => publish::run(bench),
            Workload::Filters => filters::run(bench),
            Workload::Start => start::run(bench),
            Workload::Build => build::run(bench),
        }
    }
}

impl Bench {
    pub(crate) fn rounds(&self) -> usize {
        if self.quick { 1 } else { 5 }
    }

    pub(crate) fn span(&self) -> Span {
        let seconds =
            |usual, quick| Duration::from_secs_f64(if self.quick { quick } else { usual });
        Span {
            warm_up: seconds(1.0, 0.5),
            window: seconds(4.0, 1.0),
        }
    }

    /// A count that `--quick` makes a hundredth.
    pub(crate) fn many(&self, count: u64) -> u64 {
        if self.quick { count / 100 } else { count }
    }

    /// An empty directory. What an earlier server left there is removed.
    pub(crate) fn home(&self) -> Result<PathBuf> {
        let home = self.scratch.join("server");
        if home.exists() {
            std::fs::remove_dir_all(&home)?;
        }
        std::fs::create_dir_all(&home)?;
        Ok(home)
    }
}

/// A body as JSON text needs no escapes for.
fn kibibyte() -> String {
    "0123456789abcdef".repeat(64)
}

fn thousands(figure: f64) -> String {
    if figure >= 10_000.0 {
        format!("{:.1} k", figure / 1000.0)
    } else {
        format!("{figure:.0}")
    }
}

fn percent(share: f64) -> String {
    format!("{:.0} %", share * 100.0)
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

fn mebibytes(bytes: u64) -> f64 {
    bytes as f64 / (1024.0 * 1024.0)
}

/// Figures of one round as JSON, by contender.
fn by_name<T>(round: &[(Contender, T)], figures: impl Fn(&T) -> Value) -> Value {
    let entries = round
        .iter()
        .map(|(contender, it)| (contender.name().to_owned(), figures(it)));
    Value::Object(entries.collect())
}
