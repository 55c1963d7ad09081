//! Topics as a publisher and its subscribers see them: fan-out inside and across cells, crashes, retries, dead letters.

use std::time::Duration;

use api::sns::{
    ConfirmSubscriptionInput, CreateTopicInput, PublishInput, PutDataProtectionPolicyInput,
    Request, SetSubscriptionAttributesInput, SubscribeInput,
};

use super::*;
use crate::{Attempt, Call, Called, Outgoing};

const TOPIC: &str = "arn:aws:sns:us-east-1:000000000000:news";
const FIFO: &str = "arn:aws:sns:us-east-1:000000000000:news.fifo";

impl House {
    /// Calls SNS and lets nothing be flushed.
    fn begin_sns(&self, request: Request<'_>) -> Answer {
        let caller = Caller {
            account: AccountId::DEFAULT,
            region: Region::default(),
            sender: "000000000000",
            host: "localhost:4566",
            trace: None,
            overrides: Overrides::default(),
            query_protocol: true,
            signed: true,
        };
        let mut park = || -> Box<dyn FnOnce(Answer) + Send> { unreachable!("SNS does not wait") };
        match self
            .node
            .call(&caller, &api::Request::Sns(request), &mut park)
        {
            Step::Answer(answer) => answer,
            Step::Parked(_) => unreachable!("SNS does not wait"),
        }
    }

