//! A cell: machines that share one journal, one lock, one clock.

use std::fmt;
use std::sync::Arc;

use domain::bytes::{Malformed, Put};
use domain::{Effects, Offset, Place, Stamp, Time};
use journal::{AppendError, Journal, ReadError, Store};

use crate::Clock;
use crate::segments::Segments;
use crate::snapshot::Snapshot;

/// The machines of one cell, as the engine sees them: state that records change, whichever services there are.
pub trait Machines: Sized {
    type Outcome;

    /// Applies what stands in `record` from `start` on. A record that does not decode changes nothing.
    fn apply(
        &mut self,
        at: Stamp,
        record: &[u8],
        start: usize,
        effects: &mut Effects,
    ) -> Result<Self::Outcome, Malformed>;

    /// Lets time pass: what fell due since the last record happens, and what expired is forgotten.
    fn advance(&mut self, now: Time);

    /// Shows every place that state holds, with a key that finds it again.
    fn places(&self, visit: &mut dyn FnMut(PlaceKey, Place));

    /// Puts `to` where `from` stands, if it still does.
    fn relocate(&mut self, key: PlaceKey, from: Place, to: Place);

    /// The whole state; equal states give equal bytes.
    fn snapshot(&self, out: &mut Vec<u8>);

    fn restore(bytes: &[u8]) -> Result<Self, Malformed>;

    /// The state of a cell that has no history.
    fn empty() -> Self;
}

/// Which machine, and which of its places.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlaceKey {
    pub machine: domain::MachineId,
    pub key: u64,
    /// Other machines may hold the same place: the body is theirs as well.
    pub shared: bool,
}

#[derive(Clone, Debug)]
pub struct CellOptions {
    /// The least growth of the journal, in bytes, between two rounds of settling.
    pub settle_bytes: u64,
    /// The youngest part of the journal, in bytes, whose bodies settling leaves where they are.
    pub tail_bytes: u64,
    /// The size at which a settled segment is closed, in bytes.
    pub segment_bytes: u64,
    /// Room in the journal, in bytes, that is kept on a full disk for commands which lead to free space.
    pub reserve_bytes: u64,
}

impl Default for CellOptions {
    fn default() -> CellOptions {
        CellOptions {
            settle_bytes: 256 << 20,
            tail_bytes: 64 << 20,
            segment_bytes: 64 << 20,
            reserve_bytes: 4 << 20,
        }
    }
}

/// What a command may take of a full disk's last room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claim {
    /// It takes space: nothing of the reserve.
    Grow,
    /// It leads to free space, as a receive leads to a delete: most of the reserve.
    Work,
    /// It frees much at once: the rest as well.
    Free,
}

impl Claim {
    /// How much of the reserve it leaves.
    fn leaves(self, reserve: u64) -> u64 {
        match self {
            Claim::Grow => reserve,
            Claim::Work => reserve / 8,
            Claim::Free => 0,
        }
    }
}

/// Why a command was not taken. Nothing happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// The disk has no room for it. Deleting and purging free some.
    Full,
    /// An I/O error has stopped this cell for good; a restart recovers what was acknowledged.
    Poisoned(String),
    TooLarge,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refused::Full => f.write_str("the disk that holds the journal is full"),
            Refused::Poisoned(why) => {
                write!(f, "the journal has stopped after an I/O error: {why}")
            }
            Refused::TooLarge => f.write_str("the record is larger than a journal takes"),
        }
    }
}

/// What a command did, and the position that must be durable before anyone may hear of it.
pub struct Applied<O> {
    pub outcome: O,
    pub at: Stamp,
    pub effects: Effects,
}

impl<O> Applied<O> {
    /// The answer may leave once the cell's `durable()` has reached this.
    pub fn durable_from(&self) -> Offset {
        after(self.at.offset)
    }
}

/// The first position behind the record at `offset`.
pub(crate) fn after(offset: Offset) -> Offset {
    Offset(offset.0 + 1)
}

/// The bytes in front of a machine's own record: the stamp's time.
pub(crate) const HEADER_BYTES: usize = 8;

