//! Delivery policies as they read back: always in the same order, with what AWS adds.

use serde_json::{Map, Value, json};

use super::{
    CONTENT_TYPE_DEFAULT, DeliveryPolicy, RetryMembers, RetryPolicy, TopicDeliveryPolicy, effective,
};
use crate::config::Config;
use crate::subscription::Subscription;

/// A topic's policy: the members that were given, and always whether subscriptions' policies count.
pub(crate) fn topic(policy: &TopicDeliveryPolicy) -> String {
    let mut http = Map::new();
    if let Some(retry) = &policy.retry {
        http.insert("defaultHealthyRetryPolicy".into(), given(retry));
    }
    http.insert(
        "disableSubscriptionOverrides".into(),
        policy.no_overrides.into(),
    );
    if let Some(rate) = policy.throttle {
        http.insert("defaultThrottlePolicy".into(), throttle(rate));
    }
    if let Some(content_type) = &policy.content_type {
        http.insert("defaultRequestPolicy".into(), request(content_type));
    }
    json!({ "http": http }).to_string()
}

/// A topic's policy with everything that was not given as SNS has it.
pub(crate) fn effective_topic(policy: Option<&TopicDeliveryPolicy>) -> String {
    let none = TopicDeliveryPolicy::default();
    let policy = policy.unwrap_or(&none);
    let retry = policy.retry.unwrap_or_default().completed();
    let content_type = policy.content_type.as_deref();
    let mut http = Map::new();
    http.insert("defaultHealthyRetryPolicy".into(), whole(&retry));
    http.insert(
        "disableSubscriptionOverrides".into(),
        policy.no_overrides.into(),
    );
    if let Some(rate) = policy.throttle {
        http.insert("defaultThrottlePolicy".into(), throttle(rate));
    }
    http.insert(
        "defaultRequestPolicy".into(),
        request(content_type.unwrap_or(CONTENT_TYPE_DEFAULT)),
    );
    json!({ "http": http }).to_string()
}

/// A subscription's policy: every member, null where it was not given.
pub(crate) fn subscription(policy: &DeliveryPolicy) -> String {
    let retry = |members: Option<RetryMembers>| members.map(|members| whole(&members.completed()));
    json!({
        "healthyRetryPolicy": retry(policy.healthy),
        "sicklyRetryPolicy": retry(policy.sickly),
        "throttlePolicy": policy.throttle.map(throttle),
        "requestPolicy": policy.content_type.as_deref().map(request),
        "guaranteed": policy.guaranteed,
    })
    .to_string()
}

/// What counts for a subscription.
pub(crate) fn effective_subscription(topic: &Config, subscription: &Subscription) -> String {
    let counts = effective(topic, subscription);
    let own = subscription.delivery_policy();
    json!({
        "healthyRetryPolicy": whole(&counts.retry),
        "sicklyRetryPolicy": own.and_then(|own| own.sickly).map(|members| whole(&members.completed())),
        "throttlePolicy": counts.throttle.map(throttle),
        "requestPolicy": request(&counts.content_type),
        "guaranteed": own.is_some_and(|own| own.guaranteed),
    })
    .to_string()
}

fn given(members: &RetryMembers) -> Value {
    let numbers = [
        ("minDelayTarget", members.min_delay),
        ("maxDelayTarget", members.max_delay),
        ("numRetries", members.retries),
        ("numMaxDelayRetries", members.max_delay_retries),
        ("numNoDelayRetries", members.no_delay),
        ("numMinDelayRetries", members.min_delay_retries),
    ];
    let mut map: Map<String, Value> = numbers
        .into_iter()
        .filter_map(|(name, number)| Some((name.to_owned(), number?.into())))
        .collect();
    if let Some(backoff) = members.backoff {
        map.insert("backoffFunction".into(), backoff.name().into());
    }
    Value::Object(map)
}

