//! Replays: archived messages delivered again to one subscription of a FIFO topic (spec 4.8).
//!
//! A replay goes in steps, each one record: [`Topic::next_replay`] says which publications to read, [`prepare`] decides
//! which of them the subscription's filter lets through, and applying the step hands those to the courier. What is
//! published meanwhile queues up behind the replay. Without an end the subscription lives on afterwards; with one it
//! gets nothing that was published later.
//! <https://docs.aws.amazon.com/sns/latest/dg/message-archiving-and-replay-subscriber.html>

use std::collections::{BTreeMap, VecDeque};

use domain::bytes::{Malformed, Put, Take};
use domain::{Effects, Place, Stamp, Time};

use crate::codec::{put_list, put_some, take_list, take_some};
use crate::command::Command;
use crate::outbox::{Outbox, Way};
use crate::publication::Publication;
use crate::topic::Topic;

/// Publications of a step.
const STEP_MAX: usize = 10;
/// A replay waits while so many deliveries to its queue have not arrived.
const BOUND_MAX: u32 = 100;

#[derive(Debug, Default)]
pub struct Replays {
    /// By subscription.
    all: BTreeMap<u32, Replay>,
    /// Replays begun so far.
    begun: u64,
}

#[derive(Debug)]
struct Replay {
    /// Which of all replays it is: a step of another one does not count.
    number: u64,
    from: Time,
    /// Nothing published later is delivered any more.
    until: Option<Time>,
    /// The first sequence that has not been looked at.
    next: u64,
    /// The first sequence that is not replayed: it was, or will be, published live.
    end: u64,
    stage: Stage,
    /// Publications that came meanwhile and are held for this subscription, in order.
    behind: VecDeque<u64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Pending,
    Stepping,
    /// All that was archived has been looked at.
    Through,
    /// The archive was given up before that.
    Failed,
}

/// ReplayStatus.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReplayStatus {
    Pending,
    InProgress,
    Completed,
    Failed,
}

/// How a subscription's replay treats what is published live.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Gate {
    Open,
    /// It queues up behind the replay.
    Behind,
    /// The subscription does not get it.
    Closed,
}

/// What has to be read for the next step of a replay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplayRead {
    pub subscription: u32,
    replay: u64,
    /// At most ten, in order.
    pub publications: Vec<(u64, Place)>,
}

/// One step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplayStep {
    pub subscription: u32,
    replay: u64,
    /// The first sequence that this step has not looked at.
    next: u64,
    /// The sequences that the subscription is to get.
    matched: Vec<u64>,
}

impl ReplayStatus {
    pub fn as_str(self) -> &'static str {
        match self {
            ReplayStatus::Pending => "Pending",
            ReplayStatus::InProgress => "In progress",
            ReplayStatus::Completed => "Completed",
            ReplayStatus::Failed => "Failed",
        }
    }
}

/// The command for a step, given the bytes of the publications that it asked for, in order.
pub fn prepare(
    topic: &Topic,
    read: &ReplayRead,
    bytes: &[Vec<u8>],
) -> Result<Command<'static>, Malformed> {
    let subscription = topic.subscription(read.subscription);
    let filter = subscription.and_then(|subscription| subscription.filter());
    let mut matched = Vec::new();
    for (&(sequence, _), bytes) in read.publications.iter().zip(bytes) {
        let publication = Publication::read(bytes)?;
        if filter.is_none_or(|filter| publication.passes(&filter.policy)) {
            matched.push(sequence);
        }
    }
    let last = read.publications.last();
    Ok(Command::Replay(ReplayStep {
        subscription: read.subscription,
        replay: read.replay,
        next: last.map_or(0, |(sequence, _)| sequence + 1),
        matched,
    }))
}

impl ReplayStep {
    pub(crate) fn encode(&self, out: &mut Vec<u8>) {
        out.put_u32(self.subscription);
        out.put_u64(self.replay);
        out.put_u64(self.next);
        put_list(&self.matched, out, |sequence, out| out.put_u64(*sequence));
    }

