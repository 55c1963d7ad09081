//! DeleteMessage: a received message is done with.
//!
//! <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_DeleteMessage.html>

use api::sqs::DeleteMessageRequest;

use crate::command::{Command, Handle};
use crate::error::Error;
use crate::op::{Plan, required};
use crate::outcome::{HandleFate, Outcome};
use crate::queue::Queue;

#[derive(Debug)]
pub struct Keep {
    handle: String,
}

pub fn prepare(
    queue: &Queue,
    input: &DeleteMessageRequest<'_>,
) -> Result<Plan<'static, Keep>, Error> {
    let text = required(&input.receipt_handle, "ReceiptHandle")?;
    Ok(Plan {
        command: Some(Command::Delete(vec![open(queue, text)?])),
        keep: Keep {
            handle: text.to_owned(),
        },
    })
}

pub fn reply(keep: &Keep, outcome: Outcome) -> Result<(), Error> {
    let Outcome::Deleted(fates) = outcome else {
        panic!("a queue answers Delete with Deleted");
    };
    let [fate] = fates[..] else {
        panic!("one handle has one fate");
    };
    settle(&keep.handle, fate)
}

/// What a handle's text stands for.
pub(crate) fn open(queue: &Queue, text: &str) -> Result<Handle, Error> {
    queue
        .open_handle(text)
        .ok_or_else(|| Error::ReceiptHandleIsInvalid {
            handle: text.to_owned(),
        })
}

/// Deleting what is gone is no error, as often as one likes.
pub(crate) fn settle(handle: &str, fate: HandleFate) -> Result<(), Error> {
    match fate {
        HandleFate::Done | HandleFate::Gone => Ok(()),
        HandleFate::Expired => Err(expired(handle)),
        HandleFate::BeyondTotal => panic!("deleting hides nothing any longer"),
    }
}

pub(crate) fn expired(handle: &str) -> Error {
    Error::value("ReceiptHandle", handle, "The receipt handle has expired.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::op::samples::{HANDLE, queue, standard};

    fn delete(handle: Option<&str>) -> Result<Plan<'static, Keep>, Error> {
        let input = DeleteMessageRequest {
            queue_url: None,
            receipt_handle: handle.map(Into::into),
        };
        prepare(&queue(standard()), &input)
    }

    #[test]
    fn a_handle_of_this_queue_is_opened() {
        let handle = queue(standard()).seal_handle(HANDLE);
        assert_eq!(
            delete(Some(&handle)).unwrap().command,
            Some(Command::Delete(vec![HANDLE]))
        );
    }

    #[test]
    fn a_handle_is_required_and_garbage_is_named() {
        assert_eq!(
            delete(None).unwrap_err().message(),
            "The request must contain the parameter ReceiptHandle."
        );
        let garbage = delete(Some("garbage")).unwrap_err();
        assert_eq!(garbage.kind().code, "ReceiptHandleIsInvalid");
        assert_eq!(
            garbage.message(),
            "The input receipt handle \"garbage\" is not a valid receipt handle."
        );
    }

    #[test]
    fn deleting_again_succeeds_but_a_fifo_handle_expires() {
        let keep = Keep { handle: "h".into() };
        assert_eq!(
            reply(&keep, Outcome::Deleted(vec![HandleFate::Done])),
            Ok(())
        );
        assert_eq!(
            reply(&keep, Outcome::Deleted(vec![HandleFate::Gone])),
            Ok(())
        );
        let expired = reply(&keep, Outcome::Deleted(vec![HandleFate::Expired])).unwrap_err();
        assert_eq!(expired.kind().code, "InvalidParameterValue");
        assert_eq!(
            expired.message(),
            "Value h for parameter ReceiptHandle is invalid. Reason: The receipt handle has expired."
        );
    }
}
