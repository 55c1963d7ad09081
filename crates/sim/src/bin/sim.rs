//! Plays simulated histories: `sim --seed N`, or `sim --seeds N [--from N]`, with `--steps N` and `--verbose`.
//!
//! Exits with 1 at the first seed whose history breaks a promise, and shows the end of its trace.

use std::io::{self, Write};
use std::process::ExitCode;

use sim::{Run, Sabotage, Settings};

const USAGE: &str =
    "usage: sim [--seed N | --seeds N [--from N]] [--steps N] [--sabotage NAME] [--verbose]";

/// Lines of the trace that a violation shows.
const TAIL: usize = 60;

struct Wanted {
    from: u64,
    seeds: u64,
    settings: Settings,
}

fn wanted(mut arguments: impl Iterator<Item = String>) -> Result<Wanted, String> {
    let mut wanted = Wanted {
        from: 1,
        seeds: 20,
        settings: Settings::default(),
    };
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().ok_or(format!("{argument} needs a value"));
        let number = |text: String| {
            text.parse::<u64>()
                .map_err(|_| format!("{text} is no number"))
        };
        match argument.as_str() {
            "--seed" => (wanted.from, wanted.seeds) = (number(value()?)?, 1),
            "--seeds" => wanted.seeds = number(value()?)?,
            "--from" => wanted.from = number(value()?)?,
            "--steps" => {
                let steps = number(value()?)?;
                wanted.settings.steps =
                    u32::try_from(steps).map_err(|_| format!("{steps} steps"))?;
            }
            "--sabotage" => {
                let name = value()?;
                let sabotage = Sabotage::named(&name);
                let known = sabotage.ok_or(format!("{name} is none of {:?}", Sabotage::ALL))?;
                wanted.settings.sabotage = Some(known);
            }
            "--verbose" => wanted.settings.verbose = true,
            unknown => return Err(format!("{unknown} is unknown\n{USAGE}")),
        }
    }
    Ok(wanted)
}

fn main() -> ExitCode {
    let wanted = match wanted(std::env::args().skip(1)) {
        Ok(wanted) => wanted,
        Err(why) => {
            // With standard error closed there is nobody to tell.
            let _ = writeln!(io::stderr(), "{why}");
            return ExitCode::from(2);
        }
    };
    match play(&wanted) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) | Err(_) => ExitCode::FAILURE,
    }
}

/// True if no seed broke a promise.
fn play(wanted: &Wanted) -> io::Result<bool> {
    let mut out = io::stdout();
    let (mut steps, mut acknowledged) = (0, 0);
    for seed in wanted.from..wanted.from.saturating_add(wanted.seeds) {
        let run = sim::run(seed, wanted.settings);
        steps += run.trace.len();
        acknowledged += run.acknowledged;
        if let Some(violation) = &run.violation {
            show_tail(&mut out, &run, wanted.settings.verbose)?;
            writeln!(out, "seed {seed}: {violation}")?;
            return Ok(false);
        }
    }
    writeln!(
        out,
        "{} seeds: {steps} things happened, {acknowledged} messages were acknowledged, no promise was broken",
        wanted.seeds
    )?;
    Ok(true)
}

fn show_tail(out: &mut impl Write, run: &Run, shown_already: bool) -> io::Result<()> {
    if shown_already {
        return Ok(());
    }
    let tail = run.trace.len().saturating_sub(TAIL);
    for line in &run.trace[tail..] {
        writeln!(out, "{line}")?;
    }
    Ok(())
}
