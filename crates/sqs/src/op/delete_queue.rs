//! DeleteQueue: the queue and all it holds are gone at once.
//!
//! <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_DeleteQueue.html>
//!
//! The request says no more than which queue, so there is nothing to prepare. What stays is the name, which AWS
//! keeps to itself for another minute.

use domain::Time;

use crate::error::Error;
use crate::limits;

/// Refuses the name of a queue that was deleted less than 60 s ago. `waits` says whether AWS's waits are on.
pub fn check_name_is_free(now: Time, deleted: Option<Time>, waits: bool) -> Result<(), Error> {
    match deleted {
        Some(deleted) if waits && now < deleted.after(limits::DELETED_WAIT) => {
            Err(Error::QueueDeletedRecently)
        }
        Some(_) | None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::op::samples::{NOW, seconds};

    #[test]
    fn a_name_is_free_again_after_a_minute() {
        let error = check_name_is_free(seconds(59), Some(NOW), true).unwrap_err();
        assert_eq!(
            error.message(),
            "You must wait 60 seconds after deleting a queue before you can create another with the same name."
        );
        assert_eq!(check_name_is_free(seconds(60), Some(NOW), true), Ok(()));
        assert_eq!(check_name_is_free(NOW, None, true), Ok(()));
    }

    #[test]
    fn a_name_is_free_at_once_where_waits_are_off() {
        assert_eq!(check_name_is_free(NOW, Some(NOW), false), Ok(()));
    }
}
