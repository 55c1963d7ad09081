//! A message as its queue's state knows it: where its bytes lie and how far it has come.

use domain::{Place, Seconds, Time};

use crate::slab::{NONE, Slab};

/// One message of the queue. Kept small: a backlog costs this and its place in the order, no more.
#[derive(Clone, Debug)]
pub(crate) struct Message {
    pub(crate) place: Place,
    /// The message's position in its queue's order, given once.
    pub(crate) sequence: u64,
    /// From when retention counts.
    pub(crate) sent: Time,
    /// Its lane or message group; [`NONE`] once it is leaving.
    pub(crate) group: u32,
    /// Its receives in the second slab; [`NONE`] before the first.
    pub(crate) received: u32,
    pub(crate) origin: Origin,
    /// The delay it was sent with, in seconds; standard queues only.
    pub(crate) delay: u16,
    pub(crate) stage: Stage,
}

/// Where it comes from, if not from a sender: a queue whose redrive policy moved it, or a letter. It is never both, and
/// one number says which.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Origin(u32);

impl Origin {
    pub(crate) const NONE: Origin = Origin(NONE);
    const COPY: u32 = 1 << 31;

    pub(crate) fn source(number: u32) -> Origin {
        assert!(number < Origin::COPY, "a queue holds fewer messages");
        Origin(number)
    }

    pub(crate) fn copy(number: u32) -> Origin {
        assert!(number < Origin::COPY - 1, "a queue holds fewer messages");
        Origin(number | Origin::COPY)
    }

    /// The number among the queue's sources, or [`NONE`].
    pub(crate) fn of_source(self) -> u32 {
        if self.0 < Origin::COPY { self.0 } else { NONE }
    }

    /// The number among the queue's copies, or [`NONE`].
    pub(crate) fn of_copy(self) -> u32 {
        match self {
            Origin::NONE => NONE,
            Origin(number) if number >= Origin::COPY => number & !Origin::COPY,
            Origin(_) => NONE,
        }
    }

    pub(crate) fn bits(self) -> u32 {
        self.0
    }

    pub(crate) fn from_bits(bits: u32) -> Origin {
        Origin(bits)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// Visible and never received, in the order of arrival.
    Fresh,
    /// Visible again, or visible later than it arrived.
    Waiting,
    /// Not visible before its delay ends.
    Delayed,
    /// In flight: received, and hidden until its visibility timeout ends.
    Hidden,
    /// On its way to another queue: it stands in the outbox and no receive, expiry or purge can touch it.
    Leaving,
}

/// What a message's receives have left behind.
#[derive(Clone, Debug)]
pub(crate) struct Received {
    /// Receives in the queues a redrive policy moved it from.
    pub(crate) carried: u32,
    /// Receives in this queue; the last one's number stands in its receipt handle.
    pub(crate) receive: u32,
    pub(crate) first: Time,
    pub(crate) last: Time,
    /// When it is visible again, while it is in flight.
    pub(crate) due: Time,
    /// Whether its visibility timeout was changed since its last receive.
    pub(crate) changed: bool,
}

impl Received {
    pub(crate) fn carried(receives: u32) -> Received {
        Received {
            carried: receives,
            receive: 0,
            first: Time::ZERO,
            last: Time::ZERO,
            due: Time::ZERO,
            changed: false,
        }
    }

    /// Receives as ApproximateReceiveCount tells them.
    pub(crate) fn total(&self) -> u32 {
        self.carried.saturating_add(self.receive)
    }
}

impl Message {
    pub(crate) fn is_visible(&self) -> bool {
        matches!(self.stage, Stage::Fresh | Stage::Waiting)
    }

    /// When the delay it was sent with ends; standard queues only.
    pub(crate) fn delay_ends(&self) -> Time {
        self.sent.after(Seconds(self.delay.into()))
    }
}

/// All messages of a queue.
#[derive(Debug, Default)]
pub(crate) struct Messages {
    pub(crate) all: Slab<Message>,
    pub(crate) received: Slab<Received>,
}

impl Messages {
    pub(crate) fn received(&self, slot: u32) -> Option<&Received> {
        match self.all[slot].received {
            NONE => None,
            entry => Some(&self.received[entry]),
        }
    }

    /// The message's receives, from none if it was never received.
    pub(crate) fn received_mut(&mut self, slot: u32) -> &mut Received {
        let message = &mut self.all[slot];
        if message.received == NONE {
            message.received = self.received.insert(Received::carried(0));
        }
        &mut self.received[message.received]
    }

    /// Receives in this queue.
    pub(crate) fn receives_here(&self, slot: u32) -> u32 {
        self.received(slot).map_or(0, |received| received.receive)
    }

    pub(crate) fn remove(&mut self, slot: u32) -> Message {
        let message = self.all.remove(slot);
        if message.received != NONE {
            self.received.remove(message.received);
        }
        message
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_in_state_costs_48_bytes() {
        assert!(size_of::<Message>() <= 48);
        assert!(size_of::<Option<Message>>() <= 48);
    }
}
