//! Settling keeps the journal short: bodies that outlived its youngest part move into immutable segments, a
//! snapshot of all machines is written, and what lies before both is given back.
//!
//! The order makes every crash harmless: segments are durable before state names them, the snapshot is durable
//! before anything it no longer needs is removed, and objects that no state names are dropped on recovery.
//! Segments of which less than half is alive are copied as well, so that disk use stays within about twice the
//! live data. A full disk may have no room for copies; then what is dead as a whole is given back all the same.

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

/// Where the live bodies lie.
struct Census {
    in_segments: BTreeMap<u64, u64>,
    in_journal: u64,
    /// The journal before this holds none.
    oldest_in_journal: Offset,
}

/// Whether copying what is alive gives back more than it takes.
fn is_sparse(live: u64, bytes: u64) -> bool {
    live * 2 < bytes
}

impl Census {
    fn count(&mut self, place: Place) {
        let len = u64::from(place.len);
        if let Some(segment) = place.segment() {
            *self.in_segments.entry(segment).or_default() += len;
        } else {
            self.in_journal += len;
            self.oldest_in_journal = self.oldest_in_journal.min(place.offset);
        }
    }
}

impl<M: Machines> Cell<M> {
    /// Whether the journal has grown enough since the last snapshot to make a round worth its writes.
    pub fn wants_settling(&self) -> bool {
        let grown = self.journal.end().0.saturating_sub(self.snapshot.offset.0);
        self.journal.poisoned().is_none() && grown > self.worth_a_round()
    }

    /// Whether a round would give back much that has died since the last one, of age or in a purge, without the
    /// journal having grown; on a full disk less is worth it. Looks at every body: for once in a while.
    pub fn wastes_space(&mut self) -> bool {
        if self.journal.poisoned().is_some() {
            return false;
        }
        let now = self.now();
        self.machines.advance(now);
        let enough = if self.is_full() {
            self.options.tail_bytes
        } else {
            self.worth_a_round()
        };
        self.waste() >= enough
    }

    fn worth_a_round(&self) -> u64 {
        self.options.settle_bytes.max(2 * self.snapshot.bytes)
    }

    /// Whether the disk has refused space when it was last asked.
    pub fn is_full(&self) -> bool {
        self.journal.room() != u64::MAX
    }

    fn census(&self) -> Census {
        let mut census = Census {
            in_segments: BTreeMap::new(),
            in_journal: 0,
            oldest_in_journal: self.journal.end(),
        };
        // A body that many machines share counts once.
        let mut shared = Vec::new();
        self.machines.places(&mut |key, place| {
            if key.shared {
                shared.push((place.offset, place.at, place.len));
            } else {
                census.count(place);
            }
        });
        shared.sort_unstable();
        shared.dedup();
        for (offset, at, len) in shared {
            census.count(Place { offset, at, len });
        }
        census
    }

    fn journal_bytes(&self) -> u64 {
        self.journal.end().0 - self.journal.trimmed().0
    }

    /// Segments of which less than half is alive, with the bytes of the rest.
    fn sparse_segments(&self, census: &Census) -> BTreeMap<u64, u64> {
        let live = |segment| census.in_segments.get(segment).copied().unwrap_or(0);
        let all = self.segments.sizes.iter();
        all.filter(|&(segment, &bytes)| is_sparse(live(segment), bytes))
            .map(|(segment, &bytes)| (*segment, bytes - live(segment)))
            .collect()
    }

    fn waste(&self) -> u64 {
        let census = self.census();
        let in_segments: u64 = self.sparse_segments(&census).values().sum();
        let in_journal = if is_sparse(census.in_journal, self.journal_bytes()) {
            self.journal_bytes() - census.in_journal
        } else {
            census.oldest_in_journal.0 - self.journal.trimmed().0
        };
        in_segments + in_journal
    }

    /// Bodies in the journal before this move. On a full disk there is no room for copies that do not pay, and none
    /// to spare for the journal's youngest part.
    fn moves_below(&self, census: &Census) -> Offset {
        if !self.is_full() {
            Offset(self.durable().0.saturating_sub(self.options.tail_bytes))
        } else if is_sparse(census.in_journal, self.journal_bytes()) {
            self.durable()
        } else {
            Offset::ZERO
        }
    }

    /// The bodies to move: old ones in the journal, and those of segments that are mostly dead.
    fn plan(&self) -> Vec<(PlaceKey, Place)> {
        let census = self.census();
        let below = self.moves_below(&census);
        let sparse = self.sparse_segments(&census);
        let mut moves = Vec::new();
        self.machines.places(&mut |key, place| {
            let moving = match place.segment() {
                Some(segment) => sparse.contains_key(&segment),
                None => place.offset < below,
            };
            if moving {
                moves.push((key, place));
            }
        });
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
    let copied = match copy(owner, &*store, &moves, segment_bytes) {
        Err(error) if journal::is_full(&error) => Copied::default(),
        copied => copied?,
    };
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
