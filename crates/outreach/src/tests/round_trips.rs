//! Commands and snapshots are what they were once they are read again, and nothing else is taken for one.

use domain::Body;
use proptest::prelude::*;

use super::world::{direct, snapshot, told};
use crate::application::{Application, Setting};
use crate::command::{Command, Letter, Send};
use crate::endpoint::Endpoint;
use crate::id::Id;
use crate::op::samples::{NOW, apply, home};
use crate::outreach::Outreach;
use crate::platform::Platform;
use crate::secret::Secret;
use crate::sent::{Choice, Kind};
use crate::sms_attributes::SmsAttribute;
use crate::spend::MicroUsd;

fn letter(kind: Kind) -> Letter<'static> {
    Letter {
        kind,
        id: "id".into(),
        to: "+1555".into(),
        document: "{\"Asked\":{}}".into(),
        body: Body::default(),
    }
}

/// A command of each kind.
fn commands() -> Vec<Command<'static>> {
    vec![
        Command::PutApplication(Box::new(Application {
            number: 3,
            platform: Platform::ApnsVoipSandbox,
            name: "shop".to_owned(),
            enabled: false,
            principal: Some(Secret::new("p")),
            credential: None,
            settings: vec![
                (Setting::EventEndpointUpdated, "arn".to_owned()),
                (Setting::ApplePlatformBundleId, "com.shop".to_owned()),
            ],
        })),
        Command::RemoveApplication(3),
        Command::PutEndpoint(Box::new(Endpoint {
            id: Id::of([9; 16]),
            application: 3,
            number: 1 << 40,
            token: "t".to_owned(),
            custom_user_data: Some(String::new()),
            enabled: false,
        })),
        Command::RemoveEndpoint(Id::of([9; 16])),
        Command::SetSmsAttributes(vec![
            (SmsAttribute::DefaultSmsType, "Promotional".to_owned()),
            (SmsAttribute::MonthlySpendLimit, String::new()),
        ]),
        Command::OptOut("+1".to_owned()),
        Command::OptIn("+2".to_owned()),
        Command::AddSandboxNumber {
            number: "+3".to_owned(),
            password: "012345".to_owned(),
            letter: letter(Kind::Sms),
        },
        Command::VerifySandboxNumber("+4".to_owned()),
        Command::RemoveSandboxNumber("+5".to_owned()),
        Command::SetSandbox(true),
        Command::Send(Send {
            price: MicroUsd(6450),
            letter: letter(Kind::Push),
        }),
        Command::ForgetSent(Choice {
            kind: Kind::Mail,
            to: Some("a@b".to_owned()),
            id: Some("id".to_owned()),
        }),
        Command::ForgetSent(Choice::all(Kind::Sms)),
    ]
}

/// Places are given by reading.
fn without_place(mut command: Command<'_>) -> Command<'_> {
    if let Command::Send(Send { letter, .. }) | Command::AddSandboxNumber { letter, .. } =
        &mut command
    {
        letter.body = Body::default();
    }
    command
}

#[test]
fn a_command_is_the_same_once_it_is_read_again() {
    for command in commands() {
        let mut bytes = Vec::new();
        command.encode(&mut bytes);
        let read = Command::decode(&bytes).unwrap();
        assert_eq!(without_place(read), command);
    }
}

#[test]
fn a_document_is_found_where_the_command_says() {
    let command = Command::Send(Send {
        price: MicroUsd(0),
        letter: letter(Kind::Mail),
    });
    let mut record = vec![0; 7];
    command.encode(&mut record);
    let Ok(Command::Send(send)) = Command::decode_at(&record, 7) else {
        panic!("it is a Send");
    };
    assert_eq!(
        send.letter.body.of(&record),
        send.letter.document.as_bytes()
    );
}

#[test]
fn a_command_cut_short_or_followed_by_more_is_none() {
    for command in commands() {
        let mut bytes = Vec::new();
        command.encode(&mut bytes);
        for len in 0..bytes.len() {
            assert!(Command::decode(&bytes[..len]).is_err());
        }
        bytes.push(0);
        assert!(Command::decode(&bytes).is_err());
    }
    assert!(Command::decode(&[14]).is_err());
}

#[test]
fn a_snapshot_cut_short_or_of_another_version_is_none() {
    told(|world| {
        let application = world.application("APNS", &[("SuccessFeedbackSampleRate", "7")]);
        let endpoint = world.endpoint(&application, "t");
        world.push(&endpoint, direct("hello")).unwrap();
        for command in commands() {
            if matches!(
                command,
                Command::PutEndpoint(_) | Command::PutApplication(_)
            ) {
                continue;
            }
            world.apply(&command);
        }
        let bytes = snapshot(&world.outreach);
        for len in 0..bytes.len() {
            assert!(Outreach::restore(&bytes[..len]).is_err(), "{len}");
        }
        let mut longer = bytes.clone();
        longer.push(0);
        assert!(Outreach::restore(&longer).is_err());
        let mut other = bytes;
        other[0] += 1;
        assert!(Outreach::restore(&other).is_err());
    });
}

#[test]
fn a_document_that_moved_is_found_where_it_is_now() {
    told(|world| {
        world.sms("+15550100000", direct("a")).unwrap();
        let mut places = Vec::new();
        world
            .outreach
            .places(&mut |key, place| places.push((key, place)));
        let [(key, from)] = places[..] else {
            panic!("one document lies somewhere");
        };
        assert!(world.read(from).contains("\"Message\":\"a\""));
        let to = domain::Place::settled(3, 9, from.len);
        assert!(!world.outreach.relocate(key, to, from));
        assert!(world.outreach.relocate(key, from, to));
        let all = Choice::all(Kind::Sms);
        assert_eq!(world.outreach.sent(&all).next().unwrap().place, to);
        assert!(world.outreach.relocate(key, to, from));
    });
}

/// A state with something of everything.
fn full() -> Outreach {
    let mut outreach = Outreach::new(home(), NOW);
    for command in commands() {
        let gone = matches!(
            command,
            Command::RemoveApplication(_) | Command::RemoveEndpoint(_) | Command::ForgetSent(_)
        );
        if !gone {
            apply(&mut outreach, NOW, &command);
        }
    }
    outreach
}

proptest! {
    #[test]
    fn damage_is_told_and_does_not_bring_anything_down(
        at in any::<prop::sample::Index>(),
        byte in any::<u8>(),
        noise in prop::collection::vec(any::<u8>(), 0..64),
    ) {
        let mut bytes = snapshot(&full());
        let len = bytes.len();
        bytes[at.index(len)] = byte;
        if let Ok(outreach) = Outreach::restore(&bytes) {
            let again = snapshot(&outreach);
            prop_assert!(Outreach::restore(&again).is_ok());
        }
        if let Ok(command) = Command::decode(&noise) {
            let mut encoded = Vec::new();
            command.encode(&mut encoded);
            prop_assert_eq!(Command::decode(&encoded), Ok(command));
        }
    }
}
