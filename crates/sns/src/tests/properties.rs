//! Whatever happens to a topic: its journal says it again, a snapshot at any point changes nothing, time may pass in any
//! steps, and each delivery comes to one end.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::world::{Way, World, dead_letters, replayed, settings, snapshot};
use crate::attempted::{Attempt, DeliveryKey};
use crate::outbox::{Errand, Matter};
use crate::subscription::Protocol;

#[derive(Clone, Debug)]
enum Step {
    Publish(u8),
    Subscribe(u8, bool),
    Unsubscribe(u8),
    Redrive(u8, bool),
    Begin(u8),
    End(u8, Attempt),
    Carry(u8),
    /// A queue goes, or is there again.
    Toggle(u8),
    Pass(u16),
    Archive(Option<u8>),
    Replay(u8, Option<u8>),
    WalkReplays,
    /// The server starts again: nothing is under way, and the courier loads what stands in the outbox.
    Restart,
}

fn step() -> impl Strategy<Value = Step> {
    let result = prop_oneof![
        Just(Attempt::Delivered),
        Just(Attempt::Failed { permanent: false }),
        Just(Attempt::Failed { permanent: true }),
    ];
    prop_oneof![
        6 => any::<u8>().prop_map(Step::Publish),
        3 => (any::<u8>(), any::<bool>()).prop_map(|(n, dead)| Step::Subscribe(n, dead)),
        1 => any::<u8>().prop_map(Step::Unsubscribe),
        1 => (any::<u8>(), any::<bool>()).prop_map(|(n, dead)| Step::Redrive(n, dead)),
        3 => (1..10u8).prop_map(Step::Begin),
        6 => (any::<u8>(), result).prop_map(|(n, result)| Step::End(n, result)),
        3 => (1..10u8).prop_map(Step::Carry),
        1 => any::<u8>().prop_map(Step::Toggle),
        2 => (0..30_000u16).prop_map(Step::Pass),
        1 => proptest::option::of(1..3u8).prop_map(Step::Archive),
        1 => (any::<u8>(), proptest::option::of(any::<u8>())).prop_map(|(n, from)| Step::Replay(n, from)),
        2 => Just(Step::WalkReplays),
        1 => Just(Step::Restart),
    ]
}

/// What is known of each delivery from outside.
#[derive(Default)]
struct Ledger {
    /// Deliveries that a publish has caused: sequence and subscription.
    owed: BTreeSet<(u64, u32)>,
    /// How many ends each has come to.
    ends: BTreeMap<(u64, u32), u32>,
    under_way: Vec<DeliveryKey>,
    numbers: Vec<u32>,
}

impl Ledger {
    fn end(&mut self, sequence: u64, subscription: u32) {
        *self.ends.entry((sequence, subscription)).or_default() += 1;
    }

    fn pick(&self, n: u8) -> Option<u32> {
        let count = self.numbers.len();
        (count > 0).then(|| self.numbers[usize::from(n) % count])
    }

    fn unsubscribe(&mut self, number: u32) {
        self.numbers.retain(|one| *one != number);
        self.owed
            .retain(|(_, subscription)| *subscription != number);
        self.ends
            .retain(|(_, subscription), _| *subscription != number);
    }

    /// Ends a call and notes what that came to.
    fn end_call(&mut self, world: &mut World, key: DeliveryKey, result: Attempt) {
        let outstanding = matches!(world.topic.matter(key), Some(Matter::Publication { .. }))
            && self.numbers.contains(&key.subscription);
        let dead_letters = world
            .topic
            .subscription(key.subscription)
            .is_some_and(|subscription| subscription.redrive().is_some());
        world.end(key, result);
        let retried = world.topic.failures(key) > 0;
        if outstanding && (result == Attempt::Delivered || !retried && !dead_letters) {
            self.end(key.matter, key.subscription);
        }
    }

    /// Notes what the courier has done.
    fn carried(&mut self, world: &mut World) {
        for (sequence, subscription, errand) in std::mem::take(&mut world.carried) {
            if errand != Errand::Replayed {
                self.end(sequence, subscription);
            }
        }
        for (sequence, subscription, errand) in std::mem::take(&mut world.returned) {
            let subscriber = world.topic.subscription(subscription);
            let kept = subscriber.is_some_and(|subscription| subscription.redrive().is_some());
            match errand {
                Errand::Own if !kept => self.end(sequence, subscription),
                Errand::DeadLetter => self.end(sequence, subscription),
                Errand::Own | Errand::Replayed => {}
            }
        }
    }

