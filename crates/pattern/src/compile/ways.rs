//! Multiplies out what `$or` offers: fields, and which of them must hold together.
//!
//! A path that is named twice in one way asks for what the later of the two says, as in AWS's engine.

use std::collections::BTreeMap;

use super::group::{Entry, Group};
use crate::field::Field;
use crate::policy::Ways;
use crate::term::Term;

/// The field at each path.
type Way = BTreeMap<u32, usize>;

#[derive(Default)]
struct Multiplied {
    fields: Vec<(u32, Field)>,
    paths: BTreeMap<String, u32>,
}

pub(super) fn multiply(group: Group) -> (Vec<Field>, Ways) {
    let mut multiplied = Multiplied::default();
    let mut ways = vec![Way::new()];
    multiplied.group(None, group, &mut ways);
    multiplied.finish(&ways)
}

impl Multiplied {
    fn group(&mut self, path: Option<&str>, group: Group, ways: &mut Vec<Way>) {
        for (name, entry) in group.into_entries() {
            match entry {
                Entry::Terms(terms) => self.field(join(path, &name), terms, ways),
                Entry::Group(group) => self.group(Some(&join(path, &name)), group, ways),
                Entry::Or(branches) => {
                    let before = std::mem::take(ways);
                    for branch in branches {
                        let mut offered = before.clone();
                        self.group(path, branch, &mut offered);
                        ways.append(&mut offered);
                    }
                }
            }
        }
    }

    fn field(&mut self, path: String, terms: Vec<Term>, ways: &mut [Way]) {
        let next = u32::try_from(self.paths.len()).expect("bounded by the policy's bytes");
        let number = *self.paths.entry(path.clone()).or_insert(next);
        for way in ways {
            way.insert(number, self.fields.len());
        }
        let field = Field {
            path: path.into(),
            terms: terms.into(),
        };
        self.fields.push((number, field));
    }

    /// Leaves out the fields that no way has.
    fn finish(self, ways: &[Way]) -> (Vec<Field>, Ways) {
        let mut used = vec![false; self.fields.len()];
        for field in ways.iter().flat_map(Way::values) {
            used[*field] = true;
        }
        let mut places = Vec::with_capacity(used.len());
        let mut next: u16 = 0;
        for used in &used {
            places.push(next);
            next += u16::from(*used);
        }
        let fields = self
            .fields
            .into_iter()
            .zip(&used)
            .filter(|(_, used)| **used);
        let fields: Vec<Field> = fields.map(|((_, field), _)| field).collect();
        let ways = match ways {
            [_] => Ways::One,
            _ => {
                let placed = |way: &Way| way.values().map(|&field| places[field]).collect();
                Ways::Any(ways.iter().map(placed).collect())
            }
        };
        (fields, ways)
    }
}

/// The outermost keys stand for themselves.
fn join(path: Option<&str>, name: &str) -> String {
    path.map_or_else(|| name.to_owned(), |path| format!("{path}.{name}"))
}
