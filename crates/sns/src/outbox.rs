//! What is on its way out of a topic.

use domain::bytes::{Malformed, Take};
use domain::{Effects, Place, Stamp, Time};

use crate::attempted::Attempted;
use crate::publication::Publication;
use crate::topic::Topic;

#[derive(Debug, Default)]
pub struct Outbox {}

impl Outbox {
    /// The places of what is on its way; keys are below 2^63.
    pub(crate) fn places(&self, _visit: &mut dyn FnMut(u64, Place)) {}

    pub(crate) fn relocate(&mut self, _key: u64, _from: Place, _to: Place) -> bool {
        false
    }

    pub(crate) fn snapshot(&self, _out: &mut Vec<u8>) {}

    pub(crate) fn restore(_take: &mut Take<'_>) -> Result<Outbox, Malformed> {
        Ok(Outbox::default())
    }

    /// Forgets everything that was on its way to a subscription.
    pub(crate) fn forget(&mut self, _subscription: u32) {}
}

impl Topic {
    pub fn publish(
        &mut self,
        _at: Stamp,
        _publication: &Publication<'_>,
        _left: &[u32],
        _effects: &mut Effects,
    ) {
    }

    pub(crate) fn attempted(&mut self, _at: Stamp, _attempted: &Attempted, _effects: &mut Effects) {
    }

    pub(crate) fn delivered(&mut self, _sequence: u64) {}

    pub(crate) fn returned(&mut self, _at: Stamp, _sequence: u64, _effects: &mut Effects) {}

    /// A subscription is to be confirmed: its endpoint is told so, in a message of this id.
    pub(crate) fn ask_confirmation(&mut self, _at: Stamp, _subscription: u32, _id: [u8; 16]) {}

    /// A subscription has been ended by an unsigned link: its endpoint is told so.
    pub(crate) fn tell_unsubscribed(&mut self, _at: Stamp, _subscription: u32, _id: [u8; 16]) {}

    pub fn next_due(&self) -> Option<Time> {
        None
    }
}

impl Outbox {
    pub fn has_any(&self, _subscription: u32) -> bool {
        false
    }
}

impl Topic {
    pub fn delivery(&self, _sequence: u64) -> Option<&domain::Deliver> {
        None
    }

    pub fn deliveries(&self) -> impl Iterator<Item = &domain::Deliver> {
        std::iter::empty()
    }
}
