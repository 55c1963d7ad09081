//! The write-ahead log and the object store: bytes to disk and back.
//!
//! [`Journal`] is the contract, [`open`] the journal in files; [`Store`] keeps immutable objects (snapshots, settled
//! bodies). Both see the operating system only through [`Disk`], so that a simulation can put [`SimDisk`] there.
//!
//! What a record means is not known here. Nothing is retried after a failed write or sync: the journal is poisoned and
//! says so.

mod batch;
mod blocks;
mod disk;
mod file_journal;
mod flusher;
mod format;
mod journal;
mod local_disk;
mod memory_disk;
mod options;
mod pages;
mod preparer;
mod recovery;
mod segment;
pub mod sim_disk;
mod splitmix;
mod store;
mod walk;
mod yard;

pub use disk::{Disk, File, is_full};
pub use file_journal::{FileJournal, open};
pub use journal::{
    AppendError, Damage, FLUSH_MICROS, Journal, ReadError, Readiness, ReplayError, Stats, Visit,
};
pub use local_disk::LocalDisk;
pub use memory_disk::MemoryDisk;
pub use options::{Durability, FlusherKind, Options};
pub use recovery::{OpenError, Recovered};
pub use sim_disk::SimDisk;
pub use store::{LocalStore, OBJECT_NAME_BYTES_MAX, ObjectWriter, Store};
