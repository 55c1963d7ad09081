//! What a delivery costs when one message goes to many queues.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use super::signatures::{self, Reading};
use super::topic::{Published, Subscribed, Topic};
use super::{Bench, kibibyte, micros, percent, thousands};
use crate::contender::Contender;
use crate::load::{self, Measured};
use crate::report::{Finding, Results};
use crate::rounds::{self, Rounds};
use crate::script::{Script, Step};
use crate::server::Server;

const FAN_OUTS: [usize; 4] = [1, 10, 100, 1000];
const CONNECTIONS: usize = 64;
const WIDE_CPU_MAX: f64 = 1.2;
/// A payload that was kept for each queue would make it hundreds.
const WIDE_JOURNAL_MAX: f64 = 2.0;

struct Round {
    ceiling: Measured,
    send: Measured,
    publish: BTreeMap<usize, Published>,
}

impl Round {
    fn at(&self, fan_out: usize) -> &Published {
        &self.publish[&fan_out]
    }
}

pub(super) fn run(bench: &Bench) -> Result<Results> {
    let rounds = rounds::run(bench.rounds(), |_| {
        let mut round = Round {
            ceiling: send(bench, Contender::Ceiling)?,
            send: send(bench, Contender::Tidings)?,
            publish: BTreeMap::new(),
        };
        for fan_out in FAN_OUTS {
            let published = publish(bench, fan_out);
            let published = published.with_context(|| format!("fan-out {fan_out}"))?;
            round.publish.insert(fan_out, published);
        }
        let publishes = round.publish.values().map(|it| &it.load);
        let all = publishes.chain([&round.ceiling, &round.send]);
        let foreign = all.map(|it| it.foreign).fold(0.0, f64::max);
        Ok((round, foreign))
    })?;
    let readings = signatures::run(bench)?;
    Ok(results(&rounds, &readings))
}

fn send(bench: &Bench, contender: Contender) -> Result<Measured> {
    let server = Server::start(contender, &bench.programs, &bench.home()?)?;
    let queue = server.create_queue("bench", json!({}))?;
    let script = Script {
        steps: vec![Step::send(server.port, &queue, &kibibyte())],
        rounds: None,
        first_number: 0,
    };
    load::measure(&server, vec![script; CONNECTIONS], bench.span())
}

/// A server of its own for each width, so that memory and disk stay bounded and no width pays for another.
fn publish(bench: &Bench, fan_out: usize) -> Result<Published> {
    let server = Server::start(Contender::Tidings, &bench.programs, &bench.home()?)?;
    let mut topic = Topic::make(&server, "bench")?;
    topic.add_queues(&server, "queue", fan_out, Subscribed::Plain)?;
    topic.publish(&server, &[], bench.span())
}

fn results(rounds: &Rounds<Round>, readings: &Rounds<Reading>) -> Results {
    let to_send = |fan_out| {
        rounds.median(|round| {
            round.at(fan_out).deliveries_per_second() / round.send.messages_per_second()
        })
    };
    let wide = rounds.median(|round| {
        round.at(1000).cpu_micros_per_delivery() / round.at(10).cpu_micros_per_delivery()
    });
    let journal = rounds.median(|round| round.at(1000).journaled / round.at(1).journaled);
    let findings = vec![
        Finding::new(
            "Publish to 10 queues, deliveries/s",
            "≥ 1 × SendMessage's messages/s",
            format!("{:.2} ×", to_send(10)),
            to_send(10) >= 1.0,
        ),
        Finding::new(
            "its CPU per delivery to 1,000 queues",
            "≤ 1.2 × that to 10",
            format!("{wide:.2} ×"),
            wide <= WIDE_CPU_MAX,
        ),
        Finding::new(
            "bytes journaled for a publish to 1,000 queues",
            "≤ 2 × those to 1",
            format!("{journal:.2} ×"),
            journal <= WIDE_JOURNAL_MAX,
        ),
    ];
    let mut rows = vec![
        single(rounds, "bare hyper", |round| &round.ceiling),
        single(rounds, "SendMessage", |round| &round.send),
    ];
    rows.extend(FAN_OUTS.map(|fan_out| wide_row(rounds, fan_out, to_send(fan_out))));
    Results {
        findings,
        columns: vec![
            "what",
            "requests/s",
            "deliveries/s",
            "deliveries/s to SendMessage's",
            "server CPU µs/delivery",
            "µs/request",
            "journal bytes/delivery",
            "bytes/request",
            "generator's core",
            "p50 µs",
            "p99 µs",
        ],
        rows,
        notes: vec![rounds.note(), signatures::note(readings)],
        rounds: rounds.kept.iter().map(figures).collect(),
    }
}

