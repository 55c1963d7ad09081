//! Which topic or subscription an ARN of a request names, or AWS's error for one that names none.
//!
//! Spec section 1.2. A request speaks to one region, and names only what is there.

use api::Error;
use domain::{AccountId, Region};

use crate::error::{invalid_because, invalid_parameter};

/// A topic as an ARN names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TopicName<'a> {
    pub account: AccountId,
    pub region: Region,
    pub name: &'a str,
}

/// A subscription as an ARN names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SubscriptionName<'a> {
    pub topic: TopicName<'a>,
    /// Absent where the ARN ends in no UUID: no subscription has such an ARN.
    pub id: Option<[u8; 16]>,
}

/// The topic that a TopicArn names.
pub fn topic(text: &str, region: Region) -> Result<TopicName<'_>, Error> {
    topic_as("TopicArn", text, region)
}

/// The topic that a ResourceArn names.
pub fn resource(text: &str, region: Region) -> Result<TopicName<'_>, Error> {
    topic_as("ResourceArn", text, region)
}

/// The subscription that a SubscriptionArn names.
pub fn subscription(text: &str, region: Region) -> Result<SubscriptionName<'_>, Error> {
    let parts = parts("SubscriptionArn", text)?;
    let topic = named(&parts[..6], region).ok_or_else(|| invalid_parameter("SubscriptionArn"))?;
    match parts[6..] {
        [id] if !id.is_empty() => Ok(SubscriptionName {
            topic,
            id: parse_uuid(id),
        }),
        _ => Err(invalid_parameter("SubscriptionId")),
    }
}

/// The region an ARN speaks of: a link out of a message carries no other sign of it.
pub fn region(text: &str) -> Option<Region> {
    Region::parse(text.split(':').nth(3)?).ok()
}

fn topic_as<'a>(kind: &'static str, text: &'a str, region: Region) -> Result<TopicName<'a>, Error> {
    let parts = parts(kind, text)?;
    let topic = named(&parts, region).filter(|_| parts.len() == 6);
    topic.ok_or_else(|| invalid_parameter(kind))
}

fn parts<'a>(kind: &str, text: &'a str) -> Result<Vec<&'a str>, Error> {
    // One more than any ARN here has: what follows is not looked at.
    let parts: Vec<&str> = text.splitn(8, ':').collect();
    if parts.len() < 6 {
        let reason = format!("An ARN must have at least 6 elements, not {}", parts.len());
        return Err(invalid_because(kind, reason));
    }
    Ok(parts)
}

fn named<'a>(parts: &[&'a str], region: Region) -> Option<TopicName<'a>> {
    let &[arn, partition, service, in_region, account, name, ..] = parts else {
        return None;
    };
    let here = arn == "arn"
        && partition == region.partition()
        && service == "sns"
        && in_region == region.as_str();
    let account = AccountId::parse(account).ok()?;
    (here && !name.is_empty()).then_some(TopicName {
        account,
        region,
        name,
    })
}

/// Reads `8-4-4-4-12` hexadecimal digits, in either case.
fn parse_uuid(text: &str) -> Option<[u8; 16]> {
    let groups: Vec<&str> = text.split('-').collect();
    if groups.iter().map(|group| group.len()).ne([8, 4, 4, 4, 12]) {
        return None;
    }
    let digits: Vec<u8> = groups
        .concat()
        .chars()
        .map(|digit| digit.to_digit(16).map(|digit| digit as u8))
        .collect::<Option<_>>()?;
    let mut id = [0; 16];
    for (byte, pair) in id.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = pair[0] << 4 | pair[1];
    }
    Some(id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::subscription::uuid;

    fn here() -> Region {
        Region::default()
    }

    fn refusal<T: std::fmt::Debug>(result: Result<T, Error>) -> String {
        result.unwrap_err().message.into_owned()
    }

    #[test]
    fn an_arn_names_a_topic_of_any_account() {
        let named = topic("arn:aws:sns:us-east-1:123456789012:orders", here()).unwrap();
        assert_eq!(
            (named.account.as_str(), named.name),
            ("123456789012", "orders")
        );
    }

    #[test]
    fn a_text_with_too_few_parts_is_told_how_many_it_has() {
        for (text, parts) in [
            ("", 1),
            ("orders", 1),
            ("a:b:c", 3),
            ("arn:aws:sns:us-east-1:1", 5),
        ] {
            let reason = format!("Reason: An ARN must have at least 6 elements, not {parts}");
            assert_eq!(
                refusal(topic(text, here())),
                format!("Invalid parameter: TopicArn {reason}")
            );
            assert_eq!(
                refusal(subscription(text, here())),
                format!("Invalid parameter: SubscriptionArn {reason}")
            );
        }
    }

    #[test]
    fn an_arn_of_another_region_service_or_shape_names_no_topic() {
        for text in [
            "arn:aws:sns:eu-west-1:123456789012:orders",
            "arn:aws:sqs:us-east-1:123456789012:orders",
            "arn:aws-cn:sns:us-east-1:123456789012:orders",
            "arn:aws:sns:us-east-1:1234:orders",
            "arn:aws:sns:us-east-1:123456789012:",
            "arn:aws:sns:us-east-1:123456789012:orders:1b2c3d4e-0000-0000-0000-000000000000",
            "urn:aws:sns:us-east-1:123456789012:orders",
        ] {
            assert_eq!(
                refusal(topic(text, here())),
                "Invalid parameter: TopicArn",
                "{text}"
            );
        }
    }

    #[test]
    fn a_subscription_is_named_by_its_topic_and_a_uuid() {
        let id = [0xab; 16];
        let text = format!("arn:aws:sns:us-east-1:123456789012:orders:{}", uuid(&id));
        let named = subscription(&text, here()).unwrap();
        assert_eq!((named.topic.name, named.id), ("orders", Some(id)));
        assert_eq!(
            subscription(
                &text
                    .to_uppercase()
                    .replace("ARN:AWS:SNS:US-EAST-1", "arn:aws:sns:us-east-1"),
                here()
            )
            .unwrap()
            .id,
            Some(id)
        );
        let other = subscription("arn:aws:sns:us-east-1:123456789012:orders:nobody", here());
        assert_eq!(other.unwrap().id, None);
    }

    #[test]
    fn a_topics_arn_lacks_the_subscriptions_id() {
        for end in ["", ":", ":a:b"] {
            let text = format!("arn:aws:sns:us-east-1:123456789012:orders{end}");
            assert_eq!(
                refusal(subscription(&text, here())),
                "Invalid parameter: SubscriptionId"
            );
        }
        let elsewhere = "arn:aws:sns:eu-west-1:123456789012:orders:x";
        assert_eq!(
            refusal(subscription(elsewhere, here())),
            "Invalid parameter: SubscriptionArn"
        );
    }
}
