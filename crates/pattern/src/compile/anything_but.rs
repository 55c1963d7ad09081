//! `anything-but`: a value, a list of values of one kind, or an operator of its own.

use super::expression::{end, number, wildcard};
use super::reader::Reader;
use crate::error::PolicyError;
use crate::json::Kind;
use crate::term::Other;
use crate::wildcard::Wildcard;

pub(super) fn read(reader: &mut Reader<'_>) -> Result<Other, PolicyError> {
    match reader.next() {
        Kind::Object => operator(reader),
        Kind::Array => list(reader),
        Kind::String => Ok(Other::Strings([reader.text().into()].into())),
        Kind::Number => Ok(Other::Numbers([number(reader)?].into())),
        _ => {
            Err(reader
                .fault("Value of anything-but must be an array or single string/number value."))
        }
    }
}

fn list(reader: &mut Reader<'_>) -> Result<Other, PolicyError> {
    let mut strings: Vec<Box<str>> = Vec::new();
    let mut numbers = Vec::new();
    loop {
        match reader.next() {
            Kind::String => strings.push(reader.text().into()),
            Kind::Number => numbers.push(number(reader)?),
            Kind::EndArray => break,
            _ => {
                let reason = "Inside anything but list, start|null|boolean is not supported.";
                return Err(reader.fault(reason));
            }
        }
    }
    strings.sort_unstable();
    numbers.sort_unstable();
    match (strings.is_empty(), numbers.is_empty()) {
        (false, true) => Ok(Other::Strings(strings.into())),
        (true, false) => Ok(Other::Numbers(numbers.into())),
        (true, true) | (false, false) => Err(reader.fault(
            "Inside anything but list, either all values are number or string, mixed type is not supported",
        )),
    }
}

fn operator(reader: &mut Reader<'_>) -> Result<Other, PolicyError> {
    if reader.next() != Kind::Key {
        return Err(reader.fault("Anything-But expression name not found"));
    }
    let operator = reader.name();
    let later = reader.dialect.has_later_operators();
    let other = match &*operator {
        "prefix" => Other::Prefixes(affixes(reader, "prefix")?),
        "suffix" if later => Other::Suffixes(affixes(reader, "suffix")?),
        "equals-ignore-case" if later => Other::EqualsIgnoreCase(strings(
            reader,
            "Inside anything-but/equals-ignore-case list, number|start|null|boolean is not supported.",
        )?),
        "wildcard" if later => wildcards(reader)?,
        _ => return Err(reader.fault(format!("Unsupported anything-but pattern: {operator}"))),
    };
    end(reader)?;
    Ok(other)
}

fn affixes(reader: &mut Reader<'_>, operator: &str) -> Result<Box<[Box<str>]>, PolicyError> {
    let affixes = if reader.dialect.has_later_operators() {
        strings(reader, "prefix/suffix match pattern must be a string")?
    } else {
        [reader.string(&format!("{operator} match pattern must be a string"))?].into()
    };
    if affixes.iter().any(|affix| affix.is_empty()) {
        return Err(reader.fault("Null prefix/suffix not allowed"));
    }
    Ok(affixes)
}

fn wildcards(reader: &mut Reader<'_>) -> Result<Other, PolicyError> {
    let texts = strings(reader, "wildcard match pattern must be a string")?;
    let all: Result<Box<[Wildcard]>, PolicyError> =
        texts.iter().map(|text| wildcard(reader, text)).collect();
    Ok(Other::Wildcards(all?))
}

/// A string, or a list of some.
fn strings(reader: &mut Reader<'_>, refusal: &str) -> Result<Box<[Box<str>]>, PolicyError> {
    match reader.next() {
        Kind::String => return Ok([reader.text().into()].into()),
        Kind::Array => {}
        _ => return Err(reader.fault(refusal)),
    }
    let mut all: Vec<Box<str>> = Vec::new();
    loop {
        match reader.next() {
            Kind::String => all.push(reader.text().into()),
            Kind::EndArray if !all.is_empty() => return Ok(all.into()),
            _ => return Err(reader.fault(refusal)),
        }
    }
}
