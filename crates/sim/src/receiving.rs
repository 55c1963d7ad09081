//! Receiving: whether each message given out was one to give, and whether any was held back.

use std::collections::BTreeSet;
use std::rc::Rc;

use api::Reply::Sqs;
use api::sqs::Reply;
use domain::{Seconds, Time};
use node::Answer;

use crate::change::Change;
use crate::client::{self, Asked, arn};
use crate::content::Seen;
use crate::model::{Errand, Leaving, Phase, Queue, Stay, is_fifo};
use crate::sabotage::Sabotage;
use crate::sending::BY_CONTENT;
use crate::violation::{Check, Violation, ensure, violated};
use crate::world::{Handle, Late, Poll, World};

/// Fair queues may change the order of messages with groups once a tenant holds this many.
const FAIRNESS_FROM: usize = 30;

impl World {
    pub(crate) fn receive(&mut self) -> Check {
        let Some(queue) = self.draw_queue() else {
            return Ok(());
        };
        let visibility = match self.random.below(10) {
            0..=3 => None,
            4 => Some(0),
            5 => Some(43_200),
            _ => Some(*self.random.pick(&[1, 2, 10, 30, 120])),
        };
        let attempt = (is_fifo(&queue) && self.random.percent(25))
            .then(|| format!("attempt-{}", self.random.below(3)));
        let wait = match self.random.below(10) {
            0..=4 => Some(0),
            5..=7 => Some(self.random.between(1, 20) as u32),
            _ => None,
        };
        let asked = Asked {
            queue,
            max: self.random.between(1, 10) as usize,
            visibility,
            wait,
            attempt,
        };
        self.receive_as(asked)
    }

    pub(crate) fn receive_as(&mut self, asked: Asked) -> Check {
        let now = self.now();
        self.polled.insert(asked.queue.clone());
        match self.call(&client::receive(&asked)) {
            Ok(mut answer) => {
                self.spoil(&mut answer);
                self.received(&asked, now, answer, true)
            }
            Err((number, ticket)) => {
                let queue = asked.queue.clone();
                self.note(|| format!("receive from {queue} waits as {number}"));
                self.pass_time(now);
                let Some(wait) = self
                    .queue(&queue)
                    .map(|queue| asked.wait.unwrap_or(queue.config.wait))
                else {
                    return violated(format!("a receive waits on {queue}, which does not exist"));
                };
                ensure(wait > 0, || format!("a short receive from {queue} waits"))?;
                ensure(asked.attempt.is_none() || !self.gives_again(&asked), || {
                    format!("a receive from {queue} waits although its attempt has an answer")
                })?;
                self.held_nothing_back(&asked, now, &BTreeSet::new())?;
                let deadline = now.after(Seconds(wait));
                self.polls.insert(
                    number,
                    Poll {
                        ticket,
                        asked,
                        deadline,
                    },
                );
                Ok(())
            }
        }
    }

    fn gives_again(&self, asked: &Asked) -> bool {
        let queue = self.queue(&asked.queue);
        let attempt = asked.attempt.as_deref();
        queue
            .zip(attempt)
            .is_some_and(|(queue, attempt)| queue.untouched(attempt).is_some())
    }

