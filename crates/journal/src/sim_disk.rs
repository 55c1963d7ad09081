//! A disk for simulations: it forgets what was not synced, and fails when it is told to.
//!
//! Everything follows from the calls made and the seeds given, so that a run can be repeated.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

use parking_lot::Mutex;

use crate::disk::{Disk, File};
use crate::memory_disk::name_in;
use crate::splitmix;

/// What a disk can be told to fail at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    Read,
    /// Half of the bytes are written before it fails.
    Write,
    /// What was written before is never made durable by a later sync either, though it can be read until the crash.
    Sync,
    Allocate,
    Create,
    Open,
    Rename,
    Remove,
    SyncDir,
}

/// Clones are the same disk.
#[derive(Clone, Debug, Default)]
pub struct SimDisk(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    /// How often the disk has crashed. Files opened before do not work after.
    life: u64,
    names: Names,
    /// What `names` would be after a crash that loses all that can be lost.
    durable: Names,
    changes: Vec<Change>,
    faults: Vec<Fault>,
    limit: Option<u64>,
    operations: u64,
    halts_at: Option<u64>,
}

type Names = BTreeMap<String, Arc<Mutex<Content>>>;

#[derive(Debug, Default)]
struct Content {
    now: Vec<u8>,
    durable: Vec<u8>,
    /// Written and not synced, in order.
    pending: Vec<(u64, Vec<u8>)>,
}

/// A change of names that the directory's next sync makes durable.
#[derive(Debug)]
enum Change {
    Create(String, Arc<Mutex<Content>>),
    /// Happens whole or not at all.
    Rename(String, String, Arc<Mutex<Content>>),
    Remove(String),
}

impl Change {
    fn apply(&self, names: &mut Names) {
        match self {
            Change::Create(path, content) => {
                names.insert(path.clone(), Arc::clone(content));
            }
            Change::Rename(from, to, content) => {
                names.remove(from);
                names.insert(to.clone(), Arc::clone(content));
            }
            Change::Remove(path) => {
                names.remove(path);
            }
        }
    }

    fn is_in(&self, dir: &str) -> bool {
        let (Change::Create(path, _) | Change::Rename(path, ..) | Change::Remove(path)) = self;
        name_in(dir, path).is_some()
    }
}

#[derive(Debug)]
struct Fault {
    operation: Operation,
    after: u32,
    kind: io::ErrorKind,
}

impl SimDisk {
    pub fn new() -> SimDisk {
        SimDisk::default()
    }

    /// Fails one operation of this sort once, after `after` more of them have succeeded.
    pub fn fail(&self, operation: Operation, after: u32, kind: io::ErrorKind) {
        self.0.lock().faults.push(Fault {
            operation,
            after,
            kind,
        });
    }

    /// Lets no file grow once all files together take this many bytes. `None` takes the bound away.
    pub fn limit(&self, bytes: Option<u64>) {
        self.0.lock().limit = bytes;
    }

    /// After this many more operations the power is gone: everything fails until `crash`. The operation under way
    /// then is not done.
    pub fn halt_after(&self, operations: u64) {
        let mut state = self.0.lock();
        state.halts_at = Some(state.operations + operations);
    }

    /// Operations attempted so far, those that failed included.
    pub fn operations(&self) -> u64 {
        self.0.lock().operations
    }

    /// Bytes of all files.
    pub fn bytes(&self) -> u64 {
        self.0.lock().bytes()
    }

    /// The power fails and comes back. Of what was not synced, pieces chosen by the seed survive: whole sectors or
    /// pages of writes, single renames, creates and removes. Open files stop working, faults and limits are gone.
    pub fn crash(&self, seed: u64) {
        let mut chance = Chance::new(seed);
        let mut state = self.0.lock();
        let changes = std::mem::take(&mut state.changes);
        for change in changes {
            if chance.keeps() {
                change.apply(&mut state.durable);
            }
        }
        for content in state.durable.values() {
            content.lock().crash(&mut chance);
        }
        *state = State {
            life: state.life + 1,
            names: state.durable.clone(),
            durable: std::mem::take(&mut state.durable),
            operations: state.operations,
            ..State::default()
        };
    }

