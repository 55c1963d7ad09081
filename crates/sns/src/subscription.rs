//! One subscription of a topic: where it leads, and what was set for it.
//!
//! Kept small, since a topic may have very many: what few subscriptions have stands behind one pointer.

use std::sync::Arc;

use domain::bytes::{Malformed, Put, Take};
use domain::{AccountId, Arn, Time};
use pattern::{FilterPolicy, PolicyError, Scope};

use crate::codec::{put_some, take_arn, take_some};
use crate::config::Config;
use crate::delivery_policy::DeliveryPolicy;

pub use crate::protocol::Protocol;

/// Where a subscription leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Endpoint {
    Arn(Arn),
    /// A URL, a mail address or a phone number.
    Text(Box<str>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Confirmed {
    /// Nobody has confirmed it yet.
    Pending { since: Time },
    Confirmed {
        /// By a signed call, or because it needed no confirmation.
        authenticated: bool,
        /// Only a signed call of its owner may end it.
        unsubscribe_needs_owner: bool,
    },
    /// It was ended by an unsigned link and is only kept for who wants it back.
    Leaving {
        since: Time,
        /// As it was before.
        authenticated: bool,
        unsubscribe_needs_owner: bool,
    },
}

#[derive(Clone, Debug, PartialEq)]
pub struct Subscription {
    /// Its name inside the topic: given in order of creation and never given twice.
    pub number: u32,
    /// The UUID at the end of its ARN.
    pub id: [u8; 16],
    /// What its confirmation token proves. No two subscriptions share one.
    pub secret: [u8; 16],
    pub protocol: Protocol,
    pub endpoint: Endpoint,
    pub owner: AccountId,
    /// The ARN of who subscribed.
    pub principal: Arc<str>,
    pub raw: bool,
    pub state: Confirmed,
    /// What few subscriptions have.
    pub settings: Option<Box<Settings>>,
}

/// What is set for a subscription beside the common.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    pub filter: Option<Filter>,
    /// Remembered while there is no filter policy, too.
    pub scope: Scope,
    pub redrive: Option<Redrive>,
    pub delivery_policy: Option<DeliveryPolicy>,
    /// SubscriptionRoleArn.
    pub role: Option<Box<str>>,
    pub replay: Option<ReplayPolicy>,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            filter: None,
            scope: Scope::MessageAttributes,
            redrive: None,
            delivery_policy: None,
            role: None,
            replay: None,
        }
    }
}

/// A filter policy: compiled, and the text it reads back as.
#[derive(Clone, Debug)]
pub struct Filter {
    pub policy: Arc<FilterPolicy>,
    pub text: Box<str>,
}

impl PartialEq for Filter {
    fn eq(&self, other: &Filter) -> bool {
        self.text == other.text
    }
}

/// Where what could not be delivered goes, and the text it reads back as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redrive {
    pub queue: Arn,
    pub text: Box<str>,
}

/// Which archived messages are delivered again, and the text it reads back as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplayPolicy {
    pub from: Time,
    /// Absent: up to what is published live, which is delivered then.
    pub until: Option<Time>,
    pub text: Box<str>,
}

impl Subscription {
    pub fn arn(&self, topic: &Config) -> String {
        format!("{}:{}", topic.arn(), uuid(&self.id))
    }

    pub fn endpoint(&self) -> &str {
        match &self.endpoint {
            Endpoint::Arn(arn) => arn.as_str(),
            Endpoint::Text(text) => text,
        }
    }

    /// The queue it leads to, if it leads to one.
    pub fn queue(&self) -> Option<&Arn> {
        match &self.endpoint {
            Endpoint::Arn(arn) if self.protocol == Protocol::Sqs => Some(arn),
            Endpoint::Arn(_) | Endpoint::Text(_) => None,
        }
    }

    pub fn delivery_policy(&self) -> Option<&DeliveryPolicy> {
        self.settings.as_ref()?.delivery_policy.as_ref()
    }

    pub fn filter(&self) -> Option<&Filter> {
        self.settings.as_ref()?.filter.as_ref()
    }

    /// The dead-letter queue.
    pub fn redrive(&self) -> Option<&Arn> {
        let redrive = self.settings.as_ref()?.redrive.as_ref()?;
        Some(&redrive.queue)
    }

    pub fn replay(&self) -> Option<&ReplayPolicy> {
        self.settings.as_ref()?.replay.as_ref()
    }

    pub fn is_pending(&self) -> bool {
        matches!(self.state, Confirmed::Pending { .. })
    }

    pub fn is_confirmed(&self) -> bool {
        matches!(self.state, Confirmed::Confirmed { .. })
    }

    /// Whether messages are for it: it is confirmed, or leads to a mailbox, whose owner may never see a confirmation.
    pub fn receives(&self) -> bool {
        match self.state {
            Confirmed::Confirmed { .. } => true,
            Confirmed::Pending { .. } => self.protocol.is_mail(),
            Confirmed::Leaving { .. } => false,
        }
    }

    /// Changes what few subscriptions have. What then is as without any settings takes no memory.
    pub(crate) fn change_settings<T>(&mut self, change: impl FnOnce(&mut Settings) -> T) -> T {
        let mut settings = self.settings.take().unwrap_or_default();
        let result = change(&mut settings);
        self.settings = Some(settings).filter(|settings| **settings != Settings::default());
        result
    }

