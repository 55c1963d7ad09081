//! GetSubscriptionAttributes: what was set for a subscription, and what follows from it.
//!
//! <https://docs.aws.amazon.com/sns/latest/api/API_GetSubscriptionAttributes.html>

use api::Error;
use api::sns::GetSubscriptionAttributesResponse;

use crate::arn::SubscriptionName;
use crate::delivery_policy;
use crate::endpoint;
use crate::error::subscription_does_not_exist;
use crate::replay::ReplayStatus;
use crate::subscription::{Confirmed, Subscription};
use crate::subscription_attributes::{self, SubscriptionAttribute};
use crate::topic::Topic;

pub fn reply(
    topic: &Topic,
    name: &SubscriptionName<'_>,
) -> Result<GetSubscriptionAttributesResponse<'static>, Error> {
    let subscription = topic.find(name).ok_or_else(subscription_does_not_exist)?;
    let follows = follows(topic, subscription).into_iter();
    let set = SubscriptionAttribute::all()
        .map(|(attribute, name)| (name, subscription_attributes::text(subscription, attribute)));
    let attributes = follows
        .chain(set)
        .filter_map(|(name, text)| Some((name.into(), text?.into())));
    Ok(GetSubscriptionAttributesResponse {
        attributes: Some(attributes.collect()),
    })
}

