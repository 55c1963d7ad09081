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
    let mut plain = 0;
    for (at, byte) in text.bytes().enumerate() {
        let escape = match byte {
            b'"' => "\\\"",
            b'\\' => "\\\\",
            b'\n' => "\\n",
            b'\r' => "\\r",
            b'\t' => "\\t",
            0x08 => "\\b",
            0x0c => "\\f",
            0..0x20 => "",
            _ => continue,
        };
        out.push_str(&text[plain..at]);
        plain = at + 1;
        if escape.is_empty() {
            out.push_str(&format!("\\u{byte:04X}"));
        } else {
            out.push_str(escape);
        }
    }
    out.push_str(&text[plain..]);
    out.push('"');
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
}
