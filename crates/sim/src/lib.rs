//! Deterministic simulation of the whole node, with a disk that fails, a clock that jumps, and an oracle.
//!
//! One seed is one history: clients send, receive, delete and publish while the node crashes, settles, runs out of space and
//! comes back. After every step all that can be observed is held against a plain model of SQS and SNS; a crash may undo what
//! no client had been told of, and nothing else. The same seed always gives the same trace.

mod change;
mod client;
mod content;
mod drain;
mod handling;
mod history;
mod ledger;
mod model;
mod moving;
mod observing;
mod queues;
mod random;
mod receiving;
mod restart;
mod sabotage;
mod sending;
mod steps;
#[cfg(test)]
mod tests;
mod topics;
mod trace;
mod violation;
mod world;

pub use sabotage::Sabotage;
pub use violation::Violation;

use violation::Check;
use world::World;

/// How to run a history.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    pub steps: u32,
    /// Prints every line of the trace as it comes.
    pub verbose: bool,
    /// A defect to make on purpose.
    pub sabotage: Option<Sabotage>,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            steps: 1_000,
            verbose: false,
            sabotage: None,
        }
    }
}

/// What a history came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// One line for everything that happened.
    pub trace: Vec<String>,
    /// Messages whose senders had been told that they were accepted, and messages that were there at the end.
    pub acknowledged: usize,
    pub drained: usize,
    /// What was broken, if anything was.
    pub violation: Option<Violation>,
}

/// Plays one history to its end, or to the first violation.
pub fn run(seed: u64, settings: Settings) -> Run {
    let mut world = match World::new(seed, settings.sabotage, settings.verbose) {
        Ok(world) => world,
        Err(violation) => {
            return Run {
                trace: Vec::new(),
                acknowledged: 0,
                drained: 0,
                violation: Some(violation),
            };
        }
    };
    let outcome = play(&mut world, settings.steps);
    Run {
        acknowledged: world.ledger.acknowledged(),
        drained: world.ledger.drained(),
        violation: outcome.err(),
        trace: world.trace.into_lines(),
    }
}

fn play(world: &mut World, steps: u32) -> Check {
    for _ in 0..4 {
        world.create_queue()?;
        world.finish_step()?;
    }
    for _ in 0..2 {
        world.create_topic()?;
        world.finish_step()?;
    }
    for _ in 0..steps {
        world.step()?;
    }
    world.drain()
}
