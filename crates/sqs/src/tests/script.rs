//! The little language of scenarios.
//!
//! ```text
//! ## section and behaviour           begins a scenario: no queues, time 0
//! queue q fifo visibility=30s redrive=dead/2
//! 0s  send q a b group=g             -> sent            bodies name messages; a batch is one command
//! 5s  receive q max=10               -> a b*2           *2: ApproximateReceiveCount; `nothing`
//!     delete q a b@1                 -> done expired    @1: the handle of the first receive
//! ```
//! A line may begin with a time, counted from the scenario's start. Each command prints one line; after `->` stands
//! what is wanted of it, and without an arrow nothing is.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use domain::{Seconds, Time};

use super::world::{START, Way, World, arn, config, outgoing};
use crate::command::{Command, Handle, Receive, StartMove, StepMove};
use crate::config::{Config, DedupScope, Redrive};
use crate::message::MessageId;
use crate::outcome::{HandleFate, MoveCancel, MoveStart, Outcome, Received, Sent};

/// Runs every scenario of a file in every way.
pub(super) fn check(file: &str, text: &str) {
    for way in [Way::Plain, Way::Restored, Way::Creeping] {
        let mut scenario = None;
        for (number, line) in text.lines().enumerate() {
            let place = format!("{file}:{} ({way:?})", number + 1);
            if line.starts_with("## ") {
                finish(scenario.take());
                scenario = Some(Scenario::new(way));
            } else if let Some(code) = line.split(" #").next().map(str::trim)
                && !code.is_empty()
                && !code.starts_with('#')
            {
                let scenario = scenario
                    .as_mut()
                    .unwrap_or_else(|| panic!("{place}: no scenario begun"));
                scenario.run(&place, code);
            }
        }
        finish(scenario);
    }
}

fn finish(scenario: Option<Scenario>) {
    if let Some(mut scenario) = scenario {
        scenario.world.check_replay();
    }
}

struct Scenario {
    world: World,
    /// Every handle given out for a message, in order.
    handles: BTreeMap<(String, String), Vec<Handle>>,
    bodies: BTreeMap<MessageId, String>,
    task: [u8; 16],
}

/// A command's words: those with `=` by name, the others in order.
struct Words<'a> {
    plain: Vec<&'a str>,
    named: BTreeMap<&'a str, &'a str>,
}

impl<'a> Words<'a> {
    fn of(text: &'a str) -> Words<'a> {
        let (named, plain): (Vec<_>, Vec<_>) =
            text.split_whitespace().partition(|word| word.contains('='));
        Words {
            plain,
            named: named
                .into_iter()
                .filter_map(|word| word.split_once('='))
                .collect(),
        }
    }

    fn seconds(&self, name: &str) -> Option<Seconds> {
        let millis = parse_time(self.named.get(name)?).unwrap();
        Some(Seconds(u32::try_from(millis / 1000).unwrap()))
    }

    fn number<T: std::str::FromStr>(&self, name: &str) -> Option<T>
    where
        T::Err: std::fmt::Debug,
    {
        self.named.get(name).map(|text| text.parse().unwrap())
    }
}

/// Milliseconds of `5`, `5ms`, `1.5s`, `2m`, `12h` or `4d`.
fn parse_time(text: &str) -> Option<u64> {
    let unit = text
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(unit);
    let millis = match unit {
        "ms" => 1.0,
        "s" => 1e3,
        "m" => 60e3,
        "h" => 3600e3,
        "d" => 86_400e3,
        _ => return None,
    };
    Some((number.parse::<f64>().ok()? * millis).round() as u64)
}

fn show_time(time: Time) -> String {
    let millis = time.since(START);
    if millis.is_multiple_of(1000) {
        format!("{}s", millis / 1000)
    } else {
        format!("{millis}ms")
    }
}

fn yes(value: bool) -> String {
    if value { "yes" } else { "no" }.to_owned()
}

impl Scenario {
    fn new(way: Way) -> Scenario {
        Scenario {
            world: World::new(way),
            handles: BTreeMap::new(),
            bodies: BTreeMap::new(),
            task: [0; 16],
        }
    }

