//! Reading: which events are wanted, without their messages.
//!
//! Whoever answers reads the messages afterwards, in as many holds of the cell as it likes: [`LogGroup::place`] says
//! where a message lies by then, for settling moves them.

use std::ops::Bound;
use std::sync::Arc;

use domain::{Place, Time};

use crate::group::{LogGroup, size};
use crate::merge::Merge;
use crate::order::{Direction, Position};
use crate::stream::Stream;

/// An event without its message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventRef {
    pub timestamp: Time,
    pub ingested: Time,
    /// Where the message lay when the event was found.
    pub place: Place,
    /// The event's number in its group, never given again: what [`LogGroup::place`] wants.
    pub id: u64,
}

impl EventRef {
    pub(crate) fn position(&self) -> Position {
        Position {
            timestamp: self.timestamp,
            id: self.id,
        }
    }
}

/// An event and the stream it is in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    pub stream: Arc<str>,
    pub event: EventRef,
}

/// Timestamps from the first on, up to and without the second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Interval {
    pub(crate) from: Time,
    pub(crate) until: Time,
}

/// Which streams are read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Streams {
    All,
    Named(Vec<String>),
    Prefix(String),
}

/// How much is wanted at once. One event is always given, whatever its size.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    pub(crate) events: usize,
    pub(crate) bytes: usize,
}

#[derive(Debug, Default)]
pub(crate) struct Scanned {
    pub(crate) found: Vec<Found>,
    /// Others follow that did not fit.
    pub(crate) more: bool,
}

impl LogGroup {
    /// Events in the order of reading, from the boundary `at` on in either direction, as many as fit `bounds`.
    pub(crate) fn scan(
        &self,
        streams: &Streams,
        interval: Interval,
        at: Position,
        direction: Direction,
        bounds: Bounds,
    ) -> Scanned {
        let mut scanned = Scanned::default();
        let (mut low, mut high) = (Position::at(interval.from), Position::at(interval.until));
        match direction {
            Direction::Forward => low = low.max(at),
            Direction::Backward => high = high.min(at),
        }
        if low >= high {
            return scanned;
        }
        let mut merge = Merge::new(direction);
        self.each(streams, &mut |name, stream| {
            merge.add(name, stream.order.range(low..high));
        });
        let mut room = bounds.bytes as u64;
        for (name, position) in merge {
            let event = self.event(position);
            let size = size(event.place);
            let found = &mut scanned.found;
            if found.len() == bounds.events || (size > room && !found.is_empty()) {
                scanned.more = true;
                break;
            }
            room = room.saturating_sub(size);
            found.push(Found {
                stream: name.clone(),
                event,
            });
        }
        scanned
    }

    fn each<'g>(&'g self, streams: &Streams, visit: &mut dyn FnMut(&'g Arc<str>, &'g Stream)) {
        match streams {
            Streams::All => {
                for (name, stream) in &self.streams {
                    visit(name, stream);
                }
            }
            Streams::Named(names) => {
                for name in names {
                    if let Some((name, stream)) = self.streams.get_key_value(name.as_str()) {
                        visit(name, stream);
                    }
                }
            }
            Streams::Prefix(prefix) => {
                let from = (Bound::Included(prefix.as_str()), Bound::Unbounded);
                let streams = self.streams.range::<str, _>(from);
                for (name, stream) in streams.take_while(|(name, _)| name.starts_with(prefix)) {
                    visit(name, stream);
                }
            }
        }
    }

    fn event(&self, position: Position) -> EventRef {
        let value = self
            .kept
            .get(position.id)
            .expect("an event in order is kept");
        EventRef {
            timestamp: position.timestamp,
            ingested: value.ingested,
            place: value.place,
            id: position.id,
        }
    }

    /// Where an event's message lies now; nothing if the event has gone since it was found.
    pub fn place(&self, id: u64) -> Option<Place> {
        self.kept.get(id).map(|value| value.place)
    }
}
