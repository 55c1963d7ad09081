//! Publishing, and what the answer must say and lead to.

use std::rc::Rc;

use api::Reply::Sns;
use api::sns::Reply;
use domain::Time;

use super::change::TopicChange;
use super::client;
use super::fate::Fate;
use super::model::{Owed, Route, Subscriber, Subscription, Topic};
use super::published::{Copy, Publication};
use super::subscribing::COLOURS;
use crate::change::Change;
use crate::content::{Content, Value};
use crate::model::{Errand, Leaving, Remembered, Stay, is_fifo};
use crate::sending::{BACKLOG_MAX, BY_CONTENT};
use crate::violation::{Check, ensure, violated};
use crate::world::World;

/// Calls owed by a topic above which clients publish no more.
const OWED_MAX: usize = 30;

/// A message to publish.
#[derive(Clone, Debug)]
pub(crate) struct Draft {
    pub(crate) content: Content,
    pub(crate) dedup: Option<String>,
}

impl Draft {
    /// What deduplication knows it by on a FIFO topic.
    fn key(&self) -> String {
        let of_content = || format!("content of {}", self.content.body);
        self.dedup.clone().unwrap_or_else(of_content)
    }
}

struct Told {
    id: String,
    sequence: Option<u64>,
}

/// What one publish comes to.
#[derive(Default)]
struct Outcome {
    routes: Vec<Route>,
    owed: Vec<Owed>,
    remembered: Vec<Remembered>,
    sequence: u64,
    strayed: Vec<u64>,
    /// Copies that somebody is to get.
    copies: Vec<u64>,
    publications: usize,
}

impl World {
    pub(crate) fn publish(&mut self) -> Check {
        let Some(name) = self.draw_topic() else {
            return self.create_topic();
        };
        let topic = self.topic(&name).expect("it was drawn among those there");
        let full = |it: &Subscription| {
            let queue = it.queue().and_then(|queue| self.queue(queue));
            queue.is_some_and(|queue| queue.stays.len() >= BACKLOG_MAX)
        };
        if topic.owed.len() >= OWED_MAX || topic.subscriptions.iter().any(full) {
            return Ok(());
        }
        let single = self.random.percent(60);
        let count = if single {
            1
        } else {
            self.random.between(1, 10)
        };
        let drafts: Vec<Draft> = (0..count).map(|_| self.draw_draft(&name)).collect();
        let spoiled = self.spoil_publish(&name, &drafts)?;
        self.publish_drafts(&name, drafts, single)?;
        self.mend_publish(spoiled)
    }

    fn draw_draft(&mut self, topic: &str) -> Draft {
        let number = self.number();
        let fifo = is_fifo(topic);
        let grouped = fifo || self.random.percent(25);
        let group = grouped.then(|| format!("g{}", self.random.below(4)));
        let mut content = Content::draw(number, group, &mut self.random);
        content.body.replace_range(..1, "p");
        if self.random.percent(70) {
            let colour = (*self.random.pick(&COLOURS)).to_owned();
            let colour = ("colour".to_owned(), Value::text("String", colour));
            content.attributes.push(colour);
            content.attributes.sort_by(|(a, _), (b, _)| a.cmp(b));
        }
        let by_content = self.topic(topic).is_some_and(|topic| topic.content_dedup);
        let dedup = if !fifo || by_content && self.random.percent(50) {
            None
        } else if self.random.percent(30) {
            // Clients of queues use the same ones.
            Some(format!("again-{}", self.random.below(6)))
        } else {
            Some(format!("d{number}"))
        };
        Draft { content, dedup }
    }

    fn publish_drafts(&mut self, name: &str, drafts: Vec<Draft>, single: bool) -> Check {
        let now = self.now();
        let numbers: Vec<u64> = drafts.iter().map(|draft| draft.content.number).collect();
        let request = match &drafts[..] {
            [draft] if single => client::publish(name, draft),
            _ => client::publish_batch(name, &drafts),
        };
        let answer = self.ask_sns(request);
        self.pass_time(now);
        if !self.went_well(name, &answer)? {
            return Ok(());
        }
        let told = told(&answer.result, drafts.len())?;
        let mut topic = self
            .topic(name)
            .expect("it was drawn among those there")
            .clone();
        let mut outcome = Outcome::default();
        for (draft, told) in drafts.into_iter().zip(told) {
            self.judge_published(&mut topic, draft, told, now, &mut outcome)?;
        }
        let Outcome {
            routes,
            owed,
            remembered,
            sequence,
            strayed,
            copies,
            publications,
        } = outcome;
        self.note(|| format!("publish {numbers:?} to {name}: {publications} new, {copies:?}"));
        let home = self.home_of(name)?;
        if publications > 0 {
            let change = TopicChange::Publish {
                topic: name.to_owned(),
                routes,
                owed,
                remembered,
                sequence,
                strayed,
            };
            self.record(now, Change::Topic(change), &answer)?;
        }
        let tells = self.all_of(home);
        self.pend(format!("publish {numbers:?}"), answer, tells)
            .acknowledges = copies;
        Ok(())
    }

