//! Whatever happens to a topic: what is restored from its snapshot goes on the same, and its indexes hold.

use pattern::{Attribute, Facts};
use proptest::prelude::*;

use crate::command::Command;
use crate::op::samples::{
    apply, http_subscription, queue_subscription, seconds, standard, topic_with,
};
use crate::subscription::{Confirmed, Subscription};
use crate::subscription_attributes::{SubscriptionAttribute, assign};
use crate::subscriptions::Subscriptions;
use crate::topic::Topic;

#[derive(Clone, Debug)]
enum Step {
    Queue(u8),
    Url(u8),
    Filter(u8, bool),
    Raw(u8),
    Confirm(u8),
    Leave(u8),
    End(u8),
    Rename(u8),
    Wait(u32),
    Restart,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        any::<u8>().prop_map(Step::Queue),
        any::<u8>().prop_map(Step::Url),
        any::<(u8, bool)>().prop_map(|(which, on)| Step::Filter(which, on)),
        any::<u8>().prop_map(Step::Raw),
        any::<u8>().prop_map(Step::Confirm),
        any::<u8>().prop_map(Step::Leave),
        any::<u8>().prop_map(Step::End),
        any::<u8>().prop_map(Step::Rename),
        (0..200_000u32).prop_map(Step::Wait),
        Just(Step::Restart),
    ];
    proptest::collection::vec(step, 1..60)
}

/// A topic and the same topic, which is now and then restored from its snapshot.
struct Twins {
    one: Topic,
    other: Topic,
    now: u32,
}

impl Twins {
    fn new() -> Twins {
        Twins {
            one: topic_with(standard(), Vec::new()),
            other: topic_with(standard(), Vec::new()),
            now: 0,
        }
    }

    fn apply(&mut self, command: Command<'_>) {
        apply(&mut self.one, seconds(self.now), command.clone());
        apply(&mut self.other, seconds(self.now), command);
    }

    /// One of the subscriptions that are there.
    fn pick(&self, which: u8) -> Option<Subscription> {
        let all: Vec<&Subscription> = self.one.subscriptions().iter().collect();
        let picked = all.get(usize::from(which) % all.len().max(1))?;
        Some((*picked).clone())
    }

    fn subscribe(&mut self, make: impl Fn(u32) -> Subscription) {
        let wanted = make(self.one.subscriptions().next_number());
        let known = self
            .one
            .subscriptions()
            .by_endpoint(wanted.protocol, wanted.endpoint());
        let live = known.is_some_and(|known| self.one.subscription(known.number).is_some());
        if !live {
            self.apply(Command::Subscribe {
                confirmation: wanted.is_pending().then_some([9; 16]),
                subscription: Box::new(wanted),
            });
        }
    }

    fn set(&mut self, which: u8, attribute: SubscriptionAttribute, value: &str) {
        if let Some(mut subscription) = self.pick(which) {
            let now = seconds(self.now);
            assign(&mut subscription, &standard(), attribute, value, now).unwrap();
            self.apply(Command::ConfigureSubscription(Box::new(subscription)));
        }
    }

