//! Calls: attempts, retries, dead letters, confirmations, and who comes next.

use std::collections::BTreeMap;

use super::world::{START, Way, World, dead_letters, each_way, retries, settings};
use crate::attempted::Attempt::{self, Delivered};
use crate::delivery_policy::{DeliveryPolicy, RetryMembers};
use crate::outbox::Errand;
use crate::subscription::{Confirmed, Protocol};

const FAILED: Attempt = Attempt::Failed { permanent: false };
const REFUSED: Attempt = Attempt::Failed { permanent: true };

fn pending(world: &mut World) -> u32 {
    let since = world.now;
    world.subscribe_as(Protocol::Http, "http://a", |subscription| {
        subscription.state = Confirmed::Pending { since };
    })
}

#[test]
fn what_was_delivered_is_forgotten() {
    each_way("t", |world| {
        world.subscribe(Protocol::Http, "http://a");
        world.subscribe(Protocol::Email, "a@b");
        world.publish("one");
        assert_eq!(world.next_due(), Some(0));
        assert_eq!(world.call(Delivered), ["http://a one", "a@b one"]);
        assert_eq!(world.next_due(), None);
        assert!(world.is_empty());
        assert!(world.places().is_empty());
    });
}

#[test]
fn an_http_endpoint_is_tried_four_times_in_a_minute_and_then_given_up() {
    each_way("t", |world| {
        world.subscribe_as(Protocol::Http, "http://a", dead_letters("dead"));
        world.publish("one");
        for _ in 0..3 {
            assert_eq!(world.call(FAILED), ["http://a one"]);
            assert_eq!(world.next_due(), Some(20_000));
            world.pass(19_999);
            assert!(world.call(FAILED).is_empty());
            world.pass(1);
        }
        assert!(world.carry().is_empty());
        assert_eq!(world.call(FAILED), ["http://a one"]);
        assert_eq!(world.next_due(), None);
        let dead = ("dead".to_owned(), "one".to_owned(), Errand::DeadLetter);
        assert_eq!(world.carry(), [dead]);
        assert!(world.is_empty());
    });
}

#[test]
fn a_client_error_is_never_tried_again() {
    each_way("t", |world| {
        world.subscribe_as(Protocol::Http, "http://a", dead_letters("dead"));
        world.subscribe(Protocol::Http, "http://b");
        world.publish("one");
        assert_eq!(world.call(REFUSED), ["http://a one", "http://b one"]);
        assert_eq!(world.carry().len(), 1, "b has no dead-letter queue");
        assert!(world.is_empty());
    });
}

#[test]
fn the_redrive_policy_in_force_when_a_delivery_fails_decides() {
    each_way("t", |world| {
        let number = world.subscribe(Protocol::Http, "http://a");
        world.publish("lost");
        world.call(REFUSED);
        world.publish("kept");
        world.change(number, dead_letters("dead"));
        world.call(REFUSED);
        world.change(number, |subscription| settings(subscription).redrive = None);
        assert_eq!(world.carry().len(), 1, "what is on its way stays so");
        assert_eq!(world.arrived[0].1, "kept");
        world.publish("lost again");
        world.call(REFUSED);
        assert!(world.carry().is_empty() && world.is_empty());
    });
}

#[test]
fn the_delivery_policy_in_force_when_a_delivery_fails_decides() {
    each_way("t", |world| {
        let number = world.subscribe(Protocol::Http, "http://a");
        world.publish("one");
        world.call(FAILED);
        let once = RetryMembers {
            retries: Some(1),
            ..RetryMembers::default()
        };
        world.change(number, retries(once));
        world.pass(20_000);
        assert_eq!(world.call(FAILED).len(), 1);
        assert!(world.is_empty(), "the second failure is one too many");
    });
}

