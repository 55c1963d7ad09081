//! From "applied" to "durable": the pump that flushes a cell, and the answers that wait for it.

mod pump;
mod waiters;

pub(crate) use pump::{Nudge, pump};
pub(crate) use waiters::{Bell, Stopped, Waiters};
