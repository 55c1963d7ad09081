//! Deliveries that somebody outside is called for: which stand, which of them may be made now, and when others may.
//!
//! A delivery that has not been tried stands in the *lane* of its subscription, so that an endpoint that is slow or
//! gone holds up nobody else and nobody looks through what waits for it. A wide publication would be costly in lanes:
//! it stands in a *row* first, a few bytes for all its subscribers, and unfolds into lanes as these are worked off.
//! A delivery that has failed waits for its time among the *retries*.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use domain::Time;
use domain::bytes::{Malformed, Put, Take};

use super::matters::Matters;
use crate::routes::{Cursor, Routes};
use crate::schedule::Failures;
use crate::subscriptions::Subscriptions;

/// Rows unfold while fewer lanes than this have something in them.
const LANES: usize = 1024;
/// Deliveries that unfold at one command, at most.
const UNFOLDED_MAX: usize = 4096;

#[derive(Debug, Default)]
pub(crate) struct Calls {
    rows: VecDeque<Row>,
    /// Matters by subscription, the oldest first.
    lanes: BTreeMap<u32, VecDeque<u64>>,
    /// By subscription and matter.
    retries: BTreeMap<(u32, u64), Retry>,
    /// Retries whose time has not come: (when, subscription, matter).
    waiting: BTreeSet<(Time, u32, u64)>,
    /// Retries whose time has come.
    overdue: BTreeSet<(u32, u64)>,
}

#[derive(Debug)]
struct Row {
    matter: u64,
    routes: Routes<'static>,
    cursor: Cursor,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Retry {
    pub(crate) failures: Failures,
    due: Time,
}

impl Calls {
    /// A matter for one subscription.
    pub(crate) fn put(&mut self, subscription: u32, matter: u64) {
        self.lanes
            .entry(subscription)
            .or_default()
            .push_back(matter);
    }

    /// A matter for many, held once for all of them.
    pub(crate) fn put_row(&mut self, matter: u64, routes: Routes<'static>) {
        self.rows.push_back(Row {
            matter,
            routes,
            cursor: Cursor::default(),
        });
    }

    /// Moves deliveries from rows into lanes: until enough lanes have work, and at least as many as were just worked
    /// off, so that every row comes to its end.
    pub(crate) fn unfold(
        &mut self,
        at_least: usize,
        subscriptions: &Subscriptions,
        matters: &mut Matters,
    ) {
        let mut moved = 0;
        while moved < at_least || self.lanes.len() < LANES && moved < UNFOLDED_MAX {
            let Some(row) = self.rows.front_mut() else {
                break;
            };
            let matter = row.matter;
            match row.cursor.next(&row.routes) {
                Some(number) if subscriptions.get(number).is_some() => {
                    matters.hold_again(matter);
                    self.put(number, matter);
                    moved += 1;
                }
                // Its subscription has been ended.
                Some(_) => {}
                None => {
                    matters.release(matter);
                    self.rows.pop_front();
                }
            }
        }
    }

    /// Takes a delivery out to see what becomes of it: `Some(None)` if it never failed before.
    pub(crate) fn take(&mut self, subscription: u32, matter: u64) -> Option<Option<Retry>> {
        if let Some(retry) = self.retries.remove(&(subscription, matter)) {
            self.overdue.remove(&(subscription, matter));
            self.waiting.remove(&(retry.due, subscription, matter));
            return Some(Some(retry));
        }
        let lane = self.lanes.get_mut(&subscription)?;
        let position = lane.iter().position(|&one| one == matter)?;
        lane.remove(position);
        if lane.is_empty() {
            self.lanes.remove(&subscription);
        }
        Some(None)
    }

    /// Puts a delivery that has failed back, for another time.
    pub(crate) fn retry(&mut self, subscription: u32, matter: u64, failures: Failures, due: Time) {
        self.retries
            .insert((subscription, matter), Retry { failures, due });
        self.waiting.insert((due, subscription, matter));
    }

    /// What is due by now may be made from now on.
    pub(crate) fn advance(&mut self, now: Time) {
        while let Some(&(due, subscription, matter)) = self.waiting.first() {
            if due > now {
                break;
            }
            self.waiting.pop_first();
            self.overdue.insert((subscription, matter));
        }
    }

