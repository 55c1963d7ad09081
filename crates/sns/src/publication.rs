//! What is published, as its record keeps it: once, however many it goes to.
//!
//! ```text
//! Publish      n u8, each: routes run | publication run
//! publication  id 16 | time u64 | sequence u64 | message run | subject? | json u8
//!              | attributes u32, each: name run, type run, kind u8 (0 text, 1 binary), value run
//!              | group? | deduplication id? | trace header?
//! ```
//! A run is its length in four bytes and the bytes; `?` is a flag byte and, when it is 1, the value.

use std::borrow::Cow;

use domain::bytes::{Malformed, Put, Take};
use domain::{Body, Time};
use pattern::{Facts, FilterPolicy};

use crate::codec::{put_list, take_list};
use crate::limits;
use crate::message_structure;
use crate::routes::Routes;
use crate::subscription::Protocol;

/// What Publish and PublishBatch bring: 1 to 10 messages, in request order.
#[derive(Clone, Debug, PartialEq)]
pub struct Publish<'a> {
    pub publications: Vec<Publication<'a>>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Publication<'a> {
    pub id: [u8; 16],
    pub time: Time,
    /// Its number among all that the topic was ever told to publish; rises strictly.
    pub sequence: u64,
    pub message: &'a str,
    pub subject: Option<&'a str>,
    /// MessageStructure is `json`: the message holds one text for each protocol.
    pub json: bool,
    /// In the order given.
    pub attributes: Vec<Attribute<'a>>,
    pub group: Option<&'a str>,
    /// The explicit MessageDeduplicationId, or the message's SHA-256 in hex. FIFO topics only.
    pub dedup: Option<&'a str>,
    /// The request's `X-Amzn-Trace-Id` header.
    pub trace: Option<&'a str>,
    /// The subscriptions that it is for. Not part of the publication's own bytes.
    pub routes: Routes<'a>,
    /// Where the publication's own bytes stand inside the record; `decode` fills it, `encode` ignores it.
    pub body: Body,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attribute<'a> {
    pub name: &'a str,
    /// Base type with its optional label, such as `String.Array`.
    pub data_type: &'a str,
    pub value: Value<'a>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value<'a> {
    /// String and Number.
    Text(&'a str),
    Binary(&'a [u8]),
}

impl<'a> Publish<'a> {
    pub(crate) fn encode(&self, out: &mut Vec<u8>) {
        let count = u8::try_from(self.publications.len()).expect("a batch has at most 10 entries");
        out.put_u8(count);
        for publication in &self.publications {
            publication.routes.encode(out);
            let at = out.len();
            out.put_u32(0);
            publication.write(out);
            let len = u32::try_from(out.len() - at - 4).expect("bounded by the record's limit");
            out[at..at + 4].copy_from_slice(&len.to_le_bytes());
        }
    }

    pub(crate) fn decode(take: &mut Take<'a>) -> Result<Publish<'a>, Malformed> {
        let count = usize::from(take.u8()?);
        if count > limits::BATCH_ENTRIES_MAX {
            return Err(Malformed("a batch is too long"));
        }
        let publications = (0..count)
            .map(|_| decode_one(take))
            .collect::<Result<_, _>>()?;
        Ok(Publish { publications })
    }
}

fn decode_one<'a>(take: &mut Take<'a>) -> Result<Publication<'a>, Malformed> {
    let routes = Routes::decode(take)?;
    let bytes = take.run()?;
    let end = u32::try_from(take.position()).map_err(|_| Malformed("a record is over 4 GiB"))?;
    let len = u32::try_from(bytes.len()).map_err(|_| Malformed("a record is over 4 GiB"))?;
    Ok(Publication {
        routes,
        body: Body { at: end - len, len },
        ..Publication::read(bytes)?
    })
}

impl<'a> Publication<'a> {
    /// Appends the publication's own bytes: what its place leads to.
    pub fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.id);
        out.put_u64(self.time.millis());
        out.put_u64(self.sequence);
        out.put_text(self.message);
        out.put_some_text(self.subject);
        out.put_bool(self.json);
        put_list(&self.attributes, out, Attribute::encode);
        out.put_some_text(self.group);
        out.put_some_text(self.dedup);
        out.put_some_text(self.trace);
    }

    /// Reads what `write` wrote, to the last byte. Whom it is for, and where it stands, is not known from there.
    pub fn read(bytes: &'a [u8]) -> Result<Publication<'a>, Malformed> {
        let mut take = Take::new(bytes);
        let publication = Publication {
            id: take.array()?,
            time: Time::from_millis(take.u64()?),
            sequence: take.u64()?,
            message: take.text()?,
            subject: take.some_text()?,
            json: take.bool()?,
            attributes: take_list(&mut take, Attribute::decode)?,
            group: take.some_text()?,
            dedup: take.some_text()?,
            trace: take.some_text()?,
            routes: Routes::default(),
            body: Body::default(),
        };
        if take.is_empty() {
            Ok(publication)
        } else {
            Err(Malformed("a publication is followed by something else"))
        }
    }

    /// Whether a filter policy lets it through.
    pub(crate) fn passes(&self, policy: &FilterPolicy) -> bool {
        policy.matches(&facts(&self.attributes, self.message))
    }

    /// The text that subscribers of a protocol get.
    pub fn message_for(&self, protocol: Protocol) -> Cow<'a, str> {
        if self.json {
            message_structure::for_protocol(self.message, protocol)
        } else {
            Cow::Borrowed(self.message)
        }
    }
}

