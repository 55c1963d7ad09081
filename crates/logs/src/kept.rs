//! What state holds of each event, by the event's number.
//!
//! Numbers rise with arrival and are never given again. What arrives together expires together or nearly so; so
//! neighbours share a chunk, and a chunk without events is given back.

use std::collections::BTreeMap;

use domain::{Place, Time};

const CHUNK: u64 = 32;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Value {
    pub(crate) ingested: Time,
    pub(crate) place: Place,
}

#[derive(Debug, Default)]
pub(crate) struct Kept {
    chunks: BTreeMap<u64, Box<Chunk>>,
}

#[derive(Debug, Default)]
struct Chunk {
    /// One bit for each number in use.
    used: u32,
    values: [Value; CHUNK as usize],
}

impl Kept {
    pub(crate) fn insert(&mut self, id: u64, value: Value) {
        let (number, at) = split(id);
        let chunk = self.chunks.entry(number).or_default();
        assert_eq!(
            chunk.used & 1 << at,
            0,
            "an event's number is never given again"
        );
        chunk.used |= 1 << at;
        chunk.values[at] = value;
    }

    pub(crate) fn get(&self, id: u64) -> Option<&Value> {
        let (number, at) = split(id);
        let chunk = self.chunks.get(&number)?;
        (chunk.used & 1 << at != 0).then(|| &chunk.values[at])
    }

    pub(crate) fn get_mut(&mut self, id: u64) -> Option<&mut Value> {
        let (number, at) = split(id);
        let chunk = self.chunks.get_mut(&number)?;
        (chunk.used & 1 << at != 0).then(|| &mut chunk.values[at])
    }

    pub(crate) fn remove(&mut self, id: u64) -> Value {
        let (number, at) = split(id);
        let chunk = self
            .chunks
            .get_mut(&number)
            .expect("the event's chunk is there");
        assert_ne!(chunk.used & 1 << at, 0, "the event is there");
        chunk.used &= !(1 << at);
        let value = chunk.values[at];
        if chunk.used == 0 {
            self.chunks.remove(&number);
        }
        value
    }

    /// Every event's value, by rising number.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u64, &Value)> {
        self.chunks.iter().flat_map(|(number, chunk)| {
            let values = chunk.values.iter().enumerate();
            values
                .filter(|(at, _)| chunk.used & 1 << at != 0)
                .map(move |(at, value)| (number * CHUNK + at as u64, value))
        })
    }
}

fn split(id: u64) -> (u64, usize) {
    (id / CHUNK, (id % CHUNK) as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(n: u64) -> Value {
        Value {
            ingested: Time::from_millis(n),
            place: Place::default(),
        }
    }

    #[test]
    fn an_event_costs_40_bytes_and_what_their_maps_add() {
        assert_eq!(size_of::<Value>() + size_of::<crate::order::Position>(), 40);
    }

    #[test]
    fn an_event_is_found_by_its_number_until_it_is_removed() {
        let mut kept = Kept::default();
        for id in [1, 31, 32, 1000] {
            kept.insert(id, value(id));
        }
        assert_eq!(kept.get(31), Some(&value(31)));
        assert_eq!(kept.get(30), None);
        assert_eq!(kept.remove(31), value(31));
        assert_eq!(kept.get(31), None);
        kept.get_mut(1000).unwrap().place.len = 7;
        let ids: Vec<(u64, u32)> = kept
            .iter()
            .map(|(id, value)| (id, value.place.len))
            .collect();
        assert_eq!(ids, [(1, 0), (32, 0), (1000, 7)]);
    }

    #[test]
    fn nothing_is_held_for_what_passed_through() {
        let mut kept = Kept::default();
        for id in 0..10_000 {
            kept.insert(id, value(id));
        }
        for id in 0..9_999 {
            kept.remove(id);
        }
        assert_eq!(kept.chunks.len(), 1);
        kept.remove(9_999);
        assert!(kept.chunks.is_empty());
    }
}
