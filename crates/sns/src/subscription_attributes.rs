//! Subscription attributes: their names, what may be given for them, and how they read back.
//!
//! Spec section 3.2; <https://docs.aws.amazon.com/sns/latest/api/API_SetSubscriptionAttributes.html>.

use domain::Time;
use pattern::Scope;

use crate::config::Config;
use crate::delivery_policy;
use crate::error::Refused;
use crate::redrive_policy;
use crate::replay_policy;
use crate::subscription::{Filter, Protocol, Subscription};
use crate::topic_attributes::parse_flag;

/// The attributes that can be set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum SubscriptionAttribute {
    /// Before the policy, which is read in its light.
    FilterPolicyScope,
    FilterPolicy,
    RawMessageDelivery,
    RedrivePolicy,
    DeliveryPolicy,
    SubscriptionRoleArn,
    ReplayPolicy,
}

use SubscriptionAttribute as Attr;

const TABLE: [(Attr, &str); 7] = [
    (Attr::FilterPolicyScope, "FilterPolicyScope"),
    (Attr::FilterPolicy, "FilterPolicy"),
    (Attr::RawMessageDelivery, "RawMessageDelivery"),
    (Attr::RedrivePolicy, "RedrivePolicy"),
    (Attr::DeliveryPolicy, "DeliveryPolicy"),
    (Attr::SubscriptionRoleArn, "SubscriptionRoleArn"),
    (Attr::ReplayPolicy, "ReplayPolicy"),
];

impl SubscriptionAttribute {
    pub(crate) fn all() -> impl Iterator<Item = (SubscriptionAttribute, &'static str)> {
        TABLE.into_iter()
    }

    pub(crate) fn parse(name: &str) -> Result<SubscriptionAttribute, Refused> {
        let row = TABLE.iter().find(|(_, known)| *known == name);
        row.map(|&(attribute, _)| attribute)
            .ok_or_else(|| Refused::new("AttributeName"))
    }
}

/// Attributes of a request.
pub(crate) type Given<'a> = Vec<(SubscriptionAttribute, &'a str)>;

/// Sets all attributes of a request on a subscription of `topic`, at `now`.
pub(crate) fn assign_all(
    subscription: &mut Subscription,
    topic: &Config,
    given: &Given<'_>,
    now: Time,
) -> Result<(), Refused> {
    let mut in_order = given.clone();
    in_order.sort_by_key(|&(attribute, _)| attribute);
    for (attribute, value) in in_order {
        assign(subscription, topic, attribute, value, now)?;
    }
    Ok(())
}

/// Sets one attribute.
pub(crate) fn assign(
    subscription: &mut Subscription,
    topic: &Config,
    attribute: Attr,
    value: &str,
    now: Time,
) -> Result<(), Refused> {
    match attribute {
        Attr::FilterPolicyScope => assign_scope(subscription, value)?,
        Attr::FilterPolicy => {
            let scope = subscription.scope();
            let filter = unless_empty(value, |text| compile(text, scope))?;
            subscription.change_settings(|settings| settings.filter = filter);
        }
        Attr::RawMessageDelivery => subscription.raw = raw(subscription.protocol, value)?,
        Attr::RedrivePolicy => {
            let redrive = unless_empty(value, |text| {
                redrive_policy::parse(text, topic, subscription)
            })?;
            subscription.change_settings(|settings| settings.redrive = redrive);
        }
        Attr::DeliveryPolicy => {
            let policy = delivery_policy::parse::subscription(value)?;
            subscription.change_settings(|settings| settings.delivery_policy = policy);
        }
        Attr::SubscriptionRoleArn => {
            let role = unless_empty(value, |text| Ok(text.into()))?;
            subscription.change_settings(|settings| settings.role = role);
        }
        Attr::ReplayPolicy => {
            let replay = replay_policy::parse(value, topic, subscription.protocol, now)?;
            subscription.change_settings(|settings| settings.replay = replay);
        }
    }
    Ok(())
}

fn assign_scope(subscription: &mut Subscription, value: &str) -> Result<(), Refused> {
    let scope = match value {
        "MessageAttributes" => Scope::MessageAttributes,
        "MessageBody" => Scope::MessageBody,
        _ => {
            return Err(Refused::new(format!(
                "FilterPolicyScope: Invalid value [{value}]. Please use either MessageBody or MessageAttributes"
            )));
        }
    };
    let filter = subscription.filter();
    let filter = filter
        .map(|filter| compile(&filter.text, scope))
        .transpose()?;
    subscription.change_settings(|settings| {
        settings.scope = scope;
        settings.filter = filter;
    });
    Ok(())
}

fn compile(text: &str, scope: Scope) -> Result<Filter, Refused> {
    Filter::compile(text, scope).map_err(|error| {
        Refused::new(if error.is_of_scope() {
            error.text().to_owned()
        } else {
            format!("FilterPolicy: {}", error.text())
        })
    })
}