impl<'a> Attribute<'a> {
    fn encode(&self, out: &mut Vec<u8>) {
        out.put_text(self.name);
        out.put_text(self.data_type);
        match self.value {
            Value::Text(text) => {
                out.put_u8(0);
                out.put_text(text);
            }
            Value::Binary(bytes) => {
                out.put_u8(1);
                out.put_run(bytes);
            }
        }
    }

    fn decode(take: &mut Take<'a>) -> Result<Attribute<'a>, Malformed> {
        Ok(Attribute {
            name: take.text()?,
            data_type: take.text()?,
            value: match take.u8()? {
                0 => Value::Text(take.text()?),
                1 => Value::Binary(take.run()?),
                _ => return Err(Malformed("an attribute is neither text nor binary")),
            },
        })
    }
}

/// What filter policies look at.
pub(crate) fn facts<'a>(attributes: &[Attribute<'a>], message: &'a str) -> Facts<'a> {
    let attributes: Vec<pattern::Attribute<'a>> = attributes
        .iter()
        .map(|attribute| pattern::Attribute {
            name: attribute.name,
            data_type: attribute.data_type,
            value: match attribute.value {
                Value::Text(text) => Some(text),
                Value::Binary(_) => None,
            },
        })
        .collect();
    Facts::new(&attributes, message)
}

/// An id as its text: a version 4 UUID.
pub fn message_id(id: &[u8; 16]) -> String {
    let mut bits = u128::from_be_bytes(*id);
    bits = bits & !(0xf << 76) | 4 << 76;
    bits = bits & !(3 << 62) | 2 << 62;
    format!(
        "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
        bits >> 96,
        bits >> 80 & 0xffff,
        bits >> 64 & 0xffff,
        bits >> 48 & 0xffff,
        bits & 0xffff_ffff_ffff
    )
}

/// A FIFO topic's SequenceNumber as callers and subscribers see it: 20 digits that rise strictly, far above those
/// that a queue gives its messages.
pub fn sequence_number(sequence: u64) -> String {
    const FIRST: u64 = 10_000_000_000_000_000_000;
    const STEP: u64 = 1000;
    (FIRST + sequence * STEP).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn publication() -> Publication<'static> {
        Publication {
            id: [7; 16],
            time: Time::from_millis(1_700_000_000_123),
            sequence: 42,
            message: "a \u{1F980} message",
            subject: Some("s"),
            json: false,
            attributes: vec![
                Attribute {
                    name: "b",
                    data_type: "Binary",
                    value: Value::Binary(&[0, 255]),
                },
                Attribute {
                    name: "a",
                    data_type: "String.Array",
                    value: Value::Text("[1]"),
                },
            ],
            group: Some("g"),
            dedup: Some("d"),
            trace: None,
            routes: Routes::of(&[1, 2, 3, 900]),
            body: Body::default(),
        }
    }

    #[test]
    fn publications_survive_their_encoding_and_tell_where_they_stand() {
        let publish = Publish {
            publications: vec![
                publication(),
                Publication {
                    subject: None,
                    json: true,
                    attributes: Vec::new(),
                    group: None,
                    dedup: None,
                    trace: Some("Root=1"),
                    routes: Routes::default(),
                    ..publication()
                },
            ],
        };
        let mut bytes = b"header".to_vec();
        publish.encode(&mut bytes);
        let mut take = Take::new(&bytes);
        take.bytes(6).unwrap();
        let mut decoded = Publish::decode(&mut take).unwrap();
        assert!(take.is_empty());
        for (decoded, given) in decoded.publications.iter_mut().zip(&publish.publications) {
            let own = Publication::read(decoded.body.of(&bytes)).unwrap();
            assert_eq!(
                own,
                Publication {
                    routes: Routes::default(),
                    ..given.clone()
                }
            );
            decoded.body = Body::default();
        }
        assert_eq!(decoded, publish);
    }

    #[test]
    fn a_cut_or_prolonged_publication_is_refused() {
        let mut bytes = Vec::new();
        publication().write(&mut bytes);
        for len in 0..bytes.len() {
            assert!(Publication::read(&bytes[..len]).is_err());
        }
        bytes.push(0);
        assert!(Publication::read(&bytes).is_err());
    }

    #[test]
    fn sequence_numbers_have_20_digits_and_rise() {
        assert_eq!(sequence_number(1), "10000000000000001000");
        assert_eq!(sequence_number(2), "10000000000000002000");
        assert_eq!(sequence_number(8_000_000_000_000_000).len(), 20);
    }

    #[test]
    fn a_message_id_reads_as_a_version_4_uuid() {
        assert_eq!(
            message_id(&[0xff; 16]),
            "ffffffff-ffff-4fff-bfff-ffffffffffff"
        );
        assert_eq!(
            message_id(b"0123456789abcdef"),
            "30313233-3435-4637-b839-616263646566"
        );
    }
}
