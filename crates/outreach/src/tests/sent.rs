//! What was sent, as it is listed and forgotten.

use serde_json::{Value, json};

use super::world::{World, direct, told};
use crate::command::Command;
use crate::deliver::{Mail, Message, deliver_mail};
use crate::listing::{MailDocument, SentDocument, everything, mails, pushes, texts};
use crate::sent::{Choice, Kind};

const TOPIC: &str = "arn:aws:sns:us-east-1:000000000000:alarms";
const SUBSCRIPTION: &str = "arn:aws:sns:us-east-1:000000000000:alarms:9d2c";
const ATTRIBUTES: &str = r#"{"n":{"DataType":"String","StringValue":"v"}}"#;

fn through_topic(text: &str) -> Message<'_> {
    Message {
        topic_arn: Some(TOPIC),
        subscription_arn: Some(SUBSCRIPTION),
        ..direct(text)
    }
}

fn listed_pushes(world: &World, only: Option<&str>, details: bool) -> Value {
    let choice = Choice {
        to: only.map(str::to_owned),
        ..Choice::all(Kind::Push)
    };
    let documents = world.documents(&choice).into_iter();
    let region = world.outreach.home().region;
    serde_json::from_str(&pushes(documents, region, only, details)).unwrap()
}

fn listed_texts(world: &World, only: Option<&str>) -> Value {
    let all = Choice::all(Kind::Sms);
    let documents = world.documents(&all).into_iter();
    let region = world.outreach.home().region;
    serde_json::from_str(&texts(documents, region, only, false)).unwrap()
}

fn listed_mails(world: &World, id: Option<&str>, email: Option<&str>) -> Value {
    let all = Choice::all(Kind::Mail);
    let documents = world.outreach.sent(&all).map(|sent| MailDocument {
        document: world.read(sent.place),
        region: world.outreach.home().region,
        time: sent.time,
    });
    serde_json::from_str::<Value>(&mails(documents, id, email)).unwrap()["messages"].take()
}

#[test]
fn pushes_are_listed_under_their_endpoint() {
    told(|world| {
        let application = world.application("GCM", &[]);
        let (one, two) = (
            world.endpoint(&application, "1"),
            world.endpoint(&application, "2"),
        );
        let message = Message {
            attributes: Some(ATTRIBUTES),
            subject: Some("s"),
            ..direct("plain")
        };
        world.push(&one, message).unwrap();
        let entries = r#"{"default":"d","GCM":"{\"data\":{}}"}"#;
        let message = Message {
            json: true,
            ..through_topic(entries)
        };
        world.push(&one, message).unwrap();
        world.push(&two, direct("m")).unwrap();
        let listed = listed_pushes(world, None, false);
        assert_eq!(listed["region"], "us-east-1");
        assert_eq!(
            listed["platform_endpoint_messages"][&one],
            json!([
                {
                    "TargetArn": one,
                    "TopicArn": "",
                    "Message": "plain",
                    "MessageAttributes": {"n": {"DataType": "String", "StringValue": "v"}},
                    "MessageStructure": null,
                    "Subject": "s",
                    "MessageId": "3c6e6a33-0000-4000-8000-000000000000",
                },
                {
                    "TargetArn": one,
                    "TopicArn": TOPIC,
                    "Message": "\"{\\\"data\\\":{}}\"",
                    "MessageAttributes": null,
                    "MessageStructure": "json",
                    "Subject": null,
                },
            ])
        );
        let only = listed_pushes(world, Some(&two), true);
        let only = only["platform_endpoint_messages"].as_object().unwrap();
        assert_eq!(only.keys().collect::<Vec<_>>(), [&two]);
        assert_eq!(
            only[&two][0]["Left"]["Payload"],
            r#"{"data":{"default":"m"}}"#
        );
        assert_eq!(
            listed_pushes(world, Some("other"), false)["platform_endpoint_messages"],
            json!({"other": []})
        );
    });
}

