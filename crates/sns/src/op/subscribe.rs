//! Subscribe: an endpoint gets what is published to a topic, at once or once it has agreed.
//!
//! <https://docs.aws.amazon.com/sns/latest/api/API_Subscribe.html>

use api::Error;
use api::sns::error as kind;
use api::sns::{SubscribeInput, SubscribeResponse};
use domain::{Arn, Region, Time};

use crate::arn::TopicName;
use crate::command::Command;
use crate::config::Config;
use crate::endpoint;
use crate::error::{Refused, invalid_because, invalid_parameter};
use crate::limits;
use crate::op::{Caller, Plan, required, topic_arn};
use crate::subscription::{Confirmed, Endpoint, Protocol, Subscription};
use crate::subscription_attributes::{self, Given, SubscriptionAttribute};
use crate::topic::Topic;

const FIFO_SUFFIX: &str = ".fifo";

/// What a request asks for, as far as it can be read without its topic.
#[derive(Clone, Debug)]
pub struct Asked<'a> {
    pub topic: TopicName<'a>,
    pub protocol: Protocol,
    pub endpoint: Endpoint,
}

/// What the reply needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keep {
    arn: String,
    pending: bool,
}

/// Reads the topic, the protocol and the endpoint, in this order.
pub fn check<'a>(region: Region, input: &'a SubscribeInput<'_>) -> Result<Asked<'a>, Error> {
    let topic = topic_arn(input.topic_arn.as_ref(), region)?;
    let name = required(input.protocol.as_ref(), "protocol")?;
    let protocol = Protocol::parse(name).ok_or_else(|| {
        invalid_parameter(format!(
            "Amazon SNS does not support this protocol string: {name}"
        ))
    })?;
    let endpoint = endpoint::read(protocol, input.endpoint.as_deref().unwrap_or_default())?;
    Ok(Asked {
        topic,
        protocol,
        endpoint,
    })
}

/// Subscribes anew, or finds the subscription that is there already if it is what was asked for. `device` tells
/// whether the platform endpoint of an ARN is there.
pub fn prepare(
    topic: &Topic,
    caller: &Caller<'_>,
    now: Time,
    ids: &mut dyn FnMut() -> [u8; 16],
    asked: &Asked<'_>,
    input: &SubscribeInput<'_>,
    device: &dyn Fn(&Arn) -> bool,
) -> Result<Plan<'static, Keep>, Error> {
    check_endpoint(topic.config(), asked, device)?;
    let given = attributes(input)?;
    let subscriptions = topic.subscriptions();
    let mut fresh = fresh(topic, caller, now, asked, [ids(), ids()]);
    subscription_attributes::assign_all(&mut fresh, topic.config(), &given, now)
        .map_err(Refused::among_attributes)?;
    let known = subscriptions.by_endpoint(asked.protocol, fresh.endpoint());
    if let Some(known) = known.filter(|known| subscriptions.get(known.number).is_some()) {
        check_same(known, &fresh, &given)?;
        let resend = Command::Resend {
            number: known.number,
            id: ids(),
        };
        return Ok(Plan {
            command: known.is_pending().then_some(resend),
            keep: keep(known, topic.config()),
        });
    }
    check_protocol(asked.protocol, &fresh)?;
    check_limits(topic, &fresh, caller.filter_policies_max)?;
    Ok(Plan {
        keep: keep(&fresh, topic.config()),
        command: Some(Command::Subscribe {
            confirmation: fresh.is_pending().then(ids),
            subscription: Box::new(fresh),
        }),
    })
}

