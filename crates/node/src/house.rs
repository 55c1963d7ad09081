//! The machines of one cell.

use std::collections::BTreeMap;

use domain::bytes::{Malformed, Put, Take};
use domain::{AccountId, Deliver, Effects, Machine as _, MachineId, Place, Region, Stamp, Time};
use engine::{Machines, PlaceKey};
use logs::LogGroup;
use outreach::Outreach;
use sns::Topic;
use sqs::Queue;
use sqs::limits::DELETED_WAIT;

use crate::address::{Address, AddressRef};
use crate::fan_out::{self, Published};
use crate::record::Record;
use crate::shelf::{Shelf, Shelved};

/// All machines of a cell. Changed by records only.
#[derive(Default)]
pub(crate) struct House {
    pub(crate) queues: Shelf<Queue>,
    pub(crate) topics: Shelf<Topic>,
    pub(crate) outreaches: Shelf<Outreach>,
    pub(crate) groups: Shelf<LogGroup>,
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
    Topic,
    Published(Published),
    Outreach,
    Group(logs::Outcome),
    /// The machine is not there (any more); nothing happened.
    Absent,
}

impl House {
    pub(crate) fn find(&self, address: AddressRef<'_>) -> Option<MachineId> {
        self.queues.find(address)
    }

    pub(crate) fn queue(&self, machine: MachineId) -> Option<&Queue> {
        self.queues.get(machine)
    }

    pub(crate) fn queue_mut(&mut self, machine: MachineId) -> Option<&mut Queue> {
        self.queues.get_mut(machine)
    }

    /// All queues, in order of creation.
    pub(crate) fn queues(&self) -> impl Iterator<Item = (MachineId, &Queue)> {
        self.queues.iter()
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

    /// A delivery that stands in a machine's outbox.
    pub(crate) fn delivery(&self, machine: MachineId, sequence: u64) -> Option<Deliver> {
        match self.queues.get(machine) {
            Some(queue) => queue.delivery_of(sequence).cloned(),
            None => self.topics.get(machine)?.delivery(sequence),
        }
    }

    fn take_name(&mut self, machine: MachineId) {
        self.next = self.next.max(machine.0 + 1);
    }

    fn create_queue(
        &mut self,
        at: Stamp,
        machine: MachineId,
        secret: [u8; 16],
        config: sqs::Config,
    ) {
        let queue = Queue::new(config, secret);
        self.deleted
            .retain(|_, deleted| deleted.after(DELETED_WAIT) > at.time);
        self.deleted.remove(&queue.address());
        self.queues.insert(machine, queue);
        self.take_name(machine);
    }

    fn delete_queue(&mut self, at: Stamp, machine: MachineId) -> Outcome {
        let Some(address) = self.queues.remove(machine) else {
            return Outcome::Absent;
        };
        self.purged.remove(&machine);
        self.deleted
            .retain(|_, deleted| deleted.after(DELETED_WAIT) > at.time);
        self.deleted.insert(address, at.time);
        Outcome::Deleted
    }

    fn command_queue(
        &mut self,
        at: Stamp,
        machine: MachineId,
        command: sqs::Command<'_>,
        effects: &mut Effects,
    ) -> Outcome {
        let Some(queue) = self.queues.get_mut(machine) else {
            return Outcome::Absent;
        };
        if matches!(command, sqs::Command::Purge) {
            self.purged.insert(machine, at.time);
        }
        Outcome::Queue(queue.apply(at, command, effects))
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
                self.create_queue(at, machine, secret, *config);
                Outcome::Created
            }
            Record::DeleteQueue => self.delete_queue(at, machine),
            Record::Queue(command) => self.command_queue(at, machine, command, effects),
            Record::CreateTopic(config) => {
                self.topics.insert(machine, Topic::new(*config));
                self.take_name(machine);
                Outcome::Created
            }
            Record::DeleteTopic => match self.topics.remove(machine) {
                Some(_) => Outcome::Deleted,
                None => Outcome::Absent,
            },
            Record::Topic(command) => match self.topics.get_mut(machine) {
                Some(topic) => {
                    topic.apply(at, command, effects);
                    Outcome::Topic
                }
                None => Outcome::Absent,
            },
            Record::Publish { letters, publish } => match self.topics.get_mut(machine) {
                Some(topic) => Outcome::Published(fan_out::publish(
                    at,
                    topic,
                    &mut self.queues,
                    &letters,
                    &publish,
                    effects,
                )),
                None => Outcome::Absent,
            },
            Record::OpenOutreach(home) => {
                self.outreaches
                    .insert(machine, Outreach::new(home, at.time));
                self.take_name(machine);
                Outcome::Created
            }
            Record::Outreach(command) => match self.outreaches.get_mut(machine) {
                Some(outreach) => {
                    outreach.apply(at, command, effects);
                    Outcome::Outreach
                }
                None => Outcome::Absent,
            },
            Record::CreateGroup(config) => {
                self.groups.insert(machine, LogGroup::new(*config));
                self.take_name(machine);
                Outcome::Created
            }
            Record::DeleteGroup => match self.groups.remove(machine) {
                Some(_) => Outcome::Deleted,
                None => Outcome::Absent,
            },
            Record::Group(command) => match self.groups.get_mut(machine) {
                Some(group) => Outcome::Group(group.apply(at, command, effects)),
                None => Outcome::Absent,
            },
            Record::CloseOutreach => match self.outreaches.remove(machine) {
                Some(_) => Outcome::Deleted,
                None => Outcome::Absent,
            },
        })
    }

    fn advance(&mut self, now: Time) {
        self.queues.advance(now);
        self.topics.advance(now);
        self.outreaches.advance(now);
        self.groups.advance(now);
    }

    fn places(&self, visit: &mut dyn FnMut(PlaceKey, Place)) {
        let mut visit = |key, place| visit(key, place);
        self.queues.places(&mut visit);
        self.topics.places(&mut visit);
        self.outreaches.places(&mut visit);
        self.groups.places(&mut visit);
    }

    fn relocate(&mut self, key: PlaceKey, from: Place, to: Place) {
        self.queues.relocate(key.machine, key.key, from, to);
        self.topics.relocate(key.machine, key.key, from, to);
        self.outreaches.relocate(key.machine, key.key, from, to);
        self.groups.relocate(key.machine, key.key, from, to);
    }

    fn snapshot(&self, out: &mut Vec<u8>) {
        out.put_u64(self.next);
        self.queues.snapshot(out);
        self.topics.snapshot(out);
        self.outreaches.snapshot(out);
        self.groups.snapshot(out);
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
            queues: Shelf::restore(&mut take)?,
            topics: Shelf::restore(&mut take)?,
            outreaches: Shelf::restore(&mut take)?,
            groups: Shelf::restore(&mut take)?,
            ..House::default()
        };
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
