//! The characters SQS takes in bodies, tokens and names.

use crate::limits;

/// Whether a body holds nothing but characters that XML 1.0 can carry (spec section 2.2).
///
/// Every body passes here: the loop has no early exit, so that it runs on whole vector registers.
pub(crate) fn are_legal(text: &str) -> bool {
    let mut control = false;
    let mut maybe_noncharacter = false;
    for &byte in text.as_bytes() {
        control |= byte < 0x20 && byte != b'\t' && byte != b'\n' && byte != b'\r';
        // U+FFFE and U+FFFF are the bytes EF BF BE and EF BF BF.
        maybe_noncharacter |= byte == 0xEF;
    }
    let noncharacter = maybe_noncharacter && text.contains(['\u{FFFE}', '\u{FFFF}']);
    !control && !noncharacter
}

/// Whether this can be a MessageGroupId, a MessageDeduplicationId or a ReceiveRequestAttemptId (spec section 2.6).
pub(crate) fn are_token(text: &str) -> bool {
    (1..=limits::MESSAGE_TOKEN_CHARS_MAX).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// Whether this can be a batch entry's id, a permission's label, or a queue's name without its suffix.
pub(crate) fn are_name(text: &str) -> bool {
    (1..=limits::NAME_CHARS_MAX).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_hold_what_xml_can_carry() {
        for legal in [
            "",
            "\t\n\r ~\u{7f}",
            "ø\u{D7FF}\u{E000}\u{FFFD}\u{10000}\u{10FFFF}",
            "\u{FF0C}",
        ] {
            assert!(are_legal(legal), "{legal:?}");
        }
        for illegal in ["\0", "a\u{1f}", "\u{b}", "\u{FFFE}", "text \u{FFFF}"] {
            assert!(!are_legal(illegal), "{illegal:?}");
        }
    }

    #[test]
    fn tokens_are_1_to_128_letters_digits_and_punctuation() {
        assert!(are_token("aZ09!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"));
        assert!(are_token(&"a".repeat(128)));
        for illegal in ["", "a b", "ü", "a\n", &"a".repeat(129)] {
            assert!(!are_token(illegal), "{illegal:?}");
        }
    }

    #[test]
    fn names_are_1_to_80_letters_digits_hyphens_and_underscores() {
        assert!(are_name("aZ09-_"));
        for illegal in ["", "a.b", "a:b", &"a".repeat(81)] {
            assert!(!are_name(illegal), "{illegal:?}");
        }
    }
}
