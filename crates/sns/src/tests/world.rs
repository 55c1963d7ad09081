//! One topic with its journal, a courier, somebody who makes its calls, and a clock that only the test moves.

use std::collections::BTreeMap;

use api::sns::PublishInput;
use domain::{
    AccountId, Arn, Deliver, Effects, Machine as _, Offset, Place, Region, Seconds, Stamp, Time,
};

use crate::attempted::{Attempt, Attempted, DeliveryKey};
use crate::config::{ArchivePolicy, Config};
use crate::delivery_policy::{DeliveryPolicy, RetryMembers};
use crate::op::publish::{self, Draft, Publisher};
use crate::outbox::{About, Errand, Matter, Underway};
use crate::publication::Publication;
use crate::replay;
use crate::subscription::{
    Confirmed, Endpoint, Protocol, Redrive, ReplayPolicy, Settings, Subscription,
};
use crate::{Command, Topic};

/// Bytes before the command in each record, as the engine has them.
const HEADER: usize = 5;
/// Midnight of scenarios.
pub(crate) const START: Time = Time::from_millis(1_700_000_000_000);

/// How a scenario is run: all ways must show the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    Plain,
    /// After each command the topic is put away as a snapshot and restored.
    Restored,
    /// Before each command time passes in many small steps.
    Creeping,
}

pub(crate) struct World {
    pub(crate) now: Time,
    pub(crate) topic: Topic,
    pub(crate) underway: Underway,
    /// Deliveries that the courier was told of and has not carried.
    pub(crate) loaded: Vec<Deliver>,
    /// Queues that are handed their letters at once.
    pub(crate) beside: Vec<String>,
    /// What they were handed: queue and message.
    pub(crate) handed_over: Vec<String>,
    /// Queues that are not there.
    pub(crate) missing: Vec<String>,
    /// What has arrived: queue, message, errand.
    pub(crate) arrived: Vec<(String, String, Errand)>,
    /// The same by sequence and subscription.
    pub(crate) carried: Vec<(u64, u32, Errand)>,
    /// What could not arrive.
    pub(crate) returned: Vec<(u64, u32, Errand)>,
    way: Way,
    /// The topic as it was before all records.
    first: Config,
    /// Every record, at its offset.
    records: Vec<Record>,
    ids: u64,
}

struct Record {
    at: Stamp,
    bytes: Vec<u8>,
    /// Queues that stood beside the topic then.
    beside: Vec<String>,
}

/// Runs a scenario in every way, and its journal once more at the end.
pub(crate) fn each_way(name: &str, scenario: impl Fn(&mut World)) {
    for way in [Way::Plain, Way::Restored, Way::Creeping] {
        let mut world = World::new(name, way);
        scenario(&mut world);
        world.check_replay();
    }
}

pub(crate) fn queue(name: &str) -> Arn {
    Arn::new("sqs", Region::default(), AccountId::DEFAULT, name)
}

pub(crate) fn snapshot(topic: &Topic) -> Vec<u8> {
    let mut bytes = Vec::new();
    topic.snapshot(&mut bytes);
    bytes
}

/// Applies a command where these queues stand beside the topic, and tells what they were handed.
fn apply(
    topic: &mut Topic,
    at: Stamp,
    command: Command<'_>,
    beside: &[String],
    effects: &mut Effects,
) -> Vec<String> {
    let mut given = Vec::new();
    let Command::Publish(publish) = command else {
        topic.apply(at, command, effects);
        return given;
    };
    let mut hand_over = |_: &Topic, subscription: &Subscription, publication: &Publication<'_>| {
        let queue = subscription.queue().unwrap().resource();
        let is_beside = beside.iter().any(|one| one == queue);
        if is_beside {
            given.push(format!("{queue} {}", publication.message));
        }
        is_beside
    };
    topic.publish_all(at, &publish, &mut hand_over, effects);
    given
}

