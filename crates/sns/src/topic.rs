//! The machine of one topic: its settings, its subscriptions, and what is on its way to them.

use domain::{Effects, Machine, Place, Stamp, Time};

use crate::archive::Archive;
use crate::arn::SubscriptionName;
use crate::command::Command;
use crate::config::Config;
use crate::dedup::Dedup;
use crate::outbox::Outbox;
use crate::replay::Replays;
use crate::subscription::{Confirmed, Subscription};
use crate::subscriptions::Subscriptions;

#[derive(Debug)]
pub struct Topic {
    pub(crate) config: Config,
    pub(crate) subscriptions: Subscriptions,
    pub(crate) outbox: Outbox,
    pub(crate) dedup: Dedup,
    pub(crate) archive: Archive,
    pub(crate) replays: Replays,
    /// The sequence of the next publication.
    pub(crate) next_publication: u64,
    pub(crate) now: Time,
}

impl Topic {
    pub fn new(config: Config) -> Topic {
        Topic {
            now: config.created,
            config,
            subscriptions: Subscriptions::default(),
            outbox: Outbox::default(),
            dedup: Dedup::default(),
            archive: Archive::default(),
            replays: Replays::default(),
            next_publication: 1,
        }
    }

    pub fn config(&self) -> &Config {
        &self.config
    }

    pub fn subscriptions(&self) -> &Subscriptions {
        &self.subscriptions
    }

    /// A subscription that has not been ended.
    pub fn subscription(&self, number: u32) -> Option<&Subscription> {
        self.subscriptions.get(number)
    }

    /// The subscription that an ARN names, if it has not been ended.
    pub fn find(&self, name: &SubscriptionName<'_>) -> Option<&Subscription> {
        let number = self.subscriptions.by_id(&name.id?)?.number;
        self.subscriptions.get(number)
    }

    pub fn outbox(&self) -> &Outbox {
        &self.outbox
    }

    /// The places of all publications that state holds, each under a key that `relocate` understands.
    pub fn places(&self, visit: &mut dyn FnMut(u64, Place)) {
        self.outbox.places(&mut |key, place| visit(key << 1, place));
        self.archive
            .places(&mut |key, place| visit(key << 1 | 1, place));
    }

    /// Notes that a publication was settled elsewhere; false if it has gone meanwhile, or has moved.
    pub fn relocate(&mut self, key: u64, from: Place, to: Place) -> bool {
        if key & 1 == 0 {
            self.outbox.relocate(key >> 1, from, to)
        } else {
            self.archive.relocate(key >> 1, from, to)
        }
    }

    fn subscribe(
        &mut self,
        at: Stamp,
        subscription: Box<Subscription>,
        confirmation: Option<[u8; 16]>,
        effects: &mut Effects,
    ) {
        let number = subscription.number;
        let before = self
            .subscriptions
            .by_endpoint(subscription.protocol, subscription.endpoint())
            .map(|before| before.number);
        if let Some(before) = before {
            self.forget(before);
        }
        let replays = subscription.replay().is_some();
        self.subscriptions.insert(subscription);
        if let Some(id) = confirmation {
            self.ask_confirmation(at, number, id);
        }
        if replays {
            self.replay_configured(at, number, effects);
        }
    }

    fn configure_subscription(&mut self, at: Stamp, new: Subscription, effects: &mut Effects) {
        let number = new.number;
        let Some(old) = self.subscriptions.get(number) else {
            return;
        };
        let replay_changes = old.replay() != new.replay();
        self.subscriptions.change(number, |subscription| {
            subscription.raw = new.raw;
            subscription.settings = new.settings;
        });
        if replay_changes {
            self.replay_configured(at, number, effects);
        }
    }

    fn unsubscribe(
        &mut self,
        at: Stamp,
        number: u32,
        confirmation: Option<[u8; 16]>,
        secret: [u8; 16],
    ) {
        if self.subscriptions.get(number).is_none() {
            return;
        }
        self.subscriptions.count_ended(at.time);
        let Some(id) = confirmation else {
            self.forget(number);
            return;
        };
        self.outbox.forget(number);
        self.forget_replay(number);
        self.subscriptions.change(number, |subscription| {
            let (authenticated, unsubscribe_needs_owner) = match subscription.state {
                Confirmed::Confirmed {
                    authenticated,
                    unsubscribe_needs_owner,
                } => (authenticated, unsubscribe_needs_owner),
                Confirmed::Pending { .. } | Confirmed::Leaving { .. } => (false, false),
            };
            subscription.secret = secret;
            subscription.state = Confirmed::Leaving {
                since: at.time,
                authenticated,
                unsubscribe_needs_owner,
            };
        });
        self.tell_unsubscribed(at, number, id);
    }

    /// Drops a subscription with all that is on its way to it.
    fn forget(&mut self, number: u32) {
        self.outbox.forget(number);
        self.forget_replay(number);
        self.subscriptions.remove(number);
    }
}

impl Machine for Topic {
    type Command<'a> = Command<'a>;
    /// Everything a caller is told is known before: see the operations' `prepare`.
    type Outcome = ();

    fn apply(&mut self, at: Stamp, command: Command<'_>, effects: &mut Effects) {
        self.advance(at.time);
        match command {
            Command::Configure(config) => {
                self.config = *config;
                self.check_replays(effects);
            }
            Command::Subscribe {
                subscription,
                confirmation,
            } => self.subscribe(at, subscription, confirmation, effects),
            Command::ConfigureSubscription(subscription) => {
                self.configure_subscription(at, *subscription, effects);
            }
            Command::Confirm {
                number,
                authenticated,
                unsubscribe_needs_owner,
            } => {
                self.outbox.forget_confirmations(number);
                self.subscriptions.change(number, |subscription| {
                    subscription.state = Confirmed::Confirmed {
                        authenticated,
                        unsubscribe_needs_owner,
                    };
                });
            }
            Command::Unsubscribe {
                number,
                confirmation,
                secret,
            } => self.unsubscribe(at, number, confirmation, secret),
            Command::Publish(publish) => {
                self.publish_all(at, &publish, &mut |_, _, _| false, effects);
            }
            Command::Attempted(attempted) => self.attempted(at, &attempted, effects),
            Command::Delivered(sequence) => self.delivered(sequence),
            Command::Returned(sequence) => self.returned(at, sequence, effects),
            Command::Replay(step) => self.step_replay(at, &step, effects),
            Command::Resend { number, id } => {
                if self
                    .subscription(number)
                    .is_some_and(Subscription::is_pending)
                {
                    self.ask_confirmation(at, number, id);
                }
            }
        }
        self.unfold(1);
        // A shorter retention may end things at once.
        self.advance(at.time);
    }

    fn advance(&mut self, now: Time) {
        while let Some((end, number)) = self.subscriptions.next_end() {
            if end > now {
                break;
            }
            self.forget(number);
        }
        self.now = self.now.max(now);
        self.subscriptions.expire(now);
        self.outbox.advance(now);
        self.dedup.expire(now);
        self.archive.expire(self.config.archive_days(), now);
    }

    fn wakes_at(&self) -> Option<Time> {
        let end = self.subscriptions.next_end().map(|(end, _)| end);
        let archive = self.archive.expires_at(self.config.archive_days());
        [end, archive].into_iter().flatten().min()
    }
}
