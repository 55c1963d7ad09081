//! Writes when it is asked whether it has written, so that nothing happens between the steps of a simulation.

use std::sync::Arc;
use std::time::Duration;

use super::{Landed, write};
use crate::batch::Batch;

pub(crate) struct Stepped {
    sync: bool,
    flight: Option<Arc<Batch>>,
}

impl Stepped {
    pub(super) fn new(sync: bool) -> Stepped {
        Stepped { sync, flight: None }
    }

    pub(super) fn submit(&mut self, batch: Arc<Batch>) {
        assert!(self.flight.is_none(), "one flush at a time");
        self.flight = Some(batch);
    }

    pub(super) fn take(&mut self) -> Option<Landed> {
        let batch = self.flight.take()?;
        Some(write(&batch, self.sync).map(|()| Duration::ZERO))
    }
}
