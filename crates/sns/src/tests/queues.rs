//! Deliveries to queues: order, dead letters, and what may go past the outbox.

use api::sns::{MessageAttributeValue, PublishInput};
use domain::{Body, Effects, Machine as _, Offset, Place, Stamp};

use super::world::{World, dead_letters, each_way};
use crate::attempted::Attempt;
use crate::outbox::Errand::{self, DeadLetter, Own};
use crate::publication::{Attribute, Publication, Value};
use crate::routes::Routes;
use crate::subscription::Protocol;

fn arrived(list: &[(&str, &str, Errand)]) -> Vec<(String, String, Errand)> {
    list.iter()
        .map(|(queue, message, errand)| ((*queue).to_owned(), (*message).to_owned(), *errand))
        .collect()
}

fn publication(world: &World) -> Publication<'static> {
    Publication {
        id: [9; 16],
        time: world.now,
        sequence: world.topic.next_publication,
        message: "m",
        subject: None,
        json: false,
        attributes: Vec::new(),
        group: Some("g"),
        dedup: None,
        trace: None,
        routes: Routes::default(),
        body: Body { at: 0, len: 1 },
    }
}

#[test]
fn letters_leave_in_the_order_of_publication_and_are_kept_until_they_are_safe() {
    each_way("t.fifo", |world| {
        world.subscribe(Protocol::Sqs, "a.fifo");
        world.subscribe(Protocol::Sqs, "b");
        world.publish("one");
        world.publish("two");
        let sequences: Vec<u64> = world.topic.deliveries().map(|d| d.sequence).collect();
        assert_eq!(sequences, [1, 2, 3, 4]);
        assert_eq!(world.topic.deliveries().collect::<Vec<_>>(), world.loaded);
        assert_eq!(
            world.carry(),
            arrived(&[
                ("a.fifo", "one", Own),
                ("b", "one", Own),
                ("a.fifo", "two", Own),
                ("b", "two", Own)
            ])
        );
        assert!(world.is_empty());
    });
}

#[test]
fn a_queue_that_is_gone_is_tried_once() {
    each_way("t", |world| {
        world.missing.push("a".into());
        world.subscribe_as(Protocol::Sqs, "a", dead_letters("dead"));
        world.subscribe(Protocol::Sqs, "b");
        world.publish("one");
        assert_eq!(
            world.carry(),
            arrived(&[("b", "one", Own), ("dead", "one", DeadLetter)])
        );
        assert!(world.is_empty());
        world.missing.push("dead".into());
        world.publish("two");
        assert_eq!(world.carry(), arrived(&[("b", "two", Own)]));
        assert!(
            world.is_empty(),
            "a dead letter that cannot be delivered is dropped"
        );
    });
}

fn may_hand_over(world: &World, subscription: u32, publication: &Publication<'_>) -> bool {
    let subscription = world.topic.subscription(subscription);
    subscription.is_some_and(|it| world.topic.may_hand_over(it, publication))
}

#[test]
fn what_was_handed_over_leaves_nothing_behind() {
    each_way("t", |world| {
        let [a, b] = ["a", "b"].map(|name| world.subscribe(Protocol::Sqs, name));
        let before = world.topic.next_publication;
        let publication = publication(world);
        assert!(may_hand_over(world, a, &publication));
        // Not journaled by this world, so that the topic is put back afterwards.
        let put_away = super::world::snapshot(&world.topic);
        let mut effects = Effects::default();
        let at = Stamp {
            time: world.now,
            offset: Offset(0),
        };
        world.topic.publish(at, &publication, &[], &mut effects);
        assert!(effects.deliver.is_empty() && world.is_empty());
        assert_eq!(world.topic.next_publication, before + 1);
        let next = Publication {
            sequence: before + 1,
            ..publication
        };
        world.topic.publish(at, &next, &[b], &mut effects);
        assert_eq!(effects.deliver.len(), 1);
        assert_eq!(effects.deliver[0].to.resource(), "b");
        assert!(
            may_hand_over(world, b, &next),
            "a standard topic has no order"
        );
        world.topic = crate::Topic::restore(&put_away).unwrap();
        world.topic.advance(world.now);
    });
}

