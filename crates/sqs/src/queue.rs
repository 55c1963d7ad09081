//! The machine of one queue: its messages and everything that can happen to them.
//!
//! This file holds the state, the match over commands, sending, purging and the passing of time; receiving,
//! receipt handles, redrive, move tasks and acceptance each have a file of their own.

use std::collections::BTreeSet;

use domain::{Arn, Effects, Machine, Place, Seconds, Stamp, Time};

use crate::accept::Senders;
use crate::attempt::Attempts;
use crate::command::{Command, Outgoing};
use crate::config::Config;
use crate::copies::Copies;
use crate::dedup::Dedup;
use crate::key::Key;
use crate::live::{Message, Messages, Origin, Received, Stage};
use crate::move_task::MoveTasks;
use crate::order::Order;
use crate::outbox::Outbox;
use crate::outcome::{Outcome, Sent};
use crate::slab::NONE;
use crate::sources::Sources;

/// Messages that may be in flight at a time, on queues of both types (spec 5.5).
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-queues.html>
pub const IN_FLIGHT_MAX: u32 = 120_000;

/// One SQS queue. What it costs is what is in it: a few tens of bytes for each message, none for those gone.
#[derive(Debug)]
pub struct Queue {
    pub(crate) config: Config,
    /// Keys the check in receipt handles.
    pub(crate) secret: [u8; 16],
    pub(crate) now: Time,
    pub(crate) next_sequence: u64,
    pub(crate) messages: Messages,
    pub(crate) order: Order,
    /// (time, sequence, slot) of each message whose visibility timeout ends, on a standard queue also of each one
    /// whose delay does.
    pub(crate) dues: BTreeSet<(Time, u64, u32)>,
    pub(crate) in_flight: u32,
    pub(crate) delayed: u32,
    pub(crate) sources: Sources,
    pub(crate) copies: Copies,
    pub(crate) senders: Senders,
    pub(crate) dedup: Dedup,
    pub(crate) attempts: Attempts,
    pub(crate) outbox: Outbox,
    pub(crate) tasks: MoveTasks,
}

/// The three approximate counts of GetQueueAttributes, which are exact here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub visible: u64,
    pub in_flight: u64,
    pub delayed: u64,
}

/// A message about to enter the queue.
pub(crate) struct Arrival<'a> {
    pub(crate) place: Place,
    pub(crate) group: Option<&'a str>,
    pub(crate) sent: Time,
    /// On a FIFO queue the queue's own delay counts instead.
    pub(crate) delay: Seconds,
    /// Where it stands once no delay holds it up.
    pub(crate) stage: Stage,
    /// The queue a redrive policy moved it from, and its receives until then.
    pub(crate) from: Option<(&'a Arn, u32)>,
    /// The copy that is held for it already, if it is one.
    pub(crate) copy: Origin,
}

/// What time brings about.
enum Happening {
    /// The oldest message has reached the end of its retention.
    Expiry(u32),
    /// A visibility timeout or a standard queue's delay ends.
    Due,
    /// A FIFO queue's delay ends.
    DelayEnd,
    /// A noisy tenant has sent nothing for long.
    LabelEnd,
}

impl Queue {
    /// An empty queue. The secret keys its receipt handles; no two queues share one.
    pub fn new(config: Config, secret: [u8; 16]) -> Queue {
        Queue {
            now: config.created,
            order: Order::new(config.fifo),
            config,
            secret,
            next_sequence: 1,
            messages: Messages::default(),
            dues: BTreeSet::new(),
            in_flight: 0,
            delayed: 0,
            sources: Sources::default(),
            copies: Copies::default(),
            senders: Senders::default(),
            dedup: Dedup::default(),
            attempts: Attempts::default(),
            outbox: Outbox::default(),
            tasks: MoveTasks::default(),
        }
    }

    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Exact as of the last `advance`.
    pub fn counts(&self) -> Counts {
        let live = self.messages.all.len() - self.outbox.len();
        let (in_flight, delayed) = (u64::from(self.in_flight), u64::from(self.delayed));
        Counts {
            visible: live as u64 - in_flight - delayed,
            in_flight,
            delayed,
        }
    }

