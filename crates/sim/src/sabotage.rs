//! Deliberate defects: proof that the oracle can say no.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use journal::{Disk, File};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sabotage {
    /// The disk says that a batch is safe, and it is not.
    ForgetSync,
    /// Answers leave before what they tell is durable.
    TellEarly,
    /// A delete is answered and never made.
    DropDelete,
    /// A send arrives twice.
    DoubleSend,
    /// One receive gives the same message twice.
    DoubleDelivery,
    /// Messages come in another order.
    Reorder,
    /// A receive leaves out a message.
    HoldBack,
    /// A message in flight becomes visible too early.
    ShowHidden,
    /// A message disappears without a client's doing.
    LoseMessage,
    /// A publication does not go to one of its subscribers.
    LoseRoute,
    /// A publication goes to a subscriber whose filter it does not pass.
    IgnoreFilter,
    /// A publication comes to FIFO queues twice.
    PublishTwice,
    /// What an endpoint did not take is dropped and not kept as a dead letter.
    ForgetDeadLetter,
    /// An endpoint that failed is not called again.
    CallOnce,
    /// An endpoint is called again about what it has.
    CallAgain,
}

impl Sabotage {
    pub const ALL: [Sabotage; 15] = [
        Sabotage::ForgetSync,
        Sabotage::TellEarly,
        Sabotage::DropDelete,
        Sabotage::DoubleSend,
        Sabotage::DoubleDelivery,
        Sabotage::Reorder,
        Sabotage::HoldBack,
        Sabotage::ShowHidden,
        Sabotage::LoseMessage,
        Sabotage::LoseRoute,
        Sabotage::IgnoreFilter,
        Sabotage::PublishTwice,
        Sabotage::ForgetDeadLetter,
        Sabotage::CallOnce,
        Sabotage::CallAgain,
    ];

    /// The defect of this name, as its variant is spelled.
    pub fn named(name: &str) -> Option<Sabotage> {
        Sabotage::ALL
            .into_iter()
            .find(|sabotage| format!("{sabotage:?}") == name)
    }
}

/// A disk on which every tenth sync does nothing and says it did.
pub(crate) struct LyingDisk {
    pub(crate) disk: Arc<dyn Disk>,
    pub(crate) syncs: Arc<AtomicU64>,
}

struct LyingFile {
    file: Arc<dyn File>,
    syncs: Arc<AtomicU64>,
}

impl LyingDisk {
    fn lie(&self, file: Arc<dyn File>) -> Arc<dyn File> {
        let syncs = Arc::clone(&self.syncs);
        Arc::new(LyingFile { file, syncs })
    }
}

impl Disk for LyingDisk {
    fn list(&self, dir: &str) -> io::Result<Vec<String>> {
        self.disk.list(dir)
    }

    fn create(&self, path: &str) -> io::Result<Arc<dyn File>> {
        Ok(self.lie(self.disk.create(path)?))
    }

    fn open(&self, path: &str) -> io::Result<Arc<dyn File>> {
        Ok(self.lie(self.disk.open(path)?))
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        self.disk.rename(from, to)
    }

    fn remove(&self, path: &str) -> io::Result<()> {
        self.disk.remove(path)
    }

    fn sync_dir(&self, dir: &str) -> io::Result<()> {
        self.disk.sync_dir(dir)
    }
}

impl File for LyingFile {
    fn write_at(&self, at: u64, bytes: &[u8]) -> io::Result<()> {
        self.file.write_at(at, bytes)
    }

    fn read_at(&self, at: u64, into: &mut [u8]) -> io::Result<usize> {
        self.file.read_at(at, into)
    }

    fn sync(&self) -> io::Result<()> {
        if self.syncs.fetch_add(1, Ordering::Relaxed) % 10 == 9 {
            return Ok(());
        }
        self.file.sync()
    }

    fn len(&self) -> io::Result<u64> {
        self.file.len()
    }

    fn allocate(&self, len: u64) -> io::Result<()> {
        self.file.allocate(len)
    }
}
