//! Random histories of a queue, held against a model that keeps all messages in one list and looks at each of them
//! every time.

use domain::{Machine as _, Seconds, Time};

use super::world::{Way, World, arn, config, outgoing};
use crate::command::{Command, Handle, Receive};
use crate::config::Redrive;
use crate::outcome::{HandleFate, Outcome};

/// A small generator of numbers, so that a seed names a history.
pub(super) struct Dice(u64);

impl Dice {
    pub(super) fn new(seed: u64) -> Dice {
        Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0xd1b5_4a32_d192_ed03)
    }

    pub(super) fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % sides
    }
}

#[derive(Clone, Debug)]
struct Known {
    body: String,
    group: u64,
    sent: Time,
    /// When its own delay, or its visibility timeout, ends.
    until: Time,
    receives: u32,
    carried: u32,
    last: Time,
}

#[derive(Debug)]
struct Model {
    fifo: bool,
    delay: Seconds,
    retention: Seconds,
    redrive: Option<u32>,
    /// In the order of arrival.
    messages: Vec<Known>,
    dead: Vec<Known>,
    /// (deduplication id, accepted).
    accepted: Vec<(u64, Time)>,
    /// (group, when it got its first message, when it was last received from).
    groups: Vec<(u64, Time, Option<Time>)>,
}

impl Model {
    fn is_visible(&self, message: &Known, now: Time) -> bool {
        let delayed = self.fifo && message.receives == 0 && now < message.sent.after(self.delay);
        message.until <= now && !delayed
    }

    fn expire(&mut self, now: Time) {
        let retention = self.retention;
        self.messages
            .retain(|message| now < message.sent.after(retention));
        self.accepted
            .retain(|(_, time)| now < time.after(Seconds(300)));
        self.forget_groups();
    }

    fn forget_groups(&mut self) {
        let messages = &self.messages;
        self.groups
            .retain(|(group, _, _)| messages.iter().any(|message| message.group == *group));
    }

    fn counts(&self, now: Time) -> (u64, u64, u64) {
        let mut counts = (0, 0, 0);
        for message in &self.messages {
            if self.is_visible(message, now) {
                counts.0 += 1;
            } else if message.receives > 0 {
                counts.1 += 1;
            } else {
                counts.2 += 1;
            }
        }
        counts
    }

    /// Whether the message's turn can come: in a FIFO queue nothing before it in its group may be hidden.
    fn is_deliverable(&self, at: usize, now: Time) -> bool {
        let message = &self.messages[at];
        let before = self.messages[..at]
            .iter()
            .filter(|other| other.group == message.group);
        self.is_visible(message, now)
            && (!self.fifo || before.clone().all(|other| self.is_visible(other, now)))
    }

    fn is_dead(&self, message: &Known) -> bool {
        self.redrive.is_some_and(|max| message.receives >= max)
    }

    /// What a standard queue's receive gives; the model is changed by it.
    fn receive(&mut self, max: usize, visibility: Seconds, now: Time) -> Vec<(String, u32)> {
        let mut given = Vec::new();
        let mut at = 0;
        while at < self.messages.len() && given.len() < max {
            if !self.is_deliverable(at, now) {
                at += 1;
            } else if self.is_dead(&self.messages[at]) {
                let mut moved = self.messages.remove(at);
                moved.carried += moved.receives;
                self.dead.push(moved);
            } else {
                given.push(self.take(at, visibility, now));
                at += 1;
            }
        }
        given
    }

    fn take(&mut self, at: usize, visibility: Seconds, now: Time) -> (String, u32) {
        let message = &mut self.messages[at];
        message.receives += 1;
        message.last = now;
        message.until = now.after(visibility);
        (message.body.clone(), message.receives + message.carried)
    }

    /// Checks what a FIFO queue's receive gave, without a redrive policy, and follows it.
    fn follow(&mut self, given: &[(String, u32)], max: usize, visibility: Seconds, now: Time) {
        let deliverable: Vec<usize> = (0..self.messages.len())
            .filter(|&at| self.is_deliverable(at, now))
            .collect();
        let find = |body: &str| {
            self.messages
                .iter()
                .position(|message| message.body == body)
        };
        let taken: Vec<usize> = given.iter().map(|(body, _)| find(body).unwrap()).collect();
        assert_eq!(
            taken.len(),
            deliverable.len().min(max),
            "a receive takes what it can"
        );
        let mut groups: Vec<u64> = taken.iter().map(|&at| self.messages[at].group).collect();
        groups.dedup();
        for (nth, group) in groups.iter().enumerate() {
            assert!(
                !groups[..nth].contains(group),
                "a group is drained before the next"
            );
            let of_group = |ats: &[usize]| -> Vec<usize> {
                ats.iter()
                    .copied()
                    .filter(|&at| self.messages[at].group == *group)
                    .collect()
            };
            let (taken, line) = (of_group(&taken), of_group(&deliverable));
            assert_eq!(
                taken[..],
                line[..taken.len()],
                "a group is received in order"
            );
            let is_last = nth + 1 == groups.len();
            assert!(
                is_last || taken.len() == line.len(),
                "a group is drained as far as possible"
            );
        }
        self.check_turns(&groups, &deliverable);
        for (&at, (_, count)) in taken.iter().zip(given) {
            let (_, receives) = self.take(at, visibility, now);
            assert_eq!(receives, *count, "each receive counts");
        }
        for (group, _, received) in &mut self.groups {
            if groups.contains(group) {
                *received = Some(now);
            }
        }
    }

