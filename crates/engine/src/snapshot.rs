//! Snapshots: the whole state of a cell as one immutable object, so that a restart reads it and a bounded tail.
//!
//! ```text
//! object  snapshot-{number:016x}
//!         "TDSNAP01" | time u64 | offset u64 | next segment u64 | count u32 | (segment u64, bytes u64)*
//!         | length u64 | machines | crc32c u32 of all before
//! ```

use std::io;

use domain::bytes::{Malformed, Put, Take};
use domain::{Offset, Time};
use journal::Store;

use crate::cell::{Cell, Machines};
use crate::segments::Segments;

const MAGIC: &[u8; 8] = b"TDSNAP01";
pub(crate) const PREFIX: &str = "snapshot-";

pub(crate) fn name(number: u64) -> String {
    format!("{PREFIX}{number:016x}")
}

/// The number in an object's name.
pub(crate) fn number(name: &str) -> Option<u64> {
    u64::from_str_radix(name.strip_prefix(PREFIX)?, 16).ok()
}

pub(crate) struct Snapshot<M> {
    pub(crate) number: u64,
    pub(crate) time: Time,
    pub(crate) offset: Offset,
    pub(crate) segments: Segments,
    pub(crate) machines: M,
    pub(crate) bytes: u64,
}

/// The state of a cell that has no snapshot yet.
impl<M: Machines> Default for Snapshot<M> {
    fn default() -> Snapshot<M> {
        Snapshot {
            number: 0,
            time: Time::ZERO,
            offset: Offset::ZERO,
            segments: Segments::default(),
            machines: M::empty(),
            bytes: 0,
        }
    }
}

pub(crate) fn encode<M: Machines>(cell: &Cell<M>) -> Vec<u8> {
    let mut out = Vec::with_capacity(cell.snapshot.bytes as usize + 4096);
    out.extend_from_slice(MAGIC);
    out.put_u64(cell.last_time().millis());
    out.put_u64(cell.journal.end().0);
    out.put_u64(cell.segments.next);
    out.put_u32(cell.segments.sizes.len() as u32);
    for (&segment, &bytes) in &cell.segments.sizes {
        out.put_u64(segment);
        out.put_u64(bytes);
    }
    let length_at = out.len();
    out.put_u64(0);
    cell.machines.snapshot(&mut out);
    let length = (out.len() - length_at - 8) as u64;
    out[length_at..length_at + 8].copy_from_slice(&length.to_le_bytes());
    let crc = crc32c::crc32c(&out);
    out.put_u32(crc);
    out
}

pub(crate) fn decode<M: Machines>(number: u64, bytes: &[u8]) -> Result<Snapshot<M>, Malformed> {
    let (kept, crc) = bytes
        .split_last_chunk::<4>()
        .ok_or(Malformed("a snapshot ends too early"))?;
    if crc32c::crc32c(kept) != u32::from_le_bytes(*crc) {
        return Err(Malformed("a snapshot's checksum does not fit"));
    }
    let mut take = Take::new(kept);
    if take.bytes(MAGIC.len())? != MAGIC {
        return Err(Malformed("a snapshot of another version"));
    }
    let time = Time::from_millis(take.u64()?);
    let offset = Offset(take.u64()?);
    let mut segments = Segments {
        next: take.u64()?,
        ..Segments::default()
    };
    for _ in 0..take.u32()? {
        let segment = take.u64()?;
        segments.sizes.insert(segment, take.u64()?);
    }
    let length = take.u64()? as usize;
    let machines = M::restore(take.bytes(length)?)?;
    Ok(Snapshot {
        number,
        time,
        offset,
        segments,
        machines,
        bytes: bytes.len() as u64,
    })
}

pub(crate) fn write(store: &dyn Store, number: u64, bytes: &[u8]) -> io::Result<()> {
    let mut object = store.write(&name(number))?;
    object.append(bytes)?;
    object.finish()
}

/// The snapshots in the store, oldest first.
pub(crate) fn list(store: &dyn Store) -> io::Result<Vec<String>> {
    store.list(PREFIX)
}
