//! DeleteEndpoint: an installation that gets no pushes any more. Subscriptions of it stay.
//!
//! <https://docs.aws.amazon.com/sns/latest/api/API_DeleteEndpoint.html>

use api::Error;
use api::sns::DeleteEndpointInput;
use domain::Time;

use crate::command::Command;
use crate::error::required;
use crate::notice::{self, Event};
use crate::op::Plan;
use crate::outreach::Outreach;

/// One that is not there is deleted already, as after its application.
pub fn prepare(
    outreach: &Outreach,
    now: Time,
    input: &DeleteEndpointInput<'_>,
) -> Result<Plan<()>, Error> {
    let arn = required("endpointArn", input.endpoint_arn.as_deref())?;
    let read = outreach.home.read_endpoint(arn);
    let (name, id) = match read {
        Ok(read) => read,
        Err(error) if error.kind.code == "NotFound" => return Ok(Plan::nothing(())),
        Err(error) => return Err(error),
    };
    let Some((endpoint, application)) = outreach.endpoint_of(&name, id) else {
        return Ok(Plan::nothing(()));
    };
    let notice = notice::of(outreach.home, application, endpoint, now, Event::Deleted);
    Ok(Plan::of(Command::RemoveEndpoint(id), ()).noticed(notice))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::op::samples::{NOW, carry_out, fresh, with_application, with_endpoint};

    fn delete(outreach: &Outreach, arn: &str) -> Result<Plan<()>, Error> {
        let input = DeleteEndpointInput {
            endpoint_arn: Some(arn.to_owned().into()),
        };
        prepare(outreach, NOW, &input)
    }

    #[test]
    fn deleting_twice_is_as_good_as_once() {
        let mut outreach = fresh();
        let topic = "arn:aws:sns:us-east-1:000000000000:gone";
        let application =
            with_application(&mut outreach, "shop", &[("EventEndpointDeleted", topic)]);
        let endpoint = with_endpoint(&mut outreach, &application, "t");
        let plan = delete(&outreach, &endpoint).unwrap();
        assert_eq!(plan.notices[0].topic_arn, topic);
        assert!(plan.notices[0].message.contains("EndpointDeleted"));
        carry_out(&mut outreach, NOW, plan);
        assert!(outreach.endpoint(&endpoint).is_none());
        let again = delete(&outreach, &endpoint).unwrap();
        assert_eq!((again.command, again.notices.len()), (None, 0));
    }

    #[test]
    fn an_arn_of_another_form_is_refused() {
        assert_eq!(
            delete(&fresh(), "arn:aws:sns:us-east-1:000000000000:app/GCM/shop")
                .unwrap_err()
                .message,
            "Invalid parameter: EndpointArn Reason: Wrong number of slashes in relative portion of the ARN."
        );
    }
}
