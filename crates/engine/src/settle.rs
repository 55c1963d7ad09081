//! Settling keeps the journal short: bodies that outlived its youngest part move into immutable segments, a
//! snapshot of all machines is written, and what lies before both is given back.
//!
//! The order makes every crash harmless: segments are durable before state names them, the snapshot is durable
//! before anything it no longer needs is removed, and objects that no state names are dropped on recovery.
//! Segments of which less than half is alive are copied as well, so that disk use stays within about twice the
//! live data.

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use domain::{Offset, Place};

use crate::cell::{Cell, Machines, PlaceKey, SnapshotTaken};
use crate::segments::{self, SegmentWriter};
use crate::snapshot;

/// What a round of settling did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Settled {
    pub bodies_moved: u64,
    pub bytes_moved: u64,
    pub snapshot_bytes: u64,
    pub segments_removed: u64,
}

/// Bodies read under one hold of the cell, so that callers never wait long.
const BODIES_PER_HOLD: usize = 64;

impl<M: Machines> Cell<M> {
    /// Whether the journal has grown enough since the last snapshot to make a round worth its writes.
    pub fn wants_settling(&self) -> bool {
        let grown = self.journal.end().0.saturating_sub(self.snapshot.offset.0);
        self.journal.poisoned().is_none()
            && grown > self.options.settle_bytes.max(2 * self.snapshot.bytes)
    }

    /// The bodies to move: old ones in the journal, and those of segments that are mostly dead.
    fn plan(&self) -> Vec<(PlaceKey, Place)> {
        let below = Offset(self.durable().0.saturating_sub(self.options.tail_bytes));
        let mut settled = Vec::new();
        let mut moves = Vec::new();
        self.machines
            .places(&mut |key, place| match place.segment() {
                Some(segment) => settled.push((segment, place.at, place.len)),
                None if place.offset < below => moves.push((key, place)),
                None => {}
            });
        // Many owners may share one body.
        settled.sort_unstable();
        settled.dedup();
        let mut live: BTreeMap<u64, u64> = BTreeMap::new();
        for (segment, _, len) in settled {
            *live.entry(segment).or_default() += u64::from(len);
        }
        let sparse: BTreeSet<u64> = self
            .segments
            .sizes
            .iter()
            .filter(|&(segment, &bytes)| live.get(segment).copied().unwrap_or(0) * 2 < bytes)
            .map(|(&segment, _)| segment)
            .collect();
        if !sparse.is_empty() {
            self.machines.places(&mut |key, place| {
                if place
                    .segment()
                    .is_some_and(|segment| sparse.contains(&segment))
                {
                    moves.push((key, place));
                }
            });
        }
        // Reading in the order of writing reads the disk once, front to back.
        moves.sort_by_key(|(_, place)| (place.offset, place.at));
        moves
    }
}

#[derive(Default)]
struct Copied {
    moves: Vec<(PlaceKey, Place, Place)>,
    segments: Vec<(u64, u64)>,
    bytes: u64,
}

/// Who owns the cell, and so how to hold it for a moment.
pub trait CellOwner<M> {
    fn hold<R>(&self, work: impl FnOnce(&mut Cell<M>) -> R) -> R;

    /// Lets a flush that was begun come to its end. Called without the cell being held.
    fn let_flush(&self);
}

/// One round: move bodies, write a snapshot, give space back. Holds the cell only for short whiles.
pub fn settle<M: Machines>(owner: &impl CellOwner<M>) -> io::Result<Settled> {
    let (moves, store, segment_bytes) = owner.hold(|cell| {
        let now = cell.now();
        cell.machines.advance(now);
        (cell.plan(), cell.store.clone(), cell.options.segment_bytes)
    });
    let copied = copy(owner, &*store, &moves, segment_bytes)?;
    let (bytes, offset, number, named) = owner.hold(|cell| {
        adopt(cell, &copied);
        let named = named_segments(&cell.machines);
        cell.segments
            .sizes
            .retain(|segment, _| named.contains(segment));
        cell.snapshot.number += 1;
        (
            snapshot::encode(cell),
            cell.journal.end(),
            cell.snapshot.number,
            named,
        )
    });
    wait_until_durable(owner, offset)?;
    snapshot::write(&*store, number, &bytes)?;
    let mut settled = Settled {
        bodies_moved: copied.moves.len() as u64,
        bytes_moved: copied.bytes,
        snapshot_bytes: bytes.len() as u64,
        segments_removed: 0,
    };
    owner.hold(|cell| {
        cell.snapshot = SnapshotTaken {
            number,
            offset,
            bytes: bytes.len() as u64,
        };
        let needed = oldest_in_journal(&cell.machines, offset);
        cell.journal.trim(needed);
    });
    let newest = snapshot::name(number);
    for old in snapshot::list(&*store)? {
        if old != newest {
            store.remove(&old)?;
        }
    }
    for object in store.list(segments::PREFIX)? {
        if segments::number(&object).is_some_and(|number| !named.contains(&number)) {
            store.remove(&object)?;
            settled.segments_removed += 1;
        }
    }
    Ok(settled)
}

