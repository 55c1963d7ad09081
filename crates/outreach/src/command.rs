//! What the journal keeps of a request to an account's outreach: one variant per kind of change.
//!
//! `encode` and `decode` are each other's inverse. A document of something sent lies in the record, and `decode`
//! says where.
//!
//! ```text
//! tag  command                then
//!   1  PutApplication         the application
//!   2  RemoveApplication      number u32
//!   3  PutEndpoint            the endpoint
//!   4  RemoveEndpoint         id 16
//!   5  SetSmsAttributes       n u8, each: attribute u8, value run
//!   6  OptOut                 number run
//!   7  OptIn                  number run
//!   8  AddSandboxNumber       number run, password run, letter
//!   9  VerifySandboxNumber    number run
//!  10  RemoveSandboxNumber    number run
//!  11  SetSandbox             on u8
//!  12  Send                   price u64, letter
//!  13  ForgetSent             kind u8, to? run, id? run
//!      a letter:              kind u8, id run, to run, document run
//! ```

use std::borrow::Cow;

use api::Error;
use domain::Body;
use domain::bytes::{Malformed, Put, Take};

use crate::application::Application;
use crate::endpoint::Endpoint;
use crate::id::Id;
use crate::phone;
use crate::sent::{Choice, Kind};
use crate::sms_attributes::{SmsAttribute, put_attributes, take_attributes};
use crate::spend::MicroUsd;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command<'a> {
    /// CreatePlatformApplication, SetPlatformApplicationAttributes: the whole application.
    PutApplication(Box<Application>),
    /// With all its endpoints.
    RemoveApplication(u32),
    /// CreatePlatformEndpoint, SetEndpointAttributes: the whole endpoint.
    PutEndpoint(Box<Endpoint>),
    RemoveEndpoint(Id),
    /// The ones given; others stay.
    SetSmsAttributes(Vec<(SmsAttribute, String)>),
    OptOut(String),
    OptIn(String),
    /// The one-time password goes to the number as an SMS, which is the letter.
    AddSandboxNumber {
        number: String,
        password: String,
        letter: Letter<'a>,
    },
    VerifySandboxNumber(String),
    RemoveSandboxNumber(String),
    /// Whether the account is in the SMS sandbox.
    SetSandbox(bool),
    Send(Send<'a>),
    ForgetSent(Choice),
}

/// Something leaves, and costs this.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Send<'a> {
    pub price: MicroUsd,
    pub letter: Letter<'a>,
}

/// What leaves, as the log of what was sent keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter<'a> {
    pub kind: Kind,
    /// The MessageId.
    pub id: Cow<'a, str>,
    /// The mail address, phone number or endpoint ARN.
    pub to: Cow<'a, str>,
    /// JSON: what was asked for and what left, see [`crate::document`].
    pub document: Cow<'a, str>,
    /// Where the document stands inside the record; `decode` fills it, `encode` ignores it.
    pub body: Body,
}

impl<'a> Command<'a> {
    /// Puts a number on the account's opt-out list, as its owner would by answering STOP.
    pub fn opt_out(number: &str) -> Result<Command<'static>, Error> {
        phone::check_opt_out_form(number)?;
        Ok(Command::OptOut(phone::bare(number)))
    }

    /// Appends the command as the journal keeps it.
    pub fn encode(&self, out: &mut Vec<u8>) {
        match self {
            Command::PutApplication(application) => {
                out.put_u8(1);
                application.encode(out);
            }
            Command::RemoveApplication(number) => {
                out.put_u8(2);
                out.put_u32(*number);
            }
            Command::PutEndpoint(endpoint) => {
                out.put_u8(3);
                endpoint.encode(out);
            }
            Command::RemoveEndpoint(id) => {
                out.put_u8(4);
                out.extend_from_slice(&id.bytes());
            }
            Command::SetSmsAttributes(attributes) => {
                out.put_u8(5);
                put_attributes(
                    attributes.iter().map(|(it, value)| (*it, value.as_str())),
                    out,
                );
            }
            Command::OptOut(number) => put_number(6, number, out),
            Command::OptIn(number) => put_number(7, number, out),
            Command::AddSandboxNumber {
                number,
                password,
                letter,
            } => {
                put_number(8, number, out);
                out.put_text(password);
                letter.put(out);
            }
            Command::VerifySandboxNumber(number) => put_number(9, number, out),
            Command::RemoveSandboxNumber(number) => put_number(10, number, out),
            Command::SetSandbox(on) => {
                out.put_u8(11);
                out.put_bool(*on);
            }
            Command::Send(send) => {
                out.put_u8(12);
                out.put_u64(send.price.0);
                send.letter.put(out);
            }
            Command::ForgetSent(choice) => {
                out.put_u8(13);
                choice.kind.put(out);
                out.put_some_text(choice.to.as_deref());
                out.put_some_text(choice.id.as_deref());
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
            1 => Command::PutApplication(Box::new(Application::decode(take)?)),
            2 => Command::RemoveApplication(take.u32()?),
            3 => Command::PutEndpoint(Box::new(Endpoint::decode(take)?)),
            4 => Command::RemoveEndpoint(Id::of(take.array()?)),
            5 => Command::SetSmsAttributes(take_attributes(take)?),
            6 => Command::OptOut(take.text()?.to_owned()),
            7 => Command::OptIn(take.text()?.to_owned()),
            8 => Command::AddSandboxNumber {
                number: take.text()?.to_owned(),
                password: take.text()?.to_owned(),
                letter: Letter::take(take)?,
            },
            9 => Command::VerifySandboxNumber(take.text()?.to_owned()),
            10 => Command::RemoveSandboxNumber(take.text()?.to_owned()),
            11 => Command::SetSandbox(take.bool()?),
            12 => Command::Send(Send {
                price: MicroUsd(take.u64()?),
                letter: Letter::take(take)?,
            }),
            13 => Command::ForgetSent(Choice {
                kind: Kind::take(take)?,
                to: take.some_text()?.map(str::to_owned),
                id: take.some_text()?.map(str::to_owned),
            }),
            _ => return Err(Malformed("a command is of no known kind")),
        })
    }
}

fn put_number(tag: u8, number: &str, out: &mut Vec<u8>) {
    out.put_u8(tag);
    out.put_text(number);
}

impl<'a> Letter<'a> {
    fn put(&self, out: &mut Vec<u8>) {
        self.kind.put(out);
        out.put_text(&self.id);
        out.put_text(&self.to);
        out.put_text(&self.document);
    }

    fn take(take: &mut Take<'a>) -> Result<Letter<'a>, Malformed> {
        let kind = Kind::take(take)?;
        let id = Cow::Borrowed(take.text()?);
        let to = Cow::Borrowed(take.text()?);
        let document = take.text()?;
        let too_long = |_| Malformed("a record is over 4 GiB");
        let end = u32::try_from(take.position()).map_err(too_long)?;
        let len = u32::try_from(document.len()).map_err(too_long)?;
        Ok(Letter {
            kind,
            id,
            to,
            document: Cow::Borrowed(document),
            body: Body { at: end - len, len },
        })
    }
}