    /// When the oldest message was sent, whatever its state.
    pub fn oldest_sent(&self) -> Option<Time> {
        let slot = self.order.oldest(&self.messages)?;
        Some(self.messages.all[slot].sent)
    }

    /// Whether a receive at the time of the last `advance` would deliver or move anything. If not, it needs no
    /// record, unless [`Queue::has_attempt`] knows its attempt id.
    pub fn receivable(&self) -> bool {
        self.in_flight < IN_FLIGHT_MAX && self.order.is_ready()
    }

    /// Whether a receive fails with OverLimit: a standard queue with as many messages in flight as it may have.
    pub fn over_limit(&self) -> bool {
        !self.config.fifo && self.in_flight >= IN_FLIGHT_MAX
    }

    /// The places of all bodies that state holds, each under a key that `relocate` understands.
    pub fn places(&self, visit: &mut dyn FnMut(u64, Place)) {
        for (slot, message) in self.messages.all.iter() {
            visit(slot.into(), message.place);
        }
    }

    /// Whether the body under this key is a letter's, of which other queues may hold copies.
    pub fn is_copy(&self, key: u64) -> bool {
        let slot = u32::try_from(key).ok();
        let message = slot.and_then(|slot| self.messages.all.get(slot));
        message.is_some_and(|message| message.origin.of_copy() != NONE)
    }

    /// Notes that a body was settled elsewhere; false if the message has gone meanwhile, or its body has moved.
    pub fn relocate(&mut self, key: u64, from: Place, to: Place) -> bool {
        let Ok(slot) = u32::try_from(key) else {
            return false;
        };
        match self.messages.all.get_mut(slot) {
            Some(message) if message.place == from => {
                message.place = to;
                self.outbox.relocate(slot, to);
                true
            }
            Some(_) | None => false,
        }
    }

    fn configure(&mut self, at: Stamp, config: Config, effects: &mut Effects) {
        assert_eq!(
            config.fifo, self.config.fifo,
            "a queue never changes its type"
        );
        let delay_changes = config.delay != self.config.delay;
        self.config = config;
        if let Order::Fifo(fifo) = &mut self.order
            && delay_changes
        {
            self.delayed = fifo.change_delay(&mut self.messages, self.config.delay, at.time);
        }
        effects.stir |= self.receivable();
    }