    fn file(&self, state: &State, content: Arc<Mutex<Content>>) -> Arc<dyn File> {
        Arc::new(SimFile {
            disk: self.clone(),
            life: state.life,
            content,
        })
    }

    /// Flips one bit of a file, on the disk and for readers.
    pub fn flip(&self, path: &str, bit: u64) -> io::Result<()> {
        let state = self.0.lock();
        let content = state.names.get(path).ok_or(io::ErrorKind::NotFound)?;
        let mut content = content.lock();
        let Content { now, durable, .. } = &mut *content;
        for bytes in [now, durable] {
            if let Some(byte) = bytes.get_mut((bit / 8) as usize) {
                *byte ^= 1 << (bit % 8);
            }
        }
        Ok(())
    }
}

/// What survives a crash. Each crash has its own mood, from losing everything to losing nothing.
struct Chance {
    state: u64,
    quarters: u64,
    piece: usize,
}

impl Chance {
    fn new(seed: u64) -> Chance {
        let mut state = seed;
        let quarters = splitmix::next(&mut state) % 5;
        let piece = match splitmix::next(&mut state) % 2 {
            0 => 512,
            _ => 4096,
        };
        Chance {
            state,
            quarters,
            piece,
        }
    }

    fn keeps(&mut self) -> bool {
        splitmix::next(&mut self.state) % 4 < self.quarters
    }
}

impl Content {
    fn write(&mut self, at: u64, bytes: &[u8]) {
        overwrite(&mut self.now, at, bytes);
        self.pending.push((at, bytes.to_vec()));
    }

    fn sync(&mut self) {
        for (at, bytes) in std::mem::take(&mut self.pending) {
            overwrite(&mut self.durable, at, &bytes);
        }
        lengthen(&mut self.durable, self.now.len());
    }

    fn crash(&mut self, chance: &mut Chance) {
        for (mut at, bytes) in std::mem::take(&mut self.pending) {
            let mut rest = &bytes[..];
            while !rest.is_empty() {
                let to_boundary = chance.piece - (at % chance.piece as u64) as usize;
                let (piece, more) = rest.split_at(to_boundary.min(rest.len()));
                if chance.keeps() {
                    overwrite(&mut self.durable, at, piece);
                }
                at += piece.len() as u64;
                rest = more;
            }
        }
        self.now.clone_from(&self.durable);
    }
}

fn overwrite(content: &mut Vec<u8>, at: u64, bytes: &[u8]) {
    let from = usize::try_from(at).expect("a simulated file fits into memory");
    let to = from + bytes.len();
    lengthen(content, to);
    content[from..to].copy_from_slice(bytes);
}

/// Grows a file with zeros. Copied in one piece, since resizing a vector is slow in a debug build.
fn lengthen(content: &mut Vec<u8>, len: usize) {
    if content.len() < len {
        content.extend_from_slice(&vec![0; len - content.len()]);
    }
}

impl State {
    /// Counts an operation, and fails it if it is to fail.
    fn begin(&mut self, operation: Operation) -> io::Result<()> {
        self.operations += 1;
        if self.halts_at.is_some_and(|at| self.operations > at) {
            return Err(io::Error::other("the power is gone"));
        }
        let mut failed = None;
        self.faults.retain_mut(|fault| {
            if fault.operation != operation || failed.is_some() {
                return true;
            }
            if fault.after == 0 {
                failed = Some(fault.kind);
                return false;
            }
            fault.after -= 1;
            true
        });
        failed.map_or(Ok(()), |kind| Err(kind.into()))
    }

    fn change(&mut self, change: Change) {
        change.apply(&mut self.names);
        self.changes.push(change);
    }

    fn bytes(&self) -> u64 {
        let lens = self
            .names
            .values()
            .map(|content| content.lock().now.len() as u64);
        lens.sum()
    }

    /// Whether a file may grow by this much.
    fn give(&self, more: u64) -> io::Result<()> {
        match self.limit {
            Some(limit) if more > 0 && self.bytes() + more > limit => {
                Err(io::ErrorKind::StorageFull.into())
            }
            _ => Ok(()),
        }
    }
}

