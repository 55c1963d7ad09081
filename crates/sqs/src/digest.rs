//! Digests as AWS shows them: lower-case hexadecimal.

use md5::{Digest as _, Md5};
use sha2::Sha256;

const DIGITS: &[u8; 16] = b"0123456789abcdef";

/// MD5 of a run of bytes, which SDKs compare with their own.
pub(crate) fn md5(bytes: &[u8]) -> [u8; 16] {
    Md5::digest(bytes).into()
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        text.push(DIGITS[usize::from(byte >> 4)].into());
        text.push(DIGITS[usize::from(byte & 15)].into());
    }
    text
}

/// The SHA-256 of a body in hexadecimal: the deduplication id of a message that brings none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ContentId([u8; 64]);

impl ContentId {
    pub(crate) fn of(body: &str) -> ContentId {
        let mut text = [0; 64];
        for (pair, byte) in text.chunks_exact_mut(2).zip(Sha256::digest(body)) {
            pair[0] = DIGITS[usize::from(byte >> 4)];
            pair[1] = DIGITS[usize::from(byte & 15)];
        }
        ContentId(text)
    }

    pub(crate) fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("hexadecimal digits are ASCII")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_has_the_md5_that_aws_reports() {
        assert_eq!(hex(&md5(b"message")), "78e731027d8fd50ed642340b7c9a63b3");
    }

    #[test]
    fn content_based_deduplication_uses_the_hash_of_the_body_alone() {
        assert_eq!(
            ContentId::of("Test").as_str(),
            "532eaabd9574880dbf76b9b8cc00832c20a6ec113d682299550d7a6e0f345e25"
        );
    }
}
