//! The order of a standard queue: send order, with quiet tenants before noisy ones.
//!
//! Each message group is a lane, and so are all messages without a group together. In a lane the messages never
//! received stand in line as they came; those visible again, or later than they came, stand beside them by
//! sequence. A receive takes the lane whose oldest visible message is oldest (spec 5.1), unless fair queues
//! (spec 5.6, [`crate::fair`]) have marked that lane noisy.

use std::collections::{BTreeSet, VecDeque};

use domain::Time;
use domain::bytes::{Malformed, Put, Take};

use crate::fair;
use crate::key::Key;
use crate::keyed::{Keyed, KeyedSlab};
use crate::live::{Messages, Stage};

#[derive(Debug, Default)]
pub(crate) struct Standard {
    lanes: KeyedSlab<Lane>,
    /// Each lane with a visible message: (noisy, sequence of its oldest one, lane).
    heads: BTreeSet<(bool, u64, u32)>,
    /// The noisy ones of them: (in flight, sequence, lane).
    crowded: BTreeSet<(u32, u64, u32)>,
    /// When their labels drop.
    labels: BTreeSet<(Time, u32)>,
    /// (sent, slot) of all messages that do not stand in a lane's line of fresh ones, for expiry.
    aged: BTreeSet<(Time, u32)>,
    in_flight: u32,
}

#[derive(Debug)]
struct Lane {
    key: Key,
    fresh: VecDeque<u32>,
    returned: BTreeSet<(u64, u32)>,
    live: u32,
    in_flight: u32,
    /// When a message last came in.
    fed: Time,
    noisy: bool,
    listed: Option<Listing>,
}

/// How a lane stands in the sets of [`Standard`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Listing {
    noisy: bool,
    sequence: u64,
    in_flight: u32,
    label_ends: Time,
}

impl Keyed for Lane {
    fn new(key: Key) -> Lane {
        Lane {
            key,
            fresh: VecDeque::new(),
            returned: BTreeSet::new(),
            live: 0,
            in_flight: 0,
            fed: Time::ZERO,
            noisy: false,
            listed: None,
        }
    }

    fn key(&self) -> Key {
        self.key
    }
}

impl Lane {
    /// Sequence and slot of the oldest visible message.
    fn head(&self, messages: &Messages) -> Option<(u64, u32)> {
        let fresh = self
            .fresh
            .front()
            .map(|&slot| (messages.all[slot].sequence, slot));
        let returned = self.returned.first().copied();
        match (fresh, returned) {
            (Some(fresh), Some(returned)) => Some(fresh.min(returned)),
            (one, other) => one.or(other),
        }
    }

    /// Fresh messages leave their line at its front: receives and moves take a lane's oldest visible message, and
    /// of fresh ones the oldest expires first. Only where a crash has undone a receive, whose record need not
    /// have been durable, its handle may reach for one in the middle.
    fn take_fresh(&mut self, messages: &Messages, slot: u32) {
        let sequence = messages.all[slot].sequence;
        let at = match self.fresh.front() {
            Some(&front) if front == slot => 0,
            Some(_) | None => self
                .fresh
                .partition_point(|&other| messages.all[other].sequence < sequence),
        };
        let taken = self.fresh.remove(at);
        assert_eq!(
            taken,
            Some(slot),
            "a fresh message stands in its lane's line"
        );
        if self.fresh.capacity() > 64 && self.fresh.len() * 4 < self.fresh.capacity() {
            self.fresh.shrink_to(self.fresh.len() * 2);
        }
    }
}

impl Standard {
    /// Takes in a message whose stage says how it comes.
    pub(crate) fn enter(&mut self, messages: &mut Messages, slot: u32, key: Key, now: Time) {
        let (number, _) = self.lanes.slot_of(key);
        messages.all[slot].group = number;
        self.lanes.values_mut()[number].fed = now;
        self.place(messages, slot);
        self.relist(messages, number);
    }

