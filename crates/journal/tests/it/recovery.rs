//! What is there again after the process ended, however it ended.

use std::sync::Arc;

use journal::{AppendError, Disk, Journal, MemoryDisk};

use crate::support::*;

/// A journal of several segments, not closed, and its batches with the offsets where they end.
struct Written {
    files: Files,
    batches: Vec<(u64, Records)>,
}

fn written(seed: u64) -> Written {
    let disk = Arc::new(MemoryDisk::new());
    let mut journal = open(&disk);
    let mut dice = Dice::new(seed);
    let mut batches = Vec::new();
    for number in 0..30 {
        let mut records = Records::new();
        for more in 0..=dice.below(6) {
            let record = record(number * 100 + more, dice.below(3000) as usize);
            // A batch that changes segments is two.
            let offset = journal.append(&record).unwrap();
            records.push((offset, record));
        }
        flush(&mut journal);
        batches.push((journal.durable().0, records));
    }
    drop(journal);
    Written {
        files: files(&*disk),
        batches,
    }
}

fn base(path: &str) -> u64 {
    let name = path.rsplit('/').next().unwrap();
    u64::from_str_radix(name.strip_suffix(".seg").unwrap(), 16).unwrap()
}

/// The journal as if nothing behind this offset had ever reached the disk.
fn cut_at(files: &[(String, Vec<u8>)], cut: u64) -> Arc<MemoryDisk> {
    let mut files = files.to_vec();
    files.retain(|(path, _)| base(path) + PAGE <= cut);
    if let Some((path, bytes)) = files.last_mut() {
        bytes.truncate((cut - base(path)) as usize);
    }
    disk_of(&files)
}

#[test]
fn every_prefix_of_a_journal_recovers_to_its_whole_batches() {
    let written = written(3);
    let end = written.batches.last().unwrap().0;
    let mut cuts: Vec<u64> = (1..=end / PAGE).map(|page| page * PAGE).collect();
    let mut dice = Dice::new(5);
    cuts.extend((0..200).map(|_| PAGE + dice.below(end - PAGE)));
    for (batch_end, _) in &written.batches {
        cuts.extend([batch_end - 1, *batch_end, batch_end + 1, batch_end + 50]);
    }
    for cut in cuts {
        let disk = cut_at(&written.files, cut);
        let (mut journal, recovered) = try_open(&disk).unwrap();
        let found = replayed(&mut journal);
        let all: Records = written
            .batches
            .iter()
            .flat_map(|(_, records)| records.clone())
            .collect();
        assert_same(&found, &all[..found.len()]);
        let durable = written.batches.iter().filter(|(end, _)| *end <= cut);
        let expected: usize = durable.map(|(_, records)| records.len()).sum();
        assert!(found.len() >= expected, "cut at {cut}");
        assert_eq!(recovered.records as usize, found.len());
        assert_eq!(recovered.end, journal.durable());
        assert!(!recovered.clean || found.is_empty());
        assert_goes_on(journal, &disk, found);
    }
}

/// The journal takes more, and all of it is there after a clean close.
fn assert_goes_on(mut journal: journal::FileJournal, disk: &Arc<MemoryDisk>, mut records: Records) {
    let more: Vec<_> = (0..20).map(|n| record(7_000_000 + n, 3000)).collect();
    records.extend(append_all(&mut journal, &more));
    flush(&mut journal);
    journal.close().unwrap();
    drop(journal);
    let (mut journal, recovered) = try_open(disk).unwrap();
    assert_same(&replayed(&mut journal), &records);
    assert!(recovered.clean);
}

