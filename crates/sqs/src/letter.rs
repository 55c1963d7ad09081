//! A message that one record brings to many queues: its bytes lie once, and each queue keeps a place and a [`Copy`].
//!
//! ```text
//! label at u32 | signature at u32 | signature version u8 | payload       no gap: u32::MAX, version 0
//! ```
//! The body may have two gaps, at byte positions of the body as it is written: one for the copy's own label, one for a
//! signature that is made when somebody reads the message. Such a body's MD5 is known only once it is whole.

use std::sync::Arc;

use domain::bytes::{Malformed, Put, Take};

use crate::digest::{hex, md5};
use crate::message::{Attribute, MessageId, Payload};
use crate::message_attributes;

const NO_GAP: u32 = u32::MAX;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter<'a> {
    pub payload: Payload<'a>,
    pub label_at: Option<u32>,
    pub unsigned: Option<Unsigned>,
}

/// A signature that is still missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unsigned {
    /// Where in the body it goes.
    pub at: u32,
    /// SNS's SignatureVersion, 1 or 2.
    pub version: u8,
}

/// One queue's share of a letter.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Copy {
    /// Tells copies of one letter apart; the message's id is made of it and the letter's.
    pub id: [u8; 16],
    /// What goes into the body's first gap.
    pub label: Arc<str>,
}

/// A letter as one queue's message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    /// The encoded payload, whole but for what `unsigned` says is missing.
    pub payload: Vec<u8>,
    pub unsigned: Option<Unsigned>,
}

impl<'a> Letter<'a> {
    pub fn encode(&self, out: &mut Vec<u8>) {
        out.put_u32(self.label_at.unwrap_or(NO_GAP));
        out.put_u32(self.unsigned.map_or(NO_GAP, |gap| gap.at));
        out.put_u8(self.unsigned.map_or(0, |gap| gap.version));
        self.payload.encode(out);
    }

    pub fn decode(bytes: &'a [u8]) -> Result<Letter<'a>, Malformed> {
        let mut take = Take::new(bytes);
        let gap = |at| (at != NO_GAP).then_some(at);
        let label_at = gap(take.u32()?);
        let signature_at = gap(take.u32()?);
        let version = take.u8()?;
        let letter = Letter {
            payload: Payload::decode(take.rest())?,
            label_at,
            unsigned: signature_at.map(|at| Unsigned { at, version }),
        };
        let body = letter.payload.body;
        let is_inside = |at: u32| body.is_char_boundary(at as usize);
        if label_at.into_iter().chain(signature_at).all(is_inside) {
            Ok(letter)
        } else {
            Err(Malformed("a letter's gap is outside of its body"))
        }
    }

    /// The message that this copy is.
    pub fn open(&self, copy: &Copy) -> Opened {
        let mut body = self.payload.body.to_owned();
        let mut unsigned = self.unsigned;
        if let Some(at) = self.label_at {
            body.insert_str(at as usize, &copy.label);
            if let Some(gap) = &mut unsigned
                && gap.at > at
            {
                gap.at += copy.label.len() as u32;
            }
        }
        let is_as_written = self.label_at.is_none() && unsigned.is_none();
        let payload = Payload {
            id: copy.message_id(self.payload.id),
            body: &body,
            body_md5: if is_as_written {
                self.payload.body_md5
            } else {
                md5(body.as_bytes())
            },
            ..self.payload.clone()
        };
        let mut out = Vec::with_capacity(body.len() + 128);
        payload.encode(&mut out);
        Opened {
            payload: out,
            unsigned,
        }
    }
}

impl Copy {
    /// The id that the letter has as this queue's message.
    pub fn message_id(&self, letter: MessageId) -> MessageId {
        let bits = u128::from_be_bytes(self.id) ^ u128::from_be_bytes(letter.0);
        MessageId(bits.to_be_bytes())
    }
}

impl Opened {
    /// Puts the missing signature in.
    pub fn sign(&mut self, sign: impl FnOnce(u8, &str) -> String) -> Result<(), Malformed> {
        let Some(Unsigned { at, version }) = self.unsigned.take() else {
            return Ok(());
        };
        let payload = Payload::decode(&self.payload)?;
        let mut body = payload.body.to_owned();
        body.insert_str(at as usize, &sign(version, payload.body));
        let signed = Payload {
            body: &body,
            body_md5: md5(body.as_bytes()),
            ..payload
        };
        let mut out = Vec::with_capacity(body.len() + 128);
        signed.encode(&mut out);
        self.payload = out;
        Ok(())
    }
}

impl<'a> Payload<'a> {
    /// A message that is published to a queue. With `gaps` its body is not whole yet, and has no MD5.
    pub fn published(
        id: [u8; 16],
        body: &'a str,
        gaps: bool,
        mut attributes: Vec<Attribute<'a>>,
        sender: &'a str,
    ) -> Payload<'a> {
        attributes.sort_unstable_by_key(|attribute| attribute.name);
        Payload {
            id: MessageId(id),
            body,
            body_md5: if gaps { [0; 16] } else { md5(body.as_bytes()) },
            attributes_md5: message_attributes::md5(&attributes),
            attributes,
            sender,
            trace_header: None,
            group: None,
            dedup: None,
        }
    }
}

