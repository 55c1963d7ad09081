//! Where a record stands in a journal, and where the bytes it brought can be read again.

use crate::Time;

/// The position of a record in its cell's journal. Opaque: later records compare greater, gaps are normal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Offset(pub u64);

impl Offset {
    pub const ZERO: Offset = Offset(0);
}

/// When and where a command was journaled: the only time and place a machine may know.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stamp {
    pub time: Time,
    pub offset: Offset,
}

/// A run of bytes inside one record: `at` bytes from the record's start, `len` bytes long.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Body {
    pub at: u32,
    pub len: u32,
}

impl Body {
    /// Where this run can be read once its record stands at `offset`.
    pub const fn at(self, offset: Offset) -> Place {
        Place {
            offset,
            at: self.at,
            len: self.len,
        }
    }
}

/// Where a body lies. State keeps this in the place of the bytes.
///
/// A place in the journal names the record's offset; settling moves a body into a segment and the place then
/// carries [`Place::SETTLED`] with the segment's number, `at` being the position in the segment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place {
    pub offset: Offset,
    pub at: u32,
    pub len: u32,
}

impl Place {
    /// Set in `offset` when the body has been settled; the other bits are the segment's number.
    pub const SETTLED: u64 = 1 << 63;

    pub const fn settled(segment: u64, at: u32, len: u32) -> Place {
        Place {
            offset: Offset(segment | Place::SETTLED),
            at,
            len,
        }
    }

    /// The segment's number, if the body has been settled.
    pub const fn segment(self) -> Option<u64> {
        if self.offset.0 & Place::SETTLED != 0 {
            Some(self.offset.0 & !Place::SETTLED)
        } else {
            None
        }
    }
}
