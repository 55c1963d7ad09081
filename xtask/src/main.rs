//! The house's own commands. `cargo xtask` lists them.
#![expect(clippy::print_stdout, reason = "these commands report to people")]

mod bench;
mod build;
mod ci;
mod codegen;
mod coverage;
#[cfg(test)]
mod documents;
#[cfg(test)]
mod layers;
mod readme;
mod suite;

use std::process::ExitCode;

use anyhow::{Result, bail};

const USAGE: &str = "\
cargo xtask ci                       everything that must hold before a change is taken
cargo xtask codegen [--check]        api from AWS's models
cargo xtask coverage [--check]       docs/coverage.md from the operation table and the tests
cargo xtask conform [SUITE ...]      AWS's SDKs and tools against the release build
cargo xtask kill [--rounds N]        kill -9 under load, N times (10)
cargo xtask sim [--seed N | --seeds N] [--steps N] ...
                                     simulated histories; --seed replays one
cargo xtask bench [--quick] [--only NAME] [--peers] [--with FLAG]
                                     the benchmarks; full runs write bench/results";

fn main() -> Result<ExitCode> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let Some((command, rest)) = arguments.split_first() else {
        println!("{USAGE}");
        return Ok(ExitCode::SUCCESS);
    };
    match (command.as_str(), rest) {
        ("ci", []) => return Ok(ci::run()),
        ("codegen", []) => codegen::run(false)?,
        ("codegen", [flag]) if flag == "--check" => codegen::run(true)?,
        ("coverage", []) => coverage::run(false)?,
        ("coverage", [flag]) if flag == "--check" => coverage::run(true)?,
        ("conform", suites) => ci::conform(suites)?,
        ("kill", options) => ci::kill(options)?,
        ("sim", options) => ci::sim(options)?,
        ("bench", options) => bench::run(options)?,
        _ => bail!("unknown: {}\n\n{USAGE}", arguments.join(" ")),
    }
    Ok(ExitCode::SUCCESS)
}
