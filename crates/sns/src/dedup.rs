//! The deduplication memory of a FIFO topic: five minutes from the first accepted publish (spec 4.7).

use std::collections::VecDeque;

use domain::bytes::{Malformed, Put, Take};
use domain::{Seconds, Time};
use hashbrown::HashTable;

use crate::config::DedupScope;
use crate::digest::Key;

const WINDOW: Seconds = Seconds(300);

#[derive(Debug, Default)]
pub(crate) struct Dedup {
    /// What was accepted, oldest first.
    entries: VecDeque<Entry>,
    /// Entries dropped so far. An entry's number is this plus its index, and stays as the window moves on.
    dropped: u64,
    /// Numbers of entries: for each deduplication id the last one, whatever its group.
    by_id: HashTable<u64>,
    /// For each id in each group.
    by_group: HashTable<u64>,
}

/// A deduplication id and the group it was given with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mark {
    id: Key,
    group: Key,
}

/// What the first publish under an id was answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct First {
    pub(crate) id: [u8; 16],
    pub(crate) sequence: u64,
}

#[derive(Clone, Debug)]
struct Entry {
    mark: Mark,
    expires: Time,
    first: First,
}

impl Mark {
    pub(crate) fn of(dedup: &str, group: Option<&str>) -> Mark {
        Mark {
            id: Key::of(dedup),
            group: Key::of(group.unwrap_or_default()),
        }
    }

    /// Whether the one repeats the other, as far as the scope looks.
    pub(crate) fn repeats(self, other: Mark, scope: DedupScope) -> bool {
        match scope {
            DedupScope::Topic => self.id == other.id,
            DedupScope::MessageGroup => self == other,
        }
    }

    fn hash(self, scope: DedupScope) -> u64 {
        match scope {
            DedupScope::Topic => self.id.hash(),
            DedupScope::MessageGroup => self.id.hash() ^ self.group.hash().rotate_left(32),
        }
    }
}

impl Dedup {
    /// What was first accepted under this id, as far as the scope looks, and is not five minutes old.
    pub(crate) fn find(&self, scope: DedupScope, mark: Mark, now: Time) -> Option<First> {
        let same = |number: &u64| self.entry(*number).mark.repeats(mark, scope);
        let found = self.table(scope).find(mark.hash(scope), same)?;
        let entry = self.entry(*found);
        (entry.expires > now).then_some(entry.first)
    }

    fn table(&self, scope: DedupScope) -> &HashTable<u64> {
        match scope {
            DedupScope::Topic => &self.by_id,
            DedupScope::MessageGroup => &self.by_group,
        }
    }

    fn entry(&self, number: u64) -> &Entry {
        &self.entries[(number - self.dropped) as usize]
    }

    /// Remembers a publication accepted at this time.
    pub(crate) fn remember(&mut self, mark: Mark, first: First, accepted: Time) {
        self.push(Entry {
            mark,
            expires: accepted.after(WINDOW),
            first,
        });
    }

    fn push(&mut self, new: Entry) {
        let number = self.dropped + self.entries.len() as u64;
        let mark = new.mark;
        self.entries.push_back(new);
        let Dedup {
            entries,
            dropped,
            by_id,
            by_group,
        } = self;
        let mark_of = |number: &u64| entries[(number - *dropped) as usize].mark;
        for (table, scope) in [
            (by_id, DedupScope::Topic),
            (by_group, DedupScope::MessageGroup),
        ] {
            table
                .entry(
                    mark.hash(scope),
                    |number| mark_of(number).repeats(mark, scope),
                    |number| mark_of(number).hash(scope),
                )
                .and_modify(|last| *last = number)
                .or_insert(number);
        }
    }

    /// Forgets what was accepted five minutes ago or earlier.
    pub(crate) fn expire(&mut self, now: Time) {
        let expired = |entry: &Entry| entry.expires <= now;
        while self.entries.front().is_some_and(expired) {
            self.drop_first();
        }
    }

    fn drop_first(&mut self) {
        let number = self.dropped;
        let mark = self.entry(number).mark;
        for (table, scope) in [
            (&mut self.by_id, DedupScope::Topic),
            (&mut self.by_group, DedupScope::MessageGroup),
        ] {
            if let Ok(found) = table.find_entry(mark.hash(scope), |&n| n == number) {
                found.remove();
            }
        }
        self.entries.pop_front();
        self.dropped += 1;
        self.shrink();
    }

