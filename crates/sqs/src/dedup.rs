//! The deduplication memory of a FIFO queue: five minutes from the first accepted send (spec 8.2).

use std::collections::VecDeque;

use domain::bytes::{Malformed, Put, Take};
use domain::{Seconds, Time};
use hashbrown::HashTable;

use crate::config::DedupScope;
use crate::key::Key;
use crate::message::MessageId;
use crate::outcome::Sent;

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

#[derive(Clone, Debug)]
struct Entry {
    id: Key,
    group: Key,
    expires: Time,
    message: MessageId,
    sequence: u64,
}

impl Entry {
    fn hash_in_group(&self) -> u64 {
        hash_in_group(self.id, self.group)
    }
}

fn hash_in_group(id: Key, group: Key) -> u64 {
    id.hash() ^ group.hash().rotate_left(32)
}

impl Dedup {
    /// The message first accepted under this id, as far as the scope looks.
    pub(crate) fn find(&self, scope: DedupScope, id: Key, group: Key) -> Option<Sent> {
        let number = match scope {
            DedupScope::Queue => self
                .by_id
                .find(id.hash(), |&number| self.entry(number).id == id),
            DedupScope::MessageGroup => self.by_group.find(hash_in_group(id, group), |&number| {
                let entry = self.entry(number);
                (entry.id, entry.group) == (id, group)
            }),
        };
        let entry = self.entry(*number?);
        Some(Sent {
            id: entry.message,
            sequence: Some(entry.sequence),
        })
    }

    fn entry(&self, number: u64) -> &Entry {
        &self.entries[(number - self.dropped) as usize]
    }

    /// Remembers a message accepted now.
    pub(crate) fn remember(
        &mut self,
        id: Key,
        group: Key,
        message: MessageId,
        sequence: u64,
        now: Time,
    ) {
        self.push(Entry {
            id,
            group,
            expires: now.after(WINDOW),
            message,
            sequence,
        });
    }

    fn push(&mut self, entry: Entry) {
        let number = self.dropped + self.entries.len() as u64;
        let (id, group) = (entry.id, entry.group);
        self.entries.push_back(entry);
        let Dedup {
            entries,
            dropped,
            by_id,
            by_group,
        } = self;
        let entry = |number: u64| &entries[(number - *dropped) as usize];
        by_id
            .entry(id.hash(), |&n| entry(n).id == id, |&n| entry(n).id.hash())
            .and_modify(|last| *last = number)
            .or_insert(number);
        by_group
            .entry(
                hash_in_group(id, group),
                |&n| (entry(n).id, entry(n).group) == (id, group),
                |&n| entry(n).hash_in_group(),
            )
            .and_modify(|last| *last = number)
            .or_insert(number);
    }

    /// Forgets what was accepted five minutes ago or earlier.
    pub(crate) fn expire(&mut self, now: Time) {
        while self
            .entries
            .front()
            .is_some_and(|entry| entry.expires <= now)
        {
            self.drop_first();
        }
    }

    fn drop_first(&mut self) {
        let number = self.dropped;
        let entry = self.entry(number);
        let (by_id, by_group) = (entry.id.hash(), entry.hash_in_group());
        if let Ok(found) = self.by_id.find_entry(by_id, |&n| n == number) {
            found.remove();
        }
        if let Ok(found) = self.by_group.find_entry(by_group, |&n| n == number) {
            found.remove();
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
            let entry = |number: u64| &entries[(number - *dropped) as usize];
            by_id.shrink_to(len * 2, |&n| entry(n).id.hash());
            by_group.shrink_to(len * 2, |&n| entry(n).hash_in_group());
        }
    }

    pub(crate) fn snapshot(&self, out: &mut Vec<u8>) {
        out.put_u32(self.entries.len() as u32);
        for entry in &self.entries {
            entry.id.put(out);
            entry.group.put(out);
            out.put_u64(entry.expires.millis());
            out.extend_from_slice(&entry.message.0);
            out.put_u64(entry.sequence);
        }
    }

    pub(crate) fn restore(take: &mut Take<'_>) -> Result<Dedup, Malformed> {
        let mut dedup = Dedup::default();
        for _ in 0..take.u32()? {
            dedup.push(Entry {
                id: Key::take(take)?,
                group: Key::take(take)?,
                expires: Time::from_millis(take.u64()?),
                message: MessageId(take.array()?),
                sequence: take.u64()?,
            });
        }
        Ok(dedup)
    }
}
