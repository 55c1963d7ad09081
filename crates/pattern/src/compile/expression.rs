//! One value of a field's list: a plain value, or an object with an operator.

use super::reader::Reader;
use super::{anything_but, numeric};
use crate::cidr::Cidr;
use crate::decimal::Decimal;
use crate::error::PolicyError;
use crate::json::Kind;
use crate::term::Term;
use crate::wildcard::Wildcard;

/// The reader stands at the value, and then at its last token.
pub(super) fn term(reader: &mut Reader<'_>) -> Result<Term, PolicyError> {
    match reader.kind() {
        Kind::Object => expression(reader),
        Kind::String => Ok(Term::String(reader.text().into())),
        Kind::Number => Ok(Term::Number(number(reader)?)),
        Kind::True => Ok(Term::Bool(true)),
        Kind::False => Ok(Term::Bool(false)),
        Kind::Null => Ok(Term::Null),
        _ => Err(reader.fault("Match value must be String, number, true, false, or null")),
    }
}

pub(super) fn number(reader: &mut Reader<'_>) -> Result<Decimal, PolicyError> {
    let text = reader.text();
    Decimal::parse(&text).ok_or_else(|| reader.fault(format!("Cannot compare number : {text}")))
}

fn expression(reader: &mut Reader<'_>) -> Result<Term, PolicyError> {
    if reader.next() != Kind::Key {
        return Err(reader.fault("Match expression name not found"));
    }
    let term = operator(reader)?;
    end(reader)?;
    Ok(term)
}

/// An operator stands alone in its object.
pub(super) fn end(reader: &mut Reader<'_>) -> Result<(), PolicyError> {
    match reader.next() {
        Kind::EndObject => Ok(()),
        _ => Err(reader.fault("Only one key allowed in match expression")),
    }
}

fn operator(reader: &mut Reader<'_>) -> Result<Term, PolicyError> {
    let operator = reader.name();
    let refusal = format!("{operator} match pattern must be a string");
    match &*operator {
        "prefix" => Ok(Term::Prefix(reader.string(&refusal)?)),
        "suffix" => Ok(Term::Suffix(reader.string(&refusal)?)),
        "equals-ignore-case" => Ok(Term::EqualsIgnoreCase(reader.string(&refusal)?)),
        "anything-but" => Ok(Term::AnythingBut(Box::new(anything_but::read(reader)?))),
        "numeric" => numeric::read(reader),
        "exists" => exists(reader),
        "cidr" => cidr(reader),
        "wildcard" if reader.dialect.has_later_operators() => {
            let text = reader.string(&refusal)?;
            Ok(Term::Wildcard(Box::new(wildcard(reader, &text)?)))
        }
        _ => Err(reader.fault(format!("Unrecognized match type {operator}"))),
    }
}

fn exists(reader: &mut Reader<'_>) -> Result<Term, PolicyError> {
    match reader.next() {
        Kind::True => Ok(Term::Present),
        Kind::False => Ok(Term::Absent),
        _ => Err(reader.fault("exists match pattern must be either true or false.")),
    }
}

/// A faulty network is refused without its place, and a value of another kind as if it were a prefix: so does AWS.
fn cidr(reader: &mut Reader<'_>) -> Result<Term, PolicyError> {
    let text = reader.string("prefix match pattern must be a string")?;
    let cidr = Cidr::parse(&text).map_err(PolicyError::new)?;
    Ok(Term::Cidr(Box::new(cidr)))
}

pub(super) fn wildcard(reader: &Reader<'_>, text: &str) -> Result<Wildcard, PolicyError> {
    Wildcard::parse(text).map_err(|reason| reader.fault(reason))
}
