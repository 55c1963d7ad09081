//! Calls to the outside that topics owe their subscribers: which are made now, and what came of each.
//!
//! A call under way is no state: what a crash cuts off is made again. The node shapes a call while it holds the cell,
//! signs it afterwards, and gives it to whoever owns the sockets; phones, devices and, without a mail server, mailboxes are
//! the node's own.

use std::collections::BTreeMap;
use std::time::Duration;

use domain::{Arn, MachineId, Time};
use outreach::Home;
use sns::config::SignatureVersion;
use sns::shaping::{self, Bare, Call, Outside};
use sns::{Attempt, Attempted, DeliveryKey, Matter, Protocol, Publication, Subscription, Underway};

use crate::node::Node;
use crate::protection::outward;
use crate::reach::{LocalMail, Receiver};
use crate::state::CellState;
use crate::token::Token;

/// Calls that one cell has under way at most.
const CALLS_MAX: usize = 512;
/// Calls that one subscription has under way at most.
const CALLS_EACH: usize = 16;

/// Which call is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CallTicket {
    pub(crate) cell: usize,
    pub(crate) machine: MachineId,
    pub(crate) key: DeliveryKey,
}

/// A call that is to be made now.
#[derive(Debug)]
pub struct Outgoing {
    pub ticket: CallTicket,
    /// The topic that owes it.
    pub topic: Arn,
    /// When the message was published, or the subscriber was first asked to confirm.
    pub published: Time,
    pub call: Call,
    unsigned: Option<Unsigned>,
}

/// A signature that a call still lacks.
#[derive(Debug)]
struct Unsigned {
    version: u8,
    text: String,
    /// Stands where the signature goes. It is random, so that no message can hold it.
    marker: String,
}

/// What came of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Called {
    pub result: Attempt,
    /// What was answered, or why nothing was.
    pub response: String,
    pub status: Option<u16>,
    pub took: Duration,
}

impl Called {
    fn delivered(response: &str) -> Called {
        Called {
            result: Attempt::Delivered,
            response: response.to_owned(),
            status: Some(200),
            took: Duration::ZERO,
        }
    }

    /// It will not be otherwise another time.
    fn failed(response: &str) -> Called {
        Called {
            result: Attempt::Failed { permanent: true },
            status: Some(400),
            ..Called::delivered(response)
        }
    }
}

/// The calls of one cell that are under way.
#[derive(Default)]
pub(crate) struct Calls {
    by_topic: BTreeMap<MachineId, Underway>,
}

impl Calls {
    pub(crate) fn len(&self) -> usize {
        self.by_topic.values().map(Underway::len).sum()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.by_topic.values().all(Underway::is_empty)
    }

    fn of(&mut self, machine: MachineId) -> &mut Underway {
        let new = || Underway::new(CALLS_EACH);
        self.by_topic.entry(machine).or_insert_with(new)
    }

    pub(crate) fn drop_machine(&mut self, machine: MachineId) {
        self.by_topic.remove(&machine);
    }
}

impl CellState {
    /// When a topic next wants to call somebody.
    pub(crate) fn next_call(&mut self, machine: MachineId) -> Option<Time> {
        if self.calls.len() >= CALLS_MAX {
            return None;
        }
        let now = self.cell.now();
        let topic = self.cell.machines().topics.get(machine)?;
        topic.next_due(now, self.calls.of(machine))
    }

    /// Begins the calls of a topic that are due.
    pub(crate) fn begin_calls(&mut self, machine: MachineId, now: Time) {
        let room = CALLS_MAX.saturating_sub(self.calls.len());
        if room == 0 || self.topic_now(machine).is_none() {
            return;
        }
        let topics = &self.cell.machines().topics;
        let topic = topics.get(machine).expect("the topic was just found");
        let keys = topic.take_due(now, room, self.calls.of(machine));
        for key in keys {
            if self.is_left_out(machine, key) {
                let _ = self.note(machine, key, Attempt::Delivered);
                continue;
            }
            match self.shape(machine, key) {
                Some(outgoing) => self.outgoing.push(outgoing),
                // Nobody may see it, or it cannot be read.
                None => {
                    let _ = self.note(machine, key, Attempt::Failed { permanent: true });
                }
            }
        }
    }

