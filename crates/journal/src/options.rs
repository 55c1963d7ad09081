//! How a journal is kept.

use std::hash::{BuildHasher, Hasher, RandomState};

use domain::limits::RECORD_BYTES_MAX;

use crate::format::{BATCH_HEADER, PAGE, RECORD_HEADER};

/// What "durable" means for this journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// A batch is durable when the disk says so: it survives a power cut.
    Fsync,
    /// A batch is durable when the operating system has it: it survives the process, not the machine.
    Os,
    /// Every record is durable at once and none survives the process.
    Memory,
}

/// Who writes the batches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FlusherKind {
    /// io_uring where the kernel, the file system and [`Durability::Fsync`] allow it, else a thread.
    Auto,
    Thread,
    /// As `Auto`: where io_uring is refused a thread takes its place. [`crate::FileJournal::flusher`] tells.
    Uring,
    /// `poll` itself writes and syncs: for simulation, where nothing may happen between steps.
    Stepped,
}

#[derive(Clone, Debug)]
pub struct Options {
    pub durability: Durability,
    pub flusher: FlusherKind,
    /// How many bytes of recent batches stay in memory for reads.
    pub cache_bytes: usize,
    /// The first segment of a new journal. Each next one is four times as large, up to the maximum.
    pub segment_bytes_first: u64,
    pub segment_bytes_max: u64,
    /// The segments' salts come from this. Drawn at random by default; a simulation sets it.
    pub seed: u64,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            durability: Durability::Fsync,
            flusher: FlusherKind::Auto,
            cache_bytes: 64 * 1024 * 1024,
            segment_bytes_first: 4 * 1024 * 1024,
            segment_bytes_max: 64 * 1024 * 1024,
            seed: random_seed(),
        }
    }
}

/// The standard library seeds its hashers from the system's randomness.
fn random_seed() -> u64 {
    RandomState::new().build_hasher().finish()
}

/// The smallest segment: its header, a batch, and the page kept free for the mark of a clean close.
const SEGMENT_BYTES_MIN: u64 = 4 * PAGE;

/// In memory, what is trimmed shall be freed soon.
const MEMORY_SEGMENT_BYTES: u64 = 4 * 1024 * 1024;

impl Options {
    pub(crate) fn first_size(&self) -> u64 {
        let first = self.segment_bytes_first.min(self.segment_bytes_max);
        first.next_multiple_of(PAGE).max(SEGMENT_BYTES_MIN)
    }

    pub(crate) fn size_after(&self, size: u64) -> u64 {
        let max = match self.durability {
            Durability::Memory => self.segment_bytes_max.min(MEMORY_SEGMENT_BYTES),
            Durability::Fsync | Durability::Os => self.segment_bytes_max,
        };
        let max = max.next_multiple_of(PAGE);
        size.saturating_mul(4).min(max).max(self.first_size())
    }

    /// The longest record every segment of these options can take.
    pub(crate) fn record_bytes_max(&self) -> usize {
        let frame = 2 * PAGE + (BATCH_HEADER + RECORD_HEADER) as u64;
        let room = self.first_size() - frame;
        RECORD_BYTES_MAX.min(usize::try_from(room).unwrap_or(usize::MAX))
    }
}