    /// Judges what a receive gave out, and notes it. `direct`: nothing else happened since the last look.
    pub(crate) fn received(
        &mut self,
        asked: &Asked,
        now: Time,
        mut answer: Answer,
        direct: bool,
    ) -> Check {
        let name = &asked.queue;
        let home = self.home_of(name)?;
        if self.refused(home, &answer.result)? {
            self.note(|| format!("receive from {name}: refused"));
            return Ok(());
        }
        if self.queue(name).is_none() {
            return self.expect_no_queue(name, answer);
        }
        self.node().finish(&mut answer);
        let messages = match &answer.result {
            Ok(Sqs(Reply::ReceiveMessage(reply))) => reply.messages.as_deref().unwrap_or_default(),
            other => return violated(format!("a receive was answered with {other:?}")),
        };
        let seen = messages
            .iter()
            .map(|message| Seen::of(message, &self.topics.published))
            .collect::<Check<Vec<Seen>>>()?;
        for seen in &seen {
            self.bring(seen, name, now)?;
        }
        self.pass_time_in(name, now);
        // A poll that is given up gets nothing, whatever its attempt id.
        let given_up = !direct && seen.is_empty();
        let again = !given_up && self.gives_again(asked);
        let given = if again {
            self.judge_again(asked, &seen)?
        } else {
            self.judge_given(asked, &seen, now, direct)?
        };
        let counts: Vec<(u64, u32)> = seen
            .iter()
            .map(|seen| (seen.content.number, seen.receives))
            .collect();
        self.note(|| {
            format!(
                "receive from {name}: {counts:?}{}",
                if again { " again" } else { "" }
            )
        });
        let handles = self.handles_for(name, &given);
        let mut tells = Vec::new();
        if !given.is_empty() {
            let queue = self.queue(name).expect("it was there above");
            let visibility = Seconds(asked.visibility.unwrap_or(queue.config.visibility));
            let births = given
                .iter()
                .filter_map(|(stay, _)| queue.find(*stay))
                .map(|stay| stay.born);
            let shown = births.max().unwrap_or(0);
            let change = Change::Receive {
                queue: name.clone(),
                given,
                visibility,
                attempt: asked.attempt.clone(),
                again,
            };
            self.record(now, change, &answer)?;
            self.refresh_the_late(name);
            // A standard queue's receive may be lost in a crash, what it shows may not.
            tells = if is_fifo(name) {
                self.all_of(home)
            } else {
                vec![(home, shown)]
            };
        }
        self.pend(format!("receive from {name}"), answer, tells)
            .handles = handles;
        Ok(())
    }

    fn handles_for(&self, name: &str, given: &[(u64, String)]) -> Vec<Handle> {
        let Some(queue) = self.queue(name) else {
            return Vec::new();
        };
        let handle = |(stay, text): &(u64, String)| {
            let held = queue.find(*stay)?;
            Some(Handle {
                queue: name.to_owned(),
                incarnation: queue.incarnation,
                stay: *stay,
                message: held.content.number,
                text: text.clone(),
            })
        };
        given.iter().filter_map(handle).collect()
    }

    fn judge_again(&self, asked: &Asked, seen: &[Seen]) -> Check<Vec<(u64, String)>> {
        let queue = self.queue(&asked.queue).expect("the caller found it");
        let attempt = asked
            .attempt
            .as_deref()
            .and_then(|attempt| queue.untouched(attempt));
        let given = &attempt.expect("the caller found it untouched").given;
        ensure(given.len() == seen.len(), || {
            format!(
                "attempt {:?} gave {} and now {}",
                asked.attempt,
                given.len(),
                seen.len()
            )
        })?;
        for ((number, handle, _), seen) in given.iter().zip(seen) {
            let stay = queue
                .find(*number)
                .expect("an untouched attempt's messages are there");
            ensure(*handle == seen.handle, || {
                format!(
                    "attempt {:?} gives m{} under another handle",
                    asked.attempt, seen.content.number
                )
            })?;
            self.same(queue, stay, seen, stay.total(), stay.first)?;
        }
        Ok(given
            .iter()
            .map(|(number, handle, _)| (*number, handle.clone()))
            .collect())
    }