fn raw(protocol: Protocol, value: &str) -> Result<bool, Refused> {
    let raw = parse_flag(value).ok_or_else(|| {
        Refused::new(format!(
            "RawMessageDelivery: Invalid value [{value}]. Must be true or false."
        ))
    })?;
    let possible = match protocol {
        Protocol::Http | Protocol::Https | Protocol::Sqs | Protocol::Firehose => true,
        Protocol::Email
        | Protocol::EmailJson
        | Protocol::Sms
        | Protocol::Application
        | Protocol::Lambda => false,
    };
    if raw && !possible {
        return Err(Refused::new(format!(
            "Delivery protocol [{}] does not support raw message delivery.",
            protocol.name()
        )));
    }
    Ok(raw)
}

/// An empty text takes the attribute away.
fn unless_empty<T>(
    text: &str,
    parse: impl FnOnce(&str) -> Result<T, Refused>,
) -> Result<Option<T>, Refused> {
    if text.is_empty() {
        Ok(None)
    } else {
        parse(text).map(Some)
    }
}

/// An attribute as it reads back; absent when the subscription has no value for it.
pub(crate) fn text(subscription: &Subscription, attribute: Attr) -> Option<String> {
    let settings = subscription.settings.as_ref();
    match attribute {
        Attr::FilterPolicy => subscription.filter().map(|filter| filter.text.to_string()),
        // The scope is remembered without a policy, and not shown.
        Attr::FilterPolicyScope => subscription.filter().map(|_| scope_text(subscription)),
        Attr::RawMessageDelivery => Some(subscription.raw.to_string()),
        Attr::RedrivePolicy => settings?
            .redrive
            .as_ref()
            .map(|redrive| redrive.text.to_string()),
        Attr::DeliveryPolicy => subscription
            .delivery_policy()
            .map(delivery_policy::text::subscription),
        Attr::SubscriptionRoleArn => settings?.role.as_ref().map(|role| role.to_string()),
        Attr::ReplayPolicy => subscription.replay().map(|replay| replay.text.to_string()),
    }
}

fn scope_text(subscription: &Subscription) -> String {
    match subscription.scope() {
        Scope::MessageAttributes => "MessageAttributes",
        Scope::MessageBody => "MessageBody",
    }
    .to_owned()
}

/// Whether two subscriptions agree in an attribute, whatever the blanks of its JSON.
pub(crate) fn agree(one: &Subscription, other: &Subscription, attribute: Attr) -> bool {
    match attribute {
        Attr::FilterPolicyScope => one.scope() == other.scope(),
        Attr::RawMessageDelivery | Attr::SubscriptionRoleArn => {
            text(one, attribute) == text(other, attribute)
        }
        Attr::FilterPolicy | Attr::RedrivePolicy | Attr::DeliveryPolicy | Attr::ReplayPolicy => {
            are_same_json(text(one, attribute), text(other, attribute))
        }
    }
}

