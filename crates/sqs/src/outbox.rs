//! The messages on their way to other queues: kept until the courier reports them delivered.

use std::collections::BTreeMap;

use domain::bytes::{Malformed, Put, Take};
use domain::{Arn, Deliver, Item, Offset, Place};

use crate::config::decode_arn;
use crate::key::Key;

#[derive(Debug, Default)]
pub(crate) struct Outbox {
    entries: BTreeMap<u64, Entry>,
    /// The entries' sequences by the slots of their messages.
    by_slot: BTreeMap<u32, u64>,
    /// Deliveries put in so far.
    last: u64,
}

/// One message on its way.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) deliver: Deliver,
    /// Where the message stands until it is delivered.
    pub(crate) slot: u32,
    /// The group it was in, for its return.
    pub(crate) group: Key,
    pub(crate) errand: Errand,
}

/// Why a message leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Errand {
    DeadLetter,
    /// For the message move task of this id.
    Move([u8; 16]),
}

impl Outbox {
    pub(crate) fn put(
        &mut self,
        to: Arn,
        item: Item,
        slot: u32,
        group: Key,
        errand: Errand,
    ) -> &Deliver {
        self.last += 1;
        self.by_slot.insert(slot, self.last);
        let deliver = Deliver {
            sequence: self.last,
            to,
            item,
        };
        let entry = self.entries.entry(self.last).or_insert(Entry {
            deliver,
            slot,
            group,
            errand,
        });
        &entry.deliver
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(crate) fn get(&self, sequence: u64) -> Option<&Entry> {
        self.entries.get(&sequence)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Entry> {
        self.entries.values()
    }

    /// Takes out the first entry, if its sequence is not above the given one.
    pub(crate) fn pop_up_to(&mut self, sequence: u64) -> Option<Entry> {
        let (&first, _) = self.entries.first_key_value()?;
        if first <= sequence {
            self.remove(first)
        } else {
            None
        }
    }

    pub(crate) fn remove(&mut self, sequence: u64) -> Option<Entry> {
        let entry = self.entries.remove(&sequence)?;
        self.by_slot.remove(&entry.slot);
        Some(entry)
    }

    /// Tells the delivery of the message at this slot that its bytes have moved.
    pub(crate) fn relocate(&mut self, slot: u32, to: Place) {
        let sequence = self.by_slot.get(&slot);
        if let Some(entry) = sequence.and_then(|sequence| self.entries.get_mut(sequence)) {
            entry.deliver.item.place = to;
        }
    }

    pub(crate) fn snapshot(&self, out: &mut Vec<u8>) {
        out.put_u64(self.last);
        out.put_u32(self.entries.len() as u32);
        for entry in self.entries.values() {
            out.put_u64(entry.deliver.sequence);
            out.put_text(entry.deliver.to.as_str());
            put_place(entry.deliver.item.place, out);
            out.put_run(&entry.deliver.item.about);
            out.put_u32(entry.slot);
            entry.group.put(out);
            match entry.errand {
                Errand::DeadLetter => out.put_u8(0),
                Errand::Move(task) => {
                    out.put_u8(1);
                    out.extend_from_slice(&task);
                }
            }
        }
    }

    pub(crate) fn restore(take: &mut Take<'_>) -> Result<Outbox, Malformed> {
        let mut outbox = Outbox {
            last: take.u64()?,
            ..Outbox::default()
        };
        for _ in 0..take.u32()? {
            let sequence = take.u64()?;
            let deliver = Deliver {
                sequence,
                to: decode_arn(take)?,
                item: Item {
                    place: take_place(take)?,
                    about: take.run()?.into(),
                },
            };
            let entry = Entry {
                deliver,
                slot: take.u32()?,
                group: Key::take(take)?,
                errand: match take.u8()? {
                    0 => Errand::DeadLetter,
                    1 => Errand::Move(take.array()?),
                    _ => return Err(Malformed("a message leaves for no known reason")),
                },
            };
            outbox.by_slot.insert(entry.slot, sequence);
            outbox.entries.insert(sequence, entry);
        }
        Ok(outbox)
    }
}

pub(crate) fn put_place(place: Place, out: &mut Vec<u8>) {
    out.put_u64(place.offset.0);
    out.put_u32(place.at);
    out.put_u32(place.len);
}

pub(crate) fn take_place(take: &mut Take<'_>) -> Result<Place, Malformed> {
    Ok(Place {
        offset: Offset(take.u64()?),
        at: take.u32()?,
        len: take.u32()?,
    })
}
