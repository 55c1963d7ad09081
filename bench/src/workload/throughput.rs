//! Requests and messages per second under many connections, everyone in turn.

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use super::{Bench, by_name, kibibyte, micros, percent, thousands};
use crate::contender::Contender;
use crate::load::{self, Measured, Span};
use crate::report::{Finding, Results};
use crate::rounds::{self, Rounds};
use crate::script::{Script, Step};
use crate::server::Server;

type Round = Vec<(Contender, Measured)>;
/// Makes the steps of one connection for a queue of that URL on that port.
type Steps = fn(u16, &str) -> Vec<Step>;

pub(super) fn send(bench: &Bench) -> Result<Results> {
    let rounds = compare(bench, 64, |port, queue| {
        vec![Step::send(port, queue, &kibibyte())]
    })?;
    let speed = |contender| ratio(&rounds, contender, Measured::requests_per_second);
    let (durable, memory) = (speed(Contender::Tidings), speed(Contender::TidingsMemory));
    let cpu = ratio(
        &rounds,
        Contender::Tidings,
        Measured::cpu_micros_per_request,
    );
    let findings = vec![
        Finding::new(
            "SendMessage, 64 connections",
            "≥ 55 % of the ceiling",
            percent(durable),
            durable >= 0.55,
        ),
        Finding::new(
            "its CPU of the server per request",
            "≤ 1.75 × the ceiling's",
            format!("{cpu:.2} ×"),
            cpu <= 1.75,
        ),
        Finding::new(
            "SendMessage `--memory`, 64 connections",
            "≥ 68 % of the ceiling",
            percent(memory),
            memory >= 0.68,
        ),
    ];
    Ok(results(bench, &rounds, findings, 1.0))
}

pub(super) fn send_batch(bench: &Bench) -> Result<Results> {
    let steps: Steps = |port, queue| vec![Step::send_batch(port, queue, &kibibyte())];
    let rounds = compare(bench, 32, steps)?;
    let speed = messages_to_ceiling(&rounds, 1.0);
    let finding = Finding::new(
        "SendMessageBatch × 10, 32 connections, messages/s",
        "≥ 1.3 × the ceiling's requests/s",
        format!("{speed:.2} ×"),
        speed >= 1.3,
    );
    Ok(results(bench, &rounds, vec![finding], 1.0))
}

pub(super) fn cycle(bench: &Bench) -> Result<Results> {
    let steps: Steps = |port, queue| {
        vec![
            Step::send_batch(port, queue, &kibibyte()),
            Step::receive(port, queue, 10),
            Step::DeleteBatch {
                queue: queue.into(),
            },
        ]
    };
    let rounds = compare(bench, 32, steps)?;
    // Each message was counted when sent, when received and when deleted.
    let speed = messages_to_ceiling(&rounds, 3.0);
    let finding = Finding::new(
        "send → receive → delete in tens, messages/s",
        "≥ 0.6 × the ceiling's requests/s",
        format!("{speed:.2} ×"),
        speed >= 0.6,
    );
    Ok(results(bench, &rounds, vec![finding], 3.0))
}

/// Rounds of all contenders. The ceiling always answers single messages of 1 KiB, over as many connections.
fn compare(bench: &Bench, connections: usize, steps: Steps) -> Result<Rounds<Round>> {
    rounds::run(bench.rounds(), |attempt| {
        let mut round: Round = Vec::new();
        let count = bench.contenders.len();
        // Nobody always follows the same one.
        for turn in 0..count {
            let contender = bench.contenders[(turn + attempt) % count];
            let measured =
                one(bench, contender, connections, steps).with_context(|| contender.name())?;
            round.push((contender, measured));
        }
        let foreign = round.iter().map(|(_, measured)| measured.foreign);
        let foreign = foreign.fold(0.0, f64::max);
        Ok((round, foreign))
    })
}

fn one(bench: &Bench, contender: Contender, connections: usize, steps: Steps) -> Result<Measured> {
    let home = bench.home()?;
    let server = Server::start(contender, &bench.programs, &home)?;
    let queue = server.create_queue("bench", json!({}))?;
    let steps = match contender {
        Contender::Ceiling => vec![Step::send(server.port, &queue, &kibibyte())],
        Contender::Tidings
        | Contender::TidingsMemory
        | Contender::Rustack
        | Contender::ElasticMq => steps(server.port, &queue),
    };
    let script = Script {
        steps,
        rounds: None,
        first_number: 0,
    };
    let usual = bench.span();
    let span = Span {
        warm_up: contender.warm_up(usual.warm_up),
        window: usual.window,
    };
    load::measure(&server, vec![script; connections], span)
}

fn of(round: &Round, contender: Contender) -> &Measured {
    let found = round.iter().find(|(known, _)| *known == contender);
    &found
        .expect("every contender has its turn in every round")
        .1
}

fn ratio(rounds: &Rounds<Round>, contender: Contender, figure: fn(&Measured) -> f64) -> f64 {
    rounds.median(|round| figure(of(round, contender)) / figure(of(round, Contender::Ceiling)))
}

fn messages_to_ceiling(rounds: &Rounds<Round>, counted: f64) -> f64 {
    rounds.median(|round| {
        let messages = of(round, Contender::Tidings).messages_per_second() / counted;
        messages / of(round, Contender::Ceiling).requests_per_second()
    })
}

fn results(bench: &Bench, rounds: &Rounds<Round>, findings: Vec<Finding>, counted: f64) -> Results {
    let rows = bench.contenders.iter().map(|contender| {
        let median = |figure: &dyn Fn(&Measured) -> f64| {
            rounds.median(|round| figure(of(round, *contender)))
        };
        let counted = if *contender == Contender::Ceiling {
            1.0
        } else {
            counted
        };
        let messages = |it: &Measured| it.messages_per_second() / counted;
        let to_ceiling = rounds.median(|round| {
            messages(of(round, *contender)) / of(round, Contender::Ceiling).requests_per_second()
        });
        vec![
            contender.name().to_owned(),
            thousands(median(&Measured::requests_per_second)),
            thousands(median(&messages)),
            format!("{to_ceiling:.2}"),
            format!("{:.1}", median(&Measured::cpu_micros_per_request)),
            percent(median(&Measured::generator_share)),
            format!("{:.0}", median(&|it| micros(it.latency.quantile(0.5)))),
            format!("{:.0}", median(&|it| micros(it.latency.quantile(0.99)))),
        ]
    });
    Results {
        findings,
        columns: vec![
            "server",
            "requests/s",
            "messages/s",
            "messages/s to the ceiling's requests/s",
            "server CPU µs/request",
            "generator's core",
            "p50 µs",
            "p99 µs",
        ],
        rows: rows.collect(),
        notes: vec![rounds.note()],
        rounds: rounds
            .kept
            .iter()
            .map(|round| by_name(round, figures))
            .collect(),
    }
}

fn figures(measured: &Measured) -> Value {
    json!({
        "requests_per_second": measured.requests_per_second().round(),
        "messages_per_second": measured.messages_per_second().round(),
        "server_cpu_micros_per_request": measured.cpu_micros_per_request(),
        "generator_share_of_its_core": measured.generator_share(),
        "p50_micros": micros(measured.latency.quantile(0.5)),
        "p99_micros": micros(measured.latency.quantile(0.99)),
        "foreign_share_of_a_core": measured.foreign,
    })
}
