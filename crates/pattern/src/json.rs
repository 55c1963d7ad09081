//! JSON for policies and message bodies: strict, of bounded depth, without recursion, and with Jackson's words for what is wrong.

mod escape;
mod malformed;
mod parser;
mod tape;

pub(crate) use malformed::Malformed;
pub(crate) use tape::{Kind, Tape};

/// Deepest nesting read, as in Jackson.
const DEPTH_MAX: usize = 1000;
