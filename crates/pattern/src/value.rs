//! One value of a message, as terms look at it.

use std::borrow::Cow;
use std::hash::BuildHasher;

use foldhash::fast::FixedState;

use crate::decimal::Decimal;
use crate::json::{Kind, Tape};

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Value<'a> {
    String(Cow<'a, str>),
    Number(Decimal),
    Bool(bool),
    Null,
}

impl<'a> Value<'a> {
    /// The value that a token is, if it is one in itself.
    pub(crate) fn of(tape: &Tape<'a>, token: usize) -> Option<Value<'a>> {
        match tape.kind(token)? {
            Kind::String => Some(Value::String(tape.text(token))),
            Kind::Number => Decimal::parse(&tape.text(token)).map(Value::Number),
            Kind::True => Some(Value::Bool(true)),
            Kind::False => Some(Value::Bool(false)),
            Kind::Null => Some(Value::Null),
            Kind::Object | Kind::EndObject | Kind::Array | Kind::EndArray | Kind::Key => None,
        }
    }

    pub(crate) fn mark(&self) -> u64 {
        match self {
            Value::String(text) => of_string(text),
            Value::Number(number) => of_number(number),
            Value::Bool(value) => of_bool(*value),
            Value::Null => OF_NULL,
        }
    }
}

/// Marks are equal for equal values and seldom for others. They never leave memory, and their seed is fixed: nothing may
/// depend on chance.
const STRINGS: FixedState = FixedState::with_seed(1);
const NUMBERS: FixedState = FixedState::with_seed(2);
const OF_NULL: u64 = 3;

pub(crate) fn of_string(text: &str) -> u64 {
    STRINGS.hash_one(text)
}

pub(crate) fn of_number(number: &Decimal) -> u64 {
    NUMBERS.hash_one(number)
}

pub(crate) fn of_bool(value: bool) -> u64 {
    1 + u64::from(value)
}

pub(crate) fn of_null() -> u64 {
    OF_NULL
}
