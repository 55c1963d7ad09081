//! Writes a shape as XML, appended to a buffer: no white space between elements, members in the model's order.

use api::{Error, List, MapOf, Member, Service, ShapeWriter, Str, Structure, TimestampFormat};

use crate::json::non_finite;
use crate::{base64, scan, timestamp};

const DECLARATION: &[u8] = b"<?xml version=\"1.0\"?>";

pub struct XmlWriter<'o> {
    out: &'o mut Vec<u8>,
    /// Name of the element that the next value becomes; empty for the outermost structure, which becomes none.
    name: &'static str,
}

impl<'o> XmlWriter<'o> {
    /// A writer of one structure, whose members are written without an element around them.
    pub fn new(out: &'o mut Vec<u8>) -> Self {
        XmlWriter { out, name: "" }
    }

    fn element(&mut self, content: impl FnOnce(&mut Self)) {
        let name = self.name;
        open(name, self.out);
        content(self);
        close(name, self.out);
        self.name = name;
    }

    /// Elements within the one opened take this name.
    fn named(&mut self, name: &'static str, content: impl FnOnce(&mut Self)) {
        self.name = name;
        content(self);
    }

    /// An element whose text needs no escaping.
    fn plain(&mut self, text: &str) {
        self.element(|it| it.out.extend_from_slice(text.as_bytes()));
    }

    fn pair(&mut self, shape: &'static MapOf, key: &str, value: impl FnOnce(&mut Self)) {
        self.element(|it| {
            it.named(shape.key, |it| it.string(key));
            it.named(shape.value, value);
        });
    }
}

impl ShapeWriter for XmlWriter<'_> {
    fn string(&mut self, value: &str) {
        self.element(|it| escape(value, it.out));
    }

    fn blob(&mut self, value: &[u8]) {
        self.plain(&base64::encode(value));
    }

    fn integer(&mut self, value: i32) {
        self.long(value.into());
    }

    fn long(&mut self, value: i64) {
        self.plain(itoa::Buffer::new().format(value));
    }

    fn double(&mut self, value: f64) {
        match value.is_finite() {
            true => self.plain(&value.to_string()),
            false => self.plain(non_finite(value)),
        }
    }

    fn boolean(&mut self, value: bool) {
        self.plain(if value { "true" } else { "false" });
    }

    fn timestamp(&mut self, value: i64, format: TimestampFormat) {
        self.plain(&timestamp::format(value, format));
    }

    fn structure(&mut self, _shape: &'static Structure, members: impl FnOnce(&mut Self)) {
        match self.name {
            "" => members(self),
            _ => self.element(members),
        }
    }

    fn member(&mut self, member: &'static Member, value: impl FnOnce(&mut Self)) {
        self.named(member.query, value);
    }

    fn list<T>(&mut self, shape: &'static List, items: &[T], item: impl Fn(&mut Self, &T)) {
        if shape.flat {
            return items.iter().for_each(|each| item(self, each));
        }
        self.element(|it| {
            for each in items {
                it.named(shape.element, |it| item(it, each));
            }
        });
    }

    fn map<T>(
        &mut self,
        shape: &'static MapOf,
        entries: &[(Str<'_>, T)],
        item: impl Fn(&mut Self, &T),
    ) {
        let each = |it: &mut Self| {
            for (key, value) in entries {
                it.pair(shape, key, |it| item(it, value));
            }
        };
        match shape.flat {
            true => each(self),
            false => self.element(|it| it.named("entry", each)),
        }
    }
}

/// Appends the answer to a Query request: its result, if the operation has one, and the request's id.
pub fn reply(
    operation: &str,
    namespace: &str,
    result: Option<impl FnOnce(&mut XmlWriter<'_>)>,
    request_id: &str,
    out: &mut Vec<u8>,
) {
    out.extend_from_slice(DECLARATION);
    text(
        &["<", operation, "Response xmlns=\"", namespace, "\">"],
        out,
    );
    if let Some(result) = result {
        text(&["<", operation, "Result>"], out);
        let start = out.len();
        result(&mut XmlWriter::new(out));
        if out.len() > start {
            text(&["</", operation, "Result>"], out);
        } else {
            out.truncate(start - 1);
            out.extend_from_slice(b"/>");
        }
    }
    text(
        &[
            "<ResponseMetadata><RequestId>",
            request_id,
            "</RequestId></ResponseMetadata>",
        ],
        out,
    );
    text(&["</", operation, "Response>"], out);
}

/// Appends an error as the Query protocol answers it. SQS alone has an empty `Detail` in it.
pub fn error(error: &Error, service: &Service, request_id: &str, out: &mut Vec<u8>) {
    let fault = if error.kind.sender_fault {
        "Sender"
    } else {
        "Receiver"
    };
    out.extend_from_slice(DECLARATION);
    text(
        &[
            "<ErrorResponse xmlns=\"",
            service.xml_namespace,
            "\"><Error>",
        ],
        out,
    );
    text(
        &[
            "<Type>",
            fault,
            "</Type><Code>",
            error.kind.code,
            "</Code><Message>",
        ],
        out,
    );
    escape(error.query_message.unwrap_or(&error.message), out);
    let detail = if service.name == "sqs" {
        "<Detail/>"
    } else {
        ""
    };
    text(
        &[
            "</Message>",
            detail,
            "</Error><RequestId>",
            request_id,
            "</RequestId></ErrorResponse>",
        ],
        out,
    );
}

fn text(pieces: &[&str], out: &mut Vec<u8>) {
    for piece in pieces {
        out.extend_from_slice(piece.as_bytes());
    }
}

fn open(name: &str, out: &mut Vec<u8>) {
    text(&["<", name, ">"], out);
}

fn close(name: &str, out: &mut Vec<u8>) {
    text(&["</", name, ">"], out);
}

/// Whether a byte may not stand for itself: markup, carriage return (parsers drop it), other control characters, and
/// the first byte of U+FFFE and U+FFFF.
fn is_special(byte: u8) -> bool {
    let markup = (byte == b'&') | (byte == b'<') | (byte == b'>') | (byte == b'"');
    let control = (byte < 0x20) & (byte != b'\t') & (byte != b'\n');
    markup | control | (byte == 0xef)
}

/// Appends `text` as character data. Characters that XML cannot hold in any form become U+FFFD.
pub fn escape(text: &str, out: &mut Vec<u8>) {
    out.reserve(text.len());
    let mut rest = text.as_bytes();
    loop {
        let (plain, special) = rest.split_at(scan::plain(rest, is_special));
        out.extend_from_slice(plain);
        let (replacement, length): (&[u8], usize) = match special {
            [] => return,
            [b'&', ..] => (b"&amp;", 1),
            [b'<', ..] => (b"&lt;", 1),
            [b'>', ..] => (b"&gt;", 1),
            [b'"', ..] => (b"&quot;", 1),
            [b'\r', ..] => (b"&#13;", 1),
            [0xef, 0xbf, 0xbe | 0xbf, ..] => ("\u{fffd}".as_bytes(), 3),
            [0xef, ..] => (&[0xef], 1),
            _ => ("\u{fffd}".as_bytes(), 1),
        };
        out.extend_from_slice(replacement);
        rest = &special[length..];
    }
}
