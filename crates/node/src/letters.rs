//! A publication as queues get it: letters that many of them share, or the payload for one that is elsewhere.

use api::Error;
use domain::Place;
use sns::Topic;

use crate::state::CellState;

impl CellState {
    /// The payload that a delivery of a topic becomes in its queue.
    pub(crate) fn published(
        &self,
        _topic: &Topic,
        _sequence: u64,
        _place: Place,
    ) -> Result<Vec<u8>, Error> {
        todo!()
    }
}
