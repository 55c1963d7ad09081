//! Calls to the outside: HTTP(S), mail, and the key that signs what is sent.
//!
//! What it promises: a call ends within its time, reads no more than its bound, and goes to no address that the
//! [`Reach`] excludes. It knows neither topics nor retries: outcomes go back to the caller as they are.

mod address;
mod hex;
pub mod http;
#[cfg(feature = "mail")]
pub mod mail;
pub mod signing;
mod trust;
mod url;

pub use address::Reach;
pub use trust::{BadAuthorities, Trust};
