//! One value of a message, as terms look at it.

use std::borrow::Cow;
use std::hash::BuildHasher;

use foldhash::fast::FixedState;

use crate::decimal::Decimal;
use crate::json::{Kind, Tape};

/// In order: texts, numbers, and the rest.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
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

    /// Equal for equal values and seldom for others. Marks never leave memory.
    pub(crate) fn mark(&self) -> u64 {
        match self {
            Value::String(text) => MARKS.hash_one(&**text),
            Value::Number(number) => MARKS.hash_one(number),
            Value::Bool(value) => MARKS.hash_one(value),
            Value::Null => MARKS.hash_one(()),
        }
    }
}

/// With a fixed seed: nothing may depend on chance.
const MARKS: FixedState = FixedState::with_seed(1);
