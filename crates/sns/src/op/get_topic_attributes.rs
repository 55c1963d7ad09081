//! GetTopicAttributes: what was set for a topic, and what follows from it.
//!
//! <https://docs.aws.amazon.com/sns/latest/api/API_GetTopicAttributes.html>

use api::sns::GetTopicAttributesResponse;

use crate::topic::Topic;
use crate::topic_attributes::{self, TopicAttribute};

/// The topic comes as of now. The counts are exact, where AWS's follow a while later.
pub fn reply(topic: &Topic) -> GetTopicAttributesResponse<'static> {
    let attributes = TopicAttribute::all().filter_map(|(attribute, name)| {
        let text = topic_attributes::text_of_topic(topic, attribute)?;
        Some((name.into(), text.into()))
    });
    GetTopicAttributesResponse {
        attributes: Some(attributes.collect()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::Command;
    use crate::config::Config;
    use crate::op::samples::{
        NOW, TOPIC_ARN, apply, archived, fifo, http_subscription, queue_subscription, seconds,
        standard, topic_with,
    };

    fn shown(topic: &Topic) -> Vec<(String, String)> {
        let attributes = reply(topic).attributes.unwrap();
        let texts =
            |(name, value): (api::Str<'_>, api::Str<'_>)| (name.into_owned(), value.into_owned());
        attributes.into_iter().map(texts).collect()
    }

    fn value(topic: &Topic, name: &str) -> Option<String> {
        let shown = shown(topic).into_iter();
        shown
            .filter(|(known, _)| known == name)
            .map(|(_, value)| value)
            .next()
    }

    fn names(config: Config) -> Vec<String> {
        let mut names: Vec<String> = shown(&Topic::new(config))
            .into_iter()
            .map(|(n, _)| n)
            .collect();
        names.sort();
        names
    }

    #[test]
    fn a_fresh_topic_has_eight_attributes() {
        assert_eq!(
            names(standard()),
            [
                "DisplayName",
                "EffectiveDeliveryPolicy",
                "Owner",
                "Policy",
                "SubscriptionsConfirmed",
                "SubscriptionsDeleted",
                "SubscriptionsPending",
                "TopicArn"
            ]
        );
        let topic = Topic::new(standard());
        assert_eq!(value(&topic, "TopicArn").as_deref(), Some(TOPIC_ARN));
        assert_eq!(value(&topic, "Owner").as_deref(), Some("000000000000"));
        assert_eq!(value(&topic, "DisplayName").as_deref(), Some(""));
        assert_eq!(value(&topic, "SubscriptionsDeleted").as_deref(), Some("0"));
    }

    #[test]
    fn a_fresh_fifo_topic_has_two_more() {
        let more: Vec<String> = names(fifo())
            .into_iter()
            .filter(|name| !names(standard()).contains(name))
            .collect();
        assert_eq!(more, ["ContentBasedDeduplication", "FifoTopic"]);
        let topic = Topic::new(fifo());
        assert_eq!(value(&topic, "FifoTopic").as_deref(), Some("true"));
        assert_eq!(
            value(&topic, "ContentBasedDeduplication").as_deref(),
            Some("false")
        );
    }

    #[test]
    fn an_archive_shows_from_when_on_it_can_be_replayed() {
        let topic = Topic::new(archived());
        assert_eq!(
            value(&topic, "BeginningArchiveTime").as_deref(),
            Some("1970-01-12T13:46:40.000Z")
        );
    }

    #[test]
    fn subscriptions_are_counted_by_their_state() {
        let subscriptions = vec![
            queue_subscription(0, "a"),
            queue_subscription(1, "b"),
            http_subscription(2),
        ];
        let mut topic = topic_with(standard(), subscriptions);
        let counts = |topic: &Topic| {
            ["Confirmed", "Pending", "Deleted"]
                .map(|state| value(topic, &format!("Subscriptions{state}")).unwrap())
        };
        assert_eq!(counts(&topic), ["2", "1", "0"]);
        let unsubscribe = Command::Unsubscribe {
            number: 1,
            confirmation: None,
            secret: [0; 16],
        };
        apply(&mut topic, NOW, unsubscribe);
        assert_eq!(counts(&topic), ["1", "1", "1"]);
        let later = seconds(4 * 86_400);
        apply(&mut topic, later, Command::Configure(Box::new(standard())));
        assert_eq!(counts(&topic), ["1", "0", "0"]);
    }
}
