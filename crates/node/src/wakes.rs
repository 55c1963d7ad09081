//! Which queues want to be woken, and when: only those that somebody waits on or that run a move task.

use std::collections::{BTreeMap, BTreeSet};

use domain::{MachineId, Time};

#[derive(Debug, Default)]
pub(crate) struct Wakes {
    due: BTreeSet<(Time, MachineId)>,
    armed: BTreeMap<MachineId, Time>,
}

impl Wakes {
    /// Sets or clears a machine's wake. True if it is now the earliest of all.
    pub(crate) fn arm(&mut self, machine: MachineId, wake: Option<Time>) -> bool {
        let before = match wake {
            Some(time) => self.armed.insert(machine, time),
            None => self.armed.remove(&machine),
        };
        if before == wake {
            return false;
        }
        if let Some(time) = before {
            self.due.remove(&(time, machine));
        }
        let Some(time) = wake else {
            return false;
        };
        self.due.insert((time, machine));
        self.due.first() == Some(&(time, machine))
    }

    pub(crate) fn next(&self) -> Option<Time> {
        self.due.first().map(|&(time, _)| time)
    }

    /// Takes the machines whose wake has come, in due order.
    pub(crate) fn take_due(&mut self, now: Time) -> Vec<MachineId> {
        let mut machines = Vec::new();
        while let Some(&(time, machine)) = self.due.first() {
            if time > now {
                break;
            }
            self.due.pop_first();
            self.armed.remove(&machine);
            machines.push(machine);
        }
        machines
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wakes_come_in_due_order_and_once() {
        let mut wakes = Wakes::default();
        assert!(wakes.arm(MachineId(1), Some(Time::from_seconds(9))));
        assert!(wakes.arm(MachineId(2), Some(Time::from_seconds(5))));
        assert!(!wakes.arm(MachineId(3), Some(Time::from_seconds(7))));
        wakes.arm(MachineId(3), None);
        assert_eq!(wakes.next(), Some(Time::from_seconds(5)));
        assert_eq!(
            wakes.take_due(Time::from_seconds(9)),
            [MachineId(2), MachineId(1)]
        );
        assert_eq!(wakes.next(), None);
    }
}