    fn send(&mut self, at: Stamp, messages: &[Outgoing<'_>], effects: &mut Effects) -> Vec<Sent> {
        let sent = messages
            .iter()
            .map(|message| self.send_one(at, message))
            .collect();
        effects.stir |= self.receivable();
        sent
    }

    /// A message whose deduplication id was accepted within five minutes is answered like the first, and not kept.
    fn send_one(&mut self, at: Stamp, message: &Outgoing<'_>) -> Sent {
        let payload = &message.payload;
        let dedup = payload.dedup.filter(|_| self.config.fifo).map(Key::of);
        let group = Key::of_group(payload.group);
        let scope = self.config.dedup_scope_at(at.time);
        if let Some(first) = dedup.and_then(|id| self.dedup.find(scope, id, group)) {
            return first;
        }
        let sequence = self.arrive(Arrival {
            place: message.body.at(at.offset),
            group: payload.group,
            sent: at.time,
            delay: message.delay.unwrap_or(self.config.delay),
            stage: Stage::Fresh,
            from: None,
            copy: Origin::NONE,
        });
        if let Some(id) = dedup {
            self.dedup
                .remember(id, group, payload.id, sequence, at.time);
        }
        Sent {
            id: payload.id,
            sequence: self.config.fifo.then_some(sequence),
        }
    }

    /// Puts a new message in and gives its sequence.
    pub(crate) fn arrive(&mut self, arrival: Arrival<'_>) -> u64 {
        let sequence = self.next_sequence;
        self.next_sequence += 1;
        let fifo = self.config.fifo;
        let delay = if fifo {
            self.config.delay
        } else {
            arrival.delay
        };
        let delayed = delay.0 > 0 && self.now < arrival.sent.after(delay);
        let received = arrival.from.map_or(NONE, |(_, receives)| {
            self.messages.received.insert(Received::carried(receives))
        });
        let message = Message {
            place: arrival.place,
            sequence,
            sent: arrival.sent,
            group: NONE,
            received,
            origin: match arrival.from {
                Some((source, _)) => Origin::source(self.sources.hold(source)),
                None => arrival.copy,
            },
            delay: u16::try_from(delay.0).unwrap_or(u16::MAX),
            stage: if delayed {
                Stage::Delayed
            } else {
                arrival.stage
            },
        };
        if delayed {
            self.delayed += 1;
        }
        let due = (message.delay_ends(), sequence);
        let slot = self.messages.all.insert(message);
        if delayed && !fifo {
            self.dues.insert((due.0, due.1, slot));
        }
        let group = Key::of_group(arrival.group);
        self.order.enter(&mut self.messages, slot, group, self.now);
        sequence
    }

    /// Hides a received message from now on, or shows it at once if the time is zero.
    pub(crate) fn hide_for(&mut self, now: Time, slot: u32, visibility: Seconds) {
        let message = &self.messages.all[slot];
        if message.stage == Stage::Hidden {
            self.dues.remove(&self.due(slot));
            if visibility.0 == 0 {
                self.show(slot);
                return;
            }
        } else if visibility.0 == 0 || message.stage == Stage::Delayed {
            // A delayed message has a handle only where a crash has undone its receive and the clock was set back.
            return;
        } else {
            self.hide(now, slot);
        }
        self.messages.received_mut(slot).due = now.after(visibility);
        self.dues.insert(self.due(slot));
    }

    /// Counts a visible message among those in flight. The caller sets its due time.
    pub(crate) fn hide(&mut self, now: Time, slot: u32) {
        self.order.hide(&mut self.messages, slot, now);
        self.in_flight += 1;
    }

    /// Makes a message in flight visible, which no due time waits for any more.
    pub(crate) fn show(&mut self, slot: u32) {
        self.order.show(&mut self.messages, slot);
        self.in_flight -= 1;
    }

    fn due(&self, slot: u32) -> (Time, u64, u32) {
        let received = self.messages.received(slot);
        let due = received.expect("a message in flight was received").due;
        (due, self.messages.all[slot].sequence, slot)
    }

    /// Takes a message out of order, dues and counts; it stays in its slot.
    pub(crate) fn detach(&mut self, slot: u32) {
        let message = &self.messages.all[slot];
        match message.stage {
            Stage::Hidden => {
                self.dues.remove(&self.due(slot));
                self.in_flight -= 1;
            }
            Stage::Delayed => {
                if !self.config.fifo {
                    self.dues
                        .remove(&(message.delay_ends(), message.sequence, slot));
                }
                self.delayed -= 1;
            }
            Stage::Fresh | Stage::Waiting => {}
            Stage::Leaving => unreachable!("a leaving message is detached already"),
        }
        self.order.leave(&self.messages, slot);
    }

    /// Deletes a message.
    pub(crate) fn remove(&mut self, slot: u32) {
        self.detach(slot);
        self.forget(slot);
    }

    /// Gives a detached message's slot free.
    pub(crate) fn forget(&mut self, slot: u32) {
        let message = self.messages.remove(slot);
        self.sources.release(message.origin.of_source());
        self.copies.release(message.origin.of_copy());
    }

    /// Drops all messages at once, and what deduplication remembers. What stands in the outbox has left already.
    fn purge(&mut self) {
        let mut before = std::mem::take(&mut self.messages);
        for entry in self.outbox.iter() {
            let received = before.received(entry.slot).cloned();
            let mut message = before.all.remove(entry.slot);
            message.received =
                received.map_or(NONE, |received| self.messages.received.insert(received));
            let kept = self.messages.all.insert_at(entry.slot, message);
            kept.expect("the slot was this message's before");
        }
        for (_, message) in before.all.iter() {
            self.sources.release(message.origin.of_source());
            self.copies.release(message.origin.of_copy());
        }
        self.order.clear();
        self.dues.clear();
        self.in_flight = 0;
        self.delayed = 0;
        self.dedup = Dedup::default();
        self.attempts = Attempts::default();
    }

    /// The next thing that time brings about, and when. Of things at the same time, expiry comes first.
    fn next_happening(&self) -> Option<(Time, Happening)> {
        let expiry = self.order.oldest(&self.messages).map(|slot| {
            let sent = self.messages.all[slot].sent;
            (sent.after(self.config.retention), Happening::Expiry(slot))
        });
        let due = self
            .dues
            .first()
            .map(|&(time, _, _)| (time, Happening::Due));
        let other = match &self.order {
            Order::Standard(standard) => standard
                .label_ends()
                .map(|time| (time, Happening::LabelEnd)),
            Order::Fifo(fifo) => fifo
                .delay_ends(&self.messages, self.config.delay)
                .map(|time| (time, Happening::DelayEnd)),
        };
        let all = [expiry, due, other].into_iter().flatten();
        all.min_by_key(|(time, _)| *time)
    }

    fn happen(&mut self, happening: &Happening) {
        match happening {
            Happening::Expiry(slot) => self.remove(*slot),
            Happening::Due => {
                if let Some((_, _, slot)) = self.dues.pop_first() {
                    match self.messages.all[slot].stage {
                        Stage::Hidden => self.in_flight -= 1,
                        Stage::Delayed => self.delayed -= 1,
                        Stage::Fresh | Stage::Waiting | Stage::Leaving => {
                            unreachable!("only hidden and delayed messages are due")
                        }
                    }
                    self.order.show(&mut self.messages, slot);
                }
            }
            Happening::DelayEnd => {
                if let Order::Fifo(fifo) = &mut self.order {
                    fifo.end_delay(&mut self.messages);
                    self.delayed -= 1;
                }
            }
            Happening::LabelEnd => {
                if let Order::Standard(standard) = &mut self.order {
                    standard.drop_label(&self.messages);
                }
            }
        }
    }
}

impl Machine for Queue {
    type Command<'a> = Command<'a>;
    type Outcome = Outcome;