    /// How often a delivery has failed.
    pub(crate) fn failures(&self, subscription: u32, matter: u64) -> u32 {
        self.retries
            .get(&(subscription, matter))
            .map_or(0, |retry| retry.failures.count)
    }

    /// When the next of the retries that wait may be made.
    pub(crate) fn next_retry(&self) -> Option<Time> {
        self.waiting.first().map(|&(due, _, _)| due)
    }

    /// The first subscription from this number on that has a delivery to be made now.
    pub(crate) fn ready_from(&self, subscription: u32) -> Option<u32> {
        let fresh = self.lanes.range(subscription..).next();
        let overdue = self.overdue.range((subscription, 0)..).next();
        let fresh = fresh.map(|(&number, _)| number);
        let overdue = overdue.map(|&(number, _)| number);
        [fresh, overdue].into_iter().flatten().min()
    }

    /// A subscription's deliveries that may be made now: first those that failed before, oldest matters first.
    pub(crate) fn ready(&self, subscription: u32) -> impl Iterator<Item = u64> {
        let overdue = self
            .overdue
            .range((subscription, 0)..=(subscription, u64::MAX));
        let fresh = self.lanes.get(&subscription).into_iter().flatten();
        overdue.map(|&(_, matter)| matter).chain(fresh.copied())
    }

    /// Takes out all deliveries of a subscription for which `gone` says so. Rows notice by themselves.
    pub(crate) fn forget(
        &mut self,
        subscription: u32,
        matters: &mut Matters,
        gone: impl Fn(&Matters, u64) -> bool,
    ) {
        let all: Vec<u64> = self
            .retries
            .range((subscription, 0)..=(subscription, u64::MAX))
            .map(|(&(_, matter), _)| matter)
            .chain(self.lanes.get(&subscription).into_iter().flatten().copied())
            .filter(|&matter| gone(matters, matter))
            .collect();
        for matter in all {
            self.take(subscription, matter);
            matters.release(matter);
        }
    }

    /// Deliveries in lanes and among the retries.
    pub(crate) fn len(&self) -> usize {
        self.retries.len() + self.lanes.values().map(VecDeque::len).sum::<usize>()
    }

    pub(crate) fn snapshot(&self, out: &mut Vec<u8>) {
        out.put_u32(self.rows.len() as u32);
        for row in &self.rows {
            out.put_u64(row.matter);
            row.routes.after(row.cursor).encode(out);
        }
        out.put_u32(self.lanes.len() as u32);
        for (&subscription, lane) in &self.lanes {
            out.put_u32(subscription);
            out.put_u32(lane.len() as u32);
            for &matter in lane {
                out.put_u64(matter);
            }
        }
        out.put_u32(self.retries.len() as u32);
        for (&(subscription, matter), retry) in &self.retries {
            out.put_u32(subscription);
            out.put_u64(matter);
            out.put_u32(retry.failures.count);
            out.put_u64(retry.failures.first.millis());
            out.put_u64(retry.due.millis());
        }
    }

    /// Which retries are overdue follows from the time: `advance` finds out.
    pub(crate) fn restore(take: &mut Take<'_>, matters: &mut Matters) -> Result<Calls, Malformed> {
        let mut calls = Calls::default();
        for _ in 0..take.u32()? {
            let matter = take.u64()?;
            matters.restore_holder(matter)?;
            calls.put_row(matter, Routes::decode(take)?.into_owned());
        }
        for _ in 0..take.u32()? {
            let subscription = take.u32()?;
            for _ in 0..take.u32()? {
                let matter = take.u64()?;
                matters.restore_holder(matter)?;
                calls.put(subscription, matter);
            }
        }
        for _ in 0..take.u32()? {
            let (subscription, matter) = (take.u32()?, take.u64()?);
            let failures = Failures {
                count: take.u32()?,
                first: Time::from_millis(take.u64()?),
            };
            matters.restore_holder(matter)?;
            calls.retry(
                subscription,
                matter,
                failures,
                Time::from_millis(take.u64()?),
            );
        }
        Ok(calls)
    }
}
