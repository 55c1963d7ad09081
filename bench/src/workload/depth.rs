//! Whether a deep queue costs more per request than a shallow one.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

use super::{Bench, kibibyte};
use crate::contender::Contender;
use crate::load::{self, Measured, Span};
use crate::report::{Finding, Results};
use crate::rounds::{self, Rounds};
use crate::script::{Script, Step};
use crate::server::{Line, Server};

const SHALLOW: u64 = 100;
const DEEP: u64 = 1_000_000;
const GROUPS: u64 = 100_000;
const CONNECTIONS: usize = 32;
const RATIO_MAX: f64 = 1.2;
/// Each window has numbers of its own, above those of the messages that fill a queue. A multiple of all counts of groups.
const WINDOW_NUMBERS: u64 = 1_000_000_000;

/// A round of requests that leaves the depth as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Mix {
    SendReceiveDelete,
    SendReceiveDeleteTens,
    ReceiveShow,
    Attributes,
    FifoSendReceiveDelete,
}

impl Mix {
    const ALL: [Mix; 5] = [
        Mix::SendReceiveDelete,
        Mix::SendReceiveDeleteTens,
        Mix::ReceiveShow,
        Mix::Attributes,
        Mix::FifoSendReceiveDelete,
    ];

    fn name(self) -> &'static str {
        match self {
            Mix::SendReceiveDelete => "SendMessage, ReceiveMessage, DeleteMessage",
            Mix::SendReceiveDeleteTens => "the same in batches of ten",
            Mix::ReceiveShow => "ReceiveMessage, ChangeMessageVisibility to 0",
            Mix::Attributes => "GetQueueAttributes",
            Mix::FifoSendReceiveDelete => "FIFO: SendMessage, ReceiveMessage, DeleteMessage",
        }
    }

    fn is_fifo(self) -> bool {
        match self {
            Mix::FifoSendReceiveDelete => true,
            Mix::SendReceiveDelete
            | Mix::SendReceiveDeleteTens
            | Mix::ReceiveShow
            | Mix::Attributes => false,
        }
    }

    fn steps(self, port: u16, queue: &str, groups: u64) -> Vec<Step> {
        let body = kibibyte();
        let url = || queue.into();
        match self {
            Mix::SendReceiveDelete => vec![
                Step::send(port, queue, &body),
                Step::receive(port, queue, 1),
                Step::Delete { queue: url() },
            ],
            Mix::SendReceiveDeleteTens => vec![
                Step::send_batch(port, queue, &body),
                Step::receive(port, queue, 10),
                Step::DeleteBatch { queue: url() },
            ],
            Mix::ReceiveShow => vec![Step::receive(port, queue, 1), Step::Show { queue: url() }],
            Mix::Attributes => vec![Step::attributes(port, queue)],
            Mix::FifoSendReceiveDelete => vec![
                Step::send_fifo(port, queue, &body, groups),
                Step::receive(port, queue, 1),
                Step::Delete { queue: url() },
            ],
        }
    }
}

/// A queue and how many groups its messages are spread over.
struct Filled {
    url: String,
    groups: u64,
}

/// Queues of one kind, shallow and deep.
struct Pair {
    shallow: Filled,
    deep: Filled,
}

type Round = BTreeMap<Mix, (Measured, Measured)>;

pub(super) fn run(bench: &Bench) -> Result<Results> {
    let server = Server::start(Contender::Tidings, &bench.programs, &bench.home()?)?;
    let (depth, groups) = (bench.many(DEEP), bench.many(GROUPS));
    let standard = Pair {
        shallow: standard(&server, "shallow", SHALLOW)?,
        deep: standard(&server, "deep", depth)?,
    };
    let fifo = Pair {
        shallow: fifo(&server, "shallow.fifo", SHALLOW, SHALLOW)?,
        deep: fifo(&server, "deep.fifo", depth, groups)?,
    };
    let mut next_number = WINDOW_NUMBERS;
    let rounds = rounds::run(bench.rounds(), |_| {
        let mut round = Round::new();
        for mix in Mix::ALL {
            let pair = if mix.is_fifo() { &fifo } else { &standard };
            let mut at = |queue: &Filled| {
                next_number += WINDOW_NUMBERS;
                window(bench, &server, mix, queue, next_number)
                    .with_context(|| format!("{mix:?} on {}", queue.url))
            };
            round.insert(mix, (at(&pair.shallow)?, at(&pair.deep)?));
        }
        let both = round.values().flat_map(|(shallow, deep)| [shallow, deep]);
        let foreign = both.map(|measured| measured.foreign).fold(0.0, f64::max);
        Ok((round, foreign))
    })?;
    expect_depth(&server, &standard.deep.url, depth)?;
    expect_depth(&server, &fifo.deep.url, depth)?;
    Ok(results(&rounds, depth, groups))
}

