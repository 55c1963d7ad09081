//! CreatePlatformApplication: an app on one push notification service.
//!
//! <https://docs.aws.amazon.com/sns/latest/api/API_CreatePlatformApplication.html>

use api::Error;
use api::sns::{CreatePlatformApplicationInput, CreatePlatformApplicationResponse};

use crate::application::Application;
use crate::application_attributes::{assign, given};
use crate::command::Command;
use crate::error::{Breaches, invalid};
use crate::limits;
use crate::op::{Plan, arn_of};
use crate::outreach::Outreach;
use crate::platform::Platform;

/// An application that exists keeps its endpoints and takes the attributes given: AWS's answer to a second create is
/// not recorded.
pub fn prepare(
    outreach: &Outreach,
    input: &CreatePlatformApplicationInput<'_>,
) -> Result<Plan<String>, Error> {
    let mut breaches = Breaches::default();
    let name = breaches.require("name", input.name.as_deref());
    let platform = breaches.require("platform", input.platform.as_deref());
    breaches.refuse()?;
    check_name(name)?;
    let platform = Platform::from_name(platform)
        .ok_or_else(|| invalid("Platform", format_args!("{platform} is not supported")))?;
    let attributes = given(&input.attributes)?;
    let key = (platform, name.to_owned());
    let existing = outreach.application(&key);
    let mut application = existing.cloned().unwrap_or(Application {
        number: outreach.applications.next(),
        platform,
        name: key.1,
        enabled: true,
        principal: None,
        credential: None,
        settings: Vec::new(),
    });
    if existing.is_some() {
        (application.principal, application.credential) = (None, None);
    }
    assign(&mut application, attributes, true)?;
    let arn = arn_of(outreach.home, &application);
    Ok(Plan::of(
        Command::PutApplication(Box::new(application)),
        arn,
    ))
}

pub fn reply(arn: String) -> CreatePlatformApplicationResponse<'static> {
    CreatePlatformApplicationResponse {
        platform_application_arn: Some(arn.into()),
    }
}

fn check_name(name: &str) -> Result<(), Error> {
    let legal = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    let most = limits::APPLICATION_NAME_CHARS_MAX;
    if name.is_empty() {
        Err(invalid(name, "cannot be empty"))
    } else if name.chars().count() > most {
        Err(invalid(
            name,
            format_args!("must be at most {most} characters long"),
        ))
    } else if !name.chars().all(legal) {
        Err(invalid(
            name,
            "must contain only characters 'a'-'z', 'A'-'Z', '0'-'9', '_', '-', and '.'",
        ))
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::op::samples::{NOW, carry_out, fresh, map, with_application, with_endpoint};

    fn create(
        name: &str,
        platform: &'static str,
        attributes: &[(&'static str, &'static str)],
    ) -> Result<Plan<String>, Error> {
        let input = CreatePlatformApplicationInput {
            name: Some(name.to_owned().into()),
            platform: Some(platform.into()),
            attributes: map(attributes),
        };
        prepare(&fresh(), &input)
    }

    fn refusal(
        name: &str,
        platform: &'static str,
        attributes: &[(&'static str, &'static str)],
    ) -> String {
        create(name, platform, attributes)
            .unwrap_err()
            .message
            .into_owned()
    }

    const BOTH: [(&str, &str); 2] = [("PlatformPrincipal", "p"), ("PlatformCredential", "c")];

    #[test]
    fn an_application_is_named_by_its_service_and_its_name() {
        for platform in Platform::ALL {
            assert_eq!(
                create("shop-1_a.b", platform.name(), &BOTH).unwrap().keep,
                format!(
                    "arn:aws:sns:us-east-1:000000000000:app/{}/shop-1_a.b",
                    platform.name()
                )
            );
        }
    }

    #[test]
    fn a_name_has_1_to_256_letters_digits_and_three_marks() {
        let long = "n".repeat(257);
        for (name, reason) in [
            ("", "cannot be empty"),
            (long.as_str(), "must be at most 256 characters long"),
            (
                "a b",
                "must contain only characters 'a'-'z', 'A'-'Z', '0'-'9', '_', '-', and '.'",
            ),
        ] {
            assert_eq!(
                refusal(name, "ADM", &BOTH),
                format!("Invalid parameter: {name} Reason: {reason}")
            );
        }
        create(&long[..256], "ADM", &BOTH).unwrap();
    }

    #[test]
    fn the_name_is_looked_at_first_then_the_platform_then_the_attributes() {
        assert!(refusal("", "XYZ", &[]).ends_with("cannot be empty"));
        assert_eq!(
            refusal("n", "XYZ", &[]),
            "Invalid parameter: Platform Reason: XYZ is not supported"
        );
        let error = create("n", "ADM", &[]).unwrap_err();
        assert_eq!(error.kind.code, "ValidationError");
        assert_eq!(
            error.message,
            "1 validation error detected: Value null at 'attributes' failed to satisfy constraint: Member must \
             not be null"
        );
    }

    #[test]
    fn credential_and_principal_come_together_except_for_gcm() {
        assert_eq!(
            refusal("n", "ADM", &BOTH[..1]),
            "Invalid parameter: Attributes Reason: PlatformPrincipal attribute provided without \
             PlatformCredential"
        );
        assert_eq!(
            refusal("n", "ADM", &BOTH[1..]),
            "Invalid parameter: Attributes Reason: PlatformCredential attribute provided without \
             PlatformPrincipal"
        );
        create("n", "GCM", &BOTH[1..]).unwrap();
        create(
            "n",
            "GCM",
            &[("PlatformPrincipal", ""), ("PlatformCredential", "c")],
        )
        .unwrap();
        assert!(create("n", "GCM", &[("Enabled", "true")]).is_err());
    }

    #[test]
    fn the_credentials_show_nowhere() {
        let secrets = [
            ("PlatformPrincipal", "hunter2"),
            ("PlatformCredential", "hunter3"),
        ];
        let plan = create("n", "APNS", &secrets).unwrap();
        assert!(!format!("{plan:?}").contains("hunter"));
    }

    #[test]
    fn a_second_create_keeps_the_endpoints() {
        let mut outreach = fresh();
        let arn = with_application(&mut outreach, "shop", &[("SuccessFeedbackSampleRate", "5")]);
        let endpoint = with_endpoint(&mut outreach, &arn, "t");
        let input = CreatePlatformApplicationInput {
            name: Some("shop".into()),
            platform: Some("GCM".into()),
            attributes: map(&BOTH),
        };
        let plan = prepare(&outreach, &input).unwrap();
        assert_eq!(carry_out(&mut outreach, NOW, plan), arn);
        assert!(outreach.endpoint(&endpoint).is_some());
    }
}
