//! ListQueues: the URLs of an account's queues in a region, by name.
//!
//! <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ListQueues.html>

use api::sqs::{ListQueuesRequest, ListQueuesResult};

use crate::batch;
use crate::error::Error;
use crate::paging;

pub use crate::paging::Page;

/// The names to show, out of all of the account's, which come sorted.
pub fn page<'n>(
    names: impl Iterator<Item = &'n str>,
    input: &ListQueuesRequest<'_>,
) -> Result<Page<'n>, Error> {
    let prefix = input.queue_name_prefix.as_deref().unwrap_or_default();
    let matching = names.filter(|name| name.starts_with(prefix));
    paging::page(matching, input.max_results, input.next_token.as_deref())
}

/// `url` makes a queue's URL from its name.
pub fn reply(page: Page<'_>, url: impl Fn(&str) -> String) -> ListQueuesResult<'static> {
    let urls = page
        .names
        .into_iter()
        .map(|name| url(name).into())
        .collect();
    ListQueuesResult {
        queue_urls: batch::some(urls),
        next_token: page.next_token.map(Into::into),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(input: &ListQueuesRequest<'_>) -> ListQueuesResult<'static> {
        let page = page(["a1", "a2", "b1"].into_iter(), input).unwrap();
        reply(page, |name| format!("http://here/000000000000/{name}"))
    }

    #[test]
    fn a_prefix_chooses_and_pages_follow_the_choice() {
        let first = ListQueuesRequest {
            queue_name_prefix: Some("a".into()),
            max_results: Some(1),
            next_token: None,
        };
        let result = list(&first);
        assert_eq!(result.queue_urls.unwrap(), ["http://here/000000000000/a1"]);
        let result = list(&ListQueuesRequest {
            next_token: result.next_token,
            ..first
        });
        assert_eq!(result.queue_urls.unwrap(), ["http://here/000000000000/a2"]);
        assert_eq!(result.next_token, None);
    }

    #[test]
    fn where_nothing_matches_there_is_no_list() {
        let input = ListQueuesRequest {
            queue_name_prefix: Some("A".into()),
            ..ListQueuesRequest::default()
        };
        assert_eq!(list(&input), ListQueuesResult::default());
    }
}
