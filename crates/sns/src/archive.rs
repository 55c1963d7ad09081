//! What a FIFO topic keeps of what was published: where each publication lies, until its retention ends (spec 4.8).

use std::collections::VecDeque;

use domain::bytes::{Malformed, Put, Take};
use domain::{Place, Time};

use crate::outbox::{put_place, take_place};

#[derive(Debug, Default)]
pub(crate) struct Archive {
    /// In the order of publication: sequences and times rise.
    kept: VecDeque<Kept>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Kept {
    pub(crate) sequence: u64,
    pub(crate) time: Time,
    pub(crate) place: Place,
}

impl Archive {
    pub(crate) fn keep(&mut self, sequence: u64, time: Time, place: Place) {
        let time = self.kept.back().map_or(time, |last| last.time.max(time));
        self.kept.push_back(Kept {
            sequence,
            time,
            place,
        });
    }

    pub(crate) fn get(&self, sequence: u64) -> Option<&Kept> {
        let position = self
            .kept
            .binary_search_by_key(&sequence, |kept| kept.sequence);
        self.kept.get(position.ok()?)
    }

    /// What was kept, from the first publication of this sequence or above and of this time or later.
    pub(crate) fn since(&self, sequence: u64, time: Time) -> impl Iterator<Item = &Kept> {
        let before = |kept: &Kept| kept.sequence < sequence || kept.time < time;
        self.kept.range(self.kept.partition_point(before)..)
    }

    /// Drops what is older than the topic keeps it; everything, where it keeps nothing.
    pub(crate) fn expire(&mut self, days: Option<u32>, now: Time) {
        let Some(days) = days else {
            self.kept = VecDeque::new();
            return;
        };
        while self.kept.front().is_some_and(|kept| end(kept, days) <= now) {
            self.kept.pop_front();
        }
    }

    /// When something will be too old next.
    pub(crate) fn expires_at(&self, days: Option<u32>) -> Option<Time> {
        Some(end(self.kept.front()?, days?))
    }

    /// The places of what is kept; keys are below 2^63.
    pub(crate) fn places(&self, visit: &mut dyn FnMut(u64, Place)) {
        for kept in &self.kept {
            visit(kept.sequence, kept.place);
        }
    }

    pub(crate) fn relocate(&mut self, key: u64, from: Place, to: Place) -> bool {
        let Ok(position) = self.kept.binary_search_by_key(&key, |kept| kept.sequence) else {
            return false;
        };
        let moved = self.kept[position].place == from;
        if moved {
            self.kept[position].place = to;
        }
        moved
    }

    pub(crate) fn snapshot(&self, out: &mut Vec<u8>) {
        out.put_u32(self.kept.len() as u32);
        for kept in &self.kept {
            out.put_u64(kept.sequence);
            out.put_u64(kept.time.millis());
            put_place(kept.place, out);
        }
    }

    pub(crate) fn restore(take: &mut Take<'_>) -> Result<Archive, Malformed> {
        let mut archive = Archive::default();
        for _ in 0..take.u32()? {
            let (sequence, time) = (take.u64()?, Time::from_millis(take.u64()?));
            let follows = |last: &Kept| last.sequence < sequence && last.time <= time;
            if !archive.kept.back().is_none_or(follows) {
                return Err(Malformed("an archive is out of order"));
            }
            archive.keep(sequence, time, take_place(take)?);
        }
        Ok(archive)
    }
}

fn end(kept: &Kept, days: u32) -> Time {
    kept.time.after_millis(u64::from(days) * 86_400_000)
}
