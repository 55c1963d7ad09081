//! The courier of one cell: what its machines' outboxes hold and how far each delivery has come.
//!
//! A message that moves between queues is, at every moment, durable in the outbox of the one or in the state of
//! the other (design section 7): the target takes it only when the source's record is durable, the source lets
//! go only when the target's is. Where both share a journal its order says the same and nothing waits. The
//! target drops what it has seen, so that a courier that starts again duplicates nothing.

use std::collections::VecDeque;

use domain::{Deliver, MachineId, Offset};

use crate::answer::Wait;

pub(crate) struct Carriage {
    pub(crate) machine: MachineId,
    pub(crate) sequence: u64,
    pub(crate) leg: Leg,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Leg {
    /// In the source's outbox; may leave the cell once the source's journal is durable up to here.
    Loaded(Offset),
    /// The target has it; the source may forget it once the target's journal is durable.
    Accepted(Wait),
}

#[derive(Default)]
pub(crate) struct Courier {
    pub(crate) carriages: VecDeque<Carriage>,
}

impl Courier {
    pub(crate) fn load(&mut self, machine: MachineId, deliver: &[Deliver], durable_from: Offset) {
        self.carriages
            .extend(deliver.iter().map(|delivery| Carriage {
                machine,
                sequence: delivery.sequence,
                leg: Leg::Loaded(durable_from),
            }));
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.carriages.is_empty()
    }

    pub(crate) fn outstanding(&self, machine: MachineId) -> usize {
        self.carriages
            .iter()
            .filter(|carriage| carriage.machine == machine)
            .count()
    }

    /// The first delivery that no target has taken: machine, sequence, when it may leave the cell.
    pub(crate) fn first_loaded(&self) -> Option<(MachineId, u64, Offset)> {
        self.carriages
            .iter()
            .find_map(|carriage| match carriage.leg {
                Leg::Loaded(offset) => Some((carriage.machine, carriage.sequence, offset)),
                Leg::Accepted(_) => None,
            })
    }

    pub(crate) fn accepted(&mut self, machine: MachineId, sequence: u64, wait: Wait) {
        let same =
            |carriage: &&mut Carriage| carriage.machine == machine && carriage.sequence == sequence;
        if let Some(carriage) = self.carriages.iter_mut().find(same) {
            carriage.leg = Leg::Accepted(wait);
        }
    }

    pub(crate) fn drop_one(&mut self, machine: MachineId, sequence: u64) {
        self.carriages
            .retain(|carriage| carriage.machine != machine || carriage.sequence != sequence);
    }

    /// Forgets a machine that was deleted, outbox and all.
    pub(crate) fn drop_machine(&mut self, machine: MachineId) {
        self.carriages
            .retain(|carriage| carriage.machine != machine);
    }

    /// Takes the deliveries at the front whose targets are durable: (machine, highest sequence), in order.
    pub(crate) fn take_done(&mut self, durable: impl Fn(Wait) -> bool) -> Vec<(MachineId, u64)> {
        let mut done: Vec<(MachineId, u64)> = Vec::new();
        while let Some(&Carriage {
            machine,
            sequence,
            leg: Leg::Accepted(wait),
        }) = self.carriages.front()
        {
            if !durable(wait) {
                break;
            }
            self.carriages.pop_front();
            match done.iter_mut().find(|(of, _)| *of == machine) {
                Some((_, highest)) => *highest = sequence,
                None => done.push((machine, sequence)),
            }
        }
        done
    }
}
