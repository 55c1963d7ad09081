//! CreatePlatformEndpoint: one installation of an app, under the token its service gave it.
//!
//! <https://docs.aws.amazon.com/sns/latest/api/API_CreatePlatformEndpoint.html>

use api::Error;
use api::sns::{CreateEndpointResponse, CreatePlatformEndpointInput};
use domain::Time;

use crate::application::Application;
use crate::command::Command;
use crate::endpoint::Endpoint;
use crate::error::{Breaches, invalid};
use crate::id::Id;
use crate::notice::{self, Event};
use crate::op::{Plan, application, endpoint_arn_of};
use crate::outreach::Outreach;

/// The same token with the same attributes is the same endpoint, and nothing changes. Attributes that are not given
/// count as their defaults: an endpoint with other user data, or disabled, is another one.
pub fn prepare(
    outreach: &Outreach,
    now: Time,
    ids: &mut dyn FnMut() -> [u8; 16],
    input: &CreatePlatformEndpointInput<'_>,
) -> Result<Plan<String>, Error> {
    let mut breaches = Breaches::default();
    let arn = breaches.require(
        "platformApplicationArn",
        input.platform_application_arn.as_deref(),
    );
    let token = breaches.require("token", input.token.as_deref());
    breaches.refuse()?;
    let application = application(outreach, Some(arn))?;
    let mut endpoint = Endpoint {
        id: Id::of(ids()),
        application: application.number,
        number: outreach.endpoints.next(),
        token: token.to_owned(),
        custom_user_data: input.custom_user_data.as_deref().map(str::to_owned),
        enabled: true,
    };
    endpoint.assign(input.attributes.as_deref().unwrap_or_default())?;
    if let Some(existing) = outreach
        .endpoints
        .with_token(application.number, &endpoint.token)
    {
        return again(outreach, application, existing, &endpoint);
    }
    let arn = endpoint_arn_of(outreach.home, application, &endpoint);
    let notice = notice::of(outreach.home, application, &endpoint, now, Event::Created);
    Ok(Plan::of(Command::PutEndpoint(Box::new(endpoint)), arn).noticed(notice))
}

pub fn reply(arn: String) -> CreateEndpointResponse<'static> {
    CreateEndpointResponse {
        endpoint_arn: Some(arn.into()),
    }
}

fn again(
    outreach: &Outreach,
    application: &Application,
    existing: &Endpoint,
    wanted: &Endpoint,
) -> Result<Plan<String>, Error> {
    let arn = endpoint_arn_of(outreach.home, application, existing);
    let attributes = |it: &Endpoint| (it.enabled, it.custom_user_data.clone());
    if attributes(existing) == attributes(wanted) {
        Ok(Plan::nothing(arn))
    } else {
        Err(taken(&arn))
    }
}