    pub(crate) fn decode(take: &mut Take<'_>) -> Result<ReplayStep, Malformed> {
        Ok(ReplayStep {
            subscription: take.u32()?,
            replay: take.u64()?,
            next: take.u64()?,
            matched: take_list(take, |take| take.u64())?,
        })
    }
}

impl Replay {
    fn is_running(&self) -> bool {
        match self.stage {
            Stage::Pending | Stage::Stepping => true,
            Stage::Through | Stage::Failed => false,
        }
    }

    fn has_ended(&self, time: Time) -> bool {
        self.until.is_some_and(|until| time > until)
    }

    fn status(&self, now: Time) -> ReplayStatus {
        match self.stage {
            Stage::Pending => ReplayStatus::Pending,
            Stage::Stepping => ReplayStatus::InProgress,
            Stage::Through if self.until.is_none() || self.has_ended(now) => {
                ReplayStatus::Completed
            }
            Stage::Through => ReplayStatus::InProgress,
            Stage::Failed => ReplayStatus::Failed,
        }
    }
}

impl Replays {
    pub(crate) fn status(&self, subscription: u32, now: Time) -> Option<ReplayStatus> {
        Some(self.all.get(&subscription)?.status(now))
    }

    /// How a subscription gets what is published at this time.
    pub(crate) fn gate(&self, subscription: u32, time: Time) -> Gate {
        match self.all.get(&subscription) {
            Some(replay) if replay.stage == Stage::Failed => Gate::Open,
            Some(replay) if replay.has_ended(time) => Gate::Closed,
            Some(replay) if replay.is_running() => Gate::Behind,
            Some(_) | None => Gate::Open,
        }
    }

    /// A publication that is held for it waits for the end of a subscription's replay.
    pub(crate) fn queue_behind(&mut self, subscription: u32, sequence: u64) {
        let replay = self.all.get_mut(&subscription);
        let replay = replay.expect("a gate was shut by a replay");
        replay.behind.push_back(sequence);
    }

    /// Ends a replay and gives what has queued up behind it.
    fn remove(&mut self, subscription: u32) -> VecDeque<u64> {
        self.all
            .remove(&subscription)
            .map(|replay| replay.behind)
            .unwrap_or_default()
    }

    pub(crate) fn snapshot(&self, out: &mut Vec<u8>) {
        out.put_u64(self.begun);
        out.put_u32(self.all.len() as u32);
        for (&subscription, replay) in &self.all {
            out.put_u32(subscription);
            out.put_u64(replay.number);
            out.put_u64(replay.from.millis());
            put_some(replay.until.as_ref(), out, |until, out| {
                out.put_u64(until.millis())
            });
            out.put_u64(replay.next);
            out.put_u64(replay.end);
            out.put_u8(match replay.stage {
                Stage::Pending => 0,
                Stage::Stepping => 1,
                Stage::Through => 2,
                Stage::Failed => 3,
            });
            out.put_u32(replay.behind.len() as u32);
            for &sequence in &replay.behind {
                out.put_u64(sequence);
            }
        }
    }

    /// What queues up behind replays is held by the outbox.
    pub(crate) fn restore(take: &mut Take<'_>, outbox: &mut Outbox) -> Result<Replays, Malformed> {
        let mut replays = Replays {
            begun: take.u64()?,
            ..Replays::default()
        };
        for _ in 0..take.u32()? {
            let subscription = take.u32()?;
            let replay = Replay {
                number: take.u64()?,
                from: Time::from_millis(take.u64()?),
                until: take_some(take, |take| Ok(Time::from_millis(take.u64()?)))?,
                next: take.u64()?,
                end: take.u64()?,
                stage: match take.u8()? {
                    0 => Stage::Pending,
                    1 => Stage::Stepping,
                    2 => Stage::Through,
                    3 => Stage::Failed,
                    _ => return Err(Malformed("a replay is in no known stage")),
                },
                behind: take_list(take, |take| take.u64())?.into(),
            };
            for &sequence in &replay.behind {
                outbox.restore_holder(sequence)?;
            }
            replays.all.insert(subscription, replay);
        }
        Ok(replays)
    }
}

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
