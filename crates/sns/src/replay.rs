//! Replays: archived messages delivered again to one subscription of a FIFO topic (spec 4.8).
//!
//! A replay goes in steps, each one record: [`Topic::next_replay`] says which publications to read, [`prepare`] decides
//! which of them the subscription's filter lets through, and applying the step hands those to the courier. What is
//! published meanwhile queues up behind the replay. Without an end the subscription lives on afterwards; with one it
//! gets nothing that was published later.
//! <https://docs.aws.amazon.com/sns/latest/dg/message-archiving-and-replay-subscriber.html>

mod state;
mod steps;

pub(crate) use state::{Gate, Replays};

use domain::Place;
use domain::bytes::{Malformed, Put, Take};

use crate::codec::{put_list, take_list};
use crate::command::Command;
use crate::publication::Publication;
use crate::topic::Topic;

/// ReplayStatus.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReplayStatus {
    Pending,
    InProgress,
    Completed,
    Failed,
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