    /// Puts a message where its stage says, without listing its lane anew.
    fn place(&mut self, messages: &Messages, slot: u32) {
        let message = &messages.all[slot];
        let lane = &mut self.lanes.values_mut()[message.group];
        lane.live += 1;
        match message.stage {
            Stage::Fresh => {
                lane.fresh.push_back(slot);
                return;
            }
            Stage::Waiting => {
                lane.returned.insert((message.sequence, slot));
            }
            Stage::Hidden => {
                lane.in_flight += 1;
                self.in_flight += 1;
            }
            Stage::Delayed => {}
            Stage::Leaving => unreachable!("a leaving message has no lane"),
        }
        self.aged.insert((message.sent, slot));
    }

    pub(crate) fn hide(&mut self, messages: &mut Messages, slot: u32, now: Time) {
        let message = &messages.all[slot];
        let number = message.group;
        let lane = &mut self.lanes.values_mut()[number];
        if message.stage == Stage::Fresh {
            lane.take_fresh(messages, slot);
            self.aged.insert((message.sent, slot));
        } else {
            let waited = lane.returned.remove(&(message.sequence, slot));
            assert!(waited, "only a visible message can be hidden");
        }
        messages.all[slot].stage = Stage::Hidden;
        lane.in_flight += 1;
        self.in_flight += 1;
        if lane.key != Key::NONE && fair::is_noisy(lane.in_flight, self.in_flight, lane.fed, now) {
            lane.noisy = true;
        }
        self.relist(messages, number);
    }

    /// Makes a hidden or delayed message visible.
    pub(crate) fn show(&mut self, messages: &mut Messages, slot: u32) {
        let message = &mut messages.all[slot];
        let number = message.group;
        let lane = &mut self.lanes.values_mut()[number];
        if message.stage == Stage::Hidden {
            lane.in_flight -= 1;
            self.in_flight -= 1;
        }
        message.stage = Stage::Waiting;
        lane.returned.insert((message.sequence, slot));
        self.relist(messages, number);
    }

    pub(crate) fn leave(&mut self, messages: &Messages, slot: u32) {
        let message = &messages.all[slot];
        let number = message.group;
        let lane = &mut self.lanes.values_mut()[number];
        lane.live -= 1;
        match message.stage {
            Stage::Fresh => lane.take_fresh(messages, slot),
            Stage::Waiting => {
                lane.returned.remove(&(message.sequence, slot));
            }
            Stage::Hidden => {
                lane.in_flight -= 1;
                self.in_flight -= 1;
            }
            Stage::Delayed => {}
            Stage::Leaving => unreachable!("a leaving message has no lane"),
        }
        let ends = lane.live == 0 && lane.key != Key::NONE;
        if message.stage != Stage::Fresh {
            self.aged.remove(&(message.sent, slot));
        }
        self.relist(messages, number);
        if ends {
            self.lanes.remove(number);
        }
    }

    /// Brings the sets in line with a lane that has changed.
    fn relist(&mut self, messages: &Messages, number: u32) {
        let lane = &mut self.lanes.values_mut()[number];
        let head = lane.head(messages);
        // Without a backlog the label drops.
        lane.noisy &= head.is_some();
        let listing = head.map(|(sequence, _)| Listing {
            noisy: lane.noisy,
            sequence,
            in_flight: if lane.noisy { lane.in_flight } else { 0 },
            label_ends: if lane.noisy {
                fair::label_ends(lane.fed)
            } else {
                Time::ZERO
            },
        });
        let before = std::mem::replace(&mut lane.listed, listing);
        if before == listing {
            return;
        }
        if let Some(before) = before {
            self.heads.remove(&(before.noisy, before.sequence, number));
            if before.noisy {
                self.crowded
                    .remove(&(before.in_flight, before.sequence, number));
                self.labels.remove(&(before.label_ends, number));
            }
        }
        if let Some(after) = listing {
            self.heads.insert((after.noisy, after.sequence, number));
            if after.noisy {
                self.crowded
                    .insert((after.in_flight, after.sequence, number));
                self.labels.insert((after.label_ends, number));
            }
        }
    }

