//! From a text to a policy, in AWS's order: it must be JSON, then a policy (the first fault counts), then small enough, and last
//! fit its scope.

#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "whatever else stands at a place is refused there"
)]

mod anything_but;
mod complexity;
mod expression;
mod group;
mod numeric;
mod reader;
mod ways;

use crate::dialect::{Dialect, Scope};
use crate::error::PolicyError;
use crate::json::{Kind, Tape};
use crate::policy::FilterPolicy;
use group::Group;
use reader::Reader;

/// AWS's bound for the text of a policy.
const BYTES_MAX: usize = 256 * 1024;

/// AWS's bound for the keys on the outermost level.
const KEYS_MAX: usize = 5;

pub(crate) fn policy(text: &str, dialect: Dialect) -> Result<FilterPolicy, PolicyError> {
    if text.len() > BYTES_MAX {
        let refusal = format!("Filter policy can not have more than {BYTES_MAX} bytes");
        return Err(PolicyError::new(refusal));
    }
    let tape = Tape::parse(text).map_err(|malformed| {
        PolicyError::new(format!("failed to parse JSON. {}", malformed.text(text)))
    })?;
    let mut reader = Reader::new(text, &tape, dialect);
    if reader.kind() != Kind::Object {
        return Err(reader.fault("Filter is not an object"));
    }
    let group = if tape.close(0) == 1 {
        Group::default()
    } else {
        group::read(&mut reader)?
    };
    if group.keys() > KEYS_MAX {
        let refusal = format!("Filter policy can not have more than {KEYS_MAX} keys");
        return Err(PolicyError::new(refusal));
    }
    complexity::check(&group)?;
    if dialect.scope() == Scope::MessageAttributes && group.is_nested() {
        return Err(PolicyError::nested());
    }
    let (fields, ways) = ways::multiply(group);
    Ok(FilterPolicy::new(dialect.scope(), fields, ways))
}
