//! The engine with the smallest machines that still have bodies: shelves of notes.

use std::cell::RefCell;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use domain::bytes::{Malformed, Put, Take};
use domain::{Body, Effects, MachineId, Offset, Place, Stamp, Time};
use journal::{Disk, File, FlusherKind, LocalStore, Options, SimDisk};

use crate::{
    Cell, CellOptions, CellOwner, Claim, Clock, Machines, PlaceKey, Refused, Settled, settle,
};

/// Notes by number: when each was added, and where its text lies.
#[derive(Debug, Default, PartialEq)]
struct Shelf {
    notes: Vec<Option<(Time, Place)>>,
}

const ADD: u8 = 1;
const DROP: u8 = 2;

impl Machines for Shelf {
    type Outcome = usize;

    fn apply(
        &mut self,
        at: Stamp,
        record: &[u8],
        start: usize,
        _effects: &mut Effects,
    ) -> Result<usize, Malformed> {
        let mut take = Take::new(record);
        take.bytes(start)?;
        match take.u8()? {
            ADD => {
                let body = Body {
                    at: take.position() as u32,
                    len: take.rest().len() as u32,
                };
                self.notes.push(Some((at.time, body.at(at.offset))));
                Ok(self.notes.len() - 1)
            }
            DROP => {
                let number = take.u32()? as usize;
                self.notes[number] = None;
                Ok(number)
            }
            _ => Err(Malformed("neither add nor drop")),
        }
    }

    fn advance(&mut self, _now: Time) {}

    fn places(&self, visit: &mut dyn FnMut(PlaceKey, Place)) {
        for (number, note) in self.notes.iter().enumerate() {
            if let Some((_, place)) = note {
                let machine = MachineId(0);
                visit(
                    PlaceKey {
                        machine,
                        key: number as u64,
                        shared: false,
                    },
                    *place,
                );
            }
        }
    }

    fn relocate(&mut self, key: PlaceKey, from: Place, to: Place) {
        if let Some((_, place)) = &mut self.notes[key.key as usize]
            && *place == from
        {
            *place = to;
        }
    }

    fn snapshot(&self, out: &mut Vec<u8>) {
        for note in &self.notes {
            let (time, place) = note.unwrap_or_default();
            out.put_bool(note.is_some());
            out.put_u64(time.millis());
            out.put_u64(place.offset.0);
            out.put_u32(place.at);
            out.put_u32(place.len);
        }
    }

    fn restore(bytes: &[u8]) -> Result<Shelf, Malformed> {
        let mut take = Take::new(bytes);
        let mut shelf = Shelf::default();
        while !take.is_empty() {
            let there = take.bool()?;
            let time = Time::from_millis(take.u64()?);
            let offset = Offset(take.u64()?);
            let (at, len) = (take.u32()?, take.u32()?);
            shelf
                .notes
                .push(there.then_some((time, Place { offset, at, len })));
        }
        Ok(shelf)
    }

    fn empty() -> Shelf {
        Shelf::default()
    }
}

/// A disk whose metadata operations fail once so many have been done.
struct FailingDisk {
    disk: SimDisk,
    left: AtomicU32,
}

impl FailingDisk {
    fn new() -> FailingDisk {
        FailingDisk {
            disk: SimDisk::new(),
            left: AtomicU32::new(u32::MAX),
        }
    }

    fn step(&self) -> io::Result<()> {
        let spend = |left: u32| left.checked_sub(1);
        let spent = self
            .left
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, spend);
        spent
            .map(|_| ())
            .map_err(|_| io::Error::other("the disk has failed"))
    }
}

impl Disk for FailingDisk {
    fn list(&self, dir: &str) -> io::Result<Vec<String>> {
        self.disk.list(dir)
    }

    fn create(&self, path: &str) -> io::Result<Arc<dyn File>> {
        self.step()?;
        self.disk.create(path)
    }

