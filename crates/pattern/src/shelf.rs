//! The policies of one scope, each found by a value or a path that it cannot match without.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::BuildHasher;
use std::sync::Arc;

use foldhash::fast::FixedState;

use crate::dialect::Scope;
use crate::facts::Facts;
use crate::field::Field;
use crate::found::Found;
use crate::policy::FilterPolicy;
use crate::trie::{Node, Trie};

/// How far triggers are counted when the rarest is looked for.
const COUNT_MAX: usize = 64;

/// Fires for every message.
const ALWAYS: Trigger = 0;

/// What makes a policy a candidate: that a path has this value, or has any. Two that are equal by chance cost a look, no more.
type Trigger = u64;

const TRIGGERS: FixedState = FixedState::with_seed(4);

#[derive(Clone, Debug, Default)]
pub(crate) struct Shelf {
    paths: Trie,
    entries: BTreeMap<u32, Entry>,
    triggers: BTreeSet<(Trigger, u32)>,
}

#[derive(Clone, Debug)]
struct Entry {
    policy: Arc<FilterPolicy>,
    /// Of each of its fields.
    paths: Box<[Node]>,
    triggers: Box<[Trigger]>,
}

impl Shelf {
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(crate) fn insert(&mut self, key: u32, policy: Arc<FilterPolicy>) {
        let paths: Box<[Node]> = policy
            .fields()
            .iter()
            .map(|field| self.paths.add(&field.path))
            .collect();
        let mut triggers: Vec<Trigger> = Vec::new();
        for way in policy.ways() {
            triggers.extend(self.rarest(&policy, &paths, &way));
        }
        triggers.sort_unstable();
        triggers.dedup();
        self.triggers
            .extend(triggers.iter().map(|&trigger| (trigger, key)));
        let entry = Entry {
            policy,
            paths,
            triggers: triggers.into_boxed_slice(),
        };
        self.entries.insert(key, entry);
    }

    pub(crate) fn remove(&mut self, key: u32) {
        let Some(entry) = self.entries.remove(&key) else {
            return;
        };
        for field in entry.policy.fields() {
            self.paths.remove(&field.path);
        }
        for trigger in entry.triggers {
            self.triggers.remove(&(trigger, key));
        }
    }

    /// The triggers of which one fires whenever these fields hold: those of the field whose values the fewest policies wait
    /// for so far. A value counts as rarer than a path.
    fn rarest(&self, policy: &FilterPolicy, paths: &[Node], way: &[usize]) -> Vec<Trigger> {
        let fields = || {
            way.iter()
                .map(|&field| (&policy.fields()[field], paths[field]))
        };
        let by_value = fields().filter_map(|(field, path)| by_value(field, path));
        let by_path = fields()
            .filter(|(field, _)| field.needs_value())
            .map(|(_, path)| vec![present(path)]);
        let waiting = |triggers: &Vec<Trigger>| -> (usize, usize) {
            let all = triggers.iter().map(|&trigger| self.waiting(trigger));
            (all.sum(), triggers.len())
        };
        by_value
            .min_by_key(waiting)
            .or_else(|| by_path.min_by_key(waiting))
            .unwrap_or_else(|| vec![ALWAYS])
    }

    /// How many policies wait for a trigger, as far as it matters.
    fn waiting(&self, trigger: Trigger) -> usize {
        self.waiters(trigger).take(COUNT_MAX).count()
    }

    fn waiters(&self, trigger: Trigger) -> impl Iterator<Item = u32> {
        self.triggers
            .range((trigger, 0)..=(trigger, u32::MAX))
            .map(|&(_, key)| key)
    }

    /// Adds the keys of the policies that match, in no order.
    pub(crate) fn matches(&self, facts: &Facts<'_>, scope: Scope, into: &mut Vec<u32>) {
        if self.entries.is_empty() {
            return;
        }
        let found = Found::of(facts, scope, &self.paths);
        let mut candidates: Vec<u32> = self.waiters(ALWAYS).collect();
        let values = found.as_ref().map_or(&[][..], Found::values);
        for (at, fact) in values.iter().enumerate() {
            if at == 0 || values[at - 1].path != fact.path {
                candidates.extend(self.waiters(present(fact.path)));
            }
            candidates.extend(self.waiters(equals(fact.path, fact.mark)));
        }
        candidates.sort_unstable();
        candidates.dedup();
        into.extend(candidates.into_iter().filter(|key| {
            let Entry { policy, paths, .. } = &self.entries[key];
            policy.is_empty()
                || found
                    .as_ref()
                    .is_some_and(|found| policy.holds(paths, found))
        }));
    }
}

fn by_value(field: &Field, path: Node) -> Option<Vec<Trigger>> {
    let marks = field.marks()?;
    Some(marks.into_iter().map(|mark| equals(path, mark)).collect())
}

fn equals(path: Node, mark: u64) -> Trigger {
    TRIGGERS.hash_one((path, mark)).max(ALWAYS + 1)
}

fn present(path: Node) -> Trigger {
    TRIGGERS.hash_one(path).max(ALWAYS + 1)
}
