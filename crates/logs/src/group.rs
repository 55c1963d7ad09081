//! The machine of one log group: its streams, their events, and what time does to them.
//!
//! This file holds the state, the match over commands and retention; reading is in `read.rs`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use domain::{Effects, Machine, Place, Seconds, Stamp, Time};

use crate::command::{self, Command};
use crate::config::Config;
use crate::kept::{Kept, Value};
use crate::limits::EVENT_OVERHEAD;
use crate::order::Position;
use crate::outcome::Outcome;
use crate::stream::Stream;

/// One log group. What it costs is what is in it: some 60 bytes for each event, none for those gone.
#[derive(Debug)]
pub struct LogGroup {
    pub(crate) config: Config,
    pub(crate) now: Time,
    /// The number of the next event.
    pub(crate) next: u64,
    pub(crate) streams: BTreeMap<Arc<str>, Stream>,
    pub(crate) kept: Kept,
    /// The oldest event's timestamp of each stream that has events.
    pub(crate) oldest: BTreeSet<(Time, Arc<str>)>,
    /// What the events come to, their overhead included.
    pub(crate) stored: u64,
}

impl LogGroup {
    /// A group without streams.
    pub fn new(config: Config) -> LogGroup {
        LogGroup {
            now: config.created,
            config,
            next: 1,
            streams: BTreeMap::new(),
            kept: Kept::default(),
            oldest: BTreeSet::new(),
            stored: 0,
        }
    }

    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Bytes of all events, each with AWS's overhead, exact as of the last `advance`.
    pub fn stored_bytes(&self) -> u64 {
        self.stored
    }

    /// The number that the next event will have.
    pub(crate) fn next_event(&self) -> u64 {
        self.next
    }

    pub fn has_stream(&self, name: &str) -> bool {
        self.streams.contains_key(name)
    }

    /// The places of all messages that state holds, each under a key that `relocate` understands.
    pub fn places(&self, visit: &mut dyn FnMut(u64, Place)) {
        for (id, value) in self.kept.iter() {
            visit(id, value.place);
        }
    }

    /// Notes that a message was settled elsewhere; false if the event has gone meanwhile, or its message has moved.
    pub fn relocate(&mut self, key: u64, from: Place, to: Place) -> bool {
        match self.kept.get_mut(key) {
            Some(value) if value.place == from => {
                value.place = to;
                true
            }
            Some(_) | None => false,
        }
    }

    fn create_stream(&mut self, at: Stamp, name: &str) {
        if !self.streams.contains_key(name) {
            self.streams.insert(name.into(), Stream::new(at.time));
        }
    }

    fn delete_stream(&mut self, name: &str) {
        let Some((name, stream)) = self.streams.remove_entry(name) else {
            return;
        };
        if let Some(first) = stream.first() {
            self.oldest.remove(&(first, name));
        }
        for position in stream.order {
            self.forget(position);
        }
    }

    fn put(&mut self, at: Stamp, put: &command::Put<'_>) {
        self.create_stream(at, put.stream);
        for event in &put.events {
            let id = self.next;
            self.next += 1;
            let position = Position {
                timestamp: event.timestamp,
                id,
            };
            let value = Value {
                ingested: at.time,
                place: event.body.at(at.offset),
            };
            self.insert(put.stream, position, value);
        }
        let stream = self
            .streams
            .get_mut(put.stream)
            .expect("the stream is there");
        stream.ingested = Some(at.time);
    }

    /// Puts an event into a stream that is there.
    pub(crate) fn insert(&mut self, stream: &str, position: Position, value: Value) {
        let (name, _) = self
            .streams
            .get_key_value(stream)
            .expect("the stream is there");
        let name = name.clone();
        let stream = self.streams.get_mut(&name).expect("the stream is there");
        let oldest = stream.first();
        if oldest.is_none_or(|oldest| position.timestamp < oldest) {
            if let Some(oldest) = oldest {
                self.oldest.remove(&(oldest, name.clone()));
            }
            self.oldest.insert((position.timestamp, name));
        }
        stream.order.insert(position);
        self.stored += size(value.place);
        self.kept.insert(position.id, value);
    }

    /// Drops what is kept of an event that has left its stream's order.
    fn forget(&mut self, position: Position) {
        let value = self.kept.remove(position.id);
        self.stored -= size(value.place);
    }

    /// Drops what has expired out of the stream whose event is the oldest.
    fn expire_oldest(&mut self, life: Seconds, now: Time) {
        let Some((_, name)) = self.oldest.pop_first() else {
            return;
        };
        let stream = self
            .streams
            .get_mut(&name)
            .expect("a stream with events is there");
        let mut expired = Vec::new();
        while let Some(&first) = stream.order.first()
            && first.timestamp.after(life) <= now
        {
            stream.order.pop_first();
            expired.push(first);
        }
        if let Some(first) = stream.first() {
            self.oldest.insert((first, name));
        }
        for position in expired {
            self.forget(position);
        }
    }
}

/// What an event counts.
pub(crate) fn size(message: Place) -> u64 {
    u64::from(message.len) + EVENT_OVERHEAD as u64
}

impl Machine for LogGroup {
    type Command<'a> = Command<'a>;
    type Outcome = Outcome;

    fn apply(&mut self, at: Stamp, command: Command<'_>, _: &mut Effects) -> Outcome {
        self.advance(at.time);
        let outcome = match command {
            Command::Configure(config) => {
                self.config = *config;
                Outcome::Done
            }
            Command::CreateStream(name) => {
                self.create_stream(at, name);
                Outcome::Done
            }
            Command::DeleteStream(name) => {
                self.delete_stream(name);
                Outcome::Done
            }
            Command::Put(put) => {
                self.put(at, &put);
                Outcome::Put(self.next)
            }
        };
        // A new retention, or what has come in, may be due already.
        self.advance(at.time);
        outcome
    }

    fn advance(&mut self, now: Time) {
        if let Some(life) = self.config.life() {
            while self
                .oldest
                .first()
                .is_some_and(|(oldest, _)| oldest.after(life) <= now)
            {
                self.expire_oldest(life, now);
            }
        }
        self.now = self.now.max(now);
    }

    fn wakes_at(&self) -> Option<Time> {
        let life = self.config.life()?;
        self.oldest.first().map(|(oldest, _)| oldest.after(life))
    }
}
