//! CreateLogGroup: a group of a name, which must not be there.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html>

use api::Error;
use api::logs::{CreateLogGroupRequest, error as kind};
use domain::Time;

use crate::checks::{Checks, GROUP_NAME, KMS_KEY};
use crate::config::{Class, Config};
use crate::owner::Owner;
use crate::{error, tags};

/// The group that is asked for. Whether one of its name exists is the caller's to find out
/// ([`error::group_exists`]).
pub fn prepare(
    owner: &Owner,
    now: Time,
    input: &CreateLogGroupRequest<'_>,
) -> Result<Config, Error> {
    let mut checks = Checks::new();
    checks
        .required("logGroupName", input.log_group_name.as_ref(), &GROUP_NAME)
        .text("kmsKeyId", input.kms_key_id.as_ref(), &KMS_KEY)
        .one_of(
            "logGroupClass",
            input.log_group_class.as_ref(),
            &Class::NAMES,
        );
    tags::check(&mut checks, input.tags.as_ref());
    checks.done()?;
    let name = input.log_group_name.as_deref().unwrap_or_default();
    if name
        .get(..4)
        .is_some_and(|start| start.eq_ignore_ascii_case("aws/"))
    {
        return Err(error::invalid(
            "Log groups starting with AWS/ are reserved for AWS.",
        ));
    }
    let class = input.log_group_class.as_deref().and_then(Class::from_name);
    let class = class.unwrap_or(Class::Standard);
    let mut config = Config::fresh(owner.account, owner.region, name, class, now);
    config.kms_key = input.kms_key_id.as_deref().map(str::to_owned);
    config.protected = input.deletion_protection_enabled.unwrap_or(false);
    tags::add(
        &mut config,
        input.tags.as_ref(),
        &kind::INVALID_PARAMETER_EXCEPTION,
    )?;
    Ok(config)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::op::samples::{NOW, OWNER, config, map};

    fn create(input: &CreateLogGroupRequest<'_>) -> Result<Config, Error> {
        prepare(&OWNER, NOW, input)
    }

    fn named(name: &str) -> CreateLogGroupRequest<'_> {
        CreateLogGroupRequest {
            log_group_name: Some(name.into()),
            ..CreateLogGroupRequest::default()
        }
    }

    #[test]
    fn a_group_is_of_the_standard_class_never_forgets_and_can_be_deleted_unless_asked_otherwise() {
        assert_eq!(create(&named("g")), Ok(config()));
    }

    #[test]
    fn what_is_given_is_kept() {
        let given = create(&CreateLogGroupRequest {
            kms_key_id: Some("arn:aws:kms:us-east-1:000000000000:key/k".into()),
            tags: map(&[("b", "2"), ("a", "1")]),
            log_group_class: Some("INFREQUENT_ACCESS".into()),
            deletion_protection_enabled: Some(true),
            ..named("/app/x")
        })
        .unwrap();
        assert_eq!(given.name, "/app/x");
        assert_eq!(
            given.kms_key.as_deref(),
            Some("arn:aws:kms:us-east-1:000000000000:key/k")
        );
        assert_eq!(given.class, Class::InfrequentAccess);
        assert!(given.protected);
        assert_eq!(
            given.tags,
            [("a".into(), "1".into()), ("b".into(), "2".into())]
        );
    }

    #[test]
    fn a_name_is_required_and_of_legal_characters() {
        let missing = create(&CreateLogGroupRequest::default()).unwrap_err();
        assert_eq!(
            missing.message,
            "1 validation error detected: Value null at 'logGroupName' failed to satisfy constraint: Member must not \
             be null"
        );
        let illegal = create(&named("a:b")).unwrap_err();
        assert_eq!(
            illegal.message,
            "1 validation error detected: Value 'a:b' at 'logGroupName' failed to satisfy constraint: Member must \
             satisfy regular expression pattern: [\\.\\-_/#A-Za-z0-9]+"
        );
        let reserved = create(&named("aws/spans")).unwrap_err();
        assert_eq!(
            reserved.message,
            "Log groups starting with AWS/ are reserved for AWS."
        );
        assert!(create(&named("/aws/lambda/f")).is_ok());
    }

    #[test]
    fn an_unknown_class_is_refused() {
        let error = create(&CreateLogGroupRequest {
            log_group_class: Some("COLD".into()),
            ..named("g")
        })
        .unwrap_err();
        assert_eq!(
            error.message,
            "1 validation error detected: Value 'COLD' at 'logGroupClass' failed to satisfy constraint: Member must \
             satisfy enum value set: [STANDARD, INFREQUENT_ACCESS, DELIVERY, ESSENTIALS]"
        );
    }
}
