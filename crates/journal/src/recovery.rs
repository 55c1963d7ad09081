//! What stands on the disk when a journal is opened, and what of it counts.
//!
//! Batches are written one after the other and each waits for the one before, so a crash can leave only the very last
//! one incomplete: that one is cut off. A batch that is not whole although a later one was begun had been durable once:
//! that is damage, and the journal does not open.

use std::io;
use std::sync::Arc;

use domain::Offset;

use crate::disk::Disk;
use crate::format::{BatchHeader, PAGE, VERSION};
use crate::journal::Damage;
use crate::options::Durability;
use crate::segment::{NotOpened, Segment};
use crate::walk::{Found, Walk};

/// What recovery saw.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recovered {
    /// The journal had been closed properly, or is new.
    pub clean: bool,
    /// An incomplete last batch stood here and was cut off. None of its records had been confirmed.
    pub torn: Option<Offset>,
    pub batches: u64,
    pub records: u64,
    /// Bytes of whole batches.
    pub bytes: u64,
    /// The first offset that can be read.
    pub trimmed: Offset,
    /// Where the next record will stand, or later.
    pub end: Offset,
}

#[derive(Debug)]
pub enum OpenError {
    /// A batch that had been durable is not what was written.
    Damaged(Damage),
    /// The journal was written by a version of Tidings that keeps another format.
    Version {
        segment: String,
        version: u32,
    },
    Io(io::Error),
}

impl std::fmt::Display for OpenError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            OpenError::Damaged(damage) => damage.fmt(f),
            OpenError::Version { segment, version } => write!(
                f,
                "{segment} has journal format {version}; this version of Tidings reads {VERSION}"
            ),
            OpenError::Io(error) => write!(f, "the journal cannot be opened: {error}"),
        }
    }
}

impl std::error::Error for OpenError {}

impl From<io::Error> for OpenError {
    fn from(error: io::Error) -> OpenError {
        OpenError::Io(error)
    }
}

impl From<Damage> for OpenError {
    fn from(damage: Damage) -> OpenError {
        OpenError::Damaged(damage)
    }
}

/// A segment, and the position in its file where its batches end.
pub(crate) struct Kept {
    pub(crate) segment: Arc<Segment>,
    pub(crate) end: u64,
}

/// What stands on the disk.
#[derive(Default)]
pub(crate) struct Standing {
    /// The segments that hold the journal; new batches go to the last of them. Empty if there is no journal yet.
    pub(crate) kept: Vec<Kept>,
    /// Segments behind those, without batches.
    pub(crate) empty: Vec<Segment>,
    /// The offset of the last batch, 0 if there is none.
    pub(crate) last: u64,
    pub(crate) recovered: Recovered,
}

/// Reads all segments, cuts a torn tail, and makes what is kept durable before anyone sees it.
pub(crate) fn recover(
    disk: &dyn Disk,
    dir: &str,
    durability: Durability,
) -> Result<Standing, OpenError> {
    let segments = open_all(disk, dir)?;
    if segments.is_empty() {
        return Ok(Standing::default());
    }
    let mut scan = Scan::new(&segments);
    for (index, segment) in segments.iter().enumerate() {
        if let Err(unfit) = scan.read(index, segment)? {
            return Err(segments[unfit.index].damage(unfit.position, UNFIT).into());
        }
    }
    if !scan.clean() {
        scan.settle(&segments)?;
    }
    if durability == Durability::Fsync {
        for segment in &segments {
            segment.file.sync()?;
        }
        disk.sync_dir(dir)?;
    }
    Ok(scan.standing(segments))
}

/// All segments in order, with none missing between two.
fn open_all(disk: &dyn Disk, dir: &str) -> Result<Vec<Segment>, OpenError> {
    let mut bases: Vec<u64> = disk
        .list(dir)?
        .iter()
        .filter_map(|name| Segment::base_of(name))
        .collect();
    bases.sort_unstable();
    let mut segments: Vec<Segment> = Vec::with_capacity(bases.len());
    for base in bases {
        let segment = Segment::open(disk, dir, base).map_err(|why| match why {
            NotOpened::Damaged(damage) => OpenError::Damaged(damage),
            NotOpened::Io(error) => OpenError::Io(error),
            NotOpened::Version(version) => OpenError::Version {
                segment: Segment::path(dir, base),
                version,
            },
        })?;
        if segments.last().is_some_and(|before| before.end() != base) {
            return Err(segment
                .damage(0, "the segment before this one is missing")
                .into());
        }
        segments.push(segment);
    }
    Ok(segments)
}