    fn run(&mut self, place: &str, line: &str) {
        let (command, wanted) = match line.split_once("->") {
            Some((command, wanted)) => (command.trim(), Some(wanted.trim())),
            None => (line, None),
        };
        let (first, rest) = command
            .split_once(char::is_whitespace)
            .unwrap_or((command, ""));
        let command = match parse_time(first) {
            Some(millis) => {
                let time = START.after_millis(millis);
                assert!(time >= self.world.now, "{place}: time goes back");
                self.world.now = time;
                rest.trim()
            }
            None => command,
        };
        let (verb, rest) = command
            .split_once(char::is_whitespace)
            .unwrap_or((command, ""));
        let shown = self.command(place, verb, &Words::of(rest));
        if let Some(wanted) = wanted {
            let wanted: Vec<&str> = wanted.split_whitespace().collect();
            assert_eq!(shown, wanted.join(" "), "{place}: {line}");
        }
    }

    fn command(&mut self, place: &str, verb: &str, words: &Words<'_>) -> String {
        let name = words.plain.first().copied().unwrap_or_default();
        let rest = words.plain.get(1..).unwrap_or_default();
        match verb {
            "queue" => {
                let mut config = config(name, rest.contains(&"fifo"), self.world.now);
                set(&mut config, words, self.world.now);
                config.dedup_scope_before = None;
                self.world.create(config);
                "done".to_owned()
            }
            "set" => {
                let mut config = self.world.queue(name).config().clone();
                set(&mut config, words, self.world.now);
                self.world
                    .apply(name, &Command::Configure(Box::new(config)));
                "done".to_owned()
            }
            "drop" => {
                self.world.drop(name);
                "done".to_owned()
            }
            "send" => self.send(name, rest, words),
            "receive" => self.receive(name, words),
            "delete" => self.delete(name, rest),
            "change" => self.change(name, rest),
            "purge" => {
                self.world.apply(name, &Command::Purge);
                "done".to_owned()
            }
            "restart" => {
                self.world.restart();
                "done".to_owned()
            }
            "courier" => {
                self.world.courier = name == "on";
                if self.world.courier {
                    self.world.carry();
                }
                "done".to_owned()
            }
            "move" => self.start_move(name, words),
            "step" => self.step(name),
            "cancel" => self.cancel(name),
            "tasks" => self.tasks(name),
            "due" => self
                .world
                .queue(name)
                .step_due()
                .map_or("none".to_owned(), show_time),
            "counts" => {
                let counts = self.world.queue(name).counts();
                format!(
                    "{} visible {} in flight {} delayed",
                    counts.visible, counts.in_flight, counts.delayed
                )
            }
            "peek" => self.peek(name, rest),
            "about" => self.about(name, rest[0]),
            "wakes" => {
                use domain::Machine as _;
                self.world
                    .queue(name)
                    .wakes_at()
                    .map_or("never".to_owned(), show_time)
            }
            "oldest" => self
                .world
                .queue(name)
                .oldest_sent()
                .map_or("none".to_owned(), show_time),
            "receivable" => yes(self.world.queue(name).receivable()),
            "attempt" => yes(self.world.queue(name).has_attempt(rest[0])),
            "stirred" => yes(self.world.stirred),
            _ => panic!("{place}: no command {verb}"),
        }
    }

    /// `n` bodies `x1..x5` may be written `x1-5`.
    fn bodies(words: &[&str]) -> Vec<String> {
        let mut bodies = Vec::new();
        for word in words {
            let range = word.rsplit_once('-').and_then(|(from, to)| {
                let digits = from.find(|c: char| c.is_ascii_digit())?;
                let (stem, from) = from.split_at(digits);
                Some((stem, from.parse::<u32>().ok()?, to.parse::<u32>().ok()?))
            });
            match range {
                Some((stem, from, to)) => bodies.extend((from..=to).map(|n| format!("{stem}{n}"))),
                None => bodies.push((*word).to_owned()),
            }
        }
        bodies
    }

    fn send(&mut self, name: &str, bodies: &[&str], words: &Words<'_>) -> String {
        let fifo = self.world.queue(name).config().fifo;
        let bodies = Scenario::bodies(bodies);
        let mut messages = Vec::new();
        for body in &bodies {
            let id = self.world.id();
            let dedup = words.named.get("dedup").copied().unwrap_or(body);
            let group = words.named.get("group").copied();
            let mut message = outgoing(id, body, group, fifo.then_some(dedup));
            message.delay = words.seconds("delay");
            self.bodies.insert(MessageId(id), body.clone());
            messages.push(message);
        }
        let ids: Vec<MessageId> = messages.iter().map(|message| message.payload.id).collect();
        let Outcome::Sent(sent) = self.world.apply(name, &Command::Send(messages)) else {
            panic!("a send is answered by what was sent");
        };
        assert!(sent.iter().all(|sent| sent.sequence.is_some() == fifo));
        if sent.iter().zip(&ids).all(|(sent, id)| sent.id == *id) {
            return "sent".to_owned();
        }
        let show = |(sent, id): (&Sent, &MessageId)| {
            if sent.id == *id {
                "sent".to_owned()
            } else {
                format!("same as {}", self.bodies[&sent.id])
            }
        };
        sent.iter()
            .zip(&ids)
            .map(show)
            .collect::<Vec<_>>()
            .join(" ")
    }