/// Whether two texts are the same, or say the same as JSON.
pub(crate) fn are_same_json(one: Option<String>, other: Option<String>) -> bool {
    let read = |text: &Option<String>| {
        let value = text
            .as_deref()
            .map(serde_json::from_str::<serde_json::Value>);
        value.and_then(Result::ok)
    };
    one == other || (one.is_some() && read(&one).is_some_and(|value| Some(value) == read(&other)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::op::samples::{
        NOW, archived, http_subscription, queue_subscription, seconds, standard,
    };

    fn set(subscription: &mut Subscription, name: &str, value: &str) -> Result<(), Refused> {
        let attribute = SubscriptionAttribute::parse(name)?;
        assign(subscription, &standard(), attribute, value, NOW)
    }

    fn shown(subscription: &Subscription, name: &str) -> Option<String> {
        text(subscription, SubscriptionAttribute::parse(name).unwrap())
    }

    fn refusal(name: &str, value: &str) -> String {
        let mut subscription = queue_subscription(0, "orders");
        set(&mut subscription, name, value)
            .unwrap_err()
            .0
            .into_owned()
    }

    #[test]
    fn policies_read_back_as_the_text_given() {
        for (name, value) in [
            ("FilterPolicy", "{ \"a\": [\"b\"] }"),
            (
                "RedrivePolicy",
                "{ \"deadLetterTargetArn\": \"arn:aws:sqs:us-east-1:000000000000:dead\" }",
            ),
            ("SubscriptionRoleArn", "arn:aws:iam::000000000000:role/r"),
        ] {
            let mut subscription = queue_subscription(0, "orders");
            set(&mut subscription, name, value).unwrap();
            assert_eq!(shown(&subscription, name).as_deref(), Some(value), "{name}");
            set(&mut subscription, name, "").unwrap();
            assert_eq!(shown(&subscription, name), None, "{name}");
            assert_eq!(subscription, queue_subscription(0, "orders"), "{name}");
        }
    }

    #[test]
    fn a_flag_is_accepted_in_any_case_and_shown_in_lower_case() {
        let mut subscription = http_subscription(0);
        set(&mut subscription, "RawMessageDelivery", "TrUe").unwrap();
        assert_eq!(shown(&subscription, "RawMessageDelivery").unwrap(), "true");
        set(&mut subscription, "RawMessageDelivery", "FALSE").unwrap();
        assert_eq!(shown(&subscription, "RawMessageDelivery").unwrap(), "false");
        assert_eq!(
            refusal("RawMessageDelivery", "wrong"),
            "RawMessageDelivery: Invalid value [wrong]. Must be true or false."
        );
    }

    #[test]
    fn only_queues_streams_and_urls_take_raw_messages() {
        for protocol in Protocol::ALL {
            let mut subscription = http_subscription(0);
            subscription.protocol = protocol;
            let result = set(&mut subscription, "RawMessageDelivery", "true");
            let possible = ["http", "https", "sqs", "firehose"].contains(&protocol.name());
            assert_eq!(result.is_ok(), possible);
            if let Err(refused) = result {
                assert_eq!(
                    refused.0,
                    format!(
                        "Delivery protocol [{}] does not support raw message delivery.",
                        protocol.name()
                    )
                );
            }
            assert!(set(&mut subscription, "RawMessageDelivery", "false").is_ok());
        }
    }

    #[test]
    fn a_scope_is_remembered_and_shown_once_there_is_a_policy() {
        let mut subscription = queue_subscription(0, "orders");
        set(&mut subscription, "FilterPolicyScope", "MessageBody").unwrap();
        assert_eq!(shown(&subscription, "FilterPolicyScope"), None);
        set(&mut subscription, "FilterPolicy", r#"{"a":["b"]}"#).unwrap();
        assert_eq!(
            shown(&subscription, "FilterPolicyScope").as_deref(),
            Some("MessageBody")
        );
        set(&mut subscription, "FilterPolicy", r#"{"a":{"b":["c"]}}"#).unwrap();
        let nested = set(&mut subscription, "FilterPolicyScope", "MessageAttributes");
        assert_eq!(
            nested.unwrap_err().0,
            "Filter policy scope MessageAttributes does not support nested filter policy"
        );
        assert_eq!(
            refusal("FilterPolicyScope", "Body"),
            "FilterPolicyScope: Invalid value [Body]. Please use either MessageBody or MessageAttributes"
        );
    }

    #[test]
    fn what_is_wrong_with_a_filter_policy_is_told_behind_its_name() {
        assert!(refusal("FilterPolicy", "x").starts_with("FilterPolicy: failed to parse JSON. "));
        assert_eq!(
            refusal("FilterPolicy", r#"{"a":{"b":["c"]}}"#),
            "Filter policy scope MessageAttributes does not support nested filter policy"
        );
        assert_eq!(refusal("Owner", "x"), "AttributeName");
    }

    #[test]
    fn each_delivery_policy_replaces_the_one_before() {
        let mut subscription = http_subscription(0);
        let first = r#"{"requestPolicy":{"headerContentType":"text/csv"}}"#;
        set(&mut subscription, "DeliveryPolicy", first).unwrap();
        let second = r#"{"throttlePolicy":{"maxReceivesPerSecond":2}}"#;
        set(&mut subscription, "DeliveryPolicy", second).unwrap();
        assert_eq!(
            shown(&subscription, "DeliveryPolicy").unwrap(),
            r#"{"healthyRetryPolicy":null,"sicklyRetryPolicy":null,"throttlePolicy":{"maxReceivesPerSecond":2},"requestPolicy":null,"guaranteed":false}"#
        );
    }

    #[test]
    fn subscriptions_agree_in_what_says_the_same() {
        let with = |name: &str, value: &str| {
            let mut subscription = http_subscription(0);
            set(&mut subscription, name, value).unwrap();
            subscription
        };
        let plain = http_subscription(0);
        let agree_in = |name: &str, one: &Subscription, other: &Subscription| {
            agree(one, other, SubscriptionAttribute::parse(name).unwrap())
        };
        let scope = with("FilterPolicyScope", "MessageAttributes");
        assert!(agree_in("FilterPolicyScope", &plain, &scope));
        let raw = with("RawMessageDelivery", "True");
        assert!(!agree_in("RawMessageDelivery", &plain, &raw));
        let (dense, spaced) = (
            with("FilterPolicy", r#"{"a":["b"]}"#),
            with("FilterPolicy", r#"{ "a": ["b"] }"#),
        );
        assert!(agree_in("FilterPolicy", &dense, &spaced));
        assert!(!agree_in("FilterPolicy", &plain, &spaced));
    }

    #[test]
    fn a_replay_policy_needs_the_topics_archive() {
        let mut subscription = queue_subscription(0, "orders.fifo");
        let text = r#"{"PointType":"Timestamp","StartingPoint":"1970-01-12T13:46:41.000Z"}"#;
        let attribute = SubscriptionAttribute::ReplayPolicy;
        assign(&mut subscription, &archived(), attribute, text, seconds(60)).unwrap();
        assert_eq!(shown(&subscription, "ReplayPolicy").as_deref(), Some(text));
        assert!(set(&mut subscription, "ReplayPolicy", text).is_err());
    }
}
