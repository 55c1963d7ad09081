//! Endpoints outside of the node: when each is called, what it answers, and what must follow.

use std::time::Duration;

use domain::Time;
use node::{Attempt, Call, CallTicket, Called, Outgoing};

use super::change::{Came, TopicChange};
use super::client;
use super::model::{Owed, Route, Subscriber};
use super::notice::Notice;
use crate::change::Change;
use crate::violation::{Check, ensure, violated};
use crate::world::World;

/// Calls that one subscription has under way at most.
const CALLS_EACH: usize = 16;

/// A call whose end the node has not heard of.
pub(crate) struct Underway {
    ticket: CallTicket,
    about: About,
}

enum About {
    /// A copy, for a subscription.
    Copy { copy: u64, subscription: u64 },
    /// Whether an endpoint wants what a topic publishes.
    Confirmation {
        topic: String,
        url: String,
        token: String,
    },
}

impl World {
    /// Takes the calls that the node wants made, and looks whether each is owed.
    pub(crate) fn take_calls(&mut self) -> Check {
        for cell in 0..self.cells.len() {
            if !self.node().has_outgoing(cell) {
                continue;
            }
            for outgoing in self.node().take_outgoing(cell) {
                let outgoing = self.node().sign(outgoing);
                self.begin_call(outgoing)?;
            }
        }
        self.nobody_is_forgotten()
    }

    fn begin_call(&mut self, outgoing: Outgoing) -> Check {
        let ticket = outgoing.ticket;
        let Call::Http { url, headers, body } = outgoing.call else {
            return violated(format!("nobody subscribed for {:?}", outgoing.call));
        };
        let header = |wanted: &str| {
            let found = headers.iter().find(|(name, _)| *name == wanted);
            found.map_or("", |(_, value)| value.as_str())
        };
        let kind = header("x-amz-sns-message-type");
        let notice = Notice::read(&body)?;
        if kind == "SubscriptionConfirmation" {
            let topic = notice.text("TopicArn").rsplit(':').next();
            let about = About::Confirmation {
                topic: topic.unwrap_or_default().to_owned(),
                url,
                token: notice.text("Token").to_owned(),
            };
            self.topics.underway.push(Underway { ticket, about });
            return Ok(());
        }
        ensure(kind == "Notification", || format!("{url} is sent a {kind}"))?;
        let arn = header("x-amz-sns-subscription-arn");
        let published = &self.topics.published;
        let (_, copy) = published.called(header("x-amz-sns-message-id"), arn)?;
        let (_, told) = published.noticed(&notice)?;
        let (copy, subscription, told) = (copy.number, copy.subscription, told.number);
        ensure(copy == told, || {
            format!("the head of a call is about m{copy} and its body about m{told}")
        })?;
        self.note(|| format!("{url} is called about m{copy}"));
        self.is_owed(copy, &url)?;
        let about = About::Copy { copy, subscription };
        self.topics.underway.push(Underway { ticket, about });
        Ok(())
    }

    fn owed(&self, copy: u64) -> Option<(&super::Topic, &Owed)> {
        let topics = self.cells.iter().flat_map(|cell| cell.now.topics.values());
        let mut owed = topics.flat_map(|topic| topic.owed.iter().map(move |owed| (topic, owed)));
        owed.find(|(_, owed)| owed.copy == copy)
    }

    fn is_owed(&self, copy: u64, url: &str) -> Check {
        let now = self.now();
        ensure(!self.is_underway(copy), || {
            format!("{url} is called about m{copy} while it is called already")
        })?;
        let Some((topic, owed)) = self.owed(copy) else {
            let unclear = self.topics.unclear.contains(&copy);
            return ensure(unclear, || {
                format!("{url} is called about m{copy}, which it has, or is not for it")
            });
        };
        let subscription = topic.subscription(owed.subscription);
        let right = Some(&Subscriber::Endpoint(url.to_owned()));
        ensure(subscription.map(|it| &it.to) == right, || {
            format!("{url} is called instead of {subscription:?}")
        })?;
        ensure(owed.due <= now, || {
            format!("{url} is called about m{copy} before {:?}", owed.due)
        })
    }

    fn is_underway(&self, wanted: u64) -> bool {
        let of = |it: &Underway| matches!(it.about, About::Copy { copy, .. } if copy == wanted);
        self.topics.underway.iter().any(of)
    }

    /// Where a cell was just told to do what is due, every call that may be made is under way.
    fn nobody_is_forgotten(&mut self) -> Check {
        let now = self.now();
        for cell in std::mem::take(&mut self.topics.ticked) {
            let topics = self.cells[cell].now.topics.values();
            for owed in topics.flat_map(|topic| &topic.owed) {
                let calls = self.topics.underway.iter().filter(|it| match it.about {
                    About::Copy { subscription, .. } => subscription == owed.subscription,
                    About::Confirmation { .. } => false,
                });
                let waits = owed.due > now
                    || self.topics.unclear.contains(&owed.copy)
                    || self.is_underway(owed.copy)
                    || calls.count() + 1 >= CALLS_EACH;
                ensure(waits, || {
                    format!("nobody is called about m{}, due {:?}", owed.copy, owed.due)
                })?;
            }
        }
        Ok(())
    }

