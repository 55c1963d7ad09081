//! A slab whose values are found by a [`Key`] as well.

use hashbrown::HashTable;

use domain::bytes::Malformed;

use crate::key::Key;
use crate::slab::Slab;

pub(crate) trait Keyed {
    fn new(key: Key) -> Self;
    fn key(&self) -> Key;
}

#[derive(Debug)]
pub(crate) struct KeyedSlab<T> {
    values: Slab<T>,
    /// Slots, by the hash of their values' keys. Never iterated: its order is nobody's business.
    slots: HashTable<u32>,
}

impl<T> Default for KeyedSlab<T> {
    fn default() -> KeyedSlab<T> {
        KeyedSlab {
            values: Slab::default(),
            slots: HashTable::new(),
        }
    }
}

impl<T: Keyed> KeyedSlab<T> {
    pub(crate) fn values(&self) -> &Slab<T> {
        &self.values
    }

    pub(crate) fn values_mut(&mut self) -> &mut Slab<T> {
        &mut self.values
    }

    /// The slot of the key's value, made if it is not there; and whether it was made.
    pub(crate) fn slot_of(&mut self, key: Key) -> (u32, bool) {
        let KeyedSlab { values, slots } = self;
        if let Some(&slot) = slots.find(key.hash(), |&slot| values[slot].key() == key) {
            return (slot, false);
        }
        let slot = values.insert(T::new(key));
        slots.insert_unique(key.hash(), slot, |&slot| values[slot].key().hash());
        (slot, true)
    }

    pub(crate) fn insert_at(&mut self, slot: u32, value: T) -> Result<(), Malformed> {
        let KeyedSlab { values, slots } = self;
        let key = value.key();
        if slots
            .find(key.hash(), |&slot| values[slot].key() == key)
            .is_some()
        {
            return Err(Malformed("a group is there twice"));
        }
        values.insert_at(slot, value)?;
        slots.insert_unique(key.hash(), slot, |&slot| values[slot].key().hash());
        Ok(())
    }

    pub(crate) fn remove(&mut self, slot: u32) {
        let KeyedSlab { values, slots } = self;
        let key = values[slot].key();
        slots
            .find_entry(key.hash(), |&found| found == slot)
            .expect("every value's slot is listed under its key")
            .remove();
        values.remove(slot);
        if slots.capacity() > 64 && slots.len() * 8 < slots.capacity() {
            slots.shrink_to(slots.len() * 2, |&slot| values[slot].key().hash());
        }
    }
}
