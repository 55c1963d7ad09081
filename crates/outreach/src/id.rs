//! The id of a platform endpoint: the version 4 UUID at the end of its ARN.

use std::fmt;

/// Sixteen bytes with a UUID's version and variant in them, so that text and bytes say the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id([u8; 16]);

impl Id {
    /// An id out of random bytes.
    pub fn of(random: [u8; 16]) -> Id {
        let mut bytes = random;
        bytes[6] = bytes[6] & 0x0f | 0x40;
        bytes[8] = bytes[8] & 0x3f | 0x80;
        Id(bytes)
    }

    pub fn bytes(self) -> [u8; 16] {
        self.0
    }

    /// Reads exactly what `Display` writes.
    pub fn parse(text: &str) -> Option<Id> {
        let mut bytes = [0; 16];
        let mut digits = text.bytes().filter(|b| *b != b'-');
        for byte in &mut bytes {
            *byte = nibble(digits.next()?)? << 4 | nibble(digits.next()?)?;
        }
        let id = Id::of(bytes);
        (id.to_string() == text).then_some(id)
    }
}

fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bits = u128::from_be_bytes(self.0);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_bytes_say_the_same() {
        let id = Id::of([0xff; 16]);
        assert_eq!(id.to_string(), "ffffffff-ffff-4fff-bfff-ffffffffffff");
        assert_eq!(Id::parse(&id.to_string()), Some(id));
    }

    #[test]
    fn nothing_else_is_an_id() {
        for text in [
            "",
            "ffffffff-ffff-4fff-bfff-fffffffffff",
            "ffffffff-ffff-4fff-bfff-ffffffffffff0",
            "FFFFFFFF-ffff-4fff-bfff-ffffffffffff",
            "ffffffff-ffff-1fff-bfff-ffffffffffff",
            "ffffffffffff4fffbfffffffffffffff",
            "gfffffff-ffff-4fff-bfff-ffffffffffff",
        ] {
            assert_eq!(Id::parse(text), None, "{text}");
        }
    }
}
