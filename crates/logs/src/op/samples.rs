//! Groups, a little journal and requests that the tests begin with.

use std::collections::BTreeMap;

use api::{Map, Str};
use domain::{AccountId, Effects, Machine as _, Offset, Place, Region, Seconds, Stamp, Time};

use crate::command::{Command, Event, Put};
use crate::config::{Class, Config};
use crate::group::LogGroup;
use crate::outcome::Outcome;
use crate::owner::Owner;

use crate::read::Found;

pub(crate) const NOW: Time = Time::from_millis(1_700_000_000_000);

pub(crate) static OWNER: std::sync::LazyLock<Owner> = std::sync::LazyLock::new(|| Owner {
    account: AccountId::DEFAULT,
    region: Region::default(),
});

pub(crate) fn config() -> Config {
    config_of("g", Class::Standard)
}

pub(crate) fn config_of(name: &str, class: Class) -> Config {
    Config::fresh(AccountId::DEFAULT, Region::default(), name, class, NOW)
}

pub(crate) fn group(config: Config) -> LogGroup {
    LogGroup::new(config)
}

pub(crate) fn map(entries: &[(&'static str, &'static str)]) -> Option<Map<'static, Str<'static>>> {
    let entries = entries.iter();
    Some(
        entries
            .map(|&(name, value)| (name.into(), value.into()))
            .collect(),
    )
}

pub(crate) fn list(texts: &[&'static str]) -> Option<Vec<Str<'static>>> {
    Some(texts.iter().map(|&text| text.into()).collect())
}

pub(crate) const fn seconds(seconds: u32) -> Time {
    NOW.after(Seconds(seconds))
}

pub(crate) const fn millis(millis: u64) -> Time {
    NOW.after_millis(millis)
}

/// A group and the records that were applied to it, from which messages are read again.
pub(crate) struct World {
    pub(crate) group: LogGroup,
    pub(crate) now: Time,
    pub(crate) records: BTreeMap<Offset, (Time, Vec<u8>)>,
    /// Messages that settling has moved.
    pub(crate) settled: BTreeMap<Offset, Vec<u8>>,
}

/// Bytes in front of each command in its record.
pub(crate) const HEADER: &[u8] = b"header";

impl World {
    pub(crate) fn new() -> World {
        World::of(config())
    }

    pub(crate) fn of(config: Config) -> World {
        World {
            group: LogGroup::new(config),
            now: NOW,
            records: BTreeMap::new(),
            settled: BTreeMap::new(),
        }
    }

    /// A group with events: (stream, milliseconds after now, message).
    pub(crate) fn with(events: &[(&str, u64, &str)]) -> World {
        let mut world = World::new();
        for (stream, at, message) in events {
            world.put(stream, millis(*at), message);
        }
        world
    }

    /// Applies a command as the engine does: from the record's own bytes.
    pub(crate) fn apply(&mut self, command: &Command<'_>) -> Outcome {
        let mut record = HEADER.to_vec();
        command.encode(&mut record);
        let offset = Offset(100 * (self.records.len() as u64 + 1));
        let at = Stamp {
            time: self.now,
            offset,
        };
        let decoded = Command::decode_at(&record, HEADER.len()).unwrap();
        let outcome = self.group.apply(at, decoded, &mut Effects::default());
        self.records.insert(offset, (self.now, record));
        outcome
    }

    pub(crate) fn put(&mut self, stream: &str, timestamp: Time, message: &str) {
        let events = vec![Event::new(timestamp, message)];
        self.apply(&Command::Put(Put { stream, events }));
    }

    pub(crate) fn pass(&mut self, seconds: Seconds) {
        self.now = self.now.after(seconds);
        self.group.advance(self.now);
    }

    pub(crate) fn read(&self, place: Place) -> Vec<u8> {
        if place.segment().is_some() {
            return self.settled[&place.offset].clone();
        }
        let (_, record) = &self.records[&place.offset];
        record[place.at as usize..][..place.len as usize].to_vec()
    }

    /// The messages of what was found, as whoever holds the cell reads them.
    pub(crate) fn bodies(&self, found: &[Found]) -> Vec<Option<Vec<u8>>> {
        let places = found.iter().map(|found| self.group.place(found.event.id));
        places
            .map(|place| place.map(|place| self.read(place)))
            .collect()
    }

    /// All messages of a stream, in the order of reading.
    pub(crate) fn messages(&self, stream: &str) -> Vec<String> {
        let order = &self.group.streams[stream].order;
        let places = order
            .iter()
            .map(|position| self.group.place(position.id).unwrap());
        places
            .map(|place| String::from_utf8(self.read(place)).unwrap())
            .collect()
    }
}