    fn step(&mut self, step: &Step) {
        match *step {
            Step::Queue(n) => {
                self.subscribe(|number| queue_subscription(number, &format!("q{}", n % 8)))
            }
            Step::Url(n) => {
                let since = seconds(self.now);
                self.subscribe(|number| Subscription {
                    endpoint: http_subscription(u32::from(n % 8)).endpoint,
                    state: Confirmed::Pending { since },
                    ..http_subscription(number)
                });
            }
            Step::Filter(which, on) => {
                let policy = match (on, which % 2) {
                    (true, 0) => r#"{"a":["b"]}"#,
                    (true, _) => r#"{"a":["b","c"]}"#,
                    (false, _) => "",
                };
                self.set(which, SubscriptionAttribute::FilterPolicy, policy);
            }
            Step::Raw(which) => self.set(which, SubscriptionAttribute::RawMessageDelivery, "true"),
            Step::Confirm(which) => {
                if let Some(subscription) = self.pick(which) {
                    self.apply(Command::Confirm {
                        number: subscription.number,
                        authenticated: true,
                        unsubscribe_needs_owner: which % 2 == 0,
                    });
                }
            }
            Step::Leave(which) | Step::End(which) => {
                if let Some(subscription) = self.pick(which) {
                    let told = matches!(step, Step::Leave(_)) && subscription.is_confirmed();
                    self.apply(Command::Unsubscribe {
                        number: subscription.number,
                        confirmation: told.then_some([which; 16]),
                        secret: [which; 16],
                    });
                }
            }
            Step::Rename(n) => {
                let mut config = standard();
                config.display_name = n.to_string();
                self.apply(Command::Configure(Box::new(config)));
            }
            Step::Wait(seconds) => self.now += seconds,
            Step::Restart => self.other = Topic::restore(&snapshot(&self.other)).unwrap(),
        }
    }
}

fn snapshot(topic: &Topic) -> Vec<u8> {
    let mut bytes = Vec::new();
    topic.snapshot(&mut bytes);
    bytes
}

/// A message with one attribute.
fn facts(value: &str) -> Facts<'_> {
    let attribute = Attribute {
        name: "a",
        data_type: "String",
        value: Some(value),
    };
    Facts::new(&[attribute], "message")
}

fn check_matching(subscriptions: &Subscriptions, facts: &Facts<'_>) {
    let is_for = |one: &&Subscription| {
        let filter = one.filter();
        one.receives() && filter.is_none_or(|filter| filter.policy.matches(facts))
    };
    let each = subscriptions.iter().filter(is_for).map(|one| one.number);
    let mut found = vec![u32::MAX];
    subscriptions.matching(facts, &mut found);
    assert_eq!(found[0], u32::MAX, "what was found before stays");
    assert!(found[1..].iter().copied().eq(each));
}

/// What the indexes say is what a look at every subscription says.
fn check_indexes(topic: &Topic) {
    let subscriptions = topic.subscriptions();
    let all: Vec<&Subscription> = subscriptions.iter().collect();
    let count = |is: fn(&Subscription) -> bool| all.iter().filter(|one| is(one)).count();
    assert_eq!(subscriptions.len(), all.len());
    assert_eq!(subscriptions.pending(), count(Subscription::is_pending));
    assert_eq!(subscriptions.confirmed(), count(Subscription::is_confirmed));
    assert_eq!(
        subscriptions.with_filter(),
        count(|one| one.filter().is_some())
    );
    for value in ["b", "c"] {
        check_matching(subscriptions, &facts(value));
    }
    for subscription in all {
        assert_eq!(subscriptions.by_id(&subscription.id), Some(subscription));
        let by_endpoint = subscriptions.by_endpoint(subscription.protocol, subscription.endpoint());
        assert_eq!(by_endpoint, Some(subscription));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_is_restored_goes_on_as_what_was_never_stopped(steps in steps()) {
        let mut twins = Twins::new();
        for step in &steps {
            twins.step(step);
            check_indexes(&twins.one);
            check_indexes(&twins.other);
        }
        prop_assert_eq!(snapshot(&twins.one), snapshot(&twins.other));
    }

    #[test]
    fn a_snapshot_that_is_cut_or_changed_is_malformed_or_another_topic(
        steps in steps(), at in any::<prop::sample::Index>(), flip in 1..=255u8,
    ) {
        let mut twins = Twins::new();
        for step in &steps {
            twins.step(step);
        }
        let whole = snapshot(&twins.one);
        let at = at.index(whole.len());
        prop_assert!(Topic::restore(&whole[..at]).is_err());
        let mut changed = whole.clone();
        changed[at] ^= flip;
        // Never a panic, and never the same topic.
        if let Ok(topic) = Topic::restore(&changed) {
            prop_assert_ne!(snapshot(&topic), whole);
        }
    }
}
