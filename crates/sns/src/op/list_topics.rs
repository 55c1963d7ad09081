//! ListTopics: the ARNs of an account's topics in a region, a hundred at a time.
//!
//! <https://docs.aws.amazon.com/sns/latest/api/API_ListTopics.html>

use api::Error;
use api::sns::{ListTopicsInput, ListTopicsResponse, Topic};

use crate::limits;
use crate::paging;

/// A page of `arns`, which come sorted. A token stands for the last ARN of the page before, so that topics made or
/// deleted in between neither shift nor repeat the others.
pub fn reply(
    arns: impl Iterator<Item = String>,
    input: &ListTopicsInput<'_>,
) -> Result<ListTopicsResponse<'static>, Error> {
    let after = input.next_token.as_deref().map(paging::read).transpose()?;
    let mut due = arns.filter(|arn| after.as_ref().is_none_or(|after| arn > after));
    let page: Vec<String> = due.by_ref().take(limits::PAGE).collect();
    let next = due.next().and(page.last()).map(|last| paging::token(last));
    let topic = |arn: String| Topic {
        topic_arn: Some(arn.into()),
    };
    Ok(ListTopicsResponse {
        topics: Some(page.into_iter().map(topic).collect()),
        next_token: next.map(Into::into),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arns(count: usize) -> impl Iterator<Item = String> {
        (0..count).map(|n| format!("arn:aws:sns:us-east-1:000000000000:t{n:04}"))
    }

    #[test]
    fn pages_of_a_hundred_follow_each_other_to_the_end() {
        let mut input = ListTopicsInput::default();
        let mut sizes = Vec::new();
        let mut seen = Vec::new();
        loop {
            let page = reply(arns(250), &input).unwrap();
            let topics = page.topics.unwrap();
            sizes.push(topics.len());
            seen.extend(
                topics
                    .into_iter()
                    .map(|topic| topic.topic_arn.unwrap().into_owned()),
            );
            let Some(token) = page.next_token else { break };
            input.next_token = Some(token);
        }
        assert_eq!(sizes, [100, 100, 50]);
        assert!(seen.into_iter().eq(arns(250)));
    }

    #[test]
    fn a_page_that_ends_with_the_last_topic_has_no_token() {
        let page = reply(arns(100), &ListTopicsInput::default()).unwrap();
        assert_eq!((page.topics.unwrap().len(), page.next_token), (100, None));
        let empty = reply(arns(0), &ListTopicsInput::default()).unwrap();
        assert_eq!(empty.topics, Some(Vec::new()));
    }

    #[test]
    fn a_token_of_ones_own_is_refused() {
        let input = ListTopicsInput {
            next_token: Some("!".into()),
        };
        assert_eq!(
            reply(arns(1), &input).unwrap_err().message,
            "Invalid parameter: NextToken"
        );
    }
}
