//! Random work, power cuts at random moments, and a model that knows what must be there again.

use std::io::ErrorKind;
use std::sync::Arc;

use domain::Offset;
use journal::sim_disk::Operation;
use journal::{FileJournal, Journal, Options, SimDisk};

use crate::support::*;

struct Model {
    disk: Arc<SimDisk>,
    dice: Dice,
    /// All that was ever appended and may still be there.
    log: Records,
    /// What stands before this must be there.
    durable: Offset,
    /// What stands before this need not be.
    trimmed: Offset,
    appended: u64,
}

impl Model {
    fn new(seed: u64) -> Model {
        Model {
            disk: Arc::new(SimDisk::new()),
            dice: Dice::new(seed + 1),
            log: Records::new(),
            durable: Offset::ZERO,
            trimmed: Offset::ZERO,
            appended: 0,
        }
    }

    /// Opens, and opens again after another power cut if that one came while opening.
    fn open(&mut self) -> FileJournal {
        let options = Options {
            seed: self.dice.roll(),
            cache_bytes: self.dice.below(2) as usize * 50_000,
            ..small()
        };
        loop {
            match open_with(&self.disk, options.clone()) {
                Ok((mut journal, recovered)) => {
                    if !self.compare(&mut journal) {
                        drop(journal);
                        self.crash();
                        continue;
                    }
                    assert_eq!(recovered.end, journal.durable());
                    self.durable = journal.durable();
                    return journal;
                }
                Err(journal::OpenError::Io(_)) => self.crash(),
                Err(refused) => panic!("{refused}"),
            }
        }
    }

    /// Whether everything is there that must be. False if the power went while looking.
    fn compare(&mut self, journal: &mut FileJournal) -> bool {
        let first = journal.trimmed();
        assert!(first <= self.trimmed, "more was trimmed than asked for");
        let mut found = Records::new();
        let mut visit = |offset, record: &[u8]| {
            found.push((offset, record.to_vec()));
            Ok(())
        };
        if journal.replay(first, &mut visit).is_err() {
            return false;
        }
        let there = self.log.partition_point(|(offset, _)| *offset < first);
        let expected = &self.log[there..];
        assert!(found.len() <= expected.len(), "records came from nowhere");
        assert_same(&found, &expected[..found.len()]);
        let missing = expected.get(found.len());
        assert!(
            missing.is_none_or(|(offset, _)| *offset >= self.durable),
            "a durable record is missing"
        );
        self.log.truncate(there + found.len());
        true
    }

    fn crash(&mut self) {
        let seed = self.dice.roll();
        self.disk.crash(seed);
        if self.dice.below(3) == 0 {
            let operations = self.dice.below(12);
            self.disk.halt_after(operations);
        }
    }

    fn step(&mut self, journal: &mut FileJournal) {
        match self.dice.below(12) {
            0..=5 => {
                let len = match self.dice.below(8) {
                    0 => self.dice.below(40_000),
                    _ => self.dice.below(2_000),
                };
                let record = record(self.appended, len as usize);
                self.appended += 1;
                if let Ok(offset) = journal.append(&record) {
                    self.log.push((offset, record));
                }
            }
            6 | 7 => journal.seal(),
            8..=10 => {
                journal.poll();
            }
            _ => {
                let back = self.dice.below(60) as usize;
                let at = self.log.len().saturating_sub(back + 1);
                if let Some((offset, _)) = self.log.get(at) {
                    self.trimmed = self.trimmed.max(*offset);
                    journal.trim(*offset);
                }
            }
        }
        assert!(journal.durable() >= self.durable || journal.poisoned().is_some());
        self.durable = self.durable.max(journal.durable());
    }
}

/// How many runs: a few unless `JOURNAL_SEEDS` asks for more.
fn seeds() -> u64 {
    let asked = std::env::var("JOURNAL_SEEDS").ok();
    asked.and_then(|asked| asked.parse().ok()).unwrap_or(50)
}

#[test]
fn no_power_cut_loses_what_was_durable_or_invents_what_was_not() {
    for seed in 0..seeds() {
        let mut model = Model::new(seed);
        let mut journal = model.open();
        for _ in 0..6 {
            let (halt, fault) = (model.dice.below(120), model.dice.below(40));
            match model.dice.below(3) {
                0 => model
                    .disk
                    .fail(Operation::Sync, fault as u32, ErrorKind::Other),
                _ => model.disk.halt_after(halt),
            }
            for _ in 0..model.dice.below(150) {
                model.step(&mut journal);
            }
            let closed = model.dice.below(4) == 0 && journal.close().is_ok();
            drop(journal);
            if closed {
                let end = model.log.last().map_or(Offset::ZERO, |(offset, _)| *offset);
                model.durable = Offset(model.durable.0.max(end.0 + 1));
            }
            // Now and then only the process ends, and the disk keeps what it was given.
            if model.dice.below(3) > 0 {
                model.crash();
            }
            journal = model.open();
        }
    }
}

#[test]
fn the_same_seed_gives_the_same_run() {
    let run = |seed| {
        let mut model = Model::new(seed);
        let mut journal = model.open();
        for _ in 0..300 {
            model.step(&mut journal);
        }
        drop(journal);
        model.crash();
        drop(model.open());
        (model.disk.operations(), files(&*model.disk))
    };
    assert!(run(8) == run(8));
    assert!(run(8) != run(9));
}
