//! A topic with very many subscriptions.

use pattern::Facts;

use crate::op::samples::{queue_subscription, standard, topic_with};
use crate::subscription::Subscription;

#[test]
fn a_subscription_takes_few_bytes_beside_its_endpoint() {
    assert!(size_of::<Subscription>() <= 136);
}

#[test]
fn equal_principals_are_kept_once() {
    let queue = |n: u32| {
        let mut subscription = queue_subscription(n, &format!("q{n}"));
        subscription.principal = format!("arn:aws:iam::000000000000:user/{}", n % 2).into();
        subscription
    };
    let topic = topic_with(standard(), (0..1000).map(queue).collect());
    let mut principals: Vec<*const u8> = topic
        .subscriptions()
        .iter()
        .map(|subscription| subscription.principal.as_ptr())
        .collect();
    principals.sort_unstable();
    principals.dedup();
    assert_eq!(principals.len(), 2);
}

#[test]
fn among_many_subscriptions_each_is_found_and_all_are_reached() {
    const MANY: u32 = 20_000;
    let queue = |n: u32| queue_subscription(n, &format!("q{n}"));
    let topic = topic_with(standard(), (0..MANY).map(queue).collect());
    let subscriptions = topic.subscriptions();
    let mut found = Vec::new();
    subscriptions.matching(&Facts::new(&[], "message"), &mut found);
    assert!(found.into_iter().eq(0..MANY));
    for n in [0, MANY / 2, MANY - 1] {
        let subscription = queue(n);
        let by_endpoint = subscriptions.by_endpoint(subscription.protocol, subscription.endpoint());
        assert_eq!(by_endpoint, Some(&subscription));
        assert_eq!(subscriptions.by_id(&subscription.id), Some(&subscription));
    }
}
