//! Makes the signing key when it is first asked for, and keeps it where it is told to.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use parking_lot::Mutex;

use super::{Pair, SigningKey};

const FILE: &str = "notification-signing.pem";
const NEW_FILE: &str = "notification-signing.pem.new";
/// Only the owner: there is a private key in it.
const MODE: u32 = 0o600;
/// Bytes of the file that are read at most; a pair has some three thousand.
const LONGEST: u64 = 64 * 1024;

/// Where the key stays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Keep {
    /// In memory: the next process signs with another one.
    Memory,
    /// In a file of this directory, which exists.
    Directory(PathBuf),
}

/// The one key of a process, made or read when it is first needed.
pub struct Keeper {
    keep: Keep,
    key: OnceLock<SigningKey>,
    making: Mutex<()>,
}

impl Keeper {
    /// Does nothing yet.
    pub fn new(keep: Keep) -> Keeper {
        Keeper {
            keep,
            key: OnceLock::new(),
            making: Mutex::new(()),
        }
    }

    /// The key if it is there already.
    pub fn ready(&self) -> Option<&SigningKey> {
        self.key.get()
    }

    /// The key. The first call reads or makes it and blocks its thread for up to a second, and so do calls meanwhile.
    ///
    /// A file that holds something else is an error and stays as it is. Each call tries again.
    pub fn key(&self) -> io::Result<&SigningKey> {
        if let Some(key) = self.key.get() {
            return Ok(key);
        }
        let _making = self.making.lock();
        if let Some(key) = self.key.get() {
            return Ok(key);
        }
        let key = match &self.keep {
            Keep::Memory => SigningKey::generate(),
            Keep::Directory(directory) => read_or_make(directory)?,
        };
        Ok(self.key.get_or_init(|| key))
    }
}

fn read_or_make(directory: &Path) -> io::Result<SigningKey> {
    let path = directory.join(FILE);
    match File::open(&path) {
        Ok(file) => read(file).map_err(|error| named(&path, &error)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => make(directory),
        Err(error) => Err(named(&path, &error)),
    }
}

fn read(file: File) -> io::Result<SigningKey> {
    let mut text = Vec::new();
    file.take(LONGEST).read_to_end(&mut text)?;
    Pair::from_pem(&text)
        .and_then(|pair| SigningKey::of(&pair))
        .ok_or_else(|| {
            let text = "not an RSA key of 2048 bits and its certificate";
            io::Error::new(io::ErrorKind::InvalidData, text)
        })
}

fn make(directory: &Path) -> io::Result<SigningKey> {
    let pair = Pair::generate();
    write(directory, pair.to_pem().as_bytes())
        .map_err(|error| named(&directory.join(FILE), &error))?;
    Ok(SigningKey::of(&pair).expect("a pair that was just made fits together"))
}

/// All of it is durable under its name, or nothing is there under that name.
fn write(directory: &Path, text: &[u8]) -> io::Result<()> {
    let new = directory.join(NEW_FILE);
    // What a crash left may be readable for others.
    match fs::remove_file(&new) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        Ok(()) | Err(_) => {}
    }
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(MODE)
        .open(&new)?;
    file.write_all(text)?;
    file.sync_all()?;
    fs::rename(&new, directory.join(FILE))?;
    File::open(directory)?.sync_all()
}

fn named(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;
    use crate::signing::pair;

    /// A directory of its own for each test, gone with it.
    struct Scratch(PathBuf);

    impl Scratch {
        fn new(name: &str) -> Scratch {
            let path = std::env::temp_dir().join(format!("tidings-{name}-{}", std::process::id()));
            drop(fs::remove_dir_all(&path));
            fs::create_dir(&path).unwrap();
            Scratch(path)
        }

        fn keeper(&self) -> Keeper {
            Keeper::new(Keep::Directory(self.0.clone()))
        }
    }

    impl Drop for Scratch {
        fn drop(&mut self) {
            drop(fs::remove_dir_all(&self.0));
        }
    }

    #[test]
    fn nothing_is_made_before_it_is_needed() {
        let scratch = Scratch::new("unneeded");
        let keeper = scratch.keeper();
        assert!(keeper.ready().is_none());
        assert_eq!(fs::read_dir(&scratch.0).unwrap().count(), 0);
    }

    #[test]
    fn the_next_process_signs_with_the_same_key() {
        let scratch = Scratch::new("kept");
        let first = scratch.keeper();
        let id = first.key().unwrap().id().to_owned();
        assert_eq!(first.ready().unwrap().id(), id);
        assert_eq!(scratch.keeper().key().unwrap().id(), id);
    }

    #[test]
    fn the_file_is_the_owners_alone_and_nothing_else_is_left() {
        let scratch = Scratch::new("mode");
        fs::write(scratch.0.join(NEW_FILE), "what a crash left").unwrap();
        write(&scratch.0, pair::tests::pair().to_pem().as_bytes()).unwrap();
        let files: Vec<_> = fs::read_dir(&scratch.0)
            .unwrap()
            .map(|entry| entry.unwrap())
            .collect();
        assert_eq!(files.len(), 1);
        assert_eq!(files[0].file_name(), FILE);
        assert_eq!(
            files[0].metadata().unwrap().permissions().mode() & 0o777,
            MODE
        );
    }

    #[test]
    fn a_file_that_is_no_key_is_an_error_and_stays() {
        let scratch = Scratch::new("broken");
        let path = scratch.0.join(FILE);
        fs::write(&path, "something else").unwrap();
        let error = scratch.keeper().key().err().unwrap();
        assert_eq!(error.kind(), io::ErrorKind::InvalidData);
        assert!(error.to_string().contains(FILE));
        assert_eq!(fs::read_to_string(&path).unwrap(), "something else");
    }

    #[test]
    fn without_a_directory_there_is_an_error_and_the_next_call_tries_again() {
        let scratch = Scratch::new("later");
        let directory = scratch.0.join("later");
        let keeper = Keeper::new(Keep::Directory(directory.clone()));
        assert_eq!(keeper.key().err().unwrap().kind(), io::ErrorKind::NotFound);
        fs::create_dir(&directory).unwrap();
        fs::write(directory.join(FILE), pair::tests::pair().to_pem()).unwrap();
        assert_eq!(keeper.key().unwrap().id(), pair::tests::key().id());
    }
}
