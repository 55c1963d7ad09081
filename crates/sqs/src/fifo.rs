//! The order of a FIFO queue: by arrival inside a message group, groups in rotation (spec 8.1).
//!
//! A group's messages stand in line from arrival to deletion. What a receive may take of a group is the run of
//! visible messages at the front of its line, up to the first one in flight or delayed: a message in flight hides
//! itself and all behind it. Messages ever received are always at the front, delayed ones always at the back.

use std::collections::{BTreeSet, VecDeque};

use domain::bytes::{Malformed, Put, Take};
use domain::{Seconds, Time};

use crate::key::Key;
use crate::keyed::{Keyed, KeyedSlab};
use crate::live::{Messages, Stage};

#[derive(Debug, Default)]
pub(crate) struct Fifo {
    groups: KeyedSlab<Group>,
    /// Each group: (whether its first message is hidden, that message's sequence, group).
    heads: BTreeSet<(bool, u64, u32)>,
    /// The groups whose first message is visible: (turn, group).
    ready: BTreeSet<(u64, u32)>,
    next_turn: u64,
    /// Delayed messages by sequence, which is by the time their delay ends.
    delayed: VecDeque<u32>,
}

#[derive(Debug)]
struct Group {
    key: Key,
    line: VecDeque<u32>,
    /// Its place in the rotation. Given with the first message, and anew whenever a group that a receive took
    /// from becomes deliverable again: that puts it behind every group untouched until then.
    turn: u64,
    /// How it stands in `heads`.
    listed: Option<(bool, u64)>,
}

impl Keyed for Group {
    fn new(key: Key) -> Group {
        Group {
            key,
            line: VecDeque::new(),
            turn: 0,
            listed: None,
        }
    }

    fn key(&self) -> Key {
        self.key
    }
}

