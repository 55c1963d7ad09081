//! Reads a shape from Query parameters: `Name`, `Name.1.Part`, `Name.member.1.Part`.
//!
//! The parameters are sorted by the parts of their names, so that whatever belongs together is a slice. Unknown
//! parameters are never looked at; gaps in a numbering do not matter; the number may be missing where there is only
//! one entry; a list's own name with an empty value is the empty list (spec section 1.2).

use std::cmp::Ordering;

use api::common::{INVALID_PARAMETER_VALUE, MISSING_PARAMETER};
use api::{Blob, Error, List, Map, MapOf, ShapeReader, Str, Structure, TimestampFormat};

use crate::form::Parameter;
use crate::json::last_of_each;
use crate::{base64, shown, timestamp};

#[derive(Clone, Copy)]
pub struct QueryReader<'a, 'p> {
    /// Those whose names begin with the part read so far.
    parameters: &'p [Parameter<'a>],
    /// Length of that part, without the dot after it.
    at: usize,
}

/// Brings the parameters in the order that [`QueryReader`] needs. Of repeated ones the last given is the last.
pub fn sort(parameters: &mut [Parameter<'_>]) {
    parameters.sort_by(|a, b| compare_names(&a.key, &b.key));
}

fn compare_names(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (a.split('.'), b.split('.'));
    loop {
        match (a.next(), b.next()) {
            (Some(a), Some(b)) if a == b => {}
            (Some(a), Some(b)) => return compare_parts(a, b),
            (a, b) => return a.is_some().cmp(&b.is_some()),
        }
    }
}

/// Numbers by value and before words.
fn compare_parts(a: &str, b: &str) -> Ordering {
    match (index(a), index(b)) {
        (Some(x), Some(y)) => x.cmp(&y).then(a.cmp(b)),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => a.cmp(b),
    }
}

fn index(part: &str) -> Option<u32> {
    match part.len() <= 9 && part.bytes().all(|byte| byte.is_ascii_digit()) {
        true => part.parse().ok(),
        false => None,
    }
}

impl<'a, 'p> QueryReader<'a, 'p> {
    /// A reader of all parameters, which [`sort`] has ordered.
    pub fn new(parameters: &'p [Parameter<'a>]) -> Self {
        QueryReader { parameters, at: 0 }
    }

    /// Where the next part of the names begins.
    fn next_part(&self) -> usize {
        if self.at == 0 { 0 } else { self.at + 1 }
    }

    /// What lies under the part `name`, or nothing.
    fn child(&self, name: &str) -> Option<Self> {
        let start = self.next_part();
        let order = |parameter: &Parameter<'_>| match part(&parameter.key, start) {
            Some(part) if part == name => Ordering::Equal,
            Some(part) => compare_parts(part, name),
            None => Ordering::Less,
        };
        let first = self
            .parameters
            .partition_point(|p| order(p) == Ordering::Less);
        let rest = &self.parameters[first..];
        let count = rest.partition_point(|p| order(p) == Ordering::Equal);
        (count > 0).then(|| QueryReader {
            parameters: &rest[..count],
            at: start + name.len(),
        })
    }

    /// What lies under each number, in order; where there is none, all there is as the only entry.
    fn entries(&self) -> Vec<Self> {
        let start = self.next_part();
        let mut entries = Vec::new();
        let mut rest = self.parameters;
        while let Some(first) = rest.first() {
            let Some(name) = part(&first.key, start) else {
                rest = &rest[1..];
                continue;
            };
            let count = rest.partition_point(|p| part(&p.key, start) == Some(name));
            if index(name).is_some() {
                entries.push(QueryReader {
                    parameters: &rest[..count],
                    at: start + name.len(),
                });
            }
            rest = &rest[count..];
        }
        if entries.is_empty() && self.parameters.iter().any(|p| !p.value.is_empty()) {
            entries.push(*self);
        }
        entries
    }

    /// Reads with `read` what lies at `place`, then is where it was.
    fn within<T>(&mut self, place: Self, read: impl FnOnce(&mut Self) -> T) -> T {
        let here = std::mem::replace(self, place);
        let value = read(self);
        *self = here;
        value
    }

    /// The value given under the very name read so far.
    fn value(&self) -> Result<&'p Str<'a>, Error> {
        let named = self
            .parameters
            .iter()
            .rev()
            .find(|p| p.key.len() == self.at);
        match named {
            Some(parameter) => Ok(&parameter.value),
            None => Err(missing(self.name())),
        }
    }

    fn name(&self) -> &'p str {
        self.parameters
            .first()
            .and_then(|parameter| parameter.key.get(..self.at))
            .unwrap_or_default()
    }

    fn parse<T>(&self, expected: &str, parse: impl FnOnce(&str) -> Option<T>) -> Result<T, Error> {
        let value = self.value()?;
        parse(value).ok_or_else(|| {
            INVALID_PARAMETER_VALUE.with(format!(
                "Value {} for parameter {} is invalid. Reason: Must be {expected}.",
                shown(value),
                shown(self.name()),
            ))
        })
    }
}

