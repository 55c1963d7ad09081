//! What a look at the queue shows that changes nothing (spec 11, Peek).

use domain::{Arn, Place, Time};

use crate::letter::Copy;
use crate::live::Stage;
use crate::order::Order;
use crate::queue::Queue;

/// A message as it stands in the queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peeked {
    pub place: Place,
    pub sent: Time,
    pub first_received: Option<Time>,
    pub receives: u32,
    /// FIFO only.
    pub sequence: Option<u64>,
    pub dead_letter_source: Option<Arn>,
    /// Absent for a message of its own.
    pub copy: Option<Copy>,
    /// False while it is in flight itself; a message that waits behind one in flight is visible.
    pub visible: bool,
    pub delayed: bool,
}

impl Queue {
    /// All messages that a receive could get now, by age; on request also those in flight and what waits behind
    /// them, and those delayed.
    pub fn peek(&self, invisible: bool, delayed: bool) -> Vec<Peeked> {
        let mut slots: Vec<(u64, u32)> = match &self.order {
            Order::Fifo(fifo) if !invisible => {
                let deliverable = fifo.deliverable(&self.messages);
                deliverable
                    .map(|slot| (self.messages.all[slot].sequence, slot))
                    .collect()
            }
            Order::Fifo(_) | Order::Standard(_) => {
                let all = self.messages.all.iter();
                let shown = all.filter(|(_, message)| match message.stage {
                    Stage::Fresh | Stage::Waiting => true,
                    Stage::Hidden => invisible,
                    Stage::Delayed | Stage::Leaving => false,
                });
                shown
                    .map(|(slot, message)| (message.sequence, slot))
                    .collect()
            }
        };
        if delayed {
            let all = self.messages.all.iter();
            let delayed = all.filter(|(_, message)| message.stage == Stage::Delayed);
            slots.extend(delayed.map(|(slot, message)| (message.sequence, slot)));
        }
        slots.sort_unstable();
        slots
            .into_iter()
            .map(|(_, slot)| self.peek_at(slot))
            .collect()
    }

    fn peek_at(&self, slot: u32) -> Peeked {
        let message = &self.messages.all[slot];
        let received = self.messages.received(slot);
        Peeked {
            place: message.place,
            sent: message.sent,
            first_received: received
                .filter(|received| received.receive > 0)
                .map(|received| received.first),
            receives: received.map_or(0, |received| received.total()),
            sequence: self.config.fifo.then_some(message.sequence),
            dead_letter_source: self.sources.get(message.origin.of_source()).cloned(),
            copy: self.copies.get(message.origin.of_copy()).cloned(),
            visible: message.stage != Stage::Hidden,
            delayed: message.stage == Stage::Delayed,
        }
    }
}
