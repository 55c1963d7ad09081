//! Bytes that nobody encoded, and the round trip of those that were.

use domain::bytes::{Malformed, Take};
use domain::{Arn, Body, Offset, Seconds, Time};

use super::model::Dice;
use super::world::{Way, World, arn, config, outgoing, snapshot};
use crate::command::{Accept, Accepted, Handle, Receive, StartMove, StepMove};
use crate::config::{DedupScope, Redrive, RedriveAllow, ThroughputLimit};
use crate::message::{Attribute, Value};
use crate::{Command, Config, MessageId, Payload, Queue};

fn every_setting() -> Config {
    Config {
        policy: Some("{}".to_owned()),
        redrive: Some(Redrive {
            dead_letter: arn("dead"),
            max_receives: 5,
        }),
        redrive_allow: Some(RedriveAllow::Queues(vec![arn("a"), arn("b")])),
        kms_key: Some("alias/aws/sqs".to_owned()),
        managed_sse: false,
        content_dedup: true,
        dedup_scope: DedupScope::MessageGroup,
        dedup_scope_before: Some((DedupScope::Queue, Time::from_millis(7))),
        throughput: ThroughputLimit::PerMessageGroupId,
        tags: vec![
            ("a".to_owned(), String::new()),
            ("b".to_owned(), "1".to_owned()),
        ],
        ..config("q.fifo", true, Time::from_millis(5))
    }
}

fn handle(sequence: u64) -> Handle {
    Handle {
        slot: 3,
        sequence,
        receive: 2,
    }
}

/// A command of each kind; an accepted message's deduplication id is its own id.
fn commands(dedup: &str) -> Vec<Command<'_>> {
    let mut message = outgoing([1; 16], "body", Some("g"), Some("d"));
    message.payload.attributes = vec![Attribute {
        name: "n",
        data_type: "Binary.x",
        value: Value::Binary(&[0, 1, 255]),
    }];
    message.payload.attributes_md5 = Some([9; 16]);
    message.payload.trace_header = Some("Root=1");
    message.delay = Some(Seconds(900));
    let accept = |kind| {
        Command::Accept(Accept {
            from: arn("source"),
            incarnation: 1,
            sequence: 9,
            payload: Payload {
                dedup: Some(dedup),
                ..message.payload.clone()
            },
            body: Body::default(),
            kind,
        })
    };
    vec![
        Command::Configure(Box::new(every_setting())),
        Command::Configure(Box::new(config("q", false, Time::ZERO))),
        Command::Send(vec![message.clone(), outgoing([2; 16], "", None, None)]),
        Command::Receive(Receive {
            max: 10,
            visibility: Some(Seconds(0)),
            attempt: Some("x"),
            dead_letter_open: true,
        }),
        Command::Delete(vec![handle(1), handle(u64::MAX)]),
        Command::ChangeVisibility(vec![(handle(1), Seconds(43_200))]),
        Command::Purge,
        Command::StartMove(StartMove {
            task: [4; 16],
            destination: Some(arn("other")),
            rate: Some(500),
        }),
        Command::StartMove(StartMove {
            task: [4; 16],
            destination: None,
            rate: None,
        }),
        Command::CancelMove([4; 16]),
        Command::StepMove(StepMove {
            missing: vec![arn("gone")],
        }),
        accept(Accepted::DeadLetter {
            sent: Time::from_millis(3),
            receives: 4,
        }),
        accept(Accepted::Redriven),
        Command::Delivered(7),
        Command::Returned(8),
    ]
}

