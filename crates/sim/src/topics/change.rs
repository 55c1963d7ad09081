//! What can happen to the model of a topic: one variant for each kind of record a journal keeps of it.

use domain::Time;

use super::model::{Filter, Owed, Route, Subscription, Topic};
use crate::model::{Cell, Remembered};

#[derive(Clone, Debug)]
pub(crate) enum TopicChange {
    Create(Box<Topic>),
    Drop(String),
    Subscribe(String, Box<Subscription>),
    Confirm(String, u64),
    Unsubscribe(String, u64),
    SetRedrive(String, u64, Option<String>),
    SetFilter(String, u64, Filter),
    Publish {
        topic: String,
        routes: Vec<Route>,
        owed: Vec<Owed>,
        remembered: Vec<Remembered>,
        sequence: u64,
        /// Subscriptions to which copies went past the record itself.
        strayed: Vec<u64>,
    },
    Attempted {
        topic: String,
        copy: u64,
        came: Came,
    },
}

/// What came of a call.
#[derive(Clone, Debug)]
pub(crate) enum Came {
    Delivered,
    Again {
        failures: u32,
        first: Time,
        due: Time,
    },
    /// Given up, with the way to the dead-letter queue if there is one.
    GivenUp(Option<Box<Route>>),
}

impl TopicChange {
    pub(crate) fn topic(&self) -> &str {
        match self {
            TopicChange::Create(topic) => &topic.name,
            TopicChange::Drop(topic)
            | TopicChange::Subscribe(topic, _)
            | TopicChange::Confirm(topic, _)
            | TopicChange::Unsubscribe(topic, _)
            | TopicChange::SetRedrive(topic, ..)
            | TopicChange::SetFilter(topic, ..)
            | TopicChange::Publish { topic, .. }
            | TopicChange::Attempted { topic, .. } => topic,
        }
    }

    /// The copy whose call this is about.
    pub(crate) fn attempted(&self) -> Option<u64> {
        match self {
            TopicChange::Attempted { copy, .. } => Some(*copy),
            TopicChange::Create(_)
            | TopicChange::Drop(_)
            | TopicChange::Subscribe(..)
            | TopicChange::Confirm(..)
            | TopicChange::Unsubscribe(..)
            | TopicChange::SetRedrive(..)
            | TopicChange::SetFilter(..)
            | TopicChange::Publish { .. } => None,
        }
    }
}

impl Cell {
    pub(crate) fn apply_to_topic(&mut self, now: Time, change: &TopicChange) {
        match change {
            TopicChange::Create(topic) => {
                self.topics.insert(topic.name.clone(), (**topic).clone());
                return;
            }
            TopicChange::Drop(name) => {
                self.topics.remove(name);
                return;
            }
            TopicChange::Subscribe(..)
            | TopicChange::Confirm(..)
            | TopicChange::Unsubscribe(..)
            | TopicChange::SetRedrive(..)
            | TopicChange::SetFilter(..)
            | TopicChange::Publish { .. }
            | TopicChange::Attempted { .. } => {}
        }
        if let Some(topic) = self.topics.get_mut(change.topic()) {
            topic.advance(now);
            topic.apply(change);
        }
    }
}

impl Topic {
    fn apply(&mut self, change: &TopicChange) {
        match change {
            TopicChange::Create(_) | TopicChange::Drop(_) => {}
            TopicChange::Subscribe(_, subscription) => {
                if let Some(before) = self.to(&subscription.to).map(|it| it.number) {
                    self.forget(before);
                }
                self.subscriptions.push((**subscription).clone());
            }
            TopicChange::Confirm(_, number) => self.change(*number, |it| it.confirmed = true),
            TopicChange::Unsubscribe(_, number) => self.forget(*number),
            TopicChange::SetRedrive(_, number, redrive) => {
                self.change(*number, |it| it.redrive.clone_from(redrive));
            }
            TopicChange::SetFilter(_, number, filter) => {
                self.change(*number, |it| it.filter = *filter);
            }
            TopicChange::Publish {
                routes,
                owed,
                remembered,
                sequence,
                strayed,
                ..
            } => {
                self.outbox.extend_from_slice(routes);
                self.owed.extend_from_slice(owed);
                self.remembered.extend_from_slice(remembered);
                self.sequence = self.sequence.max(*sequence);
                for number in strayed {
                    self.change(*number, |it| it.strayed = true);
                }
            }
            TopicChange::Attempted { copy, came, .. } => self.attempted(*copy, came),
        }
    }

    fn change(&mut self, number: u64, change: impl FnOnce(&mut Subscription)) {
        if let Some(subscription) = self.subscription_mut(number) {
            change(subscription);
        }
    }

    fn attempted(&mut self, copy: u64, came: &Came) {
        let Some(at) = self.owed.iter().position(|owed| owed.copy == copy) else {
            return;
        };
        match came {
            Came::Delivered => {
                self.owed.remove(at);
            }
            Came::Again {
                failures,
                first,
                due,
            } => {
                let owed = &mut self.owed[at];
                (owed.failures, owed.first, owed.due) = (*failures, Some(*first), *due);
            }
            Came::GivenUp(route) => {
                self.owed.remove(at);
                self.outbox.extend(route.as_deref().cloned());
            }
        }
    }
}
