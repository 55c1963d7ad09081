//! What takes too many messages for a scenario: the limit of messages in flight (spec 5.5), and that a queue costs
//! what is in it.

use domain::{Effects, Machine as _, Offset, Seconds, Stamp, Time};

use super::world::{START, config, outgoing, snapshot};
use crate::command::Receive;
use crate::outcome::{HandleFate, Outcome, Received};
use crate::{Command, IN_FLIGHT_MAX, Queue};

fn apply(queue: &mut Queue, command: Command<'_>) -> Outcome {
    apply_at(queue, START, command)
}

fn apply_at(queue: &mut Queue, time: Time, command: Command<'_>) -> Outcome {
    let at = Stamp {
        time,
        offset: Offset::ZERO,
    };
    queue.apply(at, command, &mut Effects::default())
}

fn receive(queue: &mut Queue, max: u16) -> Received {
    receive_at(queue, START, max)
}

fn receive_at(queue: &mut Queue, time: Time, max: u16) -> Received {
    let command = Command::Receive(Receive {
        max,
        visibility: Some(Seconds(43_200)),
        attempt: None,
        dead_letter_open: false,
    });
    let Outcome::Received(received) = apply_at(queue, time, command) else {
        panic!("a receive is answered by what was received");
    };
    received
}

/// A queue with 120,002 messages, 119,999 of them in flight and the others in groups of their own.
fn nearly_full(fifo: bool) -> Queue {
    let mut queue = Queue::new(config("q", fifo, START), [0; 16]);
    for n in 0..IN_FLIGHT_MAX + 2 {
        let group = match n {
            0..60_000 => "g".to_owned(),
            60_000..119_999 => "h".to_owned(),
            _ => n.to_string(),
        };
        apply(
            &mut queue,
            Command::Send(vec![outgoing([0; 16], "x", Some(&group), None)]),
        );
    }
    for max in [60_000, 59_999] {
        assert_eq!(receive(&mut queue, max).messages.len(), usize::from(max));
    }
    queue
}

#[test]
fn a_queue_with_120_000_messages_in_flight_gives_no_more_and_only_a_standard_one_complains() {
    for fifo in [false, true] {
        let mut queue = nearly_full(fifo);
        let last = receive(&mut queue, 10);
        assert_eq!((last.messages.len(), last.over_limit), (1, false));
        assert_eq!((queue.over_limit(), queue.receivable()), (!fifo, false));
        let none = receive(&mut queue, 10);
        assert_eq!((none.messages.len(), none.over_limit), (0, !fifo));
        let deleted = apply(&mut queue, Command::Delete(vec![last.messages[0].handle]));
        assert_eq!(deleted, Outcome::Deleted(vec![HandleFate::Done]));
        assert_eq!(receive(&mut queue, 10).messages.len(), 1);
    }
}

#[test]
fn a_queue_remembers_nothing_of_what_passed_through() {
    for fifo in [false, true] {
        let mut queue = Queue::new(config("q", fifo, START), [0; 16]);
        let mut sizes = Vec::new();
        for round in 0..3 {
            for n in 0..1000 * round {
                let name = format!("{round}-{n}");
                let message = outgoing([0; 16], "x", Some(&name), fifo.then_some(&name));
                let time = START.after(Seconds(round * 1000));
                apply_at(&mut queue, time, Command::Send(vec![message]));
                for delivery in receive_at(&mut queue, time, 10).messages {
                    apply_at(&mut queue, time, Command::Delete(vec![delivery.handle]));
                }
            }
            queue.advance(START.after(Seconds(round * 1000 + 300)));
            assert_eq!(queue.wakes_at(), None);
            sizes.push(snapshot(&queue).len());
        }
        assert_eq!(sizes, [sizes[0]; 3]);
    }
}
