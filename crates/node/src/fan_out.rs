//! Hands a publication to the queues of its topic's own cell, inside the record that brings it.
//!
//! One record, one body: each queue keeps the place of its letter. What cannot be handed over here stays in the topic's
//! outbox: queues of other cells, queues that are gone, everything that is no queue.

use domain::{Arn, Effects, MachineId, Stamp};
use sns::{Protocol, Publication, Publish, Subscription, Topic};
use sqs::Queue;

use crate::address::AddressRef;
use crate::protection;
use crate::record::{Form, Sheet};
use crate::shelf::Shelf;
use crate::target_policy;

/// What a publish did beside the topic.
#[derive(Debug, Default)]
pub(crate) struct Published {
    /// Queues that took a message: who waits on them is served now, or once its delay is over.
    pub(crate) reached: Vec<MachineId>,
    /// Which publications of the record went to which subscriptions' queues, where the topic wants that logged.
    pub(crate) handed: Vec<(usize, u32)>,
}

/// The form in which a subscription's queue gets a publication: a standard queue on a FIFO topic gets no group.
pub(crate) fn form_for(topic: &Topic, subscription: &Subscription, queue: &Arn) -> Form {
    Form {
        raw: subscription.raw,
        grouped: !topic.config().fifo || queue.as_str().ends_with(".fifo"),
    }
}

/// Applies a publish: hands over what can be, and leaves the rest to the topic's outbox.
pub(crate) fn publish(
    at: Stamp,
    topic: &mut Topic,
    queues: &mut Shelf<Queue>,
    sheets: &[Sheet<'_>],
    publish: &Publish<'_>,
    effects: &mut Effects,
) -> Published {
    let logs = topic.config().feedback(Protocol::Sqs);
    let logs = logs.is_some_and(|feedback| feedback.success_role.is_some());
    let way = Way::out_of(topic);
    let mut published = Published::default();
    let mut hand_over = |topic: &Topic, to: &Subscription, publication: &Publication<'_>| {
        let of_it = |known: &Publication<'_>| known.sequence == publication.sequence;
        let handed = publish
            .publications
            .iter()
            .position(of_it)
            .and_then(|index| {
                let sheets = sheets
                    .iter()
                    .filter(|sheet| usize::from(sheet.publication) == index);
                let machine = way.hand_over(at, topic, queues, sheets, to)?;
                Some((index, machine))
            });
        let Some((index, machine)) = handed else {
            return false;
        };
        published.reached.push(machine);
        published.handed.extend(logs.then_some((index, to.number)));
        true
    };
    topic.publish_all(at, publish, &mut hand_over, effects);
    published
}

/// What can be handed over of a publication.
pub(crate) struct Reach {
    /// The forms that queues of this cell need, each with a subscription that wants it.
    pub(crate) forms: Vec<(Form, u32)>,
    /// Nobody else is left.
    pub(crate) all: bool,
}

pub(crate) fn reach(topic: &Topic, queues: &Shelf<Queue>, publication: &Publication<'_>) -> Reach {
    let way = Way::out_of(topic);
    let mut reach = Reach {
        forms: Vec::new(),
        all: true,
    };
    for number in publication.routes.iter() {
        let form = topic
            .subscription(number)
            .filter(|to| topic.may_hand_over(to, publication))
            .and_then(|to| {
                let (machine, form) = way.target(topic, queues, to)?;
                way.is_open(queues.get(machine)?).then_some(form)
            });
        match form {
            Some(form) if reach.forms.iter().any(|(known, _)| *known == form) => {}
            Some(form) => reach.forms.push((form, number)),
            None => reach.all = false,
        }
    }
    reach
}

/// The way out of a topic into queues of its cell: what is the same for all of them is looked up once.
struct Way {
    source: Arn,
    /// What subscribers may see is looked at one by one, which is not done here.
    looks_outward: bool,
}

impl Way {
    fn out_of(topic: &Topic) -> Way {
        Way {
            source: topic.config().arn(),
            looks_outward: protection::looks_outward(topic),
        }
    }

    /// Puts the letter of the right form into a subscription's queue, and gives the queue that took it.
    fn hand_over<'a>(
        &self,
        at: Stamp,
        topic: &Topic,
        queues: &mut Shelf<Queue>,
        mut sheets: impl Iterator<Item = &'a Sheet<'a>>,
        to: &Subscription,
    ) -> Option<MachineId> {
        let (machine, form) = self.target(topic, queues, to)?;
        let sheet = sheets.find(|sheet| sheet.form == form)?;
        let queue = queues
            .get_mut(machine)
            .filter(|queue| self.is_open(queue))?;
        queue.take_copy(
            at,
            sheet.body.at(at.offset),
            &sheet.letter.payload,
            to.id,
            || to.arn(topic.config()),
            &mut Effects::default(),
        );
        Some(machine)
    }

    /// The queue of this cell that a subscription leads to, if nothing stands between, and the form that it gets.
    fn target(
        &self,
        topic: &Topic,
        queues: &Shelf<Queue>,
        to: &Subscription,
    ) -> Option<(MachineId, Form)> {
        if self.looks_outward {
            return None;
        }
        let arn = to.queue()?;
        let machine = queues.find(AddressRef::of(arn)?)?;
        Some((machine, form_for(topic, to, arn)))
    }

    /// Whether a queue takes what comes from the topic.
    fn is_open(&self, queue: &Queue) -> bool {
        target_policy::permits(queue.config().policy.as_deref(), &self.source)
    }
}