    /// No group is served while one waits that was there, untouched, when it was last served.
    fn check_turns(&self, served: &[u64], deliverable: &[usize]) {
        let waits = |group: u64| {
            !served.contains(&group)
                && deliverable
                    .iter()
                    .any(|&at| self.messages[at].group == group)
        };
        for (group, _, received) in &self.groups {
            if let (true, Some(received)) = (served.contains(group), received) {
                let passed = self.groups.iter().find(|(other, came, touched)| {
                    waits(*other) && touched.is_none() && came < received
                });
                assert!(passed.is_none(), "{group} was served before {passed:?}");
            }
        }
    }

    fn find(&self, body: &str) -> Option<usize> {
        self.messages
            .iter()
            .position(|message| message.body == body)
    }

    fn judge(&self, given: &Given, now: Time) -> HandleFate {
        match self.find(&given.body) {
            None => HandleFate::Gone,
            Some(at) => {
                let message = &self.messages[at];
                let current = message.receives == given.receive && now < message.until;
                if self.fifo && !current {
                    HandleFate::Expired
                } else {
                    HandleFate::Done
                }
            }
        }
    }

    fn delete(&mut self, given: &Given, now: Time) -> HandleFate {
        let fate = self.judge(given, now);
        if fate == HandleFate::Done {
            let at = self.find(&given.body).unwrap();
            self.messages.remove(at);
            self.forget_groups();
        }
        fate
    }

    fn change(&mut self, given: &Given, visibility: Seconds, now: Time) -> HandleFate {
        let fate = self.judge(given, now);
        if fate != HandleFate::Done {
            return fate;
        }
        let at = self.find(&given.body).unwrap();
        let message = &mut self.messages[at];
        if visibility.0 > 0 && now.since(message.last) / 1000 + u64::from(visibility.0) > 43_200 {
            return HandleFate::BeyondTotal;
        }
        message.until = now.after(visibility);
        HandleFate::Done
    }
}

/// A handle that some receive gave.
struct Given {
    handle: Handle,
    body: String,
    receive: u32,
}

struct History {
    dice: Dice,
    world: World,
    model: Model,
    given: Vec<Given>,
    sent: u64,
}

impl History {
    fn new(seed: u64, fifo: bool) -> History {
        let mut dice = Dice::new(seed);
        let way = [Way::Plain, Way::Restored, Way::Creeping][dice.roll(3) as usize];
        let mut world = World::new(way);
        let redrive = (!fifo && dice.roll(2) == 0).then_some(3);
        let mut first = config("q", fifo, world.now);
        first.retention = Seconds(60 + dice.roll(120) as u32);
        first.redrive = redrive.map(|max_receives| Redrive {
            dead_letter: arn("dead"),
            max_receives,
        });
        let retention = first.retention;
        world.create(first);
        world.create(config("dead", fifo, world.now));
        History {
            dice,
            world,
            model: Model {
                fifo,
                delay: Seconds(0),
                retention,
                redrive,
                messages: Vec::new(),
                dead: Vec::new(),
                accepted: Vec::new(),
                groups: Vec::new(),
            },
            given: Vec::new(),
            sent: 0,
        }
    }

    fn step(&mut self) {
        let pause = match self.dice.roll(20) {
            0 => self.dice.roll(40_000),
            1..=8 => 0,
            _ => self.dice.roll(3_000),
        };
        self.world.now = self.world.now.after_millis(pause);
        self.model.expire(self.world.now);
        match self.dice.roll(40) {
            0..=12 => self.send(),
            13..=24 => self.receive(),
            25..=31 => self.delete(),
            32..=36 => self.change(),
            37 => self.configure(),
            38 if self.dice.roll(10) == 0 => self.purge(),
            _ => self.world.restart(),
        }
        self.compare();
    }

    fn compare(&mut self) {
        let now = self.world.now;
        self.model.expire(now);
        let queue = self.world.queue("q");
        let counts = queue.counts();
        assert_eq!(
            (counts.visible, counts.in_flight, counts.delayed),
            self.model.counts(now)
        );
        let oldest = self.model.messages.iter().map(|message| message.sent).min();
        assert_eq!(queue.oldest_sent(), oldest);
        let deliverable =
            (0..self.model.messages.len()).any(|at| self.model.is_deliverable(at, now));
        assert_eq!(queue.receivable(), deliverable);
        assert!(queue.wakes_at().is_none_or(|wake| wake > now));
    }