/// The attributes that cannot be set.
fn follows(topic: &Topic, subscription: &Subscription) -> [(&'static str, Option<String>); 10] {
    let config = topic.config();
    let authenticated = match subscription.state {
        Confirmed::Confirmed { authenticated, .. } => authenticated,
        Confirmed::Pending { .. } | Confirmed::Leaving { .. } => false,
    };
    let has_effective = subscription.protocol.is_http() && subscription.delivery_policy().is_some();
    [
        ("SubscriptionArn", Some(subscription.arn(config))),
        ("TopicArn", Some(config.arn().as_str().to_owned())),
        ("Protocol", Some(subscription.protocol.name().to_owned())),
        ("Endpoint", Some(endpoint::shown(subscription.endpoint()))),
        ("Owner", Some(subscription.owner.as_str().to_owned())),
        (
            "SubscriptionPrincipal",
            Some(subscription.principal.to_string()),
        ),
        (
            "ConfirmationWasAuthenticated",
            Some(authenticated.to_string()),
        ),
        (
            "PendingConfirmation",
            Some(subscription.is_pending().to_string()),
        ),
        (
            "EffectiveDeliveryPolicy",
            has_effective
                .then(|| delivery_policy::text::effective_subscription(config, subscription)),
        ),
        ("ReplayStatus", replay_status(topic, subscription)),
    ]
}

fn replay_status(topic: &Topic, subscription: &Subscription) -> Option<String> {
    let status = match topic.replays.status(subscription.number, topic.now)? {
        ReplayStatus::Pending => "Pending",
        ReplayStatus::InProgress => "In progress",
        ReplayStatus::Completed => "Completed",
        ReplayStatus::Failed => "Failed",
    };
    Some(status.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::op::samples::{http_subscription, queue_subscription, standard, topic_with};
    use crate::subscription_attributes::assign;
    use domain::{Region, Time};

    fn shown(config: Config, subscription: &Subscription) -> Vec<(String, String)> {
        let topic = topic_with(config, vec![subscription.clone()]);
        let arn = subscription.arn(topic.config());
        let name = crate::arn::subscription(&arn, Region::default()).unwrap();
        let attributes = reply(&topic, &name).unwrap().attributes.unwrap();
        let texts =
            |(name, value): (api::Str<'_>, api::Str<'_>)| (name.into_owned(), value.into_owned());
        attributes.into_iter().map(texts).collect()
    }

    fn value(shown: &[(String, String)], name: &str) -> Option<String> {
        let found = shown.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.clone())
    }

    fn set(subscription: &mut Subscription, name: &str, value: &str) {
        let attribute = SubscriptionAttribute::parse(name).unwrap();
        assign(subscription, &standard(), attribute, value, Time::ZERO).unwrap();
    }

    #[test]
    fn a_fresh_subscription_has_nine_attributes() {
        let shown = shown(standard(), &queue_subscription(0, "orders"));
        let pairs: Vec<(&str, &str)> = shown
            .iter()
            .map(|(name, value)| (&**name, &**value))
            .collect();
        assert_eq!(
            pairs,
            [
                (
                    "SubscriptionArn",
                    "arn:aws:sns:us-east-1:000000000000:orders:00000000-0000-0000-0000-000000000001"
                ),
                ("TopicArn", "arn:aws:sns:us-east-1:000000000000:orders"),
                ("Protocol", "sqs"),
                ("Endpoint", "arn:aws:sqs:us-east-1:000000000000:orders"),
                ("Owner", "000000000000"),
                (
                    "SubscriptionPrincipal",
                    "arn:aws:iam::000000000000:user/tidings"
                ),
                ("ConfirmationWasAuthenticated", "true"),
                ("PendingConfirmation", "false"),
                ("RawMessageDelivery", "false"),
            ]
        );
    }

    #[test]
    fn a_pending_subscription_says_so() {
        let shown = shown(standard(), &http_subscription(0));
        assert_eq!(value(&shown, "PendingConfirmation").unwrap(), "true");
        assert_eq!(
            value(&shown, "ConfirmationWasAuthenticated").unwrap(),
            "false"
        );
    }

    #[test]
    fn a_password_in_a_url_is_not_shown() {
        let mut subscription = http_subscription(0);
        subscription.endpoint =
            crate::subscription::Endpoint::Text("http://me:secret@localhost/".into());
        let shown = shown(standard(), &subscription);
        assert_eq!(
            value(&shown, "Endpoint").unwrap(),
            "http://me:****@localhost/"
        );
    }

    #[test]
    fn what_counts_for_a_url_is_merged_from_subscription_topic_and_default() {
        let mut subscription = http_subscription(0);
        set(
            &mut subscription,
            "DeliveryPolicy",
            r#"{"requestPolicy":{"headerContentType":"text/csv"}}"#,
        );
        let shown_alone = shown(standard(), &subscription);
        assert_eq!(
            value(&shown_alone, "EffectiveDeliveryPolicy").unwrap(),
            r#"{"healthyRetryPolicy":{"minDelayTarget":20,"maxDelayTarget":20,"numRetries":3,"numMaxDelayRetries":0,"numNoDelayRetries":0,"numMinDelayRetries":0,"backoffFunction":"linear"},"sicklyRetryPolicy":null,"throttlePolicy":null,"requestPolicy":{"headerContentType":"text/csv"},"guaranteed":false}"#
        );
        let mut config = standard();
        config.delivery_policy = delivery_policy::parse::topic(
            r#"{"http":{"defaultHealthyRetryPolicy":{"minDelayTarget":1,"maxDelayTarget":2,"numRetries":4},"defaultRequestPolicy":{"headerContentType":"text/xml"}}}"#,
        )
        .unwrap();
        let merged = shown(config.clone(), &subscription);
        assert_eq!(
            value(&merged, "EffectiveDeliveryPolicy").unwrap(),
            r#"{"healthyRetryPolicy":{"minDelayTarget":1,"maxDelayTarget":2,"numRetries":4,"numMaxDelayRetries":0,"numNoDelayRetries":0,"numMinDelayRetries":0,"backoffFunction":"linear"},"sicklyRetryPolicy":null,"throttlePolicy":null,"requestPolicy":{"headerContentType":"text/csv"},"guaranteed":false}"#
        );
        if let Some(policy) = &mut config.delivery_policy {
            policy.no_overrides = true;
        }
        let forbidden = value(&shown(config, &subscription), "EffectiveDeliveryPolicy");
        assert!(forbidden.unwrap().contains("text/xml"));
    }

    #[test]
    fn a_queue_has_no_effective_delivery_policy() {
        let mut subscription = queue_subscription(0, "orders");
        set(&mut subscription, "DeliveryPolicy", "{}");
        let shown = shown(standard(), &subscription);
        assert!(value(&shown, "DeliveryPolicy").is_some());
        assert_eq!(value(&shown, "EffectiveDeliveryPolicy"), None);
    }

    #[test]
    fn an_unknown_subscription_does_not_exist() {
        let topic = topic_with(standard(), vec![queue_subscription(0, "orders")]);
        let unknown = queue_subscription(1, "orders").arn(&standard());
        for arn in [unknown, format!("{}:x", standard().arn())] {
            let name = crate::arn::subscription(&arn, Region::default()).unwrap();
            let error = reply(&topic, &name).unwrap_err();
            assert_eq!(
                (error.kind.code, &*error.message),
                ("NotFound", "Subscription does not exist")
            );
        }
    }
}