    fn open(&self, path: &str) -> io::Result<Arc<dyn File>> {
        self.disk.open(path)
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        self.step()?;
        self.disk.rename(from, to)
    }

    fn remove(&self, path: &str) -> io::Result<()> {
        self.step()?;
        self.disk.remove(path)
    }

    fn sync_dir(&self, dir: &str) -> io::Result<()> {
        self.step()?;
        self.disk.sync_dir(dir)
    }
}

struct Bench {
    disk: Arc<FailingDisk>,
    clock: Arc<Clock>,
    cell: RefCell<Cell<Shelf>>,
}

impl Bench {
    fn new() -> Bench {
        Bench::on(Arc::new(FailingDisk::new()), Time::from_seconds(1000))
    }

    fn on(disk: Arc<FailingDisk>, now: Time) -> Bench {
        let clock = Arc::new(Clock::manual(now));
        let options = Options {
            flusher: FlusherKind::Stepped,
            segment_bytes_first: 64 << 10,
            segment_bytes_max: 64 << 10,
            ..Options::default()
        };
        let (journal, _) = journal::open(disk.clone(), "journal", options).unwrap();
        let store = Arc::new(LocalStore::open(disk.clone(), "store").unwrap());
        let cell_options = CellOptions {
            settle_bytes: 128 << 10,
            tail_bytes: 64 << 10,
            segment_bytes: 64 << 10,
            reserve_bytes: 4096,
        };
        let (cell, _) =
            Cell::recover(Box::new(journal), store, clock.clone(), cell_options).unwrap();
        Bench {
            disk,
            clock,
            cell: RefCell::new(cell),
        }
    }

    /// Stops without a word, as kill -9 does, and starts again on the same disk.
    fn restart(self) -> Bench {
        let now = self.clock.now();
        let disk = self.disk.clone();
        drop(self.cell);
        Bench::on(disk, now)
    }

    fn add(&self, text: &str) -> usize {
        let mut cell = self.cell.borrow_mut();
        let applied = cell
            .submit(Claim::Grow, |out| {
                out.put_u8(ADD);
                out.extend_from_slice(text.as_bytes());
            })
            .unwrap();
        cell.journal_mut().seal();
        cell.journal_mut().poll();
        assert!(cell.durable() >= applied.durable_from());
        applied.outcome
    }

    /// False when the disk has no room for it.
    fn try_add(&self, text: &str) -> bool {
        let mut cell = self.cell.borrow_mut();
        let added = cell.submit(Claim::Grow, |out| {
            out.put_u8(ADD);
            out.extend_from_slice(text.as_bytes());
        });
        cell.journal_mut().seal();
        cell.journal_mut().poll();
        added.is_ok()
    }

    fn drop_note(&self, number: usize) {
        self.drop_notes([number]);
    }

    /// All in one batch.
    fn drop_notes(&self, numbers: impl IntoIterator<Item = usize>) {
        let mut cell = self.cell.borrow_mut();
        for number in numbers {
            cell.submit(Claim::Free, |out| {
                out.put_u8(DROP);
                out.put_u32(number as u32);
            })
            .unwrap();
        }
        cell.journal_mut().seal();
        cell.journal_mut().poll();
    }

    fn text(&self, number: usize) -> Option<String> {
        let cell = self.cell.borrow();
        let (_, place) = cell.machines().notes[number]?;
        let mut bytes = Vec::new();
        cell.read(place, &mut bytes).unwrap();
        Some(String::from_utf8(bytes).unwrap())
    }

    fn settle(&self) -> Settled {
        settle(self).unwrap()
    }
}

impl CellOwner<Shelf> for Bench {
    fn hold<R>(&self, work: impl FnOnce(&mut Cell<Shelf>) -> R) -> R {
        work(&mut self.cell.borrow_mut())
    }

    fn let_flush(&self) {
        self.cell.borrow_mut().journal_mut().poll();
    }
}

fn long(number: usize) -> String {
    format!("{number:05} {}", "x".repeat(1000))
}

