//! Callers that wait for messages: long polls, oldest first on each queue.
//!
//! A poll is not state: replay knows none, a restart drops them, and whoever waits asks again.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use domain::{MachineId, Time};

use crate::answer::Answer;

/// Names one parked call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket {
    pub cell: usize,
    pub number: u64,
}

/// What answers a parked call.
pub type OnAnswer = Box<dyn FnOnce(Answer) + Send>;

pub(crate) struct Poll<K> {
    pub(crate) number: u64,
    /// When the wait is over on the cell's clock.
    pub(crate) deadline: Time,
    pub(crate) keep: K,
    pub(crate) caller: OnAnswer,
}

/// The parked polls of one cell.
pub(crate) struct Polls<K> {
    by_machine: BTreeMap<MachineId, VecDeque<Poll<K>>>,
    machines: BTreeMap<u64, MachineId>,
    deadlines: BTreeSet<(Time, u64)>,
    next: u64,
}

impl<K> Default for Polls<K> {
    fn default() -> Polls<K> {
        Polls {
            by_machine: BTreeMap::new(),
            machines: BTreeMap::new(),
            deadlines: BTreeSet::new(),
            next: 1,
        }
    }
}

impl<K> Polls<K> {
    pub(crate) fn park(
        &mut self,
        machine: MachineId,
        deadline: Time,
        keep: K,
        caller: OnAnswer,
    ) -> u64 {
        let number = self.next;
        self.next += 1;
        self.machines.insert(number, machine);
        self.deadlines.insert((deadline, number));
        self.by_machine.entry(machine).or_default().push_back(Poll {
            number,
            deadline,
            keep,
            caller,
        });
        number
    }

    /// Puts a poll back at the front: it was looked at, and there was nothing for it.
    pub(crate) fn park_again(&mut self, machine: MachineId, poll: Poll<K>) {
        self.machines.insert(poll.number, machine);
        self.deadlines.insert((poll.deadline, poll.number));
        self.by_machine.entry(machine).or_default().push_front(poll);
    }

    pub(crate) fn len(&self) -> usize {
        self.machines.len()
    }

    pub(crate) fn waiting_on(&self, machine: MachineId) -> bool {
        self.by_machine.contains_key(&machine)
    }

    /// What the longest waiting poll of a queue asks for.
    pub(crate) fn first(&self, machine: MachineId) -> Option<&Poll<K>> {
        self.by_machine.get(&machine)?.front()
    }

    pub(crate) fn take_first(&mut self, machine: MachineId) -> Option<Poll<K>> {
        let number = self.first(machine)?.number;
        self.take(number).map(|(_, poll)| poll)
    }

    pub(crate) fn take(&mut self, number: u64) -> Option<(MachineId, Poll<K>)> {
        let machine = self.machines.remove(&number)?;
        let polls = self.by_machine.get_mut(&machine)?;
        // Numbers rise from front to back.
        let at = polls
            .binary_search_by_key(&number, |poll| poll.number)
            .ok()?;
        let poll = polls.remove(at)?;
        if polls.is_empty() {
            self.by_machine.remove(&machine);
        }
        self.deadlines.remove(&(poll.deadline, number));
        Some((machine, poll))
    }

    pub(crate) fn next_deadline(&self) -> Option<Time> {
        self.deadlines.first().map(|&(due, _)| due)
    }

    /// The queue and number of a poll whose wait is over.
    pub(crate) fn overdue(&self, now: Time) -> Option<u64> {
        self.deadlines
            .first()
            .filter(|&&(due, _)| due <= now)
            .map(|&(_, number)| number)
    }

    /// Takes everyone who waits on a queue, longest first.
    pub(crate) fn take_all(&mut self, machine: MachineId) -> Vec<Poll<K>> {
        let numbers: Vec<u64> = self
            .by_machine
            .get(&machine)
            .map(|polls| polls.iter().map(|poll| poll.number).collect())
            .unwrap_or_default();
        let taken = numbers.into_iter().filter_map(|number| self.take(number));
        taken.map(|(_, poll)| poll).collect()
    }

    pub(crate) fn machines(&self) -> Vec<MachineId> {
        self.by_machine.keys().copied().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn park(
        polls: &mut Polls<&'static str>,
        machine: u64,
        seconds: u64,
        keep: &'static str,
    ) -> u64 {
        let caller = Box::new(|_| {});
        polls.park(
            MachineId(machine),
            Time::from_seconds(seconds),
            keep,
            caller,
        )
    }

    #[test]
    fn the_longest_waiting_poll_of_a_queue_comes_first() {
        let mut polls = Polls::default();
        park(&mut polls, 1, 30, "early");
        park(&mut polls, 2, 10, "other queue");
        park(&mut polls, 1, 20, "late");
        assert_eq!(polls.take_first(MachineId(1)).unwrap().keep, "early");
        assert_eq!(polls.take_first(MachineId(1)).unwrap().keep, "late");
        assert!(polls.take_first(MachineId(1)).is_none());
        assert!(polls.waiting_on(MachineId(2)));
    }

    #[test]
    fn waits_end_in_the_order_of_their_deadlines() {
        let mut polls = Polls::default();
        let long = park(&mut polls, 1, 30, "long");
        let short = park(&mut polls, 1, 10, "short");
        assert_eq!(polls.overdue(Time::from_seconds(9)), None);
        assert_eq!(polls.overdue(Time::from_seconds(30)), Some(short));
        polls.take(short);
        assert_eq!(polls.overdue(Time::from_seconds(30)), Some(long));
    }

    #[test]
    fn a_cancelled_poll_leaves_nothing_behind() {
        let mut polls = Polls::default();
        let number = park(&mut polls, 1, 30, "gone");
        assert!(polls.take(number).is_some());
        assert!(polls.take(number).is_none());
        assert_eq!((polls.len(), polls.next_deadline()), (0, None));
    }
}