#[test]
fn retries_to_an_http_endpoint_end_within_an_hour() {
    each_way("t", |world| {
        let slow = RetryMembers {
            min_delay: Some(1000),
            max_delay: Some(1000),
            retries: Some(100),
            ..RetryMembers::default()
        };
        world.subscribe_as(Protocol::Https, "https://a", retries(slow));
        world.publish("one");
        let mut attempts = 0;
        while let Some(wait) = world.next_due() {
            world.pass(wait);
            attempts += world.call(FAILED).len();
        }
        assert_eq!(attempts, 1 + 3);
        assert!(world.now.since(START) <= 3_600_000 && world.is_empty());
    });
}

#[test]
fn an_endpoint_is_asked_to_confirm_until_it_does() {
    each_way("t", |world| {
        let number = pending(world);
        world.publish("not for it");
        assert_eq!(world.call(FAILED), ["http://a confirm?"]);
        world.pass(20_000);
        world.apply(&crate::Command::Confirm {
            number,
            authenticated: false,
            unsubscribe_needs_owner: false,
        });
        assert!(world.call(FAILED).is_empty() && world.is_empty());
        world.publish("for it");
        assert_eq!(world.call(Delivered), ["http://a for it"]);
    });
}

#[test]
fn confirmations_never_become_dead_letters() {
    each_way("t", |world| {
        let number = pending(world);
        world.change(number, dead_letters("dead"));
        world.call(REFUSED);
        assert!(world.is_empty());
        let id = world.id();
        world.apply(&crate::Command::Confirm {
            number,
            authenticated: false,
            unsubscribe_needs_owner: false,
        });
        world.publish("dropped with the subscription");
        world.apply(&crate::Command::Unsubscribe {
            number,
            confirmation: Some(id),
            secret: [1; 16],
        });
        assert_eq!(world.call(REFUSED), ["http://a come back?"]);
        assert!(world.carry().is_empty() && world.is_empty());
    });
}

#[test]
fn subscribing_again_while_pending_asks_again_once() {
    each_way("t", |world| {
        let number = pending(world);
        let id = world.id();
        world.apply(&crate::Command::Resend { number, id });
        assert_eq!(world.call(Delivered), ["http://a confirm?"]);
    });
}

#[test]
fn with_a_subscription_goes_what_was_on_its_way_to_it() {
    each_way("t", |world| {
        let gone = world.subscribe_as(Protocol::Http, "http://a", dead_letters("dead"));
        world.subscribe(Protocol::Http, "http://b");
        world.publish("one");
        world.publish("two");
        let keys = world.begin(1);
        world.end(keys[0], FAILED);
        let late = world.begin(1);
        world.unsubscribe(gone);
        for key in late {
            world.end(key, FAILED);
        }
        world.pass(20_000);
        let called = world.call(Delivered);
        assert!(called.iter().all(|call| call.starts_with("http://b")));
        assert!(world.carry().is_empty() && world.is_empty());
    });
}

#[test]
fn an_endpoint_that_is_gone_holds_up_nobody() {
    let mut world = World::new("t", Way::Plain);
    let dead = world.subscribe(Protocol::Http, "http://dead");
    let healthy = world.subscribe(Protocol::Http, "http://healthy");
    for _ in 0..2_000 {
        world.publish("m");
    }
    // The dead one never answers; what it is being called for is all that it may have at a time.
    let stuck: Vec<_> = world.begin(3);
    let stuck: Vec<_> = stuck
        .into_iter()
        .filter(|key| key.subscription == healthy)
        .collect();
    for key in stuck {
        world.end(key, Delivered);
    }
    let mut delivered = 1;
    while world.next_due().is_some() {
        let keys = world.begin(4);
        assert!(keys.iter().all(|key| key.subscription == healthy));
        for key in keys {
            world.end(key, Delivered);
            delivered += 1;
        }
    }
    assert_eq!(delivered, 2_000);
    assert_eq!(world.topic.outbox().calls(), 2_000);
    assert_eq!(
        world.topic.failures(crate::DeliveryKey {
            matter: 1,
            subscription: dead
        }),
        0
    );
}

