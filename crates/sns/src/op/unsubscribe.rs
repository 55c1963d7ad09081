//! Unsubscribe: an endpoint gets nothing any more. Ended by a link, it is told how to come back.
//!
//! <https://docs.aws.amazon.com/sns/latest/api/API_Unsubscribe.html>

use api::Error;
use api::sns::UnsubscribeInput;
use api::sns::error as kind;
use domain::Region;

use crate::arn::{self, SubscriptionName};
use crate::command::Command;
use crate::error::invalid_because;
use crate::op::{Caller, Plan};
use crate::subscription::{Confirmed, Subscription};
use crate::topic::Topic;

/// The subscription that is meant. That it, or its topic, is not there is no error of this operation.
pub fn check<'a>(
    region: Region,
    input: &'a UnsubscribeInput<'_>,
) -> Result<SubscriptionName<'a>, Error> {
    let text = input
        .subscription_arn
        .as_deref()
        .ok_or_else(|| invalid_because("SubscriptionArn", "no value for required parameter"))?;
    arn::subscription(text, region)
}

pub fn prepare(
    topic: &Topic,
    caller: &Caller<'_>,
    ids: &mut dyn FnMut() -> [u8; 16],
    name: &SubscriptionName<'_>,
) -> Result<Plan<'static, ()>, Error> {
    let subscriptions = topic.subscriptions();
    let known = name.id.and_then(|id| subscriptions.by_id(&id));
    let Some(known) = known.filter(|known| subscriptions.get(known.number).is_some()) else {
        return Ok(Plan {
            command: None,
            keep: (),
        });
    };
    if !caller.signed && needs_owner(known) {
        return Err(kind::AUTHORIZATION_ERROR_EXCEPTION.with(
            "Only the owner of the topic or of the subscription may unsubscribe, by a signed request",
        ));
    }
    let told = !caller.signed && known.is_confirmed() && known.protocol.needs_confirmation();
    Ok(Plan {
        command: Some(Command::Unsubscribe {
            number: known.number,
            confirmation: told.then(&mut *ids),
            secret: ids(),
        }),
        keep: (),
    })
}

fn needs_owner(subscription: &Subscription) -> bool {
    matches!(
        subscription.state,
        Confirmed::Confirmed {
            unsubscribe_needs_owner: true,
            ..
        }
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::op::confirm_subscription;
    use crate::op::samples::{
        NOW, TOPIC_ARN, apply, caller, http_subscription, ids, queue_subscription, seconds,
        standard, topic_with,
    };

    fn confirmed(unsubscribe_needs_owner: bool) -> Subscription {
        let mut subscription = http_subscription(0);
        subscription.state = Confirmed::Confirmed {
            authenticated: true,
            unsubscribe_needs_owner,
        };
        subscription
    }

    fn by_link() -> Caller<'static> {
        Caller {
            signed: false,
            ..caller()
        }
    }

    fn plan(
        topic: &Topic,
        caller: Caller<'_>,
        subscription: &Subscription,
    ) -> Result<Option<Command<'static>>, Error> {
        let arn = subscription.arn(&standard());
        let name = arn::subscription(&arn, Region::default()).unwrap();
        prepare(topic, &caller, &mut ids(), &name).map(|plan| plan.command)
    }

    fn refusal(arn: Option<&'static str>) -> String {
        let input = UnsubscribeInput {
            subscription_arn: arn.map(Into::into),
        };
        let error = check(Region::default(), &input).unwrap_err();
        error.message.into_owned()
    }

    #[test]
    fn an_arn_of_the_wrong_shape_is_refused_and_an_unknown_one_is_not() {
        assert_eq!(
            refusal(None),
            "Invalid parameter: SubscriptionArn Reason: no value for required parameter"
        );
        assert_eq!(
            refusal(Some("pending confirmation")),
            "Invalid parameter: SubscriptionArn Reason: An ARN must have at least 6 elements, not 1"
        );
        assert_eq!(
            refusal(Some(TOPIC_ARN)),
            "Invalid parameter: SubscriptionId"
        );
        let topic = Topic::new(standard());
        assert_eq!(plan(&topic, caller(), &confirmed(false)), Ok(None));
    }

    #[test]
    fn a_signed_call_ends_a_subscription_for_good() {
        let mut topic = topic_with(standard(), vec![confirmed(true)]);
        let command = plan(&topic, caller(), &confirmed(true)).unwrap().unwrap();
        assert!(matches!(
            command,
            Command::Unsubscribe {
                confirmation: None,
                ..
            }
        ));
        apply(&mut topic, NOW, command);
        assert!(topic.subscriptions().get_leaving(0).is_none());
    }

    #[test]
    fn a_link_ends_what_was_not_reserved_to_the_owner() {
        let topic = topic_with(standard(), vec![confirmed(true)]);
        let error = plan(&topic, by_link(), &confirmed(true)).unwrap_err();
        assert_eq!(
            (error.kind.code, error.kind.status),
            ("AuthorizationError", 403)
        );
        let topic = topic_with(standard(), vec![confirmed(false)]);
        let command = plan(&topic, by_link(), &confirmed(false)).unwrap();
        assert_eq!(
            command,
            Some(Command::Unsubscribe {
                number: 0,
                confirmation: Some([1; 16]),
                secret: [2; 16]
            })
        );
    }

    #[test]
    fn a_queue_is_not_told() {
        let queue = queue_subscription(0, "orders");
        let topic = topic_with(standard(), vec![queue.clone()]);
        let command = plan(&topic, by_link(), &queue).unwrap();
        assert!(matches!(
            command,
            Some(Command::Unsubscribe {
                confirmation: None,
                ..
            })
        ));
    }

    #[test]
    fn who_was_told_may_come_back_for_three_days() {
        let days = |count: u32| seconds(count * 86_400);
        let mut topic = topic_with(standard(), vec![confirmed(false)]);
        let command = plan(&topic, by_link(), &confirmed(false)).unwrap().unwrap();
        apply(&mut topic, NOW, command);
        assert!(topic.subscription(0).is_none());
        let back = |topic: &Topic, secret: [u8; 16]| {
            let asked = confirm_subscription::Asked {
                token: "ab",
                authenticate_on_unsubscribe: true,
            };
            confirm_subscription::prepare(topic, &confirmed(false).id, &secret, &asked, false)
        };
        assert!(
            back(&topic, confirmed(false).secret).is_err(),
            "the old token"
        );
        let restore = back(&topic, [2; 16]).unwrap().command.unwrap();
        let mut restored = Topic::restore(&bytes(&topic)).unwrap();
        apply(&mut restored, days(2), restore);
        assert_eq!(
            restored.subscription(0).unwrap().state,
            confirmed(false).state
        );
        apply(&mut topic, days(3), Command::Delivered(0));
        assert!(back(&topic, [2; 16]).is_err(), "too late");
    }

    fn bytes(topic: &Topic) -> Vec<u8> {
        let mut bytes = Vec::new();
        topic.snapshot(&mut bytes);
        bytes
    }
}
