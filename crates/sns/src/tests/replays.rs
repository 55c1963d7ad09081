//! Archives and replays (spec 4.8).

use pattern::Scope;

use super::world::{World, each_way, replayed, settings};
use crate::outbox::Errand::{self, Own, Replayed};
use crate::replay::ReplayStatus;
use crate::subscription::{Filter, Protocol};

fn shown(arrived: &[(String, String, Errand)]) -> Vec<(&str, Errand)> {
    arrived
        .iter()
        .map(|(_, message, errand)| (message.as_str(), *errand))
        .collect()
}

/// Archives, and publishes `0`, `1`, … at each second.
fn published(world: &mut World, count: u64) {
    world.archive(Some(1));
    for n in 0..count {
        world.at(n);
        world.publish(&n.to_string());
    }
}

fn status(world: &World, number: u32) -> Option<ReplayStatus> {
    world.topic.replay_status(number)
}

#[test]
fn a_replay_delivers_what_was_archived_and_then_what_came_meanwhile() {
    each_way("t.fifo", |world| {
        published(world, 5);
        let number = world.subscribe(Protocol::Sqs, "a.fifo");
        assert_eq!(status(world, number), None);
        world.change(number, replayed(2, None));
        assert_eq!(status(world, number), Some(ReplayStatus::Pending));
        world.publish("meanwhile");
        assert!(world.carry().is_empty());
        world.replay();
        assert_eq!(status(world, number), Some(ReplayStatus::Completed));
        world.publish("after");
        let arrived = world.carry();
        assert_eq!(
            shown(&arrived),
            [
                ("2", Replayed),
                ("3", Replayed),
                ("4", Replayed),
                ("meanwhile", Own),
                ("after", Own)
            ]
        );
    });
}

#[test]
fn a_replay_goes_in_bounded_steps_and_waits_for_the_queue() {
    each_way("t.fifo", |world| {
        published(world, 150);
        let number = world.subscribe_as(Protocol::Sqs, "a.fifo", replayed(0, None));
        let read = world.topic.next_replay().unwrap();
        assert_eq!(read.publications.len(), 10);
        world.replay();
        assert_eq!(world.loaded.len(), 100, "the queue has enough to take");
        assert_eq!(status(world, number), Some(ReplayStatus::InProgress));
        world.publish("behind");
        world.carry();
        world.replay();
        assert_eq!(world.carry().len(), 51);
        let order: Vec<&str> = world.arrived.iter().map(|(_, m, _)| m.as_str()).collect();
        let expected: Vec<String> = (0..150).map(|n| n.to_string()).collect();
        assert_eq!(order[..150], expected);
        assert_eq!(order[150], "behind");
        assert_eq!(world.topic.outbox().matters(), 0);
    });
}

#[test]
fn a_replay_with_an_end_ends_the_subscriptions_life_for_new_messages() {
    each_way("t.fifo", |world| {
        published(world, 5);
        let number = world.subscribe_as(Protocol::Sqs, "a.fifo", replayed(1, Some(3)));
        world.publish("too late for it");
        world.replay();
        world.publish("this too");
        let arrived = world.carry();
        assert_eq!(
            shown(&arrived),
            [("1", Replayed), ("2", Replayed), ("3", Replayed)]
        );
        assert_eq!(status(world, number), Some(ReplayStatus::Completed));
        world.change(number, |subscription| settings(subscription).replay = None);
        world.publish("again");
        assert_eq!(shown(&world.carry()), [("again", Own)]);
        assert_eq!(status(world, number), None);
    });
}

#[test]
fn an_end_that_is_still_to_come_lets_live_messages_through_until_then() {
    each_way("t.fifo", |world| {
        published(world, 3);
        let number = world.subscribe_as(Protocol::Sqs, "a.fifo", replayed(2, Some(10)));
        world.publish("behind");
        world.replay();
        world.at(10);
        world.publish("in time");
        assert_eq!(status(world, number), Some(ReplayStatus::InProgress));
        world.at(11);
        world.publish("too late");
        assert_eq!(status(world, number), Some(ReplayStatus::Completed));
        let arrived = world.carry();
        assert_eq!(
            shown(&arrived),
            [("2", Replayed), ("behind", Own), ("in time", Own)]
        );
        assert!(world.is_empty());
    });
}

