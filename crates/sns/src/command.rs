//! What the journal keeps of a request to a topic: one variant per kind of change.
//!
//! `encode` and `decode` are each other's inverse. The engine always applies what `decode` gives back from the
//! journal's own bytes, so that a replay cannot differ from the first time.
//!
//! ```text
//! tag  command                then
//!   1  Configure              the configuration
//!   2  Subscribe              the subscription, confirmation? 16
//!   3  ConfigureSubscription  the subscription
//!   4  Confirm                number u32, authenticated u8, unsubscribe_needs_owner u8
//!   5  Unsubscribe            number u32, confirmation? 16, secret 16
//!   6  Publish                see `publication`
//!   7  Attempted              see `attempted`
//!   8  Delivered              outbox sequence u64
//!   9  Returned               outbox sequence u64
//!  10  Replay                 see `replay`
//!  11  Resend                 number u32, id 16
//! ```

use domain::bytes::{Malformed, Put, Take};

use crate::attempted::Attempted;
use crate::codec::{put_some, take_some};
use crate::config::Config;
use crate::publication::Publish;
use crate::replay::ReplayStep;
use crate::subscription::Subscription;

#[derive(Clone, Debug, PartialEq)]
pub enum Command<'a> {
    /// SetTopicAttributes, AddPermission, RemovePermission, TagResource, …: the whole new configuration.
    Configure(Box<Config>),
    /// A new subscription, and the id of the message that asks its endpoint to confirm it, if it has to.
    Subscribe {
        subscription: Box<Subscription>,
        confirmation: Option<[u8; 16]>,
    },
    /// The whole new settings of the subscription of that number.
    ConfigureSubscription(Box<Subscription>),
    /// A pending subscription is confirmed, or one that was leaving stays.
    Confirm {
        number: u32,
        authenticated: bool,
        unsubscribe_needs_owner: bool,
    },
    Unsubscribe {
        number: u32,
        /// The id of the message that tells the endpoint how to come back; absent, nobody is told and none comes back.
        confirmation: Option<[u8; 16]>,
        /// What the token in that message proves.
        secret: [u8; 16],
    },
    Publish(Publish<'a>),
    Attempted(Attempted),
    /// The courier has delivered everything in the outbox up to and including this sequence.
    Delivered(u64),
    /// The target of this outbox sequence is gone.
    Returned(u64),
    Replay(ReplayStep),
    /// Subscribe again while pending: the endpoint is asked once more, in a message of this id.
    Resend {
        number: u32,
        id: [u8; 16],
    },
}

impl<'a> Command<'a> {
    pub fn encode(&self, out: &mut Vec<u8>) {
        match self {
            Command::Configure(config) => {
                out.put_u8(1);
                config.encode(out);
            }
            Command::Subscribe {
                subscription,
                confirmation,
            } => {
                out.put_u8(2);
                subscription.encode(out);
                put_id(confirmation.as_ref(), out);
            }
            Command::ConfigureSubscription(subscription) => {
                out.put_u8(3);
                subscription.encode(out);
            }
            Command::Confirm {
                number,
                authenticated,
                unsubscribe_needs_owner,
            } => {
                out.put_u8(4);
                out.put_u32(*number);
                out.put_bool(*authenticated);
                out.put_bool(*unsubscribe_needs_owner);
            }
            Command::Unsubscribe {
                number,
                confirmation,
                secret,
            } => {
                out.put_u8(5);
                out.put_u32(*number);
                put_id(confirmation.as_ref(), out);
                out.extend_from_slice(secret);
            }
            Command::Publish(publish) => {
                out.put_u8(6);
                publish.encode(out);
            }
            Command::Attempted(attempted) => {
                out.put_u8(7);
                attempted.encode(out);
            }
            Command::Delivered(sequence) => {
                out.put_u8(8);
                out.put_u64(*sequence);
            }
            Command::Returned(sequence) => {
                out.put_u8(9);
                out.put_u64(*sequence);
            }
            Command::Replay(step) => {
                out.put_u8(10);
                step.encode(out);
            }
            Command::Resend { number, id } => {
                out.put_u8(11);
                out.put_u32(*number);
                out.extend_from_slice(id);
            }
        }
    }