/// The MD5 of a body as ReceiveMessage shows it.
pub fn md5_of_body(body: &str) -> String {
    hex(&md5(body.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn payload(body: &str) -> Payload<'_> {
        Payload {
            id: MessageId([1; 16]),
            body,
            body_md5: [9; 16],
            attributes: Vec::new(),
            attributes_md5: None,
            sender: "AIDA",
            trace_header: None,
            group: None,
            dedup: None,
        }
    }

    fn copy() -> Copy {
        Copy {
            id: [2; 16],
            label: "LABEL".into(),
        }
    }

    #[test]
    fn a_letter_survives_its_encoding_and_a_gap_outside_of_it_does_not() {
        let letter = Letter {
            payload: payload("sign: , label: ."),
            label_at: Some(15),
            unsigned: Some(Unsigned { at: 6, version: 2 }),
        };
        let mut bytes = Vec::new();
        letter.encode(&mut bytes);
        assert_eq!(Letter::decode(&bytes), Ok(letter.clone()));
        let mut broken = Vec::new();
        Letter {
            label_at: Some(17),
            ..letter
        }
        .encode(&mut broken);
        assert!(Letter::decode(&broken).is_err());
    }

    #[test]
    fn both_gaps_are_filled_whichever_comes_first() {
        for (body, label_at, at, whole) in [
            ("s:,l:.", 5, 2, "s:SIGN,l:LABEL."),
            ("l:,s:.", 2, 5, "l:LABEL,s:SIGN."),
        ] {
            let letter = Letter {
                payload: payload(body),
                label_at: Some(label_at),
                unsigned: Some(Unsigned { at, version: 1 }),
            };
            let mut opened = letter.open(&copy());
            opened
                .sign(|version, unsigned| {
                    assert_eq!(version, 1);
                    assert!(unsigned.contains("LABEL"));
                    "SIGN".to_owned()
                })
                .unwrap();
            let read = Payload::decode(&opened.payload).unwrap();
            assert_eq!(read.body, whole);
            assert_eq!(hex(&read.body_md5), md5_of_body(whole));
        }
    }

    #[test]
    fn a_letter_without_gaps_is_its_copies_but_for_their_ids() {
        let letter = Letter {
            payload: payload("raw"),
            label_at: None,
            unsigned: None,
        };
        let opened = letter.open(&copy());
        let read = Payload::decode(&opened.payload).unwrap();
        assert_eq!((read.body, read.body_md5), ("raw", [9; 16]));
        assert_ne!(read.id, letter.payload.id);
    }
}