impl World {
    pub(crate) fn new(name: &str, way: Way) -> World {
        let fifo = name.ends_with(".fifo");
        let mut first = Config::fresh(name, AccountId::DEFAULT, Region::default(), fifo, START);
        first.content_dedup = true;
        World {
            now: START,
            topic: Topic::new(first.clone()),
            underway: Underway::new(2),
            loaded: Vec::new(),
            beside: Vec::new(),
            handed_over: Vec::new(),
            missing: Vec::new(),
            arrived: Vec::new(),
            carried: Vec::new(),
            returned: Vec::new(),
            way,
            first,
            records: Vec::new(),
            ids: 0,
        }
    }

    pub(crate) fn id(&mut self) -> [u8; 16] {
        self.ids += 1;
        u128::from(self.ids).to_be_bytes()
    }

    /// Seconds since midnight.
    pub(crate) fn at(&mut self, seconds: u64) {
        self.now = START.after_millis(seconds * 1000);
        self.advance();
    }

    pub(crate) fn pass(&mut self, millis: u64) {
        self.now = self.now.after_millis(millis);
        self.advance();
    }

    fn advance(&mut self) {
        if self.way == Way::Creeping {
            let (from, to) = (self.topic.now.millis(), self.now.millis());
            for step in 1..8 {
                let then = from + (to.max(from) - from) * step / 8;
                self.topic.advance(Time::from_millis(then));
            }
        }
        self.topic.advance(self.now);
    }

    pub(crate) fn apply(&mut self, command: &Command<'_>) {
        self.advance();
        let mut record = vec![0xee; HEADER];
        command.encode(&mut record);
        let at = Stamp {
            time: self.now,
            offset: Offset(self.records.len() as u64),
        };
        let mut effects = Effects::default();
        let decoded = Command::decode_at(&record, HEADER).unwrap();
        let mut again = vec![0xee; HEADER];
        decoded.encode(&mut again);
        assert_eq!(again, record, "a command survives its encoding");
        let given = apply(&mut self.topic, at, decoded, &self.beside, &mut effects);
        self.handed_over.extend(given);
        self.records.push(Record {
            at,
            bytes: record,
            beside: self.beside.clone(),
        });
        self.loaded.extend(effects.deliver);
        if self.way == Way::Restored {
            let before = snapshot(&self.topic);
            self.topic = Topic::restore(&before).unwrap();
            assert_eq!(
                before,
                snapshot(&self.topic),
                "a snapshot is restored whole"
            );
        }
    }

    /// What the journal says comes to the same as what was seen.
    pub(crate) fn check_replay(&self) {
        let mut again = Topic::new(self.first.clone());
        for Record { at, bytes, beside } in &self.records {
            let command = Command::decode_at(bytes, HEADER).unwrap();
            apply(&mut again, *at, command, beside, &mut Effects::default());
        }
        again.advance(self.now);
        let mut live = Topic::restore(&snapshot(&self.topic)).unwrap();
        live.advance(self.now);
        assert_eq!(snapshot(&again), snapshot(&live));
    }

    pub(crate) fn configure(&mut self, change: impl FnOnce(&mut Config)) {
        let mut config = self.topic.config().clone();
        change(&mut config);
        self.apply(&Command::Configure(Box::new(config)));
    }

    pub(crate) fn archive(&mut self, days: Option<u32>) {
        let since = self.now;
        self.configure(|config| {
            config.archive = days.map(|days| ArchivePolicy {
                text: String::new(),
                days,
                since,
            });
        });
    }

