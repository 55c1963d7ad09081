//! Who waits for a trigger: nearly always one key, sometimes very many.

use std::collections::BTreeSet;

#[expect(
    clippy::box_collection,
    reason = "what is rare must not make what is common larger"
)]
#[derive(Clone, Debug)]
pub(crate) enum Waiters {
    One(u32),
    /// Never none.
    Many(Box<BTreeSet<u32>>),
}

impl Waiters {
    pub(crate) fn add(&mut self, key: u32) {
        match self {
            Waiters::One(first) => *self = Waiters::Many(Box::new([*first, key].into())),
            Waiters::Many(keys) => {
                keys.insert(key);
            }
        }
    }

    /// Whether others are left.
    pub(crate) fn remove(&mut self, key: u32) -> bool {
        match self {
            Waiters::One(only) => *only != key,
            Waiters::Many(keys) => {
                keys.remove(&key);
                !keys.is_empty()
            }
        }
    }

    pub(crate) fn count(&self) -> usize {
        match self {
            Waiters::One(_) => 1,
            Waiters::Many(keys) => keys.len(),
        }
    }

    pub(crate) fn give(&self, into: &mut Vec<u32>) {
        match self {
            Waiters::One(key) => into.push(*key),
            Waiters::Many(keys) => into.extend(keys.iter()),
        }
    }
}