    /// Some call comes to its end.
    pub(crate) fn answer_call(&mut self) -> Check {
        if self.topics.underway.is_empty() {
            return Ok(());
        }
        let at = self.random.index(self.topics.underway.len());
        let result = match self.random.below(10) {
            0..=5 => Attempt::Delivered,
            6..=8 => Attempt::Failed { permanent: false },
            _ => Attempt::Failed { permanent: true },
        };
        self.end_call(at, result)
    }

    /// Every endpoint takes what it is sent. True if any was called.
    pub(crate) fn answer_all_calls(&mut self) -> Check<bool> {
        let any = !self.topics.underway.is_empty();
        while !self.topics.underway.is_empty() {
            self.end_call(0, Attempt::Delivered)?;
            self.finish_step()?;
        }
        Ok(any)
    }

    fn end_call(&mut self, at: usize, result: Attempt) -> Check {
        let Underway { ticket, about } = self.topics.underway.remove(at);
        match about {
            About::Copy { copy, .. } => self.end_notification(ticket, copy, result),
            About::Confirmation { topic, url, token } => {
                self.report(ticket, Attempt::Delivered);
                self.confirm(&topic, &url, &token)
            }
        }
    }

    fn report(&self, ticket: CallTicket, result: Attempt) {
        let called = Called {
            result,
            response: String::new(),
            status: Some(200),
            took: Duration::ZERO,
        };
        self.node().called(ticket, &called);
    }

    fn confirm(&mut self, name: &str, url: &str, token: &str) -> Check {
        let to = Subscriber::Endpoint(url.to_owned());
        let pending = self.topic(name).and_then(|topic| topic.to(&to));
        let Some(number) = pending.filter(|it| !it.confirmed).map(|it| it.number) else {
            return Ok(());
        };
        let now = self.now();
        let answer = self.ask_sns(client::confirm(name, token));
        self.pass_time(now);
        let home = self.home_of(name)?;
        if answer.result.is_err() {
            // It may have waited for too long.
            self.refused(home, &answer.result)?;
            self.note(|| format!("{url} is not confirmed: {:?}", answer.result.as_ref().err()));
            return Ok(());
        }
        self.note(|| format!("{url} confirms {number} of {name}"));
        self.record_of_topic(now, TopicChange::Confirm(name.to_owned(), number), answer)
    }

    fn end_notification(&mut self, ticket: CallTicket, copy: u64, result: Attempt) -> Check {
        let now = self.now();
        let owed = self.owed(copy).map(|(topic, owed)| {
            let topic = topic.clone();
            (topic, owed.clone())
        });
        if result == Attempt::Delivered {
            self.ledger.may_go(copy);
        }
        self.note(|| format!("m{copy}: {result:?}"));
        let Some((topic, owed)) = owed else {
            self.report(ticket, result);
            return Ok(());
        };
        let home = self.home_of(&topic.name)?;
        let before = self.end_of(home)?;
        let spoiled = self.spoil_call(&topic, &owed, result)?;
        self.report(ticket, spoiled.unwrap_or(result));
        self.mend_call(&topic, &owed)?;
        let after = self.end_of(home)?;
        if before == after {
            let expected = self.troubled(home);
            self.topics.unclear.insert(copy);
            return ensure(expected, || format!("what came of m{copy} is not noted"));
        }
        let came = self.came(&topic, &owed, result, now);
        self.note(|| format!("m{copy} of {}: {came:?}", topic.name));
        let topic = topic.name;
        let change = TopicChange::Attempted { topic, copy, came };
        self.cells[home].record_between(now, Change::Topic(change), before, after);
        Ok(())
    }

    /// What must follow from the end of a call.
    fn came(&mut self, topic: &super::Topic, owed: &Owed, result: Attempt, now: Time) -> Came {
        let subscription = topic.subscription(owed.subscription);
        let subscription = subscription.expect("what is owed goes with its subscription");
        let failures = owed.failures + 1;
        let first = owed.first.unwrap_or(now);
        let again = match result {
            Attempt::Delivered => return Came::Delivered,
            Attempt::Failed { permanent: true } => None,
            Attempt::Failed { permanent: false } => subscription.retries.next(failures, first, now),
        };
        if let Some(due) = again {
            return Came::Again {
                failures,
                first,
                due,
            };
        }
        let Some(dead) = subscription.redrive.clone() else {
            self.ledger.may_go(owed.copy);
            return Came::GivenUp(None);
        };
        let known = self.topics.published.copy(owed.copy);
        let (publication, copy) = known.expect("what is owed was published");
        let (publication, copy) = (publication.clone(), copy.clone());
        let stay = self.stay_on_the_way(&publication, &copy, &dead, now);
        Came::GivenUp(Some(Box::new(Route {
            subscription: owed.subscription,
            stay,
        })))
    }

    /// When the next call that waits for its time may be made.
    pub(crate) fn next_call(&self) -> Option<Time> {
        let topics = self.cells.iter().flat_map(|cell| cell.now.topics.values());
        let owed = topics.flat_map(|topic| &topic.owed);
        owed.filter(|owed| !self.topics.unclear.contains(&owed.copy))
            .map(|owed| owed.due)
            .min()
    }

    /// Calls that may have been noted or not, where a crash cut a step in two.
    pub(crate) fn call_is_unclear(&mut self, copies: Vec<u64>) {
        self.topics.unclear.extend(copies);
    }
}
