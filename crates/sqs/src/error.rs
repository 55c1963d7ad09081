//! What SQS refuses, in AWS's words.
//!
//! One variant for each of AWS's errors; spec section 4 has their codes. Errors with one text carry what the text
//! names, errors with many texts carry the text, which stands beside the rule that gives it.

use std::borrow::Cow;
use std::fmt;

use api::sqs::error as kind;
use api::{ErrorKind, common};

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Error {
    QueueDoesNotExist,
    /// A queue of that name exists and differs in this attribute.
    QueueNameExists {
        attribute: &'static str,
    },
    QueueDeletedRecently,
    PurgeQueueInProgress {
        queue: String,
    },
    OverLimit(Cow<'static, str>),
    ReceiptHandleIsInvalid {
        handle: String,
    },
    InvalidMessageContents,
    InvalidAttributeName(Cow<'static, str>),
    InvalidAttributeValue(Cow<'static, str>),
    EmptyBatchRequest {
        entry: &'static str,
    },
    TooManyEntriesInBatchRequest {
        sent: usize,
    },
    BatchEntryIdsNotDistinct {
        id: String,
    },
    BatchRequestTooLong {
        bytes: usize,
    },
    InvalidBatchEntryId,
    /// A message move task, or a queue that one names, is not there.
    ResourceNotFound(&'static str),
    /// A QueueUrl from which no queue can be read.
    InvalidAddress {
        url: String,
    },
    InvalidParameterValue(Cow<'static, str>),
    MissingParameter(&'static str),
    /// The same within a batch, which names the entry's shape and number, counted from 1.
    MissingParameterInEntry {
        entry: &'static str,
        number: usize,
        name: &'static str,
    },
}

impl Error {
    /// Shape, code and status: the row of the model, or of AWS's common errors.
    pub fn kind(&self) -> &'static ErrorKind {
        match self {
            Error::QueueDoesNotExist => &kind::QUEUE_DOES_NOT_EXIST,
            Error::QueueNameExists { .. } => &kind::QUEUE_NAME_EXISTS,
            Error::QueueDeletedRecently => &kind::QUEUE_DELETED_RECENTLY,
            Error::PurgeQueueInProgress { .. } => &kind::PURGE_QUEUE_IN_PROGRESS,
            Error::OverLimit(_) => &kind::OVER_LIMIT,
            Error::ReceiptHandleIsInvalid { .. } => &kind::RECEIPT_HANDLE_IS_INVALID,
            Error::InvalidMessageContents => &kind::INVALID_MESSAGE_CONTENTS,
            Error::InvalidAttributeName(_) => &kind::INVALID_ATTRIBUTE_NAME,
            Error::InvalidAttributeValue(_) => &kind::INVALID_ATTRIBUTE_VALUE,
            Error::EmptyBatchRequest { .. } => &kind::EMPTY_BATCH_REQUEST,
            Error::TooManyEntriesInBatchRequest { .. } => &kind::TOO_MANY_ENTRIES_IN_BATCH_REQUEST,
            Error::BatchEntryIdsNotDistinct { .. } => &kind::BATCH_ENTRY_IDS_NOT_DISTINCT,
            Error::BatchRequestTooLong { .. } => &kind::BATCH_REQUEST_TOO_LONG,
            Error::InvalidBatchEntryId => &kind::INVALID_BATCH_ENTRY_ID,
            Error::ResourceNotFound(_) => &kind::RESOURCE_NOT_FOUND_EXCEPTION,
            Error::InvalidAddress { .. } => &kind::INVALID_ADDRESS,
            Error::InvalidParameterValue(_) => &common::INVALID_PARAMETER_VALUE,
            Error::MissingParameter(_) | Error::MissingParameterInEntry { .. } => {
                &common::MISSING_PARAMETER
            }
        }
    }

    /// The text, as JSON has it.
    pub fn message(&self) -> Cow<'static, str> {
        match self {
            Error::QueueDoesNotExist => "The specified queue does not exist.".into(),
            Error::QueueNameExists { attribute } => format!(
                "A queue already exists with the same name and a different value for attribute {attribute}"
            )
            .into(),
            Error::QueueDeletedRecently => {
                "You must wait 60 seconds after deleting a queue before you can create another with the same name."
                    .into()
            }
            Error::PurgeQueueInProgress { queue } => {
                format!("Only one PurgeQueue operation on {queue} is allowed every 60 seconds.").into()
            }
            Error::ReceiptHandleIsInvalid { handle } => {
                format!("The input receipt handle \"{handle}\" is not a valid receipt handle.").into()
            }
            Error::InvalidMessageContents => INVALID_CHARACTERS.into(),
            Error::EmptyBatchRequest { entry } => {
                format!("There should be at least one {entry} in the request.").into()
            }
            Error::TooManyEntriesInBatchRequest { sent } => {
                format!("Maximum number of entries per request are 10. You have sent {sent}.").into()
            }
            Error::BatchEntryIdsNotDistinct { id } => format!("Id {id} repeated.").into(),
            Error::BatchRequestTooLong { bytes } => format!(
                "Batch requests cannot be longer than 1048576 bytes. You have sent {bytes} bytes."
            )
            .into(),
            Error::InvalidBatchEntryId => {
                "A batch entry id can only contain alphanumeric characters, hyphens and underscores. \
                 It can be at most 80 letters long."
                    .into()
            }
            Error::ResourceNotFound(text) => (*text).into(),
            Error::InvalidAddress { url } => {
                format!("The address {url} is not valid for this endpoint.").into()
            }
            Error::MissingParameter(name) => {
                format!("The request must contain the parameter {name}.").into()
            }
            Error::MissingParameterInEntry { entry, number, name } => {
                format!("The request must contain the parameter {entry}.{number}.{name}.").into()
            }
            Error::OverLimit(text)
            | Error::InvalidAttributeName(text)
            | Error::InvalidAttributeValue(text)
            | Error::InvalidParameterValue(text) => text.clone(),
        }
    }

    /// `Value {value} for parameter {parameter} is invalid. Reason: {reason}`
    pub(crate) fn value(parameter: &str, value: impl fmt::Display, reason: &str) -> Error {
        let text = format!("Value {value} for parameter {parameter} is invalid. Reason: {reason}");
        Error::InvalidParameterValue(text.into())
    }

    /// What is wrong with an entry of a batch: a missing member is named with the entry's place.
    pub(crate) fn in_entry(self, entry: &'static str, number: usize) -> Error {
        if let Error::MissingParameter(name) = self {
            Error::MissingParameterInEntry {
                entry,
                number,
                name,
            }
        } else {
            self
        }
    }

    pub(crate) fn unknown_attribute(name: &str) -> Error {
        Error::InvalidAttributeName(format!("Unknown Attribute {name}.").into())
    }
}

/// What is said of a body, and of a message attribute, that holds characters XML has no room for.
pub(crate) const INVALID_CHARACTERS: &str = "Invalid characters found. Valid unicode characters are \
    #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF";

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.kind().code, self.message())
    }
}

impl std::error::Error for Error {}

impl From<Error> for api::Error {
    fn from(error: Error) -> api::Error {
        api::Error {
            kind: error.kind(),
            message: error.message(),
            query_message: error.kind().query_text,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Shape, code and status of every error, as spec section 4 lists them.
    #[test]
    fn every_error_has_the_code_and_status_that_aws_gives_it() {
        let text = || Cow::Borrowed("");
        let name = String::new;
        let rows: [(Error, &str, &str, u16); 19] = [
            (
                Error::QueueDoesNotExist,
                "QueueDoesNotExist",
                "AWS.SimpleQueueService.NonExistentQueue",
                400,
            ),
            (
                Error::QueueNameExists { attribute: "" },
                "QueueNameExists",
                "QueueAlreadyExists",
                400,
            ),
            (
                Error::QueueDeletedRecently,
                "QueueDeletedRecently",
                "AWS.SimpleQueueService.QueueDeletedRecently",
                400,
            ),
            (
                Error::PurgeQueueInProgress { queue: name() },
                "PurgeQueueInProgress",
                "AWS.SimpleQueueService.PurgeQueueInProgress",
                403,
            ),
            (Error::OverLimit(text()), "OverLimit", "OverLimit", 403),
            (
                Error::ReceiptHandleIsInvalid { handle: name() },
                "ReceiptHandleIsInvalid",
                "ReceiptHandleIsInvalid",
                404,
            ),
            (
                Error::InvalidMessageContents,
                "InvalidMessageContents",
                "InvalidMessageContents",
                400,
            ),
            (
                Error::InvalidAttributeName(text()),
                "InvalidAttributeName",
                "InvalidAttributeName",
                400,
            ),
            (
                Error::InvalidAttributeValue(text()),
                "InvalidAttributeValue",
                "InvalidAttributeValue",
                400,
            ),
            (
                Error::EmptyBatchRequest { entry: "" },
                "EmptyBatchRequest",
                "AWS.SimpleQueueService.EmptyBatchRequest",
                400,
            ),
            (
                Error::TooManyEntriesInBatchRequest { sent: 11 },
                "TooManyEntriesInBatchRequest",
                "AWS.SimpleQueueService.TooManyEntriesInBatchRequest",
                400,
            ),
            (
                Error::BatchEntryIdsNotDistinct { id: name() },
                "BatchEntryIdsNotDistinct",
                "AWS.SimpleQueueService.BatchEntryIdsNotDistinct",
                400,
            ),
            (
                Error::BatchRequestTooLong { bytes: 0 },
                "BatchRequestTooLong",
                "AWS.SimpleQueueService.BatchRequestTooLong",
                400,
            ),
            (
                Error::InvalidBatchEntryId,
                "InvalidBatchEntryId",
                "AWS.SimpleQueueService.InvalidBatchEntryId",
                400,
            ),
            (
                Error::ResourceNotFound(""),
                "ResourceNotFoundException",
                "ResourceNotFoundException",
                404,
            ),
            (
                Error::InvalidAddress { url: name() },
                "InvalidAddress",
                "InvalidAddress",
                404,
            ),
            (
                Error::InvalidParameterValue(text()),
                "InvalidParameterValueException",
                "InvalidParameterValue",
                400,
            ),
            (
                Error::MissingParameterInEntry {
                    entry: "",
                    number: 1,
                    name: "",
                },
                "MissingRequiredParameterException",
                "MissingParameter",
                400,
            ),
            (
                Error::MissingParameter(""),
                "MissingRequiredParameterException",
                "MissingParameter",
                400,
            ),
        ];
        for (error, shape, code, status) in rows {
            let kind = error.kind();
            assert_eq!((kind.shape, kind.code, kind.status), (shape, code, status));
            assert!(
                kind.text.is_empty() || kind.text == error.message(),
                "{shape}"
            );
        }
    }

    #[test]
    fn only_a_missing_queue_reads_differently_in_the_query_protocol() {
        let missing = api::Error::from(Error::QueueDoesNotExist);
        assert_eq!(missing.message, "The specified queue does not exist.");
        assert_eq!(
            missing.query_message,
            Some("The specified queue does not exist for this wsdl version.")
        );
        let other = api::Error::from(Error::MissingParameter("QueueUrl"));
        assert_eq!(
            other.message,
            "The request must contain the parameter QueueUrl."
        );
        assert_eq!(other.query_message, None);
    }
}
