//! One field of a policy: a path, and the terms of which the values there must satisfy one.

use crate::found::{At, Fact};
use crate::term::Term;

/// From so many values on, one that is wanted is looked up by its mark.
const MANY: usize = 16;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Field {
    pub(crate) path: Box<str>,
    pub(crate) terms: Box<[Term]>,
}

impl Field {
    pub(crate) fn holds(&self, at: At<'_, '_>) -> bool {
        match at {
            At::Values(values) => self.terms.iter().any(|term| any(term, values)),
            At::Absent => self.terms.contains(&Term::Absent),
            At::Unknown => false,
        }
    }

    /// Whether the field can hold only if a value is there.
    pub(crate) fn needs_value(&self) -> bool {
        !self.terms.contains(&Term::Absent)
    }

    /// The marks of all values that satisfy the field, if they can be counted up.
    pub(crate) fn marks(&self) -> Option<Vec<u64>> {
        self.terms.iter().map(Term::mark).collect()
    }
}

fn any(term: &Term, values: &[Fact<'_>]) -> bool {
    let wanted = (values.len() >= MANY).then(|| term.mark()).flatten();
    let candidates = match wanted {
        Some(mark) => {
            let rest = &values[values.partition_point(|fact| fact.mark < mark)..];
            &rest[..rest.partition_point(|fact| fact.mark == mark)]
        }
        None => values,
    };
    candidates.iter().any(|fact| term.matches(&fact.value))
}
