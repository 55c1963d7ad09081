//! The content of a JSON string whose escapes are known to be well formed.

use std::borrow::Cow;

/// Half a surrogate pair is allowed in JSON and stands for nothing that Unicode has: it becomes U+FFFD.
pub(super) fn unescape(quoted: &str) -> Cow<'_, str> {
    let Some(first) = quoted.find('\\') else {
        return Cow::Borrowed(quoted);
    };
    let mut text = String::with_capacity(quoted.len());
    let (plain, mut rest) = quoted.split_at(first);
    text.push_str(plain);
    while let Some(escaped) = rest.strip_prefix('\\') {
        let (character, length) = character(escaped);
        text.push(character);
        let (plain, after) = split_at_escape(&escaped[length..]);
        text.push_str(plain);
        rest = after;
    }
    Cow::Owned(text)
}

fn split_at_escape(text: &str) -> (&str, &str) {
    text.split_at(text.find('\\').unwrap_or(text.len()))
}

/// The character that stands behind a backslash, and the bytes it takes there.
fn character(escaped: &str) -> (char, usize) {
    match escaped.as_bytes().first() {
        Some(b'b') => ('\u{8}', 1),
        Some(b'f') => ('\u{c}', 1),
        Some(b'n') => ('\n', 1),
        Some(b'r') => ('\r', 1),
        Some(b't') => ('\t', 1),
        Some(b'u') => unicode(escaped),
        Some(&byte) => (char::from(byte), 1),
        None => (char::REPLACEMENT_CHARACTER, 0),
    }
}

fn unicode(escaped: &str) -> (char, usize) {
    let unit = |at: usize| u16::from_str_radix(escaped.get(at..at + 4)?, 16).ok();
    let first = unit(1).unwrap_or(0xfffd);
    let second = if escaped[5.min(escaped.len())..].starts_with("\\u") {
        unit(7)
    } else {
        None
    };
    let mut pair = char::decode_utf16([first].into_iter().chain(second));
    match pair.next() {
        Some(Ok(character)) if character.len_utf16() == 2 => (character, 11),
        Some(Ok(character)) => (character, 5),
        Some(Err(_)) | None => (char::REPLACEMENT_CHARACTER, 5),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_read_as_json_has_them() {
        for (quoted, text) in [
            ("plain", "plain"),
            ("\\\"\\\\\\/", "\"\\/"),
            ("a\\b\\f\\n\\r\\tz", "a\u{8}\u{c}\n\r\tz"),
            ("\\u00e9\\u20AC", "é€"),
            ("\\ud83d\\ude00!", "😀!"),
            ("\\ud83dx", "\u{fffd}x"),
            ("\\ude00\\ud83d", "\u{fffd}\u{fffd}"),
            ("\\ud83d\\u0041", "\u{fffd}A"),
            ("\\ud83d\\n", "\u{fffd}\n"),
        ] {
            assert_eq!(unescape(quoted), text, "{quoted}");
        }
    }

    #[test]
    fn a_text_without_escapes_is_not_copied() {
        assert!(matches!(unescape("plain"), Cow::Borrowed(_)));
    }
}
