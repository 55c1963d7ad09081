//! What SNS refuses, in AWS's words: a constructor for each form of text.

use std::fmt::Display;

use api::Error;
use api::sns::error as kind;

/// `Invalid parameter: {what}`
pub(crate) fn invalid_parameter(what: impl Display) -> Error {
    kind::INVALID_PARAMETER_EXCEPTION.with(format!("Invalid parameter: {what}"))
}

/// `Invalid parameter: {parameter} Reason: {reason}`
pub(crate) fn invalid_because(parameter: &str, reason: impl Display) -> Error {
    kind::INVALID_PARAMETER_EXCEPTION
        .with(format!("Invalid parameter: {parameter} Reason: {reason}"))
}

/// A member that must be there and is not; `path` in the spelling of AWS's validator, as `name`.
pub(crate) fn validation_null(path: &str) -> Error {
    kind::VALIDATION_EXCEPTION.with(format!(
        "1 validation error detected: Value null at '{path}' failed to satisfy constraint: Member must not be null"
    ))
}

pub fn topic_does_not_exist() -> Error {
    kind::NOT_FOUND_EXCEPTION.with("Topic does not exist")
}

pub fn subscription_does_not_exist() -> Error {
    kind::NOT_FOUND_EXCEPTION.with("Subscription does not exist")
}

pub fn resource_does_not_exist() -> Error {
    kind::RESOURCE_NOT_FOUND_EXCEPTION.with("Resource does not exist")
}
