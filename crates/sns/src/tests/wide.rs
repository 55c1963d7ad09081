//! Topics with very many subscribers.

use std::collections::BTreeSet;

use super::world::{Way, World};
use crate::Topic;
use crate::attempted::Attempt;
use crate::subscription::Protocol;

const WIDE: u32 = 10_000;

/// A topic with very many subscribers, without a journal: it is the publishing that is looked at.
fn world() -> World {
    let mut world = World::new("t", Way::Plain);
    for n in 0..WIDE {
        world.subscribe(Protocol::Http, &format!("http://{n}"));
    }
    world
}

fn deliver_all(world: &mut World, seen: &mut BTreeSet<u32>) {
    loop {
        let keys = world.begin(64);
        if keys.is_empty() {
            return;
        }
        for key in keys {
            assert!(seen.insert(key.subscription), "nobody is called twice");
            world.end(key, Attempt::Delivered);
        }
        assert!(world.topic.outbox().calls() <= 1_100);
    }
}

#[test]
fn a_wide_publication_costs_a_few_bytes_until_its_subscribers_are_tried() {
    let mut world = world();
    let before = super::world::snapshot(&world.topic).len();
    world.publish("m");
    assert!(world.topic.outbox().calls() <= 1_100);
    let after = super::world::snapshot(&world.topic).len();
    assert!(
        after - before < 2 * WIDE as usize,
        "{} bytes more",
        after - before
    );
    let mut seen = BTreeSet::new();
    deliver_all(&mut world, &mut seen);
    assert_eq!(seen.len(), WIDE as usize);
    assert!(world.is_empty());
}

#[test]
fn a_wide_publication_goes_on_after_a_restart_where_it_was() {
    let mut world = world();
    world.publish("m");
    let mut seen = BTreeSet::new();
    for _ in 0..50 {
        for key in world.begin(64) {
            assert!(seen.insert(key.subscription));
            world.end(key, Attempt::Delivered);
        }
    }
    world.topic = Topic::restore(&super::world::snapshot(&world.topic)).unwrap();
    deliver_all(&mut world, &mut seen);
    assert_eq!(seen.len(), WIDE as usize);
    assert!(world.is_empty());
}

#[test]
fn many_dead_endpoints_do_not_keep_a_wide_publication_from_the_others() {
    let mut world = world();
    world.publish("m");
    let mut healthy = BTreeSet::new();
    let mut refused = 0;
    loop {
        let keys = world.begin(64);
        if keys.is_empty() {
            break;
        }
        for key in keys {
            if key.subscription < 4_000 {
                refused += 1;
                world.end(key, Attempt::Failed { permanent: false });
            } else {
                healthy.insert(key.subscription);
                world.end(key, Attempt::Delivered);
            }
        }
    }
    assert_eq!((refused, healthy.len()), (4_000, 6_000));
    assert_eq!(
        world.topic.outbox().calls(),
        4_000,
        "which wait for their next attempts"
    );
}

#[test]
fn subscribers_that_leave_meanwhile_are_passed_over() {
    let mut world = world();
    world.publish("m");
    for number in 0..WIDE - 10 {
        world.unsubscribe(number);
    }
    let mut seen = BTreeSet::new();
    deliver_all(&mut world, &mut seen);
    assert_eq!(
        seen.into_iter().collect::<Vec<_>>(),
        (WIDE - 10..WIDE).collect::<Vec<_>>()
    );
    assert!(world.is_empty());
}

#[test]
fn endpoints_with_much_to_be_told_do_not_keep_a_publication_from_the_last() {
    let mut world = World::new("t", Way::Plain);
    let subscribe =
        |world: &mut World, n: u32| world.subscribe(Protocol::Http, &format!("http://{n}"));
    for n in 0..1_000 {
        subscribe(&mut world, n);
    }
    for _ in 0..3 {
        world.publish("m");
    }
    let last = (1_000..1_040)
        .map(|n| subscribe(&mut world, n))
        .last()
        .unwrap();
    world.publish("m");
    // As many attempts as there are subscribers whom nobody has come to yet.
    for _ in 0..20 {
        let key = world.begin(1)[0];
        world.end(key, Attempt::Failed { permanent: false });
    }
    let next = world.begin(2_000);
    assert!(next.iter().any(|key| key.subscription == last));
}
