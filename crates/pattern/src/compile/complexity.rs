//! AWS's bound on what a policy may combine: 150.
//!
//! The number of values of each key, times how deep it lies, are multiplied; what `$or` offers is added up first.

use super::group::{Entry, Group};
use crate::error::PolicyError;

const COMBINATIONS_MAX: u64 = 150;

/// A bound of our own, for the fields of all the ways in which a policy can match, one after the other.
const FIELDS_MAX: u64 = 16 * 1024;

fn too_complex() -> PolicyError {
    PolicyError::new("Filter policy is too complex")
}

/// Each level below the first, be it of a key or of `$or`, makes for a combination more, so that a policy of more levels is
/// too complex whatever stands there.
pub(super) fn check_level(level: usize) -> Result<(), PolicyError> {
    match u64::try_from(level) {
        Ok(level) if level <= COMBINATIONS_MAX => Ok(()),
        _ => Err(too_complex()),
    }
}

pub(super) fn check(group: &Group) -> Result<(), PolicyError> {
    let (_, fields) = ways(group);
    if combinations(group, 1) > COMBINATIONS_MAX || fields > FIELDS_MAX {
        return Err(too_complex());
    }
    Ok(())
}

fn combinations(group: &Group, depth: u64) -> u64 {
    let factor = |entry: &Entry| match entry {
        Entry::Terms(terms) => depth.saturating_mul(count(terms.len())),
        Entry::Group(group) => combinations(group, depth + 1),
        Entry::Or(branches) => branches
            .iter()
            .map(|branch| combinations(branch, depth))
            .fold(0, u64::saturating_add),
    };
    group.entries().map(factor).fold(1, u64::saturating_mul)
}

/// In how many ways a group can match, and how many fields these have altogether.
fn ways(group: &Group) -> (u64, u64) {
    let one = |entry: &Entry| match entry {
        Entry::Terms(_) => (1, 1),
        Entry::Group(group) => ways(group),
        Entry::Or(branches) => branches
            .iter()
            .map(ways)
            .fold((0, 0), |sum: (u64, u64), branch| {
                (
                    sum.0.saturating_add(branch.0),
                    sum.1.saturating_add(branch.1),
                )
            }),
    };
    group
        .entries()
        .map(one)
        .fold((1, 0), |before: (u64, u64), entry| {
            let fields = before.1.saturating_mul(entry.0);
            let more = entry.1.saturating_mul(before.0);
            (
                before.0.saturating_mul(entry.0),
                fields.saturating_add(more),
            )
        })
}

fn count(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}
