//! Damage is found and named. It is never taken for a torn tail, and never shows as other records.

use std::sync::Arc;

use journal::{Disk, Journal, MemoryDisk, OpenError, ReadError, ReplayError};

use crate::support::*;

/// Where a batch begins and ends, padding not counted.
type Span = (u64, u64);

/// Six batches in two segments.
fn written(close: bool) -> (Files, Vec<Span>, Records) {
    let disk = Arc::new(MemoryDisk::new());
    let mut journal = open(&disk);
    let mut records = Records::new();
    let mut spans = Vec::new();
    for number in 0..6 {
        let pair = [record(2 * number, 9000), record(2 * number + 1, 4000)];
        let appended = append_all(&mut journal, &pair);
        let end = journal.end().0;
        spans.push((appended[0].0.0 - 40, end));
        records.extend(appended);
        flush(&mut journal);
    }
    if close {
        journal.close().unwrap();
    }
    drop(journal);
    (files(&*disk), spans, records)
}

fn flip(files: &Files, offset: u64, bit: u8) -> Arc<MemoryDisk> {
    let mut files = files.to_vec();
    let file = (offset / (64 * 1024)) as usize;
    files[file].1[(offset % (64 * 1024)) as usize] ^= 1 << bit;
    disk_of(&files)
}

/// All bits of a batch's header and of its first record's, and some of its others.
fn sample((start, end): Span, dice: &mut Dice) -> Vec<(u64, u8)> {
    let headers = (start..start + 48).flat_map(|offset| (0..8).map(move |bit| (offset, bit)));
    let others = (0..100).map(|_| (start + dice.below(end - start), dice.below(8) as u8));
    headers.chain(others).collect()
}

#[test]
fn a_flipped_bit_in_any_batch_but_the_last_is_refused_with_its_place() {
    let (files, spans, _) = written(false);
    let mut dice = Dice::new(1);
    for &span in &spans[..5] {
        for (offset, bit) in sample(span, &mut dice) {
            let Err(OpenError::Damaged(damage)) = try_open(&flip(&files, offset, bit)) else {
                panic!("bit {bit} of {offset} was not noticed");
            };
            let base = span.0 / (64 * 1024) * (64 * 1024);
            assert_eq!(damage.segment, format!("{DIR}/{base:016x}.seg"));
            assert_eq!(base + damage.position, span.0, "bit {bit} of {offset}");
        }
    }
}

#[test]
fn a_flipped_bit_in_the_last_batch_costs_that_batch_or_opening() {
    let (files, spans, records) = written(false);
    let mut dice = Dice::new(2);
    for (offset, bit) in sample(spans[5], &mut dice) {
        let disk = flip(&files, offset, bit);
        let (mut journal, recovered) = try_open(&disk).unwrap();
        assert_same(&replayed(&mut journal), &records[..10]);
        assert!(!recovered.clean);
    }
}

#[test]
fn in_a_closed_journal_no_batch_can_be_damaged_unnoticed() {
    let (files, spans, records) = written(true);
    let mut dice = Dice::new(3);
    for &span in &spans {
        for (offset, bit) in sample(span, &mut dice) {
            let opened = try_open(&flip(&files, offset, bit));
            assert!(matches!(opened, Err(OpenError::Damaged(_))));
        }
    }
    let mark = spans[5].1.next_multiple_of(PAGE);
    for bit in 0..40 * 8 {
        let disk = flip(&files, mark + bit / 8, (bit % 8) as u8);
        let (mut journal, recovered) = try_open(&disk).unwrap();
        assert_same(&replayed(&mut journal), &records);
        assert!(!recovered.clean);
    }
}

#[test]
fn a_flipped_bit_in_a_segments_header_is_refused_with_its_place() {
    let (files, ..) = written(true);
    for file in 0..files.len() {
        for bit in (0..40 * 8).chain([PAGE * 8 - 1]) {
            let offset = file as u64 * 64 * 1024 + bit / 8;
            let Err(OpenError::Damaged(damage)) = try_open(&flip(&files, offset, (bit % 8) as u8))
            else {
                panic!("bit {bit} of segment {file} was not noticed");
            };
            assert_eq!(
                (damage.segment.as_str(), damage.position),
                (files[file].0.as_str(), 0)
            );
        }
    }
}