    fn subscription(&mut self, protocol: Protocol, endpoint: &str) -> Subscription {
        let endpoint = match protocol {
            Protocol::Sqs => Endpoint::Arn(queue(endpoint)),
            Protocol::Application | Protocol::Lambda | Protocol::Firehose => Endpoint::Arn(
                Arn::new("x", Region::default(), AccountId::DEFAULT, endpoint),
            ),
            Protocol::Http
            | Protocol::Https
            | Protocol::Email
            | Protocol::EmailJson
            | Protocol::Sms => Endpoint::Text(endpoint.into()),
        };
        Subscription {
            number: self.topic.subscriptions().next_number(),
            id: self.id(),
            secret: self.id(),
            protocol,
            endpoint,
            owner: AccountId::DEFAULT,
            principal: "arn:aws:iam::000000000000:user/u".into(),
            raw: false,
            state: Confirmed::Confirmed {
                authenticated: true,
                unsubscribe_needs_owner: false,
            },
            settings: None,
        }
    }

    pub(crate) fn subscribe(&mut self, protocol: Protocol, endpoint: &str) -> u32 {
        self.subscribe_as(protocol, endpoint, |_| {})
    }

    pub(crate) fn subscribe_as(
        &mut self,
        protocol: Protocol,
        endpoint: &str,
        change: impl FnOnce(&mut Subscription),
    ) -> u32 {
        let mut subscription = self.subscription(protocol, endpoint);
        change(&mut subscription);
        let number = subscription.number;
        let confirmation = subscription.is_pending().then(|| self.id());
        self.apply(&Command::Subscribe {
            subscription: Box::new(subscription),
            confirmation,
        });
        number
    }

    pub(crate) fn change(&mut self, number: u32, change: impl FnOnce(&mut Subscription)) {
        let mut subscription = self.topic.subscription(number).unwrap().clone();
        change(&mut subscription);
        self.apply(&Command::ConfigureSubscription(Box::new(subscription)));
    }

    pub(crate) fn unsubscribe(&mut self, number: u32) {
        self.apply(&Command::Unsubscribe {
            number,
            confirmation: None,
            secret: [0; 16],
        });
    }

    pub(crate) fn publish(&mut self, message: &str) -> u64 {
        self.publish_input(&PublishInput {
            message: Some(message.into()),
            message_group_id: self.topic.config().fifo.then(|| "g".into()),
            ..PublishInput::default()
        })
    }

    /// Publishes and tells the sequence that was given.
    pub(crate) fn publish_input(&mut self, input: &PublishInput<'_>) -> u64 {
        self.advance();
        let sequence = self.topic.next_publication;
        let draft = Draft::of(input);
        let mut next = self.ids + 1;
        let mut ids = || {
            next += 1;
            u128::from(next).to_be_bytes()
        };
        let publisher = Publisher::default();
        let plan = publish::prepare(&self.topic, &publisher, self.now, &mut ids, &draft).unwrap();
        self.ids = next;
        if let Some(command) = plan.command {
            self.apply(&command);
        }
        sequence
    }

    /// The bytes at a place.
    pub(crate) fn read(&self, place: Place) -> Vec<u8> {
        let record = &self.records[place.offset.0 as usize].bytes;
        record[place.at as usize..(place.at + place.len) as usize].to_vec()
    }

    pub(crate) fn message(&self, place: Place) -> String {
        let bytes = self.read(place);
        Publication::read(&bytes).unwrap().message.to_owned()
    }

    /// Carries everything that is loaded, and tells what has arrived.
    pub(crate) fn carry(&mut self) -> Vec<(String, String, Errand)> {
        self.carry_some(usize::MAX)
    }

    pub(crate) fn carry_some(&mut self, max: usize) -> Vec<(String, String, Errand)> {
        let from = self.arrived.len();
        for _ in 0..max {
            if self.loaded.is_empty() {
                break;
            }
            let deliver = self.loaded.remove(0);
            let Some(still) = self.topic.delivery(deliver.sequence) else {
                continue;
            };
            assert_eq!(still, deliver, "a delivery stays what it is");
            let name = deliver.to.resource().to_owned();
            let about = About::decode(&deliver.item.about).unwrap();
            let bytes = self.read(deliver.item.place);
            let publication = Publication::read(&bytes).unwrap();
            if self.missing.contains(&name) {
                self.returned
                    .push((publication.sequence, about.subscription, about.errand));
                self.apply(&Command::Returned(deliver.sequence));
                continue;
            }
            let message = publication.message.to_owned();
            self.arrived.push((name, message, about.errand));
            self.carried
                .push((publication.sequence, about.subscription, about.errand));
            self.apply(&Command::Delivered(deliver.sequence));
        }
        self.arrived[from..].to_vec()
    }

