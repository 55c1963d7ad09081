//! Appending, reading back, replaying, trimming.

use std::sync::Arc;

use domain::bytes::Malformed;
use domain::{Body, Offset, Place};
use journal::{
    AppendError, Durability, Journal, MemoryDisk, Options, ReadError, Readiness, ReplayError,
};

use crate::support::*;

#[test]
fn a_record_reads_the_same_from_the_open_batch_in_flight_from_the_cache_and_from_the_file() {
    let disk = Arc::new(MemoryDisk::new());
    let options = Options {
        cache_bytes: 20_000,
        ..small()
    };
    let (mut journal, _) = open_with(&disk, options).unwrap();
    let long: Vec<_> = (0..9).map(|n| record(n, 3000)).collect();
    let mut records = append_all(&mut journal, &long[..3]);
    assert_all_read_back(&journal, &records); // open
    journal.seal();
    assert!(journal.in_flight());
    assert_all_read_back(&journal, &records); // in flight
    records.extend(append_all(&mut journal, &long[3..6]));
    assert_all_read_back(&journal, &records); // in flight and open
    assert!(journal.poll());
    assert_all_read_back(&journal, &records); // cached and open
    flush(&mut journal);
    records.extend(append_all(&mut journal, &long[6..]));
    flush(&mut journal);
    assert_all_read_back(&journal, &records); // file and cached
    drop(journal);
    assert_all_read_back(&open(&disk), &records); // file
}

#[test]
fn reads_from_files_agree_with_what_was_appended_in_any_order_and_while_more_is_appended() {
    let disk = Arc::new(MemoryDisk::new());
    let mut journal = open(&disk);
    let mut dice = Dice::new(11);
    let mut records = Records::new();
    for number in 0..300 {
        let len = match dice.below(10) {
            0 => dice.below(50_000),
            _ => dice.below(2_000),
        };
        records.extend(append_all(&mut journal, &[record(number, len as usize)]));
        if dice.below(3) == 0 {
            flush(&mut journal);
        }
        let (offset, record) = &records[dice.below(records.len() as u64) as usize];
        let at = dice.below(record.len() as u64) as usize;
        assert_eq!(read(&journal, *offset, at, record.len() - at), record[at..]);
    }
    assert_all_read_back(&journal, &records);
}

#[test]
fn offsets_rise_and_the_end_is_durable_when_nothing_waits() {
    let disk = Arc::new(MemoryDisk::new());
    let mut journal = open(&disk);
    assert_eq!(journal.durable(), journal.end());
    let mut last = Offset::ZERO;
    for number in 0..100 {
        let offset = journal.append(&record(number, 1500)).unwrap();
        assert!(offset > last && offset < journal.end());
        assert!(
            offset >= journal.durable(),
            "nothing is durable before the flush"
        );
        last = offset;
        if number % 7 == 0 {
            flush(&mut journal);
            assert!(offset < journal.durable());
            assert_eq!(journal.durable(), journal.end());
        }
    }
}

#[test]
fn batches_become_durable_one_after_the_other() {
    let disk = Arc::new(MemoryDisk::new());
    let mut journal = open(&disk);
    assert_eq!(journal.readiness(), Readiness::Step);
    let first = journal.append(b"first").unwrap();
    journal.seal();
    let second = journal.append(b"second").unwrap();
    journal.seal();
    assert_eq!(
        journal.open_records(),
        1,
        "only one batch is under way at a time"
    );
    assert!(journal.durable() <= first);
    assert!(journal.poll());
    assert!(journal.durable() > first && journal.durable() <= second);
    assert!(!journal.in_flight() && !journal.poll());
    flush(&mut journal);
    assert!(journal.durable() > second);
    assert_eq!(journal.stats().flushes, 2);
    assert_eq!(journal.stats().records, 2);
    assert_eq!(journal.stats().bytes, 2 * PAGE);
}

#[test]
fn replay_shows_the_durable_records_from_any_offset_on() {
    let disk = Arc::new(MemoryDisk::new());
    let mut journal = open(&disk);
    let mut records = Records::new();
    for number in 0..200 {
        records.extend(append_all(&mut journal, &[record(number, 1000)]));
        if number % 9 == 0 {
            flush(&mut journal);
        }
    }
    flush(&mut journal);
    for (index, (offset, _)) in records.iter().enumerate() {
        assert_same(&replayed_from(&mut journal, *offset), &records[index..]);
        assert_same(
            &replayed_from(&mut journal, Offset(offset.0 + 1)),
            &records[index + 1..],
        );
    }
    let end = journal.end();
    assert_same(&replayed_from(&mut journal, end), &[]);
    journal.append(b"not durable").unwrap();
    assert_same(&replayed(&mut journal), &records);
}

#[test]
fn replay_refuses_what_it_does_not_have_and_stops_where_the_visitor_does() {
    let disk = Arc::new(MemoryDisk::new());
    let mut journal = open(&disk);
    let offset = journal.append(b"unreadable").unwrap();
    flush(&mut journal);
    let beyond = Offset(journal.end().0 + 1);
    assert!(matches!(
        journal.replay(beyond, &mut |_, _| Ok(())),
        Err(ReplayError::Beyond(end)) if end == journal.end()
    ));
    assert!(matches!(
        journal.replay(Offset::ZERO, &mut |_, _| Err(Malformed("on purpose"))),
        Err(ReplayError::Malformed(at, Malformed("on purpose"))) if at == offset
    ));
}

