//! The semantics of Amazon CloudWatch Logs as a pure machine: one [`LogGroup`] per group, its streams inside it.
//!
//! An operation's way: its file under [`op`] checks the request and names the group (`locate`), prepares a
//! [`Command`] with the group in hand, the engine journals it, [`LogGroup`] applies it. Messages stay where their
//! record lies: a reading operation first says which events are wanted ([`Found`]), whoever holds the cell reads their
//! bytes, and the same file makes AWS's answer of them. No clock, no randomness, no I/O.

pub mod command;
pub mod config;
pub mod outcome;

pub use command::Command;
pub use config::{Class, Config};
pub use outcome::Outcome;

mod group;
mod kept;
mod merge;
mod order;
mod read;
mod snapshot;
mod stream;

pub use group::LogGroup;
pub use read::{EventRef, Found};

pub mod error;
pub mod filter_pattern;
pub mod limits;
pub mod op;
pub mod put_internal;

mod characters;
mod checks;
mod name_pattern;
mod owner;
mod paging;
mod tag_filter;
mod tags;
mod token;

pub use filter_pattern::Pattern;
pub use op::Plan;
pub use owner::Owner;
pub use put_internal::put_internal;

#[cfg(test)]
mod tests;
