//! Mail through an SMTP server, one connection for each.
//!
//! A mail is sent or it is not, and what is not tells whether it ever can be. Nothing in a mail's parts becomes a
//! header or a command of its own.

mod mailer;
mod message;
mod server;

use std::error::Error;
use std::fmt;
use std::time::Duration;

pub use mailer::Mailer;
pub use server::BadServer;

use crate::{Reach, Trust};

/// What to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    /// Shown beside the address; may be empty.
    pub from_name: String,
    pub from_address: String,
    pub to: String,
    pub subject: String,
    /// Plain, with any line ends.
    pub text: String,
    /// `{something}@{host}`, the same for each try, so that a receiver can see that it has it already.
    pub id: Option<String>,
    /// The URL that ends it all, as `List-Unsubscribe`.
    pub unsubscribe: Option<String>,
}

/// How long, how far.
#[derive(Clone, Debug)]
pub struct Settings {
    /// For a whole mail, from looking the name up to the server's word that it has it.
    pub timeout: Duration,
    /// Of that, for a TCP connection and its TLS.
    pub connect: Duration,
    pub reach: Reach,
    pub trust: Trust,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            timeout: Duration::from_secs(30),
            connect: Duration::from_secs(10),
            reach: Reach::default(),
            trust: Trust::default(),
        }
    }
}

/// Why a mail was not sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailFailure {
    pub kind: FailureKind,
    /// For a person who reads it.
    pub text: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureKind {
    /// The server said that it never will (5xx), or it lacks what the mail needs.
    Rejected,
    /// An address or a header cannot be.
    BadMail,
    /// The server's address is out of reach.
    Refused,
    /// The server is not there, or it said: later (4xx).
    Unavailable,
    Timeout,
}

impl MailFailure {
    fn new(kind: FailureKind, text: impl Into<String>) -> MailFailure {
        let text = text.into();
        MailFailure { kind, text }
    }

    /// Whether trying again is of no use.
    pub fn is_permanent(&self) -> bool {
        match self.kind {
            FailureKind::Rejected | FailureKind::BadMail | FailureKind::Refused => true,
            FailureKind::Unavailable | FailureKind::Timeout => false,
        }
    }
}

impl fmt::Display for MailFailure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:?}: {}", self.kind, self.text)
    }
}

impl Error for MailFailure {}
