//! Writes a shape as JSON text, appended to a buffer: no white space, members in the model's order.

use api::{Error, List, MapOf, Member, ShapeWriter, Str, Structure, TimestampFormat};

use crate::{base64, scan, timestamp};

pub struct JsonWriter<'o> {
    out: &'o mut Vec<u8>,
}

impl<'o> JsonWriter<'o> {
    pub fn new(out: &'o mut Vec<u8>) -> Self {
        JsonWriter { out }
    }

    /// Separates an entry from the one before it, if there is one.
    fn separate(&mut self) {
        if !matches!(self.out.last(), Some(b'{' | b'[') | None) {
            self.out.push(b',');
        }
    }

    fn quoted(&mut self, text: &str) {
        self.out.push(b'"');
        self.out.extend_from_slice(text.as_bytes());
        self.out.push(b'"');
    }
}

impl ShapeWriter for JsonWriter<'_> {
    fn string(&mut self, value: &str) {
        escape(value, self.out);
    }

    fn blob(&mut self, value: &[u8]) {
        self.quoted(&base64::encode(value));
    }

    fn integer(&mut self, value: i32) {
        self.long(value.into());
    }

    fn long(&mut self, value: i64) {
        self.out
            .extend_from_slice(itoa::Buffer::new().format(value).as_bytes());
    }

    fn double(&mut self, value: f64) {
        if value.is_finite() {
            self.out.extend_from_slice(value.to_string().as_bytes());
        } else {
            self.quoted(non_finite(value));
        }
    }

    fn boolean(&mut self, value: bool) {
        self.out
            .extend_from_slice(if value { b"true" } else { b"false" });
    }

    fn timestamp(&mut self, value: i64, format: TimestampFormat) {
        match format {
            TimestampFormat::ProtocolDefault | TimestampFormat::EpochSeconds => {
                let text = timestamp::format(value, TimestampFormat::EpochSeconds);
                self.out.extend_from_slice(text.as_bytes());
            }
            TimestampFormat::DateTime | TimestampFormat::HttpDate => {
                self.quoted(&timestamp::format(value, format));
            }
        }
    }

    fn structure(&mut self, _shape: &'static Structure, members: impl FnOnce(&mut Self)) {
        self.out.push(b'{');
        members(self);
        self.out.push(b'}');
    }

    fn member(&mut self, member: &'static Member, value: impl FnOnce(&mut Self)) {
        self.separate();
        self.quoted(member.name);
        self.out.push(b':');
        value(self);
    }

    fn list<T>(&mut self, _shape: &'static List, items: &[T], item: impl Fn(&mut Self, &T)) {
        self.out.push(b'[');
        for each in items {
            self.separate();
            item(self, each);
        }
        self.out.push(b']');
    }

    fn map<T>(
        &mut self,
        _shape: &'static MapOf,
        entries: &[(Str<'_>, T)],
        item: impl Fn(&mut Self, &T),
    ) {
        self.out.push(b'{');
        for (key, value) in entries {
            self.separate();
            escape(key, self.out);
            self.out.push(b':');
            item(self, value);
        }
        self.out.push(b'}');
    }
}

/// Appends an error as AWS's JSON protocols answer it.
pub fn error(error: &Error, out: &mut Vec<u8>) {
    out.extend_from_slice(b"{\"__type\":\"");
    let hash = if error.kind.namespace.is_empty() {
        ""
    } else {
        "#"
    };
    for piece in [error.kind.namespace, hash, error.kind.shape, "\""] {
        out.extend_from_slice(piece.as_bytes());
    }
    if error.kind.has_message {
        out.extend_from_slice(b",\"message\":");
        escape(&error.message, out);
    }
    out.push(b'}');
}

pub(crate) fn non_finite(value: f64) -> &'static str {
    match value {
        f64::INFINITY => "Infinity",
        f64::NEG_INFINITY => "-Infinity",
        _ => "NaN",
    }
}

/// Appends `text` as a JSON string with its quotes.
pub fn escape(text: &str, out: &mut Vec<u8>) {
    out.reserve(text.len() + 2);
    out.push(b'"');
    let mut rest = text.as_bytes();
    loop {
        let (plain, special) = rest.split_at(scan::plain(rest, must_be_escaped));
        out.extend_from_slice(plain);
        let Some((&byte, after)) = special.split_first() else {
            break;
        };
        escape_byte(byte, out);
        rest = after;
    }
    out.push(b'"');
}

/// Whether a byte cannot stand for itself in a JSON string.
pub(super) fn must_be_escaped(byte: u8) -> bool {
    (byte < 0x20) | (byte == b'"') | (byte == b'\\')
}

fn escape_byte(byte: u8, out: &mut Vec<u8>) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    let letter = match byte {
        b'"' | b'\\' => byte,
        b'\n' => b'n',
        b'\r' => b'r',
        b'\t' => b't',
        0x08 => b'b',
        0x0c => b'f',
        _ => {
            out.extend_from_slice(b"\\u00");
            out.push(HEX[usize::from(byte >> 4)]);
            out.push(HEX[usize::from(byte & 15)]);
            return;
        }
    };
    out.extend_from_slice(&[b'\\', letter]);
}