#[test]
fn a_last_batch_of_which_any_page_is_missing_is_cut_off() {
    let disk = Arc::new(MemoryDisk::new());
    let mut journal = open(&disk);
    let mut records = append_all(&mut journal, &[record(1, 100), record(2, 5000)]);
    flush(&mut journal);
    let start = journal.durable().0 as usize;
    let last: Vec<_> = (10..20).map(|n| record(n, 3000)).collect();
    let last = append_all(&mut journal, &last);
    flush(&mut journal);
    let pages = (journal.durable().0 as usize - start) / PAGE as usize;
    drop(journal);
    let files = files(&*disk);
    assert_eq!(pages, 8);
    for kept in 0..1_u32 << pages {
        let mut torn = files.clone();
        for page in (0..pages).filter(|page| kept & (1 << page) == 0) {
            let from = start + page * PAGE as usize;
            // What a recycled segment holds is not zero.
            torn[0].1[from..from + PAGE as usize].fill(kept as u8);
        }
        let whole = kept + 1 == 1 << pages;
        let disk = disk_of(&torn);
        let (mut journal, recovered) = try_open(&disk).unwrap();
        let found = replayed(&mut journal);
        let expected = if whole {
            [records.clone(), last.clone()].concat()
        } else {
            records.clone()
        };
        assert_same(&found, &expected);
        let header_there = kept & 1 == 1;
        assert_eq!(recovered.torn.is_some(), header_there && !whole);
        // Where the torn batch had pages, another begins now, and is torn in its turn.
        journal.append(&record(99, 100)).unwrap();
        journal.seal();
        drop(journal);
        assert_same(&replayed(&mut open(&disk)), &expected);
    }
    records.extend(last);
    assert_same(&replayed(&mut open(&disk_of(&files))), &records);
}

#[test]
fn a_torn_batch_in_a_fresh_segment_is_cut_off() {
    let disk = Arc::new(MemoryDisk::new());
    let mut journal = open(&disk);
    let mut records = append_all(&mut journal, &[record(1, 30_000)]);
    flush(&mut journal);
    journal.append(&record(2, 40_000)).unwrap();
    flush(&mut journal);
    drop(journal);
    let second = format!("{DIR}/{:016x}.seg", 64 * 1024);
    let file = disk.open(&second).unwrap();
    file.write_at(3 * PAGE, &[9; 100]).unwrap();

    let (mut journal, recovered) = try_open(&disk).unwrap();
    assert_eq!(recovered.torn.map(|at| at.0), Some(64 * 1024 + PAGE));
    assert_same(&replayed(&mut journal), &records);
    // The journal goes on in the segment before, and then uses the fresh one.
    for len in [10_000, 50_000] {
        records.extend(append_all(&mut journal, &[record(3, len)]));
        flush(&mut journal);
        drop(journal);
        journal = open(&disk);
        assert_same(&replayed(&mut journal), &records);
    }
}

#[test]
fn a_sealed_batch_that_was_never_polled_leaves_nothing() {
    let disk = Arc::new(MemoryDisk::new());
    let mut journal = open(&disk);
    let records = append_all(&mut journal, &[record(1, 10)]);
    flush(&mut journal);
    journal.append(&record(2, 10)).unwrap();
    journal.seal();
    assert!(journal.in_flight());
    drop(journal);
    assert_same(&replayed(&mut open(&disk)), &records);
}

#[test]
fn a_closed_journal_takes_nothing_more_and_opens_clean() {
    let disk = Arc::new(MemoryDisk::new());
    let mut journal = open(&disk);
    let records = append_all(&mut journal, &[record(1, 10)]);
    journal.close().unwrap();
    assert_eq!(journal.append(b"late"), Err(AppendError::Poisoned));
    drop(journal);
    let size = files(&*disk);
    for _ in 0..3 {
        let (mut journal, recovered) = try_open(&disk).unwrap();
        assert!(recovered.clean);
        assert_same(&replayed(&mut journal), &records);
        journal.close().unwrap();
    }
    assert_eq!(files(&*disk), size, "opening and closing writes nothing");
}

#[test]
fn there_is_always_a_page_for_the_mark_of_a_clean_close() {
    for len in (50_000..57_000).step_by(100) {
        let disk = Arc::new(MemoryDisk::new());
        let mut journal = open(&disk);
        let mut records = append_all(&mut journal, &[record(1, len)]);
        journal.close().unwrap();
        let (mut journal, recovered) = try_open(&disk).unwrap();
        assert!(recovered.clean && recovered.end.0 <= 64 * 1024);
        records.extend(append_all(&mut journal, &[record(2, 10)]));
        flush(&mut journal);
        drop(journal);
        assert_same(&replayed(&mut open(&disk)), &records);
    }
}

#[test]
fn what_a_process_left_half_made_is_removed() {
    let disk = Arc::new(MemoryDisk::new());
    drop(open(&disk));
    disk.create("journal/0.tmp").unwrap();
    disk.create("journal/notes.txt").unwrap();
    drop(open(&disk));
    let names = disk.list(DIR).unwrap();
    assert_eq!(names, ["0000000000000000.seg", "notes.txt"]);
}
