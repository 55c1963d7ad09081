//! One `io_uring` request a flush: an `O_DIRECT` write with `RWF_DSYNC`, with no thread of ours and no second call.
//!
//! The only module of Tidings with `unsafe` code, and that in one place: [`Uring::push`].

use std::io;
use std::os::fd::{AsRawFd, RawFd};
use std::sync::Arc;
use std::time::{Duration, Instant};

use io_uring::{IoUring, opcode, types};
use rustix::io::ReadWriteFlags;

use super::Landed;
use crate::batch::{Batch, Target};
use crate::disk::Disk;
use crate::format::PAGE;
use crate::pages::Pages;
use crate::segment::Segment;

pub(crate) struct Uring {
    ring: IoUring,
    flight: Option<Flight>,
}

/// Owns what the kernel reads from until it has said that it is done.
struct Flight {
    batch: Arc<Batch>,
    since: Instant,
    /// The request could not even be handed over; the kernel may or may not know of it.
    refused: Option<io::Error>,
}

impl Uring {
    /// Fails where the kernel forbids io_uring, or the file system `O_DIRECT` or `RWF_DSYNC`: it is tried out on a
    /// scratch file in `dir`, since some systems refuse only the write itself.
    pub(super) fn start(disk: &dyn Disk, dir: &str) -> io::Result<Uring> {
        let mut uring = Uring {
            ring: IoUring::new(2)?,
            flight: None,
        };
        let path = format!("{dir}/probe.tmp");
        let tried = uring.try_out(disk, &path);
        disk.remove(&path)?;
        tried.map(|()| uring)
    }

    fn try_out(&mut self, disk: &dyn Disk, path: &str) -> io::Result<()> {
        let file = disk.create(path)?;
        let segment = Segment {
            path: path.to_owned(),
            base: 0,
            size: PAGE,
            salt: 0,
            file,
        };
        let target = Target {
            segment: Arc::new(segment),
            direct: Some(Arc::new(disk.open_direct(path)?)),
        };
        let mut batch = Batch::new(target, 0, Pages::with_capacity(PAGE as usize));
        batch.seal(0);
        self.submit(Arc::new(batch));
        match self.wait() {
            Some(landed) => landed.map(|_: Duration| ()),
            None => Err(io::ErrorKind::Unsupported.into()),
        }
    }

    pub(super) fn descriptor(&self) -> RawFd {
        self.ring.as_raw_fd()
    }

    pub(super) fn submit(&mut self, batch: Arc<Batch>) {
        assert!(self.flight.is_none(), "one flush at a time");
        let flight = self.flight.insert(Flight {
            batch,
            since: Instant::now(),
            refused: None,
        });
        let refused = push(&mut self.ring, flight).and_then(|()| retry(|| self.ring.submit()));
        flight.refused = refused.err();
    }

    pub(super) fn take(&mut self) -> Option<Landed> {
        let flight = self.flight.as_mut()?;
        if let Some(error) = flight.refused.take() {
            // The flight stays, and with it the buffer: the kernel may know of the request.
            return Some(Err(error));
        }
        let written = self.ring.completion().next()?.result();
        let flight = self.flight.take()?;
        Some(match usize::try_from(written) {
            Ok(written) if written == flight.batch.bytes().len() => Ok(flight.since.elapsed()),
            Ok(_) => Err(io::ErrorKind::WriteZero.into()),
            Err(_) => Err(io::Error::from_raw_os_error(-written)),
        })
    }

    pub(super) fn wait(&mut self) -> Option<Landed> {
        let flight = self.flight.as_ref()?;
        if flight.refused.is_none()
            && let Err(error) = retry(|| self.ring.submit_and_wait(1))
        {
            return Some(Err(error));
        }
        self.take()
    }
}

/// Puts the flight's write into the submission queue.
#[expect(
    unsafe_code,
    reason = "the kernel reads the buffer after this call; `Uring::flight` keeps it alive and unchanged until the \
              completion has been seen, and `Drop` waits for that"
)]
fn push(ring: &mut IoUring, flight: &Flight) -> io::Result<()> {
    let bytes = flight.batch.bytes();
    let direct = flight.batch.target().direct.as_ref();
    let file = direct.ok_or(io::ErrorKind::Unsupported)?;
    let len = u32::try_from(bytes.len()).map_err(|_| io::ErrorKind::InvalidInput)?;
    let dsync = i32::try_from(ReadWriteFlags::DSYNC.bits()).expect("a flag is a small number");
    let write = opcode::Write::new(types::Fd(file.as_raw_fd()), bytes.as_ptr(), len)
        .offset(flight.batch.position())
        .rw_flags(dsync)
        .build();
    // SAFETY: `flight` holds the batch and its file, both behind an `Arc`: the descriptor stays open, the bytes stay
    // where they are, and nothing can change a batch that is shared. `Uring` drops it only when this request is over.
    unsafe { ring.submission().push(&write) }.map_err(|_| io::ErrorKind::ResourceBusy.into())
}

fn retry(mut call: impl FnMut() -> io::Result<usize>) -> io::Result<()> {
    loop {
        match call() {
            Ok(_) => return Ok(()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

impl Drop for Uring {
    fn drop(&mut self) {
        let Some(flight) = self.flight.take() else {
            return;
        };
        let over = flight.refused.is_none() && retry(|| self.ring.submit_and_wait(1)).is_ok();
        if !over {
            // Better to lose the memory than to have the kernel read it when it is someone else's.
            std::mem::forget(flight);
        }
    }
}
