//! DeleteRetentionPolicy: a group keeps its events for ever again.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DeleteRetentionPolicy.html>

use api::Error;
use api::logs::DeleteRetentionPolicyRequest;

use crate::checks::{Checks, GROUP_NAME};
use crate::group::LogGroup;
use crate::op::{Plan, put_retention_policy};

pub fn locate<'i>(input: &'i DeleteRetentionPolicyRequest<'_>) -> Result<&'i str, Error> {
    Checks::new()
        .required("logGroupName", input.log_group_name.as_ref(), &GROUP_NAME)
        .done()?;
    Ok(input.log_group_name.as_deref().unwrap_or_default())
}

/// Nothing to do where there is none.
pub fn prepare(group: &LogGroup) -> Result<Plan<'static>, Error> {
    put_retention_policy::check_class(group)?;
    let mut config = group.config().clone();
    config.retention = None;
    Ok(Plan::configure(group.config(), config))
}

#[cfg(test)]
mod tests {
    use domain::{Machine as _, Seconds};

    use super::*;
    use crate::op::samples::{World, config, group};

    #[test]
    fn nothing_expires_any_more() {
        let mut config = config();
        config.retention = Some(1);
        let mut world = World::of(config);
        world.put("s", crate::op::samples::NOW, "kept");
        assert_eq!(
            world.group.wakes_at(),
            Some(crate::op::samples::seconds(86_400))
        );
        world.apply(&prepare(&world.group).unwrap().command.unwrap());
        assert_eq!(world.group.wakes_at(), None);
        world.pass(Seconds(10 * 86_400));
        assert_eq!(world.messages("s"), ["kept"]);
    }

    #[test]
    fn a_group_without_one_stays_as_it_is() {
        assert_eq!(prepare(&group(config())).unwrap().command, None);
    }
}
