//! The values a message has at the paths that policies name.

use std::borrow::Cow;

use crate::decimal::Decimal;
use crate::dialect::Scope;
use crate::facts::{Attribute, Facts};
use crate::json::{Kind, Tape};
use crate::trie::{Node, Trie};
use crate::value::Value;

/// In the order of paths and values, and none twice, so that one value among very many is found without looking at all.
#[derive(Debug, Default)]
pub(crate) struct Found<'a> {
    values: Vec<Fact<'a>>,
    /// Paths whose value could not be read: nothing matches there, not even absence.
    unreadable: Vec<Node>,
    /// Whether a value that is not there counts as absent.
    absence_counts: bool,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Fact<'a> {
    pub(crate) path: Node,
    pub(crate) mark: u64,
    pub(crate) value: Value<'a>,
}

/// What is found at one path.
#[derive(Clone, Copy)]
pub(crate) enum At<'f, 'a> {
    Values(&'f [Fact<'a>]),
    Absent,
    /// Nothing can be said of this path.
    Unknown,
}

impl<'a> Found<'a> {
    /// Nothing, if the policies look at a body and there is none.
    pub(crate) fn of(facts: &Facts<'a>, scope: Scope, paths: &Trie) -> Option<Found<'a>> {
        let mut found = Found::default();
        match scope {
            Scope::MessageAttributes => {
                // AWS: `exists: false` needs at least one attribute on the message.
                found.absence_counts = !facts.attributes().is_empty();
                for attribute in facts.attributes() {
                    if let Some(path) = paths.find(attribute.name) {
                        found.attribute(path, attribute);
                    }
                }
            }
            Scope::MessageBody => {
                found.absence_counts = true;
                let body = facts.body()?;
                paths.walk(body, |path, token| found.push(path, Value::of(body, token)));
            }
        }
        found
            .values
            .sort_unstable_by(|a, b| (a.path, &a.value).cmp(&(b.path, &b.value)));
        found.values.dedup();
        Some(found)
    }

    fn attribute(&mut self, path: Node, attribute: &Attribute<'a>) {
        let (Some(text), kind) = (attribute.value, attribute.data_type) else {
            return;
        };
        if kind == "String.Array" {
            self.array(path, text);
        } else if is_kind(kind, "String") {
            self.push(path, Some(Value::String(Cow::Borrowed(text))));
        } else if is_kind(kind, "Number") {
            self.push(path, Decimal::parse(text).map(Value::Number));
        }
    }

    fn array(&mut self, path: Node, text: &'a str) {
        let tape = Tape::parse(text)
            .ok()
            .filter(|tape| tape.kind(0) == Some(Kind::Array));
        let Some(tape) = tape else {
            self.unreadable.push(path);
            return;
        };
        let mut token = 0;
        while let Some(kind) = tape.kind(token) {
            if kind == Kind::Object {
                token = tape.close(token);
            }
            self.push(path, Value::of(&tape, token));
            token += 1;
        }
    }

    fn push(&mut self, path: Node, value: Option<Value<'a>>) {
        if let Some(value) = value {
            let mark = value.mark();
            self.values.push(Fact { path, mark, value });
        }
    }

    pub(crate) fn values(&self) -> &[Fact<'a>] {
        &self.values
    }

    pub(crate) fn at(&self, path: Node) -> At<'_, 'a> {
        if self.unreadable.contains(&path) {
            return At::Unknown;
        }
        let start = self.values.partition_point(|fact| fact.path < path);
        let rest = &self.values[start..];
        let here = &rest[..rest.partition_point(|fact| fact.path == path)];
        if !here.is_empty() {
            At::Values(here)
        } else if self.absence_counts {
            At::Absent
        } else {
            At::Unknown
        }
    }
}

/// A type is itself, or has a label behind a dot.
fn is_kind(data_type: &str, kind: &str) -> bool {
    data_type
        .strip_prefix(kind)
        .is_some_and(|label| label.is_empty() || label.starts_with('.'))
}
