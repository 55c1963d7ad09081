//! Digests: names of groups and deduplication ids cut to a size that state can afford, and hexadecimal as AWS shows it.

use domain::bytes::{Malformed, Put, Take};
use md5::Md5;
use sha2::{Digest as _, Sha256};

/// 128 bits of a text's SHA-256: as good as the text for telling two apart, and the same on every replay.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key([u64; 2]);

impl Key {
    pub(crate) fn of(text: &str) -> Key {
        let digest: [u8; 32] = Sha256::digest(text).into();
        let word = |at| u64::from_le_bytes(digest[at..at + 8].try_into().expect("eight bytes"));
        Key([word(0), word(8)])
    }

    /// Evenly spread already.
    pub(crate) fn hash(self) -> u64 {
        self.0[0]
    }

    pub(crate) fn put(self, out: &mut Vec<u8>) {
        out.put_u64(self.0[0]);
        out.put_u64(self.0[1]);
    }

    pub(crate) fn take(take: &mut Take<'_>) -> Result<Key, Malformed> {
        Ok(Key([take.u64()?, take.u64()?]))
    }
}

/// The deduplication id that a message's content stands for: its SHA-256 in hexadecimal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ContentId(String);

impl ContentId {
    pub(crate) fn of(message: &str) -> ContentId {
        ContentId(hex(&Sha256::digest(message)))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

pub(crate) fn md5_hex(text: &str) -> String {
    hex(&Md5::digest(text))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_read_as_aws_shows_them() {
        assert_eq!(
            ContentId::of("Test").as_str(),
            "532eaabd9574880dbf76b9b8cc00832c20a6ec113d682299550d7a6e0f345e25"
        );
        assert_eq!(md5_hex("message"), "78e731027d8fd50ed642340b7c9a63b3");
    }
}