    fn judge_given(
        &self,
        asked: &Asked,
        seen: &[Seen],
        now: Time,
        direct: bool,
    ) -> Check<Vec<(u64, String)>> {
        let queue = self.queue(&asked.queue).expect("the caller found it");
        let redrives = self.redrives(queue);
        ensure(seen.len() <= asked.max, || {
            format!("a receive of {} gave {}", asked.max, seen.len())
        })?;
        // What a move task has taken meanwhile shows itself only after the step.
        let certain = direct || queue.task.as_ref().is_none_or(|task| task.over);
        let mut given: Vec<(u64, String)> = Vec::new();
        for seen in seen {
            let message = seen.content.number;
            let Some(stay) = queue.holding(message) else {
                return violated(format!(
                    "m{message} was received from {} and is not there",
                    queue.name
                ));
            };
            ensure(given.iter().all(|(taken, _)| *taken != stay.number), || {
                format!("one receive gave m{message} twice")
            })?;
            ensure(queue.phase(stay, now) == Phase::Visible, || {
                format!("m{message} was received while {:?}", queue.phase(stay, now))
            })?;
            ensure(!(redrives && queue.is_dead_letter(stay)), || {
                format!(
                    "m{message} was received {} times and not moved",
                    stay.receives
                )
            })?;
            if certain {
                let passed =
                    |before: &&Stay| given.iter().any(|(taken, _)| *taken == before.number);
                let skipped =
                    self.first_skipped(queue, stay, now, redrives, &|before| passed(&before));
                ensure(skipped.is_none(), || {
                    let skipped = skipped.map_or(0, |stay| stay.content.number);
                    format!("m{message} came out of {} before m{skipped}", queue.name)
                })?;
            }
            self.same(
                queue,
                stay,
                seen,
                stay.total() + 1,
                stay.first.or(Some(now)),
            )?;
            ensure(stay.handle() != Some(seen.handle.as_str()), || {
                format!("m{message} was received anew under the old handle")
            })?;
            given.push((stay.number, seen.handle.clone()));
        }
        if given.len() < asked.max && certain {
            let taken = given.iter().map(|(taken, _)| *taken).collect();
            self.held_nothing_back(asked, now, &taken)?;
        }
        Ok(given)
    }