impl Disk for SimDisk {
    fn list(&self, dir: &str) -> io::Result<Vec<String>> {
        let mut state = self.0.lock();
        state.begin(Operation::Open)?;
        Ok(state
            .names
            .keys()
            .filter_map(|path| name_in(dir, path).map(str::to_owned))
            .collect())
    }

    fn create(&self, path: &str) -> io::Result<Arc<dyn File>> {
        let mut state = self.0.lock();
        state.begin(Operation::Create)?;
        if state.names.contains_key(path) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        let content = Arc::<Mutex<Content>>::default();
        state.change(Change::Create(path.to_owned(), Arc::clone(&content)));
        Ok(self.file(&state, content))
    }

    fn open(&self, path: &str) -> io::Result<Arc<dyn File>> {
        let mut state = self.0.lock();
        state.begin(Operation::Open)?;
        let content = state.names.get(path).ok_or(io::ErrorKind::NotFound)?;
        Ok(self.file(&state, Arc::clone(content)))
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        let mut state = self.0.lock();
        state.begin(Operation::Rename)?;
        let content = state.names.get(from).ok_or(io::ErrorKind::NotFound)?;
        let change = Change::Rename(from.to_owned(), to.to_owned(), Arc::clone(content));
        state.change(change);
        Ok(())
    }

    fn remove(&self, path: &str) -> io::Result<()> {
        let mut state = self.0.lock();
        state.begin(Operation::Remove)?;
        if !state.names.contains_key(path) {
            return Err(io::ErrorKind::NotFound.into());
        }
        state.change(Change::Remove(path.to_owned()));
        Ok(())
    }

    fn sync_dir(&self, dir: &str) -> io::Result<()> {
        let mut state = self.0.lock();
        state.begin(Operation::SyncDir)?;
        let State {
            changes, durable, ..
        } = &mut *state;
        changes.retain(|change| {
            let here = change.is_in(dir);
            if here {
                change.apply(durable);
            }
            !here
        });
        Ok(())
    }
}

struct SimFile {
    disk: SimDisk,
    life: u64,
    content: Arc<Mutex<Content>>,
}

impl SimFile {
    /// Begins an operation; where it is to fail although there is power, `spoil` says what it does all the same.
    fn begin(&self, operation: Operation, spoil: impl FnOnce(&mut Content)) -> io::Result<()> {
        let mut state = self.disk.0.lock();
        if state.life != self.life {
            return Err(io::Error::other("the file was opened before the crash"));
        }
        let powered = state.halts_at.is_none_or(|at| state.operations < at);
        state.begin(operation).inspect_err(|_| {
            if powered {
                spoil(&mut self.content.lock());
            }
        })
    }

    /// Asks for the space to be as long as this.
    fn grow(&self, len: u64) -> io::Result<()> {
        let now = self.content.lock().now.len() as u64;
        self.disk.0.lock().give(len.saturating_sub(now))
    }
}

impl File for SimFile {
    fn write_at(&self, at: u64, bytes: &[u8]) -> io::Result<()> {
        self.begin(Operation::Write, |content| {
            content.write(at, &bytes[..bytes.len() / 2]);
        })?;
        self.grow(at + bytes.len() as u64)?;
        self.content.lock().write(at, bytes);
        Ok(())
    }

    fn read_at(&self, at: u64, into: &mut [u8]) -> io::Result<usize> {
        self.begin(Operation::Read, |_| {})?;
        let content = self.content.lock();
        let rest = usize::try_from(at)
            .ok()
            .and_then(|at| content.now.get(at..))
            .unwrap_or_default();
        let read = rest.len().min(into.len());
        into[..read].copy_from_slice(&rest[..read]);
        Ok(read)
    }

    fn sync(&self) -> io::Result<()> {
        self.begin(Operation::Sync, |content| content.pending.clear())?;
        self.content.lock().sync();
        Ok(())
    }

    fn len(&self) -> io::Result<u64> {
        self.begin(Operation::Read, |_| {})?;
        Ok(self.content.lock().now.len() as u64)
    }

    fn allocate(&self, len: u64) -> io::Result<()> {
        self.begin(Operation::Allocate, |_| {})?;
        self.grow(len)?;
        let len = usize::try_from(len).expect("a simulated file fits into memory");
        lengthen(&mut self.content.lock().now, len);
        Ok(())
    }
}