#[test]
fn subscriptions_take_turns() {
    each_way("t", |world| {
        let all: Vec<u32> = (0..4)
            .map(|n| world.subscribe(Protocol::Http, &format!("http://{n}")))
            .collect();
        for _ in 0..4 {
            world.publish("m");
        }
        let mut begun = BTreeMap::new();
        for _ in 0..8 {
            for key in world.begin(1) {
                *begun.entry(key.subscription).or_insert(0) += 1;
                world.underway.ended(key);
                world.end(key, Delivered);
            }
        }
        assert!(all.iter().all(|number| begun[number] == 2), "{begun:?}");
    });
}

#[test]
fn a_call_is_not_begun_twice_and_is_begun_again_after_a_restart() {
    each_way("t", |world| {
        world.subscribe(Protocol::Http, "http://a");
        world.publish("one");
        let key = world.begin(10)[0];
        assert!(world.begin(10).is_empty());
        assert_eq!(world.next_due(), None);
        world.underway = crate::Underway::new(2);
        assert_eq!(world.begin(10), [key]);
        world.end(key, Delivered);
        world.end(key, FAILED);
        assert!(
            world.is_empty(),
            "the second result is of nothing outstanding"
        );
    });
}

#[test]
fn a_throttled_endpoint_gets_no_more_in_any_second_than_its_policy_says() {
    each_way("t", |world| {
        world.underway = crate::Underway::new(100);
        world.subscribe_as(Protocol::Http, "http://slow", |subscription| {
            settings(subscription).delivery_policy = Some(DeliveryPolicy {
                throttle: Some(3),
                ..DeliveryPolicy::default()
            });
        });
        world.subscribe(Protocol::Http, "http://fast");
        for _ in 0..10 {
            world.publish("m");
        }
        let mut times = Vec::new();
        let mut fast = 0;
        while let Some(wait) = world.next_due() {
            world.pass(wait);
            for key in world.begin(100) {
                if world.about(key).starts_with("http://slow") {
                    times.push(world.now.since(START));
                } else {
                    fast += 1;
                    assert_eq!(world.now, START);
                }
                world.end(key, Delivered);
            }
            world.pass(7);
        }
        assert_eq!((times.len(), fast), (10, 10));
        for window in times.windows(4) {
            assert!(window[3] - window[0] >= 1000, "{times:?}");
        }
        assert!(times[9] < 3_100, "and no fewer: {times:?}");
    });
}

#[test]
fn a_throttle_counts_what_was_called_within_the_last_second() {
    each_way("t", |world| {
        world.underway = crate::Underway::new(100);
        world.subscribe_as(Protocol::Http, "http://a", |subscription| {
            settings(subscription).delivery_policy = Some(DeliveryPolicy {
                throttle: Some(3),
                ..DeliveryPolicy::default()
            });
        });
        let called = |world: &mut World| world.call(Delivered).len();
        world.publish("one");
        assert_eq!(called(world), 1);
        world.pass(500);
        for _ in 0..6 {
            world.publish("m");
        }
        assert_eq!((called(world), world.next_due()), (2, Some(500)));
        world.pass(500);
        assert_eq!((called(world), world.next_due()), (1, Some(500)));
        world.pass(500);
        assert_eq!((called(world), world.next_due()), (2, Some(500)));
        world.pass(500);
        assert_eq!((called(world), world.next_due()), (1, None));
    });
}

#[test]
fn a_topics_throttle_counts_for_its_endpoints_each() {
    each_way("t", |world| {
        world.configure(|config| {
            config.delivery_policy = Some(crate::delivery_policy::TopicDeliveryPolicy {
                throttle: Some(1),
                ..Default::default()
            });
        });
        world.subscribe(Protocol::Http, "http://a");
        world.subscribe(Protocol::Http, "http://b");
        world.publish("one");
        world.publish("two");
        assert_eq!(world.call(Delivered), ["http://a one", "http://b one"]);
        assert_eq!(world.next_due(), Some(1000));
        world.pass(1000);
        assert_eq!(world.call(Delivered), ["http://a two", "http://b two"]);
    });
}