    fn take(&mut self, world: &mut World, step: &Step) {
        let fifo = world.topic.config().fifo;
        match *step {
            Step::Publish(n) => {
                let before = world.topic.next_publication;
                let sequence = world.publish(&format!("m{}", n % 16));
                if world.topic.next_publication > before {
                    self.owed
                        .extend(self.numbers.iter().map(|&number| (sequence, number)));
                }
            }
            Step::Subscribe(n, dead) if self.numbers.len() < 12 => {
                let endpoint = format!("e{n}.fifo");
                let protocol = if fifo || n % 2 == 0 {
                    Protocol::Sqs
                } else {
                    Protocol::Http
                };
                let taken = world.topic.subscriptions().iter();
                let arn = super::world::queue(&endpoint);
                if taken
                    .map(|s| s.endpoint())
                    .any(|e| e == endpoint || e == arn.as_str())
                {
                    return;
                }
                let number = world.subscribe_as(protocol, &endpoint, |subscription| {
                    if dead {
                        dead_letters("dead.fifo")(subscription);
                    }
                });
                self.numbers.push(number);
            }
            Step::Subscribe(..) => {}
            Step::Unsubscribe(n) => {
                if let Some(number) = self.pick(n) {
                    world.unsubscribe(number);
                    self.unsubscribe(number);
                }
            }
            Step::Redrive(n, dead) => {
                if let Some(number) = self.pick(n) {
                    world.change(number, |subscription| {
                        settings(subscription).redrive = None;
                        if dead {
                            dead_letters("dead.fifo")(subscription);
                        }
                    });
                }
            }
            Step::Begin(max) => {
                let begun = world.begin(max.into());
                self.under_way.extend(begun);
            }
            Step::End(n, result) => {
                if !self.under_way.is_empty() {
                    let key = self.under_way.remove(usize::from(n) % self.under_way.len());
                    self.end_call(world, key, result);
                }
            }
            Step::Carry(max) => {
                for _ in 0..max {
                    world.carry_some(1);
                    self.carried(world);
                }
            }
            Step::Toggle(n) => {
                let name = if n % 5 == 0 {
                    "dead.fifo".to_owned()
                } else {
                    format!("e{n}.fifo")
                };
                if world.missing.contains(&name) {
                    world.missing.retain(|one| *one != name);
                } else {
                    world.missing.push(name);
                }
            }
            Step::Pass(millis) => world.pass(millis.into()),
            Step::Archive(days) if fifo => world.archive(days.map(u32::from)),
            Step::Archive(_) => {}
            Step::Replay(n, from) => {
                if let Some(number) = self.pick(n).filter(|_| fifo) {
                    world.change(number, |subscription| match from {
                        Some(from) => replayed(from.into(), None)(subscription),
                        None => settings(subscription).replay = None,
                    });
                }
            }
            Step::WalkReplays => world.replay(),
            Step::Restart => {
                world.topic = crate::Topic::restore(&snapshot(&world.topic)).unwrap();
                world.underway = crate::Underway::new(2);
                world.loaded = world.topic.deliveries().collect();
                self.under_way.clear();
            }
        }
    }

    /// Lets everything come to its end.
    fn drain(&mut self, world: &mut World) {
        world.missing.clear();
        for key in std::mem::take(&mut self.under_way) {
            self.end_call(world, key, Attempt::Delivered);
        }
        loop {
            while !world.loaded.is_empty() {
                world.carry_some(1);
                self.carried(world);
            }
            world.replay();
            let keys = world.begin(100);
            for &key in &keys {
                self.end_call(world, key, Attempt::Delivered);
            }
            match world.next_due() {
                Some(wait) => world.pass(wait),
                None if world.loaded.is_empty() && keys.is_empty() => break,
                None => {}
            }
        }
    }
}

fn run(name: &str, way: Way, steps: &[Step]) -> (World, Ledger) {
    let mut world = World::new(name, way);
    let mut ledger = Ledger::default();
    for step in steps {
        ledger.take(&mut world, step);
    }
    (world, ledger)
}

fn check(name: &str, steps: &[Step]) {
    let (mut world, mut ledger) = run(name, Way::Plain, steps);
    let plain = snapshot(&world.topic);
    for way in [Way::Restored, Way::Creeping] {
        let (other, _) = run(name, way, steps);
        assert_eq!(snapshot(&other.topic), plain, "{way:?}");
    }
    ledger.drain(&mut world);
    assert!(world.is_empty(), "nothing is kept for nobody");
    for owed in &ledger.owed {
        assert_eq!(ledger.ends.get(owed), Some(&1), "{owed:?} comes to one end");
    }
    for (ended, times) in &ledger.ends {
        assert!(ledger.owed.contains(ended), "{ended:?} was owed");
        assert_eq!(*times, 1, "{ended:?}");
    }
    world.check_replay();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn each_delivery_of_a_standard_topic_comes_to_one_end(steps in prop::collection::vec(step(), 0..60)) {
        check("t", &steps);
    }

    #[test]
    fn a_damaged_snapshot_breaks_nothing_but_itself(
        steps in prop::collection::vec(step(), 0..40),
        fifo: bool,
        at: prop::sample::Index,
        value: u8,
    ) {
        let (world, _) = run(if fifo { "t.fifo" } else { "t" }, Way::Plain, &steps);
        let mut bytes = snapshot(&world.topic);
        let at = at.index(bytes.len());
        prop_assert!(crate::Topic::restore(&bytes[..at]).is_err(), "a cut one is refused");
        bytes[at] = value;
        // Read or refused, but the reader stays whole.
        let _ = crate::Topic::restore(&bytes);
    }

    #[test]
    fn each_delivery_of_a_fifo_topic_comes_to_one_end(steps in prop::collection::vec(step(), 0..60)) {
        check("t.fifo", &steps);
    }
}
