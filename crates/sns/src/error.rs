//! What SNS refuses, in AWS's words: a constructor for each form of text.

use std::borrow::Cow;
use std::fmt::Display;

use api::Error;
use api::sns::error as kind;

/// `Invalid parameter: {what}`
pub(crate) fn invalid_parameter(what: impl Display) -> Error {
    kind::INVALID_PARAMETER_EXCEPTION.with(format!("Invalid parameter: {what}"))
}

/// `Invalid parameter: {parameter} Reason: {reason}`
pub(crate) fn invalid_because(parameter: &str, reason: impl Display) -> Error {
    invalid_parameter(format!("{parameter} Reason: {reason}"))
}

/// A member that must be there and is not; `path` in the spelling of AWS's validator, as `topicArn`.
pub(crate) fn validation_null(path: &str) -> Error {
    validation(format!(
        "Value null at '{path}' failed to satisfy constraint: Member must not be null"
    ))
}

/// A member of a length that it may not have.
pub(crate) fn validation_length(path: &str, value: &str, bound: &str, length: usize) -> Error {
    validation(format!(
        "Value '{value}' at '{path}' failed to satisfy constraint: Member must have length {bound} than or equal to \
         {length}"
    ))
}

fn validation(fault: String) -> Error {
    kind::VALIDATION_EXCEPTION.with(format!("1 validation error detected: {fault}"))
}

pub fn topic_does_not_exist() -> Error {
    kind::NOT_FOUND_EXCEPTION.with("Topic does not exist")
}

pub fn subscription_does_not_exist() -> Error {
    kind::NOT_FOUND_EXCEPTION.with("Subscription does not exist")
}

/// The same for what is named by a ResourceArn, in the operations about tags.
pub fn resource_does_not_exist() -> Error {
    kind::RESOURCE_NOT_FOUND_EXCEPTION.with("Resource does not exist")
}

/// What is wrong with the value of an attribute. Where it was given decides how the error begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refused(pub(crate) Cow<'static, str>);

impl Refused {
    pub(crate) fn new(text: impl Into<Cow<'static, str>>) -> Refused {
        Refused(text.into())
    }

    /// The attribute was set by itself.
    pub(crate) fn alone(self) -> Error {
        invalid_parameter(self.0)
    }

    /// The attribute came among the `Attributes` of what is to be made.
    pub(crate) fn among_attributes(self) -> Error {
        invalid_because("Attributes", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(error: &Error) -> (&str, u16, &str) {
        (error.kind.code, error.kind.status, &error.message)
    }

    #[test]
    fn errors_have_the_codes_and_statuses_that_aws_gives_them() {
        assert_eq!(
            told(&invalid_parameter("TopicArn")),
            ("InvalidParameter", 400, "Invalid parameter: TopicArn")
        );
        assert_eq!(
            told(&validation_null("topicArn")),
            (
                "ValidationError",
                400,
                "1 validation error detected: Value null at 'topicArn' failed to satisfy constraint: Member must not \
                 be null"
            )
        );
        assert_eq!(
            told(&topic_does_not_exist()),
            ("NotFound", 404, "Topic does not exist")
        );
        assert_eq!(
            told(&subscription_does_not_exist()),
            ("NotFound", 404, "Subscription does not exist")
        );
        assert_eq!(
            told(&resource_does_not_exist()),
            ("ResourceNotFound", 404, "Resource does not exist")
        );
    }

    #[test]
    fn where_an_attribute_was_given_decides_how_its_error_begins() {
        let refused = Refused::new("FilterPolicy: no");
        assert_eq!(
            refused.clone().alone().message,
            "Invalid parameter: FilterPolicy: no"
        );
        assert_eq!(
            refused.among_attributes().message,
            "Invalid parameter: Attributes Reason: FilterPolicy: no"
        );
    }
}
