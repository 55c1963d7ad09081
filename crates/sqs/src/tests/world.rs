//! Some queues, a journal, a courier and a clock that only the test moves.

use std::collections::BTreeMap;

use domain::{
    AccountId, Arn, Body, Deliver, Effects, Machine as _, Offset, Place, Region, Seconds, Stamp,
    Time,
};

use crate::command::{Handle, Outgoing};
use crate::config::{Config, DedupScope, ThroughputLimit};
use crate::outcome::Outcome;
use crate::{Command, MessageId, Payload, Queue};

/// Bytes before the command in each record, as the engine has them.
const HEADER: usize = 5;

/// How a scenario is run: all ways must show the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    Plain,
    /// After each command the queue is put away as a snapshot and restored.
    Restored,
    /// Before each command time passes in many small steps.
    Creeping,
}

pub(super) struct World {
    pub(super) now: Time,
    pub(super) queues: BTreeMap<String, Queue>,
    /// Whether each message that leaves is carried to its target at once.
    pub(super) courier: bool,
    pub(super) stirred: bool,
    way: Way,
    /// Every record, at its offset.
    records: Vec<Vec<u8>>,
    journal: Vec<Entry>,
    ids: u64,
}

enum Entry {
    Create(String, Box<Config>, [u8; 16]),
    Drop(String),
    Command(String, Stamp),
}

/// Midnight of scenarios.
pub(super) const START: Time = Time::from_millis(1_700_000_000_000);

pub(super) fn config(name: &str, fifo: bool, created: Time) -> Config {
    Config {
        name: name.to_owned(),
        account: AccountId::DEFAULT,
        region: Region::default(),
        fifo,
        created,
        modified: created,
        delay: Seconds(0),
        message_bytes_max: 1_048_576,
        retention: Seconds(345_600),
        wait: Seconds(0),
        visibility: Seconds(30),
        policy: None,
        redrive: None,
        redrive_allow: None,
        kms_key: None,
        kms_reuse: Seconds(300),
        managed_sse: true,
        content_dedup: false,
        dedup_scope: DedupScope::Queue,
        dedup_scope_before: None,
        throughput: ThroughputLimit::PerQueue,
        tags: Vec::new(),
    }
}

pub(super) fn arn(name: &str) -> Arn {
    Arn::new("sqs", Region::default(), AccountId::DEFAULT, name)
}

pub(super) fn snapshot(queue: &Queue) -> Vec<u8> {
    let mut bytes = Vec::new();
    queue.snapshot(&mut bytes);
    bytes
}

pub(super) fn outgoing<'a>(
    id: [u8; 16],
    body: &'a str,
    group: Option<&'a str>,
    dedup: Option<&'a str>,
) -> Outgoing<'a> {
    Outgoing {
        payload: Payload {
            id: MessageId(id),
            body,
            body_md5: [0; 16],
            attributes: Vec::new(),
            attributes_md5: None,
            sender: "000000000000",
            trace_header: None,
            group,
            dedup,
        },
        body: Body::default(),
        delay: None,
    }
}

impl World {
    pub(super) fn new(way: Way) -> World {
        World {
            now: START,
            queues: BTreeMap::new(),
            courier: true,
            stirred: false,
            way,
            records: Vec::new(),
            journal: Vec::new(),
            ids: 0,
        }
    }

    pub(super) fn id(&mut self) -> [u8; 16] {
        self.ids += 1;
        u128::from(self.ids).to_be_bytes()
    }

    pub(super) fn create(&mut self, config: Config) {
        let name = config.name.clone();
        let secret = self.id();
        self.journal.push(Entry::Create(
            name.clone(),
            Box::new(config.clone()),
            secret,
        ));
        self.queues.insert(name, Queue::new(config, secret));
    }

    pub(super) fn drop(&mut self, name: &str) {
        self.journal.push(Entry::Drop(name.to_owned()));
        self.queues.remove(name);
    }

    pub(super) fn exists(&self, arn: &Arn) -> bool {
        self.queues.contains_key(arn.resource())
    }

    /// The queue at this moment.
    pub(super) fn queue(&mut self, name: &str) -> &mut Queue {
        let now = self.now;
        let queue = self
            .queues
            .get_mut(name)
            .unwrap_or_else(|| panic!("no queue {name}"));
        queue.advance(now);
        queue
    }

    pub(super) fn bytes(&self, place: Place) -> &[u8] {
        let record = &self.records[place.offset.0 as usize];
        &record[place.at as usize..(place.at + place.len) as usize]
    }