pub fn reply(keep: Keep, input: &SubscribeInput<'_>) -> SubscribeResponse<'static> {
    let shown = !keep.pending || input.return_subscription_arn == Some(true);
    SubscribeResponse {
        subscription_arn: Some(if shown {
            keep.arn.into()
        } else {
            "pending confirmation".into()
        }),
    }
}

fn keep(subscription: &Subscription, topic: &Config) -> Keep {
    Keep {
        arn: subscription.arn(topic),
        pending: subscription.is_pending(),
    }
}

/// What the topic says about the endpoint.
fn check_endpoint(
    topic: &Config,
    asked: &Asked<'_>,
    device: &dyn Fn(&Arn) -> bool,
) -> Result<(), Error> {
    let Endpoint::Arn(arn) = &asked.endpoint else {
        return check_fifo(topic, asked.protocol);
    };
    if asked.protocol == Protocol::Sqs && !topic.fifo && arn.resource().ends_with(FIFO_SUFFIX) {
        // AWS says the beginning twice.
        return Err(invalid_parameter(
            "Invalid parameter: Endpoint Reason: FIFO SQS Queues can not be subscribed to standard SNS topics",
        ));
    }
    check_fifo(topic, asked.protocol)?;
    if asked.protocol == Protocol::Application && !device(arn) {
        return Err(endpoint::does_not_exist(arn.as_str()));
    }
    Ok(())
}

/// Only queues take part in the order of a FIFO topic.
fn check_fifo(topic: &Config, protocol: Protocol) -> Result<(), Error> {
    if topic.fifo && protocol != Protocol::Sqs {
        return Err(invalid_parameter(format!(
            "Invalid protocol type: {}",
            protocol.name()
        )));
    }
    if topic.has_large_messages() && !protocol.takes_large_messages() {
        return Err(invalid_parameter(format!(
            "Protocol Reason: {} does not take the messages of a topic whose MaximumMessageSize is over 262144",
            protocol.name()
        )));
    }
    Ok(())
}

/// What this server cannot deliver to is refused once AWS's own checks are passed.
fn check_protocol(protocol: Protocol, fresh: &Subscription) -> Result<(), Error> {
    let missing = match protocol {
        Protocol::Lambda => "Lambda functions",
        Protocol::Firehose => {
            let role = fresh
                .settings
                .as_ref()
                .and_then(|settings| settings.role.as_ref());
            if role.is_none() {
                return Err(invalid_because(
                    "Attributes",
                    "SubscriptionRoleArn: it must be the ARN of a role for firehose subscriptions",
                ));
            }
            "Firehose delivery streams"
        }
        Protocol::Http
        | Protocol::Https
        | Protocol::Email
        | Protocol::EmailJson
        | Protocol::Sms
        | Protocol::Sqs
        | Protocol::Application => return Ok(()),
    };
    Err(invalid_because(
        "Protocol",
        format!("This server has no {missing} yet"),
    ))
}

fn attributes<'a>(input: &'a SubscribeInput<'_>) -> Result<Given<'a>, Error> {
    let given = input.attributes.as_deref().unwrap_or_default();
    let read = |(name, value): &'a (api::Str<'_>, api::Str<'_>)| {
        let attribute = SubscriptionAttribute::parse(name);
        attribute.map(|attribute| (attribute, &**value))
    };
    let read = given.iter().map(read).collect::<Result<_, _>>();
    read.map_err(Refused::among_attributes)
}

/// A subscription as it is without any attribute given.
fn fresh(
    topic: &Topic,
    caller: &Caller<'_>,
    now: Time,
    asked: &Asked<'_>,
    [mut id, secret]: [[u8; 16]; 2],
) -> Subscription {
    // A version 4 UUID.
    id[6] = id[6] & 0x0f | 0x40;
    id[8] = id[8] & 0x3f | 0x80;
    Subscription {
        number: topic.subscriptions().next_number(),
        id,
        secret,
        protocol: asked.protocol,
        endpoint: asked.endpoint.clone(),
        owner: caller.account,
        principal: caller.principal.into(),
        raw: false,
        state: if asked.protocol.needs_confirmation() {
            Confirmed::Pending { since: now }
        } else {
            Confirmed::Confirmed {
                authenticated: true,
                unsubscribe_needs_owner: false,
            }
        },
        settings: None,
    }
}

/// A subscription that is there is what was asked for if it has every attribute given.
fn check_same(known: &Subscription, wanted: &Subscription, given: &Given<'_>) -> Result<(), Error> {
    let agree = |&(attribute, _): &(SubscriptionAttribute, &str)| {
        subscription_attributes::agree(known, wanted, attribute)
    };
    if given.iter().all(agree) {
        return Ok(());
    }
    Err(invalid_because(
        "Attributes",
        "Subscription already exists with different attributes",
    ))
}

