//! The limit of messages in flight (spec 5.5), which takes too many messages for a scenario.

use domain::{Effects, Machine as _, Offset, Seconds, Stamp};

use super::world::{START, config, outgoing};
use crate::command::Receive;
use crate::outcome::{HandleFate, Outcome, Received};
use crate::{Command, IN_FLIGHT_MAX, Queue};

fn apply(queue: &mut Queue, command: Command<'_>) -> Outcome {
    let at = Stamp {
        time: START,
        offset: Offset::ZERO,
    };
    queue.apply(at, command, &mut Effects::default())
}

fn receive(queue: &mut Queue, max: u16) -> Received {
    let command = Command::Receive(Receive {
        max,
        visibility: Some(Seconds(43_200)),
        attempt: None,
        dead_letter_open: false,
    });
    let Outcome::Received(received) = apply(queue, command) else {
        panic!("a receive is answered by what was received");
    };
    received
}

/// A queue with 120,002 messages, each in a group of its own, and 119,999 of them in flight.
fn nearly_full(fifo: bool) -> Queue {
    let mut queue = Queue::new(config("q", fifo, START), [0; 16]);
    for n in 0..IN_FLIGHT_MAX + 2 {
        let group = n.to_string();
        apply(&mut queue, Command::Send(vec![outgoing([0; 16], "x", Some(&group), None)]));
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
