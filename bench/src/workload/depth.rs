//! Whether a deep queue costs more per request than a shallow one.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

use super::{Bench, kibibyte};
use crate::contender::Contender;
use crate::load::{self, Measured, Span};
use crate::report::{Finding, Results};
use crate::rounds;
use crate::script::{Script, Step};
use crate::server::{Line, Server};

const SHALLOW: u64 = 100;
const DEEP: u64 = 1_000_000;
const GROUPS: u64 = 100_000;
const CONNECTIONS: usize = 32;
const RATIO_MAX: f64 = 1.2;
/// Numbers from here on are not those of the messages that fill a queue.
const AFTER_FILL: u64 = 10_000_000_000;

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

/// Queues of one kind, shallow and deep.
struct Pair {
    shallow: String,
    deep: String,
    shallow_groups: u64,
    deep_groups: u64,
}

type Round = BTreeMap<Mix, (Measured, Measured)>;

pub(super) fn run(bench: &Bench) -> Result<Results> {
    let server = Server::start(Contender::Tidings, &bench.programs, &bench.home()?)?;
    let deep = bench.many(DEEP);
    let standard = Pair {
        shallow: server.create_queue("shallow", json!({}))?,
        deep: server.create_queue("deep", json!({}))?,
        shallow_groups: 1,
        deep_groups: 1,
    };
    let fifo = Pair {
        shallow: server.create_queue("shallow.fifo", json!({"FifoQueue": "true"}))?,
        deep: server.create_queue("deep.fifo", json!({"FifoQueue": "true"}))?,
        shallow_groups: SHALLOW,
        deep_groups: bench.many(GROUPS),
    };
    for (queue, depth) in [(&standard.shallow, SHALLOW), (&standard.deep, deep)] {
        let port = server.port;
        fill(
            &server,
            queue,
            depth,
            Step::send_batch(port, queue, &kibibyte()),
        )?;
    }
    for (queue, depth, groups) in [
        (&fifo.shallow, SHALLOW, fifo.shallow_groups),
        (&fifo.deep, deep, fifo.deep_groups),
    ] {
        let step = Step::send_fifo_batch(server.port, queue, &kibibyte(), groups);
        fill(&server, queue, depth, step)?;
    }
    let mut next_number = AFTER_FILL;
    let rounds = rounds::run(bench.rounds(), |_| {
        let mut round = Round::new();
        for mix in Mix::ALL {
            let pair = if mix.is_fifo() { &fifo } else { &standard };
            let mut at = |queue: &str, groups| {
                let steps = mix.steps(server.port, queue, groups);
                next_number += AFTER_FILL;
                window(bench, &server, steps, next_number, groups)
                    .with_context(|| format!("{mix:?} on {queue}"))
            };
            let shallow = at(&pair.shallow, pair.shallow_groups)?;
            let deep = at(&pair.deep, pair.deep_groups)?;
            round.insert(mix, (shallow, deep));
        }
        let foreign = round
            .values()
            .flat_map(|(shallow, deep)| [shallow.foreign, deep.foreign]);
        let foreign = foreign.fold(0.0, f64::max);
        Ok((round, foreign))
    })?;
    expect_depth(&server, &standard.deep, deep)?;
    expect_depth(&server, &fifo.deep, deep)?;

    let ratio = |mix| {
        rounds.median(|round: &Round| {
            let (shallow, deep) = &round[&mix];
            deep.cpu_micros_per_request() / shallow.cpu_micros_per_request()
        })
    };
    let worst = |fifo| {
        let ratios = Mix::ALL
            .into_iter()
            .filter(|mix| mix.is_fifo() == fifo)
            .map(ratio);
        ratios.fold(0.0, f64::max)
    };
    let finding = |what: &str, ratio: f64| {
        let target = format!("≤ {RATIO_MAX} × CPU per request");
        Finding::new(what, &target, format!("{ratio:.2} ×"), ratio <= RATIO_MAX)
    };
    let what = |kind: &str| format!("{kind} at depth {deep} against depth {SHALLOW}");
    let rows = Mix::ALL.into_iter().map(|mix| {
        let cpu = |of: fn(&(Measured, Measured)) -> &Measured| {
            let median = rounds.median(|round: &Round| of(&round[&mix]).cpu_micros_per_request());
            format!("{median:.1}")
        };
        let both = [cpu(|(shallow, _)| shallow), cpu(|(_, deep)| deep)];
        let [shallow, deep] = both;
        vec![
            mix.name().to_owned(),
            shallow,
            deep,
            format!("{:.2}", ratio(mix)),
        ]
    });
    Ok(Results {
        findings: vec![
            finding(&what("any operation"), worst(false)),
            finding(
                &format!("{} with {} groups", what("FIFO"), fifo.deep_groups),
                worst(true),
            ),
        ],
        columns: vec![
            "round of requests",
            "CPU µs/request, shallow",
            "deep",
            "ratio",
        ],
        rows: rows.collect(),
        notes: vec![rounds.note()],
        rounds: rounds.kept.iter().map(figures).collect(),
    })
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
    steps: Vec<Step>,
    first: u64,
    groups: u64,
) -> Result<Measured> {
    let share = AFTER_FILL / CONNECTIONS as u64;
    let scripts = (0..CONNECTIONS as u64).map(|index| Script {
        steps: steps.clone(),
        rounds: None,
        first_number: first + (share + groups / CONNECTIONS as u64) * index,
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
