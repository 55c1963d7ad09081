//! How deliveries come into a topic's outbox and what becomes of each: the routes of a publication, the result of an
//! attempt, the word of the courier.

use domain::{Deliver, Effects, Item, Place, Stamp, Time};

use super::Matter;
use super::bound::{Leg, Way};
use crate::attempted::{Attempt, Attempted, DeliveryKey};
use crate::dedup::{First, Mark};
use crate::publication::Publication;
use crate::replay::Gate;
use crate::routes::Routes;
use crate::schedule::{self, Failures};
use crate::subscription::Subscription;
use crate::topic::Topic;

/// Attributes that a queue's message may have.
/// <https://docs.aws.amazon.com/sns/latest/dg/sns-message-attributes.html>
pub(crate) const RAW_ATTRIBUTES_MAX: usize = 10;

impl Topic {
    /// Takes a publication in. Its routes but those `left` have been handed over already; a publication with no routes
    /// left leaves nothing behind, unless the topic archives.
    ///
    /// Part of applying [`crate::Command::Publish`], which leaves all routes. Time has been let pass before.
    pub fn publish(
        &mut self,
        at: Stamp,
        publication: &Publication<'_>,
        left: &[u32],
        effects: &mut Effects,
    ) {
        let sequence = publication.sequence;
        assert!(
            sequence >= self.next_publication,
            "a sequence is given while the cell is held, and once"
        );
        self.next_publication = sequence + 1;
        if let Some(dedup) = publication.dedup.filter(|_| self.config.fifo) {
            let first = First {
                id: publication.id,
                sequence,
            };
            let mark = Mark::of(dedup, publication.group);
            self.dedup.remember(mark, first, publication.time);
        }
        let place = publication.body.at(at.offset);
        if self.config.archive.is_some() {
            self.archive.keep(sequence, publication.time, place);
        }
        let mut called = Vec::new();
        for &number in left {
            let Some(subscription) = self.subscriptions.get(number) else {
                continue;
            };
            if subscription.queue().is_none() {
                called.push(number);
            } else if is_undeliverable(subscription, publication) {
                self.hold(sequence, place, publication.time);
                self.give_up(sequence, number, effects);
            } else {
                self.publish_to_queue(publication, place, number, effects);
            }
        }
        if !called.is_empty() {
            self.hold(sequence, place, publication.time);
            self.outbox.calls.put_row(sequence, Routes::of(&called));
        }
        self.unfold(0);
    }

    /// Whether a publication may be handed to a subscription's queue at once, past the outbox: whatever went into the
    /// outbox of a FIFO topic before it has to arrive before it.
    pub fn may_hand_over(
        &self,
        subscription: &Subscription,
        publication: &Publication<'_>,
    ) -> bool {
        let number = subscription.number;
        let in_order = !self.config.fifo
            || !self.outbox.is_bound_for(number)
                && self.replays.gate(number, publication.time) == Gate::Open;
        in_order && !is_undeliverable(subscription, publication)
    }

    fn publish_to_queue(
        &mut self,
        publication: &Publication<'_>,
        place: Place,
        subscription: u32,
        effects: &mut Effects,
    ) {
        let sequence = publication.sequence;
        match self.replays.gate(subscription, publication.time) {
            Gate::Open => {
                self.hold(sequence, place, publication.time);
                self.send(
                    sequence,
                    subscription,
                    Way::Own { replayed: false },
                    effects,
                );
            }
            Gate::Behind => {
                self.hold(sequence, place, publication.time);
                self.replays.queue_behind(subscription, sequence);
            }
            Gate::Closed => {}
        }
    }

    /// Keeps a publication for one delivery more.
    pub(crate) fn hold(&mut self, sequence: u64, place: Place, time: Time) {
        self.outbox
            .matters
            .hold(sequence, || Matter::Publication { place, time });
    }

    pub(crate) fn release(&mut self, matter: u64) {
        self.outbox.matters.release(matter);
    }

    /// Gives the courier a delivery whose publication is held for it.
    pub(crate) fn send(&mut self, matter: u64, subscription: u32, way: Way, effects: &mut Effects) {
        let leg = Leg {
            matter,
            subscription,
            way,
        };
        let sequence = self.outbox.bound.put(leg);
        effects.deliver.extend(self.delivery(sequence));
    }

    /// A delivery that the courier carries, by its sequence.
    pub fn delivery(&self, sequence: u64) -> Option<Deliver> {
        self.deliver(sequence, self.outbox.bound.get(sequence)?)
    }

    /// All deliveries that the courier carries, in order.
    pub fn deliveries(&self) -> impl Iterator<Item = Deliver> {
        self.outbox
            .bound
            .iter()
            .filter_map(|(sequence, leg)| self.deliver(sequence, leg))
    }

