//! The machines of one cell and their names.

use std::collections::BTreeMap;

use domain::bytes::{Malformed, Put, Take};
use domain::{AccountId, Effects, Machine as _, MachineId, Place, Region, Stamp, Time};
use engine::{Machines, PlaceKey};
use hashbrown::HashMap;
use sqs::Queue;
use sqs::limits::DELETED_WAIT;

use crate::address::{Address, AddressRef};
use crate::record::Record;

/// All machines of a cell. Changed by records only.
#[derive(Default)]
pub(crate) struct House {
    queues: BTreeMap<MachineId, Box<Queue>>,
    names: HashMap<Address, MachineId, foldhash::fast::FixedState>,
    next: u64,
    /// When a queue of that name was deleted, kept for the wait before its re-creation.
    deleted: BTreeMap<Address, Time>,
    /// When a queue was last purged, kept for the wait before the next purge.
    purged: BTreeMap<MachineId, Time>,
}

/// What a record did.
#[derive(Debug)]
pub(crate) enum Outcome {
    Created,
    Deleted,
    Queue(sqs::Outcome),
    /// The machine is not there (any more); nothing happened.
    Absent,
}

impl House {
    pub(crate) fn find(&self, address: AddressRef<'_>) -> Option<MachineId> {
        self.names.get(&address).copied()
    }

    pub(crate) fn queue(&self, machine: MachineId) -> Option<&Queue> {
        self.queues.get(&machine).map(|queue| &**queue)
    }

    pub(crate) fn queue_mut(&mut self, machine: MachineId) -> Option<&mut Queue> {
        self.queues.get_mut(&machine).map(|queue| &mut **queue)
    }

    /// All queues, in order of creation.
    pub(crate) fn queues(&self) -> impl Iterator<Item = (MachineId, &Queue)> {
        self.queues
            .iter()
            .map(|(&machine, queue)| (machine, &**queue))
    }

    /// The name the next machine of this cell will have.
    pub(crate) fn next_machine(&self) -> MachineId {
        MachineId(self.next)
    }

    pub(crate) fn deleted_at(&self, address: &Address) -> Option<Time> {
        self.deleted.get(address).copied()
    }

    pub(crate) fn purged_at(&self, machine: MachineId) -> Option<Time> {
        self.purged.get(&machine).copied()
    }

    fn create(&mut self, at: Stamp, machine: MachineId, secret: [u8; 16], config: sqs::Config) {
        let address = address_of(&config);
        self.deleted
            .retain(|_, deleted| deleted.after(DELETED_WAIT) > at.time);
        self.deleted.remove(&address);
        self.names.insert(address, machine);
        self.queues
            .insert(machine, Box::new(Queue::new(config, secret)));
        self.next = self.next.max(machine.0 + 1);
    }

    fn delete(&mut self, at: Stamp, machine: MachineId) -> Outcome {
        let Some(queue) = self.queues.remove(&machine) else {
            return Outcome::Absent;
        };
        let address = address_of(queue.config());
        self.names.remove(&address);
        self.purged.remove(&machine);
        self.deleted
            .retain(|_, deleted| deleted.after(DELETED_WAIT) > at.time);
        self.deleted.insert(address, at.time);
        Outcome::Deleted
    }
}

fn address_of(config: &sqs::Config) -> Address {
    Address {
        account: config.account,
        region: config.region,
        name: config.name.as_str().into(),
    }
}

impl Machines for House {
    type Outcome = Outcome;

    fn apply(
        &mut self,
        at: Stamp,
        record: &[u8],
        start: usize,
        effects: &mut Effects,
    ) -> Result<Outcome, Malformed> {
        let (machine, record) = Record::decode(record, start)?;
        Ok(match record {
            Record::CreateQueue { secret, config } => {
                self.create(at, machine, secret, *config);
                Outcome::Created
            }
            Record::DeleteQueue => self.delete(at, machine),
            Record::Queue(command) => {
                let Some(queue) = self.queues.get_mut(&machine) else {
                    return Ok(Outcome::Absent);
                };
                if matches!(command, sqs::Command::Purge) {
                    self.purged.insert(machine, at.time);
                }
                Outcome::Queue(queue.apply(at, command, effects))
            }
        })
    }

    fn advance(&mut self, now: Time) {
        for queue in self.queues.values_mut() {
            queue.advance(now);
        }
    }

    fn places(&self, visit: &mut dyn FnMut(PlaceKey, Place)) {
        for (&machine, queue) in &self.queues {
            queue.places(&mut |key, place| visit(PlaceKey { machine, key }, place));
        }
    }

    fn relocate(&mut self, key: PlaceKey, from: Place, to: Place) {
        if let Some(queue) = self.queues.get_mut(&key.machine) {
            queue.relocate(key.key, from, to);
        }
    }

    fn snapshot(&self, out: &mut Vec<u8>) {
        out.put_u64(self.next);
        out.put_u32(self.queues.len() as u32);
        for (&machine, queue) in &self.queues {
            out.put_u64(machine.0);
            let length_at = out.len();
            out.put_u64(0);
            queue.snapshot(out);
            let length = (out.len() - length_at - 8) as u64;
            out[length_at..length_at + 8].copy_from_slice(&length.to_le_bytes());
        }
        out.put_u32(self.deleted.len() as u32);
        for (address, time) in &self.deleted {
            out.put_text(address.account.as_str());
            out.put_text(address.region.as_str());
            out.put_text(&address.name);
            out.put_u64(time.millis());
        }
        out.put_u32(self.purged.len() as u32);
        for (machine, time) in &self.purged {
            out.put_u64(machine.0);
            out.put_u64(time.millis());
        }
    }

    fn restore(bytes: &[u8]) -> Result<House, Malformed> {
        let mut take = Take::new(bytes);
        let mut house = House {
            next: take.u64()?,
            ..House::default()
        };
        for _ in 0..take.u32()? {
            let machine = MachineId(take.u64()?);
            let length = take.u64()? as usize;
            let queue = Queue::restore(take.bytes(length)?)?;
            house.names.insert(address_of(queue.config()), machine);
            house.queues.insert(machine, Box::new(queue));
        }
        for _ in 0..take.u32()? {
            let address = Address {
                account: AccountId::parse(take.text()?).map_err(|why| Malformed(why.0))?,
                region: Region::parse(take.text()?).map_err(|why| Malformed(why.0))?,
                name: take.text()?.into(),
            };
            house
                .deleted
                .insert(address, Time::from_millis(take.u64()?));
        }
        for _ in 0..take.u32()? {
            let machine = MachineId(take.u64()?);
            house.purged.insert(machine, Time::from_millis(take.u64()?));
        }
        Ok(house)
    }

    fn empty() -> House {
        House::default()
    }
}
