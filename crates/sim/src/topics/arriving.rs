//! Copies that come to queues: whether each may come there, and whether it comes in order.

use std::rc::Rc;

use domain::{Seconds, Time};

use super::model::Route;
use crate::change::Change;
use crate::content::Seen;
use crate::model::{Remembered, Stay, is_fifo};
use crate::violation::{Check, ensure, violated};
use crate::world::World;

impl World {
    /// When a message that is seen in a queue came there, against others that came in the same step: each cell's courier
    /// carries what queues have sent, then copies as they were published, and dead letters behind.
    pub(crate) fn place_in_line(&mut self, message: u64, to: &str) -> Check<(usize, u64)> {
        if let Some((from, _)) = self.stay_of(message) {
            return Ok((self.home_of(&from)?, 0));
        }
        let Some((topic, route)) = self.route_of(message) else {
            return Ok((usize::MAX, 0));
        };
        let leaving = route.stay.leaving.as_ref();
        let dead = leaving.is_some_and(|leaving| leaving.to != to);
        let behind = if dead { u64::MAX / 2 } else { 0 };
        Ok((self.home_of(&topic)?, behind + route.stay.number))
    }

    /// A copy that was on its way is seen in a queue.
    pub(crate) fn copy_comes(
        &mut self,
        (topic, route): (String, Route),
        seen: &Seen,
        to: &str,
        now: Time,
    ) -> Check {
        let Route { subscription, stay } = route;
        let copy = stay.content.number;
        let exits = self.exits_of(stay.number);
        ensure(exits.contains(to), || {
            format!("m{copy} of {topic} came to {to} and may come to {exits:?}")
        })?;
        self.topics.published.check_id(copy, &seen.id)?;
        let since = stay.leaving.as_ref().map_or(now, |leaving| leaving.since);
        ensure(since <= seen.sent && seen.sent <= now, || {
            format!(
                "m{copy} was published at {since:?} and came at {:?}",
                seen.sent
            )
        })?;
        let home = self.home_of(to)?;
        let fifo = is_fifo(to);
        if fifo {
            self.comes_in_turn(&topic, subscription, &stay, to)?;
        }
        let key = self.topics.published.dedup(copy).map(str::to_owned);
        let key = key.filter(|_| fifo);
        let content = self.content_in(copy, to);
        let number = self.number();
        let Some(queue) = self.queue(to) else {
            return violated(format!("m{copy} came to {to}, which does not exist"));
        };
        let group = &content.group;
        let doubled = key.as_deref().and_then(|key| queue.doubled(key, group));
        ensure(doubled.is_none(), || {
            format!(
                "m{copy} came to {to} as the double of {:?}",
                doubled.map(|it| &it.id)
            )
        })?;
        if let Some(sequence) = seen.sequence {
            let later = sequence > queue.sequence
                || self.arrived_in.contains(to)
                || self.cells[home].is_starting();
            let mut taken = queue.stays.iter().map(|stay| stay.sequence);
            ensure(later && taken.all(|taken| taken != Some(sequence)), || {
                format!(
                    "m{copy} came to {to} as {sequence} after {}",
                    queue.sequence
                )
            })?;
        }
        let remembered = key.map(|dedup| Remembered {
            dedup,
            group: group.clone(),
            at: seen.sent,
            id: seen.id.clone(),
            sequence: seen.sequence,
        });
        let delay_ends = if fifo {
            Time::ZERO
        } else {
            seen.sent.after(Seconds(queue.config.delay))
        };
        let before = stay.number;
        let arrived = Stay {
            number,
            content: Rc::new(content),
            id: seen.id.clone(),
            dedup: stay.dedup.filter(|_| fifo),
            sequence: seen.sequence,
            sent: seen.sent,
            delay_ends,
            leaving: None,
            born: self.cells[home].len() + 1,
            ..stay
        };
        self.note(|| format!("m{copy} of {topic} came to {to}"));
        self.arrived_in.insert(to.to_owned());
        self.infer(Change::Arrive {
            queue: to.to_owned(),
            stay: Box::new(arrived),
            before,
            remembered,
        })?;
        let entries = self.cells[home].len();
        let departed = self.departed.entry(topic).or_default();
        departed.push((copy, home, entries));
        Ok(())
    }

    fn content_in(&self, copy: u64, queue: &str) -> crate::content::Content {
        let known = self.topics.published.copy(copy);
        let (publication, copy) = known.expect("what is on its way was published");
        publication.content(copy, is_fifo(queue))
    }

    /// In its group, nothing comes to a FIFO queue before what was published before.
    fn comes_in_turn(&self, topic: &str, subscription: u64, stay: &Stay, to: &str) -> Check {
        let topic = self.topic(topic);
        let outbox = topic.into_iter().flat_map(|topic| &topic.outbox);
        let mut before = outbox.take_while(|route| route.stay.number != stay.number);
        let passed = before.find(|route| {
            let same_way = route.subscription == subscription
                && route.stay.content.group == stay.content.group
                && route.stay.leaving.as_ref().is_some_and(|it| it.to == to);
            // What may be a dead letter by now stands in nobody's way.
            let given_up = self.exits_of(route.stay.number).len() > 1;
            let excused = self.is_excused(route.stay.number) || self.would_double(route, to);
            same_way && !given_up && !excused
        });
        ensure(passed.is_none(), || {
            format!(
                "m{} came to {to} before m{}",
                stay.content.number,
                passed.map_or(0, |route| route.stay.content.number)
            )
        })
    }
}
