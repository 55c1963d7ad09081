//! From what lies on disk to a running cell: the newest snapshot, then the journal from there on.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::io;
use std::sync::Arc;

use domain::bytes::{Malformed, Take};
use domain::{Effects, Offset, Stamp, Time};
use journal::{Journal, Store};

use crate::cell::{Cell, CellOptions, HEADER_BYTES, Machines};
use crate::snapshot::Snapshot;
use crate::{Clock, segments, snapshot};

/// Why a cell does not start. Nothing on disk was changed.
#[derive(Debug)]
pub enum RecoveryError {
    Io(io::Error),
    /// A snapshot that was finished does not read back.
    Snapshot {
        name: String,
        why: Malformed,
    },
    /// A record that was acknowledged does not decode.
    Record {
        offset: Offset,
        why: Malformed,
    },
    Journal(String),
    /// State names a settled segment that is not there.
    SegmentMissing(u64),
}

impl fmt::Display for RecoveryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RecoveryError::Io(error) => write!(f, "reading the data directory failed: {error}"),
            RecoveryError::Snapshot { name, why } => write!(f, "snapshot {name} is damaged: {why}"),
            RecoveryError::Record { offset, why } => {
                write!(
                    f,
                    "the record at journal position {} is damaged: {why}",
                    offset.0
                )
            }
            RecoveryError::Journal(why) => f.write_str(why),
            RecoveryError::SegmentMissing(number) => {
                write!(f, "{} is missing from the store", segments::name(*number))
            }
        }
    }
}

impl std::error::Error for RecoveryError {}

impl From<io::Error> for RecoveryError {
    fn from(error: io::Error) -> RecoveryError {
        RecoveryError::Io(error)
    }
}

/// What a recovery read.
#[derive(Clone, Copy, Debug, Default)]
pub struct Recovered {
    pub snapshot_bytes: u64,
    pub records: u64,
}

impl<M: Machines> Cell<M> {
    /// Starts a cell from its journal and its store.
    pub fn recover(
        mut journal: Box<dyn Journal>,
        store: Arc<dyn Store>,
        clock: Arc<Clock>,
        options: CellOptions,
    ) -> Result<(Cell<M>, Recovered), RecoveryError> {
        let mut snapshot = newest_snapshot::<M>(&*store)?.unwrap_or_default();
        let records = replay(&mut *journal, &mut snapshot)?;
        drop_orphans(&*store, &mut snapshot)?;
        clock.at_least(snapshot.time);
        let recovered = Recovered {
            snapshot_bytes: snapshot.bytes,
            records,
        };
        Ok((
            Cell::assemble(journal, store, clock, options, snapshot),
            recovered,
        ))
    }
}

fn newest_snapshot<M: Machines>(store: &dyn Store) -> Result<Option<Snapshot<M>>, RecoveryError> {
    let Some(name) = snapshot::list(store)?.pop() else {
        return Ok(None);
    };
    let size = store.size(&name)?;
    let mut bytes = Vec::with_capacity(size as usize);
    store.read(&name, 0, size as usize, &mut bytes)?;
    let number = snapshot::number(&name).unwrap_or_default();
    match snapshot::decode(number, &bytes) {
        Ok(snapshot) => Ok(Some(snapshot)),
        Err(why) => Err(RecoveryError::Snapshot { name, why }),
    }
}

/// Applies again what the journal kept behind the snapshot. What it asked of others stands in outboxes.
fn replay<M: Machines>(
    journal: &mut dyn Journal,
    state: &mut Snapshot<M>,
) -> Result<u64, RecoveryError> {
    let mut records = 0;
    let mut damaged = None;
    let result = journal.replay(state.offset, &mut |offset, record| {
        records += 1;
        apply_again(state, offset, record).inspect_err(|&why| damaged = Some((offset, why)))
    });
    match (result, damaged) {
        (Ok(()), _) => Ok(records),
        (Err(_), Some((offset, why))) => Err(RecoveryError::Record { offset, why }),
        (Err(error), None) => Err(RecoveryError::Journal(error.to_string())),
    }
}

fn apply_again<M: Machines>(
    state: &mut Snapshot<M>,
    offset: Offset,
    record: &[u8],
) -> Result<(), Malformed> {
    let time = Time::from_millis(Take::new(record).u64()?);
    state.time = state.time.max(time);
    let at = Stamp { time, offset };
    state
        .machines
        .apply(at, record, HEADER_BYTES, &mut Effects::default())?;
    Ok(())
}

/// Removes what no state refers to: segments of a settling that never came to its snapshot, older snapshots.
fn drop_orphans<M: Machines>(
    store: &dyn Store,
    state: &mut Snapshot<M>,
) -> Result<(), RecoveryError> {
    let mut named = BTreeSet::new();
    state.machines.places(&mut |_, place| {
        named.extend(place.segment());
    });
    let mut kept = BTreeMap::new();
    for object in store.list(segments::PREFIX)? {
        let Some(number) = segments::number(&object) else {
            continue;
        };
        state.segments.next = state.segments.next.max(number + 1);
        if named.remove(&number) {
            kept.insert(number, store.size(&object)?);
        } else {
            store.remove(&object)?;
        }
    }
    if let Some(&missing) = named.first() {
        return Err(RecoveryError::SegmentMissing(missing));
    }
    state.segments.sizes = kept;
    let mut snapshots = snapshot::list(store)?;
    snapshots.pop();
    for old in snapshots {
        store.remove(&old)?;
    }
    Ok(())
}
