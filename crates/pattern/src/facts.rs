//! What is to be known of a message before its subscribers are chosen.

use std::cell::OnceCell;

use crate::json::{Kind, Tape};

/// A message attribute as it was published.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attribute<'a> {
    pub name: &'a str,
    /// `String`, `String.Array`, `Number` or `Binary`, with a label of the publisher's behind a dot or without.
    pub data_type: &'a str,
    /// The text; a binary value has none here, as no policy can look at it.
    pub value: Option<&'a str>,
}

/// A message as filter policies see it. The body is parsed when a policy first asks for it, and only once: at most twelve bytes
/// for each token, in time that grows with its length and with nothing else.
#[derive(Clone, Debug)]
pub struct Facts<'a> {
    attributes: Vec<Attribute<'a>>,
    message: &'a str,
    body: OnceCell<Option<Tape<'a>>>,
}

impl<'a> Facts<'a> {
    pub fn new(attributes: &[Attribute<'a>], message: &'a str) -> Facts<'a> {
        Facts {
            attributes: attributes.to_vec(),
            message,
            body: OnceCell::new(),
        }
    }

    pub(crate) fn attributes(&self) -> &[Attribute<'a>] {
        &self.attributes
    }

    /// The message, if it is a JSON object. Nothing else has a body that could match.
    pub(crate) fn body(&self) -> Option<&Tape<'a>> {
        let parse = || {
            let tape = Tape::parse(self.message).ok()?;
            (tape.kind(0) == Some(Kind::Object)).then_some(tape)
        };
        self.body.get_or_init(parse).as_ref()
    }
}
