//! The truth as clients could know it: a plain, slow, obvious SQS.
//!
//! The model decides nothing about what a receive takes; the oracle tells it what was taken, after having judged that.
//! So it holds no order but the one of arrival, and finds everything by looking at all messages.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use domain::{Seconds, Time};

use crate::content::Content;
use crate::topics::Topic;

/// How long a deduplication id and an attempt id are remembered.
pub(crate) const FIVE_MINUTES: Seconds = Seconds(300);

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Config {
    pub(crate) delay: u32,
    pub(crate) visibility: u32,
    pub(crate) retention: u32,
    pub(crate) wait: u32,
    /// The dead-letter queue's name, and maxReceiveCount.
    pub(crate) redrive: Option<(String, u32)>,
    pub(crate) content_dedup: bool,
    pub(crate) group_scope: bool,
}

impl Default for Config {
    fn default() -> Config {
        Config {
            delay: 0,
            visibility: 30,
            retention: 345_600,
            wait: 0,
            redrive: None,
            content_dedup: false,
            group_scope: false,
        }
    }
}

/// One message in one queue, from its arrival to its departure. A message that moves stays in each queue anew.
#[derive(Clone, Debug)]
pub(crate) struct Stay {
    /// Names this stay in the whole history.
    pub(crate) number: u64,
    pub(crate) content: Rc<Content>,
    pub(crate) id: String,
    pub(crate) dedup: Option<String>,
    pub(crate) sequence: Option<u64>,
    /// The dead-letter queue source, as an ARN.
    pub(crate) source: Option<String>,
    /// It came from another queue.
    pub(crate) moved_in: bool,
    pub(crate) sent: Time,
    /// Standard queues only: the delay it was sent with, over.
    pub(crate) delay_ends: Time,
    /// Never received here, and never returned: on a FIFO queue the queue's delay counts.
    pub(crate) fresh: bool,
    /// Receives in the queues before.
    pub(crate) carried: u32,
    /// Receives here.
    pub(crate) receives: u32,
    pub(crate) first: Option<Time>,
    pub(crate) last: Option<Time>,
    pub(crate) hidden_until: Time,
    /// Handles given out for it here, the latest last. A client may hold more: those of receives that a crash undid.
    pub(crate) handles: Vec<String>,
    /// Its visibility was changed since the last receive.
    pub(crate) changed: bool,
    /// On its way to another queue.
    pub(crate) leaving: Option<Leaving>,
    /// How many entries of its cell's history must stand for it to be there.
    pub(crate) born: usize,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Leaving {
    pub(crate) to: String,
    pub(crate) errand: Errand,
    pub(crate) since: Time,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Errand {
    DeadLetter,
    Move,
    /// Out of a topic, to a subscriber or to where its dead letters go.
    Publish,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    Delayed,
    Hidden,
    Visible,
}

impl Stay {
    pub(crate) fn total(&self) -> u32 {
        self.carried + self.receives
    }

    pub(crate) fn handle(&self) -> Option<&str> {
        self.handles.last().map(String::as_str)
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Remembered {
    pub(crate) dedup: String,
    pub(crate) group: Option<String>,
    pub(crate) at: Time,
    pub(crate) id: String,
    pub(crate) sequence: Option<u64>,
}

/// What a receive with an attempt id gave out: each stay with its handle and which of its receives it was.
#[derive(Clone, Debug)]
pub(crate) struct Attempt {
    pub(crate) at: Time,
    pub(crate) given: Vec<(u64, String, u32)>,
}

/// A message move task, as far as messages feel it.
#[derive(Clone, Debug)]
pub(crate) struct Task {
    pub(crate) handle: String,
    pub(crate) started: Time,
    pub(crate) destination: Option<String>,
    pub(crate) rate: Option<u32>,
    pub(crate) taken: u64,
    /// Cancelled, or seen to be over.
    pub(crate) over: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct Queue {
    pub(crate) name: String,
    /// Tells a queue from one created later under the same name.
    pub(crate) incarnation: u64,
    pub(crate) config: Config,
    /// By arrival.
    pub(crate) stays: Vec<Stay>,
    pub(crate) remembered: Vec<Remembered>,
    pub(crate) attempts: BTreeMap<String, Attempt>,
    pub(crate) task: Option<Task>,
    /// The highest sequence number given.
    pub(crate) sequence: u64,
    /// Messages that grew too old here.
    pub(crate) expired: Vec<u64>,
}

impl Queue {
    pub(crate) fn is_fifo(&self) -> bool {
        is_fifo(&self.name)
    }

    /// What is too old goes.
    pub(crate) fn advance(&mut self, now: Time) {
        let life = Seconds(self.config.retention);
        let Queue { stays, expired, .. } = self;
        stays.retain(|stay| {
            let lives = stay.leaving.is_some() || stay.sent.after(life) > now;
            if !lives {
                expired.push(stay.content.number);
            }
            lives
        });
        self.remembered
            .retain(|known| known.at.after(FIVE_MINUTES) > now);
        self.attempts
            .retain(|_, attempt| attempt.at.after(FIVE_MINUTES) > now);
    }

    pub(crate) fn phase(&self, stay: &Stay, now: Time) -> Phase {
        let delayed = if self.is_fifo() {
            stay.fresh && now < stay.sent.after(Seconds(self.config.delay))
        } else {
            now < stay.delay_ends
        };
        if delayed {
            Phase::Delayed
        } else if now < stay.hidden_until {
            Phase::Hidden
        } else {
            Phase::Visible
        }
    }

    pub(crate) fn present(&self) -> impl Iterator<Item = &Stay> {
        self.stays.iter().filter(|stay| stay.leaving.is_none())
    }

    pub(crate) fn is_dead_letter(&self, stay: &Stay) -> bool {
        let most = self.config.redrive.as_ref().map(|(_, most)| *most);
        most.is_some_and(|most| stay.receives >= most)
    }

    /// What a receive may take now: on a FIFO queue, of each group the visible messages at its front.
    pub(crate) fn takeable(&self, now: Time) -> Vec<&Stay> {
        let mut blocked: BTreeSet<&Option<String>> = BTreeSet::new();
        let mut free = Vec::new();
        for stay in self.present() {
            let visible = self.phase(stay, now) == Phase::Visible;
            if visible && !blocked.contains(&stay.content.group) {
                free.push(stay);
            } else if self.is_fifo() {
                blocked.insert(&stay.content.group);
            }
        }
        free
    }

    pub(crate) fn find(&self, number: u64) -> Option<&Stay> {
        self.stays.iter().find(|stay| stay.number == number)
    }

    pub(crate) fn find_mut(&mut self, number: u64) -> Option<&mut Stay> {
        self.stays.iter_mut().find(|stay| stay.number == number)
    }

    /// The present stay of the message with this number.
    pub(crate) fn holding(&self, message: u64) -> Option<&Stay> {
        self.present().find(|stay| stay.content.number == message)
    }

    /// The message that a send with this deduplication id would double.
    pub(crate) fn doubled(&self, dedup: &str, group: &Option<String>) -> Option<&Remembered> {
        let known = |known: &&Remembered| {
            known.dedup == dedup && (!self.config.group_scope || known.group == *group)
        };
        self.remembered.iter().rev().find(known)
    }

    /// What a receive with this attempt id must give again.
    pub(crate) fn untouched(&self, attempt: &str) -> Option<&Attempt> {
        let attempt = self.attempts.get(attempt)?;
        let as_it_was = |(number, _, receive): &(u64, String, u32)| {
            let stay = self.find(*number).filter(|stay| stay.leaving.is_none());
            stay.is_some_and(|stay| stay.receives == *receive && !stay.changed)
        };
        attempt.given.iter().all(as_it_was).then_some(attempt)
    }
}

pub(crate) fn is_fifo(name: &str) -> bool {
    name.ends_with(".fifo")
}

/// All that one cell holds.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cell {
    pub(crate) queues: BTreeMap<String, Queue>,
    pub(crate) topics: BTreeMap<String, Topic>,
    /// Stays that ended elsewhere because the message arrived here, and in which incarnation of a queue.
    pub(crate) taken_in: BTreeMap<u64, u64>,
}

impl Cell {
    pub(crate) fn advance(&mut self, now: Time) {
        for queue in self.queues.values_mut() {
            queue.advance(now);
        }
        for topic in self.topics.values_mut() {
            topic.advance(now);
        }
    }

    /// Stays whose messages are on their way.
    pub(crate) fn leaving(&self) -> impl Iterator<Item = &Stay> {
        let stays = self.queues.values().flat_map(|queue| &queue.stays);
        let stays = stays.filter(|stay| stay.leaving.is_some());
        let routes = self.topics.values().flat_map(|topic| &topic.outbox);
        stays.chain(routes.map(|route| &route.stay))
    }
}
