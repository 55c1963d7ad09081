//! What CloudWatch Logs refuses, in AWS's words.
//!
//! Texts that have their own rule stand beside it; here are those that many operations share.

use api::Error;
use api::logs::error as kind;

pub(crate) fn invalid(text: impl Into<api::Str<'static>>) -> Error {
    kind::INVALID_PARAMETER_EXCEPTION.with(text)
}

/// Where AWS answers with ValidationException instead of InvalidParameterException.
pub(crate) fn validation(text: &'static str) -> Error {
    kind::VALIDATION_EXCEPTION.with(text)
}

pub fn no_such_group() -> Error {
    kind::RESOURCE_NOT_FOUND_EXCEPTION.with("The specified log group does not exist.")
}

pub fn no_such_stream() -> Error {
    kind::RESOURCE_NOT_FOUND_EXCEPTION.with("The specified log stream does not exist.")
}

pub fn group_exists() -> Error {
    kind::RESOURCE_ALREADY_EXISTS_EXCEPTION.with("The specified log group already exists")
}

pub(crate) fn stream_exists() -> Error {
    kind::RESOURCE_ALREADY_EXISTS_EXCEPTION.with("The specified log stream already exists")
}

/// Of groups, and of streams in them.
pub(crate) fn protected() -> Error {
    validation("The log group has deletion protection enabled. Disable it before deleting.")
}

pub(crate) fn bad_token() -> Error {
    invalid("The specified nextToken is invalid.")
}

/// For what AWS offers and this server does not yet.
pub(crate) fn not_built(what: &str) -> Error {
    api::common::NOT_IMPLEMENTED.with(format!("{what} is not built in this server yet."))
}
