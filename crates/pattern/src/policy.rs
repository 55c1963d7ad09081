//! A compiled filter policy.

use crate::compile;
use crate::dialect::{Dialect, Scope};
use crate::error::PolicyError;
use crate::facts::Facts;
use crate::field::Field;
use crate::found::Found;
use crate::trie::{Node, Trie};

/// Fields, and which of them must hold together. What `$or` offers is multiplied out, which its bound of 150 combinations
/// keeps small.
///
/// A policy of two keys with short values takes about 400 bytes (`examples/index.rs` measures it).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilterPolicy {
    scope: Scope,
    fields: Box<[Field]>,
    ways: Ways,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Ways {
    /// All fields must hold.
    One,
    /// The fields of one of these must hold.
    Any(Box<[Box<[u16]>]>),
}

impl FilterPolicy {
    /// `{}` is a policy that lets everything through: AWS's way to take a policy away.
    pub fn compile(text: &str, scope: Scope) -> Result<FilterPolicy, PolicyError> {
        FilterPolicy::compile_as(text, Dialect::of(scope))
    }

    pub fn compile_as(text: &str, dialect: Dialect) -> Result<FilterPolicy, PolicyError> {
        compile::policy(text, dialect)
    }

    pub(crate) fn new(scope: Scope, fields: Vec<Field>, ways: Ways) -> FilterPolicy {
        FilterPolicy {
            scope,
            fields: fields.into_boxed_slice(),
            ways,
        }
    }

    pub fn scope(&self) -> Scope {
        self.scope
    }

    /// Whether it asks for nothing.
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    pub fn matches(&self, facts: &Facts<'_>) -> bool {
        if self.is_empty() {
            return true;
        }
        let mut trie = Trie::default();
        let paths: Vec<Node> = self
            .fields
            .iter()
            .map(|field| trie.add(&field.path))
            .collect();
        Found::of(facts, self.scope, &trie).is_some_and(|found| self.holds(&paths, &found))
    }

    pub(crate) fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// The ways in which it can match, each as the fields that must hold.
    pub(crate) fn ways(&self) -> Vec<Vec<usize>> {
        match &self.ways {
            Ways::One => vec![(0..self.fields.len()).collect()],
            Ways::Any(ways) => ways
                .iter()
                .map(|way| way.iter().map(|&field| usize::from(field)).collect())
                .collect(),
        }
    }

    /// Whether it matches what was found, with its fields' paths being `paths`.
    pub(crate) fn holds(&self, paths: &[Node], found: &Found<'_>) -> bool {
        let holds = |field: usize| self.fields[field].holds(found.at(paths[field]));
        match &self.ways {
            Ways::One => (0..self.fields.len()).all(holds),
            Ways::Any(ways) => {
                let mut known = vec![None; self.fields.len()];
                let mut holds = |&field: &u16| {
                    let field = usize::from(field);
                    *known[field].get_or_insert_with(|| holds(field))
                };
                ways.iter().any(|way| way.iter().all(&mut holds))
            }
        }
    }
}
