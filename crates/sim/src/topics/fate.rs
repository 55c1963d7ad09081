//! Where copies on their way may come, and whether they may rightly be lost: what the courier did and when is not seen.

use std::collections::BTreeSet;

use domain::{Seconds, Time};

use super::model::Route;
use crate::model::Cell;
use crate::violation::{Check, violated};
use crate::world::World;

#[derive(Clone, Debug, Default)]
pub(crate) struct Fate {
    /// Queues it may come to.
    pub(crate) exits: BTreeSet<String>,
    /// At some time nobody would have taken it.
    pub(crate) may_vanish: bool,
    /// The record that published it brought it to its queue.
    pub(crate) at_once: bool,
}

/// Where a copy may come.
#[derive(Clone, Debug)]
pub(crate) struct Exit {
    pub(crate) stay: u64,
    pub(crate) copy: u64,
    pub(crate) to: String,
}

impl World {
    pub(crate) fn routes(&self) -> impl Iterator<Item = (&super::Topic, &Route)> {
        let topics = self.cells.iter().flat_map(|cell| cell.now.topics.values());
        topics.flat_map(|topic| topic.outbox.iter().map(move |route| (topic, route)))
    }

    /// The copy with this number, if it is on its way.
    pub(crate) fn route_of(&self, copy: u64) -> Option<(String, Route)> {
        self.routes()
            .find(|(_, route)| route.stay.content.number == copy)
            .map(|(topic, route)| (topic.name.clone(), route.clone()))
    }

    /// Looks at who would take what is on its way now.
    pub(crate) fn update_fates(&mut self) {
        let mut fates = Vec::new();
        for (topic, route) in self.routes() {
            let stay = &route.stay;
            let Some(leaving) = &stay.leaving else {
                continue;
            };
            let to = &leaving.to;
            let mut fate = self.fate(stay.number);
            fate.exits.insert(to.clone());
            let subscription = topic.subscription(route.subscription);
            let is_own = subscription.and_then(|it| it.queue()) == Some(to);
            if is_own && self.queue(to).is_none() {
                match subscription.and_then(|it| it.redrive.clone()) {
                    Some(dead) => {
                        fate.exits.insert(dead);
                    }
                    None => fate.may_vanish = true,
                }
            }
            for exit in &fate.exits {
                let last = !is_own || exit != to;
                let missing = last && self.queue(exit).is_none();
                let doubled = self.would_double(route, exit);
                fate.may_vanish |= missing || doubled;
            }
            fates.push((stay.number, fate));
        }
        self.topics.fates.extend(fates);
    }

    /// After a start: what came before the crash, unseen, may be too old by now to be seen at all.
    pub(crate) fn copies_may_have_expired(&mut self) {
        self.update_fates();
        let now = self.now();
        let is_old = |since: Time, exit: &String| {
            let life = self.queue(exit).map(|queue| queue.config.retention);
            life.is_some_and(|life| since.after(Seconds(life)) <= now)
        };
        let mut old = Vec::new();
        for (_, route) in self.routes() {
            let stay = &route.stay;
            let since = stay.leaving.as_ref().map(|leaving| leaving.since);
            let exits = self.exits_of(stay.number);
            if since.is_some_and(|since| exits.iter().any(|exit| is_old(since, exit))) {
                old.push(stay.number);
            }
        }
        for stay in old {
            self.topics.fates.entry(stay).or_default().may_vanish = true;
        }
    }

    fn fate(&self, stay: u64) -> Fate {
        self.topics.fates.get(&stay).cloned().unwrap_or_default()
    }

    pub(crate) fn exits_of(&self, stay: u64) -> BTreeSet<String> {
        self.fate(stay).exits
    }

    /// Copies on their way out of a cell's topics, and where each may come.
    pub(crate) fn exits_out_of(&self, cell: &Cell) -> Vec<Exit> {
        let routes = cell.topics.values().flat_map(|topic| &topic.outbox);
        let exits = routes.flat_map(|route| {
            let (stay, copy) = (route.stay.number, route.stay.content.number);
            let exits = self.exits_of(stay).into_iter();
            exits.map(move |to| Exit { stay, copy, to })
        });
        exits.collect()
    }

    pub(crate) fn comes_at_once(&self, stay: u64) -> bool {
        self.fate(stay).at_once
    }

    /// Whether a FIFO queue would drop a copy as the double of what it has taken.
    pub(crate) fn would_double(&self, route: &Route, queue: &str) -> bool {
        let key = self.topics.published.dedup(route.stay.content.number);
        let queue = self.queue(queue).filter(|queue| queue.is_fifo());
        queue
            .zip(key)
            .is_some_and(|(queue, key)| queue.doubled(key, &route.stay.content.group).is_some())
    }

    /// Whether nobody need ever see a copy again.
    pub(crate) fn is_excused(&self, stay: u64) -> bool {
        self.fate(stay).may_vanish || self.lost_on_the_way.contains(&stay)
    }

    /// What one record published it has brought to all queues of its cell.
    pub(crate) fn came_at_once(&self) -> Check {
        let mut routes = self.routes();
        let is_late = |stay: u64| self.comes_at_once(stay) && !self.is_excused(stay);
        match routes.find(|(_, route)| is_late(route.stay.number)) {
            None => Ok(()),
            Some((topic, route)) => violated(format!(
                "what {} published came to others and not as m{} to {:?}",
                topic.name, route.stay.content.number, route.stay.leaving
            )),
        }
    }
}
