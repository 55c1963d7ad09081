//! The journal in segment files of a [`Disk`]. Its bytes are described in `docs/journal-format.md`.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::fs;
use std::io;
use std::sync::Arc;

use domain::{Offset, Place};

use crate::batch::{Batch, Target};
use crate::blocks::{Blocks, Readable, direct};
use crate::disk::{Disk, is_full};
use crate::flusher::Flusher;
use crate::format::{PAGE, RECORD_HEADER};
use crate::journal::{AppendError, Journal, ReadError, Readiness, ReplayError, Stats, Visit};
use crate::options::{Durability, FlusherKind, Options};
use crate::pages::Pages;
use crate::preparer::{Next, Preparer};
use crate::recovery::{Kept, OpenError, Recovered, Standing, recover};
use crate::segment::Segment;
use crate::walk::{Found, Walk};
use crate::yard::{Fill, Yard};

/// A batch begins with a buffer of this size, and this many are kept for use again.
const BUFFER_BYTES: usize = 256 * 1024;
const BUFFERS_MAX: usize = 8;

/// See the module's text and [`Journal`].
pub struct FileJournal {
    disk: Arc<dyn Disk>,
    options: Options,
    /// All segments with records, in order. Batches go to the last one.
    kept: Vec<Kept>,
    open: Batch,
    /// Batches that are still in memory, in order. The last `waiting` of them are not durable yet, and the first of
    /// those is the one in flight.
    sealed: VecDeque<Arc<Batch>>,
    waiting: usize,
    /// Memory taken by the durable ones among `sealed`.
    cached_bytes: usize,
    buffers: Vec<Pages>,
    /// The offset of the batch sealed last, 0 if there is none.
    last: u64,
    durable: u64,
    /// Nothing was written since the last mark of a clean close.
    marked: bool,
    poisoned: Option<String>,
    flusher: Flusher,
    preparer: Preparer,
    blocks: RefCell<Blocks>,
    stats: Stats,
}

/// Opens the journal in a directory of the disk, or begins a new one there.
///
/// An incomplete last batch is cut off; any other damage is an error that says where it is.
pub fn open(
    disk: Arc<dyn Disk>,
    dir: &str,
    options: Options,
) -> Result<(FileJournal, Recovered), OpenError> {
    let Options {
        durability, seed, ..
    } = options;
    let size_max = options.size_after(u64::MAX);
    let yard = Yard::new(Arc::clone(&disk), dir, durability, size_max, seed);
    yard.tidy()?;
    let mut standing = recover(&*disk, dir, durability)?;
    if standing.kept.is_empty() {
        begin(&mut standing, &yard, options.first_size())?;
    }
    let flusher = Flusher::start(&*disk, dir, &options)?;
    let preparer = match flusher.kind() {
        FlusherKind::Stepped => Preparer::stepped(yard),
        FlusherKind::Auto | FlusherKind::Thread | FlusherKind::Uring => Preparer::threaded(yard)?,
    };
    let mut empty = standing.empty.into_iter();
    if let Some(ready) = empty.next() {
        preparer.found_ready(ready);
    }
    for surplus in empty.rev() {
        disk.remove(&surplus.path)?;
        preparer.yard().sync_dir()?;
    }
    let recovered = standing.recovered;
    let current = standing.kept.last().expect("a segment was found or made");
    let target = Target {
        segment: Arc::clone(&current.segment),
        direct: open_direct(&*disk, &flusher, &current.segment)?,
    };
    let journal = FileJournal {
        open: Batch::new(target, current.end, Pages::with_capacity(BUFFER_BYTES)),
        disk,
        options,
        kept: standing.kept,
        sealed: VecDeque::new(),
        waiting: 0,
        cached_bytes: 0,
        buffers: Vec::new(),
        last: standing.last,
        durable: recovered.end.0,
        marked: recovered.clean,
        poisoned: None,
        flusher,
        preparer,
        blocks: RefCell::default(),
        stats: Stats::default(),
    };
    Ok((journal, recovered))
}

/// The first segment of a new journal.
fn begin(standing: &mut Standing, yard: &Yard, size: u64) -> Result<(), OpenError> {
    let blank = yard.blank(size, Fill::Zeros, &|| false)?;
    let segment = yard.adopt(blank, 0)?;
    standing.recovered.end = Offset(PAGE);
    standing.recovered.clean = true;
    standing.kept.push(Kept {
        segment: Arc::new(segment),
        end: PAGE,
    });
    Ok(())
}

fn open_direct(
    disk: &dyn Disk,
    flusher: &Flusher,
    segment: &Segment,
) -> io::Result<Option<Arc<fs::File>>> {
    if !flusher.writes_direct() {
        return Ok(None);
    }
    Ok(Some(Arc::new(disk.open_direct(&segment.path)?)))
}

impl FileJournal {
    /// Who writes the batches: what [`Options::flusher`] asked for, or what took its place.
    pub fn flusher(&self) -> FlusherKind {
        self.flusher.kind()
    }

