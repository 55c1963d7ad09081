//! A full disk refuses appends and nothing else; space that comes back is used.

use std::io;
use std::sync::Arc;

use journal::sim_disk::Operation;
use journal::{AppendError, Journal, SimDisk};

use crate::support::*;

/// Appends and flushes until the journal refuses.
fn fill(journal: &mut journal::FileJournal, records: &mut Records) -> AppendError {
    loop {
        let record = record(records.len() as u64, 3000);
        let end = journal.end();
        match journal.append(&record) {
            Ok(offset) => records.push((offset, record)),
            Err(refused) => {
                assert_eq!(journal.end(), end, "after an error nothing has happened");
                return refused;
            }
        }
        flush(journal);
    }
}

#[test]
fn a_full_disk_refuses_appends_loses_nothing_and_recovers() {
    let disk = Arc::new(SimDisk::new());
    disk.limit(Some(3 * 64 * 1024 + 1000));
    let mut journal = open(&disk);
    assert_eq!(journal.room(), u64::MAX);
    let mut records = Records::new();
    assert_eq!(fill(&mut journal, &mut records), AppendError::Full);
    assert!(records.len() > 30);
    assert_eq!(journal.poisoned(), None);
    assert!(journal.room() < 3000);
    assert_same(&replayed(&mut journal), &records);
    assert_all_read_back(&journal, &records);
    assert_eq!(journal.append(&record(0, 3000)), Err(AppendError::Full));

    // Space comes back because old records are not needed any more.
    journal.trim(records[25].0);
    assert_eq!(fill(&mut journal, &mut records), AppendError::Full);
    records.retain(|(offset, _)| *offset >= journal.trimmed());
    assert_same(&replayed(&mut journal), &records);

    // Or because someone made some.
    disk.limit(None);
    assert_eq!(journal.room(), u64::MAX);
    records.extend(append_all(&mut journal, &[record(1_000, 30_000)]));
    flush(&mut journal);
    journal.close().unwrap();
    drop(journal);
    assert_same(&replayed(&mut open(&disk)), &records);
}

#[test]
fn room_is_known_before_the_last_segment_is_full() {
    let disk = Arc::new(SimDisk::new());
    disk.limit(Some(64 * 1024));
    let mut journal = open(&disk);
    for number in 0..10 {
        journal.append(&record(number, 3000)).unwrap();
        flush(&mut journal);
    }
    let room = journal.room();
    assert!(room < 24 * 1024, "{room} bytes are not there");
    let len = room as usize - 100;
    assert!(journal.append(&record(99, len)).is_ok());
    assert_eq!(journal.append(&record(99, 200)), Err(AppendError::Full));
}

#[test]
fn an_open_batch_that_meets_a_full_disk_can_still_be_flushed() {
    let disk = Arc::new(SimDisk::new());
    disk.limit(Some(64 * 1024));
    let mut journal = open(&disk);
    let mut records = Records::new();
    while let Ok(offset) = journal.append(&record(records.len() as u64, 5000)) {
        records.push((offset, record(records.len() as u64, 5000)));
    }
    assert_eq!(journal.open_records(), records.len());
    flush(&mut journal);
    drop(journal);
    disk.crash(1);
    assert_same(&replayed(&mut open(&disk)), &records);
}

#[test]
fn an_error_that_is_not_want_of_space_poisons() {
    let disk = Arc::new(SimDisk::new());
    let mut journal = open(&disk);
    let records = append_all(&mut journal, &[record(0, 50_000)]);
    disk.fail(Operation::Create, 0, io::ErrorKind::PermissionDenied);
    assert_eq!(
        journal.append(&record(1, 50_000)),
        Err(AppendError::Poisoned)
    );
    assert!(journal.poisoned().unwrap().contains("segment"));
    drop(journal);
    assert_same(&replayed(&mut open(&disk)), &[]);
    assert_eq!(records.len(), 1);
}
