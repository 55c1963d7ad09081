//! How messages leave for other queues: into the outbox, and out of it (spec 6.2, 6.4).

use domain::{Arn, Deliver, Effects, Item, Stamp};

use crate::command::Accepted;
use crate::letter::Copy;
use crate::live::Stage;
use crate::outbox::Errand;
use crate::queue::Queue;
use crate::slab::NONE;

impl Queue {
    /// The deliveries not yet reported delivered, in order.
    pub fn outbox(&self) -> impl Iterator<Item = &Deliver> {
        self.outbox.iter().map(|entry| &entry.deliver)
    }

    /// The delivery of this sequence, if it is not yet reported delivered.
    pub fn delivery_of(&self, sequence: u64) -> Option<&Deliver> {
        self.outbox.get(sequence).map(|entry| &entry.deliver)
    }

    /// Which copy of a letter a delivery's message is, if it is one.
    pub fn copy_of(&self, sequence: u64) -> Option<&Copy> {
        let entry = self.outbox.get(sequence)?;
        self.copies
            .get(self.messages.all[entry.slot].origin.of_copy())
    }

    /// Moves a visible message into the outbox. It keeps its slot until it is delivered.
    pub(crate) fn move_out(&mut self, slot: u32, to: Arn, errand: Errand, effects: &mut Effects) {
        let group = self.order.key(self.messages.all[slot].group);
        self.detach(slot);
        let receives = self
            .messages
            .received(slot)
            .map_or(0, |received| received.total());
        let message = &mut self.messages.all[slot];
        message.stage = Stage::Leaving;
        message.group = NONE;
        let kind = match errand {
            Errand::Move(_) => Accepted::Redriven,
            Errand::DeadLetter => Accepted::DeadLetter {
                sent: message.sent,
                receives,
            },
        };
        let item = Item {
            place: message.place,
            about: kind.encode().into(),
        };
        let deliver = self.outbox.put(to, item, slot, group, errand);
        effects.deliver.push(deliver.clone());
    }

    /// The courier has delivered all up to this sequence: those messages are other queues' now.
    pub(crate) fn delivered(&mut self, sequence: u64) {
        while let Some(entry) = self.outbox.pop_up_to(sequence) {
            self.forget(entry.slot);
            if let Errand::Move(task) = entry.errand {
                self.tasks.delivered(&task);
            }
        }
    }

    /// The target is gone: the message stands where it stood, with its count and its handles.
    pub(crate) fn returned(&mut self, at: Stamp, sequence: u64, effects: &mut Effects) {
        let Some(entry) = self.outbox.remove(sequence) else {
            return;
        };
        self.messages.all[entry.slot].stage = Stage::Waiting;
        self.order
            .enter(&mut self.messages, entry.slot, entry.group, at.time);
        if let Errand::Move(task) = entry.errand {
            self.tasks.returned(&task);
        }
        effects.stir |= self.receivable();
    }
}
