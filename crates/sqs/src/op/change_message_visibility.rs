//! ChangeMessageVisibility: hide a received message until another time, or show it again.
//!
//! <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ChangeMessageVisibility.html>

use api::Str;
use api::sqs::ChangeMessageVisibilityRequest;
use domain::Seconds;

use crate::command::{Command, Handle};
use crate::error::Error;
use crate::op::delete_message::{expired, open};
use crate::op::receive_message::visibility;
use crate::op::{Plan, required};
use crate::outcome::{HandleFate, Outcome};
use crate::queue::Queue;

#[derive(Debug)]
pub struct Keep {
    pub(crate) handle: String,
    pub(crate) timeout: Seconds,
}

pub fn prepare(
    queue: &Queue,
    input: &ChangeMessageVisibilityRequest<'_>,
) -> Result<Plan<'static, Keep>, Error> {
    let (handle, keep) = change_of(queue, &input.receipt_handle, input.visibility_timeout)?;
    Ok(Plan {
        command: Some(Command::ChangeVisibility(vec![(handle, keep.timeout)])),
        keep,
    })
}

/// Both members are required, in a batch's entry too, though the model there says otherwise.
pub(crate) fn change_of(
    queue: &Queue,
    handle: &Option<Str<'_>>,
    timeout: Option<i32>,
) -> Result<(Handle, Keep), Error> {
    let text = required(handle, "ReceiptHandle")?;
    let timeout = timeout.ok_or(Error::MissingParameter("VisibilityTimeout"))?;
    let keep = Keep {
        timeout: visibility(timeout)?,
        handle: text.to_owned(),
    };
    Ok((open(queue, text)?, keep))
}

pub fn reply(keep: &Keep, outcome: Outcome) -> Result<(), Error> {
    let Outcome::Changed(fates) = outcome else {
        panic!("a queue answers ChangeVisibility with Changed");
    };
    let [fate] = fates[..] else {
        panic!("one handle has one fate");
    };
    settle(keep, fate)
}

/// Unlike deleting, hiding what is gone is an error.
pub(crate) fn settle(keep: &Keep, fate: HandleFate) -> Result<(), Error> {
    match fate {
        HandleFate::Done => Ok(()),
        HandleFate::Expired => Err(expired(&keep.handle)),
        HandleFate::Gone => Err(Error::value(
            "ReceiptHandle",
            &keep.handle,
            "Message does not exist or is not available for visibility timeout change.",
        )),
        HandleFate::BeyondTotal => Err(Error::value(
            "VisibilityTimeout",
            keep.timeout.0,
            "Total VisibilityTimeout for the message is beyond the limit [43200 seconds]",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::op::samples::{HANDLE, queue, standard};

    fn change(handle: &str, timeout: Option<i32>) -> Result<Plan<'static, Keep>, Error> {
        let input = ChangeMessageVisibilityRequest {
            queue_url: None,
            receipt_handle: Some(handle.into()),
            visibility_timeout: timeout,
        };
        prepare(&queue(standard()), &input)
    }

    #[test]
    fn a_timeout_lies_between_0_and_12_hours() {
        let handle = queue(standard()).seal_handle(HANDLE);
        for timeout in [0, 43_200] {
            assert_eq!(
                change(&handle, Some(timeout)).unwrap().command,
                Some(Command::ChangeVisibility(vec![(
                    HANDLE,
                    Seconds(timeout as u32)
                )]))
            );
        }
        for timeout in [-1, 43_201] {
            assert_eq!(
                change(&handle, Some(timeout)).unwrap_err().message(),
                format!(
                    "Value {timeout} for parameter VisibilityTimeout is invalid. Reason: Must be between 0 and \
                     43200, if provided."
                )
            );
        }
        assert_eq!(
            change(&handle, None).unwrap_err(),
            Error::MissingParameter("VisibilityTimeout")
        );
    }

    #[test]
    fn garbage_is_no_handle() {
        assert_eq!(
            change("garbage", Some(1)).unwrap_err(),
            Error::ReceiptHandleIsInvalid {
                handle: "garbage".into()
            }
        );
    }

    #[test]
    fn what_is_gone_cannot_be_hidden_and_nothing_is_hidden_for_more_than_12_hours() {
        let keep = Keep {
            handle: "h".into(),
            timeout: Seconds(43_200),
        };
        let refusal = |fate| {
            reply(&keep, Outcome::Changed(vec![fate]))
                .unwrap_err()
                .message()
        };
        assert_eq!(
            reply(&keep, Outcome::Changed(vec![HandleFate::Done])),
            Ok(())
        );
        assert_eq!(
            refusal(HandleFate::Gone),
            "Value h for parameter ReceiptHandle is invalid. Reason: Message does not exist or is not available \
             for visibility timeout change."
        );
        assert_eq!(
            refusal(HandleFate::Expired),
            "Value h for parameter ReceiptHandle is invalid. Reason: The receipt handle has expired."
        );
        assert_eq!(
            refusal(HandleFate::BeyondTotal),
            "Value 43200 for parameter VisibilityTimeout is invalid. Reason: Total VisibilityTimeout for the \
             message is beyond the limit [43200 seconds]"
        );
    }
}
