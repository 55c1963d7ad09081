//! Delivery status logs, as a reader of CloudWatch Logs sees them.

use std::time::Duration;

use api::sns::{
    ConfirmSubscriptionInput, CreateTopicInput, PublishBatchInput, PublishBatchRequestEntry,
    PublishInput, Reply, Request, SetTopicAttributesInput, SubscribeInput,
};
use serde_json::Value;

use super::{House, arn};
use crate::{Attempt, Call, Called};

const TOPIC: &str = "arn:aws:sns:us-east-1:000000000000:t";
const SUCCESSES: &str = "sns/us-east-1/000000000000/t";
const FAILURES: &str = "sns/us-east-1/000000000000/t/Failure";
const ROLE: &str = "arn:aws:iam::000000000000:role/r";
/// The day of the test's clock.
const DAY: &str = "1970/01/12";

impl House {
    fn ask_sns(&self, request: Request<'_>) -> Reply<'static> {
        match self.ask_api(&api::Request::Sns(request)) {
            Ok(api::Reply::Sns(reply)) => reply,
            other => panic!("{other:?}"),
        }
    }

    /// A topic that wants deliveries of these kinds logged: `SQSSuccess` and the like.
    fn logging_topic(&self, feedback: &[&str]) {
        self.ask_sns(Request::CreateTopic(CreateTopicInput {
            name: Some("t".into()),
            ..Default::default()
        }));
        for kind in feedback {
            self.set(&format!("{kind}FeedbackRoleArn"), ROLE);
        }
    }

    fn set(&self, name: &str, value: &str) {
        self.ask_sns(Request::SetTopicAttributes(SetTopicAttributesInput {
            topic_arn: Some(TOPIC.into()),
            attribute_name: Some(name.into()),
            attribute_value: Some(value.into()),
        }));
    }

    fn listen(&self, protocol: &str, endpoint: &str) {
        self.ask_sns(Request::Subscribe(SubscribeInput {
            topic_arn: Some(TOPIC.into()),
            protocol: Some(protocol.into()),
            endpoint: Some(endpoint.into()),
            ..Default::default()
        }));
    }

    fn say(&self, message: &str) {
        self.ask_sns(Request::Publish(PublishInput {
            topic_arn: Some(TOPIC.into()),
            message: Some(message.into()),
            ..Default::default()
        }));
        self.flush();
    }

    /// Confirms whoever is asked to confirm.
    fn confirm_all(&self) {
        self.advance(1);
        for outgoing in self.node.take_outgoing(0) {
            let Call::Http { body, .. } = &outgoing.call else {
                panic!("only HTTP endpoints are asked");
            };
            let body: Value = serde_json::from_str(body).unwrap();
            self.node
                .called(outgoing.ticket, &called(Attempt::Delivered));
            let token = body["Token"].as_str().unwrap().to_owned();
            self.ask_sns(Request::ConfirmSubscription(ConfirmSubscriptionInput {
                topic_arn: Some(TOPIC.into()),
                token: Some(token.into()),
                ..Default::default()
            }));
        }
    }

    /// Answers the calls that are due, and says how many there were.
    fn make_calls(&self, result: Attempt) -> usize {
        self.advance(1);
        let outgoing = self.node.take_outgoing(0);
        for outgoing in &outgoing {
            self.node.called(outgoing.ticket, &called(result));
        }
        outgoing.len()
    }

    fn status_log(&self, group: &str) -> Vec<Value> {
        let is_there = self.groups().iter().any(|(name, _)| name == group);
        let events = is_there.then(|| self.log_of(group, DAY));
        let events = events.unwrap_or_default().into_iter();
        events
            .map(|event| serde_json::from_str(&event).unwrap())
            .collect()
    }
}

fn called(result: Attempt) -> Called {
    Called {
        result,
        response: "what it said".to_owned(),
        status: Some(if result == Attempt::Delivered {
            201
        } else {
            503
        }),
        took: Duration::from_millis(7),
    }
}

#[test]
fn a_publish_to_queues_is_logged_wherever_they_live() {
    let house = House::new(4);
    house.logging_topic(&["SQSSuccess"]);
    let queues = ["q1", "q2", "q3", "q4", "q5", "q6", "q7", "q8"];
    for queue in queues {
        house.create(queue, &[]);
        house.listen("sqs", &arn(queue));
    }
    house.say("hello");
    let mut log = house.status_log(SUCCESSES);
    log.sort_by_key(|event| event["delivery"]["destination"].to_string());
    let to: Vec<&str> = log
        .iter()
        .map(|event| event["delivery"]["destination"].as_str().unwrap())
        .collect();
    assert_eq!(to, queues.map(arn));
    for (event, queue) in log.iter().zip(queues) {
        assert_eq!(event["status"], "SUCCESS");
        assert_eq!(
            event["notification"]["messageMD5Sum"],
            "5d41402abc4b2a76b9719d911017c592"
        );
        assert_eq!(event["delivery"]["statusCode"], 200);
        let said = event["delivery"]["providerResponse"].as_str().unwrap();
        let said: Value = serde_json::from_str(said).unwrap();
        let received = house.ask(queue, 1, 0).unwrap_or_default();
        let id = received[0].message_id.clone().unwrap();
        assert_eq!(said["sqsMessageId"], *id);
    }
    assert_eq!(house.status_log(FAILURES), [Value::Null; 0]);
}

#[test]
fn every_message_of_a_batch_is_logged() {
    let house = House::new(1);
    house.logging_topic(&["SQSSuccess"]);
    house.create("q", &[]);
    house.listen("sqs", &arn("q"));
    let entry = |id: &'static str| PublishBatchRequestEntry {
        id: Some(id.into()),
        message: Some(id.into()),
        ..Default::default()
    };
    house.ask_sns(Request::PublishBatch(PublishBatchInput {
        topic_arn: Some(TOPIC.into()),
        publish_batch_request_entries: Some(vec![entry("one"), entry("two")]),
    }));
    let sums: Vec<Value> = house
        .status_log(SUCCESSES)
        .iter()
        .map(|event| event["notification"]["messageMD5Sum"].clone())
        .collect();
    let expected = [
        "f97c5d29941bfb1b2fdab0874906ab82",
        "b8a9f715dbb64fd5c56e7783c6820a61",
    ];
    assert_eq!(sums, expected);
}

