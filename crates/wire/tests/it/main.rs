//! The protocols against Smithy's compliance tests, against recorded bytes, and against what other parsers say.

#![expect(
    clippy::unwrap_used,
    clippy::wildcard_enum_match_arm,
    reason = "a test that meets what it does not expect has failed"
)]

mod answers;
mod properties;
mod protocol;
mod recorded;
mod requests;
mod services;
