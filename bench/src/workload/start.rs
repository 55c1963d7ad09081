//! A server with nothing to do: how soon it answers, and how small it is.

use std::fs;
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::Result;
use serde_json::{Value, json};

use super::{Bench, mebibytes};
use crate::contender::Contender;
use crate::report::{Finding, Results};
use crate::rounds::median;
use crate::server::Server;

const STARTS: usize = 20;
const START_MILLIS_MAX: f64 = 50.0;
const MEBIBYTES_MAX: f64 = 20.0;
const IDLE: Duration = Duration::from_secs(1);

pub(super) fn run(bench: &Bench) -> Result<Results> {
    let mut millis = Vec::new();
    let mut resident = Vec::new();
    for _ in 0..STARTS {
        let home = bench.home()?;
        let begun = Instant::now();
        let server = Server::spawn(Contender::Tidings, &bench.programs, &home)?;
        server.first_answer("ListQueues", &json!({}))?;
        millis.push(begun.elapsed().as_secs_f64() * 1e3);
        if !bench.quick {
            sleep(IDLE);
        }
        resident.push(mebibytes(server.resident_bytes()?));
    }
    let binary = mebibytes(fs::metadata(&bench.programs.tidings)?.len());
    let slowest = millis.iter().copied().fold(0.0, f64::max);
    let rounds =
        json!({"millis": millis, "resident_mebibytes": resident, "binary_mebibytes": binary});
    let (start, memory) = (median(millis), median(resident));
    let finding = |what: &str, unit: &str, limit: f64, measured: f64| {
        let (target, text) = (format!("< {limit} {unit}"), format!("{measured:.1} {unit}"));
        Finding::new(what, &target, text, measured < limit)
    };
    Ok(Results {
        findings: vec![
            finding(
                "start to first answer, empty",
                "ms",
                START_MILLIS_MAX,
                start,
            ),
            finding("idle memory", "MiB", MEBIBYTES_MAX, memory),
            finding("stripped binary", "MiB", MEBIBYTES_MAX, binary),
        ],
        columns: vec![
            "starts",
            "median ms",
            "slowest ms",
            "idle resident MiB",
            "binary MiB",
        ],
        rows: vec![vec![
            STARTS.to_string(),
            format!("{start:.1}"),
            format!("{slowest:.1}"),
            format!("{memory:.1}"),
            format!("{binary:.1}"),
        ]],
        notes: Vec::new(),
        rounds: Value::Array(vec![rounds]),
    })
}
