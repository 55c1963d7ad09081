//! What the journal and the store promise, seen from outside.

#![expect(
    clippy::unwrap_used,
    reason = "a test stops at the first thing that is not as it should be"
)]

mod append_and_read;
mod crash;
mod damage;
mod failure;
mod flushers;
mod recovery;
mod space;
mod store;
mod support;
