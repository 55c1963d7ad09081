//! ListSubscriptions: the subscriptions of all of an account's topics in a region, a hundred at a time.
//!
//! <https://docs.aws.amazon.com/sns/latest/api/API_ListSubscriptions.html>

use api::Error;
use api::sns;
use api::sns::{ListSubscriptionsInput, ListSubscriptionsResponse};

use crate::config::Config;
use crate::endpoint;
use crate::error::invalid_parameter;
use crate::limits;
use crate::paging;
use crate::subscription::Subscription;
use crate::topic::Topic;

/// A page in the making. The topics are shown to it one by one, sorted by name, until it is full.
#[derive(Clone, Debug)]
pub struct Page {
    /// Where it begins: a topic's name, and a number inside it.
    from: (String, u32),
    items: Vec<sns::Subscription<'static>>,
    /// Where the next page begins.
    next: Option<(String, u32)>,
}

impl Page {
    pub fn start(input: &ListSubscriptionsInput<'_>) -> Result<Page, Error> {
        let from = match input.next_token.as_deref() {
            Some(token) => {
                let text = paging::read(token)?;
                let position = text.split_once(' ');
                let position = position
                    .and_then(|(number, name)| Some((name.to_owned(), number.parse().ok()?)));
                position.ok_or_else(|| invalid_parameter("NextToken"))?
            }
            None => (String::new(), 0),
        };
        Ok(Page {
            from,
            items: Vec::new(),
            next: None,
        })
    }

    /// The first topic that is due; it may be gone by now.
    pub fn first_topic(&self) -> &str {
        &self.from.0
    }

    /// Adds a topic's subscriptions, as many as there is room for.
    pub fn add(&mut self, topic: &Topic) {
        let name = &topic.config().name;
        let from = match name.as_str().cmp(&self.from.0) {
            std::cmp::Ordering::Less => return,
            std::cmp::Ordering::Equal => self.from.1,
            std::cmp::Ordering::Greater => 0,
        };
        for subscription in topic.subscriptions().from(from) {
            if self.is_full() {
                return;
            }
            if self.items.len() == limits::PAGE {
                self.next = Some((name.clone(), subscription.number));
                return;
            }
            self.items.push(item(topic.config(), subscription));
        }
    }

    /// Whether no further topic need be shown: all items are there, and it is known where the next page begins.
    pub fn is_full(&self) -> bool {
        self.next.is_some()
    }

    pub fn reply(self) -> ListSubscriptionsResponse<'static> {
        let token = |(name, number): (String, u32)| paging::token(&format!("{number} {name}"));
        ListSubscriptionsResponse {
            subscriptions: Some(self.items),
            next_token: self.next.map(|next| token(next).into()),
        }
    }
}

/// A subscription as listings show it. One that is pending does not tell its ARN.
pub(crate) fn item(topic: &Config, subscription: &Subscription) -> sns::Subscription<'static> {
    let arn = if subscription.is_pending() {
        "PendingConfirmation".to_owned()
    } else {
        subscription.arn(topic)
    };
    sns::Subscription {
        subscription_arn: Some(arn.into()),
        owner: Some(subscription.owner.as_str().to_owned().into()),
        protocol: Some(subscription.protocol.name().into()),
        endpoint: Some(endpoint::shown(subscription.endpoint()).into()),
        topic_arn: Some(topic.arn().as_str().to_owned().into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::op::samples::{http_subscription, queue_subscription, standard, topic_with};

    fn topic(name: &str, subscriptions: u32) -> Topic {
        let mut config = standard();
        config.name = name.to_owned();
        let queue = |n| queue_subscription(n, &format!("{name}{n}"));
        topic_with(config, (0..subscriptions).map(queue).collect())
    }

    fn page(topics: &[Topic], token: Option<String>) -> (Vec<String>, Option<String>) {
        let input = ListSubscriptionsInput {
            next_token: token.map(Into::into),
        };
        let mut page = Page::start(&input).unwrap();
        for topic in topics {
            page.add(topic);
        }
        let reply = page.reply();
        let items = reply.subscriptions.unwrap().into_iter();
        let endpoints = items.map(|item| item.endpoint.unwrap().into_owned());
        let token = reply.next_token.map(|token| token.into_owned());
        (endpoints.collect(), token)
    }

    #[test]
    fn pages_of_a_hundred_run_through_all_topics() {
        let topics = [
            topic("a", 60),
            topic("b", 0),
            topic("c", 240),
            topic("d", 1),
        ];
        let (mut token, mut sizes, mut seen) = (None, Vec::new(), Vec::new());
        loop {
            let (items, next) = page(&topics, token);
            sizes.push(items.len());
            seen.extend(items);
            if next.is_none() {
                break;
            }
            token = next;
        }
        assert_eq!(sizes, [100, 100, 100, 1]);
        let all = topics.iter().flat_map(|topic| topic.subscriptions().iter());
        assert!(
            seen.into_iter()
                .eq(all.map(|one| one.endpoint().to_owned()))
        );
    }

    #[test]
    fn a_topic_that_has_gone_is_passed_over() {
        let (first, token) = page(&[topic("a", 120)], None);
        assert_eq!(first.len(), 100);
        assert_eq!(
            page(&[topic("b", 2)], token),
            (
                vec![
                    "arn:aws:sqs:us-east-1:000000000000:b0".to_owned(),
                    "arn:aws:sqs:us-east-1:000000000000:b1".to_owned()
                ],
                None
            )
        );
    }

    #[test]
    fn a_page_that_ends_with_the_last_subscription_has_no_token() {
        let (items, token) = page(&[topic("a", 100), topic("b", 0)], None);
        assert_eq!((items.len(), token), (100, None));
    }

    #[test]
    fn an_item_tells_where_a_subscription_leads() {
        let queue = item(&standard(), &queue_subscription(0, "orders"));
        assert_eq!(
            queue.subscription_arn.unwrap(),
            queue_subscription(0, "orders").arn(&standard())
        );
        assert_eq!(queue.owner.unwrap(), "000000000000");
        assert_eq!(queue.protocol.unwrap(), "sqs");
        let pending = item(&standard(), &http_subscription(0));
        assert_eq!(pending.subscription_arn.unwrap(), "PendingConfirmation");
        assert_eq!(pending.endpoint.unwrap(), "http://localhost:8080/0");
    }

    #[test]
    fn a_token_of_ones_own_is_refused() {
        for token in ["!", "eA==", "eCB5"] {
            let input = ListSubscriptionsInput {
                next_token: Some(token.into()),
            };
            let error = Page::start(&input).unwrap_err();
            assert_eq!(error.message, "Invalid parameter: NextToken", "{token}");
        }
    }
}
