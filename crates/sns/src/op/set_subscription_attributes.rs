//! SetSubscriptionAttributes: one attribute of a subscription gets a new value.
//!
//! <https://docs.aws.amazon.com/sns/latest/api/API_SetSubscriptionAttributes.html>

use api::Error;
use api::sns::SetSubscriptionAttributesInput;
use domain::Time;

use crate::arn::SubscriptionName;
use crate::command::Command;
use crate::error::{Refused, subscription_does_not_exist};
use crate::op::subscribe::check_filters;
use crate::op::{Plan, required};
use crate::subscription_attributes::{self, SubscriptionAttribute};
use crate::topic::Topic;

pub fn prepare(
    topic: &Topic,
    now: Time,
    name: &SubscriptionName<'_>,
    input: &SetSubscriptionAttributesInput<'_>,
    filter_policies_max: usize,
) -> Result<Plan<'static, ()>, Error> {
    let attribute = required(input.attribute_name.as_ref(), "attributeName")?;
    let known = topic.find(name).ok_or_else(subscription_does_not_exist)?;
    let attribute = SubscriptionAttribute::parse(attribute).map_err(Refused::alone)?;
    // A missing value counts as an empty one.
    let value = input.attribute_value.as_deref().unwrap_or_default();
    let mut changed = known.clone();
    subscription_attributes::assign(&mut changed, topic.config(), attribute, value, now)
        .map_err(Refused::alone)?;
    if changed.filter().is_some() && known.filter().is_none() {
        check_filters(topic, filter_policies_max)?;
    }
    Ok(Plan {
        command: Some(Command::ConfigureSubscription(Box::new(changed))),
        keep: (),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits;
    use crate::op::samples::{
        NOW, apply, http_subscription, queue_subscription, standard, topic_with,
    };
    use crate::subscription::Subscription;
    use domain::Region;

    fn plan(
        topic: &Topic,
        subscription: &Subscription,
        name: &'static str,
        value: &'static str,
    ) -> Result<Command<'static>, Error> {
        let arn = subscription.arn(topic.config());
        let input = SetSubscriptionAttributesInput {
            subscription_arn: None,
            attribute_name: Some(name.into()),
            attribute_value: Some(value.into()),
        };
        let name = crate::arn::subscription(&arn, Region::default()).unwrap();
        prepare(topic, NOW, &name, &input, limits::FILTER_POLICIES_MAX)
            .map(|plan| plan.command.unwrap())
    }

    fn refusal(name: &'static str, value: &'static str) -> String {
        let subscription = queue_subscription(0, "orders");
        let topic = topic_with(standard(), vec![subscription.clone()]);
        let error = plan(&topic, &subscription, name, value).unwrap_err();
        error.message.into_owned()
    }

    #[test]
    fn settings_change_while_a_subscription_is_pending_and_stay_when_it_is_confirmed() {
        let mut topic = topic_with(standard(), vec![http_subscription(0)]);
        let raw = plan(&topic, &http_subscription(0), "RawMessageDelivery", "true").unwrap();
        apply(&mut topic, NOW, raw);
        let confirm = Command::Confirm {
            number: 0,
            authenticated: true,
            unsubscribe_needs_owner: false,
        };
        apply(&mut topic, NOW, confirm);
        let subscription = topic.subscription(0).unwrap();
        assert!(subscription.raw && subscription.is_confirmed());
    }

    #[test]
    fn a_filter_policy_comes_and_goes() {
        let queue = queue_subscription(0, "orders");
        let mut topic = topic_with(standard(), vec![queue.clone()]);
        let on = plan(&topic, &queue, "FilterPolicy", r#"{"a":["b"]}"#).unwrap();
        apply(&mut topic, NOW, on);
        assert_eq!(topic.subscriptions().with_filter(), 1);
        let off = plan(&topic, &queue, "FilterPolicy", "").unwrap();
        apply(&mut topic, NOW, off);
        assert_eq!(topic.subscriptions().with_filter(), 0);
        assert_eq!(topic.subscription(0).unwrap(), &queue);
    }

    #[test]
    fn errors_are_told_alone() {
        assert_eq!(refusal("Owner", "x"), "Invalid parameter: AttributeName");
        assert_eq!(
            refusal("RawMessageDelivery", "x"),
            "Invalid parameter: RawMessageDelivery: Invalid value [x]. Must be true or false."
        );
    }

    #[test]
    fn an_unknown_subscription_does_not_exist() {
        let topic = topic_with(standard(), Vec::new());
        let error = plan(&topic, &http_subscription(0), "Owner", "x").unwrap_err();
        assert_eq!(error.message, "Subscription does not exist");
    }

    #[test]
    fn the_201st_filter_policy_is_one_too_many() {
        let queue = |n: u32| queue_subscription(n, &format!("q{n}"));
        let mut topic = topic_with(standard(), (0..201).map(queue).collect());
        for n in 0..200 {
            let on = plan(&topic, &queue(n), "FilterPolicy", r#"{"a":["b"]}"#).unwrap();
            apply(&mut topic, NOW, on);
        }
        let error = plan(&topic, &queue(200), "FilterPolicy", r#"{"a":["b"]}"#).unwrap_err();
        assert_eq!(error.kind.code, "FilterPolicyLimitExceeded");
        assert!(plan(&topic, &queue(0), "FilterPolicy", r#"{"a":["c"]}"#).is_ok());
    }
}
