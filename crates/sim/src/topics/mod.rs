//! Topics in the simulation: who is subscribed, what is published, and what must come of each publication.
//!
//! A publication is, for each subscriber that it is for, a *copy* with a number of its own, which the queue oracle knows as a
//! message like any other. Until it is seen in a queue it stands in the model's outbox of its topic, and what it may
//! do there is kept beside the model: where it may come, and whether it may rightly be lost.

mod arriving;
mod change;
mod client;
mod ending;
mod endpoints;
mod fate;
mod lives;
mod model;
mod notice;
mod published;
mod publishing;
mod spoiling;
mod steps;
mod subscribing;

use std::collections::{BTreeMap, BTreeSet};

pub(crate) use change::TopicChange;
pub(crate) use model::Topic;
pub(crate) use published::Published;

use crate::random::Random;
use endpoints::Underway;
use fate::Fate;

/// What is known of topics beside the model of the cells: a crash undoes nothing of it.
#[derive(Default)]
pub(crate) struct Topics {
    /// The names of topics that this history plays with.
    names: Vec<String>,
    pub(crate) published: Published,
    /// By the number of a stay in a topic's outbox.
    fates: BTreeMap<u64, Fate>,
    underway: Vec<Underway>,
    /// Copies whose calls may or may not be owed still, or cannot be reported before a restart.
    unclear: BTreeSet<u64>,
    /// Cells that were just told to do what is due.
    ticked: BTreeSet<usize>,
}

impl Topics {
    pub(crate) fn new(random: &mut Random) -> Topics {
        let suffix = random.below(1000);
        Topics {
            names: vec![
                format!("t0-{suffix}"),
                format!("t1-{suffix}"),
                format!("o0-{suffix}.fifo"),
            ],
            ..Topics::default()
        }
    }

    pub(crate) fn ticked(&mut self, cell: usize) {
        self.ticked.insert(cell);
    }

    /// Nobody hears of what was under way.
    pub(crate) fn stop(&mut self) {
        self.underway.clear();
        self.ticked.clear();
    }
}
