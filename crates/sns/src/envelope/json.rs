//! JSON as SNS writes it: an object with a member on each line, and strings with as few escapes as JSON allows.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::publication::{Attribute, Value};

/// An object in the form of notifications, a member on each line.
pub(super) struct Lines {
    text: String,
    separator: &'static str,
}

impl Lines {
    pub(super) fn open(capacity: usize) -> Lines {
        let mut text = String::with_capacity(capacity);
        text.push('{');
        Lines {
            text,
            separator: "\n",
        }
    }

    pub(super) fn string(&mut self, key: &str, value: &str) -> &mut Lines {
        put_string(value, self.key(key));
        self
    }

    /// Begins a member and gives the text to write its value to.
    pub(super) fn key(&mut self, key: &str) -> &mut String {
        self.text.push_str(self.separator);
        self.separator = ",\n";
        self.text.push_str("  \"");
        self.text.push_str(key);
        self.text.push_str("\" : ");
        &mut self.text
    }

    /// Where the next byte will stand.
    pub(super) fn position(&self) -> usize {
        self.text.len()
    }

    pub(super) fn close(mut self) -> String {
        self.text.push_str("\n}");
        self.text
    }
}

/// Appends a string with its quotes.
pub(crate) fn put_string(text: &str, out: &mut String) {
    out.push('"');
    let mut rest = text;
    loop {
        let (plain, after) = rest.split_at(plain_bytes(rest.as_bytes()));
        out.push_str(plain);
        let Some(&byte) = after.as_bytes().first() else {
            break;
        };
        match byte {
            b'"' => out.push_str("\\\""),
            b'\\' => out.push_str("\\\\"),
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            b'\t' => out.push_str("\\t"),
            0x08 => out.push_str("\\b"),
            0x0c => out.push_str("\\f"),
            _ => out.push_str(&format!("\\u{byte:04X}")),
        }
        rest = &after[1..];
    }
    out.push('"');
}

/// How many bytes stand before the first that needs an escape.
fn plain_bytes(bytes: &[u8]) -> usize {
    // Each block is looked at whole, which the compiler makes a few instructions.
    const BLOCK: usize = 32;
    let needs_escape = |byte: u8| byte < 0x20 || byte == b'"' || byte == b'\\';
    let is_plain = |block: &&[u8]| {
        !block
            .iter()
            .fold(false, |any, &byte| any | needs_escape(byte))
    };
    let blocks = bytes.chunks_exact(BLOCK).take_while(is_plain).count();
    let start = blocks * BLOCK;
    let rest = &bytes[start..];
    let here = rest.iter().position(|&byte| needs_escape(byte));
    start + here.unwrap_or(rest.len())
}

/// `"name": {"Type":…,"Value":…}` for each attribute; `around` stands before each and `colon` behind each name.
pub(super) fn put_attributes(
    attributes: &[Attribute<'_>],
    around: &str,
    colon: &str,
    out: &mut String,
) {
    out.push('{');
    for (position, attribute) in attributes.iter().enumerate() {
        if position > 0 {
            out.push(',');
        }
        out.push_str(around);
        put_string(attribute.name, out);
        out.push_str(colon);
        out.push_str("{\"Type\":");
        put_string(attribute.data_type, out);
        out.push_str(",\"Value\":");
        match attribute.value {
            Value::Text(text) => put_string(text, out),
            Value::Binary(bytes) => {
                out.push('"');
                STANDARD.encode_string(bytes, out);
                out.push('"');
            }
        }
        out.push('}');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_read_back_and_are_escaped_no_more_than_needed() {
        let text = "a\"b\\c/d\n\r\t\u{8}\u{c}\u{1}\u{1f}\u{7f}é\u{1F980}\u{2028}";
        let mut json = String::new();
        put_string(text, &mut json);
        assert_eq!(
            json,
            "\"a\\\"b\\\\c/d\\n\\r\\t\\b\\f\\u0001\\u001F\u{7f}é\u{1F980}\u{2028}\""
        );
        assert_eq!(serde_json::from_str::<String>(&json).unwrap(), text);
    }

    #[test]
    fn an_escape_is_found_wherever_it_stands() {
        for at in 0..100 {
            let mut text = "x".repeat(100);
            text.replace_range(at..=at, "\"");
            let mut json = String::new();
            put_string(&text, &mut json);
            assert_eq!(json, format!("\"{}\"", text.replace('"', "\\\"")));
        }
    }
}
