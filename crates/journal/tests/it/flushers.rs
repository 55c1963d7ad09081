//! Whoever writes the batches, the bytes are the same.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use journal::{Durability, FlusherKind, Journal, LocalDisk, Options, Readiness};

use crate::support::*;

const KINDS: [FlusherKind; 3] = [
    FlusherKind::Stepped,
    FlusherKind::Thread,
    FlusherKind::Uring,
];

fn options(flusher: FlusherKind) -> Options {
    Options {
        flusher,
        segment_bytes_first: 128 * 1024,
        segment_bytes_max: 512 * 1024,
        ..small()
    }
}

#[test]
fn every_flusher_writes_the_same_bytes() {
    let written = KINDS.map(|kind| {
        let directory = TemporaryDirectory::new();
        let disk = Arc::new(LocalDisk::open(directory.path()).unwrap());
        let options = Options {
            segment_bytes_first: 1024 * 1024,
            ..options(kind)
        };
        let (mut journal, _) = open_with(&disk, options).unwrap();
        for number in 0..30 {
            journal
                .append(&record(number, 200 * number as usize))
                .unwrap();
            if number % 4 == 3 {
                flush(&mut journal);
            }
        }
        journal.close().unwrap();
        drop(journal);
        files(&*disk).swap_remove(0)
    });
    assert!(written[0] == written[1], "a thread writes other bytes");
    assert!(written[0] == written[2], "io_uring writes other bytes");
}

#[test]
fn records_survive_changes_of_segment_trims_and_reopening_with_every_flusher() {
    for kind in KINDS.into_iter().chain([FlusherKind::Auto]) {
        for durability in [Durability::Fsync, Durability::Os] {
            let directory = TemporaryDirectory::new();
            let disk = Arc::new(LocalDisk::open(directory.path()).unwrap());
            let options = Options {
                durability,
                ..options(kind)
            };
            let (mut journal, _) = open_with(&disk, options.clone()).unwrap();
            let mut records = Records::new();
            for number in 0..150 {
                records.extend(append_all(&mut journal, &[record(number, 20_000)]));
                journal.seal();
                journal.poll();
                if number % 50 == 49 {
                    flush(&mut journal);
                    journal.trim(records[records.len() - 20].0);
                }
            }
            flush(&mut journal);
            records.retain(|(offset, _)| *offset >= journal.trimmed());
            assert!(records.len() < 150);
            assert_all_read_back(&journal, &records);
            drop(journal);
            let (mut journal, _) = open_with(&disk, options).unwrap();
            // Trimming may go on in the background when the journal is dropped.
            let found = replayed(&mut journal);
            assert!(found.ends_with(&records), "{kind:?} {durability:?}");
        }
    }
}

#[test]
fn a_thread_calls_back_when_a_batch_is_durable() {
    let directory = TemporaryDirectory::new();
    let disk = Arc::new(LocalDisk::open(directory.path()).unwrap());
    let (mut journal, _) = open_with(&disk, options(FlusherKind::Thread)).unwrap();
    assert_eq!(journal.readiness(), Readiness::Callback);
    let (sender, receiver) = std::sync::mpsc::channel();
    journal.on_complete(Box::new(move || {
        let _ = sender.send(());
    }));
    for number in 0..5 {
        let offset = journal.append(&record(number, 100)).unwrap();
        journal.seal();
        receiver.recv().unwrap();
        assert!(journal.poll());
        assert!(journal.durable() > offset);
    }
    let stats = journal.stats();
    assert_eq!((stats.flushes, stats.records), (5, 5));
    assert_eq!(stats.flush_buckets.iter().sum::<u64>(), 5);
    assert!(stats.flush_nanos > 0);
}

#[cfg(target_os = "linux")]
#[test]
#[expect(
    deprecated,
    reason = "its successor is unsafe; the journal keeps the descriptor open"
)]
fn the_rings_descriptor_becomes_readable_when_a_batch_is_durable() {
    use tokio::io::Interest;
    use tokio::io::unix::AsyncFd;

    let directory = TemporaryDirectory::new();
    let disk = Arc::new(LocalDisk::open(directory.path()).unwrap());
    let (mut journal, _) = open_with(&disk, options(FlusherKind::Uring)).unwrap();
    let Readiness::Descriptor(descriptor) = journal.readiness() else {
        // This kernel or file system refuses io_uring: a thread took its place.
        assert_eq!(journal.flusher(), FlusherKind::Thread);
        return;
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .build();
    runtime.unwrap().block_on(async {
        let ring = AsyncFd::with_interest(descriptor, Interest::READABLE).unwrap();
        for number in 0..20 {
            let offset = journal.append(&record(number, 3000)).unwrap();
            journal.seal();
            while journal.durable() <= offset {
                ring.readable().await.unwrap().clear_ready();
                journal.poll();
            }
        }
    });
}

#[test]
fn dropping_a_journal_waits_for_the_flight() {
    for kind in KINDS {
        let directory = TemporaryDirectory::new();
        let disk = Arc::new(LocalDisk::open(directory.path()).unwrap());
        for round in 0..20 {
            let (mut journal, _) = open_with(&disk, options(kind)).unwrap();
            journal.append(&record(round, 100_000)).unwrap();
            journal.seal();
        }
        let (mut journal, _) = open_with(&disk, options(kind)).unwrap();
        for (_, found) in replayed(&mut journal) {
            let number = u64::from_le_bytes(found[..8].try_into().unwrap());
            assert!(found == record(number, 100_000));
        }
    }
}

#[test]
fn a_directory_is_used_by_one_process_at_a_time() {
    let directory = TemporaryDirectory::new();
    let first = LocalDisk::open(directory.path()).unwrap();
    let refused = LocalDisk::open(directory.path()).unwrap_err();
    assert_eq!(refused.kind(), std::io::ErrorKind::ResourceBusy);
    drop(first);
    LocalDisk::open(directory.path()).unwrap();
}

#[test]
fn several_threads_may_step_a_journal_in_turn() {
    let directory = TemporaryDirectory::new();
    let disk = Arc::new(LocalDisk::open(directory.path()).unwrap());
    let (journal, _) = open_with(&disk, options(FlusherKind::Auto)).unwrap();
    let journal = std::sync::Mutex::new(journal);
    let numbers = AtomicU32::new(0);
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                for _ in 0..100 {
                    let number = numbers.fetch_add(1, Ordering::Relaxed);
                    let offset = {
                        let mut journal = journal.lock().unwrap();
                        journal.append(&record(number.into(), 500)).unwrap()
                    };
                    loop {
                        let mut journal = journal.lock().unwrap();
                        journal.seal();
                        journal.poll();
                        if journal.durable() > offset {
                            break;
                        }
                        drop(journal);
                        std::thread::yield_now();
                    }
                }
            });
        }
    });
    let mut journal = journal.into_inner().unwrap();
    let mut found: Vec<_> = replayed(&mut journal)
        .into_iter()
        .map(|(_, record)| u64::from_le_bytes(record[..8].try_into().unwrap()))
        .collect();
    found.sort_unstable();
    assert_eq!(found, (0..300).collect::<Vec<_>>());
}
