//! Reading records back from the files: a few blocks read ahead, since a backlog is drained in order, and the record
//! read last, since the messages of one batch lie in one record.

use std::sync::Arc;

use domain::Place;

use crate::batch::run;
use crate::format::{RECORD_HEADER, RecordHeader, first_record};
use crate::journal::ReadError;
use crate::segment::Segment;

const BLOCK_BYTES: u64 = 64 * 1024;
const BLOCKS_MAX: usize = 16;

#[derive(Default)]
pub(crate) struct Blocks {
    blocks: Vec<Block>,
    /// Counts reads, to tell which block was used least recently.
    clock: u64,
    record: Record,
}

struct Block {
    /// Its offset in the journal.
    offset: u64,
    /// Fewer than a block where nothing durable stood behind them when they were read.
    bytes: Vec<u8>,
    used: u64,
}

/// A record as it stood on the disk, checked.
#[derive(Default)]
struct Record {
    offset: u64,
    framed: Vec<u8>,
}

/// A segment and the position up to which its file may be read; behind it a flush may be under way.
pub(crate) struct Readable<'a> {
    pub(crate) segment: &'a Arc<Segment>,
    pub(crate) end: u64,
}

impl Blocks {
    /// Appends to `into` what the place names.
    pub(crate) fn read(
        &mut self,
        from: &Readable<'_>,
        place: Place,
        into: &mut Vec<u8>,
    ) -> Result<(), ReadError> {
        if self.record.framed.is_empty() || self.record.offset != place.offset.0 {
            let mut framed = std::mem::take(&mut self.record.framed);
            framed.clear();
            let read = self.record(from, place.offset.0, &mut framed);
            self.record = Record {
                offset: place.offset.0,
                framed,
            };
            if read.is_err() {
                self.record.framed.clear();
            }
            read?;
        }
        into.extend_from_slice(run(&self.record.framed[RECORD_HEADER..], place)?);
        Ok(())
    }

    /// Forgets what was trimmed.
    pub(crate) fn trim(&mut self, below: u64) {
        self.blocks.retain(|block| block.offset >= below);
        self.record.framed.clear();
    }

    /// Reads a whole record with its header, and checks it.
    fn record(
        &mut self,
        from: &Readable<'_>,
        offset: u64,
        framed: &mut Vec<u8>,
    ) -> Result<(), ReadError> {
        let position = offset - from.segment.base;
        self.bytes(from, position, RECORD_HEADER, framed)?;
        let header = RecordHeader::decode(framed).ok_or(ReadError::Outside)?;
        let behind = position + RECORD_HEADER as u64;
        self.bytes(from, behind, header.len as usize, framed)?;
        match first_record(from.segment.salt, offset, framed) {
            Some(_) => Ok(()),
            None => {
                let why = "the record is not what was written";
                Err(ReadError::Corrupt(from.segment.damage(position, why)))
            }
        }
    }

    /// Appends the bytes at a position to `into`.
    fn bytes(
        &mut self,
        from: &Readable<'_>,
        mut position: u64,
        mut len: usize,
        into: &mut Vec<u8>,
    ) -> Result<(), ReadError> {
        if position + len as u64 > from.end {
            return Err(ReadError::Corrupt(from.segment.damage(
                position,
                "a record reaches beyond the end of what was written",
            )));
        }
        if len as u64 > BLOCK_BYTES {
            return direct(from, position, len, into);
        }
        while len > 0 {
            let block = position - position % BLOCK_BYTES;
            let start = (position - block) as usize;
            let take = len.min(BLOCK_BYTES as usize - start);
            let bytes = self.block(from, block, start + take)?;
            into.extend_from_slice(&bytes[start..start + take]);
            position += take as u64;
            len -= take;
        }
        Ok(())
    }

    /// The block at a position, with at least `needed` bytes.
    fn block(
        &mut self,
        from: &Readable<'_>,
        position: u64,
        needed: usize,
    ) -> Result<&[u8], ReadError> {
        self.clock += 1;
        let offset = from.segment.base + position;
        let index = match self.blocks.iter().position(|block| block.offset == offset) {
            Some(index) => index,
            None => self.free_block(offset),
        };
        let block = &mut self.blocks[index];
        block.used = self.clock;
        if block.bytes.len() < needed {
            let len = (from.end - position).min(BLOCK_BYTES) as usize;
            block.bytes.clear();
            direct(from, position, len, &mut block.bytes)?;
        }
        Ok(&block.bytes)
    }

    fn free_block(&mut self, offset: u64) -> usize {
        let used = self.clock;
        if self.blocks.len() < BLOCKS_MAX {
            self.blocks.push(Block {
                offset,
                bytes: Vec::new(),
                used,
            });
            return self.blocks.len() - 1;
        }
        let (index, block) = self
            .blocks
            .iter_mut()
            .enumerate()
            .min_by_key(|(_, block)| block.used)
            .expect("there are blocks");
        block.offset = offset;
        block.bytes.clear();
        index
    }
}

/// Appends bytes of the file to `into`; all of them or, after an error, none.
pub(crate) fn direct(
    from: &Readable<'_>,
    position: u64,
    len: usize,
    into: &mut Vec<u8>,
) -> Result<(), ReadError> {
    let before = into.len();
    into.resize(before + len, 0);
    let read = from.segment.file.read_at(position, &mut into[before..]);
    match read {
        Ok(read) if read == len => Ok(()),
        Ok(_) => {
            into.truncate(before);
            let why = "the file is shorter than what was written";
            Err(ReadError::Corrupt(from.segment.damage(position, why)))
        }
        Err(error) => {
            into.truncate(before);
            Err(error.into())
        }
    }
}
