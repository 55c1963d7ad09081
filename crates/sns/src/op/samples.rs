//! Topics, subscriptions and requests that the tests of operations begin with.

use api::sns::Tag;
use api::{Map, Str};
use domain::{AccountId, Arn, Effects, Machine as _, Offset, Region, Seconds, Stamp, Time};

use crate::command::Command;
use crate::config::{ArchivePolicy, Config};
use crate::limits;
use crate::op::Caller;
use crate::subscription::{Confirmed, Endpoint, Protocol, Subscription};
use crate::topic::Topic;

pub(crate) const NOW: Time = Time::from_seconds(1_000_000);

pub(crate) const TOPIC_ARN: &str = "arn:aws:sns:us-east-1:000000000000:orders";

pub(crate) fn caller() -> Caller<'static> {
    Caller {
        account: AccountId::DEFAULT,
        region: Region::default(),
        principal: "arn:aws:iam::000000000000:user/tidings",
        signed: true,
        filter_policies_max: limits::FILTER_POLICIES_MAX,
    }
}

pub(crate) fn standard() -> Config {
    Config::fresh("orders", AccountId::DEFAULT, Region::default(), false, NOW)
}

pub(crate) fn fifo() -> Config {
    Config::fresh(
        "orders.fifo",
        AccountId::DEFAULT,
        Region::default(),
        true,
        NOW,
    )
}

/// A FIFO topic that keeps what is published.
pub(crate) fn archived() -> Config {
    let mut config = fifo();
    config.archive = Some(ArchivePolicy {
        text: r#"{"MessageRetentionPeriod":"30"}"#.to_owned(),
        days: 30,
        since: NOW,
    });
    config
}

pub(crate) fn queue_arn(name: &str) -> Arn {
    Arn::new("sqs", Region::default(), AccountId::DEFAULT, name)
}

fn subscription(number: u32, protocol: Protocol, endpoint: Endpoint) -> Subscription {
    let mut id = [0; 16];
    id[12..].copy_from_slice(&(number + 1).to_be_bytes());
    Subscription {
        number,
        id,
        secret: id.map(|byte| byte ^ 0xff),
        protocol,
        endpoint,
        owner: AccountId::DEFAULT,
        principal: caller().principal.into(),
        raw: false,
        state: Confirmed::Confirmed {
            authenticated: true,
            unsubscribe_needs_owner: false,
        },
        settings: None,
    }
}

pub(crate) fn queue_subscription(number: u32, queue: &str) -> Subscription {
    subscription(number, Protocol::Sqs, Endpoint::Arn(queue_arn(queue)))
}

/// A pending one.
pub(crate) fn http_subscription(number: u32) -> Subscription {
    let url = Endpoint::Text(format!("http://localhost:8080/{number}").into());
    let mut subscription = subscription(number, Protocol::Http, url);
    subscription.state = Confirmed::Pending { since: NOW };
    subscription
}

pub(crate) fn topic_with(config: Config, subscriptions: Vec<Subscription>) -> Topic {
    let mut topic = Topic::new(config);
    for subscription in subscriptions {
        apply(
            &mut topic,
            NOW,
            Command::Subscribe {
                subscription: Box::new(subscription),
                confirmation: None,
            },
        );
    }
    topic
}

pub(crate) fn apply(topic: &mut Topic, time: Time, command: Command<'_>) {
    let mut record = Vec::new();
    command.encode(&mut record);
    let again = Command::decode(&record).unwrap();
    assert_eq!(again, command);
    let at = Stamp {
        time,
        offset: Offset(1),
    };
    topic.apply(at, again, &mut Effects::default());
}

/// Ids 1, 2, 3, … in every byte.
pub(crate) fn ids() -> impl FnMut() -> [u8; 16] {
    let mut last = 0;
    move || {
        last += 1;
        [last; 16]
    }
}

pub(crate) fn map(entries: &[(&'static str, &'static str)]) -> Option<Map<'static, Str<'static>>> {
    let entries = entries
        .iter()
        .map(|&(name, value)| (name.into(), value.into()));
    Some(entries.collect())
}

pub(crate) fn tags(entries: &[(&'static str, &'static str)]) -> Vec<Tag<'static>> {
    let tag = |&(key, value): &(&'static str, &'static str)| Tag {
        key: Some(key.into()),
        value: Some(value.into()),
    };
    entries.iter().map(tag).collect()
}

pub(crate) fn list(texts: &[&'static str]) -> Option<Vec<Str<'static>>> {
    Some(texts.iter().map(|&text| text.into()).collect())
}

pub(crate) const fn seconds(seconds: u32) -> Time {
    NOW.after(Seconds(seconds))
}
