//! The courier's steps inside one cell: out of an outbox, into a queue, and the acknowledgement back.

use std::sync::Arc;

use api::Error;
use domain::{Arn, MachineId, Offset};
use sqs::{Command, Payload, Queue};

use crate::address::Address;
use crate::answer::Wait;
use crate::state::CellState;

/// One message out of an outbox, with all that its target needs to know of where it comes from.
pub(crate) struct Parcel {
    pub(crate) machine: MachineId,
    pub(crate) sequence: u64,
    pub(crate) from: Arn,
    pub(crate) goods: Goods,
}

pub(crate) enum Goods {
    /// A message that moves from queue to queue: what its queue says about it, and its payload.
    Moved(Arc<[u8]>, Vec<u8>),
    /// A publication as a queue gets it: a payload.
    Published(Vec<u8>),
    /// A publication that the queue's subscriber may not see.
    Withheld,
}

impl CellState {
    /// Hands on what stands in the outboxes of this cell to queues of this cell, in order.
    ///
    /// One journal holds both sides, so its order alone keeps the message: nothing waits for a flush.
    pub(crate) fn carry_here(&mut self) {
        while let Some((machine, sequence, _, to)) = self.next_delivery() {
            let target = Address::of(&to).and_then(|to| self.cell.machines().find(to.borrow()));
            let carried = match target {
                None if self.directory.exists(&to) => break,
                None => self.return_delivery(machine, sequence),
                Some(target) => self.hand_over(machine, sequence, target),
            };
            // A journal that refuses leaves the delivery in the outbox; the next step tries again.
            if carried.is_err() {
                break;
            }
        }
        let here = self.index;
        self.acknowledge(&|wait| wait.cell == here && wait.offset == Offset::ZERO);
    }

    /// The first delivery that no target has: machine, sequence, when it may leave the cell, and where to.
    pub(crate) fn next_delivery(&mut self) -> Option<(MachineId, u64, Offset, Arn)> {
        loop {
            let (machine, sequence, offset) = self.courier.first_loaded()?;
            if let Some(delivery) = self.cell.machines().delivery(machine, sequence) {
                return Some((machine, sequence, offset, delivery.to));
            }
            self.courier.drop_one(machine, sequence);
        }
    }

    fn hand_over(
        &mut self,
        machine: MachineId,
        sequence: u64,
        target: MachineId,
    ) -> Result<(), Error> {
        let parcel = self.parcel(machine, sequence)?;
        if matches!(parcel.goods, Goods::Withheld) {
            return self.return_delivery(machine, sequence);
        }
        self.accept(target, &parcel)?;
        self.report_carried(machine, sequence, true);
        let in_order = Wait {
            cell: self.index,
            offset: Offset::ZERO,
        };
        self.courier.accepted(machine, sequence, in_order);
        Ok(())
    }

    pub(crate) fn parcel(&mut self, machine: MachineId, sequence: u64) -> Result<Parcel, Error> {
        let domain::Deliver { to, item, .. } = self
            .cell
            .machines()
            .delivery(machine, sequence)
            .expect("the delivery stands in the outbox");
        let (from, goods) = match self.queue(machine) {
            Some(queue) => {
                let payload = self.whole_message(item.place, queue.copy_of(sequence))?;
                let goods = Goods::Moved(item.about.clone(), payload);
                (queue.config().arn(), goods)
            }
            None => {
                let policy = self.protection(machine);
                let topic = self.topic(machine).expect("a delivery's topic is there");
                let way = (&*item.about, &to);
                let payload = self.published(topic, policy.as_deref(), way, item.place)?;
                let goods = payload.map_or(Goods::Withheld, Goods::Published);
                (topic.config().arn(), goods)
            }
        };
        Ok(Parcel {
            machine,
            sequence,
            from,
            goods,
        })
    }

    /// Takes a parcel in: the position from which on it is safely here.
    pub(crate) fn accept(&mut self, target: MachineId, parcel: &Parcel) -> Result<Offset, Error> {
        let queue = self.queue_now(target).expect("the target is there");
        // A machine's name inside its cell is given once: it tells a sender from a later one of the same ARN.
        let incarnation = parcel.machine.0;
        let (from, sequence) = (&parcel.from, parcel.sequence);
        let command = match &parcel.goods {
            Goods::Moved(about, payload) => {
                let id = crate::ids::random();
                queue.accept(from, incarnation, sequence, about, payload, id)
            }
            Goods::Published(payload) => Payload::decode(payload)
                .map(|payload| Queue::accept_published(from, incarnation, sequence, payload)),
            Goods::Withheld => unreachable!("what is withheld goes back"),
        };
        let command = command.map_err(|why| api::common::INTERNAL_FAILURE.with(why.to_string()))?;
        Ok(self.command(target, command)?.durable_from)
    }

    /// The target is gone: the message goes back among the receivable ones of its queue.
    pub(crate) fn return_delivery(
        &mut self,
        machine: MachineId,
        sequence: u64,
    ) -> Result<(), Error> {
        if self.queue(machine).is_some() {
            self.command(machine, Command::Returned(sequence))?;
        } else {
            self.report_carried(machine, sequence, false);
            self.topic_command(machine, sns::Command::Returned(sequence))?;
        }
        self.courier.drop_one(machine, sequence);
        Ok(())
    }

    /// Lets outboxes forget what their targets have made durable.
    pub(crate) fn acknowledge(&mut self, durable: &dyn Fn(Wait) -> bool) {
        for (machine, sequence) in self.courier.take_done(durable) {
            if self.queue(machine).is_some() {
                // Refused, it is told again after a restart, and the target drops what it has seen.
                let _ = self.command(machine, Command::Delivered(sequence));
            } else if self.topic(machine).is_some() {
                let _ = self.topic_command(machine, sns::Command::Delivered(sequence));
            }
        }
    }
}
