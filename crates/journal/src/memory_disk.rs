//! A disk that keeps nothing: for `--memory`, and for tests.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

use parking_lot::{Mutex, RwLock};

use crate::disk::{Disk, File};

/// Memory is taken in pieces of this many bytes, and only for what was written.
const PIECE: usize = 64 * 1024;

/// Files in memory. Their content lives as long as the disk, so that a journal can be closed and opened again.
#[derive(Debug, Default)]
pub struct MemoryDisk {
    files: Mutex<BTreeMap<String, Arc<MemoryFile>>>,
}

impl MemoryDisk {
    pub fn new() -> MemoryDisk {
        MemoryDisk::default()
    }
}

/// The name inside `dir` that `path` stands for, if it stands directly in it.
pub(crate) fn name_in<'a>(dir: &str, path: &'a str) -> Option<&'a str> {
    let name = if dir.is_empty() {
        path
    } else {
        path.strip_prefix(dir)?.strip_prefix('/')?
    };
    (!name.contains('/')).then_some(name)
}

impl Disk for MemoryDisk {
    fn list(&self, dir: &str) -> io::Result<Vec<String>> {
        let files = self.files.lock();
        Ok(files
            .keys()
            .filter_map(|path| name_in(dir, path).map(str::to_owned))
            .collect())
    }

    fn create(&self, path: &str) -> io::Result<Arc<dyn File>> {
        let mut files = self.files.lock();
        if files.contains_key(path) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        let file = Arc::new(MemoryFile::default());
        files.insert(path.to_owned(), Arc::clone(&file));
        Ok(file)
    }

    fn open(&self, path: &str) -> io::Result<Arc<dyn File>> {
        match self.files.lock().get(path) {
            Some(file) => Ok(Arc::clone(file) as Arc<dyn File>),
            None => Err(io::ErrorKind::NotFound.into()),
        }
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        let mut files = self.files.lock();
        let file = files.remove(from).ok_or(io::ErrorKind::NotFound)?;
        files.insert(to.to_owned(), file);
        Ok(())
    }

    fn remove(&self, path: &str) -> io::Result<()> {
        match self.files.lock().remove(path) {
            Some(_) => Ok(()),
            None => Err(io::ErrorKind::NotFound.into()),
        }
    }

    fn sync_dir(&self, _dir: &str) -> io::Result<()> {
        Ok(())
    }
}

#[derive(Debug, Default)]
struct MemoryFile(RwLock<Content>);

#[derive(Debug, Default)]
struct Content {
    len: u64,
    pieces: BTreeMap<u64, Box<[u8]>>,
}

/// Cuts a run of `len` bytes at `at` where pieces meet: (piece, start in it, start in the run, length).
fn cuts(at: u64, len: usize) -> impl Iterator<Item = (u64, usize, usize, usize)> {
    let mut done = 0;
    std::iter::from_fn(move || {
        if done == len {
            return None;
        }
        let position = at + done as u64;
        let start = (position % PIECE as u64) as usize;
        let cut = (
            position / PIECE as u64,
            start,
            done,
            (PIECE - start).min(len - done),
        );
        done += cut.3;
        Some(cut)
    })
}

impl File for MemoryFile {
    fn write_at(&self, at: u64, bytes: &[u8]) -> io::Result<()> {
        let mut content = self.0.write();
        for (piece, start, from, len) in cuts(at, bytes.len()) {
            let piece = content
                .pieces
                .entry(piece)
                .or_insert_with(|| vec![0; PIECE].into_boxed_slice());
            piece[start..start + len].copy_from_slice(&bytes[from..from + len]);
        }
        content.len = content.len.max(at + bytes.len() as u64);
        Ok(())
    }

    fn read_at(&self, at: u64, into: &mut [u8]) -> io::Result<usize> {
        let content = self.0.read();
        let there = content.len.saturating_sub(at);
        let read = usize::try_from(there).unwrap_or(usize::MAX).min(into.len());
        for (piece, start, to, len) in cuts(at, read) {
            let into = &mut into[to..to + len];
            match content.pieces.get(&piece) {
                Some(piece) => into.copy_from_slice(&piece[start..start + len]),
                None => into.fill(0),
            }
        }
        Ok(read)
    }

    fn sync(&self) -> io::Result<()> {
        Ok(())
    }

    fn len(&self) -> io::Result<u64> {
        Ok(self.0.read().len)
    }

    fn allocate(&self, len: u64) -> io::Result<()> {
        let mut content = self.0.write();
        content.len = content.len.max(len);
        Ok(())
    }
}
