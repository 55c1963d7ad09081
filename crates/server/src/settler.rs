//! Settles in the background: keeps the journals short, on a thread of its own as it blocks on files.

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use crate::service::Service;

/// How often the journals are looked at.
const LOOK: Duration = Duration::from_millis(250);
/// Rest after a round that failed.
const REST: Duration = Duration::from_secs(5);
/// How often everything is looked at, for what has died without a trace in the journal.
const CLOSE_LOOK: Duration = Duration::from_secs(60);
/// The same on a full disk, whose users wait for what they free.
const CLOSE_LOOK_FULL: Duration = Duration::from_secs(2);

/// Runs until the stop; unpark it then.
pub(crate) fn run(service: &Arc<Service>) {
    let mut looked_closely = Instant::now();
    while !service.is_stopping() {
        let mut rest = LOOK;
        let due = if service.node.is_disk_full() {
            CLOSE_LOOK_FULL
        } else {
            CLOSE_LOOK
        };
        let closely = looked_closely.elapsed() >= due;
        if closely {
            looked_closely = Instant::now();
        }
        for cell in 0..service.node.cells() {
            match service.node.settle_if_wanted(cell, closely) {
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
