//! After every step: the whole truth, looked at without touching it, held against the model.

use std::collections::{BTreeMap, BTreeSet};

use domain::{Seconds, Time};
use node::PeekOptions;

use crate::change::Change;
use crate::client;
use crate::content::Seen;
use crate::model::{Errand, Leaving, Phase, Queue, Stay};
use crate::sabotage::Sabotage;
use crate::violation::{Check, Violation, ensure, violated};
use crate::world::{Pending, World};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) visible: u64,
    pub(crate) in_flight: u64,
    pub(crate) delayed: u64,
}

pub(crate) fn counts(queue: &Queue, now: Time) -> Counts {
    let mut counts = Counts::default();
    for stay in queue.present() {
        match queue.phase(stay, now) {
            Phase::Visible => counts.visible += 1,
            Phase::Hidden => counts.in_flight += 1,
            Phase::Delayed => counts.delayed += 1,
        }
    }
    counts
}

impl World {
    /// Ends a step: answers that came meanwhile are judged, the truth is looked at, and clients are told what they
    /// may be told.
    pub(crate) fn finish_step(&mut self) -> Check {
        self.absorb()?;
        if let Some(at) = self.receiving.take()
            && let Some(pending) = self.pending.get_mut(at)
        {
            pending.moved = self.dead_letters.iter().map(|(_, stay)| *stay).collect();
        }
        if !self.trouble.halting {
            self.release()?;
        }
        self.polled.clear();
        self.arrived_in.clear();
        self.dead_letters.clear();
        self.ticks_late = !self.behind.is_empty();
        Ok(())
    }

    fn absorb(&mut self) -> Check {
        self.update_fates();
        for poll in self.polls.values() {
            self.polled.insert(poll.asked.queue.clone());
        }
        loop {
            let events = self.take_events();
            if events.is_empty() {
                break;
            }
            for event in events {
                let Some(poll) = self.polls.remove(&event.poll) else {
                    return violated(format!("receive {} was answered twice", event.poll));
                };
                self.note(|| format!("{} is answered", event.poll));
                ensure(event.time <= poll.deadline || self.ticks_late, || {
                    format!(
                        "receive {} was answered after its wait was over",
                        event.poll
                    )
                })?;
                self.received(&poll.asked, event.time, event.answer, false)?;
            }
        }
        if !self.trouble.halting {
            self.take_calls()?;
            self.observe()?;
        }
        for cell in 0..self.cells.len() {
            let end = self.end_of(cell)?;
            let durable = self.node().durable(cell);
            self.cells[cell].step_ends(end)?;
            self.cells[cell].saw_durable(durable);
        }
        Ok(())
    }

    pub(crate) fn peek(&mut self, name: &str) -> Check<Vec<Seen>> {
        let options = PeekOptions {
            invisible: true,
            delayed: true,
        };
        let url = client::peek_url(name);
        let peek = self.node().peek(&client::caller(), Some(&url), options);
        let peek = peek.map_err(|error| Violation(format!("looking at {name}: {error}")))?;
        let published = &self.topics.published;
        let messages = peek.messages.iter();
        messages
            .map(|message| Seen::of(message, published))
            .collect()
    }

    pub(crate) fn observe(&mut self) -> Check {
        let now = self.now();
        let mut seen = BTreeMap::new();
        for name in self.queue_names() {
            let messages = self.peek(&name)?;
            seen.insert(name, messages);
        }
        // One record takes many messages out, and each comes in with its own: so they stand in the journal.
        for (name, messages) in &seen {
            self.let_depart(name, messages, now)?;
        }
        let mut line = Vec::new();
        for (name, messages) in &seen {
            for message in messages {
                let place = self.place_in_line(message.content.number, name)?;
                line.push((place, name, message));
            }
        }
        line.sort_by_key(|(place, ..)| *place);
        for (_, name, message) in line {
            self.bring(message, name, now)?;
        }
        self.came_at_once()?;
        // What came may stand in the way of what is to come.
        self.update_fates();
        self.pass_time(now);
        for (name, messages) in &seen {
            self.compare(name, messages, now)?;
        }
        self.note_the_lost();
        self.compare_counts(now)?;
        self.nobody_waits_in_vain(now)
    }

