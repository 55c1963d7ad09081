//! ConfirmSubscription: an endpoint agrees to a subscription, or takes back its end.
//!
//! <https://docs.aws.amazon.com/sns/latest/api/API_ConfirmSubscription.html>

use api::Error;
use api::sns::error as kind;
use api::sns::{ConfirmSubscriptionInput, ConfirmSubscriptionResponse};
use domain::Region;

use crate::command::Command;
use crate::error::invalid_parameter;
use crate::op::{Plan, required, topic_arn};
use crate::subscription::{Confirmed, Subscription};
use crate::topic::Topic;

/// Longest token that is looked at, in characters.
const TOKEN_CHARS_MAX: usize = 2048;

/// What a request asks for, as far as it can be read without its topic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asked<'a> {
    /// Hexadecimal digits. The token alone tells which subscription is meant; the TopicArn need not be right.
    pub token: &'a str,
    pub authenticate_on_unsubscribe: bool,
}

pub fn check<'a>(
    region: Region,
    input: &'a ConfirmSubscriptionInput<'_>,
) -> Result<Asked<'a>, Error> {
    required(input.topic_arn.as_ref(), "topicArn")?;
    let token = required(input.token.as_ref(), "token")?;
    topic_arn(input.topic_arn.as_ref(), region).map_err(|_| invalid_parameter("Topic"))?;
    let is_hex = !token.is_empty() && token.bytes().all(|b| b.is_ascii_hexdigit());
    if !is_hex || token.len() > TOKEN_CHARS_MAX {
        return Err(kind::INVALID_PARAMETER_EXCEPTION.with("Invalid token"));
    }
    let authenticate = input.authenticate_on_unsubscribe.as_deref();
    Ok(Asked {
        token,
        authenticate_on_unsubscribe: authenticate
            .is_some_and(|text| text.eq_ignore_ascii_case("true")),
    })
}

/// A token that no subscription has, or none any more.
pub fn unknown_token() -> Error {
    invalid_parameter("Token")
}

/// Confirms the subscription of this id if its token proves this secret. Doing so again changes nothing.
pub fn prepare(
    topic: &Topic,
    id: &[u8; 16],
    secret: &[u8; 16],
    asked: &Asked<'_>,
    signed: bool,
) -> Result<Plan<'static, String>, Error> {
    let subscription = topic
        .subscriptions()
        .by_id(id)
        .filter(|subscription| subscription.secret == *secret)
        .ok_or_else(unknown_token)?;
    Ok(Plan {
        command: confirmation(subscription, asked, signed),
        keep: subscription.arn(topic.config()),
    })
}

fn confirmation(
    subscription: &Subscription,
    asked: &Asked<'_>,
    signed: bool,
) -> Option<Command<'static>> {
    let (authenticated, unsubscribe_needs_owner) = match subscription.state {
        Confirmed::Pending { .. } => (signed, signed && asked.authenticate_on_unsubscribe),
        Confirmed::Leaving {
            authenticated,
            unsubscribe_needs_owner,
            ..
        } => (authenticated, unsubscribe_needs_owner),
        Confirmed::Confirmed { .. } => return None,
    };
    Some(Command::Confirm {
        number: subscription.number,
        authenticated,
        unsubscribe_needs_owner,
    })
}

pub fn reply(arn: String) -> ConfirmSubscriptionResponse<'static> {
    ConfirmSubscriptionResponse {
        subscription_arn: Some(arn.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::op::samples::{
        NOW, TOPIC_ARN, apply, http_subscription, seconds, standard, topic_with,
    };

    fn input(topic: &'static str, token: &'static str) -> ConfirmSubscriptionInput<'static> {
        ConfirmSubscriptionInput {
            topic_arn: Some(topic.into()),
            token: Some(token.into()),
            authenticate_on_unsubscribe: None,
        }
    }

    fn refusal(topic: &'static str, token: &'static str) -> String {
        let error = check(Region::default(), &input(topic, token)).unwrap_err();
        error.message.into_owned()
    }

    fn asked(authenticate_on_unsubscribe: bool) -> Asked<'static> {
        Asked {
            token: "ab",
            authenticate_on_unsubscribe,
        }
    }

    fn confirm(topic: &Topic, asked: Asked<'_>, signed: bool) -> Option<Command<'static>> {
        let subscription = http_subscription(0);
        let plan = prepare(
            topic,
            &subscription.id,
            &subscription.secret,
            &asked,
            signed,
        )
        .unwrap();
        assert_eq!(plan.keep, subscription.arn(&standard()));
        plan.command
    }

    #[test]
    fn the_topic_comes_first_and_then_the_token() {
        for topic in ["orders", "arn:aws:sns:eu-west-1:000000000000:orders"] {
            assert_eq!(refusal(topic, "ab"), "Invalid parameter: Topic");
            assert_eq!(refusal(topic, "randomtoken"), "Invalid parameter: Topic");
        }
        for token in ["randomtoken", "", "ab cd"] {
            assert_eq!(refusal(TOPIC_ARN, token), "Invalid token");
        }
        let input = input(TOPIC_ARN, "abc123");
        assert_eq!(check(Region::default(), &input).unwrap().token, "abc123");
    }

    #[test]
    fn an_unknown_token_confirms_nothing() {
        let topic = topic_with(standard(), vec![http_subscription(0)]);
        let (id, secret) = (http_subscription(0).id, http_subscription(0).secret);
        for (id, secret) in [([9; 16], secret), (id, [9; 16])] {
            let error = prepare(&topic, &id, &secret, &asked(false), true).unwrap_err();
            assert_eq!(error.message, "Invalid parameter: Token");
        }
    }

    #[test]
    fn how_it_was_confirmed_decides_who_may_end_it() {
        let topic = topic_with(standard(), vec![http_subscription(0)]);
        for (authenticate, signed, authenticated, unsubscribe_needs_owner) in [
            (false, false, false, false),
            (true, false, false, false),
            (false, true, true, false),
            (true, true, true, true),
        ] {
            assert_eq!(
                confirm(&topic, asked(authenticate), signed),
                Some(Command::Confirm {
                    number: 0,
                    authenticated,
                    unsubscribe_needs_owner
                })
            );
        }
    }

    #[test]
    fn confirming_again_changes_nothing() {
        let mut topic = topic_with(standard(), vec![http_subscription(0)]);
        let command = confirm(&topic, asked(false), true).unwrap();
        apply(&mut topic, NOW, command);
        assert!(topic.subscription(0).unwrap().is_confirmed());
        assert_eq!(confirm(&topic, asked(true), true), None);
    }

    #[test]
    fn a_pending_subscription_waits_two_days() {
        let mut topic = topic_with(standard(), vec![http_subscription(0)]);
        let two_days = 2 * 86_400;
        apply(&mut topic, seconds(two_days - 1), Command::Delivered(0));
        assert!(confirm(&topic, asked(false), true).is_some());
        apply(&mut topic, seconds(two_days), Command::Delivered(0));
        let subscription = http_subscription(0);
        let late = prepare(
            &topic,
            &subscription.id,
            &subscription.secret,
            &asked(false),
            true,
        );
        assert_eq!(late.unwrap_err().message, "Invalid parameter: Token");
        assert!(topic.subscriptions().is_empty());
    }
}
