//! The contract of a journal: append a batch, make it durable, read from a place, trim.

use std::fmt;
use std::io;
use std::os::fd::RawFd;

use domain::bytes::Malformed;
use domain::{Offset, Place};

/// An append-only log of records with one writer.
///
/// Records are appended to the open batch; `seal` sends it to the disk while the next one fills; `poll` learns that
/// it arrived. Only one batch is on its way at a time, and batches become durable in order. Offsets are opaque: a
/// later record's is greater, gaps are normal.
pub trait Journal: Send {
    /// Puts a record behind the others of the open batch. After an error nothing has happened.
    fn append(&mut self, record: &[u8]) -> Result<Offset, AppendError>;

    /// About how many bytes can still be appended if the disk gives no more space; each batch takes up to a page more
    /// than its records. `u64::MAX` until the disk has refused some, and again once it gives some.
    fn room(&self) -> u64;

    /// Records waiting in the open batch. None ever wait where [`crate::Durability::Memory`] was asked for.
    fn open_records(&self) -> usize;

    /// Whether a batch is on its way to the disk. Never true of a poisoned journal.
    fn in_flight(&self) -> bool;

    /// Sends the open batch on its way, if it holds a record and no other is under way.
    fn seal(&mut self);

    /// Takes note of what arrived. True if `durable` moved or the journal got poisoned.
    fn poll(&mut self) -> bool;

    /// Every record that stands before this is durable.
    fn durable(&self) -> Offset;

    /// The end of what was appended: the next record will stand here or later. Equal to `durable` when all of it is.
    fn end(&self) -> Offset;

    /// What went wrong, if the journal will never accept or confirm anything again.
    fn poisoned(&self) -> Option<&str>;

    /// Appends to `into` the bytes a place names: `len` bytes of the record at `offset`, from its byte `at`.
    fn read(&self, place: Place, into: &mut Vec<u8>) -> Result<(), ReadError>;

    /// Shows every durable record that stands at `from` or later, in order.
    fn replay(&mut self, from: Offset, visit: &mut Visit<'_>) -> Result<(), ReplayError>;

    /// Records before this will not be asked for again; their space may be used anew.
    fn trim(&mut self, below: Offset);

    /// The first offset that can still be read.
    fn trimmed(&self) -> Offset;

    /// Bytes taken on the disk.
    fn bytes(&self) -> u64;

    fn stats(&self) -> Stats;

    /// How a waiter learns that `poll` has something.
    fn readiness(&self) -> Readiness;

    /// Sets what is called when `poll` has something, from another thread: it should only wake whoever polls, and
    /// must not call the journal. Never called unless `readiness` is [`Readiness::Callback`].
    fn on_complete(&mut self, callback: Box<dyn Fn() + Send + Sync>);

    /// Makes everything durable and writes the mark of a clean close. The journal takes nothing more.
    fn close(&mut self) -> io::Result<()>;
}

/// Is shown a record and where it stands. An error ends the replay.
pub type Visit<'a> = dyn FnMut(Offset, &[u8]) -> Result<(), Malformed> + 'a;

/// How a waiter learns that `poll` has something. It may poll at any time as well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Readiness {
    /// The callback set with `on_complete` is called.
    Callback,
    /// This descriptor becomes readable, and stays so until `poll`. It lives as long as the journal.
    Descriptor(RawFd),
    /// `poll` does the work itself.
    Step,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AppendError {
    /// The disk has no space for another segment. Later attempts may succeed.
    Full,
    /// See [`Journal::poisoned`].
    Poisoned,
    /// Longer than [`domain::limits::RECORD_BYTES_MAX`], or than a segment takes.
    TooLarge,
}

impl fmt::Display for AppendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            AppendError::Full => "the disk is full",
            AppendError::Poisoned => "the journal has failed",
            AppendError::TooLarge => "the record is too large",
        })
    }
}

impl std::error::Error for AppendError {}

#[derive(Debug)]
pub enum ReadError {
    /// The place stood before [`Journal::trimmed`].
    Trimmed,
    /// The place names bytes outside any record.
    Outside,
    /// The record's checksum does not match what the disk returned.
    Corrupt(Damage),
    Io(io::Error),
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ReadError::Trimmed => f.write_str("the place has been trimmed"),
            ReadError::Outside => f.write_str("no record has this place"),
            ReadError::Corrupt(damage) => damage.fmt(f),
            ReadError::Io(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for ReadError {}

impl From<io::Error> for ReadError {
    fn from(error: io::Error) -> ReadError {
        ReadError::Io(error)
    }
}

#[derive(Debug)]
pub enum ReplayError {
    /// The records between `from` and this offset are gone.
    Trimmed(Offset),
    /// The journal ends here, before the asked offset: records that were durable once are missing.
    Beyond(Offset),
    /// The visitor could not read a record.
    Malformed(Offset, Malformed),
    Corrupt(Damage),
    Io(io::Error),
}

impl fmt::Display for ReplayError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ReplayError::Trimmed(at) => write!(f, "the journal begins at {}, too late", at.0),
            ReplayError::Beyond(at) => write!(f, "the journal ends at {}, too early", at.0),
            ReplayError::Malformed(at, why) => write!(f, "at {}: {why}", at.0),
            ReplayError::Corrupt(damage) => damage.fmt(f),
            ReplayError::Io(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for ReplayError {}

impl From<io::Error> for ReplayError {
    fn from(error: io::Error) -> ReplayError {
        ReplayError::Io(error)
    }
}

/// Bytes on the disk that are not what was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damage {
    /// The segment's path on its disk.
    pub segment: String,
    /// In bytes from the start of that file.
    pub position: u64,
    pub why: &'static str,
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Damage {
            segment,
            position,
            why,
        } = self;
        write!(
            f,
            "the journal is damaged in {segment} at byte {position}: {why}"
        )
    }
}

/// What has been flushed since the journal was opened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    pub flushes: u64,
    pub records: u64,
    /// Bytes written, framing and padding included.
    pub bytes: u64,
    /// The time all flushes took together. Zero for [`Readiness::Step`], which knows no clock.
    pub flush_nanos: u64,
    /// How many flushes took up to [`FLUSH_MICROS`] each; the last element counts those above all of them.
    pub flush_buckets: [u64; FLUSH_MICROS.len() + 1],
}

/// The upper bounds of `Stats::flush_buckets`, in microseconds.
pub const FLUSH_MICROS: [u64; 10] = [
    50, 100, 200, 400, 800, 1_600, 3_200, 12_800, 51_200, 204_800,
];

impl Stats {
    pub(crate) fn count(&mut self, records: usize, bytes: usize, took: std::time::Duration) {
        self.flushes += 1;
        self.records += records as u64;
        self.bytes += bytes as u64;
        self.flush_nanos += took.as_nanos() as u64;
        let bucket = FLUSH_MICROS.partition_point(|&bound| u128::from(bound) < took.as_micros());
        self.flush_buckets[bucket] += 1;
    }
}