#[test]
fn what_was_flushed_is_there_after_a_restart() {
    let bench = Bench::new();
    for text in ["one", "two", "three"] {
        bench.add(text);
    }
    bench.drop_note(1);
    let bench = bench.restart();
    assert_eq!(bench.text(0).as_deref(), Some("one"));
    assert_eq!(bench.text(1), None);
    assert_eq!(bench.text(2).as_deref(), Some("three"));
}

#[test]
fn what_was_not_flushed_is_gone_after_a_restart() {
    let bench = Bench::new();
    bench.add("kept");
    let submitted = bench
        .cell
        .borrow_mut()
        .submit(Claim::Grow, |out| out.put_u8(ADD));
    assert!(submitted.is_ok());
    let bench = bench.restart();
    assert_eq!(bench.cell.borrow().machines().notes.len(), 1);
}

#[test]
fn an_answer_may_not_leave_before_its_flush() {
    let bench = Bench::new();
    let mut cell = bench.cell.borrow_mut();
    let applied = cell.submit(Claim::Grow, |out| out.put_u8(ADD)).unwrap();
    assert!(cell.durable() < applied.durable_from());
    cell.journal_mut().seal();
    assert!(cell.durable() < applied.durable_from());
    cell.journal_mut().poll();
    assert!(cell.durable() >= applied.durable_from());
}

#[test]
fn stamps_never_go_back_not_even_across_a_restart_with_an_earlier_clock() {
    let bench = Bench::new();
    bench.clock.set(Time::from_seconds(5000));
    bench.add("late");
    let disk = bench.disk.clone();
    drop(bench);
    let bench = Bench::on(disk, Time::from_seconds(1000));
    assert!(
        bench.clock.now() >= Time::from_seconds(5000),
        "the clock goes on from the last stamp"
    );
    let number = bench.add("later");
    let (time, _) = bench.cell.borrow().machines().notes[number].unwrap();
    assert!(time >= Time::from_seconds(5000));
}

#[test]
fn settling_moves_old_bodies_and_gives_the_journal_back() {
    let bench = Bench::new();
    for number in 0..400 {
        bench.add(&long(number));
    }
    assert!(bench.cell.borrow().wants_settling());
    let before = bench.cell.borrow().journal().bytes();
    let settled = bench.settle();
    assert!(settled.bodies_moved > 300, "{settled:?}");
    assert!(bench.cell.borrow().journal().bytes() < before);
    assert!(!bench.cell.borrow().wants_settling());
    let bench = bench.restart();
    for number in 0..400 {
        assert_eq!(bench.text(number), Some(long(number)));
    }
}

#[test]
fn disk_use_follows_what_is_live_and_not_what_passed_through() {
    let bench = Bench::new();
    let keep = bench.add(&long(0));
    for round in 0..10 {
        let first = bench.cell.borrow().machines().notes.len();
        for number in 0..200 {
            bench.add(&long(number));
        }
        for number in first..first + 200 {
            bench.drop_note(number);
        }
        bench.settle();
        let cell = bench.cell.borrow();
        assert!(
            cell.settled_bytes() < 200_000,
            "round {round}: {}",
            cell.settled_bytes()
        );
        assert!(
            cell.journal().bytes() < 600_000,
            "round {round}: {}",
            cell.journal().bytes()
        );
    }
    assert_eq!(bench.text(keep), Some(long(0)));
    assert_eq!(bench.restart().text(keep), Some(long(0)));
}

/// Nearly a page of the journal.
fn page(number: usize) -> String {
    format!("{number:05} {}", "x".repeat(3600))
}

/// Adds notes until the disk, which has only so much room left, refuses one.
fn fill(bench: &Bench, room: u64) -> usize {
    bench.disk.disk.limit(Some(bench.disk.disk.bytes() + room));
    (0..)
        .take_while(|&number| bench.try_add(&page(number)))
        .count()
}