    fn try_sns(&self, request: Request<'_>) -> Result<api::sns::Reply<'static>, api::Error> {
        let answer = self.begin_sns(request);
        self.flush();
        for wait in &answer.after {
            assert!(self.node.reached(*wait), "{wait:?}");
        }
        if let Some(cell) = answer.carry {
            self.node.carry(cell);
        }
        self.flush();
        answer.result.map(|reply| match reply {
            api::Reply::Sns(reply) => reply,
            other @ (api::Reply::Sqs(_) | api::Reply::Logs(_)) => {
                panic!("{other:?} is no answer of SNS")
            }
        })
    }

    fn sns(&self, request: Request<'_>) -> api::sns::Reply<'static> {
        self.try_sns(request).unwrap()
    }

    fn topic(&self, name: &str, attributes: &[(&'static str, &'static str)]) {
        self.sns(Request::CreateTopic(CreateTopicInput {
            name: Some(name.to_owned().into()),
            attributes: map(attributes),
            ..Default::default()
        }));
    }

    fn subscribe(
        &self,
        topic: &str,
        protocol: &'static str,
        endpoint: &str,
        attributes: &[(&'static str, &'static str)],
    ) -> String {
        let reply = self.sns(Request::Subscribe(SubscribeInput {
            topic_arn: Some(topic.to_owned().into()),
            protocol: Some(protocol.into()),
            endpoint: Some(endpoint.to_owned().into()),
            attributes: map(attributes),
            return_subscription_arn: Some(true),
        }));
        let api::sns::Reply::Subscribe(reply) = reply else {
            panic!("{reply:?}");
        };
        reply.subscription_arn.unwrap().into_owned()
    }

    fn queue_of(&self, topic: &str, queue: &str, attributes: &[(&'static str, &'static str)]) {
        self.subscribe(topic, "sqs", &arn(queue), attributes);
    }

    fn publish(&self, topic: &str, message: &str) {
        self.sns(publish(topic, message));
    }

    /// The calls that are due, over all cells.
    fn outgoing(&self) -> Vec<Outgoing> {
        for cell in 0..self.cells {
            self.node.tick(cell);
        }
        let cells = 0..self.cells;
        let outgoing = cells.flat_map(|cell| self.node.take_outgoing(cell));
        outgoing.map(|it| self.node.sign(it)).collect()
    }

    fn answer_calls(&self, result: Attempt) -> Vec<(String, String)> {
        let outgoing = self.outgoing();
        let mut posted = Vec::new();
        for call in outgoing {
            if let Call::Http { url, body, .. } = &call.call {
                posted.push((url.clone(), body.clone()));
            }
            let called = Called {
                result,
                response: String::new(),
                status: Some(200),
                took: Duration::ZERO,
            };
            self.node.called(call.ticket, &called);
            self.flush();
        }
        posted
    }
}

fn map(entries: &[(&'static str, &'static str)]) -> Option<api::Map<'static, api::Str<'static>>> {
    let entries = entries
        .iter()
        .map(|&(name, value)| (name.into(), value.into()));
    Some(entries.collect())
}

fn publish(topic: &str, message: &str) -> Request<'static> {
    let group = topic.ends_with(".fifo");
    Request::Publish(PublishInput {
        topic_arn: Some(topic.to_owned().into()),
        message: Some(message.to_owned().into()),
        message_group_id: group.then(|| "g".into()),
        message_deduplication_id: group.then(|| message.to_owned().into()),
        ..Default::default()
    })
}

fn text(body: &str) -> String {
    let json: serde_json::Value = serde_json::from_str(body).unwrap();
    json["Message"].as_str().unwrap().to_owned()
}

fn token(body: &str) -> String {
    let json: serde_json::Value = serde_json::from_str(body).unwrap();
    json["Token"].as_str().unwrap().to_owned()
}

const RAW: &[(&str, &str)] = &[("RawMessageDelivery", "true")];

#[test]
fn one_publish_is_one_record_however_many_queues_it_reaches() {
    let house = House::new(1);
    house.topic("news", &[]);
    for n in 0..10 {
        house.create(&format!("q{n}"), &[]);
        house.queue_of(TOPIC, &format!("q{n}"), &[]);
    }
    house.flush();
    let before = house.node.open_records(0);
    let answer = house.begin_sns(publish(TOPIC, "once"));
    assert_eq!(house.node.open_records(0), before + 1);
    assert!(answer.carry.is_none());
    house.flush();
    for n in 0..10 {
        let received = house.receive(&format!("q{n}"));
        assert_eq!(received.len(), 1);
        assert_eq!(text(&received[0]), "once");
    }
}

#[test]
fn queues_of_all_cells_get_a_publish_once_also_after_a_crash() {
    let house = House::new(3);
    house.topic("news", &[]);
    for n in 0..9 {
        house.create(&format!("q{n}"), &[("VisibilityTimeout", "600")]);
        house.queue_of(TOPIC, &format!("q{n}"), RAW);
    }
    house.publish(TOPIC, "first");
    // Journaled and durable, but carried nowhere yet.
    let answer = house.begin_sns(publish(TOPIC, "second"));
    for cell in 0..3 {
        house.node.seal(cell);
        house.node.poll(cell);
    }
    assert!(answer.after.iter().all(|wait| house.node.reached(*wait)));
    let house = house.restart();
    house.flush();
    for n in 0..9 {
        let mut received = house.receive(&format!("q{n}"));
        received.extend(house.receive(&format!("q{n}")));
        received.sort();
        assert_eq!(received, ["first", "second"], "q{n}");
    }
}

#[test]
fn a_fifo_topic_keeps_order_and_says_everything_once_across_cells_and_crashes() {
    let house = House::new(3);
    let fifo = [("FifoQueue", "true")];
    house.topic("news.fifo", &[("FifoTopic", "true")]);
    for n in 0..6 {
        house.create(&format!("q{n}.fifo"), &fifo);
        house.queue_of(FIFO, &format!("q{n}.fifo"), RAW);
    }
    house.publish(FIFO, "1");
    house.publish(FIFO, "2");
    house.publish(FIFO, "2");
    let house = house.restart();
    house.publish(FIFO, "3");
    house.publish(FIFO, "1");
    for n in 0..6 {
        let received = house.ask(&format!("q{n}.fifo"), 10, 0).unwrap_or_default();
        assert_eq!(bodies(&received), ["1", "2", "3"], "q{n}");
    }
}

#[test]
fn a_notification_is_whole_and_signed_when_it_is_received() {
    let house = House::new(1);
    house.topic("news", &[]);
    house.create("q", &[]);
    house.queue_of(TOPIC, "q", &[]);
    house.publish(TOPIC, "signed");
    let caller_sees = |house: &House| {
        let mut answer = house
            .begin(&super::Request::ReceiveMessage(ReceiveMessageRequest {
                queue_url: Some("q".into()),
                visibility_timeout: Some(0),
                ..Default::default()
            }))
            .unwrap_or_else(|_| panic!("it does not wait"));
        house.node.finish(&mut answer);
        let message = messages(house.release(answer).unwrap()).remove(0);
        let body = message.body.unwrap().into_owned();
        assert_eq!(
            message.md5_of_body.unwrap(),
            sqs::letter::md5_of_body(&body)
        );
        let json: serde_json::Value = serde_json::from_str(&body).unwrap();
        assert_eq!(json["Signature"], "bm9uZQ==");
        let link = json["UnsubscribeURL"].as_str().unwrap().to_owned();
        assert!(link.contains("SubscriptionArn=arn:aws:sns:us-east-1:000000000000:news:"));
        body
    };
    let before = caller_sees(&house);
    let house = house.restart();
    assert_eq!(caller_sees(&house), before);
}

#[test]
fn settling_keeps_a_letter_of_many_queues_once() {
    let house = House::new(1);
    house.topic("news", &[]);
    for n in 0..20 {
        house.create(&format!("q{n}"), &[]);
        house.queue_of(TOPIC, &format!("q{n}"), RAW);
    }
    let body = "x".repeat(10_000);
    house.publish(TOPIC, &body);
    for _ in 0..20 {
        house.send("q0", &"y".repeat(10_000));
    }
    house.flush();
    let settled = house
        .node
        .settle(0, &|| {
            house.node.seal(0);
            house.node.poll(0);
        })
        .unwrap();
    assert!(settled.bodies_moved >= 20, "{settled:?}");
    assert!(
        settled.bytes_moved < 25 * 11_000,
        "the letter moved once for all: {settled:?}"
    );
    let house = house.restart();
    for n in 1..20 {
        assert_eq!(house.receive(&format!("q{n}")), [body.as_str()]);
    }
}

#[test]
fn what_a_deleted_queue_misses_goes_to_the_dead_letters() {
    for cells in [1, 3] {
        let house = House::new(cells);
        house.topic("news", &[]);
        house.create("dead", &[]);
        let redrive = r#"{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:dead"}"#;
        house.queue_of(TOPIC, "never", &[("RedrivePolicy", redrive)]);
        house.queue_of(TOPIC, "nowhere", &[]);
        house.publish(TOPIC, "lost");
        house.flush();
        let received = house.receive("dead");
        assert_eq!(received.len(), 1);
        assert_eq!(text(&received[0]), "lost");
    }
}

#[test]
fn an_endpoint_is_asked_and_gets_what_is_published_once_it_has_confirmed() {
    let house = House::new(2);
    house.topic("news", &[]);
    house.subscribe(TOPIC, "http", "http://127.0.0.1:1/a", &[]);
    house.publish(TOPIC, "too early");
    let asked = house.answer_calls(Attempt::Delivered);
    assert_eq!(asked.len(), 1);
    let confirm = |token: String| {
        house.try_sns(Request::ConfirmSubscription(ConfirmSubscriptionInput {
            topic_arn: Some(TOPIC.into()),
            token: Some(token.into()),
            ..Default::default()
        }))
    };
    let refused = |result: Result<_, api::Error>| result.unwrap_err().message.into_owned();
    assert_eq!(refused(confirm("randomtoken".to_owned())), "Invalid token");
    assert_eq!(
        refused(confirm("abc123".to_owned())),
        "Invalid parameter: Token"
    );
    confirm(token(&asked[0].1)).unwrap();
    confirm(token(&asked[0].1)).unwrap();
    house.publish(TOPIC, "news");
    let posted = house.answer_calls(Attempt::Delivered);
    assert_eq!(posted.len(), 1);
    assert_eq!(text(&posted[0].1), "news");
    assert!(posted[0].1.contains(r#""Signature" : "bm9uZQ==""#));
    assert!(house.outgoing().is_empty());
}

#[test]
fn a_failing_endpoint_is_tried_as_the_policy_says_and_then_given_up() {
    let house = House::new(1);
    house.topic("news", &[]);
    house.create("dead", &[]);
    let subscription = house.subscribe(TOPIC, "http", "http://127.0.0.1:1/a", &[]);
    let asked = house.answer_calls(Attempt::Delivered);
    house.sns(Request::ConfirmSubscription(ConfirmSubscriptionInput {
        topic_arn: Some(TOPIC.into()),
        token: Some(token(&asked[0].1).into()),
        ..Default::default()
    }));
    house.publish(TOPIC, "unheard");
    // Three retries, 20 seconds apart; the crash forgets that one was under way.
    let retry = Attempt::Failed { permanent: false };
    assert_eq!(house.answer_calls(retry).len(), 1);
    house.advance(19);
    assert_eq!(house.answer_calls(retry).len(), 0);
    house.advance(1);
    assert_eq!(house.outgoing().len(), 1);
    let house = house.restart();
    assert_eq!(house.answer_calls(retry).len(), 1);
    house.advance(20);
    assert_eq!(house.answer_calls(retry).len(), 1);
    house.sns(Request::SetSubscriptionAttributes(
        SetSubscriptionAttributesInput {
            subscription_arn: Some(subscription.into()),
            attribute_name: Some("RedrivePolicy".into()),
            attribute_value: Some(
                r#"{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:dead"}"#.into(),
            ),
        },
    ));
    house.advance(20);
    assert_eq!(house.answer_calls(retry).len(), 1);
    house.advance(3600);
    assert!(house.outgoing().is_empty());
    let received = house.receive("dead");
    assert_eq!(text(&received[0]), "unheard");
}

#[test]
fn one_slow_endpoint_keeps_no_other_waiting() {
    let house = House::new(1);
    house.topic("news", &[]);
    for n in 0..2 {
        house.subscribe(TOPIC, "http", &format!("http://127.0.0.1:1/{n}"), &[]);
    }
    for (_, body) in house.answer_calls(Attempt::Delivered) {
        house.sns(Request::ConfirmSubscription(ConfirmSubscriptionInput {
            topic_arn: Some(TOPIC.into()),
            token: Some(token(&body).into()),
            ..Default::default()
        }));
    }
    for n in 0..100 {
        house.publish(TOPIC, &n.to_string());
    }
    let is_fast =
        |call: &Outgoing| matches!(&call.call, Call::Http { url, .. } if url.ends_with("/1"));
    let mut fast = 0;
    loop {
        let (quick, _slow): (Vec<_>, Vec<_>) = house.outgoing().into_iter().partition(is_fast);
        if quick.is_empty() {
            break;
        }
        for call in quick {
            fast += 1;
            let called = Called {
                result: Attempt::Delivered,
                response: String::new(),
                status: Some(200),
                took: Duration::ZERO,
            };
            house.node.called(call.ticket, &called);
        }
    }
    assert_eq!(fast, 100, "the other endpoint never answers");
}

const MASK: &str = r##"{"Name":"p","Version":"2021-06-01","Statement":[{"Sid":"s","DataDirection":"DIRECTION",
    "Principal":["*"],"DataIdentifier":["arn:aws:dataprotection::aws:data-identifier/EmailAddress"],
    "Operation":OPERATION}]}"##;

