//! SetEndpointAttributes: another token, other user data, enabled or not.
//!
//! <https://docs.aws.amazon.com/sns/latest/api/API_SetEndpointAttributes.html>

use api::Error;
use api::sns::SetEndpointAttributesInput;
use domain::Time;

use crate::application_attributes::given;
use crate::command::Command;
use crate::notice::{self, Event};
use crate::op::create_platform_endpoint::taken;
use crate::op::{Plan, endpoint, endpoint_arn_of};
use crate::outreach::Outreach;

pub fn prepare(
    outreach: &Outreach,
    now: Time,
    input: &SetEndpointAttributesInput<'_>,
) -> Result<Plan<()>, Error> {
    let (old, application) = endpoint(outreach, input.endpoint_arn.as_deref())?;
    let mut new = old.clone();
    new.assign(given(&input.attributes)?)?;
    let holder = outreach
        .endpoints
        .with_token(application.number, &new.token);
    if let Some(holder) = holder.filter(|holder| holder.id != new.id) {
        return Err(taken(&endpoint_arn_of(outreach.home, application, holder)));
    }
    if new == *old {
        return Ok(Plan::nothing(()));
    }
    let notice = notice::of(outreach.home, application, &new, now, Event::Updated);
    Ok(Plan::of(Command::PutEndpoint(Box::new(new)), ()).noticed(notice))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::op::samples::{NOW, carry_out, fresh, map, with_application, with_endpoint};

    fn set(
        outreach: &Outreach,
        arn: &str,
        attributes: &[(&'static str, &'static str)],
    ) -> Result<Plan<()>, Error> {
        let input = SetEndpointAttributesInput {
            endpoint_arn: Some(arn.to_owned().into()),
            attributes: map(attributes),
        };
        prepare(outreach, NOW, &input)
    }

    fn world() -> (Outreach, String) {
        let mut outreach = fresh();
        let topic = "arn:aws:sns:us-east-1:000000000000:changes";
        let application =
            with_application(&mut outreach, "shop", &[("EventEndpointUpdated", topic)]);
        let arn = with_endpoint(&mut outreach, &application, "t");
        (outreach, arn)
    }

    #[test]
    fn what_is_given_changes_and_the_rest_stays() {
        let (mut outreach, arn) = world();
        let plan = set(
            &outreach,
            &arn,
            &[("Enabled", "false"), ("CustomUserData", "d")],
        )
        .unwrap();
        assert!(plan.notices[0].message.contains("EndpointUpdated"));
        carry_out(&mut outreach, NOW, plan);
        let (endpoint, _) = outreach.endpoint(&arn).unwrap();
        assert_eq!(
            endpoint.shown(),
            map(&[
                ("Enabled", "false"),
                ("Token", "t"),
                ("CustomUserData", "d")
            ])
            .unwrap()
        );
        let again = set(&outreach, &arn, &[("Enabled", "False")]).unwrap();
        assert_eq!((again.command, again.notices.len()), (None, 0));
    }

    #[test]
    fn a_token_has_one_endpoint() {
        let (mut outreach, arn) = world();
        let application = "arn:aws:sns:us-east-1:000000000000:app/GCM/shop";
        let other = with_endpoint(&mut outreach, application, "u");
        assert_eq!(
            set(&outreach, &arn, &[("Token", "u")]).unwrap_err().message,
            format!(
                "Invalid parameter: Token Reason: Endpoint {other} already exists with the same Token, but \
                 different attributes."
            )
        );
    }

    #[test]
    fn an_unknown_endpoint_goes_before_missing_attributes_and_those_before_bad_ones() {
        let (outreach, arn) = world();
        let gone = arn.replace("shop", "gone");
        assert_eq!(
            set(&outreach, &gone, &[]).unwrap_err().message,
            "Endpoint does not exist"
        );
        assert_eq!(
            set(&outreach, &arn, &[]).unwrap_err().kind.code,
            "ValidationError"
        );
        assert_eq!(
            set(&outreach, &arn, &[("foo", "bar")]).unwrap_err().message,
            "Invalid parameter: Attributes Reason: Invalid attribute name: foo"
        );
    }
}
