//! All subscriptions of a topic, and which of them a message is for.
//!
//! Finding one by number, id or endpoint, putting one in and taking one out cost the same however many there are,
//! but for a logarithm.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;

use domain::Time;
use domain::bytes::{Malformed, Put, Take};
use pattern::{Facts, Index};

use crate::ended::Ended;
use crate::limits;
use crate::subscription::{Confirmed, Protocol, Subscription};

#[derive(Debug, Default)]
pub struct Subscriptions {
    /// By number; those that are leaving as well.
    all: BTreeMap<u32, Box<Subscription>>,
    by_id: BTreeMap<[u8; 16], u32>,
    /// Digests of protocol and endpoint.
    by_endpoint: BTreeSet<(u64, u32)>,
    /// When pending and leaving ones are forgotten.
    ends: BTreeSet<(Time, u32)>,
    /// Those that receive, without a filter policy.
    unfiltered: BTreeSet<u32>,
    /// Filter policies of those that receive.
    filters: Index,
    principals: BTreeSet<Arc<str>>,
    next: u32,
    pending: usize,
    leaving: usize,
    with_filter: usize,
    ended: Ended,
}

impl Subscriptions {
    /// The number that the next subscription gets.
    pub fn next_number(&self) -> u32 {
        self.next
    }

    /// A subscription that has not been ended.
    pub fn get(&self, number: u32) -> Option<&Subscription> {
        self.get_leaving(number)
            .filter(|subscription| !is_leaving(subscription))
    }

    /// A subscription, also one that has been ended and may come back.
    pub fn get_leaving(&self, number: u32) -> Option<&Subscription> {
        self.all.get(&number).map(|subscription| &**subscription)
    }

    /// The subscription at the end of whose ARN this id stands; it may be leaving.
    pub fn by_id(&self, id: &[u8; 16]) -> Option<&Subscription> {
        self.get_leaving(*self.by_id.get(id)?)
    }

    /// All that have not been ended, in order of creation.
    pub fn iter(&self) -> impl Iterator<Item = &Subscription> {
        self.from(0)
    }

    /// The same, from a number on.
    pub fn from(&self, number: u32) -> impl Iterator<Item = &Subscription> {
        self.all
            .range(number..)
            .map(|(_, subscription)| &**subscription)
            .filter(|subscription| !is_leaving(subscription))
    }

    /// Puts the numbers of all that a message is for behind those in `out`, in rising order.
    pub fn matching(&self, facts: &Facts<'_>, out: &mut Vec<u32>) {
        let start = out.len();
        out.extend(&self.unfiltered);
        let filtered_from = out.len();
        self.filters.matches(facts, out);
        if out.len() > filtered_from {
            out[start..].sort_unstable();
        }
    }

    pub fn confirmed(&self) -> usize {
        self.all.len() - self.pending - self.leaving
    }

    pub fn pending(&self) -> usize {
        self.pending
    }

