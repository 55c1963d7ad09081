//! Who brings a sealed batch to the disk: submit one, take note when it arrived. Never two at a time.

mod stepped;
mod thread;
#[cfg(target_os = "linux")]
mod uring;

use std::io;
use std::sync::Arc;
use std::time::Duration;

use crate::batch::Batch;
use crate::disk::Disk;
use crate::journal::Readiness;
use crate::options::{Durability, FlusherKind, Options};

use stepped::Stepped;
use thread::Thread;
#[cfg(target_os = "linux")]
use uring::Uring;

/// What became of a flight: how long it took, or why the batch may not be on the disk.
pub(crate) type Landed = io::Result<Duration>;

pub(crate) enum Flusher {
    Stepped(Stepped),
    Thread(Thread),
    #[cfg(target_os = "linux")]
    Uring(Box<Uring>),
}

impl Flusher {
    /// The flusher the options ask for, or a thread where io_uring is refused.
    pub(crate) fn start(disk: &dyn Disk, dir: &str, options: &Options) -> io::Result<Flusher> {
        let sync = options.durability == Durability::Fsync;
        if options.durability == Durability::Memory {
            return Ok(Flusher::Stepped(Stepped::new(false)));
        }
        match options.flusher {
            FlusherKind::Stepped => Ok(Flusher::Stepped(Stepped::new(sync))),
            FlusherKind::Thread => Ok(Flusher::Thread(Thread::start(sync)?)),
            FlusherKind::Auto | FlusherKind::Uring => {
                #[cfg(target_os = "linux")]
                if sync && let Ok(uring) = Uring::start(disk, dir) {
                    return Ok(Flusher::Uring(Box::new(uring)));
                }
                #[cfg(not(target_os = "linux"))]
                let _ = (disk, dir);
                Ok(Flusher::Thread(Thread::start(sync)?))
            }
        }
    }

    pub(crate) fn kind(&self) -> FlusherKind {
        match self {
            Flusher::Stepped(_) => FlusherKind::Stepped,
            Flusher::Thread(_) => FlusherKind::Thread,
            #[cfg(target_os = "linux")]
            Flusher::Uring(_) => FlusherKind::Uring,
        }
    }

    /// Whether batches need [`crate::batch::Target::direct`].
    pub(crate) fn writes_direct(&self) -> bool {
        self.kind() == FlusherKind::Uring
    }

    /// Sends a sealed batch off. The one before must have been taken.
    pub(crate) fn submit(&mut self, batch: Arc<Batch>) {
        match self {
            Flusher::Stepped(stepped) => stepped.submit(batch),
            Flusher::Thread(thread) => thread.submit(batch),
            #[cfg(target_os = "linux")]
            Flusher::Uring(uring) => uring.submit(batch),
        }
    }

    /// What became of the batch submitted last, once, and as soon as it is known.
    pub(crate) fn take(&mut self) -> Option<Landed> {
        match self {
            Flusher::Stepped(stepped) => stepped.take(),
            Flusher::Thread(thread) => thread.take(),
            #[cfg(target_os = "linux")]
            Flusher::Uring(uring) => uring.take(),
        }
    }

    /// The same, blocking until it is known.
    pub(crate) fn wait(&mut self) -> Option<Landed> {
        match self {
            Flusher::Stepped(stepped) => stepped.take(),
            Flusher::Thread(thread) => thread.wait(),
            #[cfg(target_os = "linux")]
            Flusher::Uring(uring) => uring.wait(),
        }
    }

    pub(crate) fn readiness(&self) -> Readiness {
        match self {
            Flusher::Stepped(_) => Readiness::Step,
            Flusher::Thread(_) => Readiness::Callback,
            #[cfg(target_os = "linux")]
            Flusher::Uring(uring) => Readiness::Descriptor(uring.descriptor()),
        }
    }

    pub(crate) fn on_complete(&mut self, callback: Box<dyn Fn() + Send + Sync>) {
        match self {
            Flusher::Thread(thread) => thread.on_complete(callback),
            Flusher::Stepped(_) => {}
            #[cfg(target_os = "linux")]
            Flusher::Uring(_) => {}
        }
    }
}

/// The portable flush: write through the page cache, then sync.
fn write(batch: &Batch, sync: bool) -> io::Result<()> {
    let file = &batch.target().segment.file;
    file.write_at(batch.position(), batch.bytes())?;
    if sync {
        file.sync()?;
    }
    Ok(())
}