    /// Makes place where the open batch has none: behind it, or in the next segment.
    fn move_on(&mut self, record: usize) -> Result<(), AppendError> {
        if self.open.records() > 0 && self.open.fits_behind(record) {
            self.close_batch();
            self.look_ahead();
            return Ok(());
        }
        let target = self.next_target()?;
        if self.open.records() > 0 {
            self.close_batch();
        }
        self.kept.push(Kept {
            segment: Arc::clone(&target.segment),
            end: PAGE,
        });
        let buffer = self.buffer();
        self.open = Batch::new(target, PAGE, buffer);
        Ok(())
    }

    fn next_target(&mut self) -> Result<Target, AppendError> {
        let made = self.preparer.take(self.next()).and_then(|segment| {
            let direct = open_direct(&*self.disk, &self.flusher, &segment)?;
            Ok(Target {
                segment: Arc::new(segment),
                direct,
            })
        });
        made.map_err(|error| {
            if is_full(&error) {
                return AppendError::Full;
            }
            self.poison(&format!("the next segment cannot be made: {error}"));
            AppendError::Poisoned
        })
    }

    fn next(&self) -> Next {
        let current = &self.open.target().segment;
        Next {
            base: current.end(),
            size: self.options.size_after(current.size),
        }
    }

    /// Seals the open batch, opens one behind it, and sends the sealed one off as soon as its turn comes.
    fn close_batch(&mut self) {
        let buffer = self.buffer();
        let target = self.open.target().clone();
        let next = Batch::new(target, self.open.next_position(), buffer);
        let mut batch = std::mem::replace(&mut self.open, next);
        batch.seal(self.last);
        self.last = batch.offset();
        self.marked = batch.records() == 0;
        self.sealed.push_back(Arc::new(batch));
        self.waiting += 1;
        if self.waiting == 1 {
            self.submit();
        }
        if self.options.durability == Durability::Memory {
            self.settle(Flusher::take);
        }
    }

    /// Has the next segment prepared once a quarter of the current one is used.
    fn look_ahead(&self) {
        let used_enough = self.open.position() > self.open.target().segment.size / 4;
        if used_enough && self.options.durability != Durability::Memory {
            self.preparer.want(self.next());
        }
    }

    fn submit(&mut self) {
        let first = self.sealed.len() - self.waiting;
        self.flusher.submit(Arc::clone(&self.sealed[first]));
    }

    /// Takes note of every flight that is over, and starts the next.
    fn settle(&mut self, take: fn(&mut Flusher) -> Option<crate::flusher::Landed>) -> bool {
        let mut changed = false;
        while self.poisoned.is_none()
            && let Some(landed) = take(&mut self.flusher)
        {
            changed = true;
            match landed {
                Ok(took) => {
                    self.land(took);
                    if self.waiting > 0 {
                        self.submit();
                    }
                }
                Err(error) => self.poison(&format!("a batch could not be made durable: {error}")),
            }
        }
        changed
    }

    /// The batch in flight is durable.
    fn land(&mut self, took: std::time::Duration) {
        let first = self.sealed.len() - self.waiting;
        let batch = &mut self.sealed[first];
        self.waiting -= 1;
        self.durable = batch.end();
        self.stats.count(batch.records(), batch.bytes().len(), took);
        let segment = Arc::clone(&batch.target().segment);
        let end = batch.next_position();
        let freed = Arc::get_mut(batch).and_then(Batch::landed);
        self.cached_bytes += batch.weight();
        let kept = self.kept.iter_mut().rev();
        for kept in kept.filter(|kept| kept.segment.base == segment.base) {
            kept.end = end;
        }
        if let Some(buffer) = freed {
            self.recycle(buffer);
        }
        let cache_bytes = match self.options.durability {
            Durability::Memory => 0,
            Durability::Fsync | Durability::Os => self.options.cache_bytes,
        };
        while self.cached_bytes > cache_bytes && self.sealed.len() > self.waiting {
            self.forget_oldest();
        }
    }

    /// Drops the oldest durable batch from memory.
    fn forget_oldest(&mut self) {
        let Some(batch) = self.sealed.pop_front() else {
            return;
        };
        self.cached_bytes -= batch.weight();
        if let Some(batch) = Arc::into_inner(batch) {
            self.recycle(batch.into_pages());
        }
    }

    fn buffer(&mut self) -> Pages {
        let spare = self.buffers.pop();
        spare.unwrap_or_else(|| Pages::with_capacity(BUFFER_BYTES))
    }

    fn recycle(&mut self, buffer: Pages) {
        if buffer.capacity() == BUFFER_BYTES && self.buffers.len() < BUFFERS_MAX {
            self.buffers.push(buffer);
        }
    }

    fn poison(&mut self, why: &str) {
        self.poisoned.get_or_insert_with(|| why.to_owned());
    }

    /// The segment that holds an offset, as far as its file may be read.
    fn readable(&self, offset: u64) -> Result<Readable<'_>, ReadError> {
        let after = self
            .kept
            .partition_point(|kept| kept.segment.base <= offset);
        let index = after.checked_sub(1).ok_or(ReadError::Trimmed)?;
        let Kept { segment, end } = &self.kept[index];
        Ok(Readable { segment, end: *end })
    }
}

