//! Settled segments: immutable objects that hold bodies which outlived the journal's youngest part.
//!
//! ```text
//! object  segment-{number:016x}   "TDSEG001" then blocks back to back
//! block   len u32 | crc32c u32 of the bytes | bytes          a place names the bytes, not the block
//! ```

use std::collections::BTreeMap;
use std::io;

use domain::Place;
use journal::{Damage, ObjectWriter, ReadError, Store};

const MAGIC: &[u8; 8] = b"TDSEG001";
const BLOCK_HEADER: u32 = 8;

/// The settled segments a cell's state refers to, with their sizes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Segments {
    pub(crate) sizes: BTreeMap<u64, u64>,
    pub(crate) next: u64,
}

pub(crate) fn name(segment: u64) -> String {
    format!("{PREFIX}{segment:016x}")
}

pub(crate) const PREFIX: &str = "segment-";

/// The number in an object's name, if it is a segment's.
pub(crate) fn number(name: &str) -> Option<u64> {
    u64::from_str_radix(name.strip_prefix(PREFIX)?, 16).ok()
}

impl Segments {
    pub(crate) fn take_number(&mut self) -> u64 {
        self.next += 1;
        self.next - 1
    }

    pub(crate) fn bytes(&self) -> u64 {
        self.sizes.values().sum()
    }

    pub(crate) fn read(
        store: &dyn Store,
        segment: u64,
        place: Place,
        into: &mut Vec<u8>,
    ) -> Result<(), ReadError> {
        let mut block = Vec::with_capacity((place.len + BLOCK_HEADER) as usize);
        let from = u64::from(place.at - BLOCK_HEADER);
        store
            .read(
                &name(segment),
                from,
                (place.len + BLOCK_HEADER) as usize,
                &mut block,
            )
            .map_err(ReadError::Io)?;
        let damaged = || {
            ReadError::Corrupt(Damage {
                segment: name(segment),
                position: from,
                why: "a body's checksum does not fit",
            })
        };
        let (header, bytes) = block
            .split_at_checked(BLOCK_HEADER as usize)
            .ok_or_else(damaged)?;
        let kept_crc =
            u32::from_le_bytes(header[4..].try_into().expect("the header has eight bytes"));
        if bytes.len() != place.len as usize || crc32c::crc32c(bytes) != kept_crc {
            return Err(damaged());
        }
        into.extend_from_slice(bytes);
        Ok(())
    }
}

/// Writes one segment, block by block.
pub(crate) struct SegmentWriter {
    object: Box<dyn ObjectWriter>,
    pub(crate) number: u64,
    pub(crate) len: u64,
}

impl SegmentWriter {
    pub(crate) fn create(store: &dyn Store, number: u64) -> io::Result<SegmentWriter> {
        let mut object = store.write(&name(number))?;
        object.append(MAGIC)?;
        Ok(SegmentWriter {
            object,
            number,
            len: MAGIC.len() as u64,
        })
    }

    /// Appends one body and says where it lies.
    pub(crate) fn append(&mut self, bytes: &[u8]) -> io::Result<Place> {
        let len = u32::try_from(bytes.len()).expect("a body is bounded by the record's limit");
        self.object.append(&len.to_le_bytes())?;
        self.object.append(&crc32c::crc32c(bytes).to_le_bytes())?;
        self.object.append(bytes)?;
        let at = u32::try_from(self.len).expect("a segment stays far below 4 GiB") + BLOCK_HEADER;
        self.len += u64::from(BLOCK_HEADER) + bytes.len() as u64;
        Ok(Place::settled(self.number, at, len))
    }

    pub(crate) fn finish(self) -> io::Result<(u64, u64)> {
        self.object.finish()?;
        Ok((self.number, self.len))
    }
}