    fn receive(&mut self, name: &str, words: &Words<'_>) -> String {
        let queue = self.world.queue(name);
        let redrive = queue.config().redrive.clone();
        let was_receivable = queue.receivable() || queue.over_limit();
        let attempt = words.named.get("attempt").copied();
        let known = attempt.is_some_and(|id| queue.has_attempt(id));
        let command = Command::Receive(Receive {
            max: words.number("max").unwrap_or(1),
            visibility: words.seconds("visibility"),
            attempt,
            dead_letter_open: redrive
                .is_some_and(|redrive| self.world.exists(&redrive.dead_letter)),
        });
        let Outcome::Received(received) = self.world.apply(name, &command) else {
            panic!("a receive is answered by what was received");
        };
        let gave = !received.messages.is_empty() || received.moved || received.over_limit;
        assert_eq!(
            was_receivable || known,
            gave,
            "receivable() tells whether a receive gives anything"
        );
        self.show_received(name, &received)
    }

    fn show_received(&mut self, name: &str, received: &Received) -> String {
        let mut shown = Vec::new();
        for delivery in &received.messages {
            let body = self.world.payload(delivery.place).body.to_owned();
            shown.push(match delivery.receives {
                1 => body.clone(),
                count => format!("{body}*{count}"),
            });
            let handles = self.handles.entry((name.to_owned(), body)).or_default();
            if handles.last() != Some(&delivery.handle) {
                handles.push(delivery.handle);
            }
        }
        if received.over_limit {
            shown.push("over limit".to_owned());
        }
        if received.moved {
            shown.push("(moved)".to_owned());
        }
        if shown.is_empty() {
            "nothing".to_owned()
        } else {
            shown.join(" ")
        }
    }

    /// `a`: the last handle given out for the message; `a@1`: the first.
    fn handle(&self, name: &str, word: &str) -> Handle {
        let (body, nth) = word.split_once('@').unwrap_or((word, "0"));
        let handles = &self.handles[&(name.to_owned(), body.to_owned())];
        let nth: usize = nth.parse().unwrap();
        if nth == 0 {
            *handles.last().unwrap()
        } else {
            handles[nth - 1]
        }
    }

    fn delete(&mut self, name: &str, words: &[&str]) -> String {
        let bodies = Scenario::bodies(words);
        let handles = bodies.iter().map(|body| self.handle(name, body)).collect();
        let Outcome::Deleted(fates) = self.world.apply(name, &Command::Delete(handles)) else {
            panic!("a delete is answered by fates");
        };
        show_fates(&fates)
    }

    /// `change q a 30s b 0s`
    fn change(&mut self, name: &str, words: &[&str]) -> String {
        let change = |pair: &[&str]| {
            let seconds = parse_time(pair[1]).unwrap() / 1000;
            (self.handle(name, pair[0]), Seconds(seconds as u32))
        };
        let changes = words.chunks_exact(2).map(change).collect();
        let Outcome::Changed(fates) = self.world.apply(name, &Command::ChangeVisibility(changes))
        else {
            panic!("a change is answered by fates");
        };
        show_fates(&fates)
    }

    fn start_move(&mut self, name: &str, words: &Words<'_>) -> String {
        let task = self.world.id();
        let command = Command::StartMove(StartMove {
            task,
            destination: words.named.get("to").map(|name| arn(name)),
            rate: words.number("rate"),
        });
        let outcome = self.world.apply(name, &command);
        if outcome == Outcome::MoveStarted(MoveStart::Started) {
            self.task = task;
            return "started".to_owned();
        }
        assert_eq!(outcome, Outcome::MoveStarted(MoveStart::AlreadyRunning));
        "already running".to_owned()
    }

    fn step(&mut self, name: &str) -> String {
        let targets = self.world.queue(name).next_move_targets();
        let missing = targets
            .into_iter()
            .filter(|target| !self.world.exists(target))
            .collect();
        self.world
            .apply(name, &Command::StepMove(StepMove { missing }));
        self.tasks(name)
    }

