//! What one flush costs on the disk that holds the data, without any server.

use std::fs::{File, remove_file};
use std::io::Write as _;
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};

use crate::histogram::Histogram;
use crate::machine::{self, CLIENT_CORE, SERVER_CORE};

const PAGE: usize = 4096;
const FILE_PAGES: usize = 4096;

/// Times of one `fdatasync` after 4 KiB were written: over what was there, and at the end of the file.
pub(crate) struct Flush {
    pub(crate) overwrite: Histogram,
    pub(crate) append: Histogram,
}

/// Flushes `count` times each way in `directory`, on the server's core.
pub(crate) fn measure(directory: &Path, count: usize) -> Result<Flush> {
    ensure!(count <= FILE_PAGES, "more flushes than pages");
    let path = directory.join("flush");
    machine::stay_on(SERVER_CORE)?;
    let flush = measure_file(&path, count);
    machine::stay_on(CLIENT_CORE)?;
    remove_file(&path)?;
    flush
}

fn measure_file(path: &Path, count: usize) -> Result<Flush> {
    let page = [0x5a; PAGE];
    let mut file = File::create(path)?;
    let mut append = Histogram::new();
    for _ in 0..count {
        append.record(timed(|| {
            file.write_all(&page)?;
            Ok(file.sync_data()?)
        })?);
    }
    file.sync_all()?;
    let mut overwrite = Histogram::new();
    for index in 0..count {
        let at = (index * PAGE) as u64;
        overwrite.record(timed(|| {
            file.write_all_at(&page, at)?;
            Ok(file.sync_data()?)
        })?);
    }
    Ok(Flush { overwrite, append })
}

fn timed(work: impl FnOnce() -> Result<()>) -> Result<Duration> {
    let begun = Instant::now();
    work()?;
    Ok(begun.elapsed())
}