impl Group {
    /// Where in the line the first message of at least this sequence stands. Looks near the front first, since
    /// what is looked for was received.
    fn position(&self, messages: &Messages, sequence: u64) -> usize {
        let sequence_at = |at: usize| messages.all[self.line[at]].sequence;
        let (mut low, mut high) = (0, 1);
        while high < self.line.len() && sequence_at(high) < sequence {
            (low, high) = (high, high * 2);
        }
        high = high.min(self.line.len());
        while low < high {
            let middle = low.midpoint(high);
            if sequence_at(middle) < sequence {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }

    fn remove(&mut self, messages: &Messages, slot: u32) {
        let at = self.position(messages, messages.all[slot].sequence);
        let removed = self.line.remove(at);
        assert_eq!(removed, Some(slot), "a message stands in its group's line");
        if self.line.capacity() > 64 && self.line.len() * 4 < self.line.capacity() {
            self.line.shrink_to(self.line.len() * 2);
        }
    }
}

impl Fifo {
    /// Takes in a message whose stage says how it comes; the newest, or one that had left.
    pub(crate) fn enter(&mut self, messages: &mut Messages, slot: u32, key: Key) {
        let (number, is_new) = self.groups.slot_of(key);
        messages.all[slot].group = number;
        let group = &mut self.groups.values_mut()[number];
        if is_new {
            group.turn = self.next_turn;
            self.next_turn += 1;
        }
        let message = &messages.all[slot];
        match group.line.back() {
            Some(&last) if messages.all[last].sequence > message.sequence => {
                let at = group.position(messages, message.sequence);
                group.line.insert(at, slot);
            }
            Some(_) | None => group.line.push_back(slot),
        }
        if message.stage == Stage::Delayed {
            self.delayed.push_back(slot);
        }
        self.relist(messages, number, false);
    }

    pub(crate) fn hide(&mut self, messages: &mut Messages, slot: u32) {
        let message = &mut messages.all[slot];
        assert!(message.is_visible(), "only a visible message can be hidden");
        message.stage = Stage::Hidden;
        let number = message.group;
        self.relist(messages, number, true);
    }

    /// Makes a message in flight visible again.
    pub(crate) fn show(&mut self, messages: &mut Messages, slot: u32) {
        let message = &mut messages.all[slot];
        message.stage = Stage::Waiting;
        let number = message.group;
        self.relist(messages, number, true);
    }

    pub(crate) fn leave(&mut self, messages: &Messages, slot: u32) {
        let message = &messages.all[slot];
        let number = message.group;
        if message.stage == Stage::Delayed {
            let first = self.delayed.pop_front();
            assert_eq!(
                first,
                Some(slot),
                "the oldest delayed message expires first"
            );
        }
        let group = &mut self.groups.values_mut()[number];
        group.remove(messages, slot);
        let ends = group.line.is_empty();
        self.relist(messages, number, message.stage == Stage::Hidden);
        if ends {
            self.groups.remove(number);
        }
    }

    /// Brings the sets in line with a group that has changed. A group that a receive had touched goes to the back
    /// of the rotation when it becomes deliverable.
    fn relist(&mut self, messages: &Messages, number: u32, touched: bool) {
        let group = &mut self.groups.values_mut()[number];
        let listing = group.line.front().map(|&slot| {
            let message = &messages.all[slot];
            (!message.is_visible(), message.sequence)
        });
        let before = std::mem::replace(&mut group.listed, listing);
        if before == listing {
            return;
        }
        if let Some((hidden, sequence)) = before {
            self.heads.remove(&(hidden, sequence, number));
            if !hidden {
                self.ready.remove(&(group.turn, number));
            }
        }
        if let Some((hidden, sequence)) = listing {
            self.heads.insert((hidden, sequence, number));
            if !hidden {
                let was_ready = matches!(before, Some((false, _)));
                if touched && !was_ready {
                    group.turn = self.next_turn;
                    self.next_turn += 1;
                }
                self.ready.insert((group.turn, number));
            }
        }
    }

    /// The group whose turn it is.
    pub(crate) fn next_group(&self) -> Option<u32> {
        self.ready.first().map(|&(_, number)| number)
    }

    /// A receive takes a group's messages as far as it can before it goes to the next group.
    pub(crate) fn in_turn(&self, messages: &Messages, number: u32, taken: usize) -> Option<u32> {
        let group = self.groups.values().get(number)?;
        let &slot = group.line.get(taken)?;
        messages.all[slot].is_visible().then_some(slot)
    }

    fn run(&self, messages: &Messages, number: u32) -> impl Iterator<Item = u32> {
        let line = self.groups.values()[number].line.iter().copied();
        line.take_while(|&slot| messages.all[slot].is_visible())
    }

    /// Every message that some receive could take now.
    pub(crate) fn deliverable(&self, messages: &Messages) -> impl Iterator<Item = u32> {
        self.ready
            .iter()
            .flat_map(|&(_, number)| self.run(messages, number))
    }

    /// The oldest message that no other one hides.
    pub(crate) fn oldest_visible(&self) -> Option<u32> {
        let &(hidden, _, number) = self.heads.first()?;
        if hidden {
            None
        } else {
            self.groups.values()[number].line.front().copied()
        }
    }

    /// The message sent first of all: arrival and sending are one in a FIFO queue.
    pub(crate) fn oldest(&self) -> Option<u32> {
        let visible = self.heads.first();
        let hidden = self.heads.range((true, 0, 0)..).next();
        let oldest = visible
            .into_iter()
            .chain(hidden)
            .min_by_key(|&&(_, sequence, _)| sequence);
        let &(_, _, number) = oldest?;
        self.groups.values()[number].line.front().copied()
    }

    /// When the next delay ends, under the queue's delay of now: a change of it counts for messages already sent.
    pub(crate) fn delay_ends(&self, messages: &Messages, delay: Seconds) -> Option<Time> {
        let &slot = self.delayed.front()?;
        Some(messages.all[slot].sent.after(delay))
    }

    /// Ends the delay that ends next.
    pub(crate) fn end_delay(&mut self, messages: &mut Messages) {
        if let Some(slot) = self.delayed.pop_front() {
            messages.all[slot].stage = Stage::Fresh;
            let number = messages.all[slot].group;
            self.relist(messages, number, false);
        }
    }

    /// Judges the delay of all messages never received anew; says how many are delayed now.
    pub(crate) fn change_delay(
        &mut self,
        messages: &mut Messages,
        delay: Seconds,
        now: Time,
    ) -> u32 {
        let judged = |stage| matches!(stage, Stage::Fresh | Stage::Delayed);
        let all = messages
            .all
            .iter()
            .filter(|(_, message)| judged(message.stage));
        let mut slots: Vec<(u64, u32)> = all
            .map(|(slot, message)| (message.sequence, slot))
            .collect();
        slots.sort_unstable();
        self.delayed.clear();
        for (_, slot) in slots {
            let message = &mut messages.all[slot];
            if now < message.sent.after(delay) {
                message.stage = Stage::Delayed;
                self.delayed.push_back(slot);
            } else {
                message.stage = Stage::Fresh;
            }
        }
        self.relist_all(messages);
        self.delayed.len() as u32
    }

    fn relist_all(&mut self, messages: &Messages) {
        let numbers: Vec<u32> = self
            .groups
            .values()
            .iter()
            .map(|(number, _)| number)
            .collect();
        for number in numbers {
            self.relist(messages, number, false);
        }
    }

    pub(crate) fn is_ready(&self) -> bool {
        !self.ready.is_empty()
    }

    pub(crate) fn key(&self, group: u32) -> Key {
        self.groups.values()[group].key
    }

    /// Forgets all groups; turns go on.
    pub(crate) fn clear(&mut self) {
        *self = Fifo {
            next_turn: self.next_turn,
            ..Fifo::default()
        };
    }

    pub(crate) fn snapshot(&self, out: &mut Vec<u8>) {
        out.put_u64(self.next_turn);
        out.put_u32(self.groups.values().len() as u32);
        for (number, group) in self.groups.values().iter() {
            out.put_u32(number);
            group.key.put(out);
            out.put_u64(group.turn);
        }
    }

    pub(crate) fn restore_groups(take: &mut Take<'_>) -> Result<Fifo, Malformed> {
        let mut fifo = Fifo {
            next_turn: take.u64()?,
            ..Fifo::default()
        };
        for _ in 0..take.u32()? {
            let number = take.u32()?;
            let mut group = Group::new(Key::take(take)?);
            group.turn = take.u64()?;
            fifo.groups.insert_at(number, group)?;
        }
        Ok(fifo)
    }

    /// Fills restored groups with messages given by rising sequence.
    pub(crate) fn restore_messages(
        &mut self,
        messages: &Messages,
        slots: &[u32],
    ) -> Result<(), Malformed> {
        for &slot in slots {
            let message = &messages.all[slot];
            let group = self.groups.values_mut().get_mut(message.group);
            let group = group.ok_or(Malformed("a message's group is not there"))?;
            group.line.push_back(slot);
            if message.stage == Stage::Delayed {
                self.delayed.push_back(slot);
            }
        }
        self.relist_all(messages);
        Ok(())
    }
}
