//! An error as AWS answers it: what kind, and the text.

use std::fmt;

use crate::Str;

/// What all errors of one kind share. A row of the model, or of [`crate::common`].
#[derive(Debug)]
pub struct ErrorKind {
    /// The shape's name, after `#` in JSON's `__type`.
    pub shape: &'static str,
    /// Before `#` in JSON's `__type`.
    pub namespace: &'static str,
    /// The Query code: in XML's `Code`, in a batch entry's `Code`, and first in the header `x-amzn-query-error`.
    pub code: &'static str,
    /// HTTP status.
    pub status: u16,
    /// Whether the sender is at fault; else the receiver.
    pub sender_fault: bool,
    /// Whether the JSON form has a `message`.
    pub has_message: bool,
    /// The text where it is always the same, else empty.
    pub text: &'static str,
    /// The text in the Query protocol where it differs from `text`.
    pub query_text: Option<&'static str>,
}

/// An error to answer.
#[derive(Clone, Debug)]
pub struct Error {
    pub kind: &'static ErrorKind,
    pub message: Str<'static>,
    /// The text in the Query protocol where it differs from `message`.
    pub query_message: Option<&'static str>,
}

impl ErrorKind {
    /// This error with its fixed text.
    pub fn error(&'static self) -> Error {
        Error {
            kind: self,
            message: Str::Borrowed(self.text),
            query_message: self.query_text,
        }
    }

    /// This error with a text of its own, the same in all protocols.
    pub fn with(&'static self, message: impl Into<Str<'static>>) -> Error {
        Error {
            kind: self,
            message: message.into(),
            query_message: None,
        }
    }
}

impl PartialEq for ErrorKind {
    fn eq(&self, other: &Self) -> bool {
        (self.namespace, self.shape, self.code) == (other.namespace, other.shape, other.code)
    }
}

impl Eq for ErrorKind {}

impl PartialEq for Error {
    fn eq(&self, other: &Self) -> bool {
        self.kind == other.kind && self.message == other.message
    }
}

impl Eq for Error {}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.kind.code, self.message)
    }
}

impl std::error::Error for Error {}
