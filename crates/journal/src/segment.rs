//! One file of the journal, open.

use std::io;
use std::sync::Arc;

use crate::disk::{Disk, File};
use crate::format::{NoSegment, PAGE, SegmentHeader};
use crate::journal::Damage;

pub(crate) struct Segment {
    pub(crate) path: String,
    pub(crate) base: u64,
    pub(crate) size: u64,
    pub(crate) salt: u64,
    pub(crate) file: Arc<dyn File>,
}

/// Why a segment cannot be opened.
pub(crate) enum NotOpened {
    Damaged(Damage),
    Version(u32),
    Io(io::Error),
}

impl From<io::Error> for NotOpened {
    fn from(error: io::Error) -> NotOpened {
        NotOpened::Io(error)
    }
}

impl Segment {
    pub(crate) fn path(dir: &str, base: u64) -> String {
        format!("{dir}/{base:016x}.seg")
    }

    /// The base that a file's name states, if it is a segment's name.
    pub(crate) fn base_of(name: &str) -> Option<u64> {
        let digits = name.strip_suffix(".seg")?;
        u64::from_str_radix(digits, 16).ok()
    }

    pub(crate) fn open(disk: &dyn Disk, dir: &str, base: u64) -> Result<Segment, NotOpened> {
        let path = Segment::path(dir, base);
        let file = disk.open(&path)?;
        let mut page = [0; PAGE as usize];
        file.read_at(0, &mut page)?;
        let damaged = |why| {
            NotOpened::Damaged(Damage {
                segment: path.clone(),
                position: 0,
                why,
            })
        };
        let header = SegmentHeader::decode(&page).map_err(|why| match why {
            NoSegment::Damaged => damaged("the segment's header is not what was written"),
            NoSegment::Version(version) => NotOpened::Version(version),
        })?;
        if header.base != base {
            return Err(damaged("the segment's header belongs to another file name"));
        }
        if !header.size.is_multiple_of(PAGE) || base.checked_add(header.size).is_none() {
            return Err(damaged("the segment's header gives an impossible size"));
        }
        Ok(Segment {
            path,
            base,
            size: header.size,
            salt: header.salt,
            file,
        })
    }

    pub(crate) fn end(&self) -> u64 {
        self.base + self.size
    }

    pub(crate) fn damage(&self, position: u64, why: &'static str) -> Damage {
        Damage {
            segment: self.path.clone(),
            position,
            why,
        }
    }
}
