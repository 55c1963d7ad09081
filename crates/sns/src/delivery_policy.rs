//! Delivery policies: how often an HTTP endpoint is tried again, and what it is sent.
//!
//! Spec sections 2.2, 3.2 and 6.6. A topic's policy and a subscription's keep the members that were given, so that
//! they read back; [`effective`] is what both come to.
//! <https://docs.aws.amazon.com/sns/latest/dg/sns-message-delivery-retries.html>

use domain::bytes::{Malformed, Put, Take};

use crate::codec::{put_some, take_some};
use crate::config::Config;
use crate::subscription::Subscription;

pub(crate) mod parse;
pub(crate) mod text;

/// What a request's Content-Type is unless a policy says otherwise.
pub const CONTENT_TYPE_DEFAULT: &str = "text/plain; charset=UTF-8";

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Backoff {
    #[default]
    Linear,
    Arithmetic,
    Geometric,
    Exponential,
}

/// A whole retry policy: delays in seconds, and how many retries each phase has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryPolicy {
    pub min_delay: u32,
    pub max_delay: u32,
    /// Retries in all.
    pub retries: u32,
    pub no_delay: u32,
    pub min_delay_retries: u32,
    pub max_delay_retries: u32,
    pub backoff: Backoff,
}

/// The members of a retry policy that were given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RetryMembers {
    pub min_delay: Option<u32>,
    pub max_delay: Option<u32>,
    pub retries: Option<u32>,
    pub no_delay: Option<u32>,
    pub min_delay_retries: Option<u32>,
    pub max_delay_retries: Option<u32>,
    pub backoff: Option<Backoff>,
}

/// A subscription's DeliveryPolicy.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeliveryPolicy {
    pub healthy: Option<RetryMembers>,
    pub sickly: Option<RetryMembers>,
    /// maxReceivesPerSecond.
    pub throttle: Option<u32>,
    /// headerContentType.
    pub content_type: Option<Box<str>>,
    pub guaranteed: bool,
}

/// A topic's DeliveryPolicy, which counts for its HTTP subscriptions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TopicDeliveryPolicy {
    pub retry: Option<RetryMembers>,
    pub throttle: Option<u32>,
    pub content_type: Option<Box<str>>,
    /// Subscriptions' own policies do not count.
    pub no_overrides: bool,
}

/// How deliveries to an HTTP endpoint are made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Effective {
    pub retry: RetryPolicy,
    /// Deliveries per second at most.
    pub throttle: Option<u32>,
    pub content_type: String,
}

impl Default for RetryPolicy {
    fn default() -> RetryPolicy {
        RetryPolicy {
            min_delay: 20,
            max_delay: 20,
            retries: 3,
            no_delay: 0,
            min_delay_retries: 0,
            max_delay_retries: 0,
            backoff: Backoff::Linear,
        }
    }
}

/// What counts for a subscription: its own policy, member by member, else its topic's, else SNS's default.
pub fn effective(topic: &Config, subscription: &Subscription) -> Effective {
    let of_topic = topic.delivery_policy.as_ref();
    let own = subscription
        .delivery_policy()
        .filter(|_| of_topic.is_none_or(|policy| !policy.no_overrides));
    let retry = own
        .and_then(|policy| policy.healthy)
        .or_else(|| of_topic.and_then(|policy| policy.retry));
    let content_type = own
        .and_then(|policy| policy.content_type.as_deref())
        .or_else(|| of_topic.and_then(|policy| policy.content_type.as_deref()));
    Effective {
        retry: retry.unwrap_or_default().completed(),
        throttle: own
            .and_then(|policy| policy.throttle)
            .or_else(|| of_topic.and_then(|policy| policy.throttle)),
        content_type: content_type.unwrap_or(CONTENT_TYPE_DEFAULT).to_owned(),
    }
}

