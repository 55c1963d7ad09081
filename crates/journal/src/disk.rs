//! The one seam to the operating system. Behind it stand a directory, plain memory, or a disk that fails on demand.

use std::io;
use std::sync::Arc;

/// A tree of files. Paths are relative to the disk's root and separated by `/`.
///
/// Creating, renaming and removing survive a power cut only after `sync_dir` of the directory concerned.
pub trait Disk: Send + Sync {
    /// The names of the files in a directory, sorted. A directory that is missing is empty.
    fn list(&self, dir: &str) -> io::Result<Vec<String>>;

    /// Creates an empty file, and its parent directories. Fails with `AlreadyExists` if it is there.
    fn create(&self, path: &str) -> io::Result<Arc<dyn File>>;

    fn open(&self, path: &str) -> io::Result<Arc<dyn File>>;

    /// Takes the place of a file that has the new name.
    fn rename(&self, from: &str, to: &str) -> io::Result<()>;

    fn remove(&self, path: &str) -> io::Result<()>;

    fn sync_dir(&self, dir: &str) -> io::Result<()>;

    /// The same file for writes that bypass the page cache (`O_DIRECT`), where the disk has such a thing.
    fn open_direct(&self, _path: &str) -> io::Result<std::fs::File> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

/// An open file. Writes survive a power cut only after `sync`.
pub trait File: Send + Sync {
    /// Writes all the bytes, growing the file where they end beyond it.
    fn write_at(&self, at: u64, bytes: &[u8]) -> io::Result<()>;

    /// Reads until `into` is full or the file ends, and says how many bytes it read.
    fn read_at(&self, at: u64, into: &mut [u8]) -> io::Result<usize>;

    /// Makes content and length durable: `fdatasync`, on macOS `F_FULLFSYNC`.
    fn sync(&self) -> io::Result<()>;

    fn len(&self) -> io::Result<u64>;

    fn is_empty(&self) -> io::Result<bool> {
        Ok(self.len()? == 0)
    }

    /// Grows the file to `len` bytes and reserves the space, so that writing there cannot run out of it.
    fn allocate(&self, len: u64) -> io::Result<()>;
}

/// Whether an error says that the disk, or the user's quota on it, is full.
pub fn is_full(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded
    )
}