#[test]
fn sms_are_listed_under_their_number() {
    told(|world| {
        world.sms("+1555", direct("one")).unwrap();
        world.sms("+1555", through_topic("two")).unwrap();
        world.sms("+1666", direct("three")).unwrap();
        let listed = listed_texts(world, None);
        assert_eq!(listed["region"], "us-east-1");
        let messages = &listed["sms_messages"];
        assert_eq!(
            messages["+1555"][0],
            json!({
                "PhoneNumber": "+1555",
                "TopicArn": null,
                "SubscriptionArn": null,
                "MessageId": "3c6e6a33-0000-4000-8000-000000000000",
                "Message": "one",
                "MessageAttributes": null,
                "MessageStructure": null,
                "Subject": null,
            })
        );
        assert_eq!(messages["+1555"][1]["TopicArn"], TOPIC);
        assert_eq!(messages["+1555"][1]["SubscriptionArn"], SUBSCRIPTION);
        assert_eq!(messages["+1666"][0]["Message"], "three");
        let only = listed_texts(world, Some("+1666"));
        assert_eq!(only["sms_messages"].as_object().unwrap().len(), 1);
        assert_eq!(
            listed_texts(world, Some("+1777"))["sms_messages"],
            json!({"+1777": []})
        );
    });
}

#[test]
fn mails_are_listed_as_ses_has_them_and_found_by_id_and_address() {
    told(|world| {
        for (id, to) in [("1", "a@example.com"), ("2", "b@example.com")] {
            let delivery = deliver_mail(&Mail {
                id,
                topic_arn: Some(TOPIC),
                subscription_arn: Some(SUBSCRIPTION),
                from: "sender@example.com",
                to,
                subject: "AWS Notification Message",
                text: "hello",
                html: None,
            });
            world.apply(&delivery.command);
        }
        assert_eq!(
            listed_mails(world, Some("1"), None),
            json!([{
                "Id": "1",
                "Region": "us-east-1",
                "Source": "sender@example.com",
                "Destination": {"ToAddresses": ["a@example.com"]},
                "Subject": "AWS Notification Message",
                "Body": {"text_part": "hello", "html_part": null},
                "Timestamp": "2023-11-14T22:13:20",
            }])
        );
        let count = |id, email| listed_mails(world, id, email).as_array().unwrap().len();
        assert_eq!(count(None, Some("sender@example.com")), 2);
        assert_eq!(count(None, Some("b@example.com")), 1);
        assert_eq!(count(Some("1"), Some("b@example.com")), 0);
    });
}

#[test]
fn everything_is_listed_with_what_was_asked_and_what_left() {
    told(|world| {
        world.sms("+1555", direct("one")).unwrap();
        let application = world.application("GCM", &[]);
        let endpoint = world.endpoint(&application, "t");
        world.push(&endpoint, direct("two")).unwrap();
        let home = world.outreach.home();
        let documents = world.outreach.all_sent().map(|sent| SentDocument {
            document: world.read(sent.place),
            sent,
            home,
        });
        let listed: Value = serde_json::from_str(&everything(documents)).unwrap();
        let kinds = [&listed[0]["kind"], &listed[1]["kind"]];
        assert_eq!(kinds, ["sms", "push"]);
        assert_eq!(listed[0]["to"], "+1555");
        assert_eq!(listed[0]["time"], 1_700_000_000_000_u64);
        assert_eq!(listed[0]["account"], "000000000000");
        assert_eq!(listed[0]["asked"]["Message"], "one");
        assert_eq!(listed[1]["to"], endpoint);
        assert_eq!(
            listed[1]["details"]["Payload"],
            r#"{"data":{"default":"two"}}"#
        );
    });
}

#[test]
fn what_is_forgotten_is_what_was_chosen() {
    told(|world| {
        for number in ["+1555", "+1555", "+1666"] {
            world.sms(number, direct("m")).unwrap();
        }
        let application = world.application("GCM", &[]);
        let endpoint = world.endpoint(&application, "t");
        world.push(&endpoint, direct("m")).unwrap();
        world.apply(&Command::ForgetSent(Choice {
            to: Some("+1555".to_owned()),
            ..Choice::all(Kind::Sms)
        }));
        assert_eq!((world.count(Kind::Sms), world.count(Kind::Push)), (1, 1));
        world.apply(&Command::ForgetSent(Choice::all(Kind::Push)));
        assert_eq!((world.count(Kind::Sms), world.count(Kind::Push)), (1, 0));
    });
}

#[test]
fn a_document_that_is_none_does_not_spoil_the_list() {
    let list = texts(
        ["", "{}", "[1]"].into_iter(),
        domain::Region::default(),
        None,
        false,
    );
    assert_eq!(list, r#"{"sms_messages":{},"region":"us-east-1"}"#);
}
