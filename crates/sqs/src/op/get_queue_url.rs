//! GetQueueUrl: the URL of a queue by its name, another account's too.
//!
//! <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_GetQueueUrl.html>

use api::sqs::{GetQueueUrlRequest, GetQueueUrlResult};
use domain::AccountId;

use crate::error::Error;
use crate::op::required;

/// Whose queue of which name is meant.
pub fn prepare<'a>(
    caller: AccountId,
    input: &'a GetQueueUrlRequest<'_>,
) -> Result<(AccountId, &'a str), Error> {
    let name = required(&input.queue_name, "QueueName")?;
    let owner = match input.queue_owner_aws_account_id.as_deref() {
        // What is no account owns no queue.
        Some(owner) => AccountId::parse(owner).map_err(|_| Error::QueueDoesNotExist)?,
        None => caller,
    };
    Ok((owner, name))
}

pub fn reply(queue_url: String) -> GetQueueUrlResult<'static> {
    GetQueueUrlResult {
        queue_url: Some(queue_url.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(
        name: Option<&'static str>,
        owner: Option<&'static str>,
    ) -> Result<(AccountId, String), Error> {
        let input = GetQueueUrlRequest {
            queue_name: name.map(Into::into),
            queue_owner_aws_account_id: owner.map(Into::into),
        };
        prepare(AccountId::DEFAULT, &input).map(|(owner, name)| (owner, name.to_owned()))
    }

    #[test]
    fn a_queue_is_the_callers_unless_another_owner_is_named() {
        assert_eq!(find(Some("q"), None), Ok((AccountId::DEFAULT, "q".into())));
        let other = AccountId::parse("111111111111").unwrap();
        assert_eq!(
            find(Some("q"), Some("111111111111")),
            Ok((other, "q".into()))
        );
        assert_eq!(find(Some("q"), Some("x")), Err(Error::QueueDoesNotExist));
    }

    #[test]
    fn a_name_is_required() {
        assert_eq!(find(None, None), Err(Error::MissingParameter("QueueName")));
    }
}
