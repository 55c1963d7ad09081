//! DeletePlatformApplication: an app, and its endpoints with it.
//!
//! <https://docs.aws.amazon.com/sns/latest/api/API_DeletePlatformApplication.html>

use api::Error;
use api::sns::DeletePlatformApplicationInput;

use crate::command::Command;
use crate::op::{Plan, application};
use crate::outreach::Outreach;

/// One that is not there is deleted already.
pub fn prepare(
    outreach: &Outreach,
    input: &DeletePlatformApplicationInput<'_>,
) -> Result<Plan<()>, Error> {
    match application(outreach, input.platform_application_arn.as_deref()) {
        Ok(application) => Ok(Plan::of(Command::RemoveApplication(application.number), ())),
        Err(error) if error.kind.code == "NotFound" => Ok(Plan::nothing(())),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::op::samples::{NOW, carry_out, fresh, with_application, with_endpoint};

    #[test]
    fn an_application_takes_its_endpoints_with_it_and_may_be_deleted_twice() {
        let mut outreach = fresh();
        let arn = with_application(&mut outreach, "shop", &[]);
        let endpoint = with_endpoint(&mut outreach, &arn, "t");
        let input = DeletePlatformApplicationInput {
            platform_application_arn: Some(arn.clone().into()),
        };
        let plan = prepare(&outreach, &input).unwrap();
        carry_out(&mut outreach, NOW, plan);
        assert_eq!(prepare(&outreach, &input).unwrap().command, None);
        with_application(&mut outreach, "shop", &[]);
        assert!(outreach.endpoint(&endpoint).is_none());
    }

    #[test]
    fn a_text_that_is_no_arn_is_refused() {
        let input = DeletePlatformApplicationInput {
            platform_application_arn: Some("nonsense".into()),
        };
        assert!(prepare(&fresh(), &input).is_err());
    }
}