fn policy(direction: &str, operation: &str) -> String {
    MASK.replace("DIRECTION", direction)
        .replace("OPERATION", operation)
}

#[test]
fn a_data_protection_policy_denies_and_masks_both_ways() {
    let house = House::new(2);
    house.topic("news", &[]);
    house.create("q", &[]);
    house.create("dead", &[]);
    let redrive = r#"{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:dead"}"#;
    house.queue_of(
        TOPIC,
        "q",
        &[("RawMessageDelivery", "true"), ("RedrivePolicy", redrive)],
    );
    let protect = |policy: String| {
        house.sns(Request::PutDataProtectionPolicy(
            PutDataProtectionPolicyInput {
                resource_arn: Some(TOPIC.into()),
                data_protection_policy: Some(policy.into()),
            },
        ));
    };
    let mask = r##"{"Deidentify":{"MaskConfig":{"MaskWithCharacter":"#"}}}"##;
    protect(policy("Inbound", r#"{"Deny":{}}"#));
    let error = house
        .try_sns(publish(TOPIC, "I am a.b@example.com"))
        .unwrap_err();
    assert_eq!(error.kind.code, "AuthorizationError");
    house.publish(TOPIC, "nobody");
    assert_eq!(house.receive("q"), ["nobody"]);
    for direction in ["Inbound", "Outbound"] {
        protect(policy(direction, mask));
        house.publish(TOPIC, "I am a.b@example.com");
        assert_eq!(house.receive("q"), ["I am ###############"], "{direction}");
    }
    protect(policy("Outbound", r#"{"Deny":{}}"#));
    house.publish(TOPIC, "I am a.b@example.com");
    assert_eq!(house.receive("q"), [""; 0]);
    assert_eq!(house.receive("dead"), ["I am a.b@example.com"]);
}

#[test]
fn a_topic_made_again_within_the_same_millisecond_is_another_sender() {
    let house = House::new(3);
    for message in ["of the first", "of the second"] {
        house.topic("news", &[]);
        for n in 0..6 {
            house.create(&format!("q{n}"), &[("VisibilityTimeout", "600")]);
            house.queue_of(TOPIC, &format!("q{n}"), RAW);
        }
        house.publish(TOPIC, message);
        for n in 0..6 {
            assert_eq!(house.receive(&format!("q{n}")), [message], "q{n}");
        }
        house.sns(Request::DeleteTopic(api::sns::DeleteTopicInput {
            topic_arn: Some(TOPIC.into()),
        }));
    }
}

#[test]
fn a_long_poll_gets_what_was_published_once_the_delay_of_its_queue_is_over() {
    let house = House::new(1);
    house.create("q", &[("DelaySeconds", "5")]);
    house.topic("news", &[]);
    house.queue_of(TOPIC, "q", RAW);
    let (_, mailbox) = house.ask("q", 1, 20).expect_err("there is nothing");
    house.publish(TOPIC, "late");
    house.advance(4);
    assert!(mailbox.lock().is_none());
    house.advance(1);
    let answer = mailbox.lock().take().expect("the delay is over");
    let reply = house.release(answer).unwrap();
    assert_eq!(bodies(&messages(reply)), ["late"]);
}
