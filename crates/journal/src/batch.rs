//! A batch in memory: open while records join it, then sealed and never changed again.

use std::fs;
use std::sync::Arc;

use domain::{Offset, Place};

use crate::format::{BATCH_HEADER, BatchHeader, PAGE, RECORD_HEADER, RecordHeader, padded};
use crate::journal::ReadError;
use crate::pages::Pages;
use crate::segment::Segment;

/// A batch that reached this size is closed, however many more records wait.
const BATCH_BYTES_MAX: u64 = 8 * 1024 * 1024;

/// Where a batch will be written.
#[derive(Clone)]
pub(crate) struct Target {
    pub(crate) segment: Arc<Segment>,
    /// The segment's file without the page cache, for io_uring.
    pub(crate) direct: Option<Arc<fs::File>>,
}

pub(crate) struct Batch {
    target: Target,
    /// From the start of the segment's file.
    position: u64,
    records: u32,
    pages: Pages,
}

impl Batch {
    pub(crate) fn new(target: Target, position: u64, mut pages: Pages) -> Batch {
        pages.clear();
        pages.push(&[0; BATCH_HEADER]);
        Batch {
            target,
            position,
            records: 0,
            pages,
        }
    }

    pub(crate) fn target(&self) -> &Target {
        &self.target
    }

    /// Where the batch stands in its segment's file.
    pub(crate) fn position(&self) -> u64 {
        self.position
    }

    /// Where the batch stands in the journal.
    pub(crate) fn offset(&self) -> u64 {
        self.target.segment.base + self.position
    }

    pub(crate) fn records(&self) -> usize {
        self.records as usize
    }

    /// The bytes written so far; once sealed, those for the disk.
    pub(crate) fn bytes(&self) -> &[u8] {
        self.pages.as_slice()
    }

    /// Behind the last record; once sealed, behind the padding.
    pub(crate) fn end(&self) -> u64 {
        self.offset() + self.pages.len() as u64
    }

    /// Bytes of records that still fit, the last page of the segment being kept for the mark of a clean close.
    pub(crate) fn room(&self) -> u64 {
        let in_segment = (self.target.segment.size - PAGE).saturating_sub(self.position);
        in_segment
            .min(BATCH_BYTES_MAX)
            .saturating_sub(self.pages.len() as u64)
    }

    pub(crate) fn fits(&self, record: usize) -> bool {
        (RECORD_HEADER + record) as u64 <= self.room()
    }

    /// Where in the file the next batch will stand.
    pub(crate) fn next_position(&self) -> u64 {
        self.position + padded(self.pages.len())
    }

    /// Whether a record would fit into a new batch behind this one.
    pub(crate) fn fits_behind(&self, record: usize) -> bool {
        let needed = (BATCH_HEADER + RECORD_HEADER + record) as u64;
        self.next_position() + needed <= self.target.segment.size - PAGE
    }

    pub(crate) fn push(&mut self, record: &[u8]) -> Offset {
        let offset = self.end();
        let header = RecordHeader::of(self.target.segment.salt, offset, record);
        self.pages.push(&header.encode());
        self.pages.push(record);
        self.records += 1;
        Offset(offset)
    }

    pub(crate) fn seal(&mut self, previous: u64) {
        let length = self.pages.len() - BATCH_HEADER;
        let header = BatchHeader {
            salt: self.target.segment.salt,
            offset: self.offset(),
            previous,
            length: u32::try_from(length).expect("a batch is bounded by BATCH_BYTES_MAX"),
            records: self.records,
        };
        self.pages.as_mut_slice()[..BATCH_HEADER].copy_from_slice(&header.encode());
        let padded = padded(self.pages.len()) as usize;
        self.pages.push_zeros_to(padded);
    }

    /// Reads from a record that stands in this batch.
    pub(crate) fn read(&self, place: Place, into: &mut Vec<u8>) -> Result<(), ReadError> {
        let at = place.offset.0.checked_sub(self.offset());
        let record = at
            .and_then(|at| self.bytes().get(usize::try_from(at).ok()?..))
            .and_then(|bytes| {
                let header = RecordHeader::decode(bytes)?;
                bytes[RECORD_HEADER..].get(..header.len as usize)
            })
            .ok_or(ReadError::Outside)?;
        into.extend_from_slice(run(record, place)?);
        Ok(())
    }

    /// The batch is on the disk: from now on it is kept for reads only, in no more memory than it needs.
    /// Returns the buffer if it can be used again.
    pub(crate) fn landed(&mut self) -> Option<Pages> {
        self.target.direct = None;
        if self.pages.len() > self.pages.capacity() / 2 {
            return None;
        }
        let compact = self.pages.compact();
        Some(std::mem::replace(&mut self.pages, compact))
    }

    /// Memory taken.
    pub(crate) fn weight(&self) -> usize {
        self.pages.capacity()
    }

    pub(crate) fn into_pages(self) -> Pages {
        self.pages
    }
}

/// The bytes of a record that a place names.
pub(crate) fn run(record: &[u8], place: Place) -> Result<&[u8], ReadError> {
    record
        .get(place.at as usize..)
        .and_then(|rest| rest.get(..place.len as usize))
        .ok_or(ReadError::Outside)
}
