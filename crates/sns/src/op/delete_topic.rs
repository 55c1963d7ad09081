//! DeleteTopic: a topic goes, with its subscriptions and everything that is on its way to them.
//!
//! <https://docs.aws.amazon.com/sns/latest/api/API_DeleteTopic.html>

use api::Error;
use api::sns::error as kind;

use crate::topic::Topic;

/// Checks that a topic may go. That one is not there is no error of this operation.
pub fn prepare(topic: &Topic) -> Result<(), Error> {
    match topic.config().archive {
        Some(_) => Err(kind::INVALID_STATE_EXCEPTION
            .with("Invalid state: Cannot delete a topic with an ArchivePolicy")),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::op::samples::{archived, fifo};

    #[test]
    fn a_topic_goes_unless_it_keeps_an_archive() {
        assert_eq!(prepare(&Topic::new(fifo())), Ok(()));
        let error = prepare(&Topic::new(archived())).unwrap_err();
        assert_eq!(
            (error.kind.code, error.kind.status, &*error.message),
            (
                "InvalidState",
                400,
                "Invalid state: Cannot delete a topic with an ArchivePolicy"
            )
        );
    }
}
