//! DeleteLogGroup: a group goes, with all that is in it.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DeleteLogGroup.html>

use api::Error;
use api::logs::DeleteLogGroupRequest;

use crate::checks::{Checks, GROUP_NAME};
use crate::error;
use crate::group::LogGroup;

pub fn locate<'i>(input: &'i DeleteLogGroupRequest<'_>) -> Result<&'i str, Error> {
    Checks::new()
        .required("logGroupName", input.log_group_name.as_ref(), &GROUP_NAME)
        .done()?;
    Ok(input.log_group_name.as_deref().unwrap_or_default())
}

/// Whether the group may go; the record that ends it is not its own.
pub fn check(group: &LogGroup) -> Result<(), Error> {
    if group.config().protected {
        return Err(error::protected());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::op::samples::{config, group};

    #[test]
    fn a_protected_group_stays() {
        assert_eq!(check(&group(config())), Ok(()));
        let mut protected = config();
        protected.protected = true;
        assert_eq!(
            check(&group(protected)).unwrap_err().kind.code,
            "ValidationException"
        );
    }

    #[test]
    fn a_group_is_named() {
        let error = locate(&DeleteLogGroupRequest::default()).unwrap_err();
        assert_eq!(error.kind.code, "InvalidParameterException");
    }
}