    /// What is not seen any more must have had somewhere to go.
    fn let_depart(&mut self, name: &str, seen: &[Seen], now: Time) -> Check {
        let Some(queue) = self.queue(name) else {
            return Ok(());
        };
        let ids: BTreeSet<(u64, &str)> = seen
            .iter()
            .map(|seen| (seen.content.number, seen.id.as_str()))
            .collect();
        let mut departing = Vec::new();
        for stay in queue.present() {
            let here = ids.contains(&(stay.content.number, stay.id.as_str()));
            if here || self.is_too_old(name, stay) {
                continue;
            }
            let exits = self.exits(name, stay);
            let exit = exits
                .iter()
                .find_map(|hop| Some((hop.to.clone(), hop.errand?)));
            let Some((to, errand)) = exit else {
                return violated(format!(
                    "m{} has gone from {name}, where it was {:?}",
                    stay.content.number,
                    queue.phase(stay, now)
                ));
            };
            departing.push((stay.number, to, errand));
        }
        for (stay, to, errand) in departing {
            self.depart(name, stay, &to, errand, now)?;
        }
        Ok(())
    }

    /// A message went into the outbox of its queue.
    pub(crate) fn depart(
        &mut self,
        from: &str,
        stay: u64,
        to: &str,
        errand: Errand,
        now: Time,
    ) -> Check {
        self.note(|| format!("stay {stay} leaves {from} for {to}: {errand:?}"));
        if errand == Errand::DeadLetter {
            self.dead_letters.push((from.to_owned(), stay));
        }
        let leaving = Leaving {
            to: to.to_owned(),
            errand,
            // Whatever moved it came in this step.
            since: self.step_began,
        };
        let queue = from.to_owned();
        self.infer(Change::Leave {
            queue,
            leaving: vec![(stay, leaving)],
        })?;
        self.keeps_pace(from, now)
    }

    /// A move task is no faster than it was asked to be.
    fn keeps_pace(&self, from: &str, now: Time) -> Check {
        let Some(task) = self.queue(from).and_then(|queue| queue.task.as_ref()) else {
            return Ok(());
        };
        let Some(rate) = task.rate else {
            return Ok(());
        };
        let most = now.since(task.started) * u64::from(rate) / 1000 + 1;
        ensure(task.taken <= most, || {
            format!(
                "a task of {from} moved {} messages, allowed were {most}",
                task.taken
            )
        })
    }

    fn compare(&self, name: &str, seen: &[Seen], now: Time) -> Check {
        let Some(queue) = self.queue(name) else {
            return Ok(());
        };
        for stay in queue.present() {
            let message = stay.content.number;
            let Some(seen) = seen.iter().find(|seen| seen.content.number == message) else {
                return violated(format!("m{message} is missing in {name}"));
            };
            self.same(queue, stay, seen, stay.total(), stay.first)?;
            let phase = queue.phase(stay, now);
            let right = seen.delayed == (phase == Phase::Delayed)
                && seen.visible == (phase != Phase::Hidden);
            ensure(right, || {
                let (visible, delayed) = (seen.visible, seen.delayed);
                format!(
                    "m{message} in {name} should be {phase:?}: visible {visible}, delayed {delayed}"
                )
            })?;
        }
        ensure(queue.present().count() == seen.len(), || {
            format!("something stands in {name} twice")
        })?;
        self.stand_in_order(queue, seen)
    }

    /// Messages stand in the order in which they came, as far as that is known.
    fn stand_in_order(&self, queue: &Queue, seen: &[Seen]) -> Check {
        let known = |stay: &&Stay| queue.is_fifo() || !stay.moved_in;
        let wanted: Vec<u64> = queue
            .present()
            .filter(known)
            .map(|stay| stay.content.number)
            .collect();
        let shown = seen.iter().map(|seen| seen.content.number);
        let shown: Vec<u64> = shown.filter(|message| wanted.contains(message)).collect();
        ensure(shown == wanted, || {
            format!("{} holds {shown:?} and should {wanted:?}", queue.name)
        })
    }

    fn compare_counts(&self, now: Time) -> Check {
        let gauges = self.node().queue_gauges();
        let names: Vec<&str> = gauges.iter().map(|gauge| gauge.name.as_str()).collect();
        let expected = self.queue_names();
        ensure(names == expected, || {
            format!("there are {names:?} and should be {expected:?}")
        })?;
        for gauge in &gauges {
            let Some(queue) = self.queue(&gauge.name) else {
                continue;
            };
            let shown = Counts {
                visible: gauge.visible,
                in_flight: gauge.in_flight,
                delayed: gauge.delayed,
            };
            let truth = counts(queue, now);
            ensure(shown == truth, || {
                format!("{} counts {shown:?}, truly {truth:?}", gauge.name)
            })?;
            let oldest = queue
                .present()
                .map(|stay| now.since(stay.sent) / 1000)
                .max()
                .unwrap_or(0);
            ensure(gauge.oldest_age_seconds == oldest, || {
                format!(
                    "the oldest of {} is {oldest} s, not {}",
                    gauge.name, gauge.oldest_age_seconds
                )
            })?;
        }
        Ok(())
    }

