//! How long one caller waits, and how much of that is the disk.

use anyhow::{Context as _, Result};
use serde_json::json;

use super::{Bench, by_name, kibibyte, micros};
use crate::contender::Contender;
use crate::disk::{self, Flush};
use crate::load::{self, Measured, Span};
use crate::report::{Finding, Results};
use crate::rounds;
use crate::script::{Script, Step};
use crate::server::Server;

const FLUSHES: usize = 1000;
const ALLOWED_MICROS: f64 = 150.0;

struct Round {
    flush: Flush,
    all: Vec<(Contender, Measured)>,
}

impl Round {
    fn of(&self, contender: Contender) -> &Measured {
        let found = self.all.iter().find(|(known, _)| *known == contender);
        &found
            .expect("every contender has its turn in every round")
            .1
    }

    fn p50(&self) -> f64 {
        micros(self.of(Contender::Tidings).latency.quantile(0.5))
    }

    fn over_flush(&self) -> f64 {
        self.p50() - micros(self.flush.overwrite.quantile(0.5))
    }
}

pub(super) fn run(bench: &Bench) -> Result<Results> {
    let rounds = rounds::run(bench.rounds(), |attempt| {
        let flush = disk::measure(&bench.home()?, FLUSHES)?;
        let mut all = Vec::new();
        let count = bench.contenders.len();
        for turn in 0..count {
            let contender = bench.contenders[(turn + attempt) % count];
            all.push((
                contender,
                one(bench, contender).with_context(|| contender.name())?,
            ));
        }
        let foreign = all
            .iter()
            .map(|(_, measured)| measured.foreign)
            .fold(0.0, f64::max);
        Ok((Round { flush, all }, foreign))
    })?;
    let over = rounds.median(Round::over_flush);
    let p50 = rounds.median(Round::p50);
    let of_flush =
        |quantile| rounds.median(|round| micros(round.flush.overwrite.quantile(quantile)));
    let of_append = |quantile| rounds.median(|round| micros(round.flush.append.quantile(quantile)));
    let mut rows = vec![
        row(
            "fdatasync after overwriting 4 KiB",
            of_flush(0.5),
            of_flush(0.99),
            None,
        ),
        row(
            "fdatasync after appending 4 KiB",
            of_append(0.5),
            of_append(0.99),
            None,
        ),
    ];
    for contender in &bench.contenders {
        let median =
            |figure: fn(&Measured) -> f64| rounds.median(|round| figure(round.of(*contender)));
        rows.push(row(
            contender.name(),
            median(|it| micros(it.latency.quantile(0.5))),
            median(|it| micros(it.latency.quantile(0.99))),
            Some(median(Measured::cpu_micros_per_request)),
        ));
    }
    Ok(Results {
        findings: vec![Finding::new(
            "one connection, SendMessage p50",
            "≤ fdatasync of 4 KiB + 150 µs",
            format!("fdatasync + {over:.0} µs ({p50:.0} µs in all)"),
            over <= ALLOWED_MICROS,
        )],
        columns: vec!["", "p50 µs", "p99 µs", "server CPU µs/request"],
        rows,
        notes: vec![rounds.note()],
        rounds: rounds.kept.iter().map(figures).collect(),
    })
}

fn one(bench: &Bench, contender: Contender) -> Result<Measured> {
    let server = Server::start(contender, &bench.programs, &bench.home()?)?;
    let queue = server.create_queue("bench", json!({}))?;
    let script = Script {
        steps: vec![Step::send(server.port, &queue, &kibibyte())],
        rounds: None,
        first_number: 0,
    };
    let usual = bench.span();
    let span = Span {
        warm_up: contender.warm_up(usual.warm_up),
        window: usual.window,
    };
    load::measure(&server, vec![script], span)
}

fn row(name: &str, p50: f64, p99: f64, cpu: Option<f64>) -> Vec<String> {
    let cpu = cpu.map_or(String::new(), |cpu| format!("{cpu:.0}"));
    vec![
        name.to_owned(),
        format!("{p50:.0}"),
        format!("{p99:.0}"),
        cpu,
    ]
}

fn figures(round: &Round) -> serde_json::Value {
    json!({
        "overwrite_p50_micros": micros(round.flush.overwrite.quantile(0.5)),
        "append_p50_micros": micros(round.flush.append.quantile(0.5)),
        "servers": by_name(&round.all, |measured| json!({
            "p50_micros": micros(measured.latency.quantile(0.5)),
            "p99_micros": micros(measured.latency.quantile(0.99)),
            "server_cpu_micros_per_request": measured.cpu_micros_per_request(),
            "foreign_share_of_a_core": measured.foreign,
        })),
    })
}