    /// The lane whose message goes first: the quiet one with the oldest message, or of noisy ones alone that with
    /// the fewest in flight.
    pub(crate) fn next_lane(&self) -> Option<u32> {
        let &(noisy, _, quiet) = self.heads.first()?;
        if noisy {
            self.crowded.first().map(|&(_, _, lane)| lane)
        } else {
            Some(quiet)
        }
    }

    /// After each message it may be another lane's turn.
    pub(crate) fn in_turn(&self, messages: &Messages, number: u32, taken: usize) -> Option<u32> {
        if taken > 0 || self.next_lane() != Some(number) {
            return None;
        }
        let (_, slot) = self.lanes.values()[number].head(messages)?;
        Some(slot)
    }

    /// The oldest visible message, whoever's it is.
    pub(crate) fn oldest_visible(&self, messages: &Messages) -> Option<u32> {
        let quiet = self.heads.first();
        let noisy = self.heads.range((true, 0, 0)..).next();
        let oldest = quiet
            .into_iter()
            .chain(noisy)
            .min_by_key(|&&(_, sequence, _)| sequence);
        let &(_, _, number) = oldest?;
        let (_, slot) = self.lanes.values()[number].head(messages)?;
        Some(slot)
    }

    /// The message sent first of all.
    ///
    /// Fresh messages came in the order in which they were sent. So the first of them by sequence is first by
    /// time too, and it is its lane's head, or the head is an aged message sent no later.
    pub(crate) fn oldest(&self, messages: &Messages) -> Option<u32> {
        let aged = self.aged.first().map(|&(_, slot)| slot);
        let visible = self.oldest_visible(messages);
        let both = aged.into_iter().chain(visible);
        both.min_by_key(|&slot| messages.all[slot].sent)
    }

    pub(crate) fn label_ends(&self) -> Option<Time> {
        self.labels.first().map(|&(time, _)| time)
    }

    /// Drops the label that ends next.
    pub(crate) fn drop_label(&mut self, messages: &Messages) {
        if let Some(&(_, number)) = self.labels.first() {
            self.lanes.values_mut()[number].noisy = false;
            self.relist(messages, number);
        }
    }

    pub(crate) fn is_ready(&self) -> bool {
        !self.heads.is_empty()
    }

    pub(crate) fn key(&self, group: u32) -> Key {
        self.lanes.values()[group].key
    }

    pub(crate) fn snapshot(&self, out: &mut Vec<u8>) {
        out.put_u32(self.lanes.values().len() as u32);
        for (number, lane) in self.lanes.values().iter() {
            out.put_u32(number);
            lane.key.put(out);
            out.put_u64(lane.fed.millis());
            out.put_bool(lane.noisy);
        }
    }

    pub(crate) fn restore_lanes(take: &mut Take<'_>) -> Result<Standard, Malformed> {
        let mut standard = Standard::default();
        for _ in 0..take.u32()? {
            let number = take.u32()?;
            let mut lane = Lane::new(Key::take(take)?);
            lane.fed = Time::from_millis(take.u64()?);
            lane.noisy = take.bool()?;
            standard.lanes.insert_at(number, lane)?;
        }
        Ok(standard)
    }

    /// Fills restored lanes with messages given by rising sequence.
    pub(crate) fn restore_messages(
        &mut self,
        messages: &Messages,
        slots: &[u32],
    ) -> Result<(), Malformed> {
        for &slot in slots {
            if self.lanes.values().get(messages.all[slot].group).is_none() {
                return Err(Malformed("a message's group is not there"));
            }
            self.place(messages, slot);
        }
        let numbers: Vec<u32> = self
            .lanes
            .values()
            .iter()
            .map(|(number, _)| number)
            .collect();
        for number in numbers {
            self.relist(messages, number);
        }
        Ok(())
    }
}
