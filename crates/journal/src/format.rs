//! The bytes of a segment, as `docs/journal-format.md` describes them. All integers are little-endian.

/// Batches begin on multiples of this, and a segment's header fills one.
pub(crate) const PAGE: u64 = 4096;

pub(crate) const VERSION: u32 = 1;

const SEGMENT_MAGIC: [u8; 8] = *b"TIDINGSJ";
const BATCH_MAGIC: [u8; 4] = *b"TBAT";

const SEGMENT_HEADER: usize = 40;
pub(crate) const BATCH_HEADER: usize = 40;
pub(crate) const RECORD_HEADER: usize = 8;

/// What the first page of a segment says.
///
/// ```text
///  0  magic      8      16  base    u64      32  salt  u64
///  8  version    u32    24  size    u64      the rest of the page is zero
/// 12  crc32c     u32 over all the other bytes of the page
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SegmentHeader {
    /// The offset of the segment's first byte.
    pub(crate) base: u64,
    /// In bytes, header included.
    pub(crate) size: u64,
    /// Tells this use of the file from earlier ones, and our headers from any a client could send us.
    pub(crate) salt: u64,
}

/// Why a page is not the header of a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoSegment {
    Damaged,
    Version(u32),
}

impl SegmentHeader {
    pub(crate) fn encode(&self) -> [u8; PAGE as usize] {
        let mut page = [0; PAGE as usize];
        page[0..8].copy_from_slice(&SEGMENT_MAGIC);
        page[8..12].copy_from_slice(&VERSION.to_le_bytes());
        page[16..24].copy_from_slice(&self.base.to_le_bytes());
        page[24..32].copy_from_slice(&self.size.to_le_bytes());
        page[32..SEGMENT_HEADER].copy_from_slice(&self.salt.to_le_bytes());
        let crc = segment_crc(&page);
        page[12..16].copy_from_slice(&crc.to_le_bytes());
        page
    }

    pub(crate) fn decode(page: &[u8; PAGE as usize]) -> Result<SegmentHeader, NoSegment> {
        if page[0..8] != SEGMENT_MAGIC || u32_at(page, 12) != segment_crc(page) {
            return Err(NoSegment::Damaged);
        }
        match u32_at(page, 8) {
            VERSION => Ok(SegmentHeader {
                base: u64_at(page, 16),
                size: u64_at(page, 24),
                salt: u64_at(page, 32),
            }),
            other => Err(NoSegment::Version(other)),
        }
    }
}

fn segment_crc(page: &[u8; PAGE as usize]) -> u32 {
    crc32c::crc32c_append(crc32c::crc32c(&page[..12]), &page[16..])
}

/// What stands before the records of a batch.
///
/// ```text
///  0  magic    4       8  salt      u64     32  length   u32
///  4  crc32c   u32    16  offset    u64     36  records  u32
///     over the rest   24  previous  u64
/// ```
///
/// A batch without records is the mark of a clean close.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BatchHeader {
    pub(crate) salt: u64,
    /// Where the batch itself stands.
    pub(crate) offset: u64,
    /// Where the batch before it stands; 0 for the first of all.
    pub(crate) previous: u64,
    /// Bytes of records behind this header, without the padding to the next page.
    pub(crate) length: u32,
    pub(crate) records: u32,
}

impl BatchHeader {
    pub(crate) fn encode(&self) -> [u8; BATCH_HEADER] {
        let mut bytes = [0; BATCH_HEADER];
        bytes[0..4].copy_from_slice(&BATCH_MAGIC);
        bytes[8..16].copy_from_slice(&self.salt.to_le_bytes());
        bytes[16..24].copy_from_slice(&self.offset.to_le_bytes());
        bytes[24..32].copy_from_slice(&self.previous.to_le_bytes());
        bytes[32..36].copy_from_slice(&self.length.to_le_bytes());
        bytes[36..40].copy_from_slice(&self.records.to_le_bytes());
        let crc = crc32c::crc32c(&bytes[8..]);
        bytes[4..8].copy_from_slice(&crc.to_le_bytes());
        bytes
    }

    /// The header that stands at this offset of a segment with this salt, or nothing.
    pub(crate) fn decode(bytes: &[u8], salt: u64, offset: u64) -> Option<BatchHeader> {
        let bytes = bytes.get(..BATCH_HEADER)?;
        let header = BatchHeader {
            salt: u64_at(bytes, 8),
            offset: u64_at(bytes, 16),
            previous: u64_at(bytes, 24),
            length: u32_at(bytes, 32),
            records: u32_at(bytes, 36),
        };
        let ours = header.salt == salt && header.offset == offset;
        (ours && bytes[0..4] == BATCH_MAGIC && u32_at(bytes, 4) == crc32c::crc32c(&bytes[8..]))
            .then_some(header)
    }

    /// The batch's bytes with its padding.
    pub(crate) fn padded(&self) -> u64 {
        padded(BATCH_HEADER + self.length as usize)
    }
}

pub(crate) fn padded(len: usize) -> u64 {
    (len as u64).next_multiple_of(PAGE)
}

/// What stands before the bytes of a record: their length, and a checksum bound to this one place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RecordHeader {
    pub(crate) len: u32,
    crc: u32,
}

impl RecordHeader {
    pub(crate) fn of(salt: u64, offset: u64, record: &[u8]) -> RecordHeader {
        let len = u32::try_from(record.len()).expect("a record is bounded by RECORD_BYTES_MAX");
        let mut place = [0; 20];
        place[0..8].copy_from_slice(&salt.to_le_bytes());
        place[8..16].copy_from_slice(&offset.to_le_bytes());
        place[16..20].copy_from_slice(&len.to_le_bytes());
        let crc = crc32c::crc32c_append(crc32c::crc32c(&place), record);
        RecordHeader { len, crc }
    }

    pub(crate) fn encode(&self) -> [u8; RECORD_HEADER] {
        let mut bytes = [0; RECORD_HEADER];
        bytes[0..4].copy_from_slice(&self.len.to_le_bytes());
        bytes[4..8].copy_from_slice(&self.crc.to_le_bytes());
        bytes
    }

    pub(crate) fn decode(bytes: &[u8]) -> Option<RecordHeader> {
        let bytes = bytes.get(..RECORD_HEADER)?;
        Some(RecordHeader {
            len: u32_at(bytes, 0),
            crc: u32_at(bytes, 4),
        })
    }
}

/// The records of a batch, each with its offset. `None` in place of one that is not what was written.
pub(crate) fn records(
    header: BatchHeader,
    mut rest: &[u8],
) -> impl Iterator<Item = Option<(u64, &[u8])>> {
    let mut offset = header.offset + BATCH_HEADER as u64;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let record = first_record(header.salt, offset, rest);
        match record {
            Some(record) => {
                let at = offset;
                offset += (RECORD_HEADER + record.len()) as u64;
                rest = &rest[RECORD_HEADER + record.len()..];
                Some(Some((at, record)))
            }
            None => {
                rest = &[];
                Some(None)
            }
        }
    })
}

/// The record that `bytes` begin with, if it is the one written at `offset`.
pub(crate) fn first_record(salt: u64, offset: u64, bytes: &[u8]) -> Option<&[u8]> {
    let header = RecordHeader::decode(bytes)?;
    let record = bytes[RECORD_HEADER..].get(..header.len as usize)?;
    (RecordHeader::of(salt, offset, record) == header).then_some(record)
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(bytes[at..at + 4].try_into().expect("four bytes"))
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(bytes[at..at + 8].try_into().expect("eight bytes"))
}