    /// One publication: that its answer is right, and what is owed from now on.
    fn judge_published(
        &mut self,
        topic: &mut Topic,
        draft: Draft,
        told: Told,
        now: Time,
        outcome: &mut Outcome,
    ) -> Check {
        let number = draft.content.number;
        let key = topic.is_fifo().then(|| draft.key());
        ensure(told.sequence.is_some() == topic.is_fifo(), || {
            format!("p{number} has the sequence number {:?}", told.sequence)
        })?;
        if let Some(first) = key.as_deref().and_then(|key| topic.doubled(key)) {
            return ensure(
                first.id == told.id && first.sequence == told.sequence,
                || {
                    format!(
                        "p{number} doubles {} and was answered with {}",
                        first.id, told.id
                    )
                },
            );
        }
        if let Some(sequence) = told.sequence {
            ensure(sequence > topic.sequence, || {
                format!("p{number} got {sequence} after {}", topic.sequence)
            })?;
            topic.sequence = sequence;
            outcome.sequence = sequence;
        }
        if let Some(key) = &key {
            let known = Remembered {
                dedup: key.clone(),
                group: draft.content.group.clone(),
                at: now,
                id: told.id.clone(),
                sequence: told.sequence,
            };
            topic.remembered.push(known.clone());
            outcome.remembered.push(known);
        }
        outcome.publications += 1;
        let shown = draft.dedup.clone().unwrap_or_else(|| BY_CONTENT.to_owned());
        let mut publication = Publication {
            number,
            topic: topic.name.clone(),
            id: told.id,
            time: now,
            text: draft.content.body,
            attributes: draft.content.attributes,
            group: draft.content.group,
            dedup: key,
            copies: Vec::new(),
        };
        let wanting = topic.subscriptions.iter();
        let wanting: Vec<Subscription> = wanting
            .filter(|it| it.wants(&publication.attributes))
            .cloned()
            .collect();
        for subscription in wanting {
            self.owe(topic, &mut publication, subscription, &shown, outcome)?;
        }
        self.topics.published.add(publication)
    }

    /// One subscriber that a publication is for.
    fn owe(
        &mut self,
        topic: &mut Topic,
        publication: &mut Publication,
        subscription: Subscription,
        dedup: &str,
        outcome: &mut Outcome,
    ) -> Check {
        let copy = Copy {
            number: self.number(),
            subscription: subscription.number,
            subscription_arn: subscription.arn.clone(),
            raw: subscription.raw,
            queue: subscription.queue().map(str::to_owned),
        };
        publication.copies.push(copy.clone());
        let now = publication.time;
        let (p, m) = (publication.number, copy.number);
        let queue = match subscription.to {
            Subscriber::Endpoint(url) => {
                self.note(|| format!("p{p} {:?} goes as m{m} to {url}", publication.attributes));
                outcome.copies.push(copy.number);
                outcome.owed.push(Owed {
                    copy: copy.number,
                    subscription: subscription.number,
                    failures: 0,
                    first: None,
                    due: now,
                });
                return Ok(());
            }
            Subscriber::Queue(queue) => queue,
        };
        let local = self.home_of(&queue)? == self.home_of(&topic.name)?;
        let strayed = topic
            .subscription(subscription.number)
            .is_some_and(|it| it.strayed);
        let at_once = local && self.queue(&queue).is_some() && !(topic.is_fifo() && strayed);
        let key = publication.dedup.as_deref();
        let doubled = self
            .queue(&queue)
            .filter(|queue| queue.is_fifo())
            .zip(key)
            .is_some_and(|(queue, key)| queue.doubled(key, &publication.group).is_some());
        self.note(|| format!("p{p} goes as m{m} to {queue}, at once: {at_once}"));
        if at_once && doubled {
            return Ok(());
        }
        if !at_once {
            topic
                .subscription_mut(subscription.number)
                .expect("it was just there")
                .strayed = true;
            outcome.strayed.push(subscription.number);
        }
        let mut stay = self.stay_on_the_way(publication, &copy, &queue, now);
        stay.dedup = (is_fifo(&queue) && topic.is_fifo()).then(|| dedup.to_owned());
        let fate = Fate {
            at_once,
            ..Fate::default()
        };
        self.topics.fates.insert(stay.number, fate);
        outcome.copies.push(copy.number);
        outcome.routes.push(Route {
            subscription: subscription.number,
            stay,
        });
        Ok(())
    }

    pub(crate) fn stay_on_the_way(
        &mut self,
        publication: &Publication,
        copy: &Copy,
        to: &str,
        since: Time,
    ) -> Stay {
        Stay {
            number: self.number(),
            content: Rc::new(publication.content(copy, is_fifo(to))),
            id: String::new(),
            dedup: None,
            sequence: None,
            source: None,
            moved_in: true,
            sent: since,
            delay_ends: Time::ZERO,
            fresh: true,
            carried: 0,
            receives: 0,
            first: None,
            last: None,
            hidden_until: Time::ZERO,
            handles: Vec::new(),
            changed: false,
            leaving: Some(Leaving {
                to: to.to_owned(),
                errand: Errand::Publish,
                since,
            }),
            born: 0,
        }
    }
}

fn told(reply: &node::Reply, count: usize) -> Check<Vec<Told>> {
    let told = |id: &Option<api::Str<'_>>, sequence: &Option<api::Str<'_>>| Told {
        id: id.as_deref().unwrap_or_default().to_owned(),
        sequence: sequence.as_deref().and_then(|text| text.parse().ok()),
    };
    let told = match reply {
        Ok(Sns(Reply::Publish(reply))) => vec![told(&reply.message_id, &reply.sequence_number)],
        Ok(Sns(Reply::PublishBatch(reply))) => {
            let entries = reply.successful.iter().flatten();
            entries
                .map(|entry| told(&entry.message_id, &entry.sequence_number))
                .collect()
        }
        other => return violated(format!("a publish was answered with {other:?}")),
    };
    ensure(told.len() == count, || {
        format!("{count} messages were published: {reply:?}")
    })?;
    Ok(told)
}
