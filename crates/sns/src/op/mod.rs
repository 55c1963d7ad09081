//! The operations, one file each: `prepare` turns a request into a command, `reply` makes AWS's answer.
//!
//! `prepare` sees the topic as of now, while its cell is held, and finds every error that AWS has.

pub mod publish;
pub mod publish_batch;

use crate::command::Command;

/// What a request comes to: the command to journal, and what its reply will need.
#[derive(Debug)]
pub struct Plan<'a, K> {
    /// Absent when nothing changes.
    pub command: Option<Command<'a>>,
    pub keep: K,
}
