//! Names of groups and deduplication ids, cut to a size that state can afford.

use domain::bytes::{Malformed, Put, Take};
use sha2::{Digest as _, Sha256};

/// 128 bits of a text's SHA-256: as good as the text for telling two apart, and the same on every replay.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key([u64; 2]);

impl Key {
    /// What messages without a group share.
    pub(crate) const NONE: Key = Key([0; 2]);

    pub(crate) fn of(text: &str) -> Key {
        let digest: [u8; 32] = Sha256::digest(text).into();
        let word = |at| u64::from_le_bytes(digest[at..at + 8].try_into().expect("eight bytes"));
        Key([word(0), word(8)])
    }

    pub(crate) fn of_group(group: Option<&str>) -> Key {
        group.map_or(Key::NONE, Key::of)
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
