//! A subscription's RedrivePolicy: where what could not be delivered goes.
//!
//! Spec sections 3.2 and 6.7; <https://docs.aws.amazon.com/sns/latest/dg/sns-dead-letter-queues.html>.

use domain::Arn;
use serde_json::Value;

use crate::config::Config;
use crate::error::Refused;
use crate::subscription::{Redrive, Subscription};

const FIFO_SUFFIX: &str = ".fifo";

/// Reads the policy for a subscription. The queue need not be there.
pub(crate) fn parse(
    text: &str,
    topic: &Config,
    subscription: &Subscription,
) -> Result<Redrive, Refused> {
    let policy = match serde_json::from_str(text) {
        Ok(Value::Object(policy)) => policy,
        Ok(_) => return Err(refused("failed to parse JSON. It is not an object")),
        Err(error) => return Err(refused(format!("failed to parse JSON. {error}"))),
    };
    if let Some(unknown) = policy.keys().find(|name| *name != "deadLetterTargetArn") {
        return Err(refused(format!(
            "invalid JSON. Attribute {unknown} is unknown."
        )));
    }
    let target = policy
        .get("deadLetterTargetArn")
        .ok_or_else(|| refused("Missing deadLetterTargetArn attribute"))?;
    let queue = target
        .as_str()
        .and_then(|text| Arn::parse(text).ok())
        .ok_or_else(|| refused("deadLetterTargetArn is an invalid arn"))?;
    check(&queue, topic, subscription)?;
    Ok(Redrive {
        queue,
        text: text.into(),
    })
}

fn check(queue: &Arn, topic: &Config, subscription: &Subscription) -> Result<(), Refused> {
    if queue.service() != "sqs" {
        return Err(refused("deadLetterTargetArn must be a SQS queue"));
    }
    if queue.region() != topic.region.as_str() {
        return Err(refused(
            "deadLetterTargetArn must be in the same region as the subscription",
        ));
    }
    let is_fifo = queue.resource().ends_with(FIFO_SUFFIX);
    let from_fifo_queue = subscription
        .queue()
        .is_some_and(|queue| queue.resource().ends_with(FIFO_SUFFIX));
    if topic.fifo && from_fifo_queue && !is_fifo {
        return Err(refused(
            "must use a FIFO queue as DLQ for a FIFO Subscription to a FIFO Topic.",
        ));
    }
    if !topic.fifo && is_fifo {
        return Err(refused(
            "must use a standard queue as DLQ for a Subscription to a standard Topic.",
        ));
    }
    Ok(())
}

fn refused(text: impl std::fmt::Display) -> Refused {
    Refused::new(format!("RedrivePolicy: {text}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::op::samples::{fifo, queue_subscription, standard};

    fn with(target: &str) -> String {
        format!(r#"{{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:{target}"}}"#)
    }

    fn refusal(text: &str, topic: &Config, queue: &str) -> String {
        let error = parse(text, topic, &queue_subscription(0, queue)).unwrap_err();
        error.0.into_owned()
    }

    #[test]
    fn a_dead_letter_queue_is_named_by_its_arn_and_reads_back_as_given() {
        let text = format!(" {}", with("dead"));
        let redrive = parse(&text, &standard(), &queue_subscription(0, "orders")).unwrap();
        assert_eq!(redrive.queue.resource(), "dead");
        assert_eq!(&*redrive.text, text);
    }

    #[test]
    fn a_policy_names_nothing_but_a_queue_of_the_topics_region() {
        for (text, told) in [
            (
                r#"{"deadLetterTargetArn":"dead"}"#,
                "deadLetterTargetArn is an invalid arn",
            ),
            (
                r#"{"deadLetterTargetArn":7}"#,
                "deadLetterTargetArn is an invalid arn",
            ),
            ("{}", "Missing deadLetterTargetArn attribute"),
            (
                r#"{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:dead","maxReceiveCount":3}"#,
                "invalid JSON. Attribute maxReceiveCount is unknown.",
            ),
            (
                r#"{"deadLetterTargetArn":"arn:aws:sns:us-east-1:000000000000:dead"}"#,
                "deadLetterTargetArn must be a SQS queue",
            ),
            (
                r#"{"deadLetterTargetArn":"arn:aws:sqs:eu-west-1:000000000000:dead"}"#,
                "deadLetterTargetArn must be in the same region as the subscription",
            ),
        ] {
            let told = format!("RedrivePolicy: {told}");
            assert_eq!(refusal(text, &standard(), "orders"), told);
        }
        let unread = refusal("{invalid", &standard(), "orders");
        assert!(unread.starts_with("RedrivePolicy: failed to parse JSON. "));
    }

    #[test]
    fn a_fifo_queue_on_a_fifo_topic_has_a_fifo_dead_letter_queue() {
        assert_eq!(
            refusal(&with("dead"), &fifo(), "orders.fifo"),
            "RedrivePolicy: must use a FIFO queue as DLQ for a FIFO Subscription to a FIFO Topic."
        );
        for (target, queue) in [("dead.fifo", "orders.fifo"), ("dead", "orders")] {
            let subscription = queue_subscription(0, queue);
            assert!(parse(&with(target), &fifo(), &subscription).is_ok());
        }
        assert!(refusal(&with("dead.fifo"), &standard(), "orders").contains("standard queue"));
    }
}
