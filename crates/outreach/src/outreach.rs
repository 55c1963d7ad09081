//! The machine of one account's outreach to persons in one region: applications, endpoints, SMS settings, and the
//! log of what was sent.

use domain::{Effects, Machine, Place, Stamp, Time};

use crate::application::{Application, ApplicationName};
use crate::applications::Applications;
use crate::arn::Home;
use crate::command::{Command, Letter, Send};
use crate::endpoint::Endpoint;
use crate::endpoints::Endpoints;
use crate::id::Id;
use crate::opt_outs::OptOuts;
use crate::outcome::Outcome;
use crate::phone;
use crate::sandbox::Sandbox;
use crate::sent::{Choice, Log, Sent};
use crate::sms_attributes::SmsAttributes;
use crate::spend::Spend;

/// One account's outreach in one region.
#[derive(Debug)]
pub struct Outreach {
    pub(crate) home: Home,
    pub(crate) now: Time,
    pub(crate) applications: Applications,
    pub(crate) endpoints: Endpoints,
    pub(crate) sms: SmsAttributes,
    pub(crate) spend: Spend,
    pub(crate) sandbox: Sandbox,
    pub(crate) opt_outs: OptOuts,
    pub(crate) log: Log,
}

impl Outreach {
    /// What an account has that never used it. It is not in the SMS sandbox: nothing here leaves that somebody would
    /// have to pay for. [`Command::SetSandbox`] puts it there.
    pub fn new(home: Home, now: Time) -> Outreach {
        Outreach {
            home,
            now,
            applications: Applications::default(),
            endpoints: Endpoints::default(),
            sms: SmsAttributes::default(),
            spend: Spend::default(),
            sandbox: Sandbox::default(),
            opt_outs: OptOuts::default(),
            log: Log::default(),
        }
    }

    pub fn home(&self) -> Home {
        self.home
    }

    pub fn is_in_sandbox(&self) -> bool {
        self.sandbox.is_on
    }

    /// The application of a name.
    pub fn application(&self, name: &ApplicationName) -> Option<&Application> {
        self.applications.find(name)
    }

    /// The endpoint of an ARN, and its application.
    pub fn endpoint(&self, arn: &str) -> Option<(&Endpoint, &Application)> {
        let (name, id) = self.home.read_endpoint(arn).ok()?;
        self.endpoint_of(&name, id)
    }

    pub(crate) fn endpoint_of(
        &self,
        name: &ApplicationName,
        id: Id,
    ) -> Option<(&Endpoint, &Application)> {
        let application = self.applications.find(name)?;
        let endpoint = self.endpoints.find(id)?;
        (endpoint.application == application.number).then_some((endpoint, application))
    }

    pub fn is_opted_out(&self, number: &str) -> bool {
        self.opt_outs.has(&phone::bare(number))
    }

    /// What was sent of this choice, oldest first.
    pub fn sent<'o>(&'o self, choice: &'o Choice) -> impl Iterator<Item = &'o Sent> {
        self.log.chosen(choice)
    }

    /// All that was sent, oldest first.
    pub fn all_sent(&self) -> impl Iterator<Item = &Sent> {
        self.log.all()
    }

    /// What was sent under a key, until it is forgotten.
    pub fn sent_by_key(&self, key: u64) -> Option<&Sent> {
        self.log.get(key)
    }

    /// The places of all documents that state holds, each under a key that `relocate` understands.
    pub fn places(&self, visit: &mut dyn FnMut(u64, Place)) {
        self.log.places(visit);
    }

    /// Notes that a document was settled elsewhere; false if it was forgotten meanwhile, or has moved.
    pub fn relocate(&mut self, key: u64, from: Place, to: Place) -> bool {
        self.log.relocate(key, from, to)
    }

    fn keep(&mut self, at: Stamp, letter: &Letter<'_>) {
        self.log.add(Sent {
            key: 0,
            kind: letter.kind,
            id: letter.id.to_string(),
            to: letter.to.to_string(),
            time: at.time,
            place: letter.body.at(at.offset),
        });
    }

    fn send(&mut self, at: Stamp, send: &Send<'_>) {
        self.spend.add(send.price, at.time);
        self.keep(at, &send.letter);
    }
}

impl Machine for Outreach {
    type Command<'a> = Command<'a>;
    type Outcome = Outcome;

    fn apply(&mut self, at: Stamp, command: Command<'_>, _: &mut Effects) -> Outcome {
        self.advance(at.time);
        match command {
            Command::PutApplication(application) => self.applications.put(*application),
            Command::RemoveApplication(number) => {
                self.applications.remove(number);
                self.endpoints.remove_all_of(number);
            }
            Command::PutEndpoint(endpoint) => self.endpoints.put(*endpoint),
            Command::RemoveEndpoint(id) => self.endpoints.remove(id),
            Command::SetSmsAttributes(attributes) => {
                for (attribute, value) in attributes {
                    self.sms.set(attribute, value);
                }
            }
            Command::OptOut(number) => self.opt_outs.opt_out(phone::bare(&number)),
            Command::OptIn(number) => self.opt_outs.opt_in(&phone::bare(&number), at.time),
            Command::AddSandboxNumber {
                number,
                password,
                letter,
            } => {
                self.sandbox.add(&number, &password, at.time);
                self.keep(at, &letter);
            }
            Command::VerifySandboxNumber(number) => self.sandbox.verify(&number),
            Command::RemoveSandboxNumber(number) => self.sandbox.remove(&number),
            Command::SetSandbox(on) => self.sandbox.is_on = on,
            Command::Send(send) => self.send(at, &send),
            Command::ForgetSent(choice) => return Outcome::Forgotten(self.log.forget(&choice)),
        }
        Outcome::Done
    }

    fn advance(&mut self, now: Time) {
        self.now = self.now.max(now);
        self.opt_outs.advance(self.now);
    }

    /// Time alone changes nothing that anybody waits for.
    fn wakes_at(&self) -> Option<Time> {
        None
    }
}