    pub(super) fn payload(&self, place: Place) -> Payload<'_> {
        Payload::decode(self.bytes(place)).unwrap()
    }

    /// Journals a command, applies it and lets the courier go its rounds.
    pub(super) fn apply(&mut self, name: &str, command: &Command<'_>) -> Outcome {
        let (outcome, effects) = self.apply_one(name, command);
        self.stirred = effects.stir;
        if self.courier {
            self.carry();
        }
        outcome
    }

    fn apply_one(&mut self, name: &str, command: &Command<'_>) -> (Outcome, Effects) {
        let mut record = vec![0xee; HEADER];
        command.encode(&mut record);
        let decoded = Command::decode_at(&record, HEADER).unwrap();
        let mut again = vec![0xee; HEADER];
        decoded.encode(&mut again);
        assert_eq!(
            record, again,
            "encoding and decoding are each other's inverse"
        );
        let stamp = Stamp {
            time: self.now,
            offset: Offset(self.records.len() as u64),
        };
        if self.way == Way::Creeping {
            self.creep(name);
        }
        let queue = self
            .queues
            .get_mut(name)
            .unwrap_or_else(|| panic!("no queue {name}"));
        let mut effects = Effects::default();
        let outcome = queue.apply(stamp, decoded, &mut effects);
        for deliver in &effects.deliver {
            assert!(
                queue.outbox().any(|other| other == deliver),
                "what leaves is in state"
            );
        }
        check_handles(queue, &outcome);
        self.records.push(record);
        self.journal.push(Entry::Command(name.to_owned(), stamp));
        self.check_snapshot(name);
        (outcome, effects)
    }

    /// Advances a queue to now by way of everything that happens until then, and moments between.
    fn creep(&mut self, name: &str) {
        let (now, bytes) = (self.now, snapshot(&self.queues[name]));
        let queue = self.queues.get_mut(name).unwrap();
        while let Some(wake) = queue.wakes_at().filter(|&wake| wake <= now) {
            queue.advance(Time::from_millis(wake.millis().saturating_sub(1)));
            queue.advance(wake);
        }
        queue.advance(now);
        let mut at_once = Queue::restore(&bytes).unwrap();
        at_once.advance(now);
        assert_eq!(
            snapshot(queue),
            snapshot(&at_once),
            "time may pass in steps or at once"
        );
    }

    fn check_snapshot(&mut self, name: &str) {
        let queue = self.queues.get_mut(name).unwrap();
        let bytes = snapshot(queue);
        let restored = Queue::restore(&bytes).unwrap();
        assert_eq!(
            bytes,
            snapshot(&restored),
            "a restored queue gives the same snapshot"
        );
        assert_eq!(queue.counts(), restored.counts());
        assert_eq!(queue.wakes_at(), restored.wakes_at());
        assert_eq!(queue.receivable(), restored.receivable());
        assert_eq!(queue.oldest_sent(), restored.oldest_sent());
        if self.way == Way::Restored {
            *queue = restored;
        }
    }

    pub(super) fn restart(&mut self) {
        for queue in self.queues.values_mut() {
            *queue = Queue::restore(&snapshot(queue)).unwrap();
        }
    }

    /// Carries everything in every outbox, each delivery twice, as a courier may that has lost its answer.
    pub(super) fn carry(&mut self) {
        loop {
            let next = self.queues.iter().find_map(|(name, queue)| {
                let deliver = queue.outbox().next()?.clone();
                Some((name.clone(), deliver))
            });
            let Some((name, deliver)) = next else {
                return;
            };
            self.carry_one(&name, &deliver);
        }
    }

    fn carry_one(&mut self, name: &str, deliver: &Deliver) {
        let target = deliver.to.resource().to_owned();
        if !self.queues.contains_key(&target) {
            self.apply_one(name, &Command::Returned(deliver.sequence));
            return;
        }
        let bytes = self.bytes(deliver.item.place).to_vec();
        let created = self.queues[name].config().created;
        for _ in 0..2 {
            let id = self.id();
            let queue = &self.queues[&target];
            let about = &deliver.item.about;
            let command = queue
                .accept(
                    &arn(name),
                    created.millis(),
                    deliver.sequence,
                    about,
                    &bytes,
                    id,
                )
                .unwrap();
            // Borrowed from the copied bytes only.
            let (_, effects) = self.apply_one(&target, &command);
            self.stirred |= effects.stir;
        }
        self.apply_one(name, &Command::Delivered(deliver.sequence));
    }

    /// Applies the journal to new queues: they must end as these did.
    pub(super) fn check_replay(&mut self) {
        let mut queues: BTreeMap<String, Queue> = BTreeMap::new();
        for entry in &self.journal {
            match entry {
                Entry::Create(name, config, secret) => {
                    queues.insert(name.clone(), Queue::new(Config::clone(config), *secret));
                }
                Entry::Drop(name) => {
                    queues.remove(name);
                }
                Entry::Command(name, stamp) => {
                    let record = &self.records[stamp.offset.0 as usize];
                    let command = Command::decode_at(record, HEADER).unwrap();
                    queues
                        .get_mut(name)
                        .unwrap()
                        .apply(*stamp, command, &mut Effects::default());
                }
            }
        }
        for (name, queue) in &mut self.queues {
            let replayed = queues.get_mut(name).unwrap();
            replayed.advance(self.now);
            queue.advance(self.now);
            assert_eq!(
                snapshot(queue),
                snapshot(replayed),
                "a replay of {name} ends the same"
            );
        }
    }
}

fn check_handles(queue: &Queue, outcome: &Outcome) {
    if let Outcome::Received(received) = outcome {
        for delivery in &received.messages {
            let text = queue.seal_handle(delivery.handle);
            assert!(text.len() <= Handle::TEXT_BYTES_MAX);
            assert_eq!(queue.open_handle(&text), Some(delivery.handle));
        }
    }
}
