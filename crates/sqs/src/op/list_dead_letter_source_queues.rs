//! ListDeadLetterSourceQueues: the queues whose redrive policy names this one.
//!
//! <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ListDeadLetterSourceQueues.html>

use api::sqs::{ListDeadLetterSourceQueuesRequest, ListDeadLetterSourceQueuesResult};
use domain::Arn;

use crate::config::Config;
use crate::error::Error;
use crate::paging::{self, Page};

/// Whether messages of `queue` go to `target` in the end.
pub fn is_source(queue: &Config, target: &Arn) -> bool {
    queue
        .redrive
        .as_ref()
        .is_some_and(|redrive| redrive.dead_letter == *target)
}

/// The names to show, out of those of all sources, which come sorted. Sources live in their target's account and
/// region.
pub fn page<'n>(
    names: impl Iterator<Item = &'n str>,
    input: &ListDeadLetterSourceQueuesRequest<'_>,
) -> Result<Page<'n>, Error> {
    paging::page(names, input.max_results, input.next_token.as_deref())
}

/// `url` makes a queue's URL from its name. Unlike other lists this one is there when it is empty.
pub fn reply(
    page: Page<'_>,
    url: impl Fn(&str) -> String,
) -> ListDeadLetterSourceQueuesResult<'static> {
    ListDeadLetterSourceQueuesResult {
        queue_urls: Some(
            page.names
                .into_iter()
                .map(|name| url(name).into())
                .collect(),
        ),
        next_token: page.next_token.map(Into::into),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Redrive;
    use crate::op::samples::standard;

    #[test]
    fn a_source_is_a_queue_whose_redrive_policy_names_the_target() {
        let target = Arn::parse("arn:aws:sqs:us-east-1:000000000000:dead").unwrap();
        let redrive = Redrive {
            dead_letter: target.clone(),
            max_receives: 1,
        };
        let source = Config {
            redrive: Some(redrive),
            ..standard()
        };
        assert!(is_source(&source, &target));
        assert!(!is_source(&source, &source.arn()));
        assert!(!is_source(&standard(), &target));
    }

    #[test]
    fn the_list_is_there_even_when_it_is_empty() {
        let page = page(
            [].into_iter(),
            &ListDeadLetterSourceQueuesRequest::default(),
        )
        .unwrap();
        let result = reply(page, str::to_owned);
        assert_eq!((result.queue_urls, result.next_token), (Some(vec![]), None));
    }

    #[test]
    fn pages_carry_a_token() {
        let input = ListDeadLetterSourceQueuesRequest {
            max_results: Some(1),
            ..ListDeadLetterSourceQueuesRequest::default()
        };
        let result = reply(page(["a", "b"].into_iter(), &input).unwrap(), str::to_owned);
        assert_eq!(result.queue_urls.unwrap(), ["a"]);
        assert!(result.next_token.is_some());
    }
}
