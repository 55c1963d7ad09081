//! SetSMSAttributes: the account's settings for SMS, in this region.
//!
//! <https://docs.aws.amazon.com/sns/latest/api/API_SetSMSAttributes.html>

use api::Error;
use api::sns::{SetSMSAttributesInput, SetSMSAttributesResponse};

use crate::application_attributes::{check_length, given};
use crate::command::Command;
use crate::op::Plan;
use crate::sms_attributes::SmsAttribute;

/// All names are looked at before any value.
pub fn prepare(input: &SetSMSAttributesInput<'_>) -> Result<Plan<()>, Error> {
    let given = given(&input.attributes)?;
    let mut attributes = Vec::with_capacity(given.len());
    for (name, value) in given {
        attributes.push((SmsAttribute::parse(name)?, value.to_string()));
        check_length(name, value)?;
    }
    for (attribute, value) in &attributes {
        attribute.check(value)?;
    }
    Ok(Plan::of(Command::SetSmsAttributes(attributes), ()))
}

pub fn reply() -> SetSMSAttributesResponse {
    SetSMSAttributesResponse {}
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::op::samples::map;

    fn set(attributes: &[(&'static str, &'static str)]) -> Result<Plan<()>, Error> {
        prepare(&SetSMSAttributesInput {
            attributes: map(attributes),
        })
    }

    #[test]
    fn an_unknown_key_is_refused_without_the_usual_words() {
        for key in ["DefaultSendID", "invalid"] {
            let error = set(&[("DefaultSMSType", "nonsense"), (key, "x")]).unwrap_err();
            assert_eq!(error.kind.code, "InvalidParameter");
            assert_eq!(error.message, format!("{key} is not a valid attribute"));
        }
    }

    #[test]
    fn a_bad_type_is_refused() {
        assert_eq!(
            set(&[("DefaultSMSType", "invalid")]).unwrap_err().message,
            "DefaultSMSType is invalid"
        );
    }

    #[test]
    fn no_attributes_at_all_are_missing() {
        assert_eq!(set(&[]).unwrap_err().kind.code, "ValidationError");
    }
}