#[test]
fn what_is_dropped_makes_room_on_a_full_disk() {
    let bench = Bench::new();
    let notes = fill(&bench, 150 << 10);
    assert!(!bench.cell.borrow_mut().wastes_space(), "all is alive");
    bench.drop_notes(0..notes);
    assert!(bench.cell.borrow_mut().wastes_space());
    bench.settle();
    assert!(!bench.cell.borrow_mut().wastes_space());
    assert!(bench.try_add("there is room"));
}

#[test]
fn work_leaves_room_on_a_full_disk_for_what_frees_much() {
    let bench = Bench::new();
    fill(&bench, 150 << 10);
    let mut cell = bench.cell.borrow_mut();
    let mut submit = |claim| {
        let drop_first = |out: &mut Vec<u8>| {
            out.put_u8(DROP);
            out.put_u32(0);
        };
        cell.submit(claim, drop_first).map(|_| ())
    };
    assert_eq!(submit(Claim::Grow), Err(Refused::Full));
    let worked = (0..1000).take_while(|_| submit(Claim::Work).is_ok());
    assert!((50..1000).contains(&worked.count()));
    assert_eq!(submit(Claim::Work), Err(Refused::Full));
    assert_eq!(submit(Claim::Free), Ok(()));
}

#[test]
fn one_live_body_does_not_hold_a_full_disk() {
    let bench = Bench::new();
    let notes = fill(&bench, 150 << 10);
    bench.drop_notes(1..notes);
    assert!(bench.cell.borrow_mut().wastes_space());
    bench.settle();
    assert!(bench.try_add("there is room"));
    assert_eq!(bench.restart().text(0), Some(page(0)));
}

#[test]
fn what_is_dead_as_a_whole_goes_where_there_is_no_room_for_copies() {
    let bench = Bench::new();
    for number in 0..600 {
        bench.add(&long(number));
    }
    bench.settle();
    // The first segments are dead, and of the others a little more than half.
    bench.drop_notes(
        (0..400)
            .chain((401..600).step_by(3))
            .chain((402..600).step_by(3)),
    );
    let before = bench.disk.disk.bytes();
    bench.disk.disk.limit(Some(before + (20 << 10)));
    let settled = bench.settle();
    assert_eq!(settled.bodies_moved, 0, "{settled:?}");
    assert!(bench.disk.disk.bytes() < before - (300 << 10));
    assert_eq!(bench.restart().text(400), Some(long(400)));
}

#[test]
fn what_dies_without_the_journal_growing_is_given_back() {
    let bench = Bench::new();
    for number in 0..400 {
        bench.add(&long(number));
    }
    bench.settle();
    assert!(!bench.cell.borrow_mut().wastes_space());
    let before = bench.disk.disk.bytes();
    bench.cell.borrow_mut().machines_mut().notes.fill(None);
    assert!(!bench.cell.borrow().wants_settling());
    assert!(bench.cell.borrow_mut().wastes_space());
    bench.settle();
    assert!(!bench.cell.borrow_mut().wastes_space());
    assert!(bench.disk.disk.bytes() < before - (300 << 10));
}

#[test]
fn a_crash_at_any_step_of_settling_loses_nothing() {
    for steps in 0..16 {
        let bench = Bench::new();
        for number in 0..200 {
            bench.add(&long(number));
        }
        for number in (0..200).step_by(3) {
            bench.drop_note(number);
        }
        let state_before: Vec<Option<String>> = (0..200).map(|n| bench.text(n)).collect();
        bench.disk.left.store(steps, Ordering::Relaxed);
        let result = settle(&bench);
        bench.disk.left.store(u32::MAX, Ordering::Relaxed);
        let bench = bench.restart();
        let state: Vec<Option<String>> = (0..200).map(|n| bench.text(n)).collect();
        assert_eq!(state, state_before, "stopped at step {steps}: {result:?}");
        bench.settle();
        assert_eq!(bench.restart().text(1), Some(long(1)));
    }
}
