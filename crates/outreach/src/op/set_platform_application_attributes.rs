//! SetPlatformApplicationAttributes: other credentials, event topics and logging.
//!
//! <https://docs.aws.amazon.com/sns/latest/api/API_SetPlatformApplicationAttributes.html>

use api::Error;
use api::sns::SetPlatformApplicationAttributesInput;

use crate::application_attributes::{assign, given};
use crate::command::Command;
use crate::error::no_application;
use crate::op::{Plan, application};
use crate::outreach::Outreach;

/// The ARN's form is looked at first, then whether there are attributes at all, then the application.
pub fn prepare(
    outreach: &Outreach,
    input: &SetPlatformApplicationAttributesInput<'_>,
) -> Result<Plan<()>, Error> {
    let found = application(outreach, input.platform_application_arn.as_deref());
    let found = match found {
        Ok(found) => Some(found),
        Err(error) if error.kind.code == "NotFound" => None,
        Err(error) => return Err(error),
    };
    let attributes = given(&input.attributes)?;
    let mut application = found.ok_or_else(no_application)?.clone();
    assign(&mut application, attributes, false)?;
    Ok(Plan::of(Command::PutApplication(Box::new(application)), ()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::application::Setting;
    use crate::op::samples::{NOW, carry_out, fresh, map, with_application};

    fn set(
        outreach: &Outreach,
        arn: &str,
        attributes: &[(&'static str, &'static str)],
    ) -> Result<Plan<()>, Error> {
        let input = SetPlatformApplicationAttributesInput {
            platform_application_arn: Some(arn.to_owned().into()),
            attributes: map(attributes),
        };
        prepare(outreach, &input)
    }

    #[test]
    fn what_is_given_changes_and_an_empty_text_takes_it_away() {
        let mut outreach = fresh();
        let arn = with_application(&mut outreach, "shop", &[("ApplePlatformTeamID", "T")]);
        for (value, wanted) in [("100", Some("100")), ("", None)] {
            let plan = set(&outreach, &arn, &[("SuccessFeedbackSampleRate", value)]).unwrap();
            carry_out(&mut outreach, NOW, plan);
            let name = outreach.home.read_application(&arn).unwrap();
            let application = outreach.application(&name).unwrap();
            assert_eq!(application.get(Setting::SuccessFeedbackSampleRate), wanted);
            assert_eq!(application.get(Setting::ApplePlatformTeamId), Some("T"));
            assert!(application.credential.is_some());
        }
    }

    #[test]
    fn the_arns_form_goes_before_missing_attributes_and_those_before_the_application() {
        assert_eq!(
            set(&fresh(), "randomarn", &[]).unwrap_err().message,
            "Invalid parameter: PlatformApplicationArn Reason: An ARN must have at least 6 elements, not 1"
        );
        let arn = "arn:aws:sns:us-east-1:000000000000:app/GCM/none";
        assert_eq!(
            set(&fresh(), arn, &[]).unwrap_err().kind.code,
            "ValidationError"
        );
        assert_eq!(
            set(&fresh(), arn, &[("bad", "1")]).unwrap_err().message,
            "PlatformApplication does not exist"
        );
    }

    #[test]
    fn each_attribute_takes_what_it_is_for() {
        let mut outreach = fresh();
        let arn = with_application(&mut outreach, "shop", &[]);
        for (name, value) in [
            ("EventEndpointCreated", "nonsense"),
            (
                "EventDeliveryFailure",
                "arn:aws:sqs:us-east-1:000000000000:q",
            ),
            ("SuccessFeedbackRoleArn", "nonsense"),
            ("SuccessFeedbackSampleRate", "101"),
            ("SuccessFeedbackSampleRate", "+5"),
            ("PlatformCredential", ""),
            ("Enabled", "1"),
        ] {
            assert!(
                set(&outreach, &arn, &[(name, value)])
                    .unwrap_err()
                    .message
                    .starts_with(&format!(
                        "Invalid parameter: Attributes Reason: Invalid value for attribute: {name}: "
                    )),
                "{name}={value}"
            );
        }
        assert_eq!(
            set(&outreach, &arn, &[("Nonsense", "1")])
                .unwrap_err()
                .message,
            "Invalid parameter: Attributes Reason: Invalid attribute name: Nonsense"
        );
    }
}