fn whole(retry: &RetryPolicy) -> Value {
    json!({
        "minDelayTarget": retry.min_delay,
        "maxDelayTarget": retry.max_delay,
        "numRetries": retry.retries,
        "numMaxDelayRetries": retry.max_delay_retries,
        "numNoDelayRetries": retry.no_delay,
        "numMinDelayRetries": retry.min_delay_retries,
        "backoffFunction": retry.backoff.name(),
    })
}

fn throttle(rate: u32) -> Value {
    json!({ "maxReceivesPerSecond": rate })
}

fn request(content_type: &str) -> Value {
    json!({ "headerContentType": content_type })
}

#[cfg(test)]
mod tests {
    use super::super::parse;
    use super::*;

    fn topic_text(given: &str) -> String {
        topic(&parse::topic(given).unwrap().unwrap())
    }

    #[test]
    fn without_a_policy_three_retries_twenty_seconds_apart_count() {
        assert_eq!(
            effective_topic(None),
            r#"{"http":{"defaultHealthyRetryPolicy":{"minDelayTarget":20,"maxDelayTarget":20,"numRetries":3,"numMaxDelayRetries":0,"numNoDelayRetries":0,"numMinDelayRetries":0,"backoffFunction":"linear"},"disableSubscriptionOverrides":false,"defaultRequestPolicy":{"headerContentType":"text/plain; charset=UTF-8"}}}"#
        );
    }

    #[test]
    fn a_topics_policy_reads_back_as_given_and_says_whether_it_can_be_overridden() {
        assert_eq!(
            topic_text(
                r#"{"http":{"defaultRequestPolicy":{"headerContentType":"application/json"},"defaultHealthyRetryPolicy":{"numRetries":1,"minDelayTarget":5,"maxDelayTarget":6}}}"#
            ),
            r#"{"http":{"defaultHealthyRetryPolicy":{"minDelayTarget":5,"maxDelayTarget":6,"numRetries":1},"disableSubscriptionOverrides":false,"defaultRequestPolicy":{"headerContentType":"application/json"}}}"#
        );
        assert_eq!(
            topic_text(r#"{"http":{"defaultHealthyRetryPolicy":null}}"#),
            r#"{"http":{"disableSubscriptionOverrides":false}}"#
        );
    }

    #[test]
    fn a_policy_that_names_everything_reads_back_the_same() {
        let all = r#"{"http":{"defaultHealthyRetryPolicy":{"minDelayTarget":1,"maxDelayTarget":2,"numRetries":9,"numMaxDelayRetries":3,"numNoDelayRetries":2,"numMinDelayRetries":1,"backoffFunction":"geometric"},"disableSubscriptionOverrides":true,"defaultThrottlePolicy":{"maxReceivesPerSecond":7},"defaultRequestPolicy":{"headerContentType":"text/xml"}}}"#;
        let policy = parse::topic(all).unwrap().unwrap();
        assert_eq!(topic(&policy), all);
        assert_eq!(effective_topic(Some(&policy)), all);
    }

    #[test]
    fn a_subscriptions_policy_reads_back_in_long_form() {
        let text = |given: &str| subscription(&parse::subscription(given).unwrap().unwrap());
        assert_eq!(
            text(r#"{"requestPolicy":{"headerContentType":"text/csv"}}"#),
            r#"{"healthyRetryPolicy":null,"sicklyRetryPolicy":null,"throttlePolicy":null,"requestPolicy":{"headerContentType":"text/csv"},"guaranteed":false}"#
        );
        let long = r#"{"healthyRetryPolicy":{"minDelayTarget":1,"maxDelayTarget":2,"numRetries":4,"numMaxDelayRetries":0,"numNoDelayRetries":0,"numMinDelayRetries":0,"backoffFunction":"linear"},"sicklyRetryPolicy":null,"throttlePolicy":{"maxReceivesPerSecond":10},"requestPolicy":null,"guaranteed":false}"#;
        assert_eq!(
            text(
                r#"{"throttlePolicy":{"maxReceivesPerSecond":10},"healthyRetryPolicy":{"numRetries":4,"minDelayTarget":1,"maxDelayTarget":2}}"#
            ),
            long
        );
        assert_eq!(text(long), long);
    }
}
