//! A message as its bytes lie in the journal: everything its queue's order does not need.
//!
//! ```text
//! id 16 | body run | body md5 16 | attributes u8, each: name run, type run, kind u8 (0 text, 1 binary), value run
//! | attributes md5? | sender run | trace header? | group? | dedup id?
//! ```
//! A run is its length in four bytes and the bytes; `?` is a flag byte and, when it is 1, the value.

use std::fmt;

use domain::bytes::{Malformed, Put, Take};

/// A message's id, shown as a version 4 UUID.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MessageId(pub [u8; 16]);

impl fmt::Display for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bits = u128::from_be_bytes(self.0);
        bits = bits & !(0xf << 76) | 4 << 76;
        bits = bits & !(3 << 62) | 2 << 62;
        write!(
            f,
            "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
            bits >> 96,
            bits >> 80 & 0xffff,
            bits >> 64 & 0xffff,
            bits >> 48 & 0xffff,
            bits & 0xffff_ffff_ffff
        )
    }
}

/// What a message carries. Encoded inside the record that brought it; state keeps only where it lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payload<'a> {
    pub id: MessageId,
    pub body: &'a str,
    pub body_md5: [u8; 16],
    /// Sorted by name, as their MD5 wants them.
    pub attributes: Vec<Attribute<'a>>,
    /// MD5 over all attributes; absent without attributes.
    pub attributes_md5: Option<[u8; 16]>,
    /// SenderId as ReceiveMessage reports it.
    pub sender: &'a str,
    pub trace_header: Option<&'a str>,
    pub group: Option<&'a str>,
    /// MessageDeduplicationId as reported: the explicit one, or the body's SHA-256 in hex.
    pub dedup: Option<&'a str>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribute<'a> {
    pub name: &'a str,
    /// Base type with its optional label, such as `Number.int`.
    pub data_type: &'a str,
    pub value: Value<'a>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value<'a> {
    /// String and Number.
    Text(&'a str),
    Binary(&'a [u8]),
}

impl<'a> Payload<'a> {
    pub fn encode(&self, out: &mut Vec<u8>) {
        self.encode_with_dedup(self.dedup, out);
    }

    /// Encodes with another deduplication id in the place of the message's own.
    pub(crate) fn encode_with_dedup(&self, dedup: Option<&str>, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.id.0);
        out.put_text(self.body);
        out.extend_from_slice(&self.body_md5);
        out.put_u8(
            u8::try_from(self.attributes.len()).expect("a message has at most 10 attributes"),
        );
        for attribute in &self.attributes {
            attribute.encode(out);
        }
        out.put_bool(self.attributes_md5.is_some());
        if let Some(md5) = &self.attributes_md5 {
            out.extend_from_slice(md5);
        }
        out.put_text(self.sender);
        out.put_some_text(self.trace_header);
        out.put_some_text(self.group);
        out.put_some_text(dedup);
    }

    /// Reads what `encode` wrote, to the last byte.
    pub fn decode(bytes: &'a [u8]) -> Result<Payload<'a>, Malformed> {
        let mut take = Take::new(bytes);
        let payload = Payload {
            id: MessageId(take.array()?),
            body: take.text()?,
            body_md5: take.array()?,
            attributes: (0..take.u8()?)
                .map(|_| Attribute::decode(&mut take))
                .collect::<Result<_, _>>()?,
            attributes_md5: if take.bool()? {
                Some(take.array()?)
            } else {
                None
            },
            sender: take.text()?,
            trace_header: take.some_text()?,
            group: take.some_text()?,
            dedup: take.some_text()?,
        };
        if take.is_empty() {
            Ok(payload)
        } else {
            Err(Malformed("a message is followed by something else"))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_id_reads_as_a_version_4_uuid() {
        assert_eq!(
            MessageId([0xff; 16]).to_string(),
            "ffffffff-ffff-4fff-bfff-ffffffffffff"
        );
        assert_eq!(
            MessageId(*b"0123456789abcdef").to_string(),
            "30313233-3435-4637-b839-616263646566"
        );
    }

    #[test]
    fn a_payload_survives_its_encoding() {
        let payload = Payload {
            id: MessageId([7; 16]),
            body: "a \u{1F980} body",
            body_md5: [1; 16],
            attributes: vec![
                Attribute {
                    name: "bin",
                    data_type: "Binary",
                    value: Value::Binary(&[0, 255]),
                },
                Attribute {
                    name: "n",
                    data_type: "Number.int",
                    value: Value::Text("3"),
                },
            ],
            attributes_md5: Some([2; 16]),
            sender: "000000000000",
            trace_header: Some("Root=1"),
            group: Some("g"),
            dedup: None,
        };
        let mut bytes = Vec::new();
        payload.encode(&mut bytes);
        assert_eq!(Payload::decode(&bytes), Ok(payload));
        for len in 0..bytes.len() {
            assert!(Payload::decode(&bytes[..len]).is_err());
        }
        bytes.push(0);
        assert!(Payload::decode(&bytes).is_err());
    }
}