    fn apply(&mut self, at: Stamp, command: Command<'_>, effects: &mut Effects) -> Outcome {
        self.advance(at.time);
        let outcome = match command {
            Command::Configure(config) => {
                self.configure(at, *config, effects);
                Outcome::Done
            }
            Command::Send(messages) => Outcome::Sent(self.send(at, &messages, effects)),
            Command::Receive(receive) => Outcome::Received(self.receive(at, &receive, effects)),
            Command::Delete(handles) => Outcome::Deleted(self.delete(&handles, effects)),
            Command::ChangeVisibility(changes) => {
                Outcome::Changed(self.change_visibility(at, &changes, effects))
            }
            Command::Purge => {
                self.purge();
                Outcome::Done
            }
            Command::StartMove(start) => Outcome::MoveStarted(self.start_move(at, start)),
            Command::CancelMove(task) => Outcome::MoveCancelled(self.cancel_move(&task)),
            Command::StepMove(step) => {
                self.step_move(at, &step, effects);
                Outcome::MoveStepped
            }
            Command::Accept(accept) => {
                self.take_in(at, &accept, effects);
                Outcome::Done
            }
            Command::Delivered(sequence) => {
                self.delivered(sequence);
                Outcome::Done
            }
            Command::Returned(sequence) => {
                self.returned(at, sequence, effects);
                Outcome::Done
            }
        };
        // What has come in, or a new retention, may be due already.
        self.advance(at.time);
        outcome
    }

    fn advance(&mut self, now: Time) {
        while let Some((time, happening)) = self.next_happening() {
            if time > now {
                break;
            }
            self.happen(&happening);
        }
        self.now = self.now.max(now);
        self.dedup.expire(now);
        self.attempts.expire(now);
        self.tasks.expire(now);
    }

    fn wakes_at(&self) -> Option<Time> {
        self.next_happening().map(|(time, _)| time)
    }
}
