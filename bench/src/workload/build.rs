//! How long a newcomer waits for the binary.

use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

use super::Bench;
use crate::machine;
use crate::report::{Finding, Results};

const BUILD_MAX: Duration = Duration::from_secs(4 * 60);
const CORES: [usize; 2] = [machine::SERVER_CORE, machine::CLIENT_CORE];

pub(super) fn run(bench: &Bench) -> Result<Results> {
    let cargo = || {
        let mut command = Command::new("cargo");
        command.current_dir(&bench.root);
        command
    };
    ensure!(
        cargo().args(["fetch", "--locked"]).status()?.success(),
        "cargo fetch failed"
    );
    let target = bench.home()?.join("target");
    machine::stay_on_all(&CORES)?;
    let begun = Instant::now();
    let status = cargo()
        .args(["build", "--release", "--locked", "--offline", "--quiet"])
        .env("CARGO_TARGET_DIR", &target)
        .status()
        .context("starting cargo");
    let time = begun.elapsed();
    machine::stay_on(machine::CLIENT_CORE)?;
    ensure!(status?.success(), "the build failed");
    bench.home()?;
    let seconds = format!("{:.0} s", time.as_secs_f64());
    Ok(Results {
        findings: vec![Finding::new(
            "cold release build on two cores",
            "< 4 minutes",
            seconds.clone(),
            time < BUILD_MAX,
        )],
        columns: vec!["time"],
        rows: vec![vec![seconds]],
        notes: Vec::new(),
        rounds: Value::Array(vec![json!({"seconds": time.as_secs_f64()})]),
    })
}
