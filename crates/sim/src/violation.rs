//! What the oracle says when a client could have seen something that must not be.

use std::fmt;

/// A promise that was broken, in one sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation(pub String);

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Violation {}

pub(crate) type Check<T = ()> = Result<T, Violation>;

pub(crate) fn ensure(holds: bool, otherwise: impl FnOnce() -> String) -> Check {
    if holds { Ok(()) } else { violated(otherwise()) }
}

pub(crate) fn violated<T>(what: String) -> Check<T> {
    Err(Violation(what))
}