/// The part of a name that begins at `start`, up to the next dot.
fn part(name: &str, start: usize) -> Option<&str> {
    name.get(start..)?.split('.').next()
}

fn missing(name: &str) -> Error {
    MISSING_PARAMETER.with(format!("The request must contain the parameter {name}."))
}

impl<'a> ShapeReader<'a> for QueryReader<'a, '_> {
    fn string(&mut self) -> Result<Str<'a>, Error> {
        self.value().cloned()
    }

    fn blob(&mut self) -> Result<Blob<'a>, Error> {
        self.parse("base64", base64::decode)
    }

    fn integer(&mut self) -> Result<i32, Error> {
        self.parse("an integer", |text| text.parse().ok())
    }

    fn long(&mut self) -> Result<i64, Error> {
        self.parse("an integer", |text| text.parse().ok())
    }

    fn double(&mut self) -> Result<f64, Error> {
        self.parse("a number", |text| text.parse().ok())
    }

    fn boolean(&mut self) -> Result<bool, Error> {
        self.parse("true or false", |text| {
            text.to_ascii_lowercase().parse().ok()
        })
    }

    fn timestamp(&mut self, format: TimestampFormat) -> Result<i64, Error> {
        let format = format.or(TimestampFormat::DateTime);
        self.parse("a timestamp", |text| timestamp::parse(text, format))
    }

    fn structure(
        &mut self,
        shape: &'static Structure,
        mut member: impl FnMut(&mut Self, usize) -> Result<(), Error>,
    ) -> Result<(), Error> {
        for (i, described) in shape.members.iter().enumerate() {
            let place = self.child(described.query).or_else(|| {
                // A list's own name says that it is empty.
                let nameable = described.shape.is_list_or_map();
                nameable.then(|| self.child(described.name)).flatten()
            });
            if let Some(place) = place {
                self.within(place, |reader| member(reader, i))?;
            }
        }
        Ok(())
    }

    fn list<T>(
        &mut self,
        shape: &'static List,
        mut item: impl FnMut(&mut Self) -> Result<T, Error>,
    ) -> Result<Vec<T>, Error> {
        let entries = match shape.flat {
            true => self.entries(),
            false => self
                .child(shape.element)
                .map_or(Vec::new(), |member| member.entries()),
        };
        let mut items = Vec::with_capacity(entries.len());
        for entry in entries {
            items.push(self.within(entry, &mut item)?);
        }
        Ok(items)
    }

    fn map<T>(
        &mut self,
        shape: &'static MapOf,
        mut item: impl FnMut(&mut Self) -> Result<T, Error>,
    ) -> Result<Map<'a, T>, Error> {
        let entries = match shape.flat {
            true => self.entries(),
            false => self
                .child("entry")
                .map_or(Vec::new(), |entry| entry.entries()),
        };
        let mut pairs = Vec::with_capacity(entries.len());
        for entry in entries {
            let absent = |part: &str| missing(&format!("{}.{part}", entry.name()));
            let key = entry.child(shape.key).ok_or_else(|| absent(shape.key))?;
            let value = entry
                .child(shape.value)
                .ok_or_else(|| absent(shape.value))?;
            pairs.push((
                self.within(key, Self::string)?,
                self.within(value, &mut item)?,
            ));
        }
        Ok(last_of_each(pairs))
    }
}