impl Journal for FileJournal {
    fn append(&mut self, record: &[u8]) -> Result<Offset, AppendError> {
        if self.poisoned.is_some() {
            return Err(AppendError::Poisoned);
        }
        if record.len() > self.options.record_bytes_max() {
            return Err(AppendError::TooLarge);
        }
        while !self.open.fits(record.len()) {
            self.move_on(record.len())?;
        }
        Ok(self.open.push(record))
    }

    fn room(&self) -> u64 {
        if self.preparer.refused() {
            self.preparer.want(self.next());
        }
        if !self.preparer.refused() {
            return u64::MAX;
        }
        let ready = self.preparer.ready_bytes();
        self.open.room() + ready.saturating_sub(2 * PAGE)
    }

    fn open_records(&self) -> usize {
        match self.options.durability {
            Durability::Memory => 0,
            Durability::Fsync | Durability::Os => self.open.records(),
        }
    }

    fn in_flight(&self) -> bool {
        self.waiting > 0 && self.poisoned.is_none()
    }

    fn seal(&mut self) {
        if self.waiting == 0 && self.open_records() > 0 && self.poisoned.is_none() {
            self.close_batch();
            self.look_ahead();
        }
    }

    fn poll(&mut self) -> bool {
        self.settle(Flusher::take)
    }

    fn durable(&self) -> Offset {
        match self.options.durability {
            Durability::Memory => self.end(),
            Durability::Fsync | Durability::Os => Offset(self.durable),
        }
    }

    fn end(&self) -> Offset {
        Offset(match self.open.records() {
            0 => self.open.offset(),
            _ => self.open.end(),
        })
    }

    fn poisoned(&self) -> Option<&str> {
        self.poisoned.as_deref()
    }

    fn read(&self, place: Place, into: &mut Vec<u8>) -> Result<(), ReadError> {
        let offset = place.offset.0;
        if offset >= self.open.offset() {
            return self.open.read(place, into);
        }
        let after = self
            .sealed
            .partition_point(|batch| batch.offset() <= offset);
        if let Some(index) = after.checked_sub(1) {
            return self.sealed[index].read(place, into);
        }
        let from = self.readable(offset)?;
        if self.options.durability == Durability::Memory {
            let position = offset - from.segment.base + RECORD_HEADER as u64 + u64::from(place.at);
            return direct(&from, position, place.len as usize, into);
        }
        self.blocks.borrow_mut().read(&from, place, into)
    }

    fn replay(&mut self, from: Offset, visit: &mut Visit<'_>) -> Result<(), ReplayError> {
        if from < self.trimmed() {
            return Err(ReplayError::Trimmed(self.trimmed()));
        }
        if from > self.end() {
            return Err(ReplayError::Beyond(self.end()));
        }
        for Kept { segment, end } in &self.kept {
            let mut walk = Walk::new(segment);
            let mut position = PAGE;
            while segment.end() > from.0 && position < *end {
                let Found::Batch(header) = walk.at(position)? else {
                    let why = "the batch is not what recovery saw";
                    return Err(ReplayError::Corrupt(segment.damage(position, why)));
                };
                for (offset, record) in walk.records(header)? {
                    if offset >= from {
                        visit(offset, record)
                            .map_err(|malformed| ReplayError::Malformed(offset, malformed))?;
                    }
                }
                position += header.padded();
            }
        }
        Ok(())
    }

    fn trim(&mut self, below: Offset) {
        let below = below.min(self.durable()).0;
        let before_current = &self.kept[..self.kept.len() - 1];
        let gone = before_current.partition_point(|kept| kept.segment.end() <= below);
        if gone == 0 {
            return;
        }
        let gone = self.kept.drain(..gone).map(|kept| kept.segment);
        self.preparer.retire(gone);
        let trimmed = self.trimmed().0;
        while self.sealed.len() > self.waiting && self.sealed[0].offset() < trimmed {
            self.forget_oldest();
        }
        self.blocks.borrow_mut().trim(trimmed);
    }

    fn trimmed(&self) -> Offset {
        Offset(self.kept[0].segment.base)
    }

    fn bytes(&self) -> u64 {
        let kept: u64 = self.kept.iter().map(|kept| kept.segment.size).sum();
        kept + self.preparer.bytes()
    }

    fn stats(&self) -> Stats {
        self.stats.clone()
    }

    fn readiness(&self) -> Readiness {
        self.flusher.readiness()
    }

    fn on_complete(&mut self, callback: Box<dyn Fn() + Send + Sync>) {
        self.flusher.on_complete(callback);
    }

    fn close(&mut self) -> io::Result<()> {
        if self.poisoned.is_none() && self.open.records() > 0 {
            self.close_batch();
        }
        self.settle(Flusher::wait);
        if self.poisoned.is_none() && !self.marked {
            // There is always a page for it: see `Batch::room`.
            self.close_batch();
            self.settle(Flusher::wait);
        }
        match &self.poisoned {
            Some(why) => Err(io::Error::other(why.clone())),
            None => {
                self.poison("it is closed");
                Ok(())
            }
        }
    }
}
