//! Calls that publish: to a topic, one record however many it reaches.

use api::sns::{PublishBatchInput, PublishInput, Reply};
use engine::Claim;
use sns::arn::TopicName;
use sns::op::publish::{Draft, Publisher, Target};
use sns::op::{self, Plan};
use sns::{Command, Errand, Publication, Publish};

use crate::address::AddressRef;
use crate::answer::Answer;
use crate::fan_out;
use crate::house::Outcome;
use crate::ids;
use crate::letters::Draught;
use crate::node::{Caller, Node};
use crate::record::{Form, Record, Sheet};
use crate::state::CellState;

fn publisher<'a>(caller: &Caller<'a>) -> Publisher<'a> {
    Publisher {
        trace: caller.trace,
    }
}

impl Node {
    pub(super) fn publish(&self, caller: &Caller<'_>, input: &PublishInput<'_>) -> Answer {
        let name = match Target::of(input, caller.region) {
            Ok(Target::Topic(name)) => name,
            Ok(Target::Endpoint(arn)) => {
                return self.publish_to_endpoint(caller, arn, &Draft::of(input));
            }
            Ok(Target::Phone(number)) => {
                return self.publish_to_phone(caller, number, &Draft::of(input));
            }
            Err(error) => return Answer::now(Err(error)),
        };
        if !self.directory.protects(AddressRef::from(name)) {
            return self.publish_to_topic(caller, name, &Draft::of(input));
        }
        self.publish_protected(caller, name, input)
    }

    pub(super) fn publish_to_topic<'a>(
        &self,
        caller: &Caller<'a>,
        name: TopicName<'_>,
        draft: &'a Draft<'a>,
    ) -> Answer {
        // The key is made on first use, which takes a while: not while a cell is held.
        self.signatures.certificate_url();
        let missing = || draft.topic_missing(name.name);
        self.on_topic(Ok(name), missing, |state, machine| {
            let now = state.cell.now();
            let topic = state.topic_now(machine).expect("the topic was just found");
            let who = publisher(caller);
            let plan = op::publish::prepare(topic, &who, now, &mut ids::random, draft);
            state.publish(machine, plan, |keep| {
                Reply::Publish(op::publish::reply(&keep))
            })
        })
    }

    pub(super) fn publish_batch(
        &self,
        caller: &Caller<'_>,
        input: &PublishBatchInput<'_>,
    ) -> Answer {
        let name = op::publish_batch::topic(input, caller.region);
        match name {
            Ok(name) if self.directory.protects(AddressRef::from(name)) => {
                self.publish_batch_protected(caller, name, input)
            }
            name => self.publish_batch_to_topic(caller, name, input),
        }
    }

    pub(super) fn publish_batch_to_topic(
        &self,
        caller: &Caller<'_>,
        name: Result<TopicName<'_>, api::Error>,
        input: &PublishBatchInput<'_>,
    ) -> Answer {
        let draft = op::publish_batch::Draft::of(input);
        self.signatures.certificate_url();
        let missing = || draft.topic_missing(name.as_ref().map_or("", |name| name.name));
        self.on_topic(name.clone(), missing, |state, machine| {
            let now = state.cell.now();
            let topic = state.topic_now(machine).expect("the topic was just found");
            let (who, ids) = (publisher(caller), &mut ids::random);
            let plan = op::publish_batch::prepare(topic, &who, now, ids, input, &draft);
            state.publish(machine, plan, |keep| {
                Reply::PublishBatch(op::publish_batch::reply(&keep))
            })
        })
    }
}

impl CellState {
    /// Carries a prepared publish out: journals it with the letters that this cell's queues get.
    fn publish<K>(
        &mut self,
        machine: domain::MachineId,
        plan: Result<Plan<'_, K>, api::Error>,
        reply: impl FnOnce(K) -> Reply<'static>,
    ) -> Answer {
        let Plan { command, keep } = match plan {
            Ok(plan) => plan,
            Err(error) => return self.told(Err(error)),
        };
        let Some(Command::Publish(mut publish)) = command else {
            return self.told(Ok(reply(keep)));
        };
        let whole = publish.publications.clone();
        let draughts = self.draughts(machine, &whole, &mut publish);
        let letters = draughts.iter().map(|(publication, form, draught)| Sheet {
            publication: *publication,
            form: *form,
            letter: draught.letter(),
            body: domain::Body::default(),
        });
        let record = Record::Publish {
            letters: letters.collect(),
            publish,
        };
        match self.submit(machine, Claim::Grow, &record) {
            Ok(done) => {
                let Outcome::Published(published) = done.outcome else {
                    unreachable!("a publish answers whom it reached while the cell is held")
                };
                self.report_handed(machine, &whole, &published.handed);
                let told = Ok(api::Reply::Sns(reply(keep)));
                let mut answer = Answer::after(told, self.index, done.durable_from);
                answer.carry = done.carries.then_some(self.index);
                answer
            }
            Err(error) => Answer::now(Err(error)),
        }
    }

    /// The letters that queues of this cell need: which publication each tells, and in which form. A publication that
    /// nobody needs beside them leaves its text behind, so that it is kept once.
    fn draughts<'p>(
        &self,
        machine: domain::MachineId,
        whole: &'p [Publication<'p>],
        publish: &mut Publish<'_>,
    ) -> Vec<(u8, Form, Draught<'p>)> {
        let topic = self.topic(machine).expect("the topic was just found");
        let config = topic.config();
        let mut draughts = Vec::new();
        for (index, publication) in whole.iter().enumerate() {
            let reach = fan_out::reach(topic, &self.cell.machines().queues, publication);
            for (form, number) in reach.forms {
                let subscription = topic.subscription(number).expect("it was just reached");
                let queue = subscription.queue().expect("only queues get letters");
                let way = (Errand::Own, queue);
                let draught = Draught::of(config, subscription, publication, way, self.links());
                draughts.push((index as u8, form, draught));
            }
            if reach.all && config.archive_days().is_none() {
                leave_text_behind(&mut publish.publications[index]);
            }
        }
        draughts
    }
}

/// What stays is what the topic itself remembers.
fn leave_text_behind(publication: &mut Publication<'_>) {
    publication.message = "";
    publication.subject = None;
    publication.attributes = Vec::new();
    publication.trace = None;
}
