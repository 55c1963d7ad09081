//! What a FIFO topic keeps of what was published.

use domain::bytes::{Malformed, Take};
use domain::{Place, Time};

#[derive(Debug, Default)]
pub struct Archive {}

impl Archive {
    /// Drops what is older than the topic keeps it; everything, where it keeps nothing.
    pub(crate) fn expire(&mut self, _days: Option<u32>, _now: Time) {}

    /// When something will be too old next.
    pub(crate) fn expires_at(&self, _days: Option<u32>) -> Option<Time> {
        None
    }

    /// The places of what is kept; keys are below 2^63.
    pub(crate) fn places(&self, _visit: &mut dyn FnMut(u64, Place)) {}

    pub(crate) fn relocate(&mut self, _key: u64, _from: Place, _to: Place) -> bool {
        false
    }

    pub(crate) fn snapshot(&self, _out: &mut Vec<u8>) {}

    pub(crate) fn restore(_take: &mut Take<'_>) -> Result<Archive, Malformed> {
        Ok(Archive::default())
    }
}
