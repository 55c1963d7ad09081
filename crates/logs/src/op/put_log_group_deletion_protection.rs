//! PutLogGroupDeletionProtection: whether a group and what is in it can be deleted.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogGroupDeletionProtection.html>

use api::Error;
use api::logs::PutLogGroupDeletionProtectionRequest;

use crate::checks::{Checks, IDENTIFIER};
use crate::group::LogGroup;
use crate::op::Plan;
use crate::owner::Owner;

pub fn locate<'i>(
    owner: &Owner,
    input: &'i PutLogGroupDeletionProtectionRequest<'_>,
) -> Result<&'i str, Error> {
    Checks::new()
        .required(
            "logGroupIdentifier",
            input.log_group_identifier.as_ref(),
            &IDENTIFIER,
        )
        .present(
            "deletionProtectionEnabled",
            input.deletion_protection_enabled.is_some(),
        )
        .done()?;
    owner.named(input.log_group_identifier.as_deref().unwrap_or_default())
}

pub fn prepare(
    group: &LogGroup,
    input: &PutLogGroupDeletionProtectionRequest<'_>,
) -> Plan<'static> {
    let mut config = group.config().clone();
    config.protected = input.deletion_protection_enabled.unwrap_or(false);
    Plan::configure(group.config(), config)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::op::delete_log_group;
    use crate::op::samples::{OWNER, World};

    fn protect(on: bool) -> PutLogGroupDeletionProtectionRequest<'static> {
        PutLogGroupDeletionProtectionRequest {
            log_group_identifier: Some("arn:aws:logs:us-east-1:000000000000:log-group:g".into()),
            deletion_protection_enabled: Some(on),
        }
    }

    #[test]
    fn protection_goes_on_and_off() {
        let mut world = World::new();
        assert_eq!(locate(&OWNER, &protect(true)), Ok("g"));
        world.apply(&prepare(&world.group, &protect(true)).command.unwrap());
        assert!(delete_log_group::check(&world.group).is_err());
        assert_eq!(prepare(&world.group, &protect(true)).command, None);
        world.apply(&prepare(&world.group, &protect(false)).command.unwrap());
        assert!(delete_log_group::check(&world.group).is_ok());
    }

    #[test]
    fn both_members_are_required() {
        let error = locate(&OWNER, &PutLogGroupDeletionProtectionRequest::default()).unwrap_err();
        assert!(error.message.starts_with("2 validation errors detected: "));
    }
}