#[test]
fn a_replay_obeys_the_filter_that_the_subscription_has_now() {
    each_way("t.fifo", |world| {
        world.archive(Some(1));
        for n in 0..15 {
            world.publish(&format!("{{\"n\":{n}}}"));
        }
        let replay = replayed(0, None);
        world.subscribe_as(Protocol::Sqs, "a.fifo", |subscription| {
            replay(subscription);
            let policy = r#"{"n":[{"numeric":[">=",9,"<",12]}]}"#;
            let filter = Filter::compile(policy, Scope::MessageBody).unwrap();
            settings(subscription).filter = Some(filter);
            settings(subscription).scope = Scope::MessageBody;
        });
        world.replay();
        let arrived = world.carry();
        assert_eq!(
            shown(&arrived),
            [
                (r#"{"n":9}"#, Replayed),
                (r#"{"n":10}"#, Replayed),
                (r#"{"n":11}"#, Replayed)
            ]
        );
        assert!(world.is_empty());
    });
}

#[test]
fn a_replay_goes_before_what_could_be_handed_over() {
    each_way("t.fifo", |world| {
        published(world, 2);
        world.beside.push("a.fifo".into());
        world.subscribe_as(Protocol::Sqs, "a.fifo", replayed(0, None));
        world.publish("behind");
        world.replay();
        world.publish("still behind");
        assert!(world.handed_over.is_empty());
        assert_eq!(world.carry().len(), 4);
        world.publish("live");
        assert_eq!(world.handed_over, ["a.fifo live"]);
    });
}

#[test]
fn a_new_replay_supersedes_the_running_one() {
    each_way("t.fifo", |world| {
        published(world, 20);
        let number = world.subscribe_as(Protocol::Sqs, "a.fifo", replayed(0, None));
        let read = world.topic.next_replay().unwrap();
        let bytes: Vec<Vec<u8>> = read
            .publications
            .iter()
            .map(|(_, p)| world.read(*p))
            .collect();
        let stale = crate::replay::prepare(&world.topic, &read, &bytes).unwrap();
        world.publish("behind");
        world.change(number, replayed(18, None));
        world.publish("more");
        world.apply(&stale);
        world.replay();
        let arrived = world.carry();
        assert_eq!(
            shown(&arrived),
            [
                ("18", Replayed),
                ("19", Replayed),
                ("behind", Own),
                ("more", Own)
            ]
        );
    });
}

#[test]
fn taking_the_policy_away_lets_what_has_queued_up_out() {
    each_way("t.fifo", |world| {
        published(world, 3);
        let number = world.subscribe_as(Protocol::Sqs, "a.fifo", replayed(0, None));
        world.publish("behind");
        world.change(number, |subscription| settings(subscription).replay = None);
        assert_eq!(shown(&world.carry()), [("behind", Own)]);
        assert_eq!(world.topic.next_replay(), None);
    });
}

#[test]
fn without_the_archive_a_replay_fails_and_the_subscription_lives_on() {
    each_way("t.fifo", |world| {
        published(world, 3);
        let number = world.subscribe_as(Protocol::Sqs, "a.fifo", replayed(0, None));
        world.publish("behind");
        world.archive(None);
        assert_eq!(status(world, number), Some(ReplayStatus::Failed));
        world.publish("live");
        let arrived = world.carry();
        assert_eq!(shown(&arrived), [("behind", Own), ("live", Own)]);
        assert!(world.places().is_empty());
        let other = world.subscribe_as(Protocol::Sqs, "b.fifo", replayed(0, None));
        assert_eq!(status(world, other), Some(ReplayStatus::Failed));
    });
}

#[test]
fn archived_messages_are_kept_until_their_retention_ends() {
    each_way("t.fifo", |world| {
        world.publish("before");
        published(world, 2);
        assert_eq!(
            world.places().len(),
            2,
            "what came before the policy is not archived"
        );
        world.at(86_400);
        assert_eq!(world.places().len(), 1);
        let number = world.subscribe_as(Protocol::Sqs, "a.fifo", replayed(0, None));
        world.replay();
        assert_eq!(shown(&world.carry()), [("1", Replayed)]);
        world.at(86_401);
        assert!(world.places().is_empty());
        assert_eq!(status(world, number), Some(ReplayStatus::Completed));
    });
}

#[test]
fn a_replay_whose_archive_runs_out_comes_to_its_end_all_the_same() {
    each_way("t.fifo", |world| {
        published(world, 3);
        let number = world.subscribe_as(Protocol::Sqs, "a.fifo", replayed(0, None));
        world.at(90_000);
        world.publish("live");
        assert!(world.carry().is_empty());
        world.replay();
        assert_eq!(shown(&world.carry()), [("live", Own)]);
        assert_eq!(status(world, number), Some(ReplayStatus::Completed));
    });
}

#[test]
fn a_subscription_that_ends_takes_its_replay_along() {
    each_way("t.fifo", |world| {
        published(world, 3);
        let number = world.subscribe_as(Protocol::Sqs, "a.fifo", replayed(0, None));
        world.publish("behind");
        world.unsubscribe(number);
        assert_eq!(world.topic.next_replay(), None);
        assert!(world.carry().is_empty() && world.is_empty());
    });
}
