//! How mails, SMS and pushes leave: into the outreach of their account and region, which keeps what was sent.

use api::Error;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::{MachineId, Offset, Time};
use engine::Claim;
use outreach::deliver::{self, Delivery, Failure, Message};
use outreach::spend::MicroUsd;
use outreach::{Home, Outreach};
use serde_json::{Map, Value, json};
use sns::shaping::{Bare, BareAttribute, BareValue};

use crate::address::{AddressRef, cell_of};
use crate::answer::Wait;
use crate::ids;
use crate::node::Node;
use crate::record::Record;
use crate::state::CellState;

/// What an SMS costs here: nothing leaves that somebody would have to pay for.
const PART_PRICE: MicroUsd = MicroUsd(0);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Receiver {
    Phone,
    /// An endpoint of a platform application.
    Device,
}

/// A mail that stays in the local mailbox.
#[derive(Clone, Copy, Debug)]
pub struct LocalMail<'a> {
    pub topic_arn: &'a str,
    pub from: &'a str,
    pub to: &'a str,
    pub subject: &'a str,
    pub text: &'a str,
}

/// Something that has left.
pub(crate) struct Left {
    /// What the receiver's service said.
    pub(crate) response: String,
    pub(crate) after: Wait,
}

fn address(home: Home) -> AddressRef<'static> {
    AddressRef {
        account: home.account,
        region: home.region,
        name: "",
    }
}

impl Node {
    /// Holds the cell of an account's outreach in a region, which may not be open yet.
    pub(crate) fn in_home<R>(
        &self,
        home: Home,
        work: impl FnOnce(&mut CellState, Option<MachineId>) -> R,
    ) -> R {
        let cell = cell_of(address(home), self.cells.len());
        self.cells[cell].hold(|state| {
            let machine = state.cell.machines().outreaches.find(address(home));
            work(state, machine)
        })
    }

    /// The same, and opens it first if nobody has used it yet.
    pub(crate) fn in_open_home(
        &self,
        home: Home,
        work: impl FnOnce(&mut CellState, MachineId) -> crate::Answer,
    ) -> crate::Answer {
        self.in_home(home, |state, machine| match state.open(home, machine) {
            Ok(machine) => work(state, machine),
            Err(error) => crate::Answer::now(Err(error)),
        })
    }

    /// Sends an SMS or a push.
    pub(crate) fn send_bare(
        &self,
        home: Home,
        receiver: Receiver,
        bare: &Bare,
        published: Time,
    ) -> Result<Left, Box<Failure>> {
        let attributes = request_form(&bare.attributes);
        let message = Message {
            id: &bare.message_id,
            published,
            topic_arn: bare.topic_arn.as_deref(),
            subscription_arn: bare.subscription_arn.as_deref(),
            message: &bare.message,
            json: bare.json,
            subject: bare.subject.as_deref(),
            attributes: attributes.as_deref(),
        };
        let sent = self.send(home, |outreach, now| match receiver {
            Receiver::Phone => deliver::deliver_sms(
                outreach,
                now,
                &deliver::Sms {
                    message,
                    phone_number: &bare.to,
                    part_price: PART_PRICE,
                    dice: dice(),
                },
            ),
            Receiver::Device => deliver::deliver_push(
                outreach,
                now,
                &deliver::Push {
                    message,
                    endpoint_arn: &bare.to,
                    dice: dice(),
                    delivery_id: ids::random(),
                },
            ),
        });
        if let Err(failure) = &sent
            && let Some(notice) = &failure.notice
        {
            self.announce(notice);
        }
        sent
    }

    /// Puts a mail into the local mailbox of an account.
    pub fn keep_mail(&self, home: Home, mail: &LocalMail<'_>) -> Result<(), Error> {
        let id = sns::publication::message_id(&ids::random());
        let mail = deliver::Mail {
            id: &id,
            topic_arn: Some(mail.topic_arn),
            subscription_arn: None,
            from: mail.from,
            to: mail.to,
            subject: mail.subject,
            text: mail.text,
            html: None,
        };
        let sent = self.send(home, |_, _| Ok(deliver::deliver_mail(&mail)));
        match sent {
            Ok(_) => Ok(()),
            Err(failure) => {
                let Failure { error, reason, .. } = *failure;
                Err(error.unwrap_or_else(|| api::common::INTERNAL_FAILURE.with(reason)))
            }
        }
    }

