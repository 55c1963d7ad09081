//! Topics as publishers, subscribers and endpoints see them.

use api::sns::{CreateTopicInput, DeleteTopicInput, PublishInput, Reply, Request, SubscribeInput};

use super::{House, arn, bodies};
use crate::{Answer, Step};

const TOPIC: &str = "arn:aws:sns:us-east-1:000000000000:news";

impl House {
    fn call_sns(&self, request: Request<'_>) -> Reply<'static> {
        let mut park = || -> crate::OnAnswer { unreachable!("a call about topics never waits") };
        let request = api::Request::Sns(request);
        let Step::Answer(answer) = self.node.call(&super::caller(), &request, &mut park) else {
            unreachable!("a call about topics never waits");
        };
        self.flush();
        let Answer {
            result,
            after,
            carry,
            ..
        } = answer;
        for wait in after {
            assert!(self.node.reached(wait), "{wait:?}");
        }
        if let Some(cell) = carry {
            self.node.carry(cell);
        }
        match result {
            Ok(api::Reply::Sns(reply)) => reply,
            other => panic!("{other:?} is no answer of SNS"),
        }
    }

    fn create_topic(&self, name: &'static str) {
        self.call_sns(Request::CreateTopic(CreateTopicInput {
            name: Some(name.into()),
            ..Default::default()
        }));
    }

    fn subscribe(&self, queue: &str, attributes: &[(&'static str, String)]) {
        let pair = |(name, value): &(&'static str, String)| ((*name).into(), value.clone().into());
        self.call_sns(Request::Subscribe(SubscribeInput {
            topic_arn: Some(TOPIC.into()),
            protocol: Some("sqs".into()),
            endpoint: Some(arn(queue).into()),
            attributes: Some(attributes.iter().map(pair).collect()),
            return_subscription_arn: None,
        }));
    }

    fn publish(&self, message: &'static str) {
        self.call_sns(Request::Publish(PublishInput {
            topic_arn: Some(TOPIC.into()),
            message: Some(message.into()),
            ..Default::default()
        }));
    }
}

fn raw() -> (&'static str, String) {
    ("RawMessageDelivery", "true".to_owned())
}

#[test]
fn a_long_poll_gets_what_was_published_once_the_delay_of_its_queue_is_over() {
    let house = House::new(1);
    house.create("orders", &[("DelaySeconds", "5")]);
    house.create_topic("news");
    house.subscribe("orders", &[raw()]);
    let (_, mailbox) = house.ask("orders", 1, 20).expect_err("there is nothing");
    house.publish("late");
    house.advance(4);
    assert!(mailbox.lock().is_none());
    house.advance(1);
    let answer = mailbox.lock().take().expect("the delay is over");
    let reply = house.release(answer).unwrap();
    assert_eq!(bodies(&super::messages(reply)), ["late"]);
}

/// A house and a queue that lives in another of its cells than the topic.
fn apart() -> (House, String) {
    let house = House::new(2);
    let cell_of = |name: &str| {
        let address = crate::AddressRef {
            account: domain::AccountId::DEFAULT,
            region: domain::Region::default(),
            name,
        };
        crate::address::cell_of(address, 2)
    };
    let mut names = (0..).map(|number| format!("orders-{number}"));
    let queue = names.find(|name| cell_of(name) != cell_of("news")).unwrap();
    house.create(&queue, &[]);
    (house, queue)
}

#[test]
fn a_topic_made_anew_in_the_same_moment_is_another_one_to_queues_of_other_cells() {
    let (house, queue) = apart();
    for message in ["before", "after"] {
        house.create_topic("news");
        house.subscribe(&queue, &[raw()]);
        house.publish(message);
        assert_eq!(house.receive(&queue), [message]);
        house.call_sns(Request::DeleteTopic(DeleteTopicInput {
            topic_arn: Some(TOPIC.into()),
        }));
    }
}
