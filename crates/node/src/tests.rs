//! The node as a caller sees it, on a disk in memory and a clock that moves only when told.

mod logs;
mod status;
mod topics;

use std::sync::Arc;

use api::sqs::{
    CreateQueueRequest, DeleteMessageRequest, DeleteQueueRequest, GetQueueAttributesRequest,
    ListMessageMoveTasksRequest, Message, ReceiveMessageRequest, Reply, Request,
    SendMessageRequest, StartMessageMoveTaskRequest,
};
use domain::{AccountId, Region, Time};
use engine::{CellOptions, Clock};
use journal::{FlusherKind, MemoryDisk};
use parking_lot::Mutex;

use crate::{Answer, Caller, ClockChange, Node, Options, Overrides, Step, Ticket};

struct House {
    disk: Arc<MemoryDisk>,
    cells: usize,
    node: Node,
}

type Mailbox = Arc<Mutex<Option<Answer>>>;

fn caller() -> Caller<'static> {
    Caller {
        account: AccountId::DEFAULT,
        region: Region::default(),
        sender: "000000000000",
        host: "localhost:4566",
        trace: None,
        overrides: Overrides::default(),
        query_protocol: false,
        signed: true,
    }
}

impl House {
    fn new(cells: usize) -> House {
        House::on(
            Arc::new(MemoryDisk::new()),
            cells,
            Time::from_seconds(1_000_000),
        )
    }

    fn on(disk: Arc<MemoryDisk>, cells: usize, now: Time) -> House {
        let options = Options {
            cells,
            flusher: FlusherKind::Stepped,
            cell: CellOptions {
                settle_bytes: 64 << 10,
                tail_bytes: 16 << 10,
                ..CellOptions::default()
            },
            ..Options::default()
        };
        let clock = Arc::new(Clock::manual(now));
        let node = Node::open(disk.clone(), clock, Arc::new(crate::NoSigner), options)
            .unwrap()
            .node;
        House { disk, cells, node }
    }

    /// As kill -9 does it: nothing is closed, nothing is flushed.
    fn restart(self) -> House {
        let now = self.node.clock_face().now;
        let House { disk, cells, node } = self;
        drop(node);
        House::on(disk, cells, now)
    }

    fn flush(&self) {
        for _ in 0..4 {
            for cell in 0..self.cells {
                self.node.seal(cell);
                self.node.poll(cell);
            }
        }
    }

    /// Calls and lets nothing be flushed.
    fn begin(&self, request: &Request<'_>) -> Result<Answer, (Ticket, Mailbox)> {
        let caller = caller();
        let mailbox = Mailbox::default();
        let theirs = mailbox.clone();
        let mut park = || -> Box<dyn FnOnce(Answer) + Send> {
            let theirs = theirs.clone();
            Box::new(move |answer| *theirs.lock() = Some(answer))
        };
        let request = api::Request::Sqs(request.clone());
        match self.node.call(&caller, &request, &mut park) {
            Step::Answer(answer) => Ok(answer),
            Step::Parked(ticket) => Err((ticket, mailbox)),
        }
    }

    fn step(&self, request: &Request<'_>) -> Result<Reply<'static>, (Ticket, Mailbox)> {
        self.begin(request)
            .map(|answer| self.release(answer).unwrap())
    }

    /// Waits as a connection would, and checks that the waits come to an end.
    fn release(&self, answer: Answer) -> Result<Reply<'static>, api::Error> {
        self.flush();
        for wait in &answer.after {
            assert!(self.node.reached(*wait), "{wait:?}");
        }
        if let Some(cell) = answer.carry {
            self.node.carry(cell);
        }
        answer.result.map(|reply| match reply {
            api::Reply::Sqs(reply) => reply,
            other @ (api::Reply::Sns(_) | api::Reply::Logs(_)) => {
                panic!("{other:?} is no answer of SQS")
            }
        })
    }

