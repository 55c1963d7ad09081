//! The calls of one topic that are being made at this moment. No state: a call that is cut off is made again.
//!
//! It says which delivery is next: subscriptions take turns, each has only so many calls at a time, and none gets more
//! of them in a second than its throttle policy allows.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use domain::{Seconds, Time};

use crate::attempted::DeliveryKey;
use crate::delivery_policy::effective;
use crate::topic::Topic;

/// Over how long a throttle policy counts.
const SECOND: Seconds = Seconds(1);
/// Throttled subscriptions remembered before those that may be called again are forgotten.
const THROTTLED_MAX: usize = 1024;

#[derive(Debug)]
pub struct Underway {
    /// (subscription, matter).
    calls: BTreeSet<(u32, u64)>,
    /// Calls that one subscription may have at a time.
    each: usize,
    /// When each throttled subscription was called within the last second.
    lately: BTreeMap<u32, VecDeque<Time>>,
    /// Whose turn it was last.
    last: u32,
}

/// Whether a subscription may be called.
enum Room {
    /// So many times.
    Now(usize),
    /// From this time on.
    Later(Time),
    /// When one of its calls has ended.
    Busy,
}

impl Underway {
    /// No calls yet, and at most `each` of them to one subscription at a time.
    pub fn new(each: usize) -> Underway {
        Underway {
            calls: BTreeSet::new(),
            each: each.max(1),
            lately: BTreeMap::new(),
            last: u32::MAX,
        }
    }

    pub fn len(&self) -> usize {
        self.calls.len()
    }

    pub fn is_empty(&self) -> bool {
        self.calls.is_empty()
    }

    /// A call has ended, and what came of it was applied.
    pub fn ended(&mut self, key: DeliveryKey) {
        self.calls.remove(&(key.subscription, key.matter));
    }

    fn is_underway(&self, subscription: u32, matter: u64) -> bool {
        self.calls.contains(&(subscription, matter))
    }

    fn room(&self, topic: &Topic, subscription: u32, now: Time) -> Room {
        let calls = (subscription, 0)..=(subscription, u64::MAX);
        let free = self.each.saturating_sub(self.calls.range(calls).count());
        if free == 0 {
            return Room::Busy;
        }
        let Some(rate) = throttle(topic, subscription) else {
            return Room::Now(free);
        };
        let lately = self.lately.get(&subscription);
        let mut recent = lately
            .into_iter()
            .flatten()
            .filter(|then| then.after(SECOND) > now);
        let (first, count) = (recent.next(), recent.count());
        match first {
            Some(first) if count + 1 >= rate => Room::Later(first.after(SECOND)),
            Some(_) => Room::Now(free.min(rate - count - 1)),
            None => Room::Now(free.min(rate)),
        }
    }

    fn begin(&mut self, topic: &Topic, key: DeliveryKey, now: Time) {
        self.calls.insert((key.subscription, key.matter));
        self.last = key.subscription;
        if throttle(topic, key.subscription).is_none() {
            return;
        }
        let lately = self.lately.entry(key.subscription).or_default();
        while lately.front().is_some_and(|then| then.after(SECOND) <= now) {
            lately.pop_front();
        }
        lately.push_back(now);
        if self.lately.len() > THROTTLED_MAX {
            let is_recent = |then: &Time| then.after(SECOND) > now;
            self.lately
                .retain(|_, lately| lately.back().is_some_and(is_recent));
        }
    }
}

/// Calls that a subscription takes in a second, where that is limited.
fn throttle(topic: &Topic, subscription: u32) -> Option<usize> {
    let subscription = topic.subscription(subscription)?;
    let throttled =
        subscription.delivery_policy().is_some() || topic.config.delivery_policy.is_some();
    if !throttled || !subscription.protocol.is_http() {
        return None;
    }
    let rate = effective(&topic.config, subscription).throttle?;
    Some(rate.max(1) as usize)
}

impl Topic {
    /// The calls to make now, at most `max`; they count as under way from here on. Time has been let pass before.
    pub fn take_due(&self, now: Time, max: usize, underway: &mut Underway) -> Vec<DeliveryKey> {
        let mut due = Vec::new();
        let after = underway.last.wrapping_add(1);
        let turns = self.turns(after, u32::MAX);
        let then = self
            .turns(0, after.wrapping_sub(1))
            .take_while(|_| after > 0);
        for subscription in turns.chain(then) {
            let Room::Now(free) = underway.room(self, subscription, now) else {
                continue;
            };
            let wanted = free.min(max - due.len());
            let ready = self.outbox.calls.ready(subscription);
            let ready = ready.filter(|&matter| !underway.is_underway(subscription, matter));
            let begun: Vec<u64> = ready.take(wanted).collect();
            for matter in begun {
                let key = DeliveryKey {
                    matter,
                    subscription,
                };
                underway.begin(self, key, now);
                due.push(key);
            }
            if due.len() == max {
                break;
            }
        }
        due
    }

    /// When to ask for calls again: at once while one is ready that may be made, else when a retry's time or a throttled
    /// subscription's turn comes. Calls that wait for the end of others do not count: `ended` is when to ask.
    pub fn next_due(&self, now: Time, underway: &Underway) -> Option<Time> {
        let mut next = self.outbox.calls.next_retry();
        for subscription in self.turns(0, u32::MAX) {
            let mut ready = self.outbox.calls.ready(subscription);
            let mut is_ready = || ready.any(|matter| !underway.is_underway(subscription, matter));
            match underway.room(self, subscription, now) {
                Room::Now(_) if is_ready() => return Some(now),
                Room::Later(opens) if is_ready() => {
                    next = Some(next.map_or(opens, |next| next.min(opens)));
                }
                Room::Now(_) | Room::Later(_) | Room::Busy => {}
            }
        }
        next
    }

    /// Subscriptions with something to be made now, by number.
    fn turns(&self, from: u32, to: u32) -> impl Iterator<Item = u32> {
        let calls = &self.outbox.calls;
        let next = move |after: &u32| calls.ready_from(after.checked_add(1)?);
        std::iter::successors(calls.ready_from(from), next).take_while(move |&one| one <= to)
    }
}