fn copy<M: Machines>(
    owner: &impl CellOwner<M>,
    store: &dyn journal::Store,
    moves: &[(PlaceKey, Place)],
    segment_bytes: u64,
) -> io::Result<Copied> {
    let mut copied = Copied::default();
    let mut open: Option<SegmentWriter> = None;
    let mut bytes = Vec::new();
    // A body that several owners share stands in the plan once for each, one behind the other.
    let mut last: Option<(Place, Place)> = None;
    for some in moves.chunks(BODIES_PER_HOLD) {
        bytes.clear();
        let mut ends = Vec::with_capacity(some.len());
        owner.hold(|cell| {
            let mut before = last.map(|(from, _)| from);
            some.iter().try_for_each(|&(_, place)| {
                if before != Some(place) {
                    cell.read(place, &mut bytes)
                        .map_err(|error| io::Error::other(error.to_string()))?;
                    before = Some(place);
                }
                ends.push(bytes.len());
                Ok::<(), io::Error>(())
            })
        })?;
        let mut start = 0;
        for (&(key, from), &end) in some.iter().zip(&ends) {
            if let Some((copied_from, to)) = last
                && copied_from == from
            {
                copied.moves.push((key, from, to));
                continue;
            }
            let body = &bytes[start..end];
            start = end;
            if open
                .as_ref()
                .is_some_and(|segment| segment.len >= segment_bytes)
            {
                copied
                    .segments
                    .extend(open.take().map(SegmentWriter::finish).transpose()?);
            }
            if open.is_none() {
                // Numbers are taken for good: a round that fails may leave a segment of that number behind.
                let number = owner.hold(|cell| cell.segments.take_number());
                open = Some(SegmentWriter::create(store, number)?);
            }
            let segment = open.as_mut().expect("a segment was just opened");
            copied.bytes += body.len() as u64;
            let to = segment.append(body)?;
            copied.moves.push((key, from, to));
            last = Some((from, to));
        }
    }
    copied
        .segments
        .extend(open.map(SegmentWriter::finish).transpose()?);
    Ok(copied)
}

fn adopt<M: Machines>(cell: &mut Cell<M>, copied: &Copied) {
    for &(key, from, to) in &copied.moves {
        cell.machines.relocate(key, from, to);
    }
    for &(segment, bytes) in &copied.segments {
        cell.segments.sizes.insert(segment, bytes);
    }
}

fn named_segments<M: Machines>(machines: &M) -> BTreeSet<u64> {
    let mut named = BTreeSet::new();
    machines.places(&mut |_, place| {
        named.extend(place.segment());
    });
    named
}

/// The journal is needed from the snapshot on, and from the oldest body that still lies in it.
fn oldest_in_journal<M: Machines>(machines: &M, snapshot: Offset) -> Offset {
    let mut oldest = snapshot;
    machines.places(&mut |_, place| {
        if place.segment().is_none() {
            oldest = oldest.min(place.offset);
        }
    });
    oldest
}

fn wait_until_durable<M: Machines>(owner: &impl CellOwner<M>, offset: Offset) -> io::Result<()> {
    loop {
        let durable = owner.hold(|cell| match cell.poisoned() {
            Some(why) => Err(io::Error::other(why.to_owned())),
            None => {
                cell.journal.seal();
                Ok(cell.durable() >= offset)
            }
        })?;
        if durable {
            return Ok(());
        }
        owner.let_flush();
    }
}