#[test]
fn of_the_successes_as_many_are_logged_as_the_topic_says() {
    let house = House::new(1);
    house.logging_topic(&["SQSSuccess"]);
    house.set("SQSSuccessFeedbackSampleRate", "0");
    house.create("q", &[]);
    house.listen("sqs", &arn("q"));
    house.say("unseen");
    assert_eq!(house.groups(), []);
}

#[test]
fn a_delivery_to_a_queue_that_is_gone_is_logged_as_a_failure() {
    let house = House::new(1);
    house.logging_topic(&["SQSSuccess", "SQSFailure"]);
    house.listen("sqs", &arn("gone"));
    house.say("lost");
    let log = house.status_log(FAILURES);
    assert_eq!(log.len(), 1);
    assert_eq!(log[0]["status"], "FAILURE");
    assert_eq!(log[0]["delivery"]["destination"], arn("gone"));
    assert_eq!(house.status_log(SUCCESSES), [Value::Null; 0]);
}

#[test]
fn a_call_is_logged_when_it_is_delivered_with_what_the_endpoint_said() {
    let house = House::new(1);
    house.logging_topic(&["HTTPSuccess", "HTTPFailure"]);
    house.listen("http", "http://127.0.0.1:1/hook");
    house.confirm_all();
    house.say("hello");
    assert_eq!(house.make_calls(Attempt::Failed { permanent: false }), 1);
    assert_eq!(house.groups(), [], "it will be tried again");
    house.advance(60);
    assert_eq!(house.make_calls(Attempt::Delivered), 1);
    let log = house.status_log(SUCCESSES);
    assert_eq!(log.len(), 1);
    let delivery = &log[0]["delivery"];
    assert_eq!(delivery["attempts"], 2);
    assert_eq!(delivery["statusCode"], 201);
    assert_eq!(delivery["providerResponse"], "what it said");
    assert_eq!(delivery["destination"], "http://127.0.0.1:1/hook");
    assert!(delivery["dwellTimeMs"].as_u64() >= Some(60_000));
    assert_eq!(house.status_log(FAILURES), [Value::Null; 0]);
}

#[test]
fn a_call_is_logged_once_when_it_has_failed_for_good() {
    let house = House::new(1);
    house.logging_topic(&["HTTPSuccess", "HTTPFailure"]);
    house.listen("http", "http://127.0.0.1:1/hook");
    house.confirm_all();
    house.say("lost");
    let mut attempts = 0;
    for _ in 0..20 {
        attempts += house.make_calls(Attempt::Failed { permanent: false });
        house.advance(3600);
    }
    let log = house.status_log(FAILURES);
    assert_eq!(log.len(), 1);
    assert_eq!(log[0]["status"], "FAILURE");
    assert_eq!(log[0]["delivery"]["attempts"], attempts);
    assert_eq!(log[0]["delivery"]["statusCode"], 503);
    assert_eq!(house.status_log(SUCCESSES), [Value::Null; 0]);
}

#[test]
fn what_nobody_asked_for_is_not_logged() {
    let house = House::new(1);
    house.logging_topic(&[]);
    house.create("q", &[]);
    house.listen("sqs", &arn("q"));
    house.listen("sqs", &arn("gone"));
    house.listen("http", "http://127.0.0.1:1/hook");
    house.confirm_all();
    house.say("hello");
    house.make_calls(Attempt::Failed { permanent: true });
    assert_eq!(house.groups(), []);
}
