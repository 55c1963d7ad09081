//! One object of a policy: its keys, what is asked of each, and what `$or` offers.

use std::collections::BTreeMap;

use super::complexity;
use super::expression;
use super::reader::Reader;
use crate::error::PolicyError;
use crate::json::Kind;
use crate::term::Term;

const OR: &str = "$or";

/// Within `$or` these are operators and never keys.
const RESERVED: [&str; 24] = [
    "exactly",
    "equals-ignore-case",
    "prefix",
    "suffix",
    "anything-but",
    "exists",
    "wildcard",
    "numeric",
    "cidr",
    "=",
    "<",
    "<=",
    ">",
    ">=",
    "regex",
    "not-wildcard",
    "not-equals-ignore-case",
    "date-after",
    "date-on-or-after",
    "date-before",
    "date-on-or-before",
    "in-date-range",
    "ip-address-in-range",
    "ip-address-not-in-range",
];

/// Its entries in the order in which they count: of two with one name the later takes the place of the earlier.
#[derive(Debug, Default)]
pub(super) struct Group {
    entries: BTreeMap<usize, (String, Entry)>,
    places: BTreeMap<String, usize>,
}

#[derive(Debug)]
pub(super) enum Entry {
    Terms(Vec<Term>),
    Group(Group),
    Or(Vec<Group>),
}

impl Group {
    fn put(&mut self, name: String, entry: Entry) {
        let place = self
            .entries
            .last_key_value()
            .map_or(0, |(last, _)| last + 1);
        if let Some(earlier) = self.places.insert(name.clone(), place) {
            self.entries.remove(&earlier);
        }
        self.entries.insert(place, (name, entry));
    }

    pub(super) fn keys(&self) -> usize {
        self.entries.len()
    }

    pub(super) fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.entries.values().map(|(_, entry)| entry)
    }

    pub(super) fn into_entries(self) -> impl Iterator<Item = (String, Entry)> {
        self.entries.into_values()
    }

    /// Whether a key has an object below it.
    pub(super) fn is_nested(&self) -> bool {
        self.entries().any(|entry| match entry {
            Entry::Terms(_) => false,
            Entry::Group(_) => true,
            Entry::Or(branches) => branches.iter().any(Group::is_nested),
        })
    }
}

/// The reader stands at the opening brace, and then at the closing one.
pub(super) fn read(reader: &mut Reader<'_>) -> Result<Group, PolicyError> {
    object(reader, 1, false)
}

fn object(reader: &mut Reader<'_>, level: usize, in_or: bool) -> Result<Group, PolicyError> {
    complexity::check_level(level)?;
    let mut group = Group::default();
    while reader.next() == Kind::Key {
        let name = reader.name().into_owned();
        let entry = if name == OR {
            reader.next();
            Entry::Or(or(reader, level)?)
        } else {
            if in_or && RESERVED.contains(&name.as_str()) {
                let reason =
                    format!("{name} is Ruler reserved fieldName which cannot be used inside $or.");
                return Err(reader.fault(reason));
            }
            entry(reader, &name, level, in_or)?
        };
        group.put(name, entry);
    }
    if group.entries.is_empty() {
        return Err(reader.fault("Empty objects are not allowed"));
    }
    Ok(group)
}

fn entry(
    reader: &mut Reader<'_>,
    name: &str,
    level: usize,
    in_or: bool,
) -> Result<Entry, PolicyError> {
    match reader.next() {
        Kind::Object => Ok(Entry::Group(object(reader, level + 1, in_or)?)),
        Kind::Array => Ok(Entry::Terms(terms(reader)?)),
        _ => Err(reader.fault(format!("\"{name}\" must be an object or an array"))),
    }
}

fn or(reader: &mut Reader<'_>, level: usize) -> Result<Vec<Group>, PolicyError> {
    if reader.kind() != Kind::Array {
        return Err(reader.fault("It must be an Array followed with $or."));
    }
    let mut branches = Vec::new();
    loop {
        match reader.next() {
            Kind::Object => branches.push(object(reader, level + 1, true)?),
            Kind::EndArray if branches.len() < 2 => {
                let reason = "There must have at least 2 Objects in $or relationship.";
                return Err(reader.fault(reason));
            }
            Kind::EndArray => return Ok(branches),
            _ => {
                let reason = "Only JSON object is allowed in array of $or relationship.";
                return Err(reader.fault(reason));
            }
        }
    }
}

fn terms(reader: &mut Reader<'_>) -> Result<Vec<Term>, PolicyError> {
    let mut terms = Vec::new();
    while reader.next() != Kind::EndArray {
        terms.push(expression::term(reader)?);
    }
    if terms.is_empty() {
        return Err(reader.fault("Empty arrays are not allowed"));
    }
    Ok(terms)
}
