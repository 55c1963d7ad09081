//! Request ids: version 4 UUIDs, unique, made without a system call and not meant to be secret.

use std::cell::RefCell;
use std::fmt;

use rand::rngs::SmallRng;
use rand::{RngExt as _, SeedableRng as _};

/// The id an answer carries in `x-amzn-RequestId` and, in XML, in its body.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct RequestId([u8; 36]);

thread_local! {
    static RANDOM: RefCell<SmallRng> = RefCell::new(SmallRng::from_rng(&mut rand::rng()));
}

const HEX: [u8; 16] = *b"0123456789abcdef";

impl RequestId {
    pub(crate) fn new() -> RequestId {
        RequestId::of(RANDOM.with_borrow_mut(|random| random.random()))
    }

    fn of(mut bytes: [u8; 16]) -> RequestId {
        bytes[6] = bytes[6] & 0x0f | 0x40;
        bytes[8] = bytes[8] & 0x3f | 0x80;
        let mut text = [b'-'; 36];
        let mut at = 0;
        for (n, byte) in bytes.into_iter().enumerate() {
            if matches!(n, 4 | 6 | 8 | 10) {
                at += 1;
            }
            text[at] = HEX[usize::from(byte >> 4)];
            text[at + 1] = HEX[usize::from(byte & 15)];
            at += 2;
        }
        RequestId(text)
    }

    pub(crate) fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("hex digits and hyphens are ASCII")
    }
}

impl Default for RequestId {
    fn default() -> RequestId {
        RequestId::new()
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_id_is_a_version_4_uuid() {
        let bytes = std::array::from_fn(|n| n as u8 * 17);
        assert_eq!(
            RequestId::of(bytes).as_str(),
            "00112233-4455-4677-8899-aabbccddeeff"
        );
    }

    #[test]
    fn no_two_are_the_same() {
        assert_ne!(RequestId::new(), RequestId::new());
    }
}
