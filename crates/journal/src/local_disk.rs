//! A directory of the machine, held by one process at a time.

use std::fs::{self, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::disk::{Disk, File};

/// Held locked in the root for as long as the disk is open.
const LOCK_NAME: &str = "tidings.lock";

/// A directory, created when missing. A second process (or a second `LocalDisk`) on the same root is refused.
#[derive(Debug)]
pub struct LocalDisk {
    root: PathBuf,
    _lock: fs::File,
}

impl LocalDisk {
    /// Fails with `ResourceBusy` when another process has the directory open.
    pub fn open(root: impl Into<PathBuf>) -> io::Result<LocalDisk> {
        let root = root.into();
        fs::create_dir_all(&root)?;
        let lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(root.join(LOCK_NAME))?;
        lock.try_lock().map_err(|refused| match refused {
            fs::TryLockError::WouldBlock => io::Error::new(
                io::ErrorKind::ResourceBusy,
                format!("{} is in use by another process", root.display()),
            ),
            fs::TryLockError::Error(error) => error,
        })?;
        sync_directory(&root)?;
        Ok(LocalDisk { root, _lock: lock })
    }

    fn path(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }
}

fn sync_directory(path: &Path) -> io::Result<()> {
    fs::File::open(path)?.sync_all()
}

impl Disk for LocalDisk {
    fn list(&self, dir: &str) -> io::Result<Vec<String>> {
        let entries = match fs::read_dir(self.path(dir)) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let mut names = Vec::new();
        for entry in entries {
            let entry = entry?;
            if entry.file_type()?.is_file()
                && let Ok(name) = entry.file_name().into_string()
            {
                names.push(name);
            }
        }
        names.sort_unstable();
        Ok(names)
    }

    fn create(&self, path: &str) -> io::Result<Arc<dyn File>> {
        let path = self.path(path);
        let parent = path.parent().unwrap_or(&self.root);
        if !parent.exists() {
            fs::create_dir_all(parent)?;
            // A new directory's own name must survive too.
            for new in parent.ancestors().skip(1) {
                sync_directory(new)?;
                if new == self.root {
                    break;
                }
            }
        }
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create_new(true)
            .open(path)?;
        Ok(Arc::new(LocalFile(file)))
    }

    fn open(&self, path: &str) -> io::Result<Arc<dyn File>> {
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .open(self.path(path))?;
        Ok(Arc::new(LocalFile(file)))
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        fs::rename(self.path(from), self.path(to))
    }

    fn remove(&self, path: &str) -> io::Result<()> {
        fs::remove_file(self.path(path))
    }

    fn sync_dir(&self, dir: &str) -> io::Result<()> {
        sync_directory(&self.path(dir))
    }

    #[cfg(target_os = "linux")]
    fn open_direct(&self, path: &str) -> io::Result<fs::File> {
        use std::os::unix::fs::OpenOptionsExt;
        let direct = rustix::fs::OFlags::DIRECT.bits();
        OpenOptions::new()
            .write(true)
            .custom_flags(i32::try_from(direct).map_err(|_| io::ErrorKind::Unsupported)?)
            .open(self.path(path))
    }
}

#[derive(Debug)]
struct LocalFile(fs::File);

impl File for LocalFile {
    fn write_at(&self, at: u64, bytes: &[u8]) -> io::Result<()> {
        self.0.write_all_at(bytes, at)
    }

    fn read_at(&self, at: u64, into: &mut [u8]) -> io::Result<usize> {
        let mut read = 0;
        while read < into.len() {
            match self.0.read_at(&mut into[read..], at + read as u64) {
                Ok(0) => break,
                Ok(more) => read += more,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(read)
    }

    /// The standard library asks macOS for `F_FULLFSYNC`.
    fn sync(&self) -> io::Result<()> {
        self.0.sync_data()
    }

    fn len(&self) -> io::Result<u64> {
        Ok(self.0.metadata()?.len())
    }

    #[cfg(target_os = "linux")]
    fn allocate(&self, len: u64) -> io::Result<()> {
        use rustix::io::Errno;
        match rustix::fs::fallocate(&self.0, rustix::fs::FallocateFlags::empty(), 0, len) {
            Ok(()) => Ok(()),
            Err(Errno::OPNOTSUPP | Errno::NOSYS) => self.0.set_len(len),
            Err(error) => Err(error.into()),
        }
    }

    #[cfg(not(target_os = "linux"))]
    fn allocate(&self, len: u64) -> io::Result<()> {
        self.0.set_len(len)
    }
}