/// Without the bodies' places, which decoding fills in.
fn without_places(mut command: Command<'_>) -> Command<'_> {
    if let Command::Send(messages) = &mut command {
        for message in messages {
            message.body = Body::default();
        }
    } else if let Command::Accept(accept) = &mut command {
        accept.body = Body::default();
    }
    command
}

#[test]
fn every_command_survives_its_encoding() {
    let dedup = MessageId([1; 16]).to_string();
    for command in commands(&dedup) {
        let mut record = Vec::new();
        command.encode(&mut record);
        assert_eq!(without_places(Command::decode(&record).unwrap()), command);
        for len in 0..record.len() {
            assert!(
                Command::decode(&record[..len]).is_err(),
                "{command:?} cut to {len} bytes"
            );
        }
        record.push(0);
        assert!(
            Command::decode(&record).is_err(),
            "{command:?} and a byte more"
        );
    }
}

#[test]
fn a_bodys_place_counts_from_the_start_of_its_record() {
    let message = outgoing([1; 16], "body", None, None);
    let mut record = b"header".to_vec();
    Command::Send(vec![message.clone(), message.clone()]).encode(&mut record);
    let Ok(Command::Send(sent)) = Command::decode_at(&record, 6) else {
        panic!("a send decodes as a send");
    };
    for one in &sent {
        assert_eq!(
            Payload::decode(one.body.of(&record)),
            Ok(message.payload.clone())
        );
        let place = one.body.at(Offset(77));
        assert_eq!(
            (place.offset, place.at, place.len),
            (Offset(77), one.body.at, one.body.len)
        );
    }
    assert!(sent[0].body.at + sent[0].body.len < sent[1].body.at);
    assert!(Command::decode_at(&record, record.len() + 1).is_err());
}

#[test]
fn a_configuration_survives_its_encoding() {
    let every = every_setting();
    let mut bytes = Vec::new();
    every.encode(&mut bytes);
    let mut take = Take::new(&bytes);
    assert_eq!(Config::decode(&mut take), Ok(every));
    assert!(take.is_empty());
}

#[test]
fn an_accepted_message_is_deduplicated_by_its_own_id() {
    let target = Queue::new(config("dead.fifo", true, Time::ZERO), [0; 16]);
    let mut payload = Vec::new();
    outgoing([1; 16], "body", Some("g"), Some("d"))
        .payload
        .encode(&mut payload);
    let kinds = [
        (Accepted::Redriven, [5; 16]),
        (
            Accepted::DeadLetter {
                sent: Time::ZERO,
                receives: 1,
            },
            [1; 16],
        ),
    ];
    for (kind, id) in kinds {
        let command = target.accept(&arn("q.fifo"), 0, 1, &kind.encode(), &payload, [5; 16]);
        let mut record = Vec::new();
        command.unwrap().encode(&mut record);
        let Ok(Command::Accept(accept)) = Command::decode(&record) else {
            panic!("an accept decodes as an accept");
        };
        assert_eq!(accept.payload.id, MessageId(id));
        assert_eq!(
            accept.payload.dedup,
            Some(MessageId(id).to_string().as_str())
        );
    }
}

#[test]
fn an_item_that_is_none_is_refused() {
    let target = Queue::new(config("q", false, Time::ZERO), [0; 16]);
    let mut payload = Vec::new();
    outgoing([1; 16], "body", None, None)
        .payload
        .encode(&mut payload);
    let from: Arn = arn("x");
    let accept = |about: &[u8], payload| {
        target
            .accept(&from, 0, 1, about, payload, [0; 16])
            .map(|_| ())
    };
    assert_eq!(accept(&[2], &payload), Ok(()));
    assert_eq!(accept(&[], &payload), Err(Malformed("it ends too early")));
    assert!(accept(&[9], &payload).is_err());
    assert!(accept(&[2, 0], &payload).is_err());
    assert!(accept(&[2], &payload[1..]).is_err());
}

#[test]
fn garbage_never_decodes_to_a_panic() {
    let mut dice = Dice::new(1);
    let dedup = MessageId([1; 16]).to_string();
    let mut records = Vec::new();
    for command in commands(&dedup) {
        let mut record = Vec::new();
        command.encode(&mut record);
        records.push(record);
    }
    for _ in 0..5_000 {
        let mut record = records[dice.roll(records.len() as u64) as usize].clone();
        for _ in 0..=dice.roll(4) {
            let at = dice.roll(record.len() as u64) as usize;
            record[at] = dice.roll(256) as u8;
        }
        record.truncate(1 + dice.roll(record.len() as u64) as usize);
        if let Ok(command) = Command::decode(&record) {
            let mut again = Vec::new();
            without_places(command).encode(&mut again);
        }
        let noise: Vec<u8> = (0..dice.roll(60)).map(|_| dice.roll(256) as u8).collect();
        assert!(Command::decode(&noise).is_err() || noise.len() >= 9 || noise == [6]);
    }
}

/// A queue with something in every part of its state.
fn busy_queue(fifo: bool) -> Queue {
    let mut world = World::new(Way::Plain);
    let mut first = config("q", fifo, world.now);
    first.redrive = Some(Redrive {
        dead_letter: arn("q"),
        max_receives: 1,
    });
    world.create(first);
    world.courier = false;
    for n in 0..30 {
        let id = world.id();
        let (body, group) = (format!("{n}"), format!("{}", n % 7));
        let mut message = outgoing(id, &body, Some(&group), fifo.then_some(&body));
        message.delay = Some(Seconds(n % 3));
        world.apply("q", &Command::Send(vec![message]));
    }
    let receive = |max, attempt| {
        Command::Receive(Receive {
            max,
            visibility: Some(Seconds(1)),
            attempt,
            dead_letter_open: true,
        })
    };
    for _ in 0..8 {
        world.apply("q", &receive(4, None));
        world.now = world.now.after(Seconds(1));
    }
    world.courier = true;
    world.carry();
    world.courier = false;
    world.apply("q", &receive(40, Some("x")));
    world.apply(
        "q",
        &Command::StartMove(StartMove {
            task: [7; 16],
            destination: None,
            rate: Some(1),
        }),
    );
    world.queues.remove("q").unwrap()
}

#[test]
fn a_damaged_snapshot_never_restores_to_a_panic() {
    let mut dice = Dice::new(2);
    for fifo in [false, true] {
        let bytes = snapshot(&busy_queue(fifo));
        assert!(Queue::restore(&bytes).is_ok());
        for len in 0..bytes.len() {
            assert!(Queue::restore(&bytes[..len]).is_err());
        }
        for _ in 0..150 {
            let mut damaged = bytes.clone();
            let at = dice.roll(damaged.len() as u64) as usize;
            damaged[at] = dice.roll(256) as u8;
            let _ = Queue::restore(&damaged);
        }
    }
}

#[test]
fn settling_moves_every_body_once_and_never_a_younger_one() {
    for fifo in [false, true] {
        let mut queue = busy_queue(fifo);
        let mut held = Vec::new();
        queue.places(&mut |key, place| held.push((key, place)));
        assert!(queue.outbox().count() > 0);
        for (nth, &(key, place)) in held.iter().enumerate() {
            let to = domain::Place::settled(4, nth as u32, place.len);
            assert!(queue.relocate(key, place, to));
            assert!(
                !queue.relocate(key, place, to),
                "its body is elsewhere already"
            );
        }
        assert!(!queue.relocate(u64::MAX, held[0].1, held[0].1));
        assert!(
            queue
                .outbox()
                .all(|deliver| deliver.item.place.segment() == Some(4))
        );
        queue.places(&mut |_, place| assert_eq!(place.segment(), Some(4)));
        assert!(
            queue
                .peek(true, true)
                .iter()
                .all(|peeked| peeked.place.segment() == Some(4))
        );
    }
}
