//! The whole state of a queue as bytes: equal states give equal bytes, and what is restored goes on as before.
//!
//! Slots are kept, since receipt handles name them. Order, dues and counts are not written: they follow from the
//! messages.

use domain::Time;
use domain::bytes::{Malformed, Put, Take};

use crate::accept::Senders;
use crate::attempt::Attempts;
use crate::config::Config;
use crate::copies::Copies;
use crate::dedup::Dedup;
use crate::fifo::Fifo;
use crate::live::{Message, Origin, Received, Stage};
use crate::move_task::MoveTasks;
use crate::order::Order;
use crate::outbox::{Outbox, put_place, take_place};
use crate::queue::Queue;
use crate::slab::NONE;
use crate::sources::Sources;
use crate::standard::Standard;

const VERSION: u8 = 1;

impl Queue {
    /// Appends the state to `out`.
    pub fn snapshot(&self, out: &mut Vec<u8>) {
        out.put_u8(VERSION);
        self.config.encode(out);
        out.extend_from_slice(&self.secret);
        out.put_u64(self.now.millis());
        out.put_u64(self.next_sequence);
        self.sources.snapshot(out);
        self.copies.snapshot(out);
        match &self.order {
            Order::Standard(standard) => standard.snapshot(out),
            Order::Fifo(fifo) => fifo.snapshot(out),
        }
        out.put_u32(self.messages.all.len() as u32);
        for (slot, message) in self.messages.all.iter() {
            out.put_u32(slot);
            put_message(message, self.messages.received(slot), out);
        }
        self.senders.snapshot(out);
        self.dedup.snapshot(out);
        self.attempts.snapshot(out);
        self.outbox.snapshot(out);
        self.tasks.snapshot(out);
    }

    /// Reads what `snapshot` wrote, to the last byte.
    pub fn restore(bytes: &[u8]) -> Result<Queue, Malformed> {
        let mut take = Take::new(bytes);
        if take.u8()? != VERSION {
            return Err(Malformed("a queue's snapshot is of another version"));
        }
        let config = Config::decode(&mut take)?;
        let mut queue = Queue::new(config, take.array()?);
        queue.now = Time::from_millis(take.u64()?);
        queue.next_sequence = take.u64()?;
        queue.sources = Sources::restore(&mut take)?;
        queue.copies = Copies::restore(&mut take)?;
        queue.order = if queue.config.fifo {
            Order::Fifo(Fifo::restore_groups(&mut take)?)
        } else {
            Order::Standard(Standard::restore_lanes(&mut take)?)
        };
        queue.restore_messages(&mut take)?;
        queue.senders = Senders::restore(&mut take)?;
        queue.dedup = Dedup::restore(&mut take)?;
        queue.attempts = Attempts::restore(&mut take)?;
        queue.outbox = Outbox::restore(&mut take)?;
        queue.tasks = MoveTasks::restore(&mut take)?;
        queue.check_outbox()?;
        if take.is_empty() {
            Ok(queue)
        } else {
            Err(Malformed(
                "a queue's snapshot is followed by something else",
            ))
        }
    }

    fn restore_messages(&mut self, take: &mut Take<'_>) -> Result<(), Malformed> {
        let mut line = Vec::new();
        for _ in 0..take.u32()? {
            let slot = take.u32()?;
            let (mut message, received) = take_message(take)?;
            self.sources.hold_again(message.origin.of_source())?;
            self.copies.hold_again(message.origin.of_copy())?;
            match (message.stage, &received) {
                (Stage::Hidden, Some(received)) => {
                    self.dues.insert((received.due, message.sequence, slot));
                    self.in_flight += 1;
                }
                (Stage::Hidden, None) => {
                    return Err(Malformed("a message is in flight and was never received"));
                }
                (Stage::Delayed, _) => {
                    if !self.config.fifo {
                        self.dues
                            .insert((message.delay_ends(), message.sequence, slot));
                    }
                    self.delayed += 1;
                }
                (Stage::Fresh | Stage::Waiting | Stage::Leaving, _) => {}
            }
            if message.stage != Stage::Leaving {
                line.push((message.sequence, slot));
            }
            message.received =
                received.map_or(NONE, |received| self.messages.received.insert(received));
            self.messages.all.insert_at(slot, message)?;
        }
        line.sort_unstable();
        let slots: Vec<u32> = line.into_iter().map(|(_, slot)| slot).collect();
        match &mut self.order {
            Order::Standard(standard) => standard.restore_messages(&self.messages, &slots),
            Order::Fifo(fifo) => fifo.restore_messages(&self.messages, &slots),
        }
    }

    /// Leaving messages and the outbox name each other.
    fn check_outbox(&self) -> Result<(), Malformed> {
        let is_leaving = |slot| {
            let message = self.messages.all.get(slot);
            message.is_some_and(|message| message.stage == Stage::Leaving)
        };
        let leaving = self
            .messages
            .all
            .iter()
            .filter(|(slot, _)| is_leaving(*slot))
            .count();
        if leaving == self.outbox.len() && self.outbox.iter().all(|entry| is_leaving(entry.slot)) {
            Ok(())
        } else {
            Err(Malformed("the outbox and the leaving messages differ"))
        }
    }
}

fn put_message(message: &Message, received: Option<&Received>, out: &mut Vec<u8>) {
    put_place(message.place, out);
    out.put_u64(message.sequence);
    out.put_u64(message.sent.millis());
    out.put_u32(message.group);
    out.put_u32(message.origin.bits());
    out.put_u16(message.delay);
    out.put_u8(match message.stage {
        Stage::Fresh => 0,
        Stage::Waiting => 1,
        Stage::Delayed => 2,
        Stage::Hidden => 3,
        Stage::Leaving => 4,
    });
    out.put_bool(received.is_some());
    if let Some(received) = received {
        out.put_u32(received.carried);
        out.put_u32(received.receive);
        out.put_u64(received.first.millis());
        out.put_u64(received.last.millis());
        out.put_u64(received.due.millis());
        out.put_bool(received.changed);
    }
}

fn take_message(take: &mut Take<'_>) -> Result<(Message, Option<Received>), Malformed> {
    let message = Message {
        place: take_place(take)?,
        sequence: take.u64()?,
        sent: Time::from_millis(take.u64()?),
        group: take.u32()?,
        received: NONE,
        origin: Origin::from_bits(take.u32()?),
        delay: take.u16()?,
        stage: match take.u8()? {
            0 => Stage::Fresh,
            1 => Stage::Waiting,
            2 => Stage::Delayed,
            3 => Stage::Hidden,
            4 => Stage::Leaving,
            _ => return Err(Malformed("a message is in no known stage")),
        },
    };
    let received = if take.bool()? {
        Some(take_received(take)?)
    } else {
        None
    };
    Ok((message, received))
}

fn take_received(take: &mut Take<'_>) -> Result<Received, Malformed> {
    Ok(Received {
        carried: take.u32()?,
        receive: take.u32()?,
        first: Time::from_millis(take.u64()?),
        last: Time::from_millis(take.u64()?),
        due: Time::from_millis(take.u64()?),
        changed: take.bool()?,
    })
}
