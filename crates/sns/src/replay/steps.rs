//! How a replay begins, goes on step by step, and ends.

use std::collections::VecDeque;

use domain::{Effects, Stamp};

use super::state::{Replay, Stage};
use super::{ReplayRead, ReplayStatus, ReplayStep};
use crate::outbox::Way;
use crate::topic::Topic;

/// Publications of a step.
const STEP_MAX: usize = 10;
/// A replay waits while so many deliveries to its queue have not arrived.
const BOUND_MAX: u32 = 100;

impl Topic {
    /// What the next step of a replay needs to be read; none while no replay runs, or while the queues of those that
    /// do have enough to take.
    pub fn next_replay(&self) -> Option<ReplayRead> {
        let has_room = |subscription: &u32| self.outbox.bound_for(*subscription) < BOUND_MAX;
        let mut running = self
            .replays
            .all
            .iter()
            .filter(|(_, replay)| replay.is_running());
        let (&subscription, replay) = running.find(|(subscription, _)| has_room(subscription))?;
        let publications = self
            .archive
            .since(replay.next, replay.from)
            .take_while(|kept| kept.sequence < replay.end && !replay.has_ended(kept.time))
            .map(|kept| (kept.sequence, kept.place))
            .take(STEP_MAX)
            .collect();
        Some(ReplayRead {
            subscription,
            replay: replay.number,
            publications,
        })
    }

    /// ReplayStatus of a subscription that has a ReplayPolicy.
    pub fn replay_status(&self, subscription: u32) -> Option<ReplayStatus> {
        self.replays.status(subscription, self.now)
    }

    /// A subscription's ReplayPolicy has changed, or has come with it: the replay it asks for begins, any other ends.
    pub(crate) fn replay_configured(
        &mut self,
        _at: Stamp,
        subscription: u32,
        effects: &mut Effects,
    ) {
        let behind = self.replays.remove(subscription);
        let policy = self.subscriptions.get(subscription);
        let Some(policy) = policy.and_then(|subscription| subscription.replay()) else {
            self.send_behind(subscription, behind, effects);
            return;
        };
        self.replays.begun += 1;
        let replay = Replay {
            number: self.replays.begun,
            from: policy.from,
            until: policy.until,
            next: 0,
            // What the replay before has held back comes in its turn, not out of the archive.
            end: behind.front().copied().unwrap_or(self.next_publication),
            stage: Stage::Pending,
            behind,
        };
        self.replays.all.insert(subscription, replay);
        if self.config.archive.is_none() {
            self.end_replay(subscription, Stage::Failed, effects);
        }
    }

    /// The topic's settings have changed: without an archive no replay goes on.
    pub(crate) fn check_replays(&mut self, effects: &mut Effects) {
        if self.config.archive.is_some() {
            return;
        }
        let running = self
            .replays
            .all
            .iter()
            .filter(|(_, replay)| replay.is_running());
        let running: Vec<u32> = running.map(|(&subscription, _)| subscription).collect();
        for subscription in running {
            self.end_replay(subscription, Stage::Failed, effects);
        }
    }

    /// A subscription is no more.
    pub(crate) fn forget_replay(&mut self, subscription: u32) {
        for sequence in self.replays.remove(subscription) {
            self.release(sequence);
        }
    }

    pub(crate) fn step_replay(&mut self, _at: Stamp, step: &ReplayStep, effects: &mut Effects) {
        let Some(replay) = self.replays.all.get_mut(&step.subscription) else {
            return;
        };
        if replay.number != step.replay || !replay.is_running() {
            return;
        }
        replay.stage = Stage::Stepping;
        replay.next = replay.next.max(step.next);
        let (next, from, end, until) = (replay.next, replay.from, replay.end, replay.until);
        for &sequence in &step.matched {
            // Its retention may have ended since it was read.
            if let Some(&kept) = self.archive.get(sequence) {
                self.hold(sequence, kept.place, kept.time);
                let way = Way::Own { replayed: true };
                self.send(sequence, step.subscription, way, effects);
            }
        }
        let is_last = self.archive.since(next, from).next().is_none_or(|kept| {
            kept.sequence >= end || until.is_some_and(|until| kept.time > until)
        });
        if is_last {
            self.end_replay(step.subscription, Stage::Through, effects);
        }
    }

    fn end_replay(&mut self, subscription: u32, stage: Stage, effects: &mut Effects) {
        let Some(replay) = self.replays.all.get_mut(&subscription) else {
            return;
        };
        replay.stage = stage;
        let behind = std::mem::take(&mut replay.behind);
        self.send_behind(subscription, behind, effects);
    }

    fn send_behind(&mut self, subscription: u32, behind: VecDeque<u64>, effects: &mut Effects) {
        for sequence in behind {
            self.send(
                sequence,
                subscription,
                Way::Own { replayed: false },
                effects,
            );
        }
    }
}
