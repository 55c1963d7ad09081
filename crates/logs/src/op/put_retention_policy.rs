//! PutRetentionPolicy: how many days a group keeps its events.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html>

use api::Error;
use api::logs::PutRetentionPolicyRequest;

use crate::checks::{Checks, GROUP_NAME};
use crate::config::Class;
use crate::group::LogGroup;
use crate::op::Plan;
use crate::{error, limits};

pub fn locate<'i>(input: &'i PutRetentionPolicyRequest<'_>) -> Result<&'i str, Error> {
    let mut checks = Checks::new();
    checks
        .required("logGroupName", input.log_group_name.as_ref(), &GROUP_NAME)
        .present("retentionInDays", input.retention_in_days.is_some());
    if let Some(given) = input.retention_in_days
        && days(given).is_none()
    {
        let set = limits::RETENTION_DAYS
            .map(|days| days.to_string())
            .join(", ");
        let constraint = format!("satisfy enum value set: [{set}]");
        checks.fail("retentionInDays", given, &constraint);
    }
    checks.done()?;
    Ok(input.log_group_name.as_deref().unwrap_or_default())
}

fn days(given: i32) -> Option<u16> {
    limits::RETENTION_DAYS
        .into_iter()
        .find(|&days| i32::from(days) == given)
}

pub fn prepare(
    group: &LogGroup,
    input: &PutRetentionPolicyRequest<'_>,
) -> Result<Plan<'static>, Error> {
    check_class(group)?;
    let mut config = group.config().clone();
    config.retention = input.retention_in_days.and_then(days);
    Ok(Plan::configure(group.config(), config))
}

/// A group of the delivery class has the retention that AWS gives it.
pub(crate) fn check_class(group: &LogGroup) -> Result<(), Error> {
    match group.config().class {
        Class::Delivery => Err(error::invalid(
            "The retention of a log group of the DELIVERY class cannot be changed.",
        )),
        Class::Standard | Class::InfrequentAccess | Class::Essentials => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use domain::Seconds;

    use super::*;
    use crate::op::samples::{World, config_of, group};

    fn days(days: i32) -> PutRetentionPolicyRequest<'static> {
        PutRetentionPolicyRequest {
            log_group_name: Some("g".into()),
            retention_in_days: Some(days),
        }
    }

    #[test]
    fn only_certain_numbers_of_days_may_be_set() {
        for fine in limits::RETENTION_DAYS {
            assert_eq!(locate(&days(fine.into())), Ok("g"));
        }
        for wrong in [-1, 0, 2, 3654, 65_537] {
            let error = locate(&days(wrong)).unwrap_err();
            assert_eq!(error.kind.code, "InvalidParameterException");
            assert!(
                error
                    .message
                    .contains(&format!("Value '{wrong}' at 'retentionInDays'"))
            );
        }
    }

    #[test]
    fn a_shorter_retention_works_at_once_on_what_is_there() {
        let mut world = World::with(&[("s", 0, "old"), ("s", 2 * 86_400_000, "new")]);
        world.pass(Seconds(2 * 86_400));
        world.apply(&prepare(&world.group, &days(3)).unwrap().command.unwrap());
        assert_eq!(world.messages("s"), ["old", "new"]);
        world.apply(&prepare(&world.group, &days(1)).unwrap().command.unwrap());
        assert_eq!(world.messages("s"), ["new"]);
        assert_eq!(prepare(&world.group, &days(1)).unwrap().command, None);
    }

    #[test]
    fn the_delivery_class_keeps_its_own() {
        let group = group(config_of("g", Class::Delivery));
        let error = prepare(&group, &days(7)).unwrap_err();
        assert_eq!(error.kind.code, "InvalidParameterException");
    }
}
