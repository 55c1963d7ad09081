//! After a failed write or sync nothing is confirmed any more, and nothing that was is lost.

use std::io;
use std::sync::Arc;

use journal::sim_disk::Operation;
use journal::{AppendError, Journal, SimDisk};

use crate::support::*;

#[test]
fn a_failed_write_or_sync_poisons_for_ever() {
    for operation in [Operation::Write, Operation::Sync] {
        for seed in 0..40 {
            let disk = Arc::new(SimDisk::new());
            let mut journal = open(&disk);
            let records = append_all(&mut journal, &[record(1, 5000), record(2, 100)]);
            flush(&mut journal);
            let doubtful = append_all(&mut journal, &[record(3, 3000)]);
            let durable = journal.durable();

            disk.fail(operation, 0, io::ErrorKind::Other);
            journal.seal();
            assert!(journal.in_flight());
            assert!(journal.poll(), "the failure is news");
            assert!(journal.poisoned().unwrap().contains("durable"));
            assert!(!journal.in_flight() && !journal.poll());
            assert_eq!(journal.durable(), durable);
            assert_eq!(journal.append(b"more"), Err(AppendError::Poisoned));
            journal.seal();
            assert!(!journal.poll());
            assert_all_read_back(&journal, &doubtful);
            assert!(journal.close().is_err());
            drop(journal);

            disk.crash(seed);
            let found = replayed(&mut open(&disk));
            let all = [records.clone(), doubtful].concat();
            assert!(
                found == records || found == all,
                "{operation:?}, seed {seed}"
            );
        }
    }
}

#[test]
fn what_is_found_after_a_failed_sync_is_there_after_a_power_cut_too() {
    for seed in 0..40 {
        let disk = Arc::new(SimDisk::new());
        let mut journal = open(&disk);
        append_all(&mut journal, &[record(1, 9000)]);
        disk.fail(Operation::Sync, 0, io::ErrorKind::Other);
        journal.seal();
        journal.poll();
        assert!(journal.poisoned().is_some());
        drop(journal);
        // Only the process starts again. It reads what never reached the disk, and no sync will bring it there.
        let found = replayed(&mut open(&disk));
        disk.crash(seed);
        assert_same(&replayed(&mut open(&disk)), &found);
    }
}

#[test]
fn a_segment_that_cannot_be_prepared_ahead_is_made_when_it_is_needed() {
    for operation in [
        Operation::Create,
        Operation::Write,
        Operation::Rename,
        Operation::SyncDir,
    ] {
        let disk = Arc::new(SimDisk::new());
        let mut journal = open(&disk);
        let mut records = Records::new();
        for number in 0..40 {
            // With this batch a quarter of the first segment is used, and the next one is prepared.
            if number == 3 {
                disk.fail(operation, 0, io::ErrorKind::Other);
            }
            records.extend(append_all(&mut journal, &[record(number, 3000)]));
            flush(&mut journal);
        }
        drop(journal);
        disk.crash(number_of(operation));
        assert_same(&replayed(&mut open(&disk)), &records);
    }
}

fn number_of(operation: Operation) -> u64 {
    operation as u64
}

#[test]
fn a_journal_that_cannot_be_opened_can_be_later() {
    let disk = Arc::new(SimDisk::new());
    let mut journal = open(&disk);
    let records = append_all(&mut journal, &[record(1, 5000)]);
    flush(&mut journal);
    drop(journal);
    for operation in [
        Operation::Open,
        Operation::Read,
        Operation::Sync,
        Operation::SyncDir,
    ] {
        disk.fail(operation, 0, io::ErrorKind::Other);
        assert!(
            matches!(try_open(&disk), Err(journal::OpenError::Io(_))),
            "{operation:?}"
        );
        assert_same(&replayed(&mut open(&disk)), &records);
    }
}
