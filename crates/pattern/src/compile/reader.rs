//! Reads a policy token by token, and knows where AWS's parser would stand.

use std::borrow::Cow;

use crate::dialect::Dialect;
use crate::error::PolicyError;
use crate::json::{Kind, Tape};

/// AWS's answers show so much of a policy.
const SHOWN_MAX: usize = 500;

pub(super) struct Reader<'a> {
    text: &'a str,
    tape: &'a Tape<'a>,
    pub(super) dialect: Dialect,
    token: usize,
    /// Whether the token's text was looked at: a string is read behind its opening quote only then.
    looked_at: bool,
}

impl<'a> Reader<'a> {
    pub(super) fn new(text: &'a str, tape: &'a Tape<'a>, dialect: Dialect) -> Reader<'a> {
        Reader {
            text,
            tape,
            dialect,
            token: 0,
            looked_at: false,
        }
    }

    pub(super) fn kind(&self) -> Kind {
        self.tape.kind(self.token).unwrap_or(Kind::EndObject)
    }

    pub(super) fn next(&mut self) -> Kind {
        self.token += 1;
        self.looked_at = false;
        self.kind()
    }

    /// The name of the entry that begins here.
    pub(super) fn name(&self) -> Cow<'a, str> {
        self.tape.text(self.token)
    }

    /// The text of the value here.
    pub(super) fn text(&mut self) -> Cow<'a, str> {
        self.looked_at = true;
        self.tape.text(self.token)
    }

    /// The next token's text, which must be a string.
    pub(super) fn string(&mut self, refusal: &str) -> Result<Box<str>, PolicyError> {
        match self.next() {
            Kind::String => Ok(self.text().into()),
            _ => Err(self.fault(refusal)),
        }
    }

    /// Refuses the policy, with the place that has been read to.
    pub(super) fn fault(&self, reason: impl AsRef<str>) -> PolicyError {
        let policy = without_white_space(self.text);
        let read = without_white_space(&self.text[..self.place()]);
        let column = read.encode_utf16().count() + 1;
        let shown = match policy.char_indices().nth(SHOWN_MAX) {
            Some((end, _)) => {
                let left = policy[end..].encode_utf16().count();
                format!("\"{}\"[truncated {left} chars]", &policy[..end])
            }
            None => format!("\"{policy}\""),
        };
        PolicyError::new(format!(
            "{}\n at [Source: (String){shown}; line: 1, column: {column}]",
            reason.as_ref()
        ))
    }

    /// A name is read together with what begins behind its colon.
    fn place(&self) -> usize {
        let begun = match self.kind() {
            Kind::Key => self.token + 1,
            _ => self.token,
        };
        match self.tape.kind(begun) {
            Some(Kind::String) if !self.looked_at => self.tape.start(begun) + 1,
            _ => self.tape.end(begun),
        }
    }
}

/// AWS writes the policy anew before it looks into it.
fn without_white_space(policy: &str) -> String {
    let mut quoted = false;
    let mut escaped = false;
    let keep = |character: &char| {
        if quoted {
            quoted = escaped || *character != '"';
            escaped = !escaped && *character == '\\';
            return true;
        }
        quoted = *character == '"';
        !character.is_ascii_whitespace()
    };
    policy.chars().filter(keep).collect()
}
