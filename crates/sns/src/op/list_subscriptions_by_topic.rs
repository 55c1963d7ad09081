//! ListSubscriptionsByTopic: a topic's subscriptions, a hundred at a time.
//!
//! <https://docs.aws.amazon.com/sns/latest/api/API_ListSubscriptionsByTopic.html>

use api::Error;
use api::sns::{ListSubscriptionsByTopicInput, ListSubscriptionsByTopicResponse};

use crate::error::invalid_parameter;
use crate::limits;
use crate::op::list_subscriptions::item;
use crate::paging;
use crate::topic::Topic;

/// A page in order of creation. A token stands for the number of the first subscription that is due.
pub fn reply(
    topic: &Topic,
    input: &ListSubscriptionsByTopicInput<'_>,
) -> Result<ListSubscriptionsByTopicResponse<'static>, Error> {
    let from = match input.next_token.as_deref() {
        Some(token) => paging::read(token)?
            .parse()
            .map_err(|_| invalid_parameter("NextToken"))?,
        None => 0,
    };
    let mut due = topic.subscriptions().from(from);
    let page = due.by_ref().take(limits::PAGE);
    let page = page.map(|subscription| item(topic.config(), subscription));
    Ok(ListSubscriptionsByTopicResponse {
        subscriptions: Some(page.collect()),
        next_token: due
            .next()
            .map(|next| paging::token(&next.number.to_string()).into()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::op::samples::{http_subscription, queue_subscription, standard, topic_with};
    use api::sns::Subscription;

    fn page(topic: &Topic, token: Option<String>) -> (Vec<Subscription<'static>>, Option<String>) {
        let input = ListSubscriptionsByTopicInput {
            topic_arn: None,
            next_token: token.map(Into::into),
        };
        let page = reply(topic, &input).unwrap();
        let token = page.next_token.map(|token| token.into_owned());
        (page.subscriptions.unwrap(), token)
    }

    #[test]
    fn pages_of_a_hundred_follow_each_other_to_the_end() {
        let queue = |n| queue_subscription(n, &format!("q{n}"));
        let topic = topic_with(standard(), (0..150).map(queue).collect());
        let (first, token) = page(&topic, None);
        let (second, end) = page(&topic, token);
        assert_eq!((first.len(), second.len(), end), (100, 50, None));
        let endpoints = first
            .into_iter()
            .chain(second)
            .map(|item| item.endpoint.unwrap());
        let all = (0..150).map(|n| queue(n).endpoint().to_owned());
        assert!(endpoints.eq(all));
    }

    #[test]
    fn a_pending_subscription_has_no_arn_yet() {
        let topic = topic_with(standard(), vec![http_subscription(0)]);
        let (items, _) = page(&topic, None);
        assert_eq!(
            items[0].subscription_arn.as_deref(),
            Some("PendingConfirmation")
        );
    }

    #[test]
    fn a_topic_without_subscriptions_has_an_empty_list() {
        assert_eq!(
            page(&topic_with(standard(), Vec::new()), None),
            (Vec::new(), None)
        );
    }

    #[test]
    fn a_token_of_ones_own_is_refused() {
        let input = ListSubscriptionsByTopicInput {
            topic_arn: None,
            next_token: Some("eA==".into()),
        };
        let topic = topic_with(standard(), Vec::new());
        assert_eq!(
            reply(&topic, &input).unwrap_err().message,
            "Invalid parameter: NextToken"
        );
    }
}