impl Backoff {
    pub fn name(self) -> &'static str {
        match self {
            Backoff::Linear => "linear",
            Backoff::Arithmetic => "arithmetic",
            Backoff::Geometric => "geometric",
            Backoff::Exponential => "exponential",
        }
    }

    fn parse(name: &str) -> Option<Backoff> {
        let all = [
            Backoff::Linear,
            Backoff::Arithmetic,
            Backoff::Geometric,
            Backoff::Exponential,
        ];
        all.into_iter().find(|function| function.name() == name)
    }
}

impl RetryMembers {
    /// What was not given is as SNS has it.
    pub fn completed(&self) -> RetryPolicy {
        let default = RetryPolicy::default();
        RetryPolicy {
            min_delay: self.min_delay.unwrap_or(default.min_delay),
            max_delay: self.max_delay.unwrap_or(default.max_delay),
            retries: self.retries.unwrap_or(default.retries),
            no_delay: self.no_delay.unwrap_or(default.no_delay),
            min_delay_retries: self.min_delay_retries.unwrap_or(default.min_delay_retries),
            max_delay_retries: self.max_delay_retries.unwrap_or(default.max_delay_retries),
            backoff: self.backoff.unwrap_or(default.backoff),
        }
    }

    fn encode(&self, out: &mut Vec<u8>) {
        let numbers = [
            self.min_delay,
            self.max_delay,
            self.retries,
            self.no_delay,
            self.min_delay_retries,
            self.max_delay_retries,
        ];
        for number in numbers {
            put_some(number.as_ref(), out, |number, out| out.put_u32(*number));
        }
        out.put_u8(match self.backoff {
            None => 0,
            Some(Backoff::Linear) => 1,
            Some(Backoff::Arithmetic) => 2,
            Some(Backoff::Geometric) => 3,
            Some(Backoff::Exponential) => 4,
        });
    }

    fn decode(take: &mut Take<'_>) -> Result<RetryMembers, Malformed> {
        let mut number = || take_some(take, |take| take.u32());
        Ok(RetryMembers {
            min_delay: number()?,
            max_delay: number()?,
            retries: number()?,
            no_delay: number()?,
            min_delay_retries: number()?,
            max_delay_retries: number()?,
            backoff: match take.u8()? {
                0 => None,
                1 => Some(Backoff::Linear),
                2 => Some(Backoff::Arithmetic),
                3 => Some(Backoff::Geometric),
                4 => Some(Backoff::Exponential),
                _ => return Err(Malformed("a backoff function is unknown")),
            },
        })
    }
}

impl DeliveryPolicy {
    pub(crate) fn encode(&self, out: &mut Vec<u8>) {
        put_some(self.healthy.as_ref(), out, RetryMembers::encode);
        put_some(self.sickly.as_ref(), out, RetryMembers::encode);
        put_some(self.throttle.as_ref(), out, |rate, out| out.put_u32(*rate));
        out.put_some_text(self.content_type.as_deref());
        out.put_bool(self.guaranteed);
    }

    pub(crate) fn decode(take: &mut Take<'_>) -> Result<DeliveryPolicy, Malformed> {
        Ok(DeliveryPolicy {
            healthy: take_some(take, RetryMembers::decode)?,
            sickly: take_some(take, RetryMembers::decode)?,
            throttle: take_some(take, |take| take.u32())?,
            content_type: take.some_text()?.map(Into::into),
            guaranteed: take.bool()?,
        })
    }
}

impl TopicDeliveryPolicy {
    pub(crate) fn encode(&self, out: &mut Vec<u8>) {
        put_some(self.retry.as_ref(), out, RetryMembers::encode);
        put_some(self.throttle.as_ref(), out, |rate, out| out.put_u32(*rate));
        out.put_some_text(self.content_type.as_deref());
        out.put_bool(self.no_overrides);
    }

    pub(crate) fn decode(take: &mut Take<'_>) -> Result<TopicDeliveryPolicy, Malformed> {
        Ok(TopicDeliveryPolicy {
            retry: take_some(take, RetryMembers::decode)?,
            throttle: take_some(take, |take| take.u32())?,
            content_type: take.some_text()?.map(Into::into),
            no_overrides: take.bool()?,
        })
    }
}
