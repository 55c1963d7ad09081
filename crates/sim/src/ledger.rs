//! The simplest account of all: what was acknowledged, and what may rightly be gone.
//!
//! It knows no queue rules and shares nothing with the model, so that a mistake there cannot hide a lost message.

use std::collections::BTreeSet;

use crate::violation::{Check, ensure};

#[derive(Debug, Default)]
pub(crate) struct Ledger {
    acknowledged: BTreeSet<u64>,
    deleted: BTreeSet<u64>,
    /// A delete, a purge or a queue's end was asked for, or the retention period was over.
    may_be_gone: BTreeSet<u64>,
    drained: BTreeSet<u64>,
}

impl Ledger {
    pub(crate) fn acknowledge(&mut self, message: u64) {
        self.acknowledged.insert(message);
    }

    pub(crate) fn delete(&mut self, message: u64) {
        self.deleted.insert(message);
        self.may_be_gone.insert(message);
    }

    pub(crate) fn may_go(&mut self, message: u64) {
        self.may_be_gone.insert(message);
    }

    /// A message that was deleted may come back after all.
    pub(crate) fn may_return(&mut self, message: u64) {
        self.deleted.remove(&message);
        self.may_be_gone.insert(message);
    }

    pub(crate) fn drain(&mut self, message: u64) -> Check {
        ensure(!self.deleted.contains(&message), || {
            format!("m{message} was deleted and still there at the end")
        })?;
        ensure(self.drained.insert(message), || {
            format!("m{message} was there twice at the end")
        })
    }

    /// Called once every queue is empty.
    pub(crate) fn close(&self) -> Check {
        let lost = self
            .acknowledged
            .iter()
            .find(|message| !self.drained.contains(message) && !self.may_be_gone.contains(message));
        ensure(lost.is_none(), || {
            format!(
                "m{} was acknowledged, never removed, and is gone",
                lost.unwrap_or(&0)
            )
        })
    }

    pub(crate) fn drained(&self) -> usize {
        self.drained.len()
    }

    pub(crate) fn acknowledged(&self) -> usize {
        self.acknowledged.len()
    }
}
