//! One field of a policy: a path, and the terms of which the values there must satisfy one.

use crate::among;
use crate::found::At;
use crate::stems;
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

    /// What the field waits for, if each of its terms has a value or a beginning.
    pub(crate) fn clues(&self) -> Option<Vec<Clue<'_>>> {
        self.terms.iter().map(Clue::of).collect()
    }

    /// The beginnings that its terms wait for.
    pub(crate) fn stems(&self) -> impl Iterator<Item = &[u8]> {
        self.terms.iter().filter_map(Term::head).map(stems::stem)
    }
}

/// What tells that a term may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Clue<'a> {
    /// The mark of the one value that satisfies it.
    Value(u64),
    /// How the values begin that satisfy it.
    Stem(&'a [u8]),
}

impl Clue<'_> {
    fn of(term: &Term) -> Option<Clue<'_>> {
        match (term.value(), term.head()) {
            (Some(value), _) => Some(Clue::Value(value.mark())),
            (None, Some(head)) => Some(Clue::Stem(stems::stem(head))),
            (None, None) => None,
        }
    }
}