    /// No receive waits while there is something for it, nor longer than it was to.
    fn nobody_waits_in_vain(&mut self, now: Time) -> Check {
        if !self.behind.is_empty() {
            return Ok(());
        }
        let waiting: Vec<(u64, client::Asked, Time)> = self
            .polls
            .iter()
            .map(|(&number, poll)| (number, poll.asked.clone(), poll.deadline))
            .collect();
        for (number, asked, deadline) in waiting {
            let home = self.home_of(&asked.queue)?;
            if self.troubled(home) {
                continue;
            }
            ensure(now < deadline, || {
                format!("receive {number} still waits after its wait is over")
            })?;
            let Some(queue) = self.queue(&asked.queue) else {
                return violated(format!("receive {number} waits on a queue that is gone"));
            };
            let redrives = self.redrives(queue);
            let ready = queue
                .takeable(now)
                .into_iter()
                .find(|stay| !(redrives && queue.is_dead_letter(stay)));
            if let Some(stay) = ready {
                return violated(format!(
                    "receive {number} waits on {} although m{} is there",
                    queue.name, stay.content.number
                ));
            }
        }
        Ok(())
    }

    fn may_tell(&self, pending: &Pending) -> bool {
        self.sabotage == Some(Sabotage::TellEarly)
            || pending
                .answer
                .after
                .iter()
                .all(|&wait| self.node().reached(wait))
    }

    /// Tells clients what they may be told: most of it.
    fn release(&mut self) -> Check {
        let mut at = 0;
        while at < self.pending.len() {
            if !self.may_tell(&self.pending[at]) || self.random.percent(10) {
                at += 1;
                continue;
            }
            let pending = self.pending.remove(at);
            if let Some(cell) = pending.answer.carry {
                self.node().carry(cell);
                self.absorb()?;
            }
            self.tell(pending)?;
        }
        Ok(())
    }

    /// A client hears an answer.
    fn tell(&mut self, pending: Pending) -> Check {
        self.note(|| format!("told: {}", pending.what));
        for stay in &pending.moved {
            self.has_arrived(*stay)?;
        }
        for (cell, entries) in pending.tells {
            self.cells[cell].tell(entries, &pending.what);
        }
        for message in pending.acknowledges {
            self.ledger.acknowledge(message);
        }
        for message in pending.deletes {
            self.ledger.delete(message);
        }
        self.handles.extend(pending.handles);
        let surplus = self.handles.len().saturating_sub(100);
        self.handles.drain(..surplus);
        self.tasks.extend(pending.task);
        Ok(())
    }

    /// A receive's answer comes after its dead letters are where they belong.
    fn has_arrived(&mut self, stay: u64) -> Check {
        let waiting = self
            .cells
            .iter()
            .flat_map(|cell| cell.now.queues.values())
            .find_map(|queue| {
                let stay = queue.find(stay)?;
                Some((
                    queue.name.clone(),
                    stay.content.number,
                    stay.leaving.clone()?,
                ))
            });
        let Some((from, message, leaving)) = waiting else {
            return Ok(());
        };
        let homes = [self.home_of(&from)?, self.home_of(&leaving.to)?];
        let held_up =
            homes.into_iter().any(|cell| self.troubled(cell)) || self.queue(&leaving.to).is_none();
        ensure(held_up || self.lost_on_the_way.contains(&stay), || {
            format!(
                "a receive was answered while its dead letter m{message} was not yet in {}",
                leaving.to
            )
        })
    }

    /// Notes which messages may have come to their targets too old to be seen there.
    fn note_the_lost(&mut self) {
        let queues = self.cells.iter().flat_map(|cell| cell.now.queues.values());
        let lost: Vec<u64> = queues
            .flat_map(|queue| &queue.stays)
            .filter(|stay| {
                let leaving = stay.leaving.as_ref();
                leaving.is_some_and(|leaving| self.expires_on_the_way(stay.content.number, leaving))
            })
            .map(|stay| stay.number)
            .collect();
        self.lost_on_the_way.extend(lost);
    }

    /// Whether a message is too old for its target by the time it comes there.
    fn expires_on_the_way(&self, message: u64, leaving: &Leaving) -> bool {
        let Some(target) = self.queue(&leaving.to) else {
            // It goes back to where it was, if it is not too old for that either.
            let from = self.stay_of(message);
            return from.is_some_and(|(from, stay)| self.is_too_old(&from, stay));
        };
        let keeps_its_age = leaving.errand == Errand::DeadLetter && !target.is_fifo();
        let sent = match self.stay_of(message) {
            Some((_, stay)) if keeps_its_age => stay.sent,
            Some(_) | None => leaving.since,
        };
        sent.after(Seconds(target.config.retention)) <= self.now()
    }
}
