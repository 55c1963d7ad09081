//! The operations, one file each: `prepare` turns a request into a command, `reply` makes AWS's answer.
//!
//! `prepare` sees the topic as of now, while its cell is held, and finds every error that AWS has: what a command
//! does cannot fail. The ARN of a request is read before ([`topic_arn`], [`subscription_arn`], [`resource_arn`]):
//! what comes to an operation has found its topic.

pub mod add_permission;
pub mod confirm_subscription;
pub mod create_topic;
pub mod delete_topic;
pub mod get_data_protection_policy;
pub mod get_subscription_attributes;
pub mod get_topic_attributes;
pub mod list_subscriptions;
pub mod list_subscriptions_by_topic;
pub mod list_tags_for_resource;
pub mod list_topics;
pub mod publish;
pub mod publish_batch;
pub mod put_data_protection_policy;
pub mod remove_permission;
pub mod set_subscription_attributes;
pub mod set_topic_attributes;
pub mod subscribe;
pub mod tag_resource;
pub mod unsubscribe;
pub mod untag_resource;

#[cfg(test)]
pub(crate) mod samples;

use api::{Error, Str};
use domain::{AccountId, Region};

use crate::arn::{self, SubscriptionName, TopicName};
use crate::command::Command;
use crate::error::validation_null;

/// What a request comes to: the command to journal, and what its reply will need.
#[derive(Debug)]
pub struct Plan<'a, K> {
    /// Absent when nothing changes.
    pub command: Option<Command<'a>>,
    pub keep: K,
}

/// Who calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caller<'a> {
    pub account: AccountId,
    pub region: Region,
    /// The ARN of the user or role.
    pub principal: &'a str,
    /// Not by a link out of a message.
    pub signed: bool,
    /// Filter policies that a topic may have: [`limits::FILTER_POLICIES_MAX`] unless the quota was raised.
    pub filter_policies_max: usize,
}

/// The topic that a request's TopicArn names.
pub fn topic_arn<'a>(given: Option<&'a Str<'_>>, region: Region) -> Result<TopicName<'a>, Error> {
    arn::topic(required(given, "topicArn")?, region)
}

/// The topic that a request's ResourceArn names.
pub fn resource_arn<'a>(
    given: Option<&'a Str<'_>>,
    region: Region,
) -> Result<TopicName<'a>, Error> {
    arn::resource(required(given, "resourceArn")?, region)
}

/// The subscription that a request's SubscriptionArn names.
pub fn subscription_arn<'a>(
    given: Option<&'a Str<'_>>,
    region: Region,
) -> Result<SubscriptionName<'a>, Error> {
    arn::subscription(required(given, "subscriptionArn")?, region)
}

/// A member that AWS insists on; it may be empty.
pub(crate) fn required<'a>(given: Option<&'a Str<'_>>, path: &str) -> Result<&'a str, Error> {
    given
        .map(|text| &**text)
        .ok_or_else(|| validation_null(path))
}

#[cfg(test)]
mod tests {
    use api::sns::Op;

    /// Where an operation's rules are. The match makes every operation of the model have such a file, here or in the
    /// crate that reaches phones and devices.
    fn file(op: Op) -> Option<&'static str> {
        Some(match op {
            Op::AddPermission => include_str!("add_permission.rs"),
            Op::ConfirmSubscription => include_str!("confirm_subscription.rs"),
            Op::CreateTopic => include_str!("create_topic.rs"),
            Op::DeleteTopic => include_str!("delete_topic.rs"),
            Op::GetDataProtectionPolicy => include_str!("get_data_protection_policy.rs"),
            Op::GetSubscriptionAttributes => include_str!("get_subscription_attributes.rs"),
            Op::GetTopicAttributes => include_str!("get_topic_attributes.rs"),
            Op::ListSubscriptions => include_str!("list_subscriptions.rs"),
            Op::ListSubscriptionsByTopic => include_str!("list_subscriptions_by_topic.rs"),
            Op::ListTagsForResource => include_str!("list_tags_for_resource.rs"),
            Op::ListTopics => include_str!("list_topics.rs"),
            Op::Publish => include_str!("publish.rs"),
            Op::PublishBatch => include_str!("publish_batch.rs"),
            Op::PutDataProtectionPolicy => include_str!("put_data_protection_policy.rs"),
            Op::RemovePermission => include_str!("remove_permission.rs"),
            Op::SetSubscriptionAttributes => include_str!("set_subscription_attributes.rs"),
            Op::SetTopicAttributes => include_str!("set_topic_attributes.rs"),
            Op::Subscribe => include_str!("subscribe.rs"),
            Op::TagResource => include_str!("tag_resource.rs"),
            Op::Unsubscribe => include_str!("unsubscribe.rs"),
            Op::UntagResource => include_str!("untag_resource.rs"),
            Op::CheckIfPhoneNumberIsOptedOut
            | Op::CreatePlatformApplication
            | Op::CreatePlatformEndpoint
            | Op::CreateSMSSandboxPhoneNumber
            | Op::DeleteEndpoint
            | Op::DeletePlatformApplication
            | Op::DeleteSMSSandboxPhoneNumber
            | Op::GetEndpointAttributes
            | Op::GetPlatformApplicationAttributes
            | Op::GetSMSAttributes
            | Op::GetSMSSandboxAccountStatus
            | Op::ListEndpointsByPlatformApplication
            | Op::ListOriginationNumbers
            | Op::ListPhoneNumbersOptedOut
            | Op::ListPlatformApplications
            | Op::ListSMSSandboxPhoneNumbers
            | Op::OptInPhoneNumber
            | Op::SetEndpointAttributes
            | Op::SetPlatformApplicationAttributes
            | Op::SetSMSAttributes
            | Op::VerifySMSSandboxPhoneNumber => return None,
        })
    }

    #[test]
    fn every_operation_about_topics_has_a_file_that_says_which_it_is() {
        let mut here = 0;
        for op in Op::ALL {
            let Some(file) = file(op) else { continue };
            let title = format!("//! {}: ", op.name());
            let page = format!("/API_{}.html>", op.name());
            assert!(file.starts_with(&title), "{title}");
            assert!(file.contains(&page), "{page}");
            here += 1;
        }
        assert_eq!(here, 21);
    }
}