    /// Begins the calls that are due, at most `max`.
    pub(crate) fn begin(&mut self, max: usize) -> Vec<DeliveryKey> {
        self.advance();
        self.topic.take_due(self.now, max, &mut self.underway)
    }

    /// Ends a call.
    pub(crate) fn end(&mut self, key: DeliveryKey, result: Attempt) {
        self.apply(&Command::Attempted(Attempted { key, result }));
        self.underway.ended(key);
    }

    /// Makes all calls that are due, each with the same result, and tells what they were about.
    pub(crate) fn call(&mut self, result: Attempt) -> Vec<String> {
        let mut made = Vec::new();
        loop {
            let keys = self.begin(usize::MAX);
            if keys.is_empty() {
                return made;
            }
            for key in keys {
                made.push(self.about(key));
                self.end(key, result);
            }
        }
    }

    /// `{endpoint} {message}`
    pub(crate) fn about(&self, key: DeliveryKey) -> String {
        let to = self.topic.subscriptions().get_leaving(key.subscription);
        let what = match self.topic.matter(key).unwrap() {
            Matter::Publication { place, .. } => self.message(*place),
            Matter::SubscriptionConfirmation { .. } => "confirm?".to_owned(),
            Matter::UnsubscribeConfirmation { .. } => "come back?".to_owned(),
        };
        format!("{} {what}", to.unwrap().endpoint())
    }

    /// Milliseconds until the next call may be made.
    pub(crate) fn next_due(&self) -> Option<u64> {
        let due = self.topic.next_due(self.now, &self.underway)?;
        Some(due.since(self.now))
    }

    /// Nothing is kept any more.
    pub(crate) fn is_empty(&self) -> bool {
        let outbox = self.topic.outbox();
        (outbox.bound(), outbox.calls(), outbox.matters()) == (0, 0, 0)
    }

    /// Steps all replays until none wants to.
    pub(crate) fn replay(&mut self) {
        while let Some(read) = self.topic.next_replay() {
            let bytes: Vec<Vec<u8>> = read
                .publications
                .iter()
                .map(|(_, place)| self.read(*place))
                .collect();
            let command = replay::prepare(&self.topic, &read, &bytes).unwrap();
            self.apply(&command);
        }
    }

    pub(crate) fn places(&self) -> BTreeMap<u64, Place> {
        let mut places = BTreeMap::new();
        self.topic.places(&mut |key, place| {
            assert_eq!(places.insert(key, place), None, "a key names one place");
        });
        places
    }
}

pub(crate) fn settings(subscription: &mut Subscription) -> &mut Settings {
    subscription.settings.get_or_insert_default()
}

pub(crate) fn dead_letters(name: &str) -> impl Fn(&mut Subscription) {
    let redrive = Redrive {
        queue: queue(name),
        text: "".into(),
    };
    move |subscription| settings(subscription).redrive = Some(redrive.clone())
}

pub(crate) fn retries(members: RetryMembers) -> impl Fn(&mut Subscription) {
    move |subscription| {
        settings(subscription).delivery_policy = Some(DeliveryPolicy {
            healthy: Some(members),
            ..DeliveryPolicy::default()
        });
    }
}

/// A replay of what was published between these seconds since midnight.
pub(crate) fn replayed(from: u32, until: Option<u32>) -> impl Fn(&mut Subscription) {
    let policy = ReplayPolicy {
        from: START.after(Seconds(from)),
        until: until.map(|until| START.after(Seconds(until))),
        text: format!("{from} {until:?}").into(),
    };
    move |subscription| settings(subscription).replay = Some(policy.clone())
}
