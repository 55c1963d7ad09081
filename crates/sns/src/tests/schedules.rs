//! The retry schedules of section 6.6 from the first attempt to the last, in virtual time.

use super::world::{START, Way, World};
use crate::attempted::Attempt;
use crate::subscription::Protocol;

/// Lets every attempt fail, and tells when each was made, in milliseconds since midnight.
fn attempts(protocol: Protocol, endpoint: &str) -> Vec<u64> {
    let mut world = World::new("t", Way::Plain);
    world.subscribe(protocol, endpoint);
    world.publish("m");
    let mut times = Vec::new();
    while let Some(wait) = world.next_due() {
        world.pass(wait);
        for key in world.begin(10) {
            times.push(world.now.since(START));
            world.end(key, Attempt::Failed { permanent: false });
        }
    }
    assert!(world.is_empty(), "it is given up, not forgotten on the way");
    times
}

/// The seconds between attempts.
fn waits(times: &[u64]) -> Vec<u64> {
    times
        .windows(2)
        .map(|pair| (pair[1] - pair[0]) / 1000)
        .collect()
}

#[test]
fn an_endpoint_that_aws_manages_is_tried_for_23_days() {
    let times = attempts(Protocol::Lambda, "function:f");
    assert_eq!(times.len(), 1 + 100_015);
    let waits = waits(&times);
    assert_eq!(waits[..3], [0, 0, 0], "at once");
    assert_eq!(waits[3..5], [1, 1], "before the backoff");
    assert_eq!(waits[5..15], [1, 2, 4, 8, 16, 20, 20, 20, 20, 20]);
    assert!(waits[15..].iter().all(|&wait| wait == 20));
    let days = times[times.len() - 1] / 86_400_000;
    assert_eq!(days, 23);
}

#[test]
fn an_endpoint_that_its_owner_manages_is_tried_for_more_than_six_hours() {
    for (protocol, endpoint) in [
        (Protocol::Email, "a@b"),
        (Protocol::EmailJson, "a@b"),
        (Protocol::Sms, "+43123"),
        (Protocol::Application, "endpoint/GCM/a/b"),
    ] {
        let times = attempts(protocol, endpoint);
        assert_eq!(times.len(), 1 + 50);
        let waits = waits(&times);
        assert_eq!(waits[..2], [10, 10]);
        assert_eq!(waits[2..12], [10, 20, 40, 80, 160, 320, 600, 600, 600, 600]);
        assert!(waits[12..].iter().all(|&wait| wait == 600));
        assert!((6..8).contains(&(times[50] / 3_600_000)));
    }
}

#[test]
fn an_http_endpoint_is_tried_four_times_in_a_minute() {
    assert_eq!(
        attempts(Protocol::Http, "http://a"),
        [0, 20_000, 40_000, 60_000]
    );
}
