//! Immutable objects with names: snapshots and settled bodies.
//!
//! An object appears whole and durable under its name, or not at all; it is never changed or overwritten.

use std::io;
use std::sync::Arc;

use parking_lot::Mutex;

use crate::disk::{Disk, File};

/// The longest name an object can have, in bytes.
pub const OBJECT_NAME_BYTES_MAX: usize = 200;

/// A flat set of named objects. Names are 1 to [`OBJECT_NAME_BYTES_MAX`] of `A-Z a-z 0-9 . _ -`, do not begin with a
/// dot and do not end with `.tmp`; any other is refused with `InvalidInput`.
pub trait Store: Send + Sync {
    /// Begins an object. `AlreadyExists` if there is one of this name.
    fn write(&self, name: &str) -> io::Result<Box<dyn ObjectWriter>>;

    /// Appends `len` bytes of the object to `into`, from its byte `at`. `UnexpectedEof` if it is shorter.
    fn read(&self, name: &str, at: u64, len: usize, into: &mut Vec<u8>) -> io::Result<()>;

    /// In bytes.
    fn size(&self, name: &str) -> io::Result<u64>;

    /// The names that begin with `prefix`, sorted.
    fn list(&self, prefix: &str) -> io::Result<Vec<String>>;

    fn remove(&self, name: &str) -> io::Result<()>;
}

/// An object being written. Dropped unfinished, it never existed.
pub trait ObjectWriter: Send {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()>;

    /// Bytes appended so far: where the next will stand.
    fn position(&self) -> u64;

    /// Makes the object durable and gives it its name.
    fn finish(self: Box<Self>) -> io::Result<()>;
}

/// Objects as files in one directory of a disk.
pub struct LocalStore {
    disk: Arc<dyn Disk>,
    dir: String,
    /// Files read lately, the latest last.
    files: Mutex<Vec<(String, Arc<dyn File>)>>,
}

const OPEN_FILES_MAX: usize = 16;

/// Appended bytes are written once this many have come together.
const WRITE_BYTES: usize = 256 * 1024;

impl LocalStore {
    /// Removes what an earlier process began and did not finish.
    pub fn open(disk: Arc<dyn Disk>, dir: &str) -> io::Result<LocalStore> {
        for name in disk.list(dir)? {
            if name.ends_with(TEMPORARY) {
                disk.remove(&format!("{dir}/{name}"))?;
            }
        }
        Ok(LocalStore {
            disk,
            dir: dir.to_owned(),
            files: Mutex::default(),
        })
    }

    fn path(&self, name: &str) -> io::Result<String> {
        let legal = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        let fits = (1..=OBJECT_NAME_BYTES_MAX).contains(&name.len()) && name.bytes().all(legal);
        if !fits || name.starts_with('.') || name.ends_with(TEMPORARY) {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                format!("{name:?} is not the name of an object"),
            ));
        }
        Ok(format!("{}/{name}", self.dir))
    }

    fn file(&self, name: &str) -> io::Result<Arc<dyn File>> {
        let path = self.path(name)?;
        let mut files = self.files.lock();
        let known = files.iter().position(|(known, _)| known == name);
        let file = match known {
            Some(index) => files.remove(index).1,
            None => self.disk.open(&path)?,
        };
        if files.len() == OPEN_FILES_MAX {
            files.remove(0);
        }
        files.push((name.to_owned(), Arc::clone(&file)));
        Ok(file)
    }
}

const TEMPORARY: &str = ".tmp";

impl Store for LocalStore {
    fn write(&self, name: &str) -> io::Result<Box<dyn ObjectWriter>> {
        let path = self.path(name)?;
        if self.disk.list(&self.dir)?.iter().any(|taken| taken == name) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        let temporary = format!("{path}{TEMPORARY}");
        let file = self.disk.create(&temporary)?;
        Ok(Box::new(LocalWriter {
            disk: Arc::clone(&self.disk),
            dir: self.dir.clone(),
            path,
            temporary,
            file,
            written: 0,
            buffer: Vec::new(),
            finished: false,
        }))
    }

    fn read(&self, name: &str, at: u64, len: usize, into: &mut Vec<u8>) -> io::Result<()> {
        let file = self.file(name)?;
        let size = file.len()?;
        if at.checked_add(len as u64).is_none_or(|end| end > size) {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let before = into.len();
        into.resize(before + len, 0);
        match file.read_at(at, &mut into[before..]) {
            Ok(read) if read == len => Ok(()),
            other => {
                into.truncate(before);
                other.and(Err(io::ErrorKind::UnexpectedEof.into()))
            }
        }
    }

    fn size(&self, name: &str) -> io::Result<u64> {
        self.file(name)?.len()
    }

    fn list(&self, prefix: &str) -> io::Result<Vec<String>> {
        let mut names = self.disk.list(&self.dir)?;
        names.retain(|name| name.starts_with(prefix) && self.path(name).is_ok());
        Ok(names)
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        let path = self.path(name)?;
        self.files.lock().retain(|(known, _)| known != name);
        self.disk.remove(&path)?;
        self.disk.sync_dir(&self.dir)
    }
}

struct LocalWriter {
    disk: Arc<dyn Disk>,
    dir: String,
    path: String,
    temporary: String,
    file: Arc<dyn File>,
    written: u64,
    buffer: Vec<u8>,
    finished: bool,
}

impl LocalWriter {
    fn flush(&mut self) -> io::Result<()> {
        self.file.write_at(self.written, &self.buffer)?;
        self.written += self.buffer.len() as u64;
        self.buffer.clear();
        Ok(())
    }
}

impl ObjectWriter for LocalWriter {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.buffer.extend_from_slice(bytes);
        if self.buffer.len() >= WRITE_BYTES {
            self.flush()?;
        }
        Ok(())
    }

    fn position(&self) -> u64 {
        self.written + self.buffer.len() as u64
    }

    fn finish(mut self: Box<Self>) -> io::Result<()> {
        self.flush()?;
        self.file.sync()?;
        self.disk.rename(&self.temporary, &self.path)?;
        // It has its name, whatever becomes of the sync: there is nothing left to remove.
        self.finished = true;
        self.disk.sync_dir(&self.dir)
    }
}

impl Drop for LocalWriter {
    fn drop(&mut self) {
        if !self.finished {
            // If this fails, the next start removes it.
            let _ = self.disk.remove(&self.temporary);
        }
    }
}
