//! PurgeQueue: every message goes, whatever its state, and the memory of deduplication ids with them.
//!
//! <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_PurgeQueue.html>

use domain::Time;

use crate::command::Command;
use crate::error::Error;
use crate::limits;
use crate::op::Plan;
use crate::queue::Queue;

/// Refuses a second purge within 60 s if `waits` says that AWS's waits are on.
pub fn prepare(
    queue: &Queue,
    now: Time,
    last_purge: Option<Time>,
    waits: bool,
) -> Result<Plan<'static, ()>, Error> {
    match last_purge {
        Some(last) if waits && now < last.after(limits::PURGE_WAIT) => {
            Err(Error::PurgeQueueInProgress {
                queue: queue.config().name.clone(),
            })
        }
        Some(_) | None => Ok(Plan {
            command: Some(Command::Purge),
            keep: (),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::op::samples::{NOW, queue, seconds, standard};

    fn purge(now: Time, last: Option<Time>, waits: bool) -> Result<Plan<'static, ()>, Error> {
        prepare(&queue(standard()), now, last, waits)
    }

    #[test]
    fn a_second_purge_waits_a_minute() {
        assert_eq!(
            purge(NOW, None, true).unwrap().command,
            Some(Command::Purge)
        );
        let error = purge(seconds(59), Some(NOW), true).unwrap_err();
        assert_eq!(error.kind().status, 403);
        assert_eq!(
            error.message(),
            "Only one PurgeQueue operation on orders is allowed every 60 seconds."
        );
        assert!(purge(seconds(60), Some(NOW), true).is_ok());
    }

    #[test]
    fn nobody_waits_where_waits_are_off() {
        assert!(purge(NOW, Some(NOW), false).is_ok());
    }
}
