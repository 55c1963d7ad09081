//! Scenarios in virtual time: each is played as it is, with snapshots in between, in many small steps, and again from
//! its journal, and all must show the same.

use std::collections::BTreeMap;

use domain::{Effects, Machine as _, Place, Seconds, Stamp, Time};

use crate::command::{Command, Event, Put};
use crate::group::LogGroup;
use crate::op::samples::{HEADER, NOW, World, config, millis, seconds};

fn snapshot(group: &LogGroup) -> Vec<u8> {
    let mut bytes = Vec::new();
    group.snapshot(&mut bytes);
    bytes
}

fn put(world: &mut World, stream: &str, events: &[(Time, &str)]) {
    let events = events
        .iter()
        .map(|&(time, message)| Event::new(time, message));
    let put = Put {
        stream,
        events: events.collect(),
    };
    world.apply(&Command::Put(put));
}

fn retain(world: &mut World, days: Option<u16>) {
    let mut config = world.group.config().clone();
    config.retention = days;
    world.apply(&Command::Configure(Box::new(config)));
}

const DAY: u32 = 86_400;

/// A little of everything.
fn history(mut between: impl FnMut(&mut World)) -> World {
    let mut world = World::new();
    let steps: [&dyn Fn(&mut World); 9] = [
        &|world| {
            put(
                world,
                "a",
                &[
                    (millis(5), "a5"),
                    (millis(5), "a5again"),
                    (seconds(DAY), "later"),
                ],
            )
        },
        &|world| put(world, "b", &[(millis(3), "b3")]),
        &|world| put(world, "a", &[(millis(0), "a0")]),
        &|world| {
            world.apply(&Command::CreateStream("empty"));
        },
        &|world| retain(world, Some(1)),
        &|world| world.pass(Seconds(DAY)),
        &|world| put(world, "c", &[(seconds(DAY), "c")]),
        &|world| {
            world.apply(&Command::DeleteStream("c"));
        },
        &|world| put(world, "b", &[(seconds(DAY), "bday")]),
    ];
    for step in steps {
        step(&mut world);
        between(&mut world);
    }
    world
}

#[test]
fn what_was_put_is_read_in_order_and_what_expired_is_gone() {
    let world = history(|_| {});
    assert_eq!(world.messages("a"), ["a5", "a5again", "later"]);
    assert_eq!(world.messages("b"), ["b3", "bday"]);
    assert!(!world.group.has_stream("c"));
    assert_eq!(world.group.stored_bytes(), (2 + 7 + 5 + 2 + 4) + 5 * 26);
    assert_eq!(world.group.wakes_at(), Some(millis(3).after(Seconds(DAY))));
}

#[test]
fn a_restored_group_goes_on_as_before() {
    let plain = history(|_| {});
    let restored = history(|world| {
        let bytes = snapshot(&world.group);
        world.group = LogGroup::restore(&bytes).unwrap();
        assert_eq!(snapshot(&world.group), bytes);
    });
    assert_eq!(snapshot(&restored.group), snapshot(&plain.group));
    assert_eq!(restored.group.stored_bytes(), plain.group.stored_bytes());
    assert_eq!(restored.group.wakes_at(), plain.group.wakes_at());
}

#[test]
fn time_in_small_steps_is_the_same_time() {
    let mut plain = history(|_| {});
    let mut creeping = history(|world| world.group.advance(world.now));
    plain.pass(Seconds(2 * DAY));
    for _ in 0..2 * DAY / 3600 {
        creeping.pass(Seconds(3600));
    }
    assert_eq!(snapshot(&creeping.group), snapshot(&plain.group));
    assert!(plain.messages("a").is_empty());
}

#[test]
fn a_replay_equals_the_first_time() {
    let world = history(|_| {});
    let mut again = LogGroup::new(config());
    for (&offset, (time, record)) in &world.records {
        let at = Stamp {
            time: *time,
            offset,
        };
        let command = Command::decode_at(record, HEADER.len()).unwrap();
        again.apply(at, command, &mut Effects::default());
    }
    assert_eq!(snapshot(&again), snapshot(&world.group));
}

#[test]
fn a_cut_or_longer_snapshot_is_refused() {
    let mut bytes = snapshot(&history(|_| {}).group);
    for len in 0..bytes.len() {
        assert!(LogGroup::restore(&bytes[..len]).is_err(), "{len}");
    }
    bytes.push(0);
    assert!(LogGroup::restore(&bytes).is_err());
}

#[test]
fn events_expire_to_the_millisecond() {
    let mut world = World::with(&[("s", 0, "a"), ("s", 1, "b")]);
    assert_eq!(world.group.wakes_at(), None);
    retain(&mut world, Some(1));
    let edge = NOW.after(Seconds(DAY));
    assert_eq!(world.group.wakes_at(), Some(edge));
    world.group.advance(Time::from_millis(edge.millis() - 1));
    assert_eq!(world.messages("s"), ["a", "b"]);
    world.group.advance(edge);
    assert_eq!(world.messages("s"), ["b"]);
    assert_eq!(world.group.wakes_at(), Some(edge.after_millis(1)));
}

#[test]
fn a_longer_retention_keeps_what_is_still_there() {
    let mut world = World::with(&[("s", 0, "a")]);
    retain(&mut world, Some(1));
    retain(&mut world, Some(3));
    world.pass(Seconds(2 * DAY));
    assert_eq!(world.messages("s"), ["a"]);
    retain(&mut world, None);
    world.pass(Seconds(365 * DAY));
    assert_eq!(world.messages("s"), ["a"]);
}

#[test]
fn every_message_of_a_record_is_settled_by_itself() {
    let mut world = World::new();
    put(
        &mut world,
        "s",
        &[(NOW, "first"), (NOW, "second"), (NOW, "third")],
    );
    let mut places = BTreeMap::new();
    world.group.places(&mut |key, place| {
        places.insert(key, place);
    });
    assert_eq!(places.len(), 3);
    for (n, (&key, &from)) in places.iter().enumerate() {
        let to = Place::settled(n as u64, 0, from.len);
        let bytes = world.read(from);
        world.settled.insert(to.offset, bytes);
        assert!(world.group.relocate(key, from, to));
        assert!(!world.group.relocate(key, from, to), "it has moved already");
        assert_eq!(world.group.place(key), Some(to));
    }
    assert_eq!(world.messages("s"), ["first", "second", "third"]);
    let restored = LogGroup::restore(&snapshot(&world.group)).unwrap();
    let mut settled = 0;
    restored.places(&mut |_, place| settled += u32::from(place.segment().is_some()));
    assert_eq!(settled, 3);
}

#[test]
fn a_key_never_means_another_event() {
    let mut world = World::with(&[("s", 0, "gone")]);
    let mut old = None;
    world
        .group
        .places(&mut |key, place| old = Some((key, place)));
    let (key, from) = old.unwrap();
    world.apply(&Command::DeleteStream("s"));
    world.put("s", NOW, "new");
    let to = Place::settled(1, 0, from.len);
    assert!(!world.group.relocate(key, from, to));
    assert_eq!(world.group.place(key), None);
    assert_eq!(world.messages("s"), ["new"]);
}

#[test]
fn deleting_twice_or_what_is_not_there_changes_nothing() {
    let mut world = World::with(&[("s", 0, "m")]);
    let before = snapshot(&world.group);
    world.apply(&Command::DeleteStream("absent"));
    assert_eq!(snapshot(&world.group), before);
    assert_eq!(world.group.place(99), None);
    assert!(
        !world
            .group
            .relocate(99, Place::default(), Place::settled(1, 0, 0))
    );
}