fn standard(server: &Server, name: &str, depth: u64) -> Result<Filled> {
    let url = server.create_queue(name, json!({}))?;
    fill(
        server,
        &url,
        depth,
        Step::send_batch(server.port, &url, &kibibyte()),
    )?;
    Ok(Filled { url, groups: 1 })
}

fn fifo(server: &Server, name: &str, depth: u64, groups: u64) -> Result<Filled> {
    let url = server.create_queue(name, json!({"FifoQueue": "true"}))?;
    let step = Step::send_fifo_batch(server.port, &url, &kibibyte(), groups);
    fill(server, &url, depth, step)?;
    Ok(Filled { url, groups })
}

fn results(rounds: &Rounds<Round>, depth: u64, groups: u64) -> Results {
    let cpu = Measured::cpu_micros_per_request;
    let ratio = |mix: &Mix| {
        rounds.median(|round| {
            let (shallow, deep) = &round[mix];
            cpu(deep) / cpu(shallow)
        })
    };
    let finding = |what: String, fifo: bool| {
        let ratios = Mix::ALL
            .iter()
            .filter(|mix| mix.is_fifo() == fifo)
            .map(ratio);
        let worst = ratios.fold(0.0, f64::max);
        let target = format!("≤ {RATIO_MAX} × CPU per request");
        Finding::new(&what, &target, format!("{worst:.2} ×"), worst <= RATIO_MAX)
    };
    let depths = format!("at depth {depth} against depth {SHALLOW}");
    let row = |mix: &Mix| {
        let shallow = rounds.median(|round| cpu(&round[mix].0));
        let deep = rounds.median(|round| cpu(&round[mix].1));
        vec![
            mix.name().to_owned(),
            format!("{shallow:.1}"),
            format!("{deep:.1}"),
            format!("{:.2}", ratio(mix)),
        ]
    };
    Results {
        findings: vec![
            finding(format!("any operation {depths}"), false),
            finding(format!("FIFO {depths}, {groups} groups"), true),
        ],
        columns: vec![
            "round of requests",
            "CPU µs/request, shallow",
            "deep",
            "ratio",
        ],
        rows: Mix::ALL.iter().map(row).collect(),
        notes: vec![rounds.note()],
        rounds: rounds.kept.iter().map(figures).collect(),
    }
}

/// Sends exactly `depth` messages, in tens.
fn fill(server: &Server, queue: &str, depth: u64, step: Step) -> Result<()> {
    let batches = depth / 10;
    let connections = batches.min(CONNECTIONS as u64);
    let scripts = (0..connections).map(|index| {
        let mine = batches / connections + u64::from(index < batches % connections);
        let before = batches / connections * index + index.min(batches % connections);
        Script {
            steps: vec![step.clone()],
            rounds: Some(mine),
            first_number: before * 10,
        }
    });
    let sent = load::complete(server, scripts.collect())?;
    ensure!(
        sent == depth,
        "{sent} messages were sent to {queue} and not {depth}"
    );
    expect_depth(server, queue, depth)
}

/// One window. Every connection has numbers of its own and begins at another group, so that they do not all wait for
/// the same few.
fn window(
    bench: &Bench,
    server: &Server,
    mix: Mix,
    queue: &Filled,
    first: u64,
) -> Result<Measured> {
    let connections = CONNECTIONS as u64;
    let apart = WINDOW_NUMBERS / connections + queue.groups / connections;
    let scripts = (0..connections).map(|index| Script {
        steps: mix.steps(server.port, &queue.url, queue.groups),
        rounds: None,
        first_number: first + apart * index,
    });
    let usual = bench.span();
    let span = Span {
        warm_up: usual.warm_up / 2,
        window: usual.window / 2,
    };
    load::measure(server, scripts.collect(), span)
}

pub(super) fn expect_depth(server: &Server, queue: &str, depth: u64) -> Result<()> {
    let body = json!({"QueueUrl": queue, "AttributeNames": ["All"]});
    let answer = Line::open(server.port)?.call("GetQueueAttributes", &body)?;
    let found = &answer["Attributes"]["ApproximateNumberOfMessages"];
    ensure!(
        found.as_str() == Some(&depth.to_string()),
        "{queue} holds {found} messages and not {depth}"
    );
    Ok(())
}

fn figures(round: &Round) -> Value {
    let entries = round.iter().map(|(mix, (shallow, deep))| {
        let value = json!({
            "shallow_cpu_micros_per_request": shallow.cpu_micros_per_request(),
            "deep_cpu_micros_per_request": deep.cpu_micros_per_request(),
            "foreign_share_of_a_core": shallow.foreign.max(deep.foreign),
        });
        (mix.name().to_owned(), value)
    });
    Value::Object(entries.collect())
}