    /// How many have not been ended.
    pub fn len(&self) -> usize {
        self.all.len() - self.leaving
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many have been ended lately.
    pub fn deleted_lately(&self) -> u64 {
        self.ended.count()
    }

    /// How many have a filter policy.
    pub fn with_filter(&self) -> usize {
        self.with_filter
    }

    /// The subscription of this protocol and endpoint; it may be leaving.
    pub fn by_endpoint(&self, protocol: Protocol, endpoint: &str) -> Option<&Subscription> {
        let digest = digest(protocol, endpoint);
        self.by_endpoint
            .range((digest, 0)..=(digest, u32::MAX))
            .filter_map(|&(_, number)| self.get_leaving(number))
            .find(|found| found.protocol == protocol && found.endpoint() == endpoint)
    }

    pub(crate) fn insert(&mut self, mut subscription: Box<Subscription>) {
        let number = subscription.number;
        self.next = self.next.max(number.saturating_add(1));
        self.share_principal(&mut subscription);
        self.by_id.insert(subscription.id, number);
        self.by_endpoint.insert((
            digest(subscription.protocol, subscription.endpoint()),
            number,
        ));
        self.enter(&subscription);
        let before = self.all.insert(number, subscription);
        assert!(before.is_none(), "a subscription's number is given once");
    }

    pub(crate) fn remove(&mut self, number: u32) -> Option<Box<Subscription>> {
        let subscription = self.all.remove(&number)?;
        self.leave(&subscription);
        self.by_id.remove(&subscription.id);
        self.by_endpoint.remove(&(
            digest(subscription.protocol, subscription.endpoint()),
            number,
        ));
        Some(subscription)
    }

    /// Changes one in place; its number, id, protocol and endpoint stay.
    pub(crate) fn change(&mut self, number: u32, change: impl FnOnce(&mut Subscription)) -> bool {
        let Some(mut subscription) = self.all.remove(&number) else {
            return false;
        };
        self.leave(&subscription);
        change(&mut subscription);
        self.enter(&subscription);
        self.all.insert(number, subscription);
        true
    }

    /// Counts one that has been ended.
    pub(crate) fn count_ended(&mut self, now: Time) {
        self.ended.count_one(now);
    }

    /// Forgets counts that are no longer of late.
    pub(crate) fn expire(&mut self, now: Time) {
        self.ended.expire(now);
    }

    /// When the first pending or leaving one is forgotten, and which.
    pub(crate) fn next_end(&self) -> Option<(Time, u32)> {
        self.ends.first().copied()
    }

    fn share_principal(&mut self, subscription: &mut Subscription) {
        if let Some(known) = self.principals.get(&subscription.principal) {
            subscription.principal = known.clone();
        } else {
            self.principals.insert(subscription.principal.clone());
        }
    }

    /// Counts one in and lets messages find it.
    fn enter(&mut self, subscription: &Subscription) {
        let number = subscription.number;
        self.with_filter += usize::from(counts_filter(subscription));
        match subscription.state {
            Confirmed::Pending { .. } => self.pending += 1,
            Confirmed::Leaving { .. } => self.leaving += 1,
            Confirmed::Confirmed { .. } => {}
        }
        if subscription.receives() {
            match subscription.filter() {
                Some(filter) => self.filters.insert(number, filter.policy.clone()),
                None => {
                    self.unfiltered.insert(number);
                }
            }
        }
        if let Some(end) = end(subscription) {
            self.ends.insert((end, number));
        }
    }

    /// The reverse of `enter`.
    fn leave(&mut self, subscription: &Subscription) {
        let number = subscription.number;
        self.with_filter -= usize::from(counts_filter(subscription));
        match subscription.state {
            Confirmed::Pending { .. } => self.pending -= 1,
            Confirmed::Leaving { .. } => self.leaving -= 1,
            Confirmed::Confirmed { .. } => {}
        }
        if subscription.receives() {
            match subscription.filter() {
                Some(_) => self.filters.remove(number),
                None => {
                    self.unfiltered.remove(&number);
                }
            }
        }
        if let Some(end) = end(subscription) {
            self.ends.remove(&(end, number));
        }
    }

    pub(crate) fn snapshot(&self, out: &mut Vec<u8>) {
        self.ended.snapshot(out);
        out.put_u32(self.next);
        out.put_u32(self.all.len() as u32);
        for subscription in self.all.values() {
            subscription.encode(out);
        }
    }

    pub(crate) fn restore(take: &mut Take<'_>) -> Result<Subscriptions, Malformed> {
        let mut subscriptions = Subscriptions {
            ended: Ended::restore(take)?,
            ..Subscriptions::default()
        };
        let next = take.u32()?;
        for _ in 0..take.u32()? {
            let subscription = Subscription::decode(take)?;
            if subscriptions.all.contains_key(&subscription.number) {
                return Err(Malformed("two subscriptions have one number"));
            }
            subscriptions.insert(Box::new(subscription));
        }
        if subscriptions.next > next {
            return Err(Malformed("a subscription's number has not been given yet"));
        }
        subscriptions.next = next;
        Ok(subscriptions)
    }
}

fn is_leaving(subscription: &Subscription) -> bool {
    matches!(subscription.state, Confirmed::Leaving { .. })
}

fn counts_filter(subscription: &Subscription) -> bool {
    subscription.filter().is_some() && !is_leaving(subscription)
}

fn end(subscription: &Subscription) -> Option<Time> {
    match subscription.state {
        Confirmed::Pending { since } => Some(since.after(limits::CONFIRMATION_WAIT)),
        Confirmed::Leaving { since, .. } => Some(since.after(limits::RESTORE_WAIT)),
        Confirmed::Confirmed { .. } => None,
    }
}

fn digest(protocol: Protocol, endpoint: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    (protocol, endpoint).hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests;