    fn call(&self, request: Request<'_>) -> Reply<'static> {
        self.step(&request)
            .unwrap_or_else(|_| panic!("{request:?} waits"))
    }

    fn create(&self, name: &str, attributes: &[(&str, &str)]) {
        let attributes = attributes
            .iter()
            .map(|&(k, v)| (k.to_owned().into(), v.to_owned().into()));
        self.call(Request::CreateQueue(CreateQueueRequest {
            queue_name: Some(name.to_owned().into()),
            attributes: Some(attributes.collect()),
            ..Default::default()
        }));
    }

    fn dead_letters(&self, source: &str, target: &str, max_receives: u32) {
        self.create(target, &[]);
        let policy = format!(
            r#"{{"deadLetterTargetArn":"{}","maxReceiveCount":{max_receives}}}"#,
            arn(target)
        );
        self.create(
            source,
            &[("RedrivePolicy", &policy), ("VisibilityTimeout", "0")],
        );
    }

    fn send(&self, queue: &str, body: &str) {
        self.call(Request::SendMessage(SendMessageRequest {
            queue_url: Some(queue.to_owned().into()),
            message_body: Some(body.to_owned().into()),
            ..Default::default()
        }));
    }

    fn ask(
        &self,
        queue: &str,
        max: i32,
        wait: i32,
    ) -> Result<Vec<Message<'static>>, (Ticket, Mailbox)> {
        let reply = self.step(&Request::ReceiveMessage(ReceiveMessageRequest {
            queue_url: Some(queue.to_owned().into()),
            max_number_of_messages: Some(max),
            wait_time_seconds: Some(wait),
            message_system_attribute_names: Some(vec!["All".into()]),
            ..Default::default()
        }))?;
        Ok(messages(reply))
    }

    fn receive(&self, queue: &str) -> Vec<String> {
        bodies(
            &self
                .ask(queue, 10, 0)
                .unwrap_or_else(|_| panic!("a short poll never waits")),
        )
    }

    fn visible(&self, queue: &str) -> String {
        let reply = self.call(Request::GetQueueAttributes(GetQueueAttributesRequest {
            queue_url: Some(queue.to_owned().into()),
            attribute_names: Some(vec!["ApproximateNumberOfMessages".into()]),
        }));
        let Reply::GetQueueAttributes(result) = reply else {
            panic!("{reply:?}");
        };
        result.attributes.unwrap()[0].1.to_string()
    }

    fn advance(&self, seconds: u64) {
        let change = ClockChange {
            advance_millis: Some(seconds * 1000),
            ..ClockChange::default()
        };
        self.node.change_clock(change, &mut || false).unwrap();
        self.flush();
    }

    fn task_status(&self, queue: &str) -> (String, i64) {
        let reply = self.call(Request::ListMessageMoveTasks(ListMessageMoveTasksRequest {
            source_arn: Some(arn(queue).into()),
            ..Default::default()
        }));
        let Reply::ListMessageMoveTasks(result) = reply else {
            panic!("{reply:?}");
        };
        let task = &result.results.unwrap()[0];
        let status = task.status.clone().unwrap().into_owned();
        (
            status,
            task.approximate_number_of_messages_moved.unwrap_or(0),
        )
    }
}

fn arn(queue: &str) -> String {
    format!("arn:aws:sqs:us-east-1:000000000000:{queue}")
}

