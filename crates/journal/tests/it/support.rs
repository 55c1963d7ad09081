//! Small journals, records that can be told apart, and copies of disks.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use domain::{Offset, Place};
use journal::{
    Disk, Durability, FileJournal, FlusherKind, Journal, MemoryDisk, OpenError, Options, Recovered,
};

pub(crate) const DIR: &str = "journal";
pub(crate) const PAGE: u64 = 4096;

pub(crate) type Records = Vec<(Offset, Vec<u8>)>;

/// Paths and contents.
pub(crate) type Files = Vec<(String, Vec<u8>)>;

/// Segments of 64 KiB, nothing cached, every step by hand.
pub(crate) fn small() -> Options {
    Options {
        durability: Durability::Fsync,
        flusher: FlusherKind::Stepped,
        cache_bytes: 0,
        segment_bytes_first: 64 * 1024,
        segment_bytes_max: 64 * 1024,
        seed: 1,
    }
}

pub(crate) fn open(disk: &Arc<impl Disk + 'static>) -> FileJournal {
    try_open(disk).unwrap().0
}

pub(crate) fn try_open(
    disk: &Arc<impl Disk + 'static>,
) -> Result<(FileJournal, Recovered), OpenError> {
    open_with(disk, small())
}

pub(crate) fn open_with(
    disk: &Arc<impl Disk + 'static>,
    options: Options,
) -> Result<(FileJournal, Recovered), OpenError> {
    journal::open(Arc::clone(disk) as Arc<dyn Disk>, DIR, options)
}

/// Numbers that follow from a seed.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Dice {
        Dice(seed)
    }

    pub(crate) fn roll(&mut self) -> u64 {
        self.0 ^= self.0 << 13 ^ 0x9e37;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 >> 3
    }

    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.roll() % bound
    }
}

/// A record that no other number has.
pub(crate) fn record(number: u64, len: usize) -> Vec<u8> {
    let mut dice = Dice::new(number.wrapping_mul(0x9e37_79b9) + 1);
    let mut bytes = number.to_le_bytes().to_vec();
    bytes.extend((0..len).map(|_| dice.roll() as u8));
    bytes
}

/// Makes everything durable.
pub(crate) fn flush(journal: &mut FileJournal) {
    while journal.durable() < journal.end() {
        journal.seal();
        if !journal.poll() {
            std::thread::yield_now();
        }
        assert_eq!(journal.poisoned(), None);
    }
}

pub(crate) fn append_all(journal: &mut FileJournal, records: &[Vec<u8>]) -> Records {
    records
        .iter()
        .map(|record| (journal.append(record).unwrap(), record.clone()))
        .collect()
}

/// Everything that can be replayed.
pub(crate) fn replayed(journal: &mut FileJournal) -> Records {
    replayed_from(journal, journal.trimmed())
}

pub(crate) fn replayed_from(journal: &mut FileJournal, from: Offset) -> Records {
    let mut seen = Vec::new();
    let mut visit = |offset, record: &[u8]| {
        seen.push((offset, record.to_vec()));
        Ok(())
    };
    journal.replay(from, &mut visit).unwrap();
    seen
}

/// Compares without printing what differs.
#[track_caller]
pub(crate) fn assert_same(found: &[(Offset, Vec<u8>)], expected: &[(Offset, Vec<u8>)]) {
    let first = found.iter().zip(expected).position(|(a, b)| a != b);
    let (found, expected) = (found.len(), expected.len());
    assert!(
        first.is_none() && found == expected,
        "{found} records for {expected}, the first other one is {first:?}"
    );
}

pub(crate) fn read(journal: &FileJournal, offset: Offset, at: usize, len: usize) -> Vec<u8> {
    let place = Place {
        offset,
        at: at as u32,
        len: len as u32,
    };
    let mut bytes = b"before".to_vec();
    journal.read(place, &mut bytes).unwrap();
    assert_eq!(&bytes[..6], b"before");
    bytes.split_off(6)
}

pub(crate) fn assert_all_read_back(journal: &FileJournal, records: &Records) {
    for (offset, record) in records {
        assert!(&read(journal, *offset, 0, record.len()) == record);
        let (at, len) = (record.len() / 3, record.len() / 2);
        assert!(read(journal, *offset, at, len) == record[at..at + len]);
    }
}

/// The content of every file below the journal's directory.
pub(crate) fn files(disk: &dyn Disk) -> Files {
    let paths = disk.list(DIR).unwrap().into_iter();
    let paths = paths.map(|name| format!("{DIR}/{name}"));
    paths
        .map(|path| {
            let file = disk.open(&path).unwrap();
            let mut bytes = vec![0; file.len().unwrap() as usize];
            assert_eq!(file.read_at(0, &mut bytes).unwrap(), bytes.len());
            (path, bytes)
        })
        .collect()
}

pub(crate) fn disk_of(files: &[(String, Vec<u8>)]) -> Arc<MemoryDisk> {
    let disk = MemoryDisk::new();
    for (path, bytes) in files {
        disk.create(path).unwrap().write_at(0, bytes).unwrap();
    }
    Arc::new(disk)
}

/// A directory that goes away with the test.
pub(crate) struct TemporaryDirectory(PathBuf);

impl TemporaryDirectory {
    pub(crate) fn new() -> TemporaryDirectory {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("tidings-journal-{}-{count}", std::process::id());
        TemporaryDirectory(std::env::temp_dir().join(name))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for TemporaryDirectory {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
