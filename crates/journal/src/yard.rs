//! Where segments come from and go to: made, filled, given a header, retired, used again.
//!
//! Every step leaves the directory in a state that recovery understands, whichever of its changes a crash undoes.

use std::io;
use std::os::unix::fs::FileExt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::Mutex;

use crate::disk::{Disk, File};
use crate::format::SegmentHeader;
use crate::options::Durability;
use crate::pages::Pages;
use crate::segment::Segment;

/// Retired segments kept for use again.
const SPARES_MAX: usize = 2;

/// Zeros are written in pieces of this size, so that they never hold up a flush for long.
const FILL_BYTES: usize = 256 * 1024;
const FILL_SYNC_BYTES: u64 = 4 * 1024 * 1024;

/// How a new file gets its space.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fill {
    /// Written and synced: overwriting it later costs no metadata.
    Zeros,
    /// Reserved only: quick, but its first use is slower.
    Reserved,
}

/// A file with space and no meaning yet.
pub(crate) struct Blank {
    path: String,
    size: u64,
    file: Arc<dyn File>,
}

pub(crate) struct Yard {
    disk: Arc<dyn Disk>,
    dir: String,
    durability: Durability,
    size_max: u64,
    salts: Mutex<u64>,
    names: AtomicU64,
    spares: Mutex<Vec<Blank>>,
}

impl Yard {
    pub(crate) fn new(
        disk: Arc<dyn Disk>,
        dir: &str,
        durability: Durability,
        size_max: u64,
        seed: u64,
    ) -> Yard {
        Yard {
            disk,
            dir: dir.to_owned(),
            durability,
            size_max,
            salts: Mutex::new(seed),
            names: AtomicU64::new(0),
            spares: Mutex::new(Vec::new()),
        }
    }

    /// Removes what an earlier process left half made, and takes over its spares.
    pub(crate) fn tidy(&self) -> io::Result<()> {
        for name in self.disk.list(&self.dir)? {
            let path = format!("{}/{name}", self.dir);
            if name.ends_with(".spare") && self.keeps_spares() {
                let file = self.disk.open(&path)?;
                let size = file.len()?;
                self.keep_or_remove(Blank { path, size, file })?;
            } else if name.ends_with(".tmp") || name.ends_with(".spare") {
                self.disk.remove(&path)?;
            }
        }
        Ok(())
    }

    /// A file of at least `size` bytes: a spare one, or a new one. `stop` is asked between the pieces of the filling.
    pub(crate) fn blank(
        &self,
        size: u64,
        fill: Fill,
        stop: &dyn Fn() -> bool,
    ) -> io::Result<Blank> {
        if let Some(spare) = self.take_spare(size) {
            return Ok(spare);
        }
        let name = self.names.fetch_add(1, Ordering::Relaxed);
        let path = format!("{}/{name}.tmp", self.dir);
        let file = self.disk.create(&path)?;
        let filled = match (self.durability, fill) {
            (Durability::Memory, _) => Ok(()),
            (Durability::Fsync, Fill::Zeros) => self.fill_with_zeros(&path, &*file, size, stop),
            (Durability::Fsync, Fill::Reserved) | (Durability::Os, _) => file.allocate(size),
        };
        let blank = Blank { path, size, file };
        match filled {
            Ok(()) => Ok(blank),
            Err(error) => {
                // What is left over is removed at the next start if it cannot be now.
                let _ = self.disk.remove(&blank.path);
                Err(error)
            }
        }
    }

    /// Past the page cache where that goes: zeros would only push out of it what is of use.
    fn fill_with_zeros(
        &self,
        path: &str,
        file: &dyn File,
        size: u64,
        stop: &dyn Fn() -> bool,
    ) -> io::Result<()> {
        let direct = self.disk.open_direct(path).ok();
        if direct.is_some() {
            file.allocate(size)?;
        }
        let mut zeros = Pages::with_capacity(FILL_BYTES);
        zeros.push_zeros_to(FILL_BYTES);
        let mut unsynced = 0;
        for at in (0..size).step_by(FILL_BYTES) {
            if stop() {
                return Err(io::ErrorKind::Interrupted.into());
            }
            let len = (size - at).min(FILL_BYTES as u64);
            let piece = &zeros.as_slice()[..len as usize];
            match &direct {
                Some(direct) => direct.write_all_at(piece, at)?,
                None => file.write_at(at, piece)?,
            }
            unsynced += len;
            if unsynced >= FILL_SYNC_BYTES || at + len == size {
                file.sync()?;
                unsynced = 0;
            }
        }
        Ok(())
    }

    /// Makes a blank file the segment that begins at `base`. Once this returns, a crash cannot undo it.
    pub(crate) fn adopt(&self, blank: Blank, base: u64) -> io::Result<Segment> {
        let header = SegmentHeader {
            base,
            size: blank.size,
            salt: self.salt(),
        };
        let path = Segment::path(&self.dir, base);
        let adopted = blank
            .file
            .write_at(0, &header.encode())
            .and_then(|()| self.sync(&*blank.file))
            .and_then(|()| self.disk.rename(&blank.path, &path))
            .and_then(|()| self.sync_dir());
        if let Err(error) = adopted {
            let _ = self.disk.remove(&blank.path);
            return Err(error);
        }
        Ok(Segment {
            path,
            base,
            size: blank.size,
            salt: header.salt,
            file: blank.file,
        })
    }

    /// Keeps a file for use again, or gives its space back. The directory is synced before the next one may go, so
    /// that a crash brings back only segments next to those that are left, never one with a gap behind it.
    pub(crate) fn retire(&self, segment: &Segment) -> io::Result<()> {
        let wanted = self.keeps_spares() && segment.size >= self.size_max;
        if wanted && self.spares.lock().len() < SPARES_MAX {
            let path = format!("{}/{:016x}.spare", self.dir, segment.base);
            self.disk.rename(&segment.path, &path)?;
            self.spares.lock().push(Blank {
                path,
                size: segment.size,
                file: Arc::clone(&segment.file),
            });
        } else {
            self.disk.remove(&segment.path)?;
        }
        self.sync_dir()
    }

    /// For a blank that came too late.
    pub(crate) fn keep_or_remove(&self, blank: Blank) -> io::Result<()> {
        let mut spares = self.spares.lock();
        if blank.size >= self.size_max && spares.len() < SPARES_MAX {
            spares.push(blank);
            return Ok(());
        }
        self.disk.remove(&blank.path)
    }

    pub(crate) fn spare_bytes(&self) -> u64 {
        self.spares.lock().iter().map(|spare| spare.size).sum()
    }

    pub(crate) fn sync_dir(&self) -> io::Result<()> {
        match self.durability {
            Durability::Fsync => self.disk.sync_dir(&self.dir),
            Durability::Os | Durability::Memory => Ok(()),
        }
    }

    fn sync(&self, file: &dyn File) -> io::Result<()> {
        match self.durability {
            Durability::Fsync => file.sync(),
            Durability::Os | Durability::Memory => Ok(()),
        }
    }

    /// In memory a spare would only hold memory.
    fn keeps_spares(&self) -> bool {
        self.durability != Durability::Memory
    }

    fn take_spare(&self, size: u64) -> Option<Blank> {
        let mut spares = self.spares.lock();
        let fitting = spares.iter().position(|spare| spare.size >= size)?;
        Some(spares.swap_remove(fitting))
    }

    fn salt(&self) -> u64 {
        crate::splitmix::next(&mut self.salts.lock())
    }
}
