//! Measures tidings beside a bare hyper server and beside peers, and writes what it found.
//!
//! `bench --ceiling FILE --tidings FILE [--peers DIR] [--only NAME]… [--quick] [--with FLAG]…`; usually started by
//! `cargo xtask bench`, which builds the programs first. Loopback only, bounded in count and time.
#![cfg(target_os = "linux")]
#![expect(clippy::print_stdout, reason = "this program reports to people")]

mod contender;
mod disk;
mod histogram;
mod http;
mod load;
mod machine;
mod report;
mod rounds;
mod script;
mod server;
mod workload;

use std::fs;
use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::json;

use crate::contender::{Contender, Programs};
use crate::workload::{Bench, Workload};

struct Arguments {
    ceiling: PathBuf,
    tidings: PathBuf,
    flags: Vec<String>,
    peers: Option<PathBuf>,
    only: Vec<Workload>,
    quick: bool,
}

fn main() -> Result<()> {
    let arguments = read(std::env::args().skip(1))?;
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let root = root
        .parent()
        .context("bench lies in the repository's root")?
        .to_owned();
    // Beside the programs, which is a disk wherever they could be built.
    let scratch = arguments
        .tidings
        .canonicalize()?
        .with_file_name("bench-data");
    fs::create_dir_all(&scratch)?;
    let of_disk = machine::file_system(&scratch);
    ensure!(
        !of_disk.starts_with("tmpfs"),
        "{} is not on a disk: {of_disk}",
        scratch.display()
    );
    let run = json!({
        "date": report::date(),
        "commit": report::commit(&root),
        "machine": machine::describe(&scratch),
        "flags": arguments.flags,
    });
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    ensure!(
        cores >= 2,
        "one core for the server and one for the generator are needed"
    );
    machine::open_many_files()?;
    machine::stay_on(machine::CLIENT_CORE)?;

    let results = root.join("bench").join("results");
    let bench = Bench {
        contenders: contenders(&arguments),
        programs: Programs {
            ceiling: arguments.ceiling.canonicalize()?,
            tidings: arguments.tidings.canonicalize()?,
            tidings_flags: arguments.flags,
            peers: arguments.peers.unwrap_or_default(),
        },
        root,
        scratch,
        quick: arguments.quick,
    };
    let mut missed = 0;
    for workload in arguments.only {
        let begun = Instant::now();
        println!("{}: {}", workload.name(), workload.description());
        let found = workload.run(&bench).with_context(|| workload.name())?;
        for finding in &found.findings {
            let met = if finding.met { "met   " } else { "MISSED" };
            println!(
                "  {met} {}: {} (target {})",
                finding.what, finding.measured, finding.target
            );
            missed += usize::from(!finding.met);
        }
        for row in std::iter::once(found.columns.join(" | "))
            .chain(found.rows.iter().map(|row| row.join(" | ")))
        {
            println!("  {row}");
        }
        for note in &found.notes {
            println!("  {note}");
        }
        println!("  took {:.0} s", begun.elapsed().as_secs_f64());
        if !bench.quick {
            report::write(&results, workload, &found, &run)?;
        }
    }
    fs::remove_dir_all(&bench.scratch)?;
    if bench.quick {
        println!(
            "A quick run shows that everything works. It is not for the record, and nothing was written."
        );
    } else {
        report::write_page(&results)?;
        println!("{missed} targets missed. Written to {}.", results.display());
    }
    Ok(())
}

/// Ours, and the peers that are installed.
fn contenders(arguments: &Arguments) -> Vec<Contender> {
    let mut all = Contender::OURS.to_vec();
    if let Some(peers) = &arguments.peers {
        for peer in Contender::PEERS {
            if peer.is_installed(peers) {
                all.push(peer);
            } else {
                println!(
                    "{} is not installed in {} and left out",
                    peer.name(),
                    peers.display()
                );
            }
        }
    }
    all
}

fn read(mut arguments: impl Iterator<Item = String>) -> Result<Arguments> {
    let (mut ceiling, mut tidings, mut peers) = (None, None, None);
    let (mut flags, mut only, mut quick) = (Vec::new(), Vec::new(), false);
    while let Some(argument) = arguments.next() {
        let mut value = || {
            arguments
                .next()
                .with_context(|| format!("{argument} needs a value"))
        };
        match argument.as_str() {
            "--ceiling" => ceiling = Some(PathBuf::from(value()?)),
            "--tidings" => tidings = Some(PathBuf::from(value()?)),
            "--peers" => peers = Some(PathBuf::from(value()?)),
            "--with" => flags.push(value()?),
            "--only" => only.push(named(&value()?)?),
            "--quick" => quick = true,
            unknown => bail!("{unknown} is no argument"),
        }
    }
    if only.is_empty() {
        only = Workload::ALL.to_vec();
        only.retain(|workload| !(quick && *workload == Workload::Build));
    }
    Ok(Arguments {
        ceiling: ceiling.context("--ceiling FILE is missing")?,
        tidings: tidings.context("--tidings FILE is missing")?,
        flags,
        peers,
        only,
        quick,
    })
}

fn named(name: &str) -> Result<Workload> {
    let found = Workload::ALL
        .into_iter()
        .find(|workload| workload.name() == name);
    found.with_context(|| {
        let names = Workload::ALL.map(Workload::name).join(", ");
        format!("there is no workload {name}; there are {names}")
    })
}
