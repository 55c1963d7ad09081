//! One term of a field: what a single value must be.

use std::borrow::Cow;

use crate::cidr::Cidr;
use crate::decimal::Decimal;
use crate::fold;
use crate::range::Range;
use crate::value::Value;
use crate::wildcard::Wildcard;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Term {
    String(Box<str>),
    Number(Decimal),
    Bool(bool),
    Null,
    Prefix(Box<str>),
    Suffix(Box<str>),
    EqualsIgnoreCase(Box<str>),
    Wildcard(Box<Wildcard>),
    Numeric(Box<Range>),
    Cidr(Box<Cidr>),
    AnythingBut(Box<Other>),
    /// Some value is there, and neither null nor empty.
    Present,
    /// No value is there.
    Absent,
}

/// What `anything-but` excludes. Values of another kind are not excluded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Other {
    /// In order.
    Strings(Box<[Box<str>]>),
    /// In order.
    Numbers(Box<[Decimal]>),
    Prefixes(Box<[Box<str>]>),
    Suffixes(Box<[Box<str>]>),
    EqualsIgnoreCase(Box<[Box<str>]>),
    Wildcards(Box<[Wildcard]>),
}

impl Term {
    /// Whether this value satisfies the term. No value satisfies [`Term::Absent`].
    pub(crate) fn matches(&self, value: &Value<'_>) -> bool {
        match (self, value) {
            (Term::String(wanted), Value::String(text)) => **wanted == **text,
            (Term::Number(wanted), Value::Number(number)) => wanted == number,
            (Term::Bool(wanted), Value::Bool(value)) => wanted == value,
            (Term::Null, Value::Null) => true,
            (Term::Prefix(prefix), Value::String(text)) => text.starts_with(&**prefix),
            (Term::Suffix(suffix), Value::String(text)) => text.ends_with(&**suffix),
            (Term::EqualsIgnoreCase(wanted), Value::String(text)) => fold::same(wanted, text),
            (Term::Wildcard(wildcard), Value::String(text)) => wildcard.matches(text),
            (Term::Numeric(range), Value::Number(number)) => range.contains(number),
            (Term::Cidr(cidr), Value::String(text)) => cidr.contains(text),
            (Term::AnythingBut(other), value) => !other.has(value),
            (Term::Present, Value::String(text)) => !text.is_empty(),
            (Term::Present, Value::Number(_) | Value::Bool(_)) => true,
            _ => false,
        }
    }

    /// The one value that satisfies this term, if there is only one.
    pub(crate) fn value(&self) -> Option<Value<'_>> {
        match self {
            Term::String(wanted) => Some(Value::String(Cow::Borrowed(wanted))),
            Term::Number(wanted) => Some(Value::Number(*wanted)),
            Term::Bool(wanted) => Some(Value::Bool(*wanted)),
            Term::Null => Some(Value::Null),
            Term::Prefix(_)
            | Term::Suffix(_)
            | Term::EqualsIgnoreCase(_)
            | Term::Wildcard(_)
            | Term::Numeric(_)
            | Term::Cidr(_)
            | Term::AnythingBut(_)
            | Term::Present
            | Term::Absent => None,
        }
    }

    /// How every value begins that satisfies this term, if it is a text of which more is not known.
    pub(crate) fn head(&self) -> Option<&str> {
        match self {
            Term::Prefix(prefix) => Some(prefix),
            Term::Wildcard(wildcard) => Some(wildcard.head()),
            Term::String(_)
            | Term::Number(_)
            | Term::Bool(_)
            | Term::Null
            | Term::Suffix(_)
            | Term::EqualsIgnoreCase(_)
            | Term::Numeric(_)
            | Term::Cidr(_)
            | Term::AnythingBut(_)
            | Term::Present
            | Term::Absent => None,
        }
    }
}

impl Other {
    fn has(&self, value: &Value<'_>) -> bool {
        match (self, value) {
            (Other::Strings(all), Value::String(text)) => {
                all.binary_search_by(|one| (**one).cmp(&**text)).is_ok()
            }
            (Other::Numbers(all), Value::Number(number)) => all.binary_search(number).is_ok(),
            (Other::Prefixes(all), Value::String(text)) => {
                all.iter().any(|one| text.starts_with(&**one))
            }
            (Other::Suffixes(all), Value::String(text)) => {
                all.iter().any(|one| text.ends_with(&**one))
            }
            (Other::EqualsIgnoreCase(all), Value::String(text)) => {
                all.iter().any(|one| fold::same(one, text))
            }
            (Other::Wildcards(all), Value::String(text)) => all.iter().any(|one| one.matches(text)),
            _ => false,
        }
    }
}
