//! Everything that must hold before a change is taken, as named suites, and the suites one by one.

use std::path::Path;
use std::process::{Command, ExitCode};
use std::time::Instant;

use anyhow::{Result, ensure};

use crate::build::{self, cargo, root};
use crate::suite::{self, Counts};
use crate::{codegen, coverage, readme};

const SIM_SEEDS: &str = "500";
/// Longer histories are for `cargo xtask sim`.
const SIM_STEPS: &str = "600";
const KILL_ROUNDS: &str = "10";
/// The suites of `conformance/run.py`, in its order. The labs are among the tests of `cli`.
const CONFORMANCE: [&str; 9] = [
    "python-json",
    "python-query",
    "cli",
    "celery",
    "javascript",
    "java",
    "go",
    "kill",
    "kill-fan-out",
];

const INTRODUCTION: &str = "\
Needs: a Rust toolchain by rustup (rust-toolchain.toml names it), a C compiler, python3, curl.
Installs beside the tests: two Python environments (conformance/.venv), npm packages (conformance/javascript), Maven
artifacts and Go modules in their usual caches; and, when the machine lacks them, Debian's python3-venv, nodejs, npm,
default-jdk-headless, maven, golang-go with apt-get.";

/// All suites. The last line of the output sums them up; the status is 0 only if all is well.
pub(crate) fn run() -> ExitCode {
    println!("{INTRODUCTION}");
    let mut report = Report::default();
    report.suite("format", || {
        suite::check(cargo().args(["fmt", "--all", "--check"]))
    });
    report.suite("lints", || {
        suite::check(cargo().args([
            "clippy",
            "--workspace",
            "--all-targets",
            "--locked",
            "--",
            "-D",
            "warnings",
        ]))
    });
    report.suite("tests", || {
        let mut command = cargo();
        command.args(["test", "--workspace", "--locked", "--no-fail-fast"]);
        suite::count(&mut command, suite::of_cargo_test)
    });
    report.suite("generated code is fresh", || holds(codegen::run(true)));
    report.suite("coverage page is fresh", || holds(coverage::run(true)));
    let mut programs = None;
    report.suite("release build", || {
        programs = Some(build::release(&["server", "sim"])?);
        Ok(Counts::ONE_PASSED)
    });
    if let Some(programs) = programs {
        report.suite("simulation", || {
            let mut command = Command::new(programs.join("sim"));
            command.args(["--seeds", SIM_SEEDS, "--steps", SIM_STEPS]);
            suite::count(&mut command, suite::of_sim)
        });
        let binary = programs.join("tidings");
        report.suite("conformance: installs", || {
            suite::check(&mut conformance(&binary, &["--install-only"]))
        });
        report.suite("README's calls", || readme::run(&binary));
        for name in CONFORMANCE {
            report.suite(&format!("conformance: {name}"), || {
                let mut command = conformance(&binary, &[name, "--rounds", KILL_ROUNDS]);
                suite::count(&mut command, suite::of_conformance)
            });
        }
    }
    report.end()
}

fn holds(result: Result<()>) -> Result<Counts> {
    result.map(|()| Counts::ONE_PASSED)
}

/// The conformance suites of these names, or all.
pub(crate) fn conform(suites: &[String]) -> Result<()> {
    let programs = build::release(&["server"])?;
    let status = conformance(&programs.join("tidings"), suites).status()?;
    ensure!(status.success(), "conformance failed");
    Ok(())
}

/// The kill test, with its own options.
pub(crate) fn kill(options: &[String]) -> Result<()> {
    let programs = build::release(&["server"])?;
    let mut command = Command::new("python3");
    command
        .arg(root().join("conformance/kill.py"))
        .args(options)
        .env("TIDINGS_BIN", programs.join("tidings"));
    ensure!(command.status()?.success(), "the kill test failed");
    Ok(())
}

/// Simulated histories, with `sim`'s own options.
pub(crate) fn sim(options: &[String]) -> Result<()> {
    let mut command = cargo();
    command.args(["run", "--release", "--quiet", "--package", "sim", "--"]);
    ensure!(
        command.args(options).status()?.success(),
        "the simulation failed"
    );
    Ok(())
}

fn conformance(binary: &Path, arguments: &[impl AsRef<std::ffi::OsStr>]) -> Command {
    let mut command = Command::new("python3");
    command
        .arg(root().join("conformance/run.py"))
        .args(arguments)
        .env("TIDINGS_BIN", binary);
    command
}

/// What ran, how long it took, and what came of it.
#[derive(Default)]
struct Report {
    rows: Vec<(String, Counts, u64)>,
}

impl Report {
    /// Runs a suite. Nothing stops the ones after it.
    fn suite(&mut self, name: &str, run: impl FnOnce() -> Result<Counts>) {
        println!("\n=== {name}");
        let begun = Instant::now();
        let counts = run().unwrap_or_else(|error| {
            println!("{error:#}");
            Counts::ONE_FAILED
        });
        self.rows.push((
            name.to_owned(),
            counts.or_nothing_ran(),
            begun.elapsed().as_secs(),
        ));
    }

    /// The sum is the last line.
    fn end(self) -> ExitCode {
        println!("\n=== summary");
        let mut total = Counts::default();
        for (name, counts, seconds) in &self.rows {
            println!("{name:<34} {:<42} {seconds:>5} s", counts.to_string());
            total.add(*counts);
        }
        println!("{total}");
        if total.failed > 0 {
            ExitCode::FAILURE
        } else {
            ExitCode::SUCCESS
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_conformance_suite_is_run() {
        let script = std::fs::read_to_string(root().join("conformance/run.py")).unwrap();
        let table = script
            .split("SUITES = {")
            .nth(1)
            .unwrap()
            .split('}')
            .next()
            .unwrap();
        let names: Vec<&str> = table
            .lines()
            .filter_map(|line| line.split('"').nth(1))
            .collect();
        assert_eq!(names, CONFORMANCE);
    }
}
