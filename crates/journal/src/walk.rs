//! Walking over the batches of a segment, the way recovery and replay read them.

use std::io;

use domain::Offset;

use crate::format::{BATCH_HEADER, BatchHeader, PAGE, records};
use crate::segment::Segment;

/// Read at least this many bytes at once.
const READ_AHEAD: usize = 512 * 1024;

/// What stands at a position where a batch may begin.
pub(crate) enum Found {
    /// A batch as it was written.
    Batch(BatchHeader),
    /// A batch was written here, but not all of it is.
    Broken(BatchHeader),
    /// Nothing of ours.
    Nothing,
}

pub(crate) struct Walk<'a> {
    segment: &'a Segment,
    window: Vec<u8>,
    /// How many bytes of the window have been read, and where in the file they begin.
    filled: usize,
    start: u64,
}

impl<'a> Walk<'a> {
    pub(crate) fn new(segment: &'a Segment) -> Walk<'a> {
        Walk {
            segment,
            window: Vec::new(),
            filled: 0,
            start: 0,
        }
    }

    /// What begins at this position of the file.
    pub(crate) fn at(&mut self, position: u64) -> io::Result<Found> {
        let Some(header) = self.header(position)? else {
            return Ok(Found::Nothing);
        };
        let body = self.body(header)?;
        let mut seen = 0_u32;
        let whole = body.len() == header.length as usize
            && records(header, body).all(|record| {
                seen += 1;
                record.is_some()
            });
        Ok(if whole && seen == header.records {
            Found::Batch(header)
        } else {
            Found::Broken(header)
        })
    }

    /// Shows the records of a batch that `at` has found whole.
    pub(crate) fn records(
        &mut self,
        header: BatchHeader,
    ) -> io::Result<impl Iterator<Item = (Offset, &[u8])>> {
        let body = self.body(header)?;
        Ok(records(header, body)
            .flatten()
            .map(|(offset, record)| (Offset(offset), record)))
    }

    /// The first position from `from` on where a batch's header stands, whatever stands between.
    pub(crate) fn next_header(&mut self, from: u64) -> io::Result<Option<u64>> {
        let mut position = from;
        while position < self.segment.size {
            if self.header(position)?.is_some() {
                return Ok(Some(position));
            }
            position += PAGE;
        }
        Ok(None)
    }

    fn header(&mut self, position: u64) -> io::Result<Option<BatchHeader>> {
        let Segment {
            base, salt, size, ..
        } = *self.segment;
        let bytes = self.bytes(position, BATCH_HEADER)?;
        let header = BatchHeader::decode(bytes, salt, base + position);
        // A header is ours only if its batch could stand here.
        Ok(header.filter(|header| header.padded() <= size - position))
    }

    fn body(&mut self, header: BatchHeader) -> io::Result<&[u8]> {
        let position = header.offset - self.segment.base + BATCH_HEADER as u64;
        self.bytes(position, header.length as usize)
    }

    /// The bytes from a position on, fewer where the file ends.
    fn bytes(&mut self, position: u64, len: usize) -> io::Result<&[u8]> {
        let end = self.start + self.filled as u64;
        if position < self.start || position + len as u64 > end {
            self.fill(position, len)?;
        }
        let from = (position - self.start) as usize;
        let to = (from + len).min(self.filled);
        Ok(&self.window[from..to])
    }

    fn fill(&mut self, position: u64, len: usize) -> io::Result<()> {
        let rest = self.segment.size.saturating_sub(position);
        let ahead = READ_AHEAD.min(usize::try_from(rest).unwrap_or(usize::MAX));
        let wanted = len.max(ahead);
        if self.window.len() < wanted {
            self.window = vec![0; wanted];
        }
        self.filled = 0;
        self.filled = self
            .segment
            .file
            .read_at(position, &mut self.window[..wanted])?;
        self.start = position;
        Ok(())
    }
}
