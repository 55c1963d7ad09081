//! All machines of one kind in a cell, and their names.

use std::collections::BTreeMap;

use domain::bytes::{Malformed, Put, Take};
use domain::{MachineId, Place, Time};
use engine::PlaceKey;
use hashbrown::HashMap;

use crate::address::{Address, AddressRef};

/// What a shelf asks of a machine: every kind is named, advanced, settled and written alike.
pub(crate) trait Shelved: Sized {
    fn address(&self) -> Address;
    fn advance(&mut self, now: Time);
    fn places(&self, visit: &mut dyn FnMut(u64, Place));
    /// Whether other machines may hold this place as well.
    fn shares(&self, _key: u64) -> bool {
        false
    }
    fn relocate(&mut self, key: u64, from: Place, to: Place);
    fn snapshot(&self, out: &mut Vec<u8>);
    fn restore(bytes: &[u8]) -> Result<Self, Malformed>;
}

pub(crate) struct Shelf<M> {
    machines: BTreeMap<MachineId, Box<M>>,
    names: HashMap<Address, MachineId, foldhash::fast::FixedState>,
}

impl<M> Default for Shelf<M> {
    fn default() -> Shelf<M> {
        Shelf {
            machines: BTreeMap::new(),
            names: HashMap::default(),
        }
    }
}

impl<M: Shelved> Shelf<M> {
    pub(crate) fn find(&self, address: AddressRef<'_>) -> Option<MachineId> {
        self.names.get(&address).copied()
    }

    pub(crate) fn get(&self, machine: MachineId) -> Option<&M> {
        self.machines.get(&machine).map(|it| &**it)
    }

    pub(crate) fn get_mut(&mut self, machine: MachineId) -> Option<&mut M> {
        self.machines.get_mut(&machine).map(|it| &mut **it)
    }

    /// All of them, in order of creation.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (MachineId, &M)> {
        self.machines.iter().map(|(&machine, it)| (machine, &**it))
    }

    pub(crate) fn insert(&mut self, machine: MachineId, it: M) {
        self.names.insert(it.address(), machine);
        self.machines.insert(machine, Box::new(it));
    }

    pub(crate) fn remove(&mut self, machine: MachineId) -> Option<Address> {
        let it = self.machines.remove(&machine)?;
        let address = it.address();
        self.names.remove(&address);
        Some(address)
    }

    pub(crate) fn advance(&mut self, now: Time) {
        for it in self.machines.values_mut() {
            it.advance(now);
        }
    }

    pub(crate) fn places(&self, visit: &mut dyn FnMut(PlaceKey, Place)) {
        for (&machine, it) in &self.machines {
            it.places(&mut |key, place| {
                let shared = it.shares(key);
                let key = PlaceKey {
                    machine,
                    key,
                    shared,
                };
                visit(key, place);
            });
        }
    }

    pub(crate) fn relocate(&mut self, machine: MachineId, key: u64, from: Place, to: Place) {
        if let Some(it) = self.machines.get_mut(&machine) {
            it.relocate(key, from, to);
        }
    }

    pub(crate) fn snapshot(&self, out: &mut Vec<u8>) {
        out.put_u32(self.machines.len() as u32);
        for (&machine, it) in &self.machines {
            out.put_u64(machine.0);
            let length_at = out.len();
            out.put_u64(0);
            it.snapshot(out);
            let length = (out.len() - length_at - 8) as u64;
            out[length_at..length_at + 8].copy_from_slice(&length.to_le_bytes());
        }
    }

    pub(crate) fn restore(take: &mut Take<'_>) -> Result<Shelf<M>, Malformed> {
        let mut shelf = Shelf::default();
        for _ in 0..take.u32()? {
            let machine = MachineId(take.u64()?);
            let length = take.u64()? as usize;
            shelf.insert(machine, M::restore(take.bytes(length)?)?);
        }
        Ok(shelf)
    }
}
