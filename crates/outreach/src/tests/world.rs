//! An account, its journal, and a clock that only the test moves.

use api::sns::{CreatePlatformApplicationInput, CreatePlatformEndpointInput};
use domain::{Body, Effects, Machine as _, Offset, Place, Seconds, Stamp, Time};
use serde_json::{Value, json};

use crate::command::Command;
use crate::deliver::{Delivery, Failure, Message, Push, Sms, deliver_push, deliver_sms};
use crate::op::samples::{home, map};
use crate::op::{Plan, create_platform_application, create_platform_endpoint};
use crate::outreach::Outreach;
use crate::sent::{Choice, Kind};
use crate::spend::MicroUsd;

/// Bytes before the command in each record, as the engine has them.
const HEADER: usize = 5;
pub(super) const START: Time = Time::from_seconds(1_700_000_000);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    Plain,
    /// After each command the state is put away as a snapshot and restored.
    Restored,
}

pub(super) struct World {
    pub(super) now: Time,
    pub(super) outreach: Outreach,
    way: Way,
    /// Every record, at its offset.
    records: Vec<Vec<u8>>,
    stamps: Vec<Stamp>,
    ids: u8,
}

/// Runs a story in every way.
pub(super) fn told(story: impl Fn(&mut World)) {
    for way in [Way::Plain, Way::Restored] {
        let mut world = World::new(way);
        story(&mut world);
        world.check_replay();
    }
}

pub(super) fn snapshot(outreach: &Outreach) -> Vec<u8> {
    let mut bytes = Vec::new();
    outreach.snapshot(&mut bytes);
    bytes
}

/// A message as a Publish straight to its receiver brings it.
pub(super) fn direct(text: &str) -> Message<'_> {
    Message {
        id: "3c6e6a33-0000-4000-8000-000000000000",
        published: START,
        topic_arn: None,
        subscription_arn: None,
        message: text,
        json: false,
        subject: None,
        attributes: None,
    }
}

/// Message attributes of type String in request form.
pub(super) fn attributes(pairs: &[(&str, &str)]) -> String {
    let pairs = pairs.iter().map(|(name, value)| {
        let value = json!({"DataType": "String", "StringValue": value});
        ((*name).to_owned(), value)
    });
    Value::Object(pairs.collect()).to_string()
}

impl World {
    fn new(way: Way) -> World {
        World {
            now: START,
            outreach: Outreach::new(home(), START),
            way,
            records: Vec::new(),
            stamps: Vec::new(),
            ids: 0,
        }
    }

    pub(super) fn pass(&mut self, seconds: u32) {
        self.now = self.now.after(Seconds(seconds));
        self.outreach.advance(self.now);
    }

    pub(super) fn id(&mut self) -> [u8; 16] {
        self.ids += 1;
        [self.ids; 16]
    }

    pub(super) fn apply(&mut self, command: &Command<'_>) {
        let mut record = vec![0xee; HEADER];
        command.encode(&mut record);
        let at = Stamp {
            time: self.now,
            offset: Offset(self.records.len() as u64),
        };
        let command = Command::decode_at(&record, HEADER).unwrap();
        self.outreach.apply(at, command, &mut Effects::default());
        self.records.push(record);
        self.stamps.push(at);
        if self.way == Way::Restored {
            let bytes = snapshot(&self.outreach);
            self.outreach = Outreach::restore(&bytes).unwrap();
            assert_eq!(snapshot(&self.outreach), bytes);
        }
    }

    pub(super) fn carry_out<K>(&mut self, plan: Plan<K>) -> K {
        if let Some(command) = &plan.command {
            self.apply(command);
        }
        plan.keep
    }

    fn check_replay(&self) {
        let mut again = Outreach::new(home(), START);
        for (record, at) in self.records.iter().zip(&self.stamps) {
            let command = Command::decode_at(record, HEADER).unwrap();
            again.apply(*at, command, &mut Effects::default());
        }
        again.advance(self.now);
        assert_eq!(snapshot(&again), snapshot(&self.outreach));
    }

    pub(super) fn application(
        &mut self,
        platform: &'static str,
        attributes: &[(&'static str, &'static str)],
    ) -> String {
        let mut all = vec![("PlatformPrincipal", "p"), ("PlatformCredential", "c")];
        all.extend_from_slice(attributes);
        let input = CreatePlatformApplicationInput {
            name: Some("shop".into()),
            platform: Some(platform.into()),
            attributes: map(&all),
        };
        let plan = create_platform_application::prepare(&self.outreach, &input).unwrap();
        self.carry_out(plan)
    }

    pub(super) fn endpoint(&mut self, application: &str, token: &str) -> String {
        let id = self.id();
        let input = CreatePlatformEndpointInput {
            platform_application_arn: Some(application.to_owned().into()),
            token: Some(token.to_owned().into()),
            ..CreatePlatformEndpointInput::default()
        };
        let (outreach, now) = (&self.outreach, self.now);
        let plan = create_platform_endpoint::prepare(outreach, now, &mut || id, &input).unwrap();
        self.carry_out(plan)
    }

    pub(super) fn push(
        &mut self,
        endpoint_arn: &str,
        message: Message<'_>,
    ) -> Result<Delivery, Box<Failure>> {
        let push = Push {
            message,
            endpoint_arn,
            dice: 50,
            delivery_id: self.id(),
        };
        let delivery = deliver_push(&self.outreach, self.now, &push)?;
        self.apply(&delivery.command);
        Ok(delivery)
    }

    pub(super) fn sms(
        &mut self,
        phone_number: &str,
        message: Message<'_>,
    ) -> Result<Delivery, Box<Failure>> {
        self.sms_at(phone_number, message, MicroUsd(0))
    }

    pub(super) fn sms_at(
        &mut self,
        phone_number: &str,
        message: Message<'_>,
        part_price: MicroUsd,
    ) -> Result<Delivery, Box<Failure>> {
        let sms = Sms {
            message,
            phone_number,
            part_price,
            dice: 50,
        };
        let delivery = deliver_sms(&self.outreach, self.now, &sms)?;
        self.apply(&delivery.command);
        Ok(delivery)
    }

    /// The bytes that a place names.
    pub(super) fn read(&self, place: Place) -> &str {
        let body = Body {
            at: place.at,
            len: place.len,
        };
        std::str::from_utf8(body.of(&self.records[place.offset.0 as usize])).unwrap()
    }

    pub(super) fn documents(&self, choice: &Choice) -> Vec<&str> {
        let sent = self.outreach.sent(choice);
        sent.map(|sent| self.read(sent.place)).collect()
    }

    /// What left last of a kind.
    pub(super) fn last_left(&self, kind: Kind) -> Value {
        let document = *self.documents(&Choice::all(kind)).last().unwrap();
        let mut document: Value = serde_json::from_str(document).unwrap();
        document["Left"].take()
    }

    pub(super) fn count(&self, kind: Kind) -> usize {
        self.outreach.sent(&Choice::all(kind)).count()
    }
}
