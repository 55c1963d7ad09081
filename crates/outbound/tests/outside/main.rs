//! Calls to servers of the test's own on loopback.

#![expect(clippy::unwrap_used, reason = "a step that fails fails its test")]

mod answers;
mod calls;
mod connections;
mod credentials;
#[cfg(feature = "mail")]
mod mail;
mod receiver;
mod sending;
#[cfg(feature = "mail")]
mod smtp;
mod tls;