    /// Mails need a mail server to ask their receivers whether they want them. Without one they stay in the local mailbox,
    /// where nobody could answer: nobody is asked, and mails come at once (spec sns 12).
    fn is_left_out(&self, machine: MachineId, key: DeliveryKey) -> bool {
        let topic = self.topic(machine);
        let subscription =
            topic.and_then(|topic| topic.subscriptions().get_leaving(key.subscription));
        let (Some(topic), Some(subscription)) = (topic, subscription) else {
            return false;
        };
        let by_mail = matches!(subscription.protocol, Protocol::Email | Protocol::EmailJson);
        match topic.matter(key) {
            Some(Matter::Publication { .. }) => {
                by_mail && self.mail_leaves && !subscription.is_confirmed()
            }
            Some(Matter::SubscriptionConfirmation { .. }) => by_mail && !self.mail_leaves,
            Some(Matter::UnsubscribeConfirmation { .. }) | None => false,
        }
    }

    /// Notes what came of a call. A journal that refuses leaves the call under way: it is not made again before a
    /// restart: then this is false.
    fn note(&mut self, machine: MachineId, key: DeliveryKey, result: Attempt) -> bool {
        let attempted = sns::Command::Attempted(Attempted { key, result });
        let taken = self.topic_command(machine, attempted).is_ok();
        if taken {
            self.end_call(machine, key);
            self.rearm(machine);
        }
        taken
    }

    /// The call that makes a delivery. None if it cannot be read or is not outstanding any more.
    fn shape(&mut self, machine: MachineId, key: DeliveryKey) -> Option<Outgoing> {
        let policy = self.protection(machine);
        let topic = self.topic(machine)?;
        let (bytes, published) = match topic.matter(key)? {
            Matter::Publication { place, time } => (Some(self.read(*place).ok()?), *time),
            Matter::SubscriptionConfirmation { time, .. }
            | Matter::UnsubscribeConfirmation { time, .. } => (None, *time),
        };
        let publication = bytes.as_deref().map(Publication::read);
        let publication = publication
            .transpose()
            .expect("a publication comes back as it was journaled");
        let mut masked = String::new();
        let publication = match &publication {
            Some(publication) => {
                let subscription = topic.subscriptions().get_leaving(key.subscription)?;
                let policy = policy.as_deref();
                Some(outward(policy, subscription, publication, &mut masked)?)
            }
            None => None,
        };
        let unsigned = std::cell::RefCell::new(None);
        let sign = |version: SignatureVersion, text: &str| {
            let marker = format!("{:032x}", u128::from_le_bytes(crate::ids::random()));
            let version = version.number();
            let text = text.to_owned();
            *unsigned.borrow_mut() = Some(Unsigned {
                version,
                text,
                marker: marker.clone(),
            });
            marker
        };
        let token = |subscription: &Subscription| self.token(machine, subscription);
        let links = self.links();
        let outside = Outside {
            base_url: links.base_url,
            cert_url: links.cert_url,
            sign: &sign,
            token: &token,
        };
        let call = shaping::call(topic, key, publication.as_ref(), &outside)?;
        Some(Outgoing {
            ticket: CallTicket {
                cell: self.index,
                machine,
                key,
            },
            topic: topic.config().arn(),
            published,
            call,
            unsigned: unsigned.into_inner(),
        })
    }

    pub(crate) fn token(&self, machine: MachineId, subscription: &Subscription) -> String {
        let token = Token {
            cell: u16::try_from(self.index).expect("a node has at most 64 cells"),
            machine,
            subscription: subscription.number,
            secret: subscription.secret,
        };
        token.text()
    }