    /// What the filter policy looks at, or would.
    pub(crate) fn scope(&self) -> Scope {
        self.settings
            .as_ref()
            .map_or(Scope::MessageAttributes, |settings| settings.scope)
    }

    pub(crate) fn encode(&self, out: &mut Vec<u8>) {
        out.put_u32(self.number);
        out.extend_from_slice(&self.id);
        out.extend_from_slice(&self.secret);
        out.put_u8(self.protocol.tag());
        out.put_text(self.endpoint());
        out.put_text(self.owner.as_str());
        out.put_text(&self.principal);
        out.put_bool(self.raw);
        self.state.encode(out);
        put_some(self.settings.as_deref(), out, Settings::encode);
    }

    pub(crate) fn decode(take: &mut Take<'_>) -> Result<Subscription, Malformed> {
        let (number, id, secret) = (take.u32()?, take.array()?, take.array()?);
        let protocol = Protocol::from_tag(take.u8()?)?;
        Ok(Subscription {
            number,
            id,
            secret,
            protocol,
            endpoint: if protocol.has_arn() {
                Endpoint::Arn(take_arn(take)?)
            } else {
                Endpoint::Text(take.text()?.into())
            },
            owner: AccountId::parse(take.text()?)
                .map_err(|_| Malformed("an account id has not 12 digits"))?,
            principal: take.text()?.into(),
            raw: take.bool()?,
            state: Confirmed::decode(take)?,
            settings: take_some(take, Settings::decode)?.map(Box::new),
        })
    }
}

/// The text form of a UUID.
pub(crate) fn uuid(id: &[u8; 16]) -> String {
    let hex: String = id.iter().map(|byte| format!("{byte:02x}")).collect();
    format!(
        "{}-{}-{}-{}-{}",
        &hex[..8],
        &hex[8..12],
        &hex[12..16],
        &hex[16..20],
        &hex[20..]
    )
}

impl Confirmed {
    fn encode(self, out: &mut Vec<u8>) {
        match self {
            Confirmed::Pending { since } => {
                out.put_u8(0);
                out.put_u64(since.millis());
            }
            Confirmed::Confirmed {
                authenticated,
                unsubscribe_needs_owner,
            } => {
                out.put_u8(1);
                out.put_bool(authenticated);
                out.put_bool(unsubscribe_needs_owner);
            }
            Confirmed::Leaving {
                since,
                authenticated,
                unsubscribe_needs_owner,
            } => {
                out.put_u8(2);
                out.put_u64(since.millis());
                out.put_bool(authenticated);
                out.put_bool(unsubscribe_needs_owner);
            }
        }
    }

    fn decode(take: &mut Take<'_>) -> Result<Confirmed, Malformed> {
        Ok(match take.u8()? {
            0 => Confirmed::Pending {
                since: Time::from_millis(take.u64()?),
            },
            1 => Confirmed::Confirmed {
                authenticated: take.bool()?,
                unsubscribe_needs_owner: take.bool()?,
            },
            2 => Confirmed::Leaving {
                since: Time::from_millis(take.u64()?),
                authenticated: take.bool()?,
                unsubscribe_needs_owner: take.bool()?,
            },
            _ => return Err(Malformed("a subscription is in no known state")),
        })
    }
}

impl Settings {
    fn encode(&self, out: &mut Vec<u8>) {
        let filter = self.filter.as_ref();
        out.put_some_text(filter.map(|filter| &*filter.text));
        out.put_bool(self.scope == Scope::MessageBody);
        put_some(self.redrive.as_ref(), out, |redrive, out| {
            out.put_text(redrive.queue.as_str());
            out.put_text(&redrive.text);
        });
        put_some(self.delivery_policy.as_ref(), out, DeliveryPolicy::encode);
        out.put_some_text(self.role.as_deref());
        put_some(self.replay.as_ref(), out, |replay, out| {
            out.put_u64(replay.from.millis());
            put_some(replay.until.as_ref(), out, |until, out| {
                out.put_u64(until.millis());
            });
            out.put_text(&replay.text);
        });
    }

    fn decode(take: &mut Take<'_>) -> Result<Settings, Malformed> {
        let filter = take.some_text()?;
        let scope = if take.bool()? {
            Scope::MessageBody
        } else {
            Scope::MessageAttributes
        };
        Ok(Settings {
            filter: filter
                .map(|text| Filter::compile(text, scope))
                .transpose()
                .map_err(|_| Malformed("a filter policy does not compile"))?,
            scope,
            redrive: take_some(take, |take| {
                Ok(Redrive {
                    queue: take_arn(take)?,
                    text: take.text()?.into(),
                })
            })?,
            delivery_policy: take_some(take, DeliveryPolicy::decode)?,
            role: take.some_text()?.map(Into::into),
            replay: take_some(take, |take| {
                Ok(ReplayPolicy {
                    from: Time::from_millis(take.u64()?),
                    until: take_some(take, |take| Ok(Time::from_millis(take.u64()?)))?,
                    text: take.text()?.into(),
                })
            })?,
        })
    }
}

impl Filter {
    pub(crate) fn compile(text: &str, scope: Scope) -> Result<Filter, PolicyError> {
        let policy = FilterPolicy::compile(text, scope)?;
        Ok(Filter {
            policy: Arc::new(policy),
            text: text.into(),
        })
    }
}
