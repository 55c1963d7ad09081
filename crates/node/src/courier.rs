//! The courier of one cell: what its machines' outboxes hold and how far each delivery has come.
//!
//! A message that moves between queues is, at every moment, durable in the outbox of the one or in the state of
//! the other (design section 7): the target takes it only when the source's record is durable, the source lets
//! go only when the target's is. Where both share a journal its order says the same and nothing waits. The
//! target drops what it has seen, so that a courier that starts again duplicates nothing.

use std::collections::{BTreeMap, VecDeque};

use domain::{Deliver, MachineId, Offset};

use crate::answer::Wait;

/// A delivery of a machine, by its sequence.
type Carriage = (MachineId, u64);

/// Two lines, each in order: a delivery goes from the front of the first to the end of the second.
#[derive(Default)]
pub(crate) struct Courier {
    /// In the source's outbox; may leave the cell once the source's journal is durable up to here.
    loaded: VecDeque<(Carriage, Offset)>,
    /// The target has it; the source may forget it once the target's journal is durable.
    accepted: VecDeque<(Carriage, Wait)>,
    outstanding: BTreeMap<MachineId, usize>,
}

impl Courier {
    pub(crate) fn load(&mut self, machine: MachineId, deliver: &[Deliver], durable_from: Offset) {
        let carriages = deliver
            .iter()
            .map(|it| ((machine, it.sequence), durable_from));
        self.loaded.extend(carriages);
        if !deliver.is_empty() {
            *self.outstanding.entry(machine).or_default() += deliver.len();
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.outstanding.is_empty()
    }

    pub(crate) fn outstanding(&self, machine: MachineId) -> usize {
        self.outstanding.get(&machine).copied().unwrap_or(0)
    }

    /// The first delivery that no target has taken: machine, sequence, when it may leave the cell.
    pub(crate) fn first_loaded(&self) -> Option<(MachineId, u64, Offset)> {
        let &((machine, sequence), offset) = self.loaded.front()?;
        Some((machine, sequence, offset))
    }

    /// The first delivery has been taken by its target.
    pub(crate) fn accepted(&mut self, machine: MachineId, sequence: u64, wait: Wait) {
        if let Some((carriage, _)) = self.loaded.front()
            && *carriage == (machine, sequence)
        {
            self.loaded.pop_front();
            self.accepted.push_back(((machine, sequence), wait));
        }
    }

    pub(crate) fn drop_one(&mut self, machine: MachineId, sequence: u64) {
        let carriage = (machine, sequence);
        let before = self.loaded.len() + self.accepted.len();
        if self
            .loaded
            .front()
            .is_some_and(|(first, _)| *first == carriage)
        {
            self.loaded.pop_front();
        } else {
            self.loaded.retain(|(it, _)| *it != carriage);
            self.accepted.retain(|(it, _)| *it != carriage);
        }
        self.settle(machine, before - self.loaded.len() - self.accepted.len());
    }

    /// Forgets a machine that was deleted, outbox and all.
    pub(crate) fn drop_machine(&mut self, machine: MachineId) {
        self.loaded.retain(|((of, _), _)| *of != machine);
        self.accepted.retain(|((of, _), _)| *of != machine);
        self.outstanding.remove(&machine);
    }

    /// Takes the deliveries at the front whose targets are durable: (machine, highest sequence), in order.
    pub(crate) fn take_done(&mut self, durable: impl Fn(Wait) -> bool) -> Vec<(MachineId, u64)> {
        let mut done: Vec<(MachineId, u64)> = Vec::new();
        while let Some(&((machine, sequence), wait)) = self.accepted.front() {
            if !durable(wait) {
                break;
            }
            self.accepted.pop_front();
            self.settle(machine, 1);
            match done.iter_mut().find(|(of, _)| *of == machine) {
                Some((_, highest)) => *highest = sequence,
                None => done.push((machine, sequence)),
            }
        }
        done
    }

    fn settle(&mut self, machine: MachineId, count: usize) {
        if let Some(outstanding) = self.outstanding.get_mut(&machine) {
            *outstanding = outstanding.saturating_sub(count);
            if *outstanding == 0 {
                self.outstanding.remove(&machine);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::{Arn, Item, Place};

    use super::*;

    fn deliver(sequence: u64) -> Deliver {
        Deliver {
            sequence,
            to: Arn::parse("arn:aws:sqs:us-east-1:000000000000:q").unwrap(),
            item: Item {
                place: Place::default(),
                about: Vec::new().into(),
            },
        }
    }

    fn wait(offset: u64) -> Wait {
        Wait {
            cell: 1,
            offset: Offset(offset),
        }
    }

    #[test]
    fn deliveries_are_taken_in_order_and_told_of_once_their_targets_are_durable() {
        let (a, b) = (MachineId(1), MachineId(2));
        let mut courier = Courier::default();
        courier.load(a, &[deliver(1), deliver(2)], Offset(10));
        courier.load(b, &[deliver(1)], Offset(20));
        assert_eq!(courier.first_loaded(), Some((a, 1, Offset(10))));
        courier.accepted(a, 1, wait(5));
        courier.accepted(a, 2, wait(6));
        courier.accepted(b, 1, wait(9));
        assert_eq!(courier.first_loaded(), None);
        assert_eq!(courier.take_done(|wait| wait.offset <= Offset(6)), [(a, 2)]);
        assert_eq!((courier.outstanding(a), courier.outstanding(b)), (0, 1));
        assert_eq!(courier.take_done(|_| true), [(b, 1)]);
        assert!(courier.is_empty());
    }

    #[test]
    fn one_that_came_back_and_those_of_a_deleted_machine_are_not_carried() {
        let (a, b) = (MachineId(1), MachineId(2));
        let mut courier = Courier::default();
        courier.load(a, &[deliver(1), deliver(2)], Offset(10));
        courier.load(b, &[deliver(1)], Offset(20));
        courier.drop_one(a, 1);
        assert_eq!(courier.first_loaded(), Some((a, 2, Offset(10))));
        courier.drop_machine(a);
        assert_eq!(courier.first_loaded(), Some((b, 1, Offset(20))));
        assert_eq!(courier.outstanding(a), 0);
    }
}