    /// Reads a command from the whole of `record`; bodies' places count from its start.
    pub fn decode(record: &'a [u8]) -> Result<Command<'a>, Malformed> {
        Command::decode_at(record, 0)
    }

    /// Reads a command from `start` to the end of `record`; bodies' places count from the start of `record`.
    pub fn decode_at(record: &'a [u8], start: usize) -> Result<Command<'a>, Malformed> {
        let mut take = Take::new(record);
        take.bytes(start)?;
        let command = Command::take(&mut take)?;
        if take.is_empty() {
            Ok(command)
        } else {
            Err(Malformed("a command is followed by something else"))
        }
    }

    fn take(take: &mut Take<'a>) -> Result<Command<'a>, Malformed> {
        Ok(match take.u8()? {
            1 => Command::Configure(Box::new(Config::decode(take)?)),
            2 => Command::Subscribe {
                subscription: Box::new(Subscription::decode(take)?),
                confirmation: take_some(take, |take| take.array())?,
            },
            3 => Command::ConfigureSubscription(Box::new(Subscription::decode(take)?)),
            4 => Command::Confirm {
                number: take.u32()?,
                authenticated: take.bool()?,
                unsubscribe_needs_owner: take.bool()?,
            },
            5 => Command::Unsubscribe {
                number: take.u32()?,
                confirmation: take_some(take, |take| take.array())?,
                secret: take.array()?,
            },
            6 => Command::Publish(Publish::decode(take)?),
            7 => Command::Attempted(Attempted::decode(take)?),
            8 => Command::Delivered(take.u64()?),
            9 => Command::Returned(take.u64()?),
            10 => Command::Replay(ReplayStep::decode(take)?),
            11 => Command::Resend {
                number: take.u32()?,
                id: take.array()?,
            },
            _ => return Err(Malformed("a command is of no known kind")),
        })
    }
}

fn put_id(id: Option<&[u8; 16]>, out: &mut Vec<u8>) {
    put_some(id, out, |id, out| out.extend_from_slice(id));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::attempted::{Attempt, DeliveryKey};
    use crate::op::samples::{http_subscription, queue_subscription, standard};

    /// Commands of every kind but Publish and Replay, which have their tests beside their encoding.
    fn commands() -> Vec<Command<'static>> {
        let id = |byte| [byte; 16];
        vec![
            Command::Configure(Box::new(standard())),
            Command::Subscribe {
                subscription: Box::new(http_subscription(3)),
                confirmation: Some(id(1)),
            },
            Command::Subscribe {
                subscription: Box::new(queue_subscription(4, "orders")),
                confirmation: None,
            },
            Command::ConfigureSubscription(Box::new(http_subscription(3))),
            Command::Confirm {
                number: 3,
                authenticated: true,
                unsubscribe_needs_owner: false,
            },
            Command::Unsubscribe {
                number: 3,
                confirmation: Some(id(2)),
                secret: id(3),
            },
            Command::Unsubscribe {
                number: 4,
                confirmation: None,
                secret: id(4),
            },
            Command::Attempted(Attempted {
                key: DeliveryKey {
                    matter: 1,
                    subscription: 3,
                },
                result: Attempt::Delivered,
            }),
            Command::Delivered(7),
            Command::Returned(8),
            Command::Resend {
                number: 3,
                id: id(5),
            },
        ]
    }

    #[test]
    fn a_command_is_decoded_as_it_was_encoded() {
        for command in commands() {
            let mut record = b"header".to_vec();
            command.encode(&mut record);
            assert_eq!(Command::decode_at(&record, 6).unwrap(), command);
        }
    }

    #[test]
    fn a_record_that_is_cut_or_goes_on_is_malformed() {
        for command in commands() {
            let mut record = Vec::new();
            command.encode(&mut record);
            for end in 0..record.len() {
                assert!(Command::decode(&record[..end]).is_err(), "{command:?}");
            }
            record.push(0);
            assert!(Command::decode(&record).is_err(), "{command:?}");
        }
        assert!(Command::decode(&[99]).is_err());
    }
}
