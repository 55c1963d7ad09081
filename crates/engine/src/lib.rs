//! Runs any set of machines on a journal.
//!
//! A [`Cell`] is a group of machines that share one journal, one lock and one clock. Submitting a command appends
//! its record, applies it and tells the caller from which journal position on the answer may leave; the flush
//! happens when the cell's owner says so. There is no thread and no async here: whoever holds the cell steps it.

mod cell;
mod clock;
mod recovery;
mod segments;
mod settle;
mod snapshot;
#[cfg(test)]
mod tests;

pub use cell::{Applied, Cell, CellOptions, Claim, Machines, PlaceKey, Refused};
pub use clock::{Clock, ClockFace};
pub use recovery::{Recovered, RecoveryError};
pub use settle::{CellOwner, Settled, settle};
