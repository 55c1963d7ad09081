//! Filter policies from outside: what is refused and how it is said, what matches, and what no input can bring about.

#![expect(
    clippy::unwrap_used,
    clippy::wildcard_enum_match_arm,
    reason = "a test that meets what it does not expect has failed"
)]

mod hostile;
mod index;
mod matching;
mod properties;
mod reference;
mod validation;