    fn shrink(&mut self) {
        let len = self.entries.len();
        if self.entries.capacity() > 64 && len * 4 < self.entries.capacity() {
            self.entries.shrink_to(len * 2);
            let Dedup {
                entries,
                dropped,
                by_id,
                by_group,
            } = self;
            let mark_of = |number: &u64| entries[(number - *dropped) as usize].mark;
            by_id.shrink_to(len * 2, |n| mark_of(n).hash(DedupScope::Topic));
            by_group.shrink_to(len * 2, |n| mark_of(n).hash(DedupScope::MessageGroup));
        }
    }

    pub(crate) fn snapshot(&self, out: &mut Vec<u8>) {
        out.put_u32(self.entries.len() as u32);
        for entry in &self.entries {
            entry.mark.id.put(out);
            entry.mark.group.put(out);
            out.put_u64(entry.expires.millis());
            out.extend_from_slice(&entry.first.id);
            out.put_u64(entry.first.sequence);
        }
    }

    pub(crate) fn restore(take: &mut Take<'_>) -> Result<Dedup, Malformed> {
        let mut dedup = Dedup::default();
        for _ in 0..take.u32()? {
            dedup.push(Entry {
                mark: Mark {
                    id: Key::take(take)?,
                    group: Key::take(take)?,
                },
                expires: Time::from_millis(take.u64()?),
                first: First {
                    id: take.array()?,
                    sequence: take.u64()?,
                },
            });
        }
        Ok(dedup)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Time = Time::from_seconds(1000);

    fn first(sequence: u64) -> First {
        First {
            id: [sequence as u8; 16],
            sequence,
        }
    }

    #[test]
    fn an_id_counts_in_its_topic_or_in_its_group() {
        let mut dedup = Dedup::default();
        dedup.remember(Mark::of("d", Some("g")), first(1), NOW);
        let find = |scope, group| dedup.find(scope, Mark::of("d", Some(group)), NOW);
        assert_eq!(find(DedupScope::Topic, "other"), Some(first(1)));
        assert_eq!(find(DedupScope::MessageGroup, "g"), Some(first(1)));
        assert_eq!(find(DedupScope::MessageGroup, "other"), None);
    }

    #[test]
    fn of_two_groups_with_one_id_the_last_counts_for_the_topic() {
        let mut dedup = Dedup::default();
        dedup.remember(Mark::of("d", Some("a")), first(1), NOW);
        dedup.remember(Mark::of("d", Some("b")), first(2), NOW.after(Seconds(10)));
        let later = NOW.after(Seconds(300));
        dedup.expire(later);
        let find = |scope, group| dedup.find(scope, Mark::of("d", Some(group)), later);
        assert_eq!(find(DedupScope::Topic, "a"), Some(first(2)));
        assert_eq!(find(DedupScope::MessageGroup, "a"), None);
        assert_eq!(find(DedupScope::MessageGroup, "b"), Some(first(2)));
    }

    #[test]
    fn after_five_minutes_an_id_is_new_again_whether_or_not_time_was_let_pass() {
        let mut dedup = Dedup::default();
        let mark = Mark::of("d", None);
        dedup.remember(mark, first(1), NOW);
        let just_before = NOW.after_millis(299_999);
        dedup.expire(just_before);
        assert_eq!(
            dedup.find(DedupScope::Topic, mark, just_before),
            Some(first(1))
        );
        let end = NOW.after(WINDOW);
        assert_eq!(dedup.find(DedupScope::Topic, mark, end), None);
        dedup.expire(end);
        assert!(dedup.entries.is_empty() && dedup.by_id.is_empty() && dedup.by_group.is_empty());
    }

    #[test]
    fn the_memory_is_restored_whole() {
        let mut dedup = Dedup::default();
        for n in 0..300 {
            let mark = Mark::of(&format!("d{n}"), Some("g"));
            dedup.remember(mark, first(n), NOW.after_millis(n));
        }
        dedup.expire(NOW.after(WINDOW).after_millis(249));
        let mut bytes = Vec::new();
        dedup.snapshot(&mut bytes);
        let restored = Dedup::restore(&mut Take::new(&bytes)).unwrap();
        let mut again = Vec::new();
        restored.snapshot(&mut again);
        assert_eq!(bytes, again);
        for n in 0..300 {
            let mark = Mark::of(&format!("d{n}"), Some("g"));
            let found = restored.find(DedupScope::MessageGroup, mark, NOW);
            assert_eq!(found, (n >= 250).then(|| first(n)));
        }
    }
}
