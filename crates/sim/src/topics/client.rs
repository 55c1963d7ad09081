//! The client's side of each call about topics.

use api::sns::{
    ConfirmSubscriptionInput, CreateTopicInput, DeleteTopicInput, GetTopicAttributesInput,
    ListSubscriptionsByTopicInput, MessageAttributeValue, PublishBatchInput,
    PublishBatchRequestEntry, PublishInput, Request, SetSubscriptionAttributesInput,
    SubscribeInput, UnsubscribeInput,
};
use api::{Map, Str};
use domain::{AccountId, Arn, Region};

use super::model::{Subscriber, Subscription};
use super::publishing::Draft;
use crate::client;
use crate::content::Value;

pub(crate) fn arn(topic: &str) -> String {
    Arn::new("sns", Region::default(), AccountId::DEFAULT, topic).to_string()
}

fn text(value: &str) -> Option<Str<'static>> {
    Some(value.to_owned().into())
}

fn topic(name: &str) -> Option<Str<'static>> {
    Some(arn(name).into())
}

fn pairs(attributes: &[(&'static str, String)]) -> Option<Map<'static, Str<'static>>> {
    let pair = |(name, value): &(&'static str, String)| ((*name).into(), value.clone().into());
    (!attributes.is_empty()).then(|| attributes.iter().map(pair).collect())
}

pub(crate) fn create(name: &str, content_dedup: bool) -> Request<'static> {
    let mut attributes = Vec::new();
    if crate::model::is_fifo(name) {
        attributes.push(("FifoTopic", "true".to_owned()));
        attributes.push(("ContentBasedDeduplication", content_dedup.to_string()));
        attributes.push(("FifoThroughputScope", "Topic".to_owned()));
    }
    Request::CreateTopic(CreateTopicInput {
        name: text(name),
        attributes: pairs(&attributes),
        ..CreateTopicInput::default()
    })
}

pub(crate) fn delete(name: &str) -> Request<'static> {
    Request::DeleteTopic(DeleteTopicInput {
        topic_arn: topic(name),
    })
}

/// Subscribes as the model has it; the ARN is not known yet.
pub(crate) fn subscribe(name: &str, subscription: &Subscription) -> Request<'static> {
    let Subscription {
        to,
        raw,
        filter,
        redrive,
        retries,
        ..
    } = subscription;
    let mut attributes = vec![
        ("RawMessageDelivery", raw.to_string()),
        ("FilterPolicy", filter.policy()),
        ("RedrivePolicy", redrive_policy(redrive.as_deref())),
    ];
    let (protocol, endpoint) = match to {
        Subscriber::Queue(queue) => ("sqs", client::arn(queue)),
        Subscriber::Endpoint(url) => {
            attributes.push(("DeliveryPolicy", retries.policy()));
            ("http", url.clone())
        }
    };
    attributes.retain(|(_, value)| !value.is_empty());
    Request::Subscribe(SubscribeInput {
        topic_arn: topic(name),
        protocol: text(protocol),
        endpoint: text(&endpoint),
        attributes: pairs(&attributes),
        return_subscription_arn: Some(true),
    })
}

/// The empty text is no policy.
pub(crate) fn redrive_policy(queue: Option<&str>) -> String {
    queue.map_or_else(String::new, |queue| {
        format!(r#"{{"deadLetterTargetArn":"{}"}}"#, client::arn(queue))
    })
}

pub(crate) fn set(subscription: &str, attribute: &str, value: &str) -> Request<'static> {
    Request::SetSubscriptionAttributes(SetSubscriptionAttributesInput {
        subscription_arn: text(subscription),
        attribute_name: text(attribute),
        attribute_value: text(value),
    })
}

pub(crate) fn unsubscribe(subscription: &str) -> Request<'static> {
    Request::Unsubscribe(UnsubscribeInput {
        subscription_arn: text(subscription),
    })
}

pub(crate) fn confirm(name: &str, token: &str) -> Request<'static> {
    Request::ConfirmSubscription(ConfirmSubscriptionInput {
        topic_arn: topic(name),
        token: text(token),
        authenticate_on_unsubscribe: None,
    })
}

pub(crate) fn publish(name: &str, draft: &Draft) -> Request<'static> {
    Request::Publish(PublishInput {
        topic_arn: topic(name),
        message: text(&draft.content.body),
        message_attributes: attributes(draft),
        message_deduplication_id: draft.dedup.clone().map(Into::into),
        message_group_id: draft.content.group.clone().map(Into::into),
        ..PublishInput::default()
    })
}

pub(crate) fn publish_batch(name: &str, drafts: &[Draft]) -> Request<'static> {
    let entry = |(at, draft): (usize, &Draft)| PublishBatchRequestEntry {
        id: Some(format!("e{at}").into()),
        message: text(&draft.content.body),
        message_attributes: attributes(draft),
        message_deduplication_id: draft.dedup.clone().map(Into::into),
        message_group_id: draft.content.group.clone().map(Into::into),
        ..PublishBatchRequestEntry::default()
    };
    Request::PublishBatch(PublishBatchInput {
        topic_arn: topic(name),
        publish_batch_request_entries: Some(drafts.iter().enumerate().map(entry).collect()),
    })
}

fn attributes(draft: &Draft) -> Option<Map<'static, MessageAttributeValue<'static>>> {
    let wire = |(name, value): &(String, Value)| {
        let wire = MessageAttributeValue {
            data_type: Some(value.data_type.clone().into()),
            string_value: value.text.clone().map(Into::into),
            binary_value: value.binary.clone().map(Into::into),
        };
        (Str::from(name.clone()), wire)
    };
    let given = &draft.content.attributes;
    (!given.is_empty()).then(|| given.iter().map(wire).collect())
}

pub(crate) fn get_attributes(name: &str) -> Request<'static> {
    Request::GetTopicAttributes(GetTopicAttributesInput {
        topic_arn: topic(name),
    })
}

pub(crate) fn list_subscriptions(name: &str) -> Request<'static> {
    Request::ListSubscriptionsByTopic(ListSubscriptionsByTopicInput {
        topic_arn: topic(name),
        next_token: None,
    })
}
