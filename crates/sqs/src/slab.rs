//! A table of values under small numbers that are given out again.
//!
//! A new value takes the lowest chunk's lowest free slot, so that the slots given depend on what is held and on
//! nothing that went before; chunks without a value are given back.

use std::collections::BTreeSet;
use std::ops::{Index, IndexMut};

use domain::bytes::Malformed;

const CHUNK: usize = 64;

/// No slot.
pub(crate) const NONE: u32 = u32::MAX;

/// A queue's messages end here; what each costs would have filled memory before.
const SLOTS_MAX: u32 = 1 << 28;

#[derive(Debug)]
pub(crate) struct Slab<T> {
    chunks: Vec<Option<Box<Chunk<T>>>>,
    /// The chunks that have room, missing ones included.
    open: BTreeSet<u32>,
    len: usize,
}

#[derive(Debug)]
struct Chunk<T> {
    /// One bit for each slot in use.
    used: u64,
    values: [Option<T>; CHUNK],
}

impl<T> Default for Slab<T> {
    fn default() -> Slab<T> {
        Slab {
            chunks: Vec::new(),
            open: BTreeSet::new(),
            len: 0,
        }
    }
}

impl<T> Slab<T> {
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    pub(crate) fn insert(&mut self, value: T) -> u32 {
        let number = self
            .open
            .first()
            .map_or(self.chunks.len(), |&number| number as usize);
        let used = match self.chunks.get(number) {
            Some(Some(chunk)) => chunk.used,
            Some(None) | None => 0,
        };
        let slot = number * CHUNK + used.trailing_ones() as usize;
        assert!(slot < SLOTS_MAX as usize, "memory ends before the slots do");
        let slot = slot as u32;
        self.fill(slot, value);
        slot
    }

    /// Puts a value back under the slot that a snapshot names.
    pub(crate) fn insert_at(&mut self, slot: u32, value: T) -> Result<(), Malformed> {
        if slot >= SLOTS_MAX || self.get(slot).is_some() {
            return Err(Malformed("a slot is out of bounds or taken twice"));
        }
        self.fill(slot, value);
        Ok(())
    }

    fn fill(&mut self, slot: u32, value: T) {
        let (number, at) = split(slot);
        if number >= self.chunks.len() {
            let added = self.chunks.len() as u32..=number as u32;
            self.open.append(&mut added.collect());
            self.chunks.resize_with(number + 1, || None);
        }
        let chunk = self.chunks[number].get_or_insert_with(|| {
            Box::new(Chunk {
                used: 0,
                values: [const { None }; CHUNK],
            })
        });
        chunk.used |= 1 << at;
        chunk.values[at] = Some(value);
        if chunk.used == u64::MAX {
            self.open.remove(&(number as u32));
        }
        self.len += 1;
    }

    pub(crate) fn remove(&mut self, slot: u32) -> T {
        let (number, at) = split(slot);
        let chunk = self.chunks[number]
            .as_mut()
            .expect("the slot's chunk is there");
        let value = chunk.values[at].take().expect("the slot is in use");
        if chunk.used == u64::MAX {
            self.open.insert(number as u32);
        }
        chunk.used &= !(1 << at);
        if chunk.used == 0 {
            self.chunks[number] = None;
            self.trim();
        }
        self.len -= 1;
        value
    }

    /// Forgets missing chunks at the end.
    fn trim(&mut self) {
        while let Some(None) = self.chunks.last() {
            self.chunks.pop();
            self.open.remove(&(self.chunks.len() as u32));
        }
        if self.chunks.capacity() > 64 && self.chunks.len() * 4 < self.chunks.capacity() {
            self.chunks.shrink_to(self.chunks.len() * 2);
        }
    }

    pub(crate) fn get(&self, slot: u32) -> Option<&T> {
        let (number, at) = split(slot);
        self.chunks.get(number)?.as_ref()?.values[at].as_ref()
    }

    pub(crate) fn get_mut(&mut self, slot: u32) -> Option<&mut T> {
        let (number, at) = split(slot);
        self.chunks.get_mut(number)?.as_mut()?.values[at].as_mut()
    }

    /// Every value, by rising slot.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u32, &T)> {
        let chunks = self.chunks.iter().enumerate();
        chunks
            .filter_map(|(number, chunk)| Some((number * CHUNK, chunk.as_ref()?)))
            .flat_map(|(first, chunk)| {
                let values = chunk.values.iter().enumerate();
                values.filter_map(move |(at, value)| Some(((first + at) as u32, value.as_ref()?)))
            })
    }
}

fn split(slot: u32) -> (usize, usize) {
    (slot as usize / CHUNK, slot as usize % CHUNK)
}

impl<T> Index<u32> for Slab<T> {
    type Output = T;

    fn index(&self, slot: u32) -> &T {
        self.get(slot).expect("the slot is in use")
    }
}

impl<T> IndexMut<u32> for Slab<T> {
    fn index_mut(&mut self, slot: u32) -> &mut T {
        self.get_mut(slot).expect("the slot is in use")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_slot_depends_on_what_is_held_only() {
        let mut straight = Slab::default();
        let mut detour = Slab::default();
        for n in 0..200 {
            assert_eq!(straight.insert(n), n);
            detour.insert(n);
        }
        for n in 150..200 {
            straight.remove(n);
        }
        for n in (150..200).rev() {
            detour.remove(n);
        }
        for slab in [&mut straight, &mut detour] {
            slab.remove(70);
            slab.remove(3);
            assert_eq!(
                [slab.insert(0), slab.insert(0), slab.insert(0)],
                [3, 70, 150]
            );
        }
    }

    #[test]
    fn an_emptied_slab_holds_no_memory_for_what_passed_through() {
        let mut slab = Slab::default();
        for n in 0..10_000u32 {
            slab.insert(n);
        }
        for n in (0..9_999).rev() {
            slab.remove(n);
        }
        assert_eq!(slab.chunks.iter().flatten().count(), 1);
        slab.remove(9_999);
        assert!(slab.chunks.is_empty() && slab.open.is_empty());
        assert!(slab.chunks.capacity() <= 64);
        assert_eq!(slab.len(), 0);
    }

    #[test]
    fn a_snapshot_cannot_fill_a_slot_twice() {
        let mut slab = Slab::default();
        assert!(slab.insert_at(130, 'a').is_ok());
        assert!(slab.insert_at(130, 'b').is_err());
        assert!(slab.insert_at(NONE, 'b').is_err());
        assert_eq!(slab.insert('c'), 0);
        assert_eq!(slab.iter().collect::<Vec<_>>(), [(0, &'c'), (130, &'a')]);
    }
}
