//! The semantics of Amazon SNS as a pure machine: one [`Topic`] per topic.
//!
//! An operation's way: its file under [`op`] prepares a [`Command`] from the request (all of AWS's validation),
//! the engine journals it, [`Topic`] applies it. A topic's subscriptions live in it; what they are owed stands in
//! its outbox. No clock, no randomness, no I/O: time comes with the stamp, ids come with the command, publications
//! stay where their record lies.

pub mod arn;
pub mod attempted;
pub mod command;
pub mod config;
pub mod data_protection;
pub mod delivery_policy;
pub mod envelope;
pub mod limits;
pub mod message_structure;
pub mod op;
pub mod publication;
pub mod replay;
pub mod shaping;
pub mod status_log;
pub mod subscription;

pub use attempted::{Attempt, Attempted, DeliveryKey};
pub use command::Command;
pub use config::Config;
pub use outbox::{About, Errand, Matter, Outbox, Underway};
pub use publication::{Publication, Publish};
pub use routes::Routes;
pub use subscription::{Protocol, Subscription};
pub use subscriptions::Subscriptions;
pub use topic::Topic;

pub mod error;

mod accepting;
mod archive;
mod archive_policy;
mod codec;
mod data_protection_text;
mod dedup;
mod digest;
mod draft;
mod ended;
mod endpoint;
mod instant;
mod message_attributes;
mod outbox;
mod paging;
mod policy;
mod protocol;
mod redrive_policy;
mod replay_policy;
mod routes;
mod schedule;
mod snapshot;
mod subscription_attributes;
mod subscriptions;
mod tags;
mod topic;
mod topic_attributes;

#[cfg(test)]
mod tests;
