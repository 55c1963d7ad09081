//! How the texts begin that policies wait for: what a prefix or a wildcard has before its first star.

use std::collections::BTreeMap;

use crate::found::Fact;
use crate::trie::Node;
use crate::value::Value;

/// Of a longer beginning only so much is waited for.
const BYTES_MAX: usize = 63;

/// Which lengths of beginnings are waited for at each path. A length stays known for as long as any policy has beginnings at
/// its path: that costs a look, no more.
#[derive(Clone, Debug, Default)]
pub(crate) struct Stems {
    by_path: BTreeMap<Node, Lengths>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Lengths {
    /// One bit for each.
    known: u64,
    fields: u32,
}

/// As much of a text as is waited for.
pub(crate) fn stem(text: &str) -> &[u8] {
    &text.as_bytes()[..text.len().min(BYTES_MAX)]
}

impl Stems {
    /// Takes in the beginnings of one field.
    pub(crate) fn add<'a>(&mut self, path: Node, stems: impl Iterator<Item = &'a [u8]>) {
        let lengths = self.by_path.entry(path).or_default();
        lengths.fields += 1;
        for stem in stems {
            lengths.known |= 1 << stem.len();
        }
    }

    /// Gives back what one field had.
    pub(crate) fn remove(&mut self, path: Node) {
        if let Some(lengths) = self.by_path.get_mut(&path) {
            lengths.fields -= 1;
            if lengths.fields == 0 {
                self.by_path.remove(&path);
            }
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.by_path.is_empty()
    }

    /// Visits the beginnings of a value that may be waited for. Values come in order, so that those that begin like the one
    /// before add nothing.
    pub(crate) fn each_of<'f>(
        &self,
        fact: &'f Fact<'_>,
        before: Option<&Fact<'_>>,
        visit: &mut dyn FnMut(&'f [u8]),
    ) {
        let (Some(lengths), Value::String(text)) = (self.by_path.get(&fact.path), &fact.value)
        else {
            return;
        };
        let before = match before {
            Some(Fact {
                path,
                value: Value::String(text),
                ..
            }) if *path == fact.path => Some(text.as_bytes()),
            _ => None,
        };
        let mut left = lengths.known;
        while left != 0 {
            let length = left.trailing_zeros() as usize;
            left &= left - 1;
            let Some(stem) = text.as_bytes().get(..length) else {
                return;
            };
            if before.and_then(|before| before.get(..length)) != Some(stem) {
                visit(stem);
            }
        }
    }
}
