//! The semantics of Amazon SQS as a pure machine: one [`Queue`] per queue.
//!
//! An operation's way: its file under [`op`] prepares a [`Command`] from the request (all of AWS's validation),
//! the engine journals it, [`Queue`] applies it, and the same file turns the [`Outcome`] into AWS's reply.
//! No clock, no randomness, no I/O: time comes with the stamp, ids come with the command, bodies stay where
//! their record lies and are read by whoever answers.

pub mod command;
pub mod config;
pub mod letter;
pub mod message;
pub mod outcome;

pub use command::Command;
pub use config::Config;
pub use letter::Letter;
pub use message::{MessageId, Payload};
pub use outcome::Outcome;

mod accept;
mod attempt;
mod copies;
mod dedup;
mod fair;
mod fifo;
mod key;
mod keyed;
mod live;
mod move_task;
mod order;
mod outbox;
mod peek;
mod queue;
mod receipt;
mod receive;
mod redrive;
mod slab;
mod snapshot;
mod sources;
mod standard;

pub use move_task::{MoveFailure, MoveStatus, MoveTask};
pub use peek::Peeked;
pub use queue::{Counts, IN_FLIGHT_MAX, Queue};

pub mod limits;
pub mod op;

mod attributes;
mod batch;
mod characters;
mod digest;
mod error;
mod md5_lanes;
mod message_attributes;
mod name_filter;
mod outgoing;
mod paging;
mod policy;
mod redrive_policy;
mod system_attributes;
mod tags;
mod task_handle;

pub use error::Error;
pub use redrive_policy::{Lookup, QueueKind};

#[cfg(test)]
mod tests;
