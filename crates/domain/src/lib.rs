//! The words every part of Tidings shares: time and place, names, and the contract of a machine.
//!
//! Nothing here knows AWS's shapes, a socket, a file or a clock. GLOSSARY.md explains each word.

pub mod bytes;
pub mod limits;
mod machine;
mod name;
mod place;
mod time;

pub use machine::{Deliver, Effects, Item, Machine};
pub use name::{AccountId, Arn, Invalid, MachineId, Region};
pub use place::{Body, Offset, Place, Stamp};
pub use time::{Seconds, Time};
