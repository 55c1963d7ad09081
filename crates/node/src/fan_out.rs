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
        grouped: !topic.config().fifo || queue.resource().ends_with(".fifo"),
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
    let mut published = Published::default();
    let mut hand_over = |topic: &Topic, to: &Subscription, publication: &Publication<'_>| {
        let of_it = |known: &Publication<'_>| known.sequence == publication.sequence;
        let Some(index) = publish.publications.iter().position(of_it) else {
            return false;
        };
        let sheet_in = |form| {
            let is_it =
                |sheet: &&Sheet<'_>| usize::from(sheet.publication) == index && sheet.form == form;
            sheets.iter().find(is_it)
        };
        let handed = can_hand_over(topic, queues, to, publication).and_then(|(machine, form)| {
            let sheet = sheet_in(form)?;
            hand_over(at, topic, queues.get_mut(machine)?, sheet, to);
            Some(machine)
        });
        let Some(machine) = handed else {
            return false;
        };
        published.reached.push(machine);
        published.handed.extend(logs.then_some((index, to.number)));
        true
    };
    topic.publish_all(at, publish, &mut hand_over, effects);
    published
}

/// Puts a letter into a queue.
fn hand_over(at: Stamp, topic: &Topic, queue: &mut Queue, sheet: &Sheet<'_>, to: &Subscription) {
    queue.take_copy(
        at,
        sheet.body.at(at.offset),
        &sheet.letter.payload,
        to.id,
        || to.arn(topic.config()),
        &mut Effects::default(),
    );
}

/// Whether a subscription's queue is of this cell and next in line, and the form in which it gets a publication.
fn can_hand_over(
    topic: &Topic,
    queues: &Shelf<Queue>,
    subscription: &Subscription,
    publication: &Publication<'_>,
) -> Option<(MachineId, Form)> {
    let arn = subscription.queue()?;
    let machine = queues.find(AddressRef::of(arn)?)?;
    if protection::looks_outward(topic) || !topic.may_hand_over(subscription, publication) {
        return None;
    }
    let policy = queues.get(machine)?.config().policy.as_deref();
    target_policy::permits(policy, &topic.config().arn())
        .then(|| (machine, form_for(topic, subscription, arn)))
}

/// What can be handed over of a publication.
pub(crate) struct Reach {
    /// The forms that queues of this cell need, each with a subscription that wants it.
    pub(crate) forms: Vec<(Form, u32)>,
    /// Nobody else is left.
    pub(crate) all: bool,
}

pub(crate) fn reach(topic: &Topic, queues: &Shelf<Queue>, publication: &Publication<'_>) -> Reach {
    let mut reach = Reach {
        forms: Vec::new(),
        all: true,
    };
    for number in publication.routes.iter() {
        let form = topic
            .subscription(number)
            .and_then(|subscription| can_hand_over(topic, queues, subscription, publication));
        match form {
            Some((_, form)) if reach.forms.iter().any(|(known, _)| *known == form) => {}
            Some((_, form)) => reach.forms.push((form, number)),
            None => reach.all = false,
        }
    }
    reach
}