    fn send(
        &self,
        home: Home,
        prepare: impl FnOnce(&Outreach, Time) -> Result<Delivery, Box<Failure>>,
    ) -> Result<Left, Box<Failure>> {
        self.in_home(home, |state, machine| {
            let machine = state.open(home, machine).map_err(failed)?;
            let now = state.cell.now();
            let outreach = state.outreach_now(machine).expect("it was just opened");
            let delivery = prepare(outreach, now)?;
            let offset = state
                .outreach_command(machine, delivery.command)
                .map_err(failed)?;
            Ok(Left {
                response: delivery.response,
                after: Wait {
                    cell: state.index,
                    offset,
                },
            })
        })
    }

    /// The platform of an endpoint, if the endpoint is there.
    pub(crate) fn platform_of(&self, home: Home, arn: &str) -> Option<String> {
        self.in_home(home, |state, machine| {
            let outreach = state.outreach_now(machine?)?;
            let (_, application) = outreach.endpoint(arn)?;
            Some(application.platform.name().to_owned())
        })
    }

    /// Why nothing can be sent to an endpoint, whatever the message.
    pub(crate) fn refusal_of_device(&self, home: Home, arn: &str) -> Option<Error> {
        let message = Message {
            id: "",
            published: Time::ZERO,
            topic_arn: None,
            subscription_arn: None,
            message: "x",
            json: false,
            subject: None,
            attributes: None,
        };
        let push = deliver::Push {
            message,
            endpoint_arn: arn,
            dice: 0,
            delivery_id: [0; 16],
        };
        self.in_home(home, |state, machine| {
            let outreach = state.outreach_now(machine?)?;
            deliver::deliver_push(outreach, Time::ZERO, &push)
                .err()?
                .error
        })
    }
}

impl CellState {
    /// Opens an outreach if it is not.
    pub(crate) fn open(
        &mut self,
        home: Home,
        machine: Option<MachineId>,
    ) -> Result<MachineId, Error> {
        if let Some(machine) = machine {
            return Ok(machine);
        }
        let machine = self.cell.machines().next_machine();
        self.submit(machine, Claim::Grow, &Record::OpenOutreach(home))?;
        self.directory.enter_home(home);
        Ok(machine)
    }

    /// Submits a command to an outreach that is known to be there, and gives the position behind its record.
    pub(crate) fn outreach_command(
        &mut self,
        machine: MachineId,
        command: outreach::Command<'_>,
    ) -> Result<Offset, Error> {
        let claim = if matches!(command, outreach::Command::ForgetSent(_)) {
            Claim::Free
        } else {
            Claim::Grow
        };
        let done = self.submit(machine, claim, &Record::Outreach(command))?;
        Ok(done.durable_from)
    }
}

fn failed(error: Error) -> Box<Failure> {
    Box::new(Failure {
        reason: error.message.to_string(),
        error: Some(error),
        notice: None,
        log: None,
    })
}

/// 0 to 99, evenly.
pub(crate) fn dice() -> u8 {
    let random = u128::from_le_bytes(ids::random());
    (random % 100) as u8
}

/// Message attributes as a request writes them.
fn request_form(attributes: &[BareAttribute]) -> Option<String> {
    if attributes.is_empty() {
        return None;
    }
    let all: Map<String, Value> = attributes
        .iter()
        .map(|attribute| {
            let data_type = &attribute.data_type;
            let value = match &attribute.value {
                BareValue::Text(text) => json!({"DataType": data_type, "StringValue": text}),
                BareValue::Binary(bytes) => {
                    json!({"DataType": data_type, "BinaryValue": STANDARD.encode(bytes)})
                }
            };
            (attribute.name.clone(), value)
        })
        .collect();
    Some(Value::Object(all).to_string())
}
