//! Topics made and removed.

use api::Reply::Sns;
use api::sns::Reply;

use super::change::TopicChange;
use super::client;
use super::model::Topic;
use crate::change::Change;
use crate::model::is_fifo;
use crate::violation::{Check, ensure};
use crate::world::World;

impl World {
    pub(crate) fn topic(&self, name: &str) -> Option<&Topic> {
        self.cells.iter().find_map(|cell| cell.now.topics.get(name))
    }

    pub(crate) fn draw_topic(&mut self) -> Option<String> {
        let mut there = self.topics.names.clone();
        there.retain(|name| self.topic(name).is_some());
        (!there.is_empty()).then(|| self.random.pick(&there).clone())
    }

    pub(crate) fn create_topic(&mut self) -> Check {
        let mut missing = self.topics.names.clone();
        missing.retain(|name| self.topic(name).is_none());
        if missing.is_empty() {
            return Ok(());
        }
        let name = self.random.pick(&missing).clone();
        let content_dedup = is_fifo(&name) && self.random.percent(40);
        let now = self.now();
        let answer = self.ask_sns(client::create(&name, content_dedup));
        self.pass_time(now);
        let home = self.home_of(&name)?;
        if self.refused(home, &answer.result)? {
            self.note(|| format!("create topic {name}: refused"));
            return Ok(());
        }
        ensure(
            matches!(answer.result, Ok(Sns(Reply::CreateTopic(_)))),
            || format!("creating {name} was answered with {:?}", answer.result),
        )?;
        self.note(|| format!("create topic {name}"));
        let topic = Topic {
            name: name.clone(),
            content_dedup,
            subscriptions: Vec::new(),
            remembered: Vec::new(),
            sequence: 0,
            outbox: Vec::new(),
            owed: Vec::new(),
        };
        self.record_of_topic(now, TopicChange::Create(Box::new(topic)), answer)?;
        // A topic without subscribers is dull.
        for _ in 0..2 {
            self.finish_step()?;
            self.subscribe_to(&name)?;
        }
        Ok(())
    }

    pub(crate) fn delete_topic(&mut self) -> Check {
        let Some(name) = self.draw_topic() else {
            return Ok(());
        };
        let topic = self.topic(&name).expect("it was drawn among those there");
        let subscriptions = topic.subscriptions.iter().map(|it| it.number);
        let subscriptions: Vec<u64> = subscriptions.collect();
        for subscription in subscriptions {
            self.let_copies_go(&name, subscription);
        }
        let now = self.now();
        let answer = self.ask_sns(client::delete(&name));
        self.pass_time(now);
        let home = self.home_of(&name)?;
        if self.refused(home, &answer.result)? {
            return Ok(());
        }
        ensure(answer.result.is_ok(), || {
            format!("deleting {name} was answered with {:?}", answer.result)
        })?;
        self.note(|| format!("delete topic {name}"));
        self.record_of_topic(now, TopicChange::Drop(name), answer)?;
        // Often there is one of the same name again before the clock goes on.
        if self.random.percent(50) {
            self.finish_step()?;
            return self.create_topic();
        }
        Ok(())
    }

    /// A subscription ends: what is on its way to it may be lost, and so may what came to a queue of another cell and
    /// is not yet safe there.
    pub(crate) fn let_copies_go(&mut self, topic: &str, subscription: u64) {
        let Some(known) = self.topic(topic) else {
            return;
        };
        let routes = known.outbox.iter();
        let routes = routes.map(|route| (route.subscription, route.stay.content.number));
        let owed = known.owed.iter().map(|it| (it.subscription, it.copy));
        let departed = self.departed.get(topic).into_iter().flatten();
        let departed = departed.map(|(copy, ..)| (self.subscription_of(*copy), *copy));
        let all: Vec<u64> = routes
            .chain(owed)
            .chain(departed)
            .filter(|(of, _)| *of == subscription)
            .map(|(_, copy)| copy)
            .collect();
        for copy in all {
            self.ledger.may_go(copy);
        }
    }

    fn subscription_of(&self, copy: u64) -> u64 {
        let copy = self.topics.published.copy(copy);
        copy.map_or(0, |(_, copy)| copy.subscription)
    }

    /// Notes a change of a topic that a call has made, and that its client will be told.
    pub(crate) fn record_of_topic(
        &mut self,
        now: domain::Time,
        change: TopicChange,
        answer: node::Answer,
    ) -> Check {
        let what = format!("{} changed", change.topic());
        let home = self.record(now, Change::Topic(change), &answer)?;
        let tells = self.all_of(home);
        self.pend(what, answer, tells);
        Ok(())
    }

    /// An answer about a topic that is there must be a good one, unless its cell cannot write. True if it is.
    pub(crate) fn went_well(&mut self, topic: &str, answer: &node::Answer) -> Check<bool> {
        let home = self.home_of(topic)?;
        if self.refused(home, &answer.result)? {
            self.note(|| format!("a call about {topic} is refused"));
            return Ok(false);
        }
        ensure(answer.result.is_ok(), || {
            format!("a call about {topic} was answered with {:?}", answer.result)
        })?;
        Ok(true)
    }

    /// All that can be observed of topics, as text.
    pub(crate) fn all_of_topics(&mut self) -> Vec<String> {
        let mut all = Vec::new();
        for name in self.topics.names.clone() {
            let attributes = self.ask_sns(client::get_attributes(&name)).result;
            let subscriptions = self.ask_sns(client::list_subscriptions(&name)).result;
            all.push(format!("{name} {attributes:?} {subscriptions:?}"));
        }
        all
    }
}
