//! `numeric`: a comparison, or two that make a range.

use super::expression::number;
use super::reader::Reader;
use crate::decimal::Decimal;
use crate::error::PolicyError;
use crate::json::Kind;
use crate::range::{Bound, Range};
use crate::term::Term;

pub(super) fn read(reader: &mut Reader<'_>) -> Result<Term, PolicyError> {
    if reader.next() != Kind::Array {
        return Err(reader.fault("Value of numeric must be an array."));
    }
    if reader.next() != Kind::String {
        let member = reader.text();
        return Err(reader.fault(format!("Invalid member in numeric match: {member}")));
    }
    let operator = reader.text();
    reader.next();
    match &*operator {
        "=" => {
            let wanted = operand(reader, "equals")?;
            last(reader)?;
            Ok(Term::Number(wanted))
        }
        "<" | "<=" => {
            let top = bound(reader, &operator)?;
            last(reader)?;
            let bottom = None;
            let top = Some(top);
            Ok(Term::Numeric(Box::new(Range { bottom, top })))
        }
        ">" | ">=" => {
            let bottom = bound(reader, &operator)?;
            let top = top(reader, &bottom)?;
            let bottom = Some(bottom);
            Ok(Term::Numeric(Box::new(Range { bottom, top })))
        }
        _ => Err(reader.fault(format!("Unrecognized numeric range operator: {operator}"))),
    }
}

/// What may follow a lower bound.
fn top(reader: &mut Reader<'_>, bottom: &Bound) -> Result<Option<Bound>, PolicyError> {
    match reader.next() {
        Kind::EndArray => return Ok(None),
        Kind::String => {}
        _ => {
            let value = reader.text();
            return Err(reader.fault(format!("Bad value in numeric range: {value}")));
        }
    }
    let operator = reader.text();
    if !matches!(&*operator, "<" | "<=") {
        return Err(reader.fault(format!("Bad numeric range operator: {operator}")));
    }
    reader.next();
    let top = bound(reader, &operator)?;
    if reader.next() != Kind::EndArray {
        return Err(reader.fault("Too many terms in numeric range expression"));
    }
    if bottom.at >= top.at {
        return Err(reader.fault("Bottom must be less than top"));
    }
    Ok(Some(top))
}

fn bound(reader: &mut Reader<'_>, operator: &str) -> Result<Bound, PolicyError> {
    Ok(Bound {
        at: operand(reader, operator)?,
        inclusive: operator.ends_with('='),
    })
}

fn operand(reader: &mut Reader<'_>, operator: &str) -> Result<Decimal, PolicyError> {
    match reader.kind() {
        Kind::Number => number(reader),
        _ => Err(reader.fault(format!("Value of {operator} must be numeric"))),
    }
}

fn last(reader: &mut Reader<'_>) -> Result<(), PolicyError> {
    match reader.next() {
        Kind::EndArray => Ok(()),
        _ => Err(reader.fault("Too many elements in numeric expression")),
    }
}