const UNFIT: &str = "a batch that was durable stood here, since later ones follow";

/// A position in one of the segments.
#[derive(Clone, Copy)]
struct Spot {
    index: usize,
    position: u64,
}

/// The chain of whole batches, as far as it has been read.
struct Scan {
    /// Where the first segment begins. What stood before has been trimmed.
    first: u64,
    /// For each segment, where its whole batches end.
    ends: Vec<u64>,
    /// Where the chain ends.
    stop: Spot,
    /// Where a batch stands that is not whole. Nothing may follow it.
    torn: Option<Spot>,
    /// The last whole batch.
    last: Option<BatchHeader>,
    recovered: Recovered,
}

impl Scan {
    fn new(segments: &[Segment]) -> Scan {
        Scan {
            first: segments.first().map_or(0, |first| first.base),
            ends: vec![PAGE; segments.len()],
            stop: Spot {
                index: 0,
                position: PAGE,
            },
            torn: None,
            last: None,
            recovered: Recovered::default(),
        }
    }

    /// Reads the next segment. The inner error is the spot whose batch is missing although it had been durable.
    ///
    /// A segment may end early, when the next batch did not fit; then the first batch of the next one names the last of
    /// this one as its predecessor.
    fn read(&mut self, index: usize, segment: &Segment) -> io::Result<Result<(), Spot>> {
        let mut walk = Walk::new(segment);
        let mut position = PAGE;
        loop {
            let (header, whole) = match walk.at(position)? {
                Found::Batch(header) => (header, true),
                Found::Broken(header) => (header, false),
                Found::Nothing => break,
            };
            if let Some(torn) = self.torn {
                return Ok(Err(torn));
            }
            if !self.continues_with(header) {
                return Ok(Err(self.stop));
            }
            if !whole {
                self.torn = Some(Spot { index, position });
                break;
            }
            position += header.padded();
            self.keep(header, Spot { index, position });
        }
        Ok(match walk.next_header(position + PAGE)? {
            Some(_) => Err(self.torn.unwrap_or(Spot { index, position })),
            None => Ok(()),
        })
    }

    /// Whether no batch is missing before this one.
    fn continues_with(&self, header: BatchHeader) -> bool {
        match self.last {
            Some(last) => last.offset == header.previous,
            None => header.previous == 0 || header.previous < self.first,
        }
    }

    fn keep(&mut self, header: BatchHeader, end: Spot) {
        self.last = Some(header);
        self.stop = end;
        self.ends[end.index] = end.position;
        self.recovered.batches += 1;
        self.recovered.records += u64::from(header.records);
        self.recovered.bytes += header.padded();
    }

    /// Nothing was written since the journal was closed.
    fn clean(&self) -> bool {
        self.torn.is_none() && self.last.is_none_or(|last| last.records == 0)
    }

    /// Makes the disk agree with what was read, which may so far stand only in the system's memory: after a failed sync
    /// not even another sync would bring it to the disk. So the last batch is written again, and the two places where
    /// the next one may have been begun are blotted out, lest a header that was torn off comes back some day.
    fn settle(&self, segments: &[Segment]) -> io::Result<()> {
        let Spot { index, position } = self.stop;
        let Segment { file, size, .. } = &segments[index];
        if let Some(last) = self.last {
            let start = position - last.padded();
            let mut batch = vec![0; last.padded() as usize];
            let read = file.read_at(start, &mut batch)?;
            file.write_at(start, &batch[..read])?;
        }
        let blank = [0; PAGE as usize];
        if position < *size {
            file.write_at(position, &blank)?;
        }
        match segments.get(index + 1) {
            Some(next) => next.file.write_at(PAGE, &blank),
            None => Ok(()),
        }
    }

    fn standing(self, segments: Vec<Segment>) -> Standing {
        let at = |spot: Spot| Offset(segments[spot.index].base + spot.position);
        let clean = self.clean();
        let mut recovered = self.recovered;
        recovered.clean = clean;
        recovered.torn = self.torn.map(at);
        if let Some(first) = segments.first() {
            recovered.trimmed = Offset(first.base);
            recovered.end = at(self.stop);
        }
        let mut segments = segments.into_iter();
        let kept = segments.by_ref().zip(self.ends).take(self.stop.index + 1);
        Standing {
            kept: kept
                .map(|(segment, end)| Kept {
                    segment: Arc::new(segment),
                    end,
                })
                .collect(),
            empty: segments.collect(),
            last: self.last.map_or(0, |last| last.offset),
            recovered,
        }
    }
}