    fn deliver(&self, sequence: u64, leg: &Leg) -> Option<Deliver> {
        let to = match &leg.way {
            Way::Own { .. } => self.subscriptions.get(leg.subscription)?.queue()?.clone(),
            Way::DeadLetter(queue) => queue.clone(),
        };
        let Some(&Matter::Publication { place, .. }) = self.outbox.matters.get(leg.matter) else {
            return None;
        };
        Some(Deliver {
            sequence,
            to,
            item: Item {
                place,
                about: leg.about().encode().into(),
            },
        })
    }

    /// What a call is about.
    pub fn matter(&self, key: DeliveryKey) -> Option<&Matter> {
        self.outbox.matters.get(key.matter)
    }

    /// How often a call has failed so far.
    pub fn failures(&self, key: DeliveryKey) -> u32 {
        self.outbox.calls.failures(key.subscription, key.matter)
    }

    /// An attempt has come to its end: the delivery is forgotten, waits for its next attempt, or is given up. What is
    /// not outstanding any more is left alone.
    pub(crate) fn attempted(&mut self, at: Stamp, attempted: &Attempted, effects: &mut Effects) {
        let DeliveryKey {
            matter,
            subscription,
        } = attempted.key;
        let Some(before) = self.outbox.calls.take(subscription, matter) else {
            return;
        };
        let before = before.map(|retry| retry.failures);
        let failures = Failures {
            count: before.map_or(0, |failures| failures.count) + 1,
            first: before.map_or(at.time, |failures| failures.first),
        };
        let retry = match attempted.result {
            Attempt::Delivered => {
                self.release(matter);
                return;
            }
            Attempt::Failed { permanent: true } => None,
            Attempt::Failed { permanent: false } => self
                .subscriptions
                .get_leaving(subscription)
                .and_then(|to| schedule::next(&self.config, to, failures, at.time)),
        };
        match retry {
            Some(due) => self.outbox.calls.retry(subscription, matter, failures, due),
            None => self.give_up(matter, subscription, effects),
        }
    }

    /// The courier has delivered all up to this sequence: those letters are their queues' now.
    pub(crate) fn delivered(&mut self, sequence: u64) {
        while let Some(leg) = self.outbox.bound.pop_up_to(sequence) {
            self.release(leg.matter);
        }
    }

    /// A queue is gone, or takes nothing from this topic: that is tried once only.
    pub(crate) fn returned(&mut self, _at: Stamp, sequence: u64, effects: &mut Effects) {
        let Some(leg) = self.outbox.bound.remove(sequence) else {
            return;
        };
        match leg.way {
            Way::Own { .. } => self.give_up(leg.matter, leg.subscription, effects),
            Way::DeadLetter(_) => self.release(leg.matter),
        }
    }

    /// Hands what cannot be delivered to the dead-letter queue that the subscription has now; without one it is lost,
    /// and so are confirmations always.
    fn give_up(&mut self, matter: u64, subscription: u32, effects: &mut Effects) {
        let is_publication = self
            .outbox
            .matters
            .get(matter)
            .is_some_and(Matter::is_publication);
        let queue = self
            .subscriptions
            .get(subscription)
            .and_then(Subscription::redrive)
            .filter(|_| is_publication)
            .cloned();
        match queue {
            Some(queue) => self.send(matter, subscription, Way::DeadLetter(queue), effects),
            None => self.release(matter),
        }
    }

    /// A subscription is to be confirmed: its endpoint is told so, in a message of this id.
    pub(crate) fn ask_confirmation(&mut self, at: Stamp, subscription: u32, id: [u8; 16]) {
        self.outbox.forget_confirmations(subscription);
        self.call_about(
            subscription,
            Matter::SubscriptionConfirmation { id, time: at.time },
        );
    }

    /// A subscription has been ended by an unsigned link: its endpoint is told so.
    pub(crate) fn tell_unsubscribed(&mut self, at: Stamp, subscription: u32, id: [u8; 16]) {
        self.call_about(
            subscription,
            Matter::UnsubscribeConfirmation { id, time: at.time },
        );
    }

    fn call_about(&mut self, subscription: u32, matter: Matter) {
        let number = self.next_publication;
        self.next_publication += 1;
        self.outbox.matters.hold(number, || matter);
        self.outbox.calls.put(subscription, number);
    }

    /// Lets deliveries of wide publications step forward, at least as many as given.
    pub(crate) fn unfold(&mut self, at_least: usize) {
        let outbox = &mut self.outbox;
        outbox
            .calls
            .unfold(at_least, &self.subscriptions, &mut outbox.matters);
    }
}

/// With raw delivery a queue's message has the attributes of the publication (spec 6.1).
fn is_undeliverable(subscription: &Subscription, publication: &Publication<'_>) -> bool {
    subscription.raw && publication.attributes.len() > RAW_ATTRIBUTES_MAX
}