pub struct Cell<M> {
    pub(crate) journal: Box<dyn Journal>,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) machines: M,
    pub(crate) segments: Segments,
    pub(crate) options: CellOptions,
    pub(crate) snapshot: SnapshotTaken,
    clock: Arc<Clock>,
    time: Time,
    record: Vec<u8>,
}

/// The newest snapshot that is safely in the store.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct SnapshotTaken {
    /// Rises with each attempt; numbers name the objects.
    pub(crate) number: u64,
    pub(crate) offset: Offset,
    pub(crate) bytes: u64,
}

impl<M: Machines> Cell<M> {
    pub(crate) fn assemble(
        journal: Box<dyn Journal>,
        store: Arc<dyn Store>,
        clock: Arc<Clock>,
        options: CellOptions,
        state: Snapshot<M>,
    ) -> Cell<M> {
        Cell {
            journal,
            store,
            machines: state.machines,
            segments: state.segments,
            options,
            snapshot: SnapshotTaken {
                number: state.number,
                offset: state.offset,
                bytes: state.bytes,
            },
            clock,
            time: state.time,
            record: Vec::new(),
        }
    }

    pub fn machines(&self) -> &M {
        &self.machines
    }

    /// For letting time pass and for node's own indexes; whatever must survive goes through [`Cell::submit`].
    pub fn machines_mut(&mut self) -> &mut M {
        &mut self.machines
    }

    /// The cell's time: the clock's, but never earlier than the last stamp.
    pub fn now(&mut self) -> Time {
        self.time = self.time.max(self.clock.now());
        self.time
    }

    /// Journals what `write` appends and applies it.
    pub fn submit(
        &mut self,
        claim: Claim,
        write: impl FnOnce(&mut Vec<u8>),
    ) -> Result<Applied<M::Outcome>, Refused> {
        let time = self.now();
        self.record.clear();
        self.record.put_u64(time.millis());
        write(&mut self.record);
        let wanted = self.record.len() as u64;
        let left = claim.leaves(self.options.reserve_bytes);
        if claim != Claim::Free && self.journal.room() < wanted + left {
            return Err(self.refused());
        }
        let offset = self
            .journal
            .append(&self.record)
            .map_err(|error| match error {
                AppendError::Full => Refused::Full,
                AppendError::Poisoned => self.refused(),
                AppendError::TooLarge => Refused::TooLarge,
            })?;
        let at = Stamp { time, offset };
        let mut effects = Effects::default();
        let outcome = self
            .machines
            .apply(at, &self.record, HEADER_BYTES, &mut effects)
            .expect("a record that was just encoded decodes");
        Ok(Applied {
            outcome,
            at,
            effects,
        })
    }

    pub(crate) fn last_time(&self) -> Time {
        self.time
    }

    fn refused(&self) -> Refused {
        match self.journal.poisoned() {
            Some(why) => Refused::Poisoned(why.to_owned()),
            None => Refused::Full,
        }
    }

    /// Appends the bytes at `place` to `into`, wherever they lie by now.
    pub fn read(&self, place: Place, into: &mut Vec<u8>) -> Result<(), ReadError> {
        match place.segment() {
            None => self.journal.read(place, into),
            Some(segment) => Segments::read(&*self.store, segment, place, into),
        }
    }

    /// Everything before this position is durable.
    pub fn durable(&self) -> Offset {
        self.journal.durable()
    }

    /// Where the next record will stand: once durable, all that state shows now is.
    pub fn end(&self) -> Offset {
        self.journal.end()
    }

    pub fn journal(&self) -> &dyn Journal {
        &*self.journal
    }

    pub fn journal_mut(&mut self) -> &mut dyn Journal {
        &mut *self.journal
    }

    /// Why the cell has stopped, if it has.
    pub fn poisoned(&self) -> Option<&str> {
        self.journal.poisoned()
    }

    /// Bytes of settled segments in the store.
    pub fn settled_bytes(&self) -> u64 {
        self.segments.bytes()
    }
}