    fn cancel(&mut self, name: &str) -> String {
        let Outcome::MoveCancelled(cancel) =
            self.world.apply(name, &Command::CancelMove(self.task))
        else {
            panic!("a cancellation is answered by what it did");
        };
        match cancel {
            MoveCancel::Cancelled(moved) => format!("cancelled after {moved}"),
            MoveCancel::NotRunning => "not running".to_owned(),
        }
    }

    fn tasks(&mut self, name: &str) -> String {
        let show = |task: &crate::MoveTask| {
            let mut shown = format!("{} {}/{}", task.status.as_str(), task.moved, task.total);
            if let Some(failure) = task.status.failure() {
                write!(shown, " {}", failure.as_str()).unwrap();
            }
            shown
        };
        let shown: Vec<String> = self.world.queue(name).move_tasks().map(show).collect();
        if shown.is_empty() {
            "none".to_owned()
        } else {
            shown.join(", ")
        }
    }

    /// `!`: in flight, `~`: delayed.
    fn peek(&mut self, name: &str, words: &[&str]) -> String {
        let before = super::world::snapshot(self.world.queue(name));
        let peeked = self
            .world
            .queue(name)
            .peek(words.contains(&"invisible"), words.contains(&"delayed"));
        let show = |peeked: &crate::Peeked| {
            let mut shown = self.world.payload(peeked.place).body.to_owned();
            if peeked.receives > 0 {
                write!(shown, "*{}", peeked.receives).unwrap();
            }
            if !peeked.visible {
                shown.push('!');
            }
            if peeked.delayed {
                shown.push('~');
            }
            shown
        };
        let shown: Vec<String> = peeked.iter().map(show).collect();
        assert_eq!(
            before,
            super::world::snapshot(self.world.queue(name)),
            "a peek changes nothing"
        );
        if shown.is_empty() {
            "nothing".to_owned()
        } else {
            shown.join(" ")
        }
    }

    /// Everything a peek tells of one message.
    fn about(&mut self, name: &str, body: &str) -> String {
        let peeked = self.world.queue(name).peek(true, true);
        let found = peeked
            .iter()
            .find(|peeked| self.world.payload(peeked.place).body == body);
        let Some(peeked) = found else {
            return "nothing".to_owned();
        };
        let payload = self.world.payload(peeked.place);
        let mut shown = format!("sent={} count={}", show_time(peeked.sent), peeked.receives);
        if let Some(first) = peeked.first_received {
            write!(shown, " first={}", show_time(first)).unwrap();
        }
        if let Some(source) = &peeked.dead_letter_source {
            write!(shown, " source={}", source.resource()).unwrap();
        }
        let same = self
            .bodies
            .get(&payload.id)
            .is_some_and(|first| first == body);
        write!(shown, " id={}", if same { "same" } else { "new" }).unwrap();
        if let Some(group) = payload.group {
            write!(shown, " group={group}").unwrap();
        }
        if let Some(dedup) = payload.dedup {
            let by_id = dedup == payload.id.to_string();
            write!(shown, " dedup={}", if by_id { "id" } else { dedup }).unwrap();
        }
        shown
    }
}

fn show_fates(fates: &[HandleFate]) -> String {
    let show = |fate: &HandleFate| match fate {
        HandleFate::Done => "done",
        HandleFate::Expired => "expired",
        HandleFate::Gone => "gone",
        HandleFate::BeyondTotal => "beyond",
    };
    fates.iter().map(show).collect::<Vec<_>>().join(" ")
}

/// `redrive=dead/2`: to `dead` after 2 receives; `redrive=none`.
fn set(config: &mut Config, words: &Words<'_>, now: Time) {
    config.visibility = words.seconds("visibility").unwrap_or(config.visibility);
    config.delay = words.seconds("delay").unwrap_or(config.delay);
    config.retention = words.seconds("retention").unwrap_or(config.retention);
    if let Some(text) = words.named.get("redrive") {
        config.redrive = text.split_once('/').map(|(dead_letter, max)| Redrive {
            dead_letter: arn(dead_letter),
            max_receives: max.parse().unwrap(),
        });
    }
    if let Some(scope) = words.named.get("scope") {
        config.dedup_scope_before = Some((config.dedup_scope, now.after(Seconds(60))));
        config.dedup_scope = match *scope {
            "queue" => DedupScope::Queue,
            "group" => DedupScope::MessageGroup,
            _ => panic!("no scope {scope}"),
        };
    }
}
