//! Hands a publication to the queues of its topic's own cell, inside the record that brings it.
//!
//! One record, one body: each queue keeps the place of its letter. What cannot be handed over here stays in the topic's
//! outbox: queues of other cells, queues that are gone, everything that is no queue.

use domain::{Arn, Effects, Machine as _, MachineId, Stamp};
use sns::{Publication, Publish, Subscription, Topic};
use sqs::Queue;

use crate::address::AddressRef;
use crate::protection;
use crate::record::{Form, Sheet};
use crate::shelf::Shelf;
use crate::target_policy;

/// What a publish did beside the topic.
#[derive(Debug, Default)]
pub(crate) struct Published {
    /// Queues in which something may now be receivable.
    pub(crate) reached: Vec<MachineId>,
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
    topic.advance(at.time);
    let mut published = Published::default();
    let mut left = Vec::new();
    for (index, publication) in publish.publications.iter().enumerate() {
        let way = Way::out_of(topic, publication);
        let of_it = |sheet: &&Sheet<'_>| usize::from(sheet.publication) == index;
        let sheets: Vec<&Sheet<'_>> = sheets.iter().filter(of_it).collect();
        left.clear();
        for number in publication.routes.iter() {
            match way.hand_over(at, queues, &sheets, number) {
                Some((machine, true)) => published.reached.push(machine),
                Some((_, false)) => {}
                None => left.push(number),
            }
        }
        topic.publish(at, publication, &left, effects);
    }
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
    let way = Way::out_of(topic, publication);
    let mut reach = Reach {
        forms: Vec::new(),
        all: true,
    };
    for number in publication.routes.iter() {
        let form = way
            .target(queues, number)
            .and_then(|(_, machine, form)| way.is_open(queues.get(machine)?).then_some(form));
        match form {
            Some(form) if reach.forms.iter().any(|(known, _)| *known == form) => {}
            Some(form) => reach.forms.push((form, number)),
            None => reach.all = false,
        }
    }
    reach
}

/// The way of one publication into queues of its topic's cell: what is the same for all of them is looked up once.
struct Way<'t, 'p> {
    topic: &'t Topic,
    publication: &'t Publication<'p>,
    source: Arn,
    /// What subscribers may see is looked at one by one, which is not done here.
    looks_outward: bool,
}

impl<'t, 'p> Way<'t, 'p> {
    fn out_of(topic: &'t Topic, publication: &'t Publication<'p>) -> Way<'t, 'p> {
        Way {
            topic,
            publication,
            source: topic.config().arn(),
            looks_outward: protection::looks_outward(topic),
        }
    }

    /// The queue that took the publication, and whether something may now be receivable there.
    fn hand_over(
        &self,
        at: Stamp,
        queues: &mut Shelf<Queue>,
        sheets: &[&Sheet<'_>],
        number: u32,
    ) -> Option<(MachineId, bool)> {
        let (subscription, machine, form) = self.target(queues, number)?;
        let sheet = sheets.iter().find(|sheet| sheet.form == form)?;
        let queue = queues
            .get_mut(machine)
            .filter(|queue| self.is_open(queue))?;
        let mut effects = Effects::default();
        queue.take_copy(
            at,
            sheet.body.at(at.offset),
            &sheet.letter.payload,
            subscription.id,
            || subscription.arn(self.topic.config()),
            &mut effects,
        );
        Some((machine, effects.stir))
    }

    /// The queue of this cell that a subscription leads to, if nothing stands between, and the form that it gets.
    fn target(
        &self,
        queues: &Shelf<Queue>,
        number: u32,
    ) -> Option<(&'t Subscription, MachineId, Form)> {
        let subscription = self.topic.subscription(number)?;
        let arn = subscription.queue()?;
        let machine = queues.find(AddressRef::of(arn)?)?;
        let goes = !self.looks_outward && self.topic.may_hand_over(subscription, self.publication);
        goes.then(|| {
            (
                subscription,
                machine,
                form_for(self.topic, subscription, arn),
            )
        })
    }

    /// Whether a queue takes what comes from the topic.
    fn is_open(&self, queue: &Queue) -> bool {
        target_policy::permits(queue.config().policy.as_deref(), &self.source)
    }
}