    fn send(&mut self) {
        let (fifo, now) = (self.model.fifo, self.world.now);
        let group = self.dice.roll(4);
        let dedup = self.dice.roll(60);
        let delay = (!fifo && self.dice.roll(3) == 0).then(|| Seconds(self.dice.roll(20) as u32));
        self.sent += 1;
        let (id, body) = (self.world.id(), format!("m{}", self.sent));
        let (group_text, dedup_text) = (format!("g{group}"), format!("d{dedup}"));
        let group_text = (fifo || self.dice.roll(2) == 0).then_some(group_text.as_str());
        let mut message = outgoing(id, &body, group_text, fifo.then_some(dedup_text.as_str()));
        message.delay = delay;
        let Outcome::Sent(sent) = self.world.apply("q", &Command::Send(vec![message])) else {
            panic!("a send is answered by what was sent");
        };
        let known = fifo && self.model.accepted.iter().any(|(id, _)| *id == dedup);
        assert_eq!(
            sent[0].id.0 != id,
            known,
            "a duplicate is answered by the first message"
        );
        if known {
            return;
        }
        self.model.accepted.push((dedup, now));
        if !self
            .model
            .groups
            .iter()
            .any(|(known, _, _)| *known == group)
        {
            self.model.groups.push((group, now, None));
        }
        let delay = if fifo {
            Seconds(0)
        } else {
            delay.unwrap_or(self.model.delay)
        };
        self.model.messages.push(Known {
            body,
            group,
            sent: now,
            until: now.after(delay),
            receives: 0,
            carried: 0,
            last: now,
        });
    }

    fn receive(&mut self) {
        let now = self.world.now;
        let max = 1 + self.dice.roll(10) as u16;
        let visibility = Seconds(self.dice.roll(30).saturating_sub(5) as u32);
        let command = Command::Receive(Receive {
            max,
            visibility: Some(visibility),
            attempt: None,
            dead_letter_open: self.model.redrive.is_some(),
        });
        let Outcome::Received(received) = self.world.apply("q", &command) else {
            panic!("a receive is answered by what was received");
        };
        let mut given = Vec::new();
        for delivery in &received.messages {
            let body = self.world.payload(delivery.place).body.to_owned();
            given.push((body.clone(), delivery.receives));
            self.given.push(Given {
                handle: delivery.handle,
                body,
                receive: delivery.handle.receive,
            });
        }
        if self.model.fifo {
            self.model.follow(&given, max.into(), visibility, now);
        } else {
            let wanted = self.model.receive(max.into(), visibility, now);
            assert_eq!(given, wanted);
        }
        let dead: Vec<String> = self
            .model
            .dead
            .iter()
            .map(|message| message.body.clone())
            .collect();
        let peeked = self.world.queue("dead").peek(true, true);
        let arrived: Vec<_> = peeked
            .iter()
            .map(|peeked| self.world.payload(peeked.place).body)
            .collect();
        assert_eq!(arrived, dead);
    }

    fn some_given(&mut self) -> Option<usize> {
        let recent = self.given.len().min(30) as u64;
        if recent == 0 {
            None
        } else {
            Some(self.given.len() - 1 - self.dice.roll(recent) as usize)
        }
    }

    fn delete(&mut self) {
        if let Some(at) = self.some_given() {
            let handle = self.given[at].handle;
            let fate = self.model.delete(&self.given[at], self.world.now);
            let outcome = self.world.apply("q", &Command::Delete(vec![handle]));
            assert_eq!(outcome, Outcome::Deleted(vec![fate]));
        }
    }

    fn change(&mut self) {
        if let Some(at) = self.some_given() {
            let visibility = match self.dice.roll(8) {
                0 => 43_200,
                1 | 2 => 0,
                _ => self.dice.roll(30) as u32,
            };
            let change = (self.given[at].handle, Seconds(visibility));
            let fate = self.model.change(&self.given[at], change.1, self.world.now);
            let outcome = self
                .world
                .apply("q", &Command::ChangeVisibility(vec![change]));
            assert_eq!(outcome, Outcome::Changed(vec![fate]));
        }
    }

    fn configure(&mut self) {
        let mut config = self.world.queue("q").config().clone();
        config.retention = Seconds(60 + self.dice.roll(200) as u32);
        config.delay = Seconds(self.dice.roll(20).saturating_sub(10) as u32);
        self.model.retention = config.retention;
        self.model.delay = config.delay;
        self.world.apply("q", &Command::Configure(Box::new(config)));
    }

    fn purge(&mut self) {
        self.world.apply("q", &Command::Purge);
        self.model.messages.clear();
        self.model.accepted.clear();
        self.model.groups.clear();
    }
}

fn run(seeds: std::ops::Range<u64>, fifo: bool) {
    for seed in seeds {
        let history = std::panic::catch_unwind(|| {
            let mut history = History::new(seed, fifo);
            for _ in 0..250 {
                history.step();
            }
            history.world.check_replay();
        });
        if let Err(panic) = history {
            println!("seed {seed} of fifo={fifo} shows it");
            std::panic::resume_unwind(panic);
        }
    }
}

#[test]
fn a_standard_queue_is_a_list_in_send_order() {
    run(0..20, false);
}

#[test]
fn a_fifo_queue_is_a_list_with_locked_groups() {
    run(1000..1020, true);
}
