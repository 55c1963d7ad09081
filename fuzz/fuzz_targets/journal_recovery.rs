//! Whatever happened to its files, a journal opens with a prefix of what was written or not at all.
//!
//! The input is a list of strokes against a real journal: overwrite, copy, cut, or begin all over with raw bytes.

#![no_main]

use std::sync::{Arc, LazyLock};

use domain::Offset;
use journal::{Disk, FlusherKind, Journal, MemoryDisk, OpenError, Options};
use libfuzzer_sys::fuzz_target;

const SEGMENT_BYTES: u64 = 64 * 1024;
const DIR: &str = "journal";

type Files = Vec<(String, Vec<u8>)>;
type Records = Vec<(Offset, Vec<u8>)>;

fn options() -> Options {
    Options {
        flusher: FlusherKind::Stepped,
        segment_bytes_first: SEGMENT_BYTES,
        segment_bytes_max: SEGMENT_BYTES,
        cache_bytes: 0,
        seed: 1,
        ..Options::default()
    }
}

static WRITTEN: LazyLock<(Files, Records)> = LazyLock::new(|| {
    let disk = Arc::new(MemoryDisk::new());
    let (mut journal, _) = journal::open(disk.clone(), DIR, options()).expect("a new journal opens");
    let mut records = Vec::new();
    for number in 0..60_u64 {
        let record = number.to_le_bytes().repeat(1 + number as usize * 11);
        let offset = journal.append(&record).expect("there is space");
        records.push((offset, record));
        if number % 3 == 0 {
            while journal.durable() < journal.end() {
                journal.seal();
                journal.poll();
            }
        }
    }
    journal.close().expect("memory does not fail");
    let names = disk.list(DIR).expect("memory does not fail");
    let files = names.into_iter().map(|name| {
        let path = format!("{DIR}/{name}");
        let file = disk.open(&path).expect("it is listed");
        let mut bytes = vec![0; SEGMENT_BYTES as usize];
        let read = file.read_at(0, &mut bytes).expect("memory does not fail");
        bytes.truncate(read);
        (path, bytes)
    });
    (files.collect(), records)
});

/// Takes numbers off the front of the input.
struct Input<'a>(&'a [u8]);

impl<'a> Input<'a> {
    fn bytes(&mut self, len: usize) -> &'a [u8] {
        let (taken, rest) = self.0.split_at(len.min(self.0.len()));
        self.0 = rest;
        taken
    }

    fn number(&mut self) -> usize {
        let bytes = self.bytes(3);
        bytes.iter().fold(0, |number, &byte| number << 8 | usize::from(byte))
    }
}

fn stroke(files: &mut Files, input: &mut Input<'_>) {
    let count = files.len().max(1);
    let Some((_, file)) = files.get_mut(input.number() % count) else {
        return;
    };
    let at = input.number() % file.len().max(1);
    match input.number() % 5 {
        0 => file.truncate(at),
        1 => {
            let len = input.number() % 16;
            let new = input.bytes(len);
            let end = (at + new.len()).min(file.len());
            file[at..end].copy_from_slice(&new[..end - at]);
        }
        2 => {
            let from = input.number() % file.len().max(1) & !4095;
            let end = (from + 4096).min(file.len());
            let page = file[from..end].to_vec();
            let to = at & !4095;
            let end = (to + page.len()).min(file.len());
            file[to..end].copy_from_slice(&page[..end - to]);
        }
        3 => {
            let new = input.bytes(4096);
            *file = new.to_vec();
        }
        _ => {
            if let Some(byte) = file.get_mut(at) {
                *byte ^= 1 << (input.number() % 8);
            }
        }
    }
}

fuzz_target!(|data: &[u8]| {
    let (files, records) = &*WRITTEN;
    let mut files = files.clone();
    let mut input = Input(data);
    while !input.0.is_empty() {
        stroke(&mut files, &mut input);
    }
    let disk = MemoryDisk::new();
    for (path, bytes) in &files {
        let file = disk.create(path).expect("each path is there once");
        file.write_at(0, bytes).expect("memory does not fail");
    }
    let (mut journal, recovered) = match journal::open(Arc::new(disk), DIR, options()) {
        Ok(opened) => opened,
        Err(OpenError::Damaged(_) | OpenError::Version { .. }) => return,
        Err(OpenError::Io(error)) => panic!("memory does not fail: {error}"),
    };
    let mut found = Vec::new();
    let mut visit = |offset, record: &[u8]| {
        found.push((offset, record.to_vec()));
        Ok(())
    };
    journal.replay(recovered.trimmed, &mut visit).expect("recovery has just read all this");
    assert!(records.starts_with(&found), "records were invented");
    let offset = journal.append(b"one more").expect("there is space");
    assert!(found.last().is_none_or(|(last, _)| *last < offset));
    journal.close().expect("memory does not fail");
});