#[test]
fn a_record_longer_than_a_segment_is_refused_and_the_longest_is_not() {
    let disk = Arc::new(MemoryDisk::new());
    let mut journal = open(&disk);
    let longest = 64 * 1024 - 2 * 4096 - 48;
    let before = journal.end();
    let refused = journal.append(&vec![1; longest + 1]);
    assert_eq!(refused, Err(AppendError::TooLarge));
    assert_eq!(journal.end(), before);
    let records: Vec<_> = (0..3).map(|n| record(n, longest - 8)).collect();
    let records = append_all(&mut journal, &records);
    flush(&mut journal);
    assert_same(&replayed(&mut journal), &records);
    drop(journal);
    assert_same(&replayed(&mut open(&disk)), &records);

    let (mut journal, _) = open_with(&Arc::new(MemoryDisk::new()), Options::default()).unwrap();
    let max = domain::limits::RECORD_BYTES_MAX;
    assert!(journal.append(&vec![1; max]).is_ok());
    assert_eq!(
        journal.append(&vec![1; max + 1]),
        Err(AppendError::TooLarge)
    );
}

#[test]
fn places_outside_of_records_are_refused() {
    let disk = Arc::new(MemoryDisk::new());
    let mut journal = open(&disk);
    let offset = journal.append(b"four").unwrap();
    let place = |at, len| Place { offset, at, len };
    let mut into = Vec::new();
    for flushed in [false, true] {
        if flushed {
            flush(&mut journal);
        }
        for (at, len) in [(0, 5), (4, 1), (5, 0), (u32::MAX, 1), (1, u32::MAX)] {
            let refused = journal.read(place(at, len), &mut into);
            assert!(matches!(refused, Err(ReadError::Outside)), "{at} {len}");
        }
        journal.read(place(4, 0), &mut into).unwrap();
    }
    assert_eq!(into, []);
    let end = journal.end();
    let refused = journal.read(Body { at: 0, len: 1 }.at(end), &mut into);
    assert!(matches!(refused, Err(ReadError::Outside)));
}

#[test]
fn trimmed_segments_are_used_again_and_their_records_never_come_back() {
    let disk = Arc::new(MemoryDisk::new());
    let mut journal = open(&disk);
    let mut records = Records::new();
    let mut bytes_max = 0;
    for number in 0..600 {
        records.extend(append_all(&mut journal, &[record(number, 2500)]));
        flush(&mut journal);
        if number % 20 == 19 {
            let below = records[records.len() - 10].0;
            journal.trim(below);
            assert!(journal.trimmed() <= below);
            records.retain(|(offset, _)| *offset >= journal.trimmed());
            assert_same(&replayed(&mut journal), &records);
            assert_all_read_back(&journal, &records);
            drop(journal);
            journal = open(&disk);
            assert_same(&replayed(&mut journal), &records);
        }
        bytes_max = bytes_max.max(journal.bytes());
    }
    assert!(journal.trimmed() > Offset(1_000_000));
    assert!(bytes_max <= 8 * 64 * 1024, "{bytes_max} bytes were taken");
    let names: Vec<_> = files(&*disk).into_iter().map(|(path, _)| path).collect();
    let spares = names.iter().filter(|path| path.ends_with(".spare")).count();
    assert!(spares <= 2, "{names:?}");

    let mut into = Vec::new();
    let gone = Body { at: 0, len: 1 }.at(Offset(PAGE + 40));
    assert!(matches!(
        journal.read(gone, &mut into),
        Err(ReadError::Trimmed)
    ));
    assert!(matches!(
        journal.replay(Offset::ZERO, &mut |_, _| Ok(())),
        Err(ReplayError::Trimmed(first)) if first == journal.trimmed()
    ));
}

#[test]
fn what_is_not_durable_is_not_trimmed() {
    let disk = Arc::new(MemoryDisk::new());
    let mut journal = open(&disk);
    let records: Vec<_> = (0..100).map(|n| record(n, 2500)).collect();
    let records = append_all(&mut journal, &records);
    let end = journal.end();
    journal.trim(end);
    assert_eq!(journal.trimmed(), Offset::ZERO);
    flush(&mut journal);
    assert_same(&replayed(&mut journal), &records);
    journal.trim(end);
    assert!(journal.trimmed() > Offset::ZERO);
}

#[test]
fn in_memory_every_record_is_durable_at_once_and_what_is_trimmed_is_freed() {
    let disk = Arc::new(MemoryDisk::new());
    let options = Options {
        durability: Durability::Memory,
        ..Options::default()
    };
    let (mut journal, _) = open_with(&disk, options).unwrap();
    let mut records = Records::new();
    for number in 0..3000 {
        let record = record(number, 4000);
        let offset = journal.append(&record).unwrap();
        assert!(journal.durable() > offset);
        assert_eq!(journal.open_records(), 0);
        journal.seal();
        assert!(!journal.in_flight());
        records.push((offset, record));
    }
    assert_all_read_back(&journal, &records);
    let before = journal.bytes();
    journal.trim(journal.end());
    assert!(journal.bytes() < before / 2);
    records.retain(|(offset, _)| *offset >= journal.trimmed());
    assert_all_read_back(&journal, &records);
    journal.close().unwrap();
}