fn single(rounds: &Rounds<Round>, name: &str, of: fn(&Round) -> &Measured) -> Vec<String> {
    let median = |figure: fn(&Measured) -> f64| rounds.median(|round| figure(of(round)));
    let cpu = format!("{:.1}", median(Measured::cpu_micros_per_request));
    let to_send =
        rounds.median(|round| of(round).messages_per_second() / round.send.messages_per_second());
    let mut row = vec![
        name.to_owned(),
        thousands(median(Measured::requests_per_second)),
        thousands(median(Measured::messages_per_second)),
        format!("{to_send:.2}"),
        cpu.clone(),
        cpu,
        String::new(),
        String::new(),
    ];
    row.extend(of_load(rounds, of));
    row
}

fn wide_row(rounds: &Rounds<Round>, fan_out: usize, to_send: f64) -> Vec<String> {
    let median = |figure: fn(&Published) -> f64| rounds.median(|round| figure(round.at(fan_out)));
    let mut row = vec![
        format!("Publish to {fan_out}"),
        thousands(median(|it| it.load.requests_per_second())),
        thousands(median(Published::deliveries_per_second)),
        format!("{to_send:.2}"),
        format!("{:.2}", median(Published::cpu_micros_per_delivery)),
        format!("{:.1}", median(|it| it.load.cpu_micros_per_request())),
        format!("{:.0}", median(Published::journaled_per_delivery)),
        format!("{:.0}", median(|it| it.journaled)),
    ];
    row.extend(of_load(rounds, |round| &round.at(fan_out).load));
    row
}

/// What the generator saw.
fn of_load(rounds: &Rounds<Round>, of: impl Fn(&Round) -> &Measured) -> [String; 3] {
    let quantile = |q| rounds.median(|round| micros(of(round).latency.quantile(q)));
    [
        percent(rounds.median(|round| of(round).generator_share())),
        format!("{:.0}", quantile(0.5)),
        format!("{:.0}", quantile(0.99)),
    ]
}

fn figures(round: &Round) -> Value {
    let single = |it: &Measured| {
        json!({
            "requests_per_second": it.requests_per_second().round(),
            "server_cpu_micros_per_request": it.cpu_micros_per_request(),
            "foreign_share_of_a_core": it.foreign,
        })
    };
    let publish = round.publish.iter().map(|(fan_out, it)| {
        let value = json!({
            "requests_per_second": it.load.requests_per_second().round(),
            "deliveries_per_second": it.deliveries_per_second().round(),
            "server_cpu_micros_per_delivery": it.cpu_micros_per_delivery(),
            "journal_bytes_per_request": it.journaled,
            "p50_micros": micros(it.load.latency.quantile(0.5)),
            "p99_micros": micros(it.load.latency.quantile(0.99)),
            "foreign_share_of_a_core": it.load.foreign,
        });
        (fan_out.to_string(), value)
    });
    json!({
        "bare hyper": single(&round.ceiling),
        "SendMessage": single(&round.send),
        "Publish": publish.collect::<serde_json::Map<_, _>>(),
    })
}
