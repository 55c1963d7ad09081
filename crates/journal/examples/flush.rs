//! How many flushes a second each flusher does on the disk below a directory (default: the current one):
//! `cargo run --release -p journal --example flush -- DIR`

#![expect(clippy::print_stdout, reason = "the numbers are for whoever runs it")]

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use journal::{FlusherKind, Journal, LocalDisk, Options, Readiness};

const ROUNDS: usize = 5;
const MEASURED: Duration = Duration::from_secs(1);
const KINDS: [FlusherKind; 2] = [FlusherKind::Thread, FlusherKind::Uring];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let dir = std::env::args().nth(1).unwrap_or_else(|| ".".to_owned());
    println!("batch bytes, flusher: flushes/s, p50 us (medians of {ROUNDS} rounds in turn)");
    for batch in [4 * 1024, 64 * 1024] {
        let mut measured = KINDS.map(|kind| (kind, Vec::new()));
        for _ in 0..ROUNDS {
            for (kind, rounds) in &mut measured {
                rounds.push(round(Path::new(&dir), *kind, batch)?);
            }
        }
        for (kind, rounds) in &mut measured {
            rounds.sort_unstable();
            let (per_second, p50) = rounds[ROUNDS / 2];
            println!("{batch:>6} {kind:?}: {per_second}/s, {p50} us");
        }
    }
    Ok(())
}

/// Flushes a second, and the median time of one in microseconds.
fn round(
    dir: &Path,
    flusher: FlusherKind,
    batch: usize,
) -> Result<(u64, u64), Box<dyn std::error::Error>> {
    let dir = dir.join(format!("flush-example-{}", std::process::id()));
    let disk = Arc::new(LocalDisk::open(&dir)?);
    let options = Options {
        flusher,
        segment_bytes_first: 64 * 1024 * 1024,
        cache_bytes: 0,
        ..Options::default()
    };
    let (mut journal, _) = journal::open(disk, "journal", options)?;
    if journal.flusher() != flusher {
        println!(
            "{flusher:?} is refused here, {:?} takes its place",
            journal.flusher()
        );
    }
    let (sender, landed) = std::sync::mpsc::channel();
    journal.on_complete(Box::new(move || {
        // The receiver lives as long as the journal is used.
        let _ = sender.send(());
    }));
    let record = vec![7; batch - 4 * 40];
    let mut micros = Vec::new();
    let since = Instant::now();
    while since.elapsed() < MEASURED {
        let start = Instant::now();
        journal.append(&record)?;
        journal.seal();
        match journal.readiness() {
            Readiness::Callback => landed.recv()?,
            // No epoll here: the time a sleeping waiter would add is not counted.
            Readiness::Descriptor(_) | Readiness::Step => {}
        }
        while !journal.poll() {
            std::thread::yield_now();
        }
        micros.push(start.elapsed().as_micros() as u64);
        journal.trim(journal.durable());
    }
    let per_second = (micros.len() as f64 / since.elapsed().as_secs_f64()) as u64;
    drop(journal);
    std::fs::remove_dir_all(&dir)?;
    micros.sort_unstable();
    Ok((per_second, micros[micros.len() / 2]))
}