#[test]
fn on_a_fifo_topic_nothing_overtakes_what_is_on_its_way() {
    each_way("t.fifo", |world| {
        let [a, b] = ["a.fifo", "b.fifo"].map(|name| world.subscribe(Protocol::Sqs, name));
        let publication = publication(world);
        assert!(may_hand_over(world, a, &publication));
        world.publish("one");
        assert!(!may_hand_over(world, a, &publication));
        world.carry();
        assert!(may_hand_over(world, a, &publication));
        world.unsubscribe(b);
        assert!(!may_hand_over(world, b, &publication));
    });
}

#[test]
fn with_raw_delivery_more_than_ten_attributes_cannot_be_delivered() {
    each_way("t", |world| {
        let dead = dead_letters("dead");
        let raw = world.subscribe_as(Protocol::Sqs, "raw", |subscription| {
            subscription.raw = true;
            dead(subscription);
        });
        world.subscribe(Protocol::Sqs, "plain");
        let names: Vec<String> = (0..11).map(|n| format!("a{n}")).collect();
        let attribute = |name: &String| {
            let value = MessageAttributeValue {
                data_type: Some("String".into()),
                string_value: Some("x".into()),
                ..MessageAttributeValue::default()
            };
            (name.clone().into(), value)
        };
        let of = |count: usize| PublishInput {
            message: Some("many".into()),
            message_attributes: Some(names[..count].iter().map(attribute).collect()),
            ..PublishInput::default()
        };
        world.publish_input(&of(11));
        assert_eq!(
            world.carry(),
            arrived(&[("dead", "many", DeadLetter), ("plain", "many", Own)])
        );
        world.publish_input(&of(10));
        assert_eq!(
            world.carry(),
            arrived(&[("raw", "many", Own), ("plain", "many", Own)])
        );
        let mut many = publication(world);
        let attribute = Attribute {
            name: "n",
            data_type: "String",
            value: Value::Text("x"),
        };
        many.attributes = vec![attribute; 11];
        assert!(!may_hand_over(world, raw, &many));
    });
}

#[test]
fn a_repeated_message_goes_nowhere_for_five_minutes() {
    each_way("t.fifo", |world| {
        world.subscribe(Protocol::Sqs, "a.fifo");
        let first = world.publish("one");
        world.pass(299_999);
        world.publish("one");
        assert_eq!(world.carry().len(), 1);
        assert_eq!(world.topic.next_publication, first + 1);
        world.pass(1);
        world.publish("one");
        assert_eq!(world.carry().len(), 1);
    });
}

#[test]
fn publications_are_found_where_they_were_moved() {
    each_way("t.fifo", |world| {
        world.archive(Some(1));
        world.subscribe(Protocol::Sqs, "a.fifo");
        world.publish("one");
        let places = world.places();
        assert_eq!(places.len(), 2, "on its way, and archived");
        let moved = |key: u64| Place::settled(1, key as u32, 10);
        for (&key, &place) in &places {
            assert!(
                !world.topic.relocate(key, moved(7), moved(8)),
                "not from there"
            );
            assert!(world.topic.relocate(key, place, moved(key)));
            assert!(!world.topic.relocate(key, place, moved(key)), "only once");
        }
        assert!(
            world
                .places()
                .iter()
                .all(|(&key, &place)| place == moved(key))
        );
        assert!(!world.topic.relocate(998, moved(1), moved(2)));
        let delivery = world.topic.deliveries().next().unwrap();
        assert!(places.keys().any(|&key| moved(key) == delivery.item.place));
        // The journal knows nothing of moves.
        for (&key, &place) in &places {
            assert!(world.topic.relocate(key, moved(key), place));
        }
    });
}

#[test]
fn a_subscriber_that_is_called_has_its_dead_letters_in_order_with_the_others() {
    each_way("t", |world| {
        world.subscribe(Protocol::Sqs, "a");
        world.subscribe_as(Protocol::Http, "http://a", dead_letters("dead"));
        world.publish("one");
        world.call(Attempt::Failed { permanent: true });
        world.publish("two");
        assert_eq!(
            world.carry(),
            arrived(&[
                ("a", "one", Own),
                ("dead", "one", DeadLetter),
                ("a", "two", Own)
            ])
        );
        assert!(!world.is_empty());
    });
}