fn check_limits(topic: &Topic, fresh: &Subscription, filters_max: usize) -> Result<(), Error> {
    let (config, subscriptions) = (topic.config(), topic.subscriptions());
    let max = if config.fifo || config.has_large_messages() {
        limits::SUBSCRIPTIONS_FEW_MAX
    } else {
        limits::SUBSCRIPTIONS_MAX
    };
    if subscriptions.len() >= max {
        let text = format!("A topic of this kind has at most {max} subscriptions");
        return Err(if config.has_large_messages() && !config.fifo {
            invalid_because("TopicArn", text)
        } else {
            kind::SUBSCRIPTION_LIMIT_EXCEEDED_EXCEPTION.with(text)
        });
    }
    if fresh.filter().is_some() {
        check_filters(topic, filters_max)?;
    }
    Ok(())
}

/// Checks that one more subscription of a topic may have a filter policy.
pub(crate) fn check_filters(topic: &Topic, max: usize) -> Result<(), Error> {
    if topic.subscriptions().with_filter() >= max {
        return Err(kind::FILTER_POLICY_LIMIT_EXCEEDED_EXCEPTION
            .with(format!("A topic has at most {max} filter policies")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::op::samples::{
        NOW, TOPIC_ARN, apply, archived, caller, fifo, ids, map, queue_arn, queue_subscription,
        seconds, standard, topic_with,
    };
    use crate::subscription_attributes::text;

    type Entries<'e> = &'e [(&'static str, &'static str)];

    const URL: &str = "http://localhost:8080/";
    const QUEUE: &str = "arn:aws:sqs:us-east-1:000000000000:orders";
    const FIFO_QUEUE: &str = "arn:aws:sqs:us-east-1:000000000000:orders.fifo";
    const DEVICE: &str = "arn:aws:sns:us-east-1:000000000000:endpoint/GCM/app/1";

    fn input(protocol: &str, endpoint: &str, attributes: Entries<'_>) -> SubscribeInput<'static> {
        SubscribeInput {
            topic_arn: Some(TOPIC_ARN.into()),
            protocol: Some(protocol.to_owned().into()),
            endpoint: Some(endpoint.to_owned().into()),
            attributes: map(attributes),
            return_subscription_arn: None,
        }
    }

    fn plan(topic: &Topic, input: &SubscribeInput<'_>) -> Result<Plan<'static, Keep>, Error> {
        let asked = check(Region::default(), input)?;
        let device = |arn: &Arn| arn.as_str() == DEVICE;
        prepare(
            topic,
            &caller(),
            seconds(1),
            &mut ids(),
            &asked,
            input,
            &device,
        )
    }

    /// Subscribes, and gives what the caller is told and the subscription.
    fn subscribe(topic: &mut Topic, input: &SubscribeInput<'_>) -> (String, Subscription) {
        let plan = plan(topic, input).unwrap();
        let told = reply(plan.keep, input).subscription_arn.unwrap();
        let Some(command @ Command::Subscribe { .. }) = plan.command else {
            panic!("there is a new subscription");
        };
        apply(topic, seconds(1), command);
        let subscription = topic.subscriptions().iter().last().unwrap().clone();
        (told.into_owned(), subscription)
    }

    fn refusal(topic: Config, protocol: &str, endpoint: &str, attributes: Entries<'_>) -> String {
        let error = plan(&Topic::new(topic), &input(protocol, endpoint, attributes)).unwrap_err();
        error.message.into_owned()
    }

    #[test]
    fn a_queue_is_subscribed_at_once_and_need_not_be_there() {
        let mut topic = Topic::new(standard());
        let (told, subscription) = subscribe(&mut topic, &input("sqs", QUEUE, &[]));
        assert_eq!(
            told,
            format!("{TOPIC_ARN}:01010101-0101-4101-8101-010101010101")
        );
        assert_eq!(subscription.queue(), Some(&queue_arn("orders")));
        assert_eq!(
            subscription.state,
            Confirmed::Confirmed {
                authenticated: true,
                unsubscribe_needs_owner: false
            }
        );
    }

    #[test]
    fn urls_and_mailboxes_have_to_agree() {
        for (protocol, endpoint) in [
            ("http", URL),
            ("https", "https://localhost/"),
            ("email", "a@example.com"),
            ("email-json", "a@example.com"),
        ] {
            let mut topic = Topic::new(standard());
            let mut input = input(protocol, endpoint, &[]);
            let plan = plan(&topic, &input).unwrap();
            let Some(Command::Subscribe { confirmation, .. }) = plan.command else {
                panic!("there is a new subscription");
            };
            assert_eq!(confirmation, Some([3; 16]), "{protocol}");
            let (told, subscription) = subscribe(&mut topic, &input);
            assert_eq!(told, "pending confirmation");
            assert_eq!(subscription.state, Confirmed::Pending { since: seconds(1) });
            input.return_subscription_arn = Some(true);
            let (told, subscription) = subscribe(&mut Topic::new(standard()), &input);
            assert_eq!(told, subscription.arn(&standard()));
        }
    }

    #[test]
    fn phones_and_devices_need_not_agree() {
        for (protocol, endpoint) in [("sms", "+123123120"), ("application", DEVICE)] {
            let (_, subscription) =
                subscribe(&mut Topic::new(standard()), &input(protocol, endpoint, &[]));
            assert!(subscription.is_confirmed(), "{protocol}");
        }
        let unknown = "arn:aws:sns:us-east-1:000000000000:endpoint/GCM/app/2";
        assert_eq!(
            refusal(standard(), "application", unknown, &[]),
            format!(
                "Invalid parameter: Endpoint Reason: Endpoint does not exist for endpoint arn{unknown}"
            )
        );
    }

    #[test]
    fn a_protocol_is_one_of_snss() {
        assert_eq!(
            refusal(standard(), "smtp", "a@example.com", &[]),
            "Invalid parameter: Amazon SNS does not support this protocol string: smtp"
        );
        assert_eq!(
            check(Region::default(), &SubscribeInput::default())
                .unwrap_err()
                .message,
            "1 validation error detected: Value null at 'topicArn' failed to satisfy constraint: Member must not be null"
        );
    }

    #[test]
    fn a_fifo_queue_cannot_follow_a_standard_topic_and_a_standard_queue_can_follow_a_fifo_topic() {
        assert_eq!(
            refusal(standard(), "sqs", FIFO_QUEUE, &[]),
            "Invalid parameter: Invalid parameter: Endpoint Reason: FIFO SQS Queues can not be subscribed to standard \
             SNS topics"
        );
        assert!(plan(&Topic::new(fifo()), &input("sqs", QUEUE, &[])).is_ok());
        assert!(plan(&Topic::new(fifo()), &input("sqs", FIFO_QUEUE, &[])).is_ok());
        assert_eq!(
            refusal(fifo(), "http", URL, &[]),
            "Invalid parameter: Invalid protocol type: http"
        );
    }

    #[test]
    fn what_cannot_be_delivered_to_here_is_refused_behind_awss_own_checks() {
        let function = "arn:aws:lambda:us-east-1:000000000000:function:f";
        assert_eq!(
            refusal(standard(), "lambda", "f", &[]),
            "Invalid parameter: Lambda endpoint ARN"
        );
        assert!(refusal(standard(), "lambda", function, &[]).contains("no Lambda functions yet"));
        let stream = "arn:aws:firehose:us-east-1:000000000000:deliverystream/s";
        assert!(refusal(standard(), "firehose", stream, &[]).contains("SubscriptionRoleArn"));
        let role = [("SubscriptionRoleArn", "arn:aws:iam::000000000000:role/r")];
        assert!(refusal(standard(), "firehose", stream, &role).contains("no Firehose"));
    }

    #[test]
    fn attributes_come_with_the_subscription() {
        let attributes = [
            ("FilterPolicy", r#"{"a":{"b":["c"]}}"#),
            ("FilterPolicyScope", "MessageBody"),
            ("RawMessageDelivery", "True"),
        ];
        let (_, subscription) = subscribe(
            &mut Topic::new(standard()),
            &input("http", URL, &attributes),
        );
        for (name, value) in attributes {
            let attribute = SubscriptionAttribute::parse(name).unwrap();
            let shown = text(&subscription, attribute).unwrap();
            assert!(shown.eq_ignore_ascii_case(value), "{name}");
        }
        let (_, plain) = subscribe(
            &mut Topic::new(standard()),
            &input("http", URL, &[("FilterPolicy", "")]),
        );
        assert_eq!(plain.settings, None);
    }

    #[test]
    fn a_bad_attribute_is_told_among_the_attributes() {
        assert_eq!(
            refusal(standard(), "sqs", QUEUE, &[("RawMessageDelivery", "wrong")]),
            "Invalid parameter: Attributes Reason: RawMessageDelivery: Invalid value [wrong]. Must be true or false."
        );
        assert_eq!(
            refusal(standard(), "sqs", QUEUE, &[("Colour", "red")]),
            "Invalid parameter: Attributes Reason: AttributeName"
        );
    }

    #[test]
    fn an_endpoint_is_subscribed_once() {
        let mut topic = Topic::new(standard());
        let raw = [("RawMessageDelivery", "true")];
        let (first, _) = subscribe(&mut topic, &input("sqs", QUEUE, &raw));
        for attributes in [
            &[][..],
            &[("RawMessageDelivery", "TRUE")],
            &[("FilterPolicyScope", "MessageAttributes")],
            &[("FilterPolicy", "")],
        ] {
            let input = input("sqs", QUEUE, attributes);
            let plan = plan(&topic, &input).unwrap();
            assert!(plan.command.is_none());
            assert_eq!(reply(plan.keep, &input).subscription_arn.unwrap(), first);
        }
        for other in [
            ("RawMessageDelivery", "false"),
            ("FilterPolicy", r#"{"a":["b"]}"#),
            ("FilterPolicyScope", "MessageBody"),
        ] {
            let error = plan(&topic, &input("sqs", QUEUE, &[other])).unwrap_err();
            assert_eq!(
                error.message,
                "Invalid parameter: Attributes Reason: Subscription already exists with different attributes"
            );
        }
    }

    #[test]
    fn a_phone_is_known_however_its_number_is_written() {
        let mut topic = Topic::new(standard());
        subscribe(&mut topic, &input("sms", "+1-555-1234567", &[]));
        let plan = plan(&topic, &input("sms", "+15551234567", &[])).unwrap();
        assert!(plan.command.is_none());
    }

    #[test]
    fn subscribing_again_while_pending_asks_the_endpoint_once_more() {
        let mut topic = Topic::new(standard());
        let (_, subscription) = subscribe(&mut topic, &input("http", URL, &[]));
        let plan = plan(&topic, &input("http", URL, &[])).unwrap();
        assert_eq!(
            plan.command,
            Some(Command::Resend {
                number: subscription.number,
                id: [3; 16]
            })
        );
        assert_eq!(plan.keep.arn, subscription.arn(&standard()));
    }

    #[test]
    fn a_fifo_topic_has_at_most_100_subscriptions() {
        let queue = |n| queue_subscription(n, &format!("q{n}"));
        let full = topic_with(fifo(), (0..100).map(queue).collect());
        let error = plan(&full, &input("sqs", QUEUE, &[])).unwrap_err();
        assert_eq!(
            (error.kind.code, error.kind.status),
            ("SubscriptionLimitExceeded", 403)
        );
        let almost = topic_with(fifo(), (0..99).map(queue).collect());
        assert!(plan(&almost, &input("sqs", QUEUE, &[])).is_ok());
    }

    #[test]
    fn a_topic_with_large_messages_takes_few_queues_only() {
        let mut config = standard();
        config.message_bytes_max = Some(262_145);
        assert!(refusal(config.clone(), "http", URL, &[]).contains("MaximumMessageSize"));
        let queue = |n| queue_subscription(n, &format!("q{n}"));
        let full = topic_with(config, (0..100).map(queue).collect());
        let error = plan(&full, &input("sqs", QUEUE, &[])).unwrap_err();
        assert_eq!(error.kind.code, "InvalidParameter");
    }

    #[test]
    fn a_topic_has_at_most_200_filter_policies() {
        let mut topic = Topic::new(standard());
        let policy = [("FilterPolicy", r#"{"a":["b"]}"#)];
        for n in 0..200 {
            let queue = queue_arn(&format!("q{n}"));
            subscribe(&mut topic, &input("sqs", queue.as_str(), &policy));
        }
        let error = plan(&topic, &input("sqs", QUEUE, &policy)).unwrap_err();
        assert_eq!(
            (error.kind.code, error.kind.status),
            ("FilterPolicyLimitExceeded", 403)
        );
        assert!(plan(&topic, &input("sqs", QUEUE, &[])).is_ok());
    }

    #[test]
    fn a_replay_may_come_with_the_subscription() {
        let start = r#"{"PointType":"Timestamp","StartingPoint":"1970-01-12T13:46:41.000Z"}"#;
        let mut topic = topic_with(archived(), Vec::new());
        let (_, subscription) = subscribe(
            &mut topic,
            &input("sqs", FIFO_QUEUE, &[("ReplayPolicy", start)]),
        );
        assert_eq!(subscription.replay().unwrap().from, NOW.after_millis(1000));
    }
}
