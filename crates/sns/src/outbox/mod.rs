//! What is on its way out of a topic, from the publishing until each delivery has come to its one end: delivered,
//! handed to a dead-letter queue, or dropped.
//!
//! Deliveries to queues are *bound*: the courier carries them in order. All others are *calls*: somebody outside is
//! called, tells what came of it, and is called again as the retry policy says.

mod bound;
mod calls;
mod fate;
mod matters;
mod underway;

pub use bound::{About, Errand};
pub use matters::Matter;
pub use underway::Underway;

pub(crate) use bound::Way;
pub(crate) use fate::RAW_ATTRIBUTES_MAX;
pub(crate) use matters::{put_place, take_place};

use domain::bytes::{Malformed, Take};
use domain::{Place, Time};

use bound::Bound;
use calls::Calls;
use matters::Matters;

#[derive(Debug, Default)]
pub struct Outbox {
    matters: Matters,
    bound: Bound,
    calls: Calls,
}

impl Outbox {
    /// Deliveries to queues that the courier has not reported safe.
    pub fn bound(&self) -> usize {
        self.bound.len()
    }

    /// Deliveries to others that stand singly; those of wide publications that nobody has come to yet are not counted.
    pub fn calls(&self) -> usize {
        self.calls.len()
    }

    /// Publications and confirmations that any delivery still needs.
    pub fn matters(&self) -> usize {
        self.matters.len()
    }

    /// Whether anything is on its way to a subscription's own queue.
    pub(crate) fn is_bound_for(&self, subscription: u32) -> bool {
        self.bound.own(subscription) > 0
    }

    /// How much is on its way to a subscription's own queue.
    pub(crate) fn bound_for(&self, subscription: u32) -> u32 {
        self.bound.own(subscription)
    }

    pub(crate) fn advance(&mut self, now: Time) {
        self.calls.advance(now);
    }

    /// The places of what is on its way; keys are below 2^63.
    pub(crate) fn places(&self, visit: &mut dyn FnMut(u64, Place)) {
        self.matters.places(visit);
    }

    pub(crate) fn relocate(&mut self, key: u64, from: Place, to: Place) -> bool {
        self.matters.relocate(key, from, to)
    }

    /// Forgets everything that was on its way to a subscription.
    pub(crate) fn forget(&mut self, subscription: u32) {
        self.bound.forget(subscription, &mut self.matters);
        self.calls
            .forget(subscription, &mut self.matters, |_, _| true);
    }

    /// Forgets what a subscription was asked about itself: it has answered.
    pub(crate) fn forget_confirmations(&mut self, subscription: u32) {
        let is_confirmation = |matters: &Matters, number| {
            matters
                .get(number)
                .is_some_and(|matter| !matter.is_publication())
        };
        self.calls
            .forget(subscription, &mut self.matters, is_confirmation);
    }

    pub(crate) fn snapshot(&self, out: &mut Vec<u8>) {
        self.matters.snapshot(out);
        self.bound.snapshot(out);
        self.calls.snapshot(out);
    }

    /// What replays hold back is restored behind it, and [`Outbox::check_held`] comes last.
    pub(crate) fn restore(take: &mut Take<'_>) -> Result<Outbox, Malformed> {
        let mut matters = Matters::restore(take)?;
        Ok(Outbox {
            bound: Bound::restore(take, &mut matters)?,
            calls: Calls::restore(take, &mut matters)?,
            matters,
        })
    }

    pub(crate) fn restore_holder(&mut self, matter: u64) -> Result<(), Malformed> {
        self.matters.restore_holder(matter)
    }

    pub(crate) fn check_held(&self) -> Result<(), Malformed> {
        self.matters.check_held()
    }
}