    /// A message that had to be taken before this one: on a FIFO queue the ones before it in its group, whether
    /// visible or in flight; on a standard queue the visible ones that were sent before, for as long as no tenant is
    /// noisy. When a message came from another queue is not known so well.
    fn first_skipped<'q>(
        &self,
        queue: &'q Queue,
        stay: &Stay,
        now: Time,
        redrives: bool,
        taken: &dyn Fn(&Stay) -> bool,
    ) -> Option<&'q Stay> {
        let hidden = queue
            .present()
            .filter(|stay| queue.phase(stay, now) == Phase::Hidden)
            .count();
        let fair = hidden + 10 >= FAIRNESS_FROM;
        let mut before = queue
            .present()
            .take_while(|before| before.number != stay.number);
        before.find(|before| {
            let visible = queue.phase(before, now) == Phase::Visible;
            let moved = redrives && visible && queue.is_dead_letter(before);
            let ahead = if queue.is_fifo() {
                before.content.group == stay.content.group
            } else {
                visible && !fair && !before.moved_in && !stay.moved_in
            };
            ahead && !moved && !taken(before)
        })
    }

    /// A receive that gives less than it was asked for has left nothing behind.
    fn held_nothing_back(&self, asked: &Asked, now: Time, taken: &BTreeSet<u64>) -> Check {
        let Some(queue) = self.queue(&asked.queue) else {
            return Ok(());
        };
        let redrives = self.redrives(queue);
        let left = queue.takeable(now);
        let mut left = left.into_iter().filter(|stay| {
            !(taken.contains(&stay.number) || redrives && queue.is_dead_letter(stay))
        });
        match left.next() {
            None => Ok(()),
            Some(stay) => violated(format!(
                "a receive from {} gave {} of {} and held back m{}",
                queue.name,
                taken.len(),
                asked.max,
                stay.content.number
            )),
        }
    }

    /// Whether this queue's dead letters have somewhere to go.
    pub(crate) fn redrives(&self, queue: &Queue) -> bool {
        let target = queue.config.redrive.as_ref();
        target.is_some_and(|(target, _)| self.queue(target).is_some())
    }

    /// Whether a message looks as it should.
    pub(crate) fn same(
        &self,
        queue: &Queue,
        stay: &Stay,
        seen: &Seen,
        receives: u32,
        first: Option<Time>,
    ) -> Check {
        let message = seen.content.number;
        let wrong = |what: &str, is: &dyn std::fmt::Debug, should: &dyn std::fmt::Debug| {
            Violation(format!(
                "m{message} in {}: {what} is {is:?} and should be {should:?}",
                queue.name
            ))
        };
        let Stay {
            id,
            sequence,
            source,
            ..
        } = stay;
        if *stay.content != seen.content {
            return Err(wrong("content", &seen.content, &stay.content));
        }
        if *id != seen.id {
            return Err(wrong("MessageId", &seen.id, id));
        }
        if stay.sent != seen.sent {
            return Err(wrong("SentTimestamp", &seen.sent, &stay.sent));
        }
        if receives != seen.receives {
            return Err(wrong("ApproximateReceiveCount", &seen.receives, &receives));
        }
        if first.unwrap_or(Time::ZERO) != seen.first {
            return Err(wrong(
                "ApproximateFirstReceiveTimestamp",
                &seen.first,
                &first,
            ));
        }
        if *sequence != seen.sequence {
            return Err(wrong("SequenceNumber", &seen.sequence, sequence));
        }
        if *source != seen.source {
            return Err(wrong("DeadLetterQueueSourceArn", &seen.source, source));
        }
        let by_content = stay.dedup.as_deref() == Some(BY_CONTENT);
        let hash = seen.dedup.as_ref().is_some_and(|dedup| dedup.len() == 64);
        if stay.dedup != seen.dedup && !(by_content && hash) {
            return Err(wrong("MessageDeduplicationId", &seen.dedup, &stay.dedup));
        }
        Ok(())
    }

    /// Makes the model hold a message where it was just seen, if there is a way it may have come.
    pub(crate) fn bring(&mut self, seen: &Seen, to: &str, now: Time) -> Check {
        let message = seen.content.number;
        let held = self.queue(to).and_then(|queue| queue.holding(message));
        if held.is_some_and(|stay| stay.id == seen.id && stay.sequence == seen.sequence) {
            return Ok(());
        }
        if self.stay_of(message).is_none()
            && let Some(route) = self.route_of(message)
        {
            return self.copy_comes(route, seen, to, now);
        }
        if let Some(way) = self.way(message, to, 3) {
            for (at, hop) in way.iter().enumerate() {
                let seen = (at + 1 == way.len()).then_some(seen);
                self.hop(message, hop, seen, now)?;
            }
            return Ok(());
        }
        if let Some((from, stay, errand)) = self.left_in_time(message, to) {
            let leaving = Leaving {
                to: to.to_owned(),
                errand,
                since: stay.sent,
            };
            return self.arrive(&from, &stay, &leaving, Some(seen), now);
        }
        let known = self
            .stay_of(message)
            .map(|(queue, stay)| (queue, stay.leaving.clone()));
        violated(match known {
            None => {
                format!("m{message} stands in {to}: it was deleted, never accepted or has expired")
            }
            Some(known) => format!("m{message} stands in {to}, though it should be at {known:?}"),
        })
    }

    /// A message that would have grown too old where it was, had it not gone to this queue while the clock moved.
    fn left_in_time(&self, message: u64, to: &str) -> Option<(String, Stay, Errand)> {
        let of_message = |late: &&Late| late.stay.content.number == message;
        self.late
            .values()
            .filter(of_message)
            .find_map(|Late { from, stay, exits }| {
                let (_, errand) = exits.iter().find(|(target, _)| target == to)?;
                (!self.stay_is_taken(stay.number)).then(|| (from.clone(), stay.clone(), *errand))
            })
    }

    fn refresh_the_late(&mut self, name: &str) {
        let Some(queue) = self.cells.iter().find_map(|cell| cell.now.queues.get(name)) else {
            return;
        };
        for late in self.late.values_mut().filter(|late| late.from == name) {
            if let Some(stay) = queue.find(late.stay.number) {
                late.stay = stay.clone();
            }
        }
    }

    fn stay_is_taken(&self, stay: u64) -> bool {
        self.cells
            .iter()
            .any(|cell| cell.now.taken_in.contains_key(&stay))
    }

    /// How a message may have come to a queue since the last look: the queues it went through, in order.
    fn way(&self, message: u64, to: &str, hops: usize) -> Option<Vec<Hop>> {
        let (from, stay) = self.stay_of(message)?;
        if stay.leaving.is_none()
            && self.late.contains_key(&stay.number)
            && self.is_too_old(&from, stay)
        {
            return None;
        }
        let first: Vec<Hop> = match &stay.leaving {
            Some(leaving) if self.queue(&leaving.to).is_none() => {
                let back = Hop {
                    to: from.clone(),
                    errand: None,
                };
                if from == to {
                    return Some(vec![back]);
                }
                return None;
            }
            Some(leaving) => vec![Hop {
                to: leaving.to.clone(),
                errand: Some(leaving.errand),
            }],
            None => self.exits(&from, stay),
        };
        first.into_iter().find_map(|hop| {
            let mut way = self.onward(&hop, &from, to, hops)?;
            way.insert(0, hop);
            Some(way)
        })
    }

    pub(crate) fn is_too_old(&self, queue: &str, stay: &Stay) -> bool {
        let life = self
            .queue(queue)
            .map(|queue| Seconds(queue.config.retention));
        life.is_some_and(|life| stay.sent.after(life) <= self.now())
    }

    /// The rest of a way whose first hop is known.
    fn onward(&self, hop: &Hop, from: &str, to: &str, hops: usize) -> Option<Vec<Hop>> {
        if hop.to == to {
            return Some(Vec::new());
        }
        if hops == 1 {
            return None;
        }
        let source = (hop.errand == Some(Errand::DeadLetter)).then(|| arn(from));
        let queue = self.queue(&hop.to)?;
        self.task_exit(queue, source.as_deref())
            .into_iter()
            .find_map(|next| {
                let mut way = self.onward(&next, &hop.to, to, hops - 1)?;
                way.insert(0, next);
                Some(way)
            })
    }

    /// Where a message may go from where it stands.
    pub(crate) fn exits(&self, from: &str, stay: &Stay) -> Vec<Hop> {
        let Some(queue) = self.queue(from) else {
            return Vec::new();
        };
        let mut exits: Vec<Hop> = self
            .task_exit(queue, stay.source.as_deref())
            .into_iter()
            .collect();
        if let Some((target, most)) = &queue.config.redrive
            && stay.receives >= *most
            && self.queue(target).is_some()
            && self.polled.contains(from)
        {
            exits.push(Hop {
                to: target.clone(),
                errand: Some(Errand::DeadLetter),
            });
        }
        if queue.phase(stay, self.now()) == Phase::Visible {
            exits
        } else {
            Vec::new()
        }
    }

    /// Where a message may go from its queue sooner or later, whatever stands in the way now.
    pub(crate) fn all_exits(&self, queue: &Queue, stay: &Stay) -> Vec<(String, Errand)> {
        let by_task = self.task_exit(queue, stay.source.as_deref());
        let by_task = by_task.map(|hop| (hop.to, Errand::Move));
        let dead = queue
            .config
            .redrive
            .as_ref()
            .filter(|_| self.polled.contains(&queue.name));
        let as_dead = dead.map(|(target, _)| (target.clone(), Errand::DeadLetter));
        by_task.into_iter().chain(as_dead).collect()
    }

    fn task_exit(&self, queue: &Queue, source: Option<&str>) -> Option<Hop> {
        let task = queue.task.as_ref().filter(|task| !task.over)?;
        let source = source.map(|source| client::queue_of(source).to_owned());
        let to = task.destination.clone().or(source)?;
        Some(Hop {
            to,
            errand: Some(Errand::Move),
        })
    }

    fn hop(&mut self, message: u64, hop: &Hop, seen: Option<&Seen>, now: Time) -> Check {
        let Some((from, stay)) = self.stay_of(message) else {
            return violated(format!("m{message} has gone on the way"));
        };
        let number = stay.number;
        let Some(errand) = hop.errand else {
            self.note(|| format!("m{message} is back in {from}"));
            self.lost_on_the_way.remove(&number);
            return self.infer(Change::Return {
                queue: from,
                stay: number,
            });
        };
        if stay.leaving.is_none() {
            self.depart(&from, number, &hop.to, errand, now)?;
        }
        let stay = self
            .queue(&from)
            .and_then(|queue| queue.find(number))
            .cloned();
        match stay.map(|stay| (stay.leaving.clone(), stay)) {
            Some((Some(leaving), stay)) => self.arrive(&from, &stay, &leaving, seen, now),
            Some((None, _)) | None => violated(format!("m{message} arrives and never left")),
        }
    }

    /// The message of a stay that is leaving has come to its target.
    fn arrive(
        &mut self,
        from: &str,
        old: &Stay,
        leaving: &Leaving,
        seen: Option<&Seen>,
        now: Time,
    ) -> Check {
        let to = leaving.to.as_str();
        let home = self.home_of(to)?;
        let message = old.content.number;
        let fifo = is_fifo(to);
        let dead = leaving.errand == Errand::DeadLetter;
        let sent = seen.map_or(now, |seen| seen.sent);
        let id = match seen {
            Some(seen) => seen.id.clone(),
            None => old.id.clone(),
        };
        if let Some(seen) = seen {
            ensure((seen.id == old.id) == dead, || {
                format!(
                    "m{message} was moved by {:?} and has id {}, after {}",
                    leaving.errand, seen.id, old.id
                )
            })?;
            let right = if dead && !fifo {
                sent == old.sent
            } else {
                leaving.since <= sent && sent <= now
            };
            ensure(right, || {
                format!(
                    "m{message} came to {to} after {:?} and says it was sent at {sent:?}",
                    leaving.since
                )
            })?;
        }
        let number = self.number();
        let Some(queue) = self.queue(to) else {
            return violated(format!("m{message} came to {to}, which does not exist"));
        };
        let sequence = seen.and_then(|seen| seen.sequence);
        if let Some(sequence) = sequence {
            let later = sequence > queue.sequence || self.arrived_in.contains(to);
            let taken = queue
                .stays
                .iter()
                .any(|stay| stay.sequence == Some(sequence));
            ensure(later && !taken, || {
                format!(
                    "m{message} came to {to} as {sequence} after {}",
                    queue.sequence
                )
            })?;
        }
        let delay = if dead {
            Seconds(0)
        } else {
            Seconds(queue.config.delay)
        };
        let stay = Stay {
            number,
            content: Rc::clone(&old.content),
            dedup: old.dedup.as_ref().map(|_| id.clone()),
            id,
            sequence,
            source: dead.then(|| arn(from)),
            moved_in: true,
            sent,
            delay_ends: if fifo { Time::ZERO } else { sent.after(delay) },
            fresh: true,
            carried: if dead { old.total() } else { 0 },
            receives: 0,
            first: None,
            last: None,
            hidden_until: Time::ZERO,
            handles: Vec::new(),
            changed: false,
            leaving: None,
            born: self.cells[home].len() + 1,
        };
        self.note(|| format!("m{message} came from {from} to {to}"));
        self.arrived_in.insert(to.to_owned());
        let change = Change::Arrive {
            queue: to.to_owned(),
            stay: Box::new(stay),
            before: old.number,
            remembered: None,
        };
        self.infer(change)?;
        let entries = self.cells[home].len();
        self.departed
            .entry(from.to_owned())
            .or_default()
            .push((message, home, entries));
        Ok(())
    }

    fn spoil(&mut self, answer: &mut Answer) {
        let Ok(Sqs(Reply::ReceiveMessage(reply))) = &mut answer.result else {
            return;
        };
        let Some(messages) = &mut reply.messages else {
            return;
        };
        match self.sabotage {
            Some(Sabotage::DoubleDelivery) if messages.len() > 1 => {
                let first = messages[0].clone();
                messages[1] = first;
            }
            Some(Sabotage::Reorder) if messages.len() > 1 => messages.reverse(),
            Some(Sabotage::HoldBack) if messages.len() > 1 => {
                messages.pop();
            }
            Some(_) | None => {}
        }
    }
}

/// One step of a message from queue to queue; without an errand it goes back to where it was.
#[derive(Clone, Debug)]
pub(crate) struct Hop {
    pub(crate) to: String,
    pub(crate) errand: Option<Errand>,
}
