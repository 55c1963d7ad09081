//! Which group a request means: by name, or by an ARN of the caller's own account and region.

use api::{Error, Str};
use domain::{AccountId, Arn, Region};

use crate::checks::{Checks, GROUP_NAME, IDENTIFIER};
use crate::error;

/// Whose groups are meant: those of one account in one region.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Owner {
    pub account: AccountId,
    pub region: Region,
}

impl Owner {
    /// The group's name in a logGroupIdentifier. A group of somebody else's is none that this caller can see.
    pub(crate) fn named<'i>(&self, identifier: &'i str) -> Result<&'i str, Error> {
        if !identifier.starts_with("arn:") {
            return Ok(identifier);
        }
        let arn = Arn::parse(identifier).map_err(|_| error::no_such_group())?;
        let own = arn.partition() == self.region.partition()
            && arn.service() == "logs"
            && arn.region() == self.region.as_str()
            && arn.account() == self.account.as_str();
        let name = identifier.splitn(6, ':').nth(5);
        name.and_then(|resource| resource.strip_prefix("log-group:"))
            .filter(|name| own && !name.contains(':'))
            .ok_or_else(error::no_such_group)
    }

    /// The group's name in a resourceArn.
    pub(crate) fn resource<'i>(&self, arn: &'i str) -> Result<&'i str, Error> {
        if Arn::parse(arn).is_err() {
            return Err(error::invalid(
                "The resourceArn is not an Amazon Resource Name.",
            ));
        }
        self.named(arn)
    }
}

/// The checks of the two ways to name a group, of which a request uses one.
pub(crate) fn check_either(
    checks: &mut Checks,
    name: Option<&Str<'_>>,
    identifier: Option<&Str<'_>>,
) {
    checks.text("logGroupName", name, &GROUP_NAME).text(
        "logGroupIdentifier",
        identifier,
        &IDENTIFIER,
    );
}

/// The group's name, where a request says either the name or the identifier. Comes after the checks.
pub(crate) fn either<'i>(
    owner: &Owner,
    name: Option<&'i Str<'_>>,
    identifier: Option<&'i Str<'_>>,
) -> Result<&'i str, Error> {
    match (name, identifier) {
        (Some(_), Some(_)) => Err(error::validation(
            "LogGroup name and LogGroup ARN are mutually exclusive parameters.",
        )),
        (Some(name), None) => Ok(name),
        (None, Some(identifier)) => owner.named(identifier),
        (None, None) => Err(error::invalid(
            "Either a LogGroup name or a LogGroup identifier must be specified.",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::op::samples::OWNER;

    #[test]
    fn an_identifier_is_a_name_or_the_groups_own_arn() {
        let arn = "arn:aws:logs:us-east-1:000000000000:log-group:/a/b";
        assert_eq!(OWNER.named("/a/b"), Ok("/a/b"));
        assert_eq!(OWNER.named(arn), Ok("/a/b"));
    }

    #[test]
    fn somebody_elses_group_does_not_exist() {
        for arn in [
            "arn:aws:logs:us-east-2:000000000000:log-group:g",
            "arn:aws:logs:us-east-1:000000000001:log-group:g",
            "arn:aws-cn:logs:us-east-1:000000000000:log-group:g",
            "arn:aws:sqs:us-east-1:000000000000:log-group:g",
            "arn:aws:logs:us-east-1:000000000000:destination:d",
            "arn:aws:logs:us-east-1:000000000000:log-group:g:log-stream:s",
            "arn:aws",
        ] {
            assert_eq!(OWNER.named(arn), Err(error::no_such_group()), "{arn}");
        }
    }

    #[test]
    fn name_and_identifier_exclude_each_other() {
        let (name, identifier) = (Str::Borrowed("g"), Str::Borrowed("h"));
        let both = either(&OWNER, Some(&name), Some(&identifier)).unwrap_err();
        assert_eq!(both.kind.code, "ValidationException");
        assert_eq!(
            both.message,
            "LogGroup name and LogGroup ARN are mutually exclusive parameters."
        );
        assert_eq!(either(&OWNER, Some(&name), None), Ok("g"));
        assert_eq!(either(&OWNER, None, Some(&identifier)), Ok("h"));
        let neither = either(&OWNER, None, None).unwrap_err();
        assert_eq!(neither.kind.code, "InvalidParameterException");
    }
}
