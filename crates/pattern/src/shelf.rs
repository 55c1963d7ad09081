//! The policies of one scope, each found by a value, a text's beginning or a path that it cannot match without.

use std::collections::BTreeMap;
use std::hash::BuildHasher;
use std::sync::Arc;

use foldhash::fast::FixedState;

use crate::dialect::Scope;
use crate::facts::Facts;
use crate::field::Clue;
use crate::found::{Fact, Found};
use crate::policy::FilterPolicy;
use crate::stems::Stems;
use crate::trie::{Node, Trie};
use crate::waiters::Waiters;

/// Fires for every message.
const ALWAYS: Trigger = 0;

/// What makes a policy a candidate: that a path has this value, a text that begins so, or any value. Two that are equal by chance cost a look, no more.
type Trigger = u64;

const TRIGGERS: FixedState = FixedState::with_seed(4);

#[derive(Clone, Debug, Default)]
pub(crate) struct Shelf {
    paths: Trie,
    entries: BTreeMap<u32, Entry>,
    triggers: BTreeMap<Trigger, Waiters>,
    stems: Stems,
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
        for (field, &path) in policy.fields().iter().zip(&paths) {
            if field.stems().next().is_some() {
                self.stems.add(path, field.stems());
            }
        }
        let mut triggers: Vec<Trigger> = Vec::new();
        for way in policy.ways() {
            triggers.extend(self.rarest(&policy, &paths, &way));
        }
        triggers.sort_unstable();
        triggers.dedup();
        for &trigger in &triggers {
            let waiters = self.triggers.entry(trigger);
            waiters
                .and_modify(|waiters| waiters.add(key))
                .or_insert(Waiters::One(key));
        }
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
        for (field, &path) in entry.policy.fields().iter().zip(&entry.paths) {
            if field.stems().next().is_some() {
                self.stems.remove(path);
            }
            self.paths.remove(&field.path);
        }
        for trigger in entry.triggers {
            let waiters = self.triggers.get_mut(&trigger);
            if waiters.is_some_and(|waiters| !waiters.remove(key)) {
                self.triggers.remove(&trigger);
            }
        }
    }

    /// The triggers of which one fires whenever these fields hold: those of the field whose values the fewest policies wait
    /// for so far. A value counts as rarer than a beginning, and that as rarer than a path.
    fn rarest(&self, policy: &FilterPolicy, paths: &[Node], way: &[usize]) -> Vec<Trigger> {
        let triggers = way.iter().filter_map(|&field| {
            let (field, path) = (&policy.fields()[field], paths[field]);
            let clues = field.clues().map(|clues| by_clues(path, &clues));
            let any = || {
                let triggers = vec![present(path)];
                (Rarity::Path, triggers)
            };
            clues.or_else(|| field.needs_value().then(any))
        });
        let waiting = |(rarity, triggers): &(Rarity, Vec<Trigger>)| {
            let all = triggers.iter().map(|&trigger| self.waiting(trigger));
            (*rarity, all.sum::<usize>(), triggers.len())
        };
        triggers
            .min_by_key(waiting)
            .map_or_else(|| vec![ALWAYS], |(_, triggers)| triggers)
    }

    fn waiting(&self, trigger: Trigger) -> usize {
        self.triggers.get(&trigger).map_or(0, Waiters::count)
    }

    /// Adds the keys of the policies that match, in ascending order.
    pub(crate) fn matches(&self, facts: &Facts<'_>, scope: Scope, into: &mut Vec<u32>) {
        if self.entries.is_empty() {
            return;
        }
        let found = Found::of(facts, scope, &self.paths);
        let candidates = self.candidates(found.as_ref().map_or(&[], Found::values));
        into.extend(candidates.into_iter().filter(|key| {
            let Entry { policy, paths, .. } = &self.entries[key];
            policy.is_empty()
                || found
                    .as_ref()
                    .is_some_and(|found| policy.holds(paths, found))
        }));
    }

    /// The policies that wait for one of these values or paths, or for nothing, in ascending order.
    fn candidates(&self, values: &[Fact<'_>]) -> Vec<u32> {
        let mut candidates = Vec::new();
        let mut fire = |trigger: Trigger| {
            if let Some(waiters) = self.triggers.get(&trigger) {
                waiters.give(&mut candidates);
            }
        };
        fire(ALWAYS);
        for (at, fact) in values.iter().enumerate() {
            if at == 0 || values[at - 1].path != fact.path {
                fire(present(fact.path));
            }
            fire(equals(fact.path, fact.mark));
            if !self.stems.is_empty() {
                let before = at.checked_sub(1).map(|before| &values[before]);
                self.stems.each_of(fact, before, &mut |stem| {
                    fire(begins(fact.path, stem));
                });
            }
        }
        candidates.sort_unstable();
        candidates.dedup();
        candidates
    }
}

/// The rarest first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rarity {
    Value,
    Beginning,
    Path,
}

