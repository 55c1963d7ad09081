//! One cell's history as the oracle knows it, so that a crash can cut it where the journal was cut.
//!
//! Every change lies between two positions of the cell's journal: where it ended before the step, and after. What
//! recovery kept is a prefix of the journal, so what happened is a prefix of the history.

use domain::{Offset, Time};

use crate::change::Change;
use crate::model::Cell;
use crate::violation::{Check, ensure, violated};

#[derive(Clone, Debug)]
struct Entry {
    after: Offset,
    until: Offset,
    time: Time,
    change: Change,
}

pub(crate) struct History {
    /// The state at the last start, as far as records say: no time has passed in it since its last record.
    start: Cell,
    /// The state now.
    pub(crate) now: Cell,
    entries: Vec<Entry>,
    /// How many entries somebody has been told of. They may never be undone.
    told: usize,
    /// The answer that told of the last of them.
    told_by: String,
    /// Entries before this one belong to steps that are over.
    step: usize,
    /// The step under way is the start itself.
    starts: bool,
    /// Where the journal ended when it was last looked at.
    end: Offset,
    /// The greatest position seen durable.
    durable: Offset,
}

impl History {
    pub(crate) fn new(end: Offset) -> History {
        History {
            start: Cell::default(),
            now: Cell::default(),
            entries: Vec::new(),
            told: 0,
            told_by: String::new(),
            step: 0,
            starts: false,
            end,
            durable: end,
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Something happened at this time. `place`: the position behind its record, where it is known.
    pub(crate) fn record(&mut self, time: Time, change: Change, place: Option<Offset>) {
        self.now.apply(time, &change);
        self.entries.push(Entry {
            after: place.map_or(self.end, |place| Offset(place.0 - 1)),
            until: place.unwrap_or(Offset::ZERO),
            time,
            change,
        });
    }

    /// Something happened at this time, by records between these positions.
    pub(crate) fn record_between(
        &mut self,
        time: Time,
        change: Change,
        after: Offset,
        until: Offset,
    ) {
        self.now.apply(time, &change);
        self.entries.push(Entry {
            after,
            until,
            time,
            change,
        });
    }

    /// Copies whose calls these entries tell of.
    pub(crate) fn attempted(&self, entries: std::ops::Range<usize>) -> Vec<u64> {
        let attempted = |entry: &Entry| {
            let Change::Topic(change) = &entry.change else {
                return None;
            };
            change.attempted()
        };
        self.entries[entries].iter().filter_map(attempted).collect()
    }

    /// Someone was told what the first `entries` came to.
    pub(crate) fn tell(&mut self, entries: usize, by: &str) {
        if entries > self.told {
            self.told = entries;
            self.told_by = by.to_owned();
        }
    }

    /// The step is over, and the journal ends here.
    ///
    /// What a start finds arrived may have arrived just before the crash, unseen, or during the start.
    pub(crate) fn step_ends(&mut self, end: Offset) -> Check {
        let starts = std::mem::take(&mut self.starts);
        for entry in &mut self.entries[self.step..] {
            ensure(starts || end > self.end, || {
                format!("{:?} changed and the journal did not", entry.change.queue())
            })?;
            if starts {
                entry.after = Offset(entry.after.0 - 1);
            }
            if entry.until == Offset::ZERO {
                entry.until = end;
            }
        }
        self.step = self.entries.len();
        self.end = end;
        Ok(())
    }

    pub(crate) fn saw_durable(&mut self, durable: Offset) {
        self.durable = self.durable.max(durable);
    }

    /// What a recovery up to `end` may have kept: the least and the greatest number of entries.
    pub(crate) fn kept(&self, cell: usize, end: Offset) -> Check<(usize, usize)> {
        ensure(end >= self.durable, || {
            format!(
                "cell {cell} came back up to {} although {} had been durable",
                end.0, self.durable.0
            )
        })?;
        let least = self
            .entries
            .iter()
            .take_while(|entry| entry.until <= end)
            .count();
        let most = self
            .entries
            .iter()
            .take_while(|entry| entry.after < end)
            .count();
        if most < self.told {
            let lost = &self.entries[most];
            return violated(format!(
                "cell {cell} kept {most} of {} entries, {} had been told by {:?}; forgotten: {:?} at {} to {} of {}",
                self.entries.len(),
                self.told,
                self.told_by,
                lost.change,
                lost.after.0,
                lost.until.0,
                end.0
            ));
        }
        Ok((least.max(self.told), most))
    }

    /// Where each entry's record stands, for the trace.
    pub(crate) fn places(&self) -> Vec<(u64, u64)> {
        self.entries
            .iter()
            .map(|entry| (entry.after.0, entry.until.0))
            .collect()
    }

    /// The state if `kept` entries survive, with the time of the last of them.
    pub(crate) fn replayed(&self, kept: usize) -> (Cell, Time) {
        let mut cell = self.start.clone();
        let mut last = Time::ZERO;
        for entry in &self.entries[..kept] {
            cell.apply(entry.time, &entry.change);
            last = last.max(entry.time);
        }
        (cell, last)
    }

    /// Goes on from a start with this state.
    pub(crate) fn restart(&mut self, mut start: Cell, now: Time, end: Offset) {
        for queue in start.queues.values_mut() {
            for stay in &mut queue.stays {
                stay.born = 0;
            }
        }
        self.now = start.clone();
        self.now.advance(now);
        self.start = start;
        self.entries.clear();
        self.told = 0;
        self.step = 0;
        self.starts = true;
        self.end = end;
        self.durable = end;
    }
}
