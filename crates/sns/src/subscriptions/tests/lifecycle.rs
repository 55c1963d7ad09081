//! A subscription's life: pending, confirmed, leaving, gone; and what is found of it meanwhile.

use domain::{Machine as _, Time};
use pattern::Facts;

use crate::command::Command;
use crate::op::samples::{
    NOW, apply, http_subscription, queue_arn, queue_subscription, seconds, standard, topic_with,
};
use crate::subscription::{Endpoint, Protocol, Subscription};
use crate::topic::Topic;

const DAY: u32 = 86_400;

/// The numbers of those that a message is for.
fn receivers(topic: &Topic) -> Vec<u32> {
    let mut numbers = Vec::new();
    let facts = Facts::new(&[], "message");
    topic.subscriptions().matching(&facts, &mut numbers);
    numbers
}

fn confirm(number: u32) -> Command<'static> {
    Command::Confirm {
        number,
        authenticated: false,
        unsubscribe_needs_owner: false,
    }
}

fn leave(number: u32) -> Command<'static> {
    Command::Unsubscribe {
        number,
        confirmation: Some([1; 16]),
        secret: [number as u8; 16],
    }
}

fn end(number: u32) -> Command<'static> {
    Command::Unsubscribe {
        number,
        confirmation: None,
        secret: [0; 16],
    }
}

#[test]
fn messages_are_for_who_is_confirmed_and_not_for_who_has_left() {
    let subscriptions = vec![
        http_subscription(0),
        queue_subscription(1, "a"),
        http_subscription(2),
    ];
    let mut topic = topic_with(standard(), subscriptions);
    assert_eq!(receivers(&topic), [1]);
    apply(&mut topic, NOW, confirm(0));
    assert_eq!(receivers(&topic), [0, 1]);
    apply(&mut topic, NOW, leave(0));
    apply(&mut topic, NOW, end(1));
    assert_eq!(receivers(&topic), [] as [u32; 0]);
    apply(&mut topic, NOW, confirm(0));
    assert_eq!(receivers(&topic), [0]);
}

#[test]
fn a_mailbox_gets_messages_before_anybody_has_confirmed() {
    let mut mail = http_subscription(0);
    mail.protocol = Protocol::Email;
    mail.endpoint = Endpoint::Text("a@example.com".into());
    let topic = topic_with(standard(), vec![mail]);
    assert_eq!(receivers(&topic), [0]);
    assert_eq!(topic.subscriptions().pending(), 1);
}

#[test]
fn who_never_confirms_is_forgotten_after_two_days() {
    let mut topic = topic_with(standard(), vec![http_subscription(0), http_subscription(1)]);
    apply(&mut topic, NOW, confirm(1));
    assert_eq!(topic.wakes_at(), Some(seconds(2 * DAY)));
    topic.advance(seconds(2 * DAY - 1));
    assert_eq!(topic.subscriptions().len(), 2);
    topic.advance(seconds(2 * DAY));
    assert!(topic.subscription(0).is_none());
    assert!(topic.subscription(1).is_some());
    assert_eq!(topic.wakes_at(), None);
}

#[test]
fn who_has_left_is_forgotten_after_three_days() {
    let mut topic = topic_with(standard(), vec![queue_subscription(0, "a")]);
    apply(&mut topic, seconds(5), leave(0));
    let id = queue_subscription(0, "a").id;
    assert!(topic.subscription(0).is_none());
    assert!(topic.subscriptions().by_id(&id).is_some());
    assert_eq!(topic.wakes_at(), Some(seconds(5 + 3 * DAY)));
    topic.advance(seconds(5 + 3 * DAY));
    assert!(topic.subscriptions().by_id(&id).is_none());
}

#[test]
fn subscribing_anew_takes_the_way_back_from_who_has_left() {
    let mut topic = topic_with(standard(), vec![queue_subscription(0, "a")]);
    apply(&mut topic, NOW, leave(0));
    let again = Command::Subscribe {
        subscription: Box::new(queue_subscription(1, "a")),
        confirmation: None,
    };
    apply(&mut topic, NOW, again);
    apply(&mut topic, NOW, confirm(0));
    let numbers: Vec<u32> = topic.subscriptions().iter().map(|one| one.number).collect();
    assert_eq!(numbers, [1]);
}

#[test]
fn an_endpoint_is_found_by_its_protocol_and_name() {
    let topic = topic_with(
        standard(),
        vec![
            queue_subscription(0, "a"),
            queue_subscription(1, "b"),
            http_subscription(2),
        ],
    );
    let found = |protocol, endpoint: &str| {
        let found = topic.subscriptions().by_endpoint(protocol, endpoint);
        found.map(|subscription: &Subscription| subscription.number)
    };
    assert_eq!(found(Protocol::Sqs, queue_arn("b").as_str()), Some(1));
    assert_eq!(found(Protocol::Sqs, queue_arn("c").as_str()), None);
    assert_eq!(found(Protocol::Http, "http://localhost:8080/2"), Some(2));
    assert_eq!(found(Protocol::Https, "http://localhost:8080/2"), None);
}

#[test]
fn numbers_are_never_given_twice() {
    let mut topic = topic_with(
        standard(),
        vec![queue_subscription(0, "a"), queue_subscription(1, "b")],
    );
    apply(&mut topic, NOW, end(1));
    let mut bytes = Vec::new();
    topic.snapshot(&mut bytes);
    let restored = Topic::restore(&bytes).unwrap();
    assert_eq!(restored.subscriptions().next_number(), 2);
}

#[test]
fn a_command_about_who_is_gone_changes_nothing() {
    let mut topic = topic_with(standard(), vec![queue_subscription(0, "a")]);
    apply(&mut topic, NOW, end(0));
    let mut before = Vec::new();
    topic.snapshot(&mut before);
    for command in [
        confirm(0),
        leave(0),
        end(0),
        Command::ConfigureSubscription(Box::new(queue_subscription(0, "a"))),
        Command::Resend {
            number: 0,
            id: [1; 16],
        },
    ] {
        apply(&mut topic, NOW, command);
        let mut after = Vec::new();
        topic.snapshot(&mut after);
        assert_eq!(after, before);
    }
}

#[test]
fn time_passes_the_same_in_one_step_or_in_two() {
    let subscriptions = || vec![http_subscription(0), queue_subscription(1, "a")];
    let at = |times: &[Time]| {
        let mut topic = topic_with(standard(), subscriptions());
        apply(&mut topic, NOW, leave(1));
        for &time in times {
            topic.advance(time);
        }
        let mut bytes = Vec::new();
        topic.snapshot(&mut bytes);
        bytes
    };
    let end = seconds(4 * DAY);
    assert_eq!(at(&[seconds(2 * DAY + 7), end]), at(&[end]));
}