fn by_clues(path: Node, clues: &[Clue<'_>]) -> (Rarity, Vec<Trigger>) {
    let trigger = |clue: &Clue<'_>| match clue {
        Clue::Value(mark) => equals(path, *mark),
        Clue::Stem(stem) => begins(path, stem),
    };
    let has_stems = clues.iter().any(|clue| matches!(clue, Clue::Stem(_)));
    let rarity = if has_stems {
        Rarity::Beginning
    } else {
        Rarity::Value
    };
    (rarity, clues.iter().map(trigger).collect())
}

fn equals(path: Node, mark: u64) -> Trigger {
    TRIGGERS.hash_one((path, mark)).max(ALWAYS + 1)
}

fn begins(path: Node, stem: &[u8]) -> Trigger {
    TRIGGERS.hash_one((path, stem)).max(ALWAYS + 1)
}

fn present(path: Node) -> Trigger {
    TRIGGERS.hash_one(path).max(ALWAYS + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::Attribute;

    fn shelf(policies: impl Iterator<Item = String>) -> Shelf {
        let mut shelf = Shelf::default();
        for (key, text) in (0..).zip(policies) {
            let policy = FilterPolicy::compile(&text, Scope::MessageAttributes).unwrap();
            shelf.insert(key, policy.into());
        }
        shelf
    }

    fn candidates(shelf: &Shelf, attributes: &[(&str, &str)]) -> Vec<u32> {
        let attribute = |&(name, value)| Attribute {
            name,
            data_type: "String",
            value: Some(value),
        };
        let attributes: Vec<Attribute<'_>> = attributes.iter().map(attribute).collect();
        let facts = Facts::new(&attributes, "");
        let found = Found::of(&facts, Scope::MessageAttributes, &shelf.paths).unwrap();
        shelf.candidates(found.values())
    }

    #[test]
    fn of_many_policies_only_those_that_wait_for_a_value_are_looked_at() {
        let of_customer = |key| {
            format!(
                r#"{{"kind":["order"],"customer":["{}"],"region":[{{"prefix":"eu-"}}]}}"#,
                key / 10
            )
        };
        let shelf = shelf((0..1000).map(of_customer));
        let found = candidates(
            &shelf,
            &[("kind", "order"), ("customer", "42"), ("region", "eu-1")],
        );
        assert!((420..430).all(|key| found.contains(&key)));
        // The kind gathers no more than a customer has: each policy waits where the fewest do.
        assert!(found.len() <= 21, "{found:?}");
        assert_eq!(candidates(&shelf, &[("region", "eu-1")]), [0; 0]);
    }

    #[test]
    fn a_policy_without_exact_values_waits_for_a_path_or_for_nothing() {
        let shelf = shelf(
            [
                r#"{"a":[{"suffix":"x"}],"b":[{"exists":false}]}"#,
                r#"{"a":[{"exists":false}]}"#,
                r#"{"$or":[{"a":["x"]},{"c":[{"suffix":"x"}]}]}"#,
                "{}",
            ]
            .map(str::to_owned)
            .into_iter(),
        );
        assert_eq!(candidates(&shelf, &[("a", "y")]), [0, 1, 3]);
        assert_eq!(candidates(&shelf, &[("a", "x")]), [0, 1, 2, 3]);
        assert_eq!(candidates(&shelf, &[("c", "y")]), [1, 2, 3]);
        assert_eq!(candidates(&shelf, &[("d", "y")]), [1, 3]);
    }

    #[test]
    fn a_policy_with_prefixes_waits_for_how_a_text_begins() {
        let long = "l".repeat(70);
        let policies = (0..1000).map(|key| match key {
            997 => format!(r#"{{"a":[{{"prefix":"{long}"}}]}}"#),
            998 => r#"{"a":[{"prefix":""}]}"#.to_owned(),
            999 => r#"{"a":["x",{"prefix":"c-1"}]}"#.to_owned(),
            _ => format!(r#"{{"a":[{{"prefix":"c-{key}-"}}]}}"#),
        });
        let shelf = shelf(policies);
        assert_eq!(candidates(&shelf, &[("a", "c-42-5")]), [42, 998]);
        assert_eq!(candidates(&shelf, &[("a", "c-1-5")]), [1, 998, 999]);
        assert_eq!(candidates(&shelf, &[("a", "x")]), [998, 999]);
        assert_eq!(candidates(&shelf, &[("a", &long)]), [997, 998]);
        assert_eq!(candidates(&shelf, &[("a", "")]), [998]);
    }

    #[test]
    fn what_is_removed_leaves_nothing_behind() {
        let of_key = |key| format!(r#"{{"a{key}":["x",{{"prefix":"y"}}],"b":[1]}}"#);
        let mut shelf = shelf((0..10).map(of_key));
        for key in 0..10 {
            shelf.remove(key);
        }
        assert!(shelf.entries.is_empty() && shelf.triggers.is_empty());
        assert!(shelf.stems.is_empty());
        assert_eq!(shelf.paths.find("a1").or(shelf.paths.find("b")), None);
    }
}