#[test]
fn lost_pages_and_lost_segments_are_refused() {
    let (files, spans, _) = written(false);
    for (index, &(start, _)) in spans[..5].iter().enumerate() {
        let mut files = files.clone();
        let (file, from) = (
            (start / (64 * 1024)) as usize,
            (start % (64 * 1024)) as usize,
        );
        files[file].1[from..from + PAGE as usize].fill(0);
        let opened = try_open(&disk_of(&files));
        assert!(
            matches!(opened, Err(OpenError::Damaged(_))),
            "batch {index}"
        );
    }
    let mut without_tail = files.clone();
    without_tail[0].1[spans[1].0 as usize..].fill(0);
    assert!(matches!(
        try_open(&disk_of(&without_tail)),
        Err(OpenError::Damaged(_))
    ));

    let mut without_first = files.clone();
    without_first[0].1.truncate(PAGE as usize);
    assert!(matches!(
        try_open(&disk_of(&without_first)),
        Err(OpenError::Damaged(_))
    ));

    let disk = Arc::new(MemoryDisk::new());
    let mut journal = open(&disk);
    for number in 0..10 {
        journal.append(&record(number, 40_000)).unwrap();
        flush(&mut journal);
    }
    drop(journal);
    disk.remove(&format!("{DIR}/{:016x}.seg", 3 * 64 * 1024))
        .unwrap();
    let Err(OpenError::Damaged(damage)) = try_open(&disk) else {
        panic!("a segment was missed by nobody");
    };
    assert_eq!(damage.segment, format!("{DIR}/{:016x}.seg", 4 * 64 * 1024));
}

#[test]
fn a_journal_of_another_version_is_refused_by_its_number() {
    let (mut files, ..) = written(true);
    let page = &mut files[0].1[..PAGE as usize];
    page[8..12].copy_from_slice(&7_u32.to_le_bytes());
    let crc = crc32c::crc32c_append(crc32c::crc32c(&page[..12]), &page[16..]);
    page[12..16].copy_from_slice(&crc.to_le_bytes());
    let Err(refused) = try_open(&disk_of(&files)) else {
        panic!("it was opened");
    };
    assert!(matches!(refused, OpenError::Version { version: 7, .. }));
    assert!(refused.to_string().contains("journal format 7"));
}

#[test]
fn damage_that_comes_while_the_journal_is_open_is_found_when_read() {
    let disk = Arc::new(MemoryDisk::new());
    let mut journal = open(&disk);
    let records = append_all(&mut journal, &[record(1, 100), record(2, 100)]);
    flush(&mut journal);
    let file = disk.open(&format!("{DIR}/{:016x}.seg", 0)).unwrap();
    let second = records[1].0;
    file.write_at(second.0 + 50, b"damaged").unwrap();
    let mut into = Vec::new();
    let place = domain::Body { at: 0, len: 4 }.at(second);
    assert!(matches!(
        journal.read(place, &mut into),
        Err(ReadError::Corrupt(_))
    ));
    assert_eq!(into, []);
    assert_eq!(read(&journal, records[0].0, 0, 108), records[0].1);
    let replay = journal.replay(journal.trimmed(), &mut |_, _| Ok(()));
    assert!(matches!(replay, Err(ReplayError::Corrupt(_))));
}

#[test]
fn a_batch_that_a_client_forged_inside_a_body_is_not_taken_for_one() {
    let disk = Arc::new(MemoryDisk::new());
    let mut journal = open(&disk);
    let mut records = append_all(&mut journal, &[record(1, 100)]);
    flush(&mut journal);
    let real = files(&*disk)[0].1[PAGE as usize..2 * PAGE as usize].to_vec();

    // The body holds, on every page boundary, either a true copy of an earlier batch or one that names its own
    // place correctly but cannot know the salt.
    let start = journal.end().0;
    let mut body = vec![0; 7 * PAGE as usize];
    for page in 1..6 {
        let at = (page * PAGE) as usize - 48;
        let mut forged = real.clone();
        if page % 2 == 0 {
            forged[8..16].fill(0x5a);
            forged[16..24].copy_from_slice(&(start + page * PAGE).to_le_bytes());
            let crc = crc32c::crc32c(&forged[8..40]);
            forged[4..8].copy_from_slice(&crc.to_le_bytes());
        }
        body[at..at + PAGE as usize].copy_from_slice(&forged);
    }
    let whole = append_all(&mut journal, &[body]);
    flush(&mut journal);
    drop(journal);
    let files = files(&*disk);
    assert_eq!(files[0].1[(start + PAGE) as usize..][..8], real[..8]);

    // Without its first page the batch is a torn tail: nothing in its body may speak against that.
    let mut torn = files.clone();
    torn[0].1[start as usize..(start + PAGE) as usize].fill(0);
    assert_same(&replayed(&mut open(&disk_of(&torn))), &records);
    records.extend(whole);
    assert_same(&replayed(&mut open(&disk_of(&files))), &records);
}
