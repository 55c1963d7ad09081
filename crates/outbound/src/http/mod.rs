//! POSTs over HTTP/1.1, with the headers that the caller gives and no others.
//!
//! A call ends within its time and reads no more than its bound. No redirect is followed: a 3xx is an outcome like
//! any other status. Credentials in the URL answer a challenge (401), as AWS has it: Digest, or else Basic.
//! A call over a connection that was kept from an earlier one, and is lost before the answer begins, is made once more
//! over a new one, so that a receiver may see it twice.

mod auth;
mod client;
mod connect;
mod head;
mod letters;
mod pool;

use std::error::Error;
use std::fmt;
use std::time::Duration;

pub use client::Client;

use crate::{Reach, Trust};

/// What to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpCall {
    /// With `http` or `https`.
    pub url: String,
    /// In this order and with these letters. Where `Host` and `Content-Length` stand, or else at the end, the client
    /// puts its own values.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

/// What came back, whatever the status is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpOutcome {
    pub status: u16,
    /// As it came: also if it is compressed.
    pub body: Vec<u8>,
    /// Whether the body was longer than is read.
    pub cut: bool,
    /// From the call to the end of the answer.
    pub took: Duration,
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpFailure {
    pub kind: FailureKind,
    /// For a person who reads it.
    pub text: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureKind {
    /// The name has no address, or nobody takes the connection.
    Connect,
    Tls,
    Timeout,
    /// The address is out of reach.
    Refused,
    /// The URL or a header cannot be sent, now or ever.
    BadCall,
    /// What came back is not HTTP, or it ends too early.
    Protocol,
}

/// How long, how much, how far.
#[derive(Clone, Debug)]
pub struct Settings {
    /// For a whole call, from looking the name up to the end of the answer.
    pub timeout: Duration,
    /// Of that, for a TCP connection.
    pub connect: Duration,
    /// Bytes of an answer's body that are read.
    pub longest_answer: usize,
    /// Connections that are kept open to one host, and to all.
    pub idle_to_host: usize,
    pub idle: usize,
    /// How long one is kept at least; at most twice as long.
    pub idle_for: Duration,
    pub reach: Reach,
    pub trust: Trust,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            // SNS's own.
            timeout: Duration::from_secs(15),
            connect: Duration::from_secs(5),
            longest_answer: 64 * 1024,
            idle_to_host: 8,
            idle: 256,
            idle_for: Duration::from_secs(30),
            reach: Reach::default(),
            trust: Trust::default(),
        }
    }
}

impl HttpFailure {
    fn new(kind: FailureKind, text: impl Into<String>) -> HttpFailure {
        let text = text.into();
        HttpFailure { kind, text }
    }

    /// With the causes behind the error, which it often does not tell itself.
    fn of(kind: FailureKind, error: &dyn Error) -> HttpFailure {
        let mut text = error.to_string();
        let mut cause = error.source();
        while let Some(error) = cause {
            text.push_str(": ");
            text.push_str(&error.to_string());
            cause = error.source();
        }
        HttpFailure { kind, text }
    }
}

impl fmt::Display for HttpFailure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:?}: {}", self.kind, self.text)
    }
}

impl Error for HttpFailure {}