/// The token is another endpoint's.
pub(crate) fn taken(arn: &str) -> Error {
    invalid(
        "Token",
        format_args!(
            "Endpoint {arn} already exists with the same Token, but different attributes."
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::op::samples::{NOW, carry_out, fresh, ids, map, with_application};

    fn create(
        outreach: &Outreach,
        application: &str,
        token: &'static str,
        data: Option<&'static str>,
        attributes: &[(&'static str, &'static str)],
    ) -> Result<Plan<String>, Error> {
        let input = CreatePlatformEndpointInput {
            platform_application_arn: Some(application.to_owned().into()),
            token: Some(token.into()),
            custom_user_data: data.map(Into::into),
            attributes: map(attributes),
        };
        prepare(outreach, NOW, &mut ids(), &input)
    }

    fn put(plan: &Plan<String>) -> &Endpoint {
        match &plan.command {
            Some(Command::PutEndpoint(endpoint)) => endpoint,
            other => panic!("no endpoint is put: {other:?}"),
        }
    }

    #[test]
    fn an_endpoint_is_enabled_and_has_an_arn_under_its_application() {
        let mut outreach = fresh();
        let application = with_application(&mut outreach, "shop", &[]);
        let plan = create(&outreach, &application, "t", None, &[]).unwrap();
        let id = Id::of([1; 16]);
        assert_eq!(
            plan.keep,
            format!("arn:aws:sns:us-east-1:000000000000:endpoint/GCM/shop/{id}")
        );
        assert_eq!(
            put(&plan).shown(),
            map(&[("Enabled", "true"), ("Token", "t")]).unwrap()
        );
    }

    #[test]
    fn user_data_among_the_attributes_goes_before_the_parameter() {
        let mut outreach = fresh();
        let application = with_application(&mut outreach, "shop", &[]);
        let data = |data, attributes: &[(&'static str, &'static str)]| {
            let plan = create(&outreach, &application, "t", data, attributes).unwrap();
            put(&plan).custom_user_data.clone().unwrap()
        };
        assert_eq!(data(Some("bar"), &[("CustomUserData", "foo")]), "foo");
        assert_eq!(data(Some("bar"), &[]), "bar");
    }

    #[test]
    fn the_same_token_is_the_same_endpoint_only_with_the_same_attributes() {
        let mut outreach = fresh();
        let application = with_application(&mut outreach, "shop", &[]);
        let plan = create(&outreach, &application, "t", Some("d"), &[]).unwrap();
        let arn = carry_out(&mut outreach, NOW, plan);
        for attributes in [&[][..], &[("Enabled", "true"), ("CustomUserData", "d")]] {
            let again = create(&outreach, &application, "t", Some("d"), attributes).unwrap();
            assert_eq!((again.keep, again.command), (arn.clone(), None));
        }
        for (data, attributes) in [
            (None, &[][..]),
            (Some("other"), &[]),
            (Some("d"), &[("Enabled", "false")]),
        ] {
            assert_eq!(
                create(&outreach, &application, "t", data, attributes)
                    .unwrap_err()
                    .message,
                format!(
                    "Invalid parameter: Token Reason: Endpoint {arn} already exists with the same Token, but \
                     different attributes."
                )
            );
        }
        let other = with_application(&mut outreach, "other", &[]);
        assert!(create(&outreach, &other, "t", None, &[]).is_ok());
    }

    #[test]
    fn only_three_attributes_are_known_and_user_data_is_bounded() {
        let mut outreach = fresh();
        let application = with_application(&mut outreach, "shop", &[]);
        let refusal = |data, attributes: &[(&'static str, &'static str)]| {
            let plan = create(&outreach, &application, "t", data, attributes);
            plan.unwrap_err().message.into_owned()
        };
        assert_eq!(
            refusal(None, &[("EnableFoo", "1")]),
            "Invalid parameter: Attributes Reason: Invalid attribute name: EnableFoo"
        );
        let long: &'static str = "é".repeat(1025).leak();
        let text = "Invalid parameter: Attributes Reason: Invalid value for attribute: CustomUserData: must be \
                    at most 2048 bytes long in UTF-8 encoding";
        assert_eq!(refusal(Some(long), &[]), text);
        assert_eq!(refusal(None, &[("CustomUserData", long)]), text);
        assert!(refusal(None, &[("Enabled", "maybe")]).contains("Enabled"));
        assert!(refusal(None, &[("Token", "")]).starts_with("Invalid parameter: Token"));
    }

    #[test]
    fn an_unknown_application_has_no_endpoints() {
        let error = create(
            &fresh(),
            "arn:aws:sns:us-east-1:000000000000:app/GCM/none",
            "t",
            None,
            &[("bad", "1")],
        )
        .unwrap_err();
        assert_eq!((error.kind.code, error.kind.status), ("NotFound", 404));
        assert_eq!(error.message, "PlatformApplication does not exist");
    }

    #[test]
    fn the_application_tells_its_topic_of_a_new_endpoint() {
        let topic = "arn:aws:sns:us-east-1:000000000000:events";
        let mut outreach = fresh();
        let application = with_application(
            &mut outreach,
            "shop",
            &[(
                "EventEndpointCreated",
                "arn:aws:sns:us-east-1:000000000000:events",
            )],
        );
        let plan = create(&outreach, &application, "t", None, &[]).unwrap();
        let [notice] = &plan.notices[..] else {
            panic!("one notice");
        };
        assert_eq!(notice.topic_arn, topic);
        let message: serde_json::Value = serde_json::from_str(&notice.message).unwrap();
        assert_eq!(message["EventType"], "EndpointCreated");
        assert_eq!(message["EndpointArn"], plan.keep);
        assert_eq!(message["Resource"], application);
        assert_eq!(message["Time"], "2023-11-14T22:13:20.000Z");
    }
}
