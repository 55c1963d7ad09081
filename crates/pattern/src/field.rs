//! One field of a policy: a path, and the terms of which the values there must satisfy one.

use crate::among;
use crate::found::At;
use crate::term::Term;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Field {
    pub(crate) path: Box<str>,
    pub(crate) terms: Box<[Term]>,
}

impl Field {
    pub(crate) fn holds(&self, at: At<'_, '_>) -> bool {
        match at {
            At::Values(values) => self.terms.iter().any(|term| among::any(term, values)),
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
        let mark = |term: &Term| Some(term.value()?.mark());
        self.terms.iter().map(mark).collect()
    }
}
