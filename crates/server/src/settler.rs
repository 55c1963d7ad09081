//! Settles in the background: keeps the journals short, on a thread of its own as it blocks on files.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use crate::service::Service;

/// How often the journals are looked at.
const LOOK: Duration = Duration::from_millis(250);
/// Rest after a round that failed, mostly for want of disk space.
const REST: Duration = Duration::from_secs(5);

/// Runs until the stop; unpark it then.
pub(crate) fn run(service: &Arc<Service>) {
    while !service.is_stopping() {
        let mut rest = LOOK;
        for cell in 0..service.node.cells() {
            match service.node.settle_if_wanted(cell) {
                Ok(None) => {}
                Ok(Some(settled)) => tracing::debug!(cell, ?settled, "settled"),
                Err(error) => {
                    tracing::warn!(cell, %error, "settling failed and will be tried again");
                    rest = REST;
                }
            }
        }
        thread::park_timeout(rest);
    }
}
