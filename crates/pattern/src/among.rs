//! One term against all values of a path: of very many values in order, those that could satisfy it are found without looking
//! at the others.
//!
//! Suffixes, ignored case, networks and wildcards have no such order: they take a look at each value.

use std::borrow::Cow;

use crate::found::Fact;
use crate::range::Range;
use crate::term::{Other, Term};
use crate::value::Value;

/// Fewer values are looked at one by one.
const MANY: usize = 16;

/// Whether one of the values, which are in order and none twice, satisfies the term.
pub(crate) fn any(term: &Term, values: &[Fact<'_>]) -> bool {
    if values.len() < MANY {
        return values.iter().any(|fact| term.matches(&fact.value));
    }
    if let Some(wanted) = term.value() {
        return values
            .binary_search_by(|fact| fact.value.cmp(&wanted))
            .is_ok();
    }
    match term {
        Term::Prefix(prefix) => {
            let lowest = Value::String(Cow::Borrowed(prefix));
            first_matches(term, values, |value| *value < lowest)
        }
        Term::Numeric(range) => first_matches(term, values, |value| is_below(value, range)),
        Term::AnythingBut(other) => any_but(term, other, values),
        Term::String(_)
        | Term::Number(_)
        | Term::Bool(_)
        | Term::Null
        | Term::Suffix(_)
        | Term::EqualsIgnoreCase(_)
        | Term::Wildcard(_)
        | Term::Cidr(_)
        | Term::Present
        | Term::Absent => values.iter().any(|fact| term.matches(&fact.value)),
    }
}

/// Of the values that are not too low, the first one decides.
fn first_matches(term: &Term, values: &[Fact<'_>], too_low: impl Fn(&Value<'_>) -> bool) -> bool {
    let first = values.partition_point(|fact| too_low(&fact.value));
    values
        .get(first)
        .is_some_and(|fact| term.matches(&fact.value))
}

/// Texts are in order before numbers.
fn is_below(value: &Value<'_>, range: &Range) -> bool {
    match value {
        Value::String(_) => true,
        Value::Number(number) => range.is_above(number),
        Value::Bool(_) | Value::Null => false,
    }
}

/// What one prefix excludes stands together, so that another value is the first or the last one. Of more values than a list
/// has, one is not in it, and is soon found.
fn any_but(term: &Term, other: &Other, values: &[Fact<'_>]) -> bool {
    let ends = [values.first(), values.last()];
    if ends
        .into_iter()
        .flatten()
        .any(|fact| term.matches(&fact.value))
    {
        return true;
    }
    match other {
        Other::Prefixes(prefixes) if prefixes.len() == 1 => false,
        Other::Strings(_)
        | Other::Numbers(_)
        | Other::Prefixes(_)
        | Other::Suffixes(_)
        | Other::EqualsIgnoreCase(_)
        | Other::Wildcards(_) => values.iter().any(|fact| term.matches(&fact.value)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decimal::Decimal;
    use crate::range::Bound;

    fn facts(count: u32) -> Vec<Fact<'static>> {
        let mut values: Vec<Value<'_>> = (0..count)
            .flat_map(|n| {
                let number = Value::Number(Decimal::parse(&(n * 2).to_string()).unwrap());
                [Value::String(format!("a{n:02}").into()), number]
            })
            .chain([Value::Null, Value::Bool(true)])
            .collect();
        values.sort();
        values
            .into_iter()
            .map(|value| Fact {
                path: 1,
                mark: value.mark(),
                value,
            })
            .collect()
    }

    fn bound(at: &str, inclusive: bool) -> Option<Bound> {
        let at = Decimal::parse(at).unwrap();
        Some(Bound { at, inclusive })
    }

    fn range(bottom: Option<Bound>, top: Option<Bound>) -> Term {
        Term::Numeric(Box::new(Range { bottom, top }))
    }

    #[test]
    fn many_values_answer_as_one_by_one() {
        let strings = |all: &[&str]| all.iter().map(|&text| text.into()).collect();
        let terms = [
            Term::String("a07".into()),
            Term::String("a99".into()),
            Term::Number(Decimal::parse("14.0").unwrap()),
            Term::Number(Decimal::parse("15").unwrap()),
            Term::Bool(true),
            Term::Bool(false),
            Term::Null,
            Term::Prefix("".into()),
            Term::Prefix("a1".into()),
            Term::Prefix("a17x".into()),
            Term::Prefix("a19".into()),
            Term::Prefix("b".into()),
            Term::Suffix("9".into()),
            Term::Suffix("b".into()),
            range(None, bound("0", true)),
            range(None, bound("0", false)),
            range(bound("7", true), bound("8", false)),
            range(bound("7", true), bound("8", true)),
            range(bound("38", true), None),
            range(bound("38", false), None),
            Term::AnythingBut(Box::new(Other::Strings(strings(&["a00", "a01"])))),
            Term::AnythingBut(Box::new(Other::Prefixes(strings(&["a"])))),
            Term::Present,
            Term::Absent,
        ];
        let facts = facts(20);
        for values in [&facts[..], &facts[..20], &facts[20..], &facts[1..19]] {
            assert!(values.len() >= MANY);
            for term in &terms {
                let expected = values.iter().any(|fact| term.matches(&fact.value));
                assert_eq!(any(term, values), expected, "{term:?}");
            }
        }
    }
}