    fn end_call(&mut self, machine: MachineId, key: DeliveryKey) {
        self.calls.of(machine).ended(key);
    }
}

impl Node {
    /// Whether a cell wants calls made.
    pub fn has_outgoing(&self, cell: usize) -> bool {
        self.cells[cell].wants_calls()
    }

    /// Takes the calls that a cell wants made. Each is to be signed, and to be reported by [`Node::called`], or it is
    /// not made again before a restart.
    pub fn take_outgoing(&self, cell: usize) -> Vec<Outgoing> {
        self.cells[cell].hold(|state| std::mem::take(&mut state.outgoing))
    }

    /// Signs what of a call is not signed yet. It may take a while, and holds no cell.
    pub fn sign(&self, mut outgoing: Outgoing) -> Outgoing {
        if let Some(unsigned) = outgoing.unsigned.take() {
            let signature = self.signatures.sign(unsigned.version, &unsigned.text);
            let (Call::Http { body: text, .. } | Call::Email { text, .. }) = &mut outgoing.call
            else {
                return outgoing;
            };
            *text = text.replacen(&unsigned.marker, &signature, 1);
        }
        outgoing
    }

    /// Reports what came of a call. The delivery ends, waits for its next attempt, or is given up.
    pub fn called(&self, ticket: CallTicket, called: &Called) {
        let CallTicket { cell, machine, key } = ticket;
        self.cells[cell].hold(|state| {
            if state.topic(machine).is_none() {
                state.calls.drop_machine(machine);
                return;
            }
            let result = match called.result {
                Attempt::Failed { permanent: false } if self.options.deliver_once => {
                    Attempt::Failed { permanent: true }
                }
                Attempt::Delivered | Attempt::Failed { .. } => called.result,
            };
            let tried = state.tried(machine, key);
            let reported = state.note(machine, key, result);
            if let Some(tried) = tried.filter(|_| reported) {
                state.report_called(machine, key, &tried, called);
            }
        });
        // Its dead letter may be for a queue of another cell.
        self.carry(cell);
    }

    /// Makes a call that leaves through the node itself: an SMS, a push, or a mail that stays in the local mailbox.
    /// `mail_from` is who such a mail says it is from.
    pub fn call_here(&self, outgoing: &Outgoing, mail_from: &str) -> Called {
        let CallTicket { cell, machine, .. } = outgoing.ticket;
        if self.cells[cell].hold(|state| state.topic(machine).is_none()) {
            return Called::failed("The topic has gone.");
        }
        let Some(home) = outreach::arn::home_of(outgoing.topic.as_str()) else {
            return Called::failed("The topic has no account.");
        };
        match &outgoing.call {
            Call::Sms(bare) => self.call_bare(home, Receiver::Phone, bare, outgoing.published),
            Call::Push(bare) => match outreach::arn::home_of(&bare.to) {
                Some(home) => self.call_bare(home, Receiver::Device, bare, outgoing.published),
                None => Called::failed("The endpoint has no account."),
            },
            Call::Email {
                to, subject, text, ..
            } => {
                let mail = LocalMail {
                    topic_arn: outgoing.topic.as_str(),
                    from: mail_from,
                    to,
                    subject,
                    text,
                };
                match self.keep_mail(home, &mail) {
                    Ok(()) => Called::delivered("Accepted"),
                    Err(error) => Called::failed(&error.message),
                }
            }
            Call::Http { .. } | Call::Lambda { .. } | Call::Firehose { .. } => {
                Called::failed("Nobody here takes this call.")
            }
        }
    }

    fn call_bare(&self, home: Home, receiver: Receiver, bare: &Bare, published: Time) -> Called {
        match self.send_bare(home, receiver, bare, published) {
            Ok(left) => Called::delivered(&left.response),
            Err(failure) => Called::failed(&failure.reason),
        }
    }

    /// Whether any call is under way.
    pub fn is_calling(&self) -> bool {
        self.cells
            .iter()
            .any(|host| host.hold(|state| !state.calls.is_empty()))
    }
}
