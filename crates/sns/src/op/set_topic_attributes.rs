//! SetTopicAttributes: one attribute of a topic gets a new value.
//!
//! <https://docs.aws.amazon.com/sns/latest/api/API_SetTopicAttributes.html>

use api::Error;
use api::sns::SetTopicAttributesInput;
use domain::Time;

use crate::command::Command;
use crate::error::{Refused, invalid_parameter};
use crate::limits;
use crate::op::{Plan, required};
use crate::topic::Topic;
use crate::topic_attributes::{self, TopicAttribute};

pub fn prepare(
    topic: &Topic,
    now: Time,
    input: &SetTopicAttributesInput<'_>,
) -> Result<Plan<'static, ()>, Error> {
    let name = required(input.attribute_name.as_ref(), "attributeName")?;
    let mut config = topic.config().clone();
    let attribute = TopicAttribute::parse(name)
        .filter(|attribute| attribute.is_settable(config.fifo))
        .ok_or_else(|| invalid_parameter("AttributeName"))?;
    // A missing value counts as an empty one.
    let value = input.attribute_value.as_deref().unwrap_or_default();
    topic_attributes::assign(&mut config, attribute, value, now).map_err(Refused::alone)?;
    if attribute == TopicAttribute::MaximumMessageSize && config.has_large_messages() {
        check_subscriptions(topic)?;
    }
    Ok(Plan {
        command: Some(Command::Configure(Box::new(config))),
        keep: (),
    })
}

/// Large messages go to queues, functions and streams only, and to few of them.
fn check_subscriptions(topic: &Topic) -> Result<(), Error> {
    let subscriptions = topic.subscriptions();
    let few = subscriptions.len() <= limits::SUBSCRIPTIONS_FEW_MAX;
    if few
        && subscriptions
            .iter()
            .all(|one| one.protocol.takes_large_messages())
    {
        return Ok(());
    }
    Err(invalid_parameter(
        "MaximumMessageSize: a topic with messages over 262144 bytes has at most 100 subscriptions, of the protocols \
         sqs, lambda and firehose",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::op::samples::{
        archived, fifo, http_subscription, queue_subscription, seconds, standard, topic_with,
    };

    fn plan(topic: &Topic, name: &'static str, value: &str) -> Result<Config, Error> {
        let input = SetTopicAttributesInput {
            topic_arn: None,
            attribute_name: Some(name.into()),
            attribute_value: Some(value.to_owned().into()),
        };
        let Some(Command::Configure(config)) = prepare(topic, seconds(1), &input)?.command else {
            panic!("setting an attribute is a Configure");
        };
        Ok(*config)
    }

    fn set(config: Config, name: &'static str, value: &str) -> Result<Config, Error> {
        plan(&Topic::new(config), name, value)
    }

    #[test]
    fn a_value_replaces_the_one_before_and_leaves_the_others() {
        let mut config = standard();
        config.kms_key = Some("k".to_owned());
        let changed = set(config.clone(), "DisplayName", "Orders").unwrap();
        config.display_name = "Orders".to_owned();
        assert_eq!(changed, config);
    }

    #[test]
    fn a_delivery_policy_replaces_the_whole_one_before() {
        let first = r#"{"http":{"defaultRequestPolicy":{"headerContentType":"text/csv"}}}"#;
        let second = r#"{"http":{"defaultHealthyRetryPolicy":{"minDelayTarget":5,"maxDelayTarget":6,"numRetries":1}}}"#;
        let config = set(standard(), "DeliveryPolicy", first).unwrap();
        let config = set(config, "DeliveryPolicy", second).unwrap();
        let policy = config.delivery_policy.clone().unwrap();
        assert_eq!(policy.content_type, None);
        assert_eq!(policy.retry.unwrap().min_delay, Some(5));
        assert_eq!(
            set(config, "DeliveryPolicy", "").unwrap().delivery_policy,
            None
        );
    }

    #[test]
    fn what_cannot_be_set_is_an_invalid_name() {
        for (config, name) in [
            (standard(), "Owner"),
            (standard(), "EffectiveDeliveryPolicy"),
            (standard(), "FifoTopic"),
            (fifo(), "FifoTopic"),
            (standard(), "ContentBasedDeduplication"),
            (standard(), "Colour"),
        ] {
            assert_eq!(
                set(config, name, "true").unwrap_err().message,
                "Invalid parameter: AttributeName"
            );
        }
    }

    #[test]
    fn a_bad_value_is_told_alone() {
        assert_eq!(
            set(standard(), "Policy", r#"{"foo":"bar"}"#)
                .unwrap_err()
                .message,
            "Invalid parameter: Policy Error: null"
        );
    }

    #[test]
    fn an_archive_is_switched_on_and_off() {
        let on = set(fifo(), "ArchivePolicy", r#"{"MessageRetentionPeriod":"1"}"#).unwrap();
        assert_eq!(on.archive.unwrap().since, seconds(1));
        assert_eq!(
            set(archived(), "ArchivePolicy", "{}").unwrap().archive,
            None
        );
    }

    #[test]
    fn large_messages_go_to_few_queues_only() {
        let queues = |count| {
            let queue = |n| queue_subscription(n, &format!("q{n}"));
            topic_with(standard(), (0..count).map(queue).collect())
        };
        assert!(plan(&queues(100), "MaximumMessageSize", "262145").is_ok());
        assert!(plan(&queues(101), "MaximumMessageSize", "262144").is_ok());
        let with_url = topic_with(standard(), vec![http_subscription(0)]);
        for topic in [queues(101), with_url] {
            let error = plan(&topic, "MaximumMessageSize", "262145").unwrap_err();
            assert_eq!(error.kind.code, "InvalidParameter");
        }
    }
}
