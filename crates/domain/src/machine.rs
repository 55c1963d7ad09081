//! The contract of a machine: the state of one resource and the only code that may change it.

use std::sync::Arc;

use crate::{Arn, Body, Place, Stamp, Time};

/// The state of one resource and the only code that may change it.
///
/// `apply` gives the same answer on every replay: time and place come from `at`, never from a clock; ids come
/// with the command; iteration order is fixed. It cannot fail, block or look outside. An AWS error that depends
/// on state is an outcome, and changes nothing.
pub trait Machine {
    /// What the journal keeps, borrowed from the record that carries it.
    type Command<'a>;
    /// What the caller is told.
    type Outcome;

    fn apply(
        &mut self,
        at: Stamp,
        command: Self::Command<'_>,
        effects: &mut Effects,
    ) -> Self::Outcome;

    /// Lets time pass: whatever falls due up to and including `now` happens, each thing at its own time, in due
    /// order. `apply` does this first of all, so that `advance(a); advance(b)` equals `advance(b)` for a <= b and
    /// a wake needs no record of its own.
    fn advance(&mut self, now: Time);

    /// When it next wants to be woken: a visibility timeout, a delay, a retention edge, a step of a move task.
    fn wakes_at(&self) -> Option<Time>;
}

/// What `apply` asks to have happen elsewhere.
#[derive(Debug, Default)]
pub struct Effects {
    /// Deliveries that now stand in the machine's outbox, for the courier to carry.
    pub deliver: Vec<Deliver>,
    /// Something may now be there for callers that wait on this machine.
    pub stir: bool,
}

/// One delivery out of a machine's outbox. The machine keeps it until the courier reports it delivered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deliver {
    /// Rises by one with each delivery of this machine; the receiver drops what it has seen.
    pub sequence: u64,
    pub to: Arn,
    pub item: Item,
}

/// What is delivered, before the target decides what it means to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Where the bytes lie, in the sender's cell.
    pub place: Place,
    /// What the target should know beside the bytes, encoded by the sender's core.
    pub about: Arc<[u8]>,
}

impl Body {
    /// The bytes of this run inside the record that carries it.
    pub fn of(self, record: &[u8]) -> &[u8] {
        &record[self.at as usize..(self.at + self.len) as usize]
    }
}
