//! Replays: archived messages delivered again to one subscription.

use domain::bytes::{Malformed, Put, Take};
use domain::{Effects, Stamp};

use crate::topic::Topic;

#[derive(Debug, Default)]
pub struct Replays {}

#[derive(Clone, Debug, PartialEq)]
pub struct ReplayStep {
    pub subscription: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReplayStatus {
    Pending,
    InProgress,
    Completed,
    Failed,
}

impl ReplayStep {
    pub(crate) fn encode(&self, out: &mut Vec<u8>) {
        out.put_u32(self.subscription);
    }

    pub(crate) fn decode(take: &mut Take<'_>) -> Result<ReplayStep, Malformed> {
        Ok(ReplayStep {
            subscription: take.u32()?,
        })
    }
}

impl Replays {
    /// Whether a subscription gets nothing live, because a replay runs or has ended for good.
    pub(crate) fn status(&self, _subscription: u32) -> Option<ReplayStatus> {
        None
    }

    pub(crate) fn forget(&mut self, _subscription: u32) {}

    pub(crate) fn snapshot(&self, _out: &mut Vec<u8>) {}

    pub(crate) fn restore(_take: &mut Take<'_>) -> Result<Replays, Malformed> {
        Ok(Replays::default())
    }
}

impl Topic {
    /// A subscription's ReplayPolicy has changed, or has come with it: the replay it asks for begins, any other ends.
    pub(crate) fn replay_configured(&mut self, _at: Stamp, _subscription: u32) {}

    pub(crate) fn step_replay(&mut self, _at: Stamp, _step: &ReplayStep, _effects: &mut Effects) {}
}
