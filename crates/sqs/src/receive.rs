//! ReceiveMessage inside the machine: what is delivered, what a redrive policy moves instead (spec 5.2, 6.2, 8.1).

use domain::{Effects, Seconds, Stamp};

use crate::command::{Handle, Receive};
use crate::key::Key;
use crate::live::Stage;
use crate::outbox::Errand;
use crate::outcome::{Delivery, Received};
use crate::queue::{IN_FLIGHT_MAX, Queue};

/// Messages that one receive moves to the dead-letter queue at most; the next receive goes on.
const MOVES_MAX: usize = 100;

impl Queue {
    pub(crate) fn receive(
        &mut self,
        at: Stamp,
        receive: &Receive<'_>,
        effects: &mut Effects,
    ) -> Received {
        let visibility = receive.visibility.unwrap_or(self.config.visibility);
        let attempt = receive.attempt.filter(|_| self.config.fifo).map(Key::of);
        if let Some(given) = attempt.and_then(|id| self.untouched(id)) {
            let received = self.receive_again(at, &given, visibility);
            effects.stir |= visibility.0 == 0 && self.receivable();
            return received;
        }
        if self.over_limit() {
            return Received {
                over_limit: true,
                ..Received::default()
            };
        }
        let received = self.receive_next(at, receive, visibility, effects);
        if let Some(id) = attempt
            && !received.messages.is_empty()
        {
            let given = received
                .messages
                .iter()
                .map(|delivery| delivery.handle)
                .collect();
            self.attempts.remember(id, given, at.time);
        }
        received
    }

    fn receive_next(
        &mut self,
        at: Stamp,
        receive: &Receive<'_>,
        visibility: Seconds,
        effects: &mut Effects,
    ) -> Received {
        let room = IN_FLIGHT_MAX.saturating_sub(self.in_flight);
        let max = usize::from(receive.max).min(room as usize);
        let mut received = Received::default();
        let mut moves = 0;
        while received.messages.len() < max && moves < MOVES_MAX {
            let Some(group) = self.order.next_group() else {
                break;
            };
            let mut taken = 0;
            while received.messages.len() < max
                && moves < MOVES_MAX
                && let Some(slot) = self.order.in_turn(&self.messages, group, taken)
            {
                if receive.dead_letter_open && self.is_dead_letter(slot) {
                    self.move_dead_letter(slot, effects);
                    moves += 1;
                } else {
                    received.messages.push(self.deliver(at, slot));
                    taken += 1;
                }
            }
        }
        received.moved = moves > 0;
        self.hide_all(at, &received, visibility);
        effects.stir |= self.receivable() && (moves >= MOVES_MAX || visibility.0 == 0);
        received
    }

    /// Delivers a visible message. Until the receive is over it is in flight without an end, so that no receive
    /// takes a message twice.
    fn deliver(&mut self, at: Stamp, slot: u32) -> Delivery {
        self.hide(at.time, slot);
        let received = self.messages.received_mut(slot);
        received.receive = received.receive.saturating_add(1);
        if received.receive == 1 {
            received.first = at.time;
        }
        received.last = at.time;
        received.changed = false;
        self.delivery(slot)
    }

    /// What the caller is told of a message just received.
    fn delivery(&self, slot: u32) -> Delivery {
        let message = &self.messages.all[slot];
        let received = self.messages.received(slot);
        let received = received.expect("a delivered message was received");
        Delivery {
            place: message.place,
            handle: Handle {
                slot,
                sequence: message.sequence,
                receive: received.receive,
            },
            sent: message.sent,
            first_received: received.first,
            receives: received.total(),
            sequence: self.config.fifo.then_some(message.sequence),
            dead_letter_source: self.sources.get(message.origin.of_source()).cloned(),
            copy: self.copies.get(message.origin.of_copy()).cloned(),
        }
    }

    /// Gives all messages of a receive their visibility timeout.
    fn hide_all(&mut self, at: Stamp, received: &Received, visibility: Seconds) {
        let due = at.time.after(visibility);
        for delivery in &received.messages {
            let Handle { slot, sequence, .. } = delivery.handle;
            self.messages.received_mut(slot).due = due;
            if visibility.0 > 0 {
                self.dues.insert((due, sequence, slot));
            } else {
                self.show(slot);
            }
        }
    }

    /// The redrive policy's limit counts receives in this queue, those in queues before it do not: a message that
    /// passes along a chain of dead-letter queues is received in each.
    fn is_dead_letter(&self, slot: u32) -> bool {
        let limit = self
            .config
            .redrive
            .as_ref()
            .map(|redrive| redrive.max_receives);
        limit.is_some_and(|limit| self.messages.receives_here(slot) >= limit)
    }

    fn move_dead_letter(&mut self, slot: u32, effects: &mut Effects) {
        if let Some(redrive) = &self.config.redrive {
            let target = redrive.dead_letter.clone();
            self.move_out(slot, target, Errand::DeadLetter, effects);
        }
    }

    /// Whether a receive with this ReceiveRequestAttemptId would give the messages of an earlier one again.
    pub fn has_attempt(&self, id: &str) -> bool {
        self.config.fifo && self.untouched(Key::of(id)).is_some()
    }

    /// What a receive with this attempt id gave out, if nothing has happened to any of it: none was deleted, had
    /// its visibility timeout changed or was received again (spec 8.3).
    fn untouched(&self, id: Key) -> Option<Vec<Handle>> {
        let given = self.attempts.given(id)?;
        let is_untouched = |handle: &Handle| {
            let message = self.messages.all.get(handle.slot);
            message.is_some_and(|message| {
                message.sequence == handle.sequence && message.stage != Stage::Leaving
            }) && self
                .messages
                .received(handle.slot)
                .is_some_and(|received| received.receive == handle.receive && !received.changed)
        };
        given.iter().all(is_untouched).then(|| given.to_vec())
    }

    /// The same messages under the same handles, hidden anew. It does not count as another receive.
    fn receive_again(&mut self, at: Stamp, given: &[Handle], visibility: Seconds) -> Received {
        for handle in given {
            self.hide_for(at.time, handle.slot, visibility);
            self.messages.received_mut(handle.slot).last = at.time;
        }
        Received {
            messages: given
                .iter()
                .map(|handle| self.delivery(handle.slot))
                .collect(),
            ..Received::default()
        }
    }
}