fn messages(reply: Reply<'static>) -> Vec<Message<'static>> {
    let Reply::ReceiveMessage(result) = reply else {
        panic!("{reply:?}");
    };
    result.messages.unwrap_or_default()
}

fn bodies(messages: &[Message<'static>]) -> Vec<String> {
    messages
        .iter()
        .map(|message| message.body.clone().unwrap().into_owned())
        .collect()
}

#[test]
fn a_message_is_sent_received_and_deleted() {
    let house = House::new(1);
    house.create("orders", &[]);
    house.send("orders", "hello");
    let received = house.ask("orders", 1, 0).unwrap_or_default();
    assert_eq!(bodies(&received), ["hello"]);
    assert_eq!(house.receive("orders"), [""; 0]);
    house.call(Request::DeleteMessage(DeleteMessageRequest {
        queue_url: Some("orders".into()),
        receipt_handle: received[0].receipt_handle.clone(),
    }));
    house.advance(60);
    assert_eq!(house.receive("orders"), [""; 0]);
    let house = house.restart();
    assert_eq!(house.receive("orders"), [""; 0]);
}

#[test]
fn what_was_answered_is_there_after_a_crash() {
    let house = House::new(3);
    for queue in ["a", "b", "c", "d"] {
        house.create(queue, &[]);
        house.send(queue, queue);
    }
    let house = house.restart();
    for queue in ["a", "b", "c", "d"] {
        assert_eq!(house.receive(queue), [queue]);
    }
}

#[test]
fn a_long_poll_is_answered_by_a_later_send() {
    let house = House::new(1);
    house.create("orders", &[]);
    let (_, mailbox) = house
        .ask("orders", 1, 20)
        .expect_err("there is nothing yet");
    assert!(mailbox.lock().is_none());
    house.send("orders", "wake up");
    let answer = mailbox.lock().take().unwrap();
    assert_eq!(
        bodies(&messages(house.release(answer).unwrap())),
        ["wake up"]
    );
}

#[test]
fn a_long_poll_wakes_when_a_visibility_timeout_ends() {
    let house = House::new(1);
    house.create("orders", &[("VisibilityTimeout", "5")]);
    house.send("orders", "again");
    assert_eq!(house.receive("orders"), ["again"]);
    let (_, mailbox) = house
        .ask("orders", 1, 20)
        .expect_err("the message is hidden");
    house.advance(4);
    assert!(mailbox.lock().is_none());
    house.advance(1);
    let answer = mailbox.lock().take().unwrap();
    assert_eq!(bodies(&messages(house.release(answer).unwrap())), ["again"]);
}

#[test]
fn a_jump_of_the_clock_ends_a_wait_before_what_comes_later() {
    let house = House::new(1);
    house.create("orders", &[("DelaySeconds", "30")]);
    house.send("orders", "in half a minute");
    let (_, mailbox) = house
        .ask("orders", 1, 20)
        .expect_err("the message is delayed");
    house.advance(3600);
    let answer = mailbox.lock().take().unwrap();
    assert_eq!(messages(house.release(answer).unwrap()).len(), 0);
    assert_eq!(house.receive("orders"), ["in half a minute"]);
}

#[test]
fn a_cancelled_poll_takes_no_message() {
    let house = House::new(1);
    house.create("orders", &[]);
    let (ticket, mailbox) = house
        .ask("orders", 1, 20)
        .expect_err("there is nothing yet");
    assert!(house.node.cancel(ticket));
    house.send("orders", "for somebody else");
    assert!(mailbox.lock().is_none());
    assert_eq!(house.receive("orders"), ["for somebody else"]);
    assert!(!house.node.cancel(ticket));
}

#[test]
fn deleting_a_queue_answers_those_who_wait_on_it() {
    let house = House::new(1);
    house.create("orders", &[]);
    let (_, mailbox) = house
        .ask("orders", 1, 20)
        .expect_err("there is nothing yet");
    house.call(Request::DeleteQueue(DeleteQueueRequest {
        queue_url: Some("orders".into()),
    }));
    let answer = mailbox.lock().take().unwrap();
    let error = house.release(answer).unwrap_err();
    assert_eq!(error.kind.shape, "QueueDoesNotExist");
}

/// Queues of one policy whose cells differ, so that every hop crosses journals.
fn apart() -> House {
    let house = House::new(7);
    house.dead_letters("source", "dead", 1);
    let cell = |name| {
        let address = crate::AddressRef {
            account: AccountId::DEFAULT,
            region: Region::default(),
            name,
        };
        crate::address::cell_of(address, 7)
    };
    assert_ne!(cell("source"), cell("dead"));
    house
}

fn together() -> House {
    let house = House::new(1);
    house.dead_letters("source", "dead", 1);
    house
}

#[test]
fn a_dead_letter_is_there_for_the_very_next_receive() {
    for house in [together(), apart()] {
        house.send("source", "poison");
        assert_eq!(house.receive("source"), ["poison"]);
        assert_eq!(house.receive("source"), [""; 0]);
        let dead = house.ask("dead", 1, 0).unwrap_or_default();
        assert_eq!(bodies(&dead), ["poison"]);
        let attributes = dead[0].attributes.clone().unwrap();
        let attribute = |name| {
            attributes
                .iter()
                .find(|(n, _)| n == name)
                .unwrap()
                .1
                .to_string()
        };
        assert_eq!(attribute("DeadLetterQueueSourceArn"), arn("source"));
        assert_eq!(attribute("ApproximateReceiveCount"), "2");
        assert_eq!(
            (house.visible("source"), house.visible("dead")),
            ("0".into(), "0".into())
        );
    }
}

#[test]
fn a_dead_letter_is_in_one_place_after_a_crash_at_any_moment() {
    for house in [together(), apart()] {
        house.send("source", "poison");
        assert_eq!(house.receive("source"), ["poison"]);
        // The move is journaled and answered to nobody; the crash may come before or after any flush.
        let _ = house.ask("source", 1, 0);
        let house = house.restart();
        house.flush();
        house.advance(60);
        let mut found = house.receive("source");
        found.extend(house.receive("dead"));
        assert_eq!(found, ["poison"]);
    }
}

#[test]
fn a_dead_letter_without_a_target_stays_where_it_is() {
    let house = apart();
    house.send("source", "kept");
    assert_eq!(house.receive("source"), ["kept"]);
    house.call(Request::DeleteQueue(DeleteQueueRequest {
        queue_url: Some("dead".into()),
    }));
    assert_eq!(house.receive("source"), ["kept"]);
    assert_eq!(house.receive("source"), ["kept"]);
}

#[test]
fn dead_letters_of_a_queue_that_is_made_again_in_the_same_moment_are_not_taken_for_earlier_ones() {
    let house = apart();
    for letter in ["first", "second", "third"] {
        house.dead_letters("source", "dead", 1);
        house.send("source", letter);
        assert_eq!(house.receive("source"), [letter]);
        assert_eq!(house.receive("source"), [""; 0]);
        assert_eq!(house.receive("dead"), [letter]);
        house.flush();
        house.call(Request::DeleteQueue(DeleteQueueRequest {
            queue_url: Some("source".into()),
        }));
    }
}

#[test]
fn a_queue_is_not_deleted_while_another_cell_may_still_lose_its_dead_letters() {
    let house = apart();
    house.send("source", "poison");
    assert_eq!(house.receive("source"), ["poison"]);
    let receive = Request::ReceiveMessage(ReceiveMessageRequest {
        queue_url: Some("source".into()),
        ..Default::default()
    });
    let delete = Request::DeleteQueue(DeleteQueueRequest {
        queue_url: Some("source".into()),
    });
    assert!(house.begin(&receive).is_ok());
    let refused = house
        .begin(&delete)
        .unwrap_or_else(|_| panic!("a delete never waits"));
    assert_eq!(refused.result.unwrap_err().kind.status, 503);
    house.flush();
    house.call(delete);
    let house = house.restart();
    assert_eq!(house.receive("dead"), ["poison"]);
}

#[test]
fn a_move_task_brings_dead_letters_home_at_its_rate() {
    for house in [together(), apart()] {
        for number in 0..5 {
            house.send("source", &number.to_string());
        }
        house.receive("source");
        house.receive("source");
        assert_eq!(house.visible("dead"), "5");
        house.call(Request::StartMessageMoveTask(StartMessageMoveTaskRequest {
            source_arn: Some(arn("dead").into()),
            max_number_of_messages_per_second: Some(1),
            ..Default::default()
        }));
        house.advance(2);
        assert_eq!(house.task_status("dead"), ("RUNNING".into(), 3));
        assert_eq!(
            (house.visible("source"), house.visible("dead")),
            ("3".into(), "2".into())
        );
        house.advance(10);
        assert_eq!(house.task_status("dead"), ("COMPLETED".into(), 5));
        assert_eq!(
            (house.visible("source"), house.visible("dead")),
            ("5".into(), "0".into())
        );
    }
}

#[test]
fn a_running_move_task_goes_on_after_a_crash() {
    let house = apart();
    for number in 0..5 {
        house.send("source", &number.to_string());
    }
    house.receive("source");
    house.receive("source");
    house.call(Request::StartMessageMoveTask(StartMessageMoveTaskRequest {
        source_arn: Some(arn("dead").into()),
        max_number_of_messages_per_second: Some(1),
        ..Default::default()
    }));
    house.advance(2);
    let house = house.restart();
    house.advance(10);
    assert_eq!(house.task_status("dead"), ("COMPLETED".into(), 5));
    let mut found = house.receive("source");
    found.sort();
    assert_eq!(found, ["0", "1", "2", "3", "4"]);
}

#[test]
fn a_backlog_outlives_settling_and_a_crash() {
    let house = House::new(1);
    house.create("orders", &[]);
    let body = |number: usize| format!("{number:04}{}", "x".repeat(1000));
    for number in 0..300 {
        house.send("orders", &body(number));
    }
    let settled = house.node.settle(0, &|| house.flush()).unwrap();
    assert!(settled.bodies_moved > 200, "{settled:?}");
    let house = house.restart();
    assert_eq!(house.visible("orders"), "300");
    for number in (0..300).step_by(10) {
        let expected: Vec<String> = (number..number + 10).map(body).collect();
        assert_eq!(house.receive("orders"), expected);
    }
}

#[test]
fn data_opens_only_with_the_number_of_cells_it_was_made_with() {
    let disk = Arc::new(MemoryDisk::new());
    drop(House::on(disk.clone(), 2, Time::from_seconds(5)));
    let options = Options {
        cells: 3,
        flusher: FlusherKind::Stepped,
        ..Options::default()
    };
    let clock = Arc::new(Clock::manual(Time::from_seconds(5)));
    let error = Node::open(disk, clock, Arc::new(crate::NoSigner), options)
        .err()
        .unwrap();
    assert!(error.to_string().contains("--cells 2"), "{error}");
}
