//! The plainest model of SNS that can tell right from wrong: who is subscribed, and what is owed to whom.

use domain::{Seconds, Time};

use crate::content::Value;
use crate::model::{FIVE_MINUTES, Remembered, Stay, is_fifo};

#[derive(Clone, Debug)]
pub(crate) struct Topic {
    pub(crate) name: String,
    pub(crate) content_dedup: bool,
    pub(crate) subscriptions: Vec<Subscription>,
    pub(crate) remembered: Vec<Remembered>,
    /// The highest sequence number given.
    pub(crate) sequence: u64,
    /// Copies on their way to queues, as published.
    pub(crate) outbox: Vec<Route>,
    /// Copies that endpoints are to be called about.
    pub(crate) owed: Vec<Owed>,
}

/// A copy on its way to a queue.
#[derive(Clone, Debug)]
pub(crate) struct Route {
    pub(crate) subscription: u64,
    pub(crate) stay: Stay,
}

#[derive(Clone, Debug)]
pub(crate) struct Owed {
    pub(crate) copy: u64,
    pub(crate) subscription: u64,
    pub(crate) failures: u32,
    /// When it first failed.
    pub(crate) first: Option<Time>,
    /// When it may be made.
    pub(crate) due: Time,
}

#[derive(Clone, Debug)]
pub(crate) struct Subscription {
    pub(crate) number: u64,
    pub(crate) arn: String,
    pub(crate) to: Subscriber,
    pub(crate) raw: bool,
    pub(crate) filter: Filter,
    /// The dead-letter queue's name.
    pub(crate) redrive: Option<String>,
    pub(crate) retries: Retries,
    pub(crate) confirmed: bool,
    /// Copies may have gone to its queue past the record that published them.
    pub(crate) strayed: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Subscriber {
    Queue(String),
    Endpoint(String),
}

/// What of all publications a subscriber wants, by their colour.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Filter {
    All,
    Among(&'static [&'static str]),
    Absent,
}

/// How often and when an endpoint is called again.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Retries {
    pub(crate) count: u32,
    pub(crate) at_once: u32,
    pub(crate) delay: u32,
}

/// All retries of one delivery to an endpoint together, in milliseconds.
const RETRY_MILLIS_MAX: u64 = 3_600_000;

impl Default for Retries {
    fn default() -> Retries {
        Retries {
            count: 3,
            at_once: 0,
            delay: 20,
        }
    }
}

impl Retries {
    /// When to call again after so many failures. None: it is given up.
    pub(crate) fn next(&self, failures: u32, first: Time, now: Time) -> Option<Time> {
        if failures > self.count {
            return None;
        }
        let delay = if failures <= self.at_once {
            0
        } else {
            self.delay
        };
        let due = now.after(Seconds(delay));
        (due.since(first) <= RETRY_MILLIS_MAX).then_some(due)
    }

    pub(crate) fn policy(&self) -> String {
        let Retries {
            count,
            at_once,
            delay,
        } = self;
        format!(
            r#"{{"healthyRetryPolicy":{{"numRetries":{count},"numNoDelayRetries":{at_once},"minDelayTarget":{delay},"maxDelayTarget":{delay}}}}}"#
        )
    }
}

impl Filter {
    pub(crate) fn lets_through(self, attributes: &[(String, Value)]) -> bool {
        let colour = attributes.iter().find(|(name, _)| name == "colour");
        let colour = colour.and_then(|(_, value)| value.text.as_deref());
        match self {
            Filter::All => true,
            Filter::Among(wanted) => colour.is_some_and(|colour| wanted.contains(&colour)),
            // AWS: a message without any attribute has none that is absent.
            Filter::Absent => colour.is_none() && !attributes.is_empty(),
        }
    }

    /// As a FilterPolicy; the empty text is none.
    pub(crate) fn policy(self) -> String {
        match self {
            Filter::All => String::new(),
            Filter::Among(wanted) => format!(r#"{{"colour":{wanted:?}}}"#),
            Filter::Absent => r#"{"colour":[{"exists":false}]}"#.to_owned(),
        }
    }
}

impl Subscription {
    pub(crate) fn queue(&self) -> Option<&str> {
        match &self.to {
            Subscriber::Queue(name) => Some(name),
            Subscriber::Endpoint(_) => None,
        }
    }

    pub(crate) fn wants(&self, attributes: &[(String, Value)]) -> bool {
        self.confirmed && self.filter.lets_through(attributes)
    }
}

impl Topic {
    pub(crate) fn is_fifo(&self) -> bool {
        is_fifo(&self.name)
    }

    pub(crate) fn subscription(&self, number: u64) -> Option<&Subscription> {
        self.subscriptions.iter().find(|it| it.number == number)
    }

    pub(crate) fn subscription_mut(&mut self, number: u64) -> Option<&mut Subscription> {
        self.subscriptions.iter_mut().find(|it| it.number == number)
    }

    pub(crate) fn to(&self, subscriber: &Subscriber) -> Option<&Subscription> {
        self.subscriptions.iter().find(|it| it.to == *subscriber)
    }

    pub(crate) fn advance(&mut self, now: Time) {
        self.remembered
            .retain(|known| known.at.after(FIVE_MINUTES) > now);
    }

    /// The publication that one with this deduplication id would double.
    pub(crate) fn doubled(&self, dedup: &str) -> Option<&Remembered> {
        self.remembered
            .iter()
            .rev()
            .find(|known| known.dedup == dedup)
    }

    /// A subscription ends, and what is on its way to it.
    pub(crate) fn forget(&mut self, number: u64) {
        self.subscriptions.retain(|it| it.number != number);
        self.outbox.retain(|route| route.subscription != number);
        self.owed.retain(|owed| owed.subscription != number);
    }
}
