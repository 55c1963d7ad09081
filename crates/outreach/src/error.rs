//! What this side of SNS refuses, in AWS's words.
//!
//! Spec section 1.1 has the codes. Texts that no recording shows are ours and say so where they are made.

use std::fmt::Display;

use api::sns::error as kind;
use api::{Error, ErrorKind};

/// `Invalid parameter: {what}`.
pub(crate) fn invalid_parameter(what: impl Display) -> Error {
    kind::INVALID_PARAMETER_EXCEPTION.with(format!("Invalid parameter: {what}"))
}

/// `Invalid parameter: {name} Reason: {reason}`.
pub(crate) fn invalid(name: impl Display, reason: impl Display) -> Error {
    invalid_parameter(format_args!("{name} Reason: {reason}"))
}

/// The same code with a text that lacks the usual beginning: SMS attributes.
pub(crate) fn invalid_bare(text: String) -> Error {
    kind::INVALID_PARAMETER_EXCEPTION.with(text)
}

pub(crate) fn no_application() -> Error {
    kind::NOT_FOUND_EXCEPTION.with("PlatformApplication does not exist")
}

pub(crate) fn no_endpoint() -> Error {
    kind::NOT_FOUND_EXCEPTION.with("Endpoint does not exist")
}

/// An error of the sandbox's operations; the texts are ours.
pub(crate) fn sandbox(kind: &'static ErrorKind, text: &'static str) -> Error {
    kind.with(text)
}

/// What the model's constraints refuse, counted and joined as AWS does: all of a request's breaches in one text.
#[derive(Debug, Default)]
pub(crate) struct Breaches(Vec<String>);

impl Breaches {
    /// A member that the model requires, at its path in lower camel case.
    pub(crate) fn require<'a>(&mut self, path: &str, value: Option<&'a str>) -> &'a str {
        if value.is_none() {
            self.0.push(format!(
                "Value null at '{path}' failed to satisfy constraint: Member must not be null"
            ));
        }
        value.unwrap_or_default()
    }

    /// `shown` is the value as AWS shows it; values that the model marks as sensitive are not shown.
    pub(crate) fn check(&mut self, holds: bool, path: &str, shown: Option<&str>, rule: &str) {
        if !holds {
            let value = shown.map_or(String::new(), |value| format!(" '{value}'"));
            self.0.push(format!(
                "Value{value} at '{path}' failed to satisfy constraint: {rule}"
            ));
        }
    }

    pub(crate) fn refuse(self) -> Result<(), Error> {
        let count = self.0.len();
        if count == 0 {
            return Ok(());
        }
        let errors = if count == 1 { "error" } else { "errors" };
        let texts = self.0.join("; ");
        Err(kind::VALIDATION_EXCEPTION
            .with(format!("{count} validation {errors} detected: {texts}")))
    }
}

/// One required member.
pub(crate) fn required<'a>(path: &str, value: Option<&'a str>) -> Result<&'a str, Error> {
    let mut breaches = Breaches::default();
    let value = breaches.require(path, value);
    breaches.refuse()?;
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_member_is_named_by_its_path() {
        let error = required("attributes", None).unwrap_err();
        assert_eq!(
            (error.kind.code, error.kind.status),
            ("ValidationError", 400)
        );
        assert_eq!(
            error.message,
            "1 validation error detected: Value null at 'attributes' failed to satisfy constraint: Member must \
             not be null"
        );
    }

    #[test]
    fn several_breaches_are_told_at_once() {
        let mut breaches = Breaches::default();
        breaches.require("name", None);
        breaches.check(false, "maxResults", Some("0"), "Member must be more");
        breaches.check(false, "phoneNumber", None, "Member must be a number");
        breaches.check(true, "token", None, "Member must be there");
        assert_eq!(
            breaches.refuse().unwrap_err().message,
            "3 validation errors detected: Value null at 'name' failed to satisfy constraint: Member must not be \
             null; Value '0' at 'maxResults' failed to satisfy constraint: Member must be more; Value at \
             'phoneNumber' failed to satisfy constraint: Member must be a number"
        );
    }
}
