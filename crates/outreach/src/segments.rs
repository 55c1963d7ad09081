//! Into how many parts an SMS is cut: 140 bytes each, 7-bit characters where the message has no others.
//!
//! A part of a longer message gives 6 bytes to the number by which a phone puts the parts together again: 153 of 160
//! characters remain, or 67 of 70.
//! <https://docs.aws.amazon.com/sns/latest/dg/sms_publish-to-phone.html>

/// The characters of GSM 03.38 that take one septet, beside ASCII's letters and digits.
const SINGLE: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./:;<=>?¡ÄÖÑÜ§¿äöñüà";
/// Those that take two: an escape goes before them.
const DOUBLE: &str = "\u{c}^{}\\[~]|€";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// GSM 03.38, seven bits a character.
    Gsm7,
    /// UTF-16, for messages with any other character.
    Ucs2,
}

impl Encoding {
    pub fn name(self) -> &'static str {
        match self {
            Encoding::Gsm7 => "GSM",
            Encoding::Ucs2 => "UCS-2",
        }
    }
}

/// How a message is encoded, and its parts.
pub fn parts(message: &str) -> (Encoding, u32) {
    let septets: Option<Vec<u32>> = message.chars().map(septets).collect();
    match septets {
        Some(widths) => (Encoding::Gsm7, cut(&widths, 160, 153)),
        None => {
            let widths: Vec<u32> = message.chars().map(|c| c.len_utf16() as u32).collect();
            (Encoding::Ucs2, cut(&widths, 70, 67))
        }
    }
}

fn septets(c: char) -> Option<u32> {
    if c.is_ascii_alphanumeric() || SINGLE.contains(c) {
        Some(1)
    } else if DOUBLE.contains(c) {
        Some(2)
    } else {
        None
    }
}

/// No character is cut in two.
fn cut(widths: &[u32], alone: u32, together: u32) -> u32 {
    if widths.iter().sum::<u32>() <= alone {
        return 1;
    }
    let (mut parts, mut used) = (1, 0);
    for width in widths {
        if used + width > together {
            parts += 1;
            used = 0;
        }
        used += width;
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_hold_160_or_70_characters_alone_and_153_or_67_together() {
        for (message, encoding, count) in [
            (String::new(), Encoding::Gsm7, 1),
            ("a".repeat(160), Encoding::Gsm7, 1),
            ("a".repeat(161), Encoding::Gsm7, 2),
            ("a".repeat(306), Encoding::Gsm7, 2),
            ("a".repeat(307), Encoding::Gsm7, 3),
            ("€".repeat(80), Encoding::Gsm7, 1),
            ("€".repeat(81), Encoding::Gsm7, 2),
            ("é@\n".repeat(53), Encoding::Gsm7, 1),
            ("ż".repeat(70), Encoding::Ucs2, 1),
            ("ż".repeat(71), Encoding::Ucs2, 2),
            ("ż".repeat(135), Encoding::Ucs2, 3),
            ("🙂".repeat(35), Encoding::Ucs2, 1),
            ("🙂".repeat(36), Encoding::Ucs2, 2),
        ] {
            assert_eq!(parts(&message), (encoding, count), "{message}");
        }
    }

    #[test]
    fn a_character_of_two_septets_moves_to_the_next_part_whole() {
        // 152 single ones leave one septet of the first part, which the euro sign does not fit into.
        let message = format!("{}€{}", "a".repeat(152), "a".repeat(151));
        assert_eq!(parts(&message), (Encoding::Gsm7, 2));
        assert_eq!(parts(&format!("{message}a")), (Encoding::Gsm7, 3));
    }
}
