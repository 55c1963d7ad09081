//! The replays of a topic, as its state keeps them.

use std::collections::{BTreeMap, VecDeque};

use domain::Time;
use domain::bytes::{Malformed, Put, Take};

use super::ReplayStatus;
use crate::codec::{put_some, take_list, take_some};
use crate::outbox::Outbox;

#[derive(Debug, Default)]
pub(crate) struct Replays {
    /// By subscription.
    pub(super) all: BTreeMap<u32, Replay>,
    /// Replays begun so far.
    pub(super) begun: u64,
}

#[derive(Debug)]
pub(super) struct Replay {
    /// Which of all replays it is: a step of another one does not count.
    pub(super) number: u64,
    pub(super) from: Time,
    /// Nothing published later is delivered any more.
    pub(super) until: Option<Time>,
    /// The first sequence that has not been looked at.
    pub(super) next: u64,
    /// The first sequence that is not replayed: it was, or will be, published live.
    pub(super) end: u64,
    pub(super) stage: Stage,
    /// Publications that came meanwhile and are held for this subscription, in order.
    pub(super) behind: VecDeque<u64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    Pending,
    Stepping,
    /// All that was archived has been looked at.
    Through,
    /// The archive was given up before that.
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

impl Replay {
    pub(super) fn is_running(&self) -> bool {
        match self.stage {
            Stage::Pending | Stage::Stepping => true,
            Stage::Through | Stage::Failed => false,
        }
    }

    pub(super) fn has_ended(&self, time: Time) -> bool {
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
    pub(super) fn remove(&mut self, subscription: u32) -> VecDeque<u64> {
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
