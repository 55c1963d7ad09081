//! Objects appear whole or not at all, and never change.

use std::io;
use std::sync::Arc;

use journal::sim_disk::Operation;
use journal::{Disk, LocalStore, MemoryDisk, SimDisk, Store};

fn store(disk: &Arc<impl Disk + 'static>) -> LocalStore {
    LocalStore::open(Arc::clone(disk) as Arc<dyn Disk>, "objects").unwrap()
}

fn write(store: &LocalStore, name: &str, content: &[u8]) -> io::Result<()> {
    let mut writer = store.write(name)?;
    for piece in content.chunks(100_000) {
        let position = writer.position();
        writer.append(piece)?;
        assert_eq!(writer.position(), position + piece.len() as u64);
    }
    writer.finish()
}

fn content(store: &LocalStore, name: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let size = store.size(name).unwrap();
    store.read(name, 0, size as usize, &mut bytes).unwrap();
    bytes
}

#[test]
fn an_object_can_be_written_read_by_range_listed_and_removed() {
    let store = store(&Arc::new(MemoryDisk::new()));
    let long: Vec<u8> = (0..1_000_000_u32).map(|n| (n / 7) as u8).collect();
    write(&store, "segment-2", &long).unwrap();
    write(&store, "segment-10", b"short").unwrap();
    write(&store, "snapshot-1", b"").unwrap();
    assert_eq!(content(&store, "segment-2"), long);
    let mut bytes = b"kept".to_vec();
    store.read("segment-2", 299_990, 20, &mut bytes).unwrap();
    assert_eq!(bytes[4..], long[299_990..300_010]);
    assert_eq!(store.size("snapshot-1").unwrap(), 0);
    assert_eq!(store.list("segment-").unwrap(), ["segment-10", "segment-2"]);

    for (at, len) in [(0, 6), (6, 0), (u64::MAX, 1)] {
        let refused = store.read("segment-10", at, len, &mut bytes).unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::UnexpectedEof);
    }
    store.remove("segment-10").unwrap();
    assert_eq!(
        store.size("segment-10").unwrap_err().kind(),
        io::ErrorKind::NotFound
    );
    assert_eq!(store.list("").unwrap(), ["segment-2", "snapshot-1"]);
}

#[test]
fn an_object_is_never_overwritten() {
    let store = store(&Arc::new(MemoryDisk::new()));
    write(&store, "a", b"first").unwrap();
    assert_eq!(
        write(&store, "a", b"second").unwrap_err().kind(),
        io::ErrorKind::AlreadyExists
    );
    let begun = store.write("b").unwrap();
    assert_eq!(
        write(&store, "b", b"at once").unwrap_err().kind(),
        io::ErrorKind::AlreadyExists
    );
    drop(begun);
    write(&store, "b", b"now").unwrap();
    assert_eq!(content(&store, "a"), b"first");
}

#[test]
fn names_that_could_leave_the_directory_are_refused() {
    let store = store(&Arc::new(MemoryDisk::new()));
    let long = "a".repeat(201);
    for name in [
        "", ".", "..", "../a", "a/b", "a b", "a.tmp", "\u{e9}", &long,
    ] {
        let refused = write(&store, name, b"").unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::InvalidInput, "{name}");
        assert_eq!(
            store.size(name).unwrap_err().kind(),
            io::ErrorKind::InvalidInput
        );
        assert_eq!(
            store.remove(name).unwrap_err().kind(),
            io::ErrorKind::InvalidInput
        );
    }
    assert!(write(&store, &"a".repeat(200), b"").is_ok());
}

#[test]
fn an_object_dropped_unfinished_never_existed() {
    let disk = Arc::new(MemoryDisk::new());
    let store = store(&disk);
    let mut writer = store.write("a").unwrap();
    writer.append(&vec![1; 1_000_000]).unwrap();
    assert_eq!(store.list("").unwrap(), Vec::<String>::new());
    drop(writer);
    assert_eq!(disk.list("objects").unwrap(), Vec::<String>::new());
}

#[test]
fn a_finished_object_survives_any_power_cut_whole_and_an_unfinished_one_leaves_nothing() {
    let long = vec![7; 600_000];
    for seed in 0..50 {
        let disk = Arc::new(SimDisk::new());
        let objects = store(&disk);
        write(&objects, "finished", &long).unwrap();
        let mut writer = objects.write("unfinished").unwrap();
        writer.append(&long).unwrap();
        disk.crash(seed);
        drop(writer);
        let objects = store(&disk);
        assert_eq!(objects.list("").unwrap(), ["finished"]);
        assert_eq!(content(&objects, "finished"), long);
        assert_eq!(disk.list("objects").unwrap(), ["finished"]);
    }
}

#[test]
fn a_failed_sync_is_an_error_and_leaves_nothing() {
    let disk = Arc::new(SimDisk::new());
    let store = store(&disk);
    disk.fail(Operation::Sync, 0, io::ErrorKind::Other);
    assert!(write(&store, "a", b"content").is_err());
    assert_eq!(disk.list("objects").unwrap(), Vec::<String>::new());
    write(&store, "a", b"content").unwrap();
}
