//! Calls to servers of the test's own on loopback.

#![expect(clippy::unwrap_used, reason = "a step that fails fails its test")]

mod http;
#[cfg(feature = "mail")]
mod mail;
mod receiver;
#[cfg(feature = "mail")]
mod smtp;
mod tls;
