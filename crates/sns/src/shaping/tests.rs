//! Letters and calls, as they leave.

use domain::{AccountId, Arn, Region, Time};

use super::*;
use crate::attempted::DeliveryKey;
use crate::config::{Config, SignatureVersion};
use crate::delivery_policy::DeliveryPolicy;
use crate::outbox::Errand;
use crate::publication::{Attribute, Publication, Value};
use crate::routes::Routes;
use crate::subscription::{Confirmed, Protocol, Subscription};
use crate::tests::world::{Way, World, queue, settings};

const BASE: &str = "http://127.0.0.1:4566";
const CERT: &str = "http://127.0.0.1:4566/cert.pem";

fn sign(version: SignatureVersion, text: &str) -> String {
    format!("{version:?} of {} bytes", text.len())
}

fn token(subscription: &Subscription) -> String {
    format!("token{}", subscription.number)
}

fn outside() -> Outside<'static> {
    Outside {
        base_url: BASE,
        cert_url: CERT,
        sign: &sign,
        token: &token,
    }
}

/// Subscribes, publishes once, and shapes the call that is due.
fn shaped(world: &mut World, input: &api::sns::PublishInput<'_>) -> Call {
    world.publish_input(input);
    shape(world)
}

fn shape(world: &mut World) -> Call {
    let key = world.begin(1)[0];
    let bytes = match world.topic.matter(key).unwrap() {
        crate::Matter::Publication { place, .. } => Some(world.read(*place)),
        crate::Matter::SubscriptionConfirmation { .. }
        | crate::Matter::UnsubscribeConfirmation { .. } => None,
    };
    let publication = bytes
        .as_deref()
        .map(|bytes| Publication::read(bytes).unwrap());
    call(&world.topic, key, publication.as_ref(), &outside()).unwrap()
}

fn input(message: &str) -> api::sns::PublishInput<'_> {
    api::sns::PublishInput {
        message: Some(message.into()),
        ..Default::default()
    }
}

fn header<'h>(headers: &'h [(&str, String)], name: &str) -> Option<&'h str> {
    let mut found = headers.iter().filter(|(key, _)| *key == name);
    found.next().map(|(_, value)| value.as_str())
}

#[test]
fn an_http_endpoint_gets_a_signed_notification_and_headers_that_name_it() {
    let mut world = World::new("t", Way::Plain);
    let number = world.subscribe(Protocol::Http, "http://a/b?c");
    let arn = world
        .topic
        .subscription(number)
        .unwrap()
        .arn(world.topic.config());
    let Call::Http { url, headers, body } = shaped(&mut world, &input("m")) else {
        panic!("http is called by http");
    };
    assert_eq!(url, "http://a/b?c");
    let json: serde_json::Value = serde_json::from_str(&body).unwrap();
    let text = |key: &str| json[key].as_str().unwrap();
    assert!(text("Signature").starts_with("V1 of "));
    assert_eq!(text("SigningCertURL"), CERT);
    assert_eq!(
        text("UnsubscribeURL"),
        format!("{BASE}/?Action=Unsubscribe&SubscriptionArn={arn}")
    );
    let id = text("MessageId");
    assert_eq!(
        headers,
        [
            ("x-amz-sns-message-type", "Notification".to_owned()),
            ("x-amz-sns-message-id", id.to_owned()),
            (
                "x-amz-sns-topic-arn",
                world.topic.config().arn().to_string()
            ),
            ("x-amz-sns-subscription-arn", arn),
            ("Content-Type", "text/plain; charset=UTF-8".to_owned()),
            (
                "User-Agent",
                "Amazon Simple Notification Service Agent".to_owned()
            ),
            ("Accept-Encoding", "gzip,deflate".to_owned()),
            ("Connection", "Keep-Alive".to_owned()),
        ]
    );
}

#[test]
fn with_raw_delivery_an_http_endpoint_gets_the_message_itself() {
    let mut world = World::new("t", Way::Plain);
    world.subscribe_as(Protocol::Https, "https://a", |subscription| {
        subscription.raw = true;
        settings(subscription).delivery_policy = Some(DeliveryPolicy {
            content_type: Some("text/csv".into()),
            ..DeliveryPolicy::default()
        });
    });
    let Call::Http { headers, body, .. } = shaped(&mut world, &input("a,b")) else {
        panic!("http is called by http");
    };
    assert_eq!(body, "a,b");
    assert_eq!(header(&headers, "x-amz-sns-rawdelivery"), Some("true"));
    assert_eq!(header(&headers, "Content-Type"), Some("text/csv"));
}

#[test]
fn a_confirmation_is_never_raw_and_names_no_subscription() {
    let mut world = World::new("t", Way::Plain);
    let since = world.now;
    let number = world.subscribe_as(Protocol::Http, "http://a", |subscription| {
        subscription.raw = true;
        subscription.state = Confirmed::Pending { since };
        settings(subscription).delivery_policy = Some(DeliveryPolicy {
            content_type: Some("text/csv".into()),
            ..DeliveryPolicy::default()
        });
    });
    let Call::Http { headers, body, .. } = shape(&mut world) else {
        panic!("http is called by http");
    };
    let kind = header(&headers, "x-amz-sns-message-type");
    assert_eq!(kind, Some("SubscriptionConfirmation"));
    assert_eq!(header(&headers, "x-amz-sns-subscription-arn"), None);
    assert_eq!(header(&headers, "x-amz-sns-rawdelivery"), None);
    let content_type = header(&headers, "Content-Type");
    assert_eq!(content_type, Some("text/plain; charset=UTF-8"));
    let json: serde_json::Value = serde_json::from_str(&body).unwrap();
    assert_eq!(json["Token"], format!("token{number}"));
    let id = header(&headers, "x-amz-sns-message-id");
    assert_eq!(json["MessageId"].as_str(), id);
    assert!(json["Signature"].as_str().unwrap().starts_with("V1 of "));
}

#[test]
fn who_was_unsubscribed_by_a_link_is_told_how_to_come_back() {
    let mut world = World::new("t", Way::Plain);
    let number = world.subscribe(Protocol::Http, "http://a");
    let arn = world
        .topic
        .subscription(number)
        .unwrap()
        .arn(world.topic.config());
    let id = world.id();
    world.apply(&crate::Command::Unsubscribe {
        number,
        confirmation: Some(id),
        secret: [1; 16],
    });
    let Call::Http { headers, body, .. } = shape(&mut world) else {
        panic!("http is called by http");
    };
    assert_eq!(header(&headers, "x-amz-sns-subscription-arn"), Some(&*arn));
    assert!(body.contains("\"UnsubscribeConfirmation\"") && body.contains(&arn));
}

#[test]
fn mail_has_the_message_or_the_notification_as_its_text() {
    let mut world = World::new("t", Way::Plain);
    world.configure(|config| config.display_name = "Shop".into());
    world.subscribe(Protocol::Email, "a@b");
    let mail = shaped(&mut world, &input("m"));
    let Call::Email {
        to,
        from_name,
        subject,
        text,
        footer,
    } = mail
    else {
        panic!("mail is called by mail");
    };
    assert_eq!((to.as_str(), from_name.as_str()), ("a@b", "Shop"));
    assert_eq!(
        (subject.as_str(), text.as_str()),
        ("AWS Notification Message", "m")
    );
    assert!(footer.contains("?Action=Unsubscribe&SubscriptionArn=arn:aws:sns:"));

    let mut world = World::new("t", Way::Plain);
    world.subscribe(Protocol::EmailJson, "a@b");
    let with_subject = api::sns::PublishInput {
        subject: Some("s".into()),
        ..input("m")
    };
    let Call::Email { subject, text, .. } = shaped(&mut world, &with_subject) else {
        panic!("mail is called by mail");
    };
    assert_eq!(subject, "s");
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(
        (&json["Message"], &json["Subject"]),
        (&"m".into(), &"s".into())
    );

    let mut world = World::new("t", Way::Plain);
    let since = world.now;
    world.subscribe_as(Protocol::Email, "a@b", |subscription| {
        subscription.state = Confirmed::Pending { since };
    });
    let Call::Email { subject, text, .. } = shape(&mut world) else {
        panic!("mail is called by mail");
    };
    assert_eq!(subject, "AWS Notification - Subscription Confirmation");
    assert!(text.contains("?Action=ConfirmSubscription&TopicArn="));
}

#[test]
fn phones_and_devices_get_the_message_bare() {
    for (protocol, endpoint) in [
        (Protocol::Sms, "+43123"),
        (Protocol::Application, "endpoint/GCM/a/b"),
    ] {
        let mut world = World::new("t", Way::Plain);
        let number = world.subscribe(protocol, endpoint);
        let structured = api::sns::PublishInput {
            message_structure: Some("json".into()),
            ..input(r#"{"default":"d","GCM":"g"}"#)
        };
        let (Call::Sms(bare) | Call::Push(bare)) = shaped(&mut world, &structured) else {
            panic!("phones get no envelope");
        };
        let subscription = world.topic.subscription(number).unwrap();
        assert_eq!(bare.to, subscription.endpoint());
        assert_eq!(bare.message, r#"{"default":"d","GCM":"g"}"#);
        assert!(bare.json);
        assert_eq!(
            (bare.text_for("GCM"), bare.text_for("sms")),
            ("g".into(), "d".into())
        );
        let arn = subscription.arn(world.topic.config());
        assert_eq!(bare.subscription_arn, Some(arn));
    }
}

#[test]
fn functions_get_an_event_and_streams_a_record() {
    let mut world = World::new("t", Way::Plain);
    world.subscribe(Protocol::Lambda, "function:f");
    let Call::Lambda { function, event } = shaped(&mut world, &input("m")) else {
        panic!("a function is invoked");
    };
    assert_eq!(function.resource(), "function:f");
    assert!(event.contains("\"Signature\":\"V1 of "));

    for (raw, record) in [(true, "m"), (false, "{\"Type\":\"Notification\"")] {
        let mut world = World::new("t", Way::Plain);
        world.subscribe_as(Protocol::Firehose, "deliverystream/s", |s| s.raw = raw);
        let Call::Firehose { record: made, .. } = shaped(&mut world, &input("m")) else {
            panic!("a stream gets a record");
        };
        assert!(made.starts_with(record));
    }
}

#[test]
fn a_call_that_is_not_outstanding_any_more_has_no_shape() {
    let mut world = World::new("t", Way::Plain);
    let subscription = world.subscribe(Protocol::Http, "http://a");
    let key = DeliveryKey {
        matter: 1,
        subscription,
    };
    assert_eq!(call(&world.topic, key, None, &outside()), None);
}

fn config(name: &str) -> Config {
    let fifo = name.ends_with(".fifo");
    Config::fresh(
        name,
        AccountId::DEFAULT,
        Region::default(),
        fifo,
        Time::ZERO,
    )
}

fn publication() -> Publication<'static> {
    Publication {
        id: [1; 16],
        time: Time::ZERO,
        sequence: 1,
        message: "m",
        subject: None,
        json: false,
        attributes: vec![Attribute {
            name: "bin",
            data_type: "Binary",
            value: Value::Binary(&[1]),
        }],
        group: Some("g"),
        dedup: Some("d"),
        trace: Some("Root=1"),
        routes: Routes::default(),
        body: domain::Body::default(),
    }
}

fn subscriber(protocol: Protocol, raw: bool) -> Subscription {
    let mut world = World::new("t", Way::Plain);
    let endpoint = if protocol == Protocol::Sqs {
        "q"
    } else {
        "http://a"
    };
    let number = world.subscribe_as(protocol, endpoint, |subscription| subscription.raw = raw);
    world.topic.subscription(number).unwrap().clone()
}

fn made<'a>(
    topic: &str,
    subscription: &Subscription,
    publication: &'a Publication<'a>,
    errand: Errand,
    to: &Arn,
) -> Result<Letter<'a>, Undeliverable> {
    letter(
        &config(topic),
        subscription,
        publication,
        errand,
        to,
        BASE,
        Some(CERT),
    )
}

#[test]
fn a_queue_gets_a_notification_without_attributes_or_the_message_with_them() {
    let publication = publication();
    let plain = subscriber(Protocol::Sqs, false);
    let letter = made("t", &plain, &publication, Errand::Own, &queue("q")).unwrap();
    let LetterBody::Notification(template) = &letter.body else {
        panic!("without raw delivery it is a notification");
    };
    assert!(template.signature_at.is_some());
    assert!(letter.attributes.is_empty());
    assert_eq!(letter.trace, Some("Root=1"));
    let raw = subscriber(Protocol::Sqs, true);
    let letter = made("t", &raw, &publication, Errand::Own, &queue("q")).unwrap();
    assert_eq!(letter.body, LetterBody::Message("m".into()));
    assert_eq!(letter.attributes, publication.attributes);
}

#[test]
fn group_and_deduplication_id_go_where_they_mean_something() {
    let publication = publication();
    let plain = subscriber(Protocol::Sqs, false);
    let ids = |topic: &str, to: &str| {
        let letter = made(topic, &plain, &publication, Errand::Own, &queue(to)).unwrap();
        (letter.group, letter.dedup)
    };
    assert_eq!(ids("t.fifo", "q.fifo"), (Some("g"), Some("d")));
    assert_eq!(ids("t.fifo", "q"), (None, None));
    assert_eq!(ids("t", "q"), (Some("g"), None));
}

#[test]
fn a_dead_letter_is_what_its_subscriber_would_have_got() {
    let publication = publication();
    for raw in [false, true] {
        let http = subscriber(Protocol::Http, raw);
        let letter = made("t", &http, &publication, Errand::DeadLetter, &queue("q")).unwrap();
        assert_eq!(letter.body == LetterBody::Message("m".into()), raw);
        assert_eq!(letter.attributes.is_empty(), !raw);
    }
    let own = subscriber(Protocol::Sqs, false);
    let dead = queue("dead.fifo");
    let letter = made("t.fifo", &own, &publication, Errand::DeadLetter, &dead).unwrap();
    assert_eq!((letter.group, letter.dedup), (Some("g"), Some("d")));
}

#[test]
fn raw_delivery_takes_ten_attributes_and_dead_letters_keep_all() {
    let raw = subscriber(Protocol::Sqs, true);
    let mut publication = publication();
    publication.attributes = vec![publication.attributes[0]; 10];
    let to = queue("q");
    assert!(made("t", &raw, &publication, Errand::Own, &to).is_ok());
    publication.attributes.push(publication.attributes[0]);
    assert_eq!(
        made("t", &raw, &publication, Errand::Own, &to),
        Err(Undeliverable)
    );
    let letter = made("t", &raw, &publication, Errand::DeadLetter, &to).unwrap();
    let LetterBody::Notification(template) = letter.body else {
        panic!("it has room for all attributes");
    };
    assert_eq!(template.text.matches("\"Type\":\"Binary\"").count(), 11);
}

#[test]
fn what_is_replayed_says_so() {
    let publication = publication();
    let raw = subscriber(Protocol::Sqs, true);
    let to = queue("q.fifo");
    let letter = made("t.fifo", &raw, &publication, Errand::Replayed, &to).unwrap();
    let last = letter.attributes.last().unwrap();
    assert_eq!((last.name, last.value), ("Replayed", Value::Text("true")));
    let plain = subscriber(Protocol::Sqs, false);
    let letter = made("t.fifo", &plain, &publication, Errand::Replayed, &to).unwrap();
    let LetterBody::Notification(template) = letter.body else {
        panic!("without raw delivery it is a notification");
    };
    assert!(template.text.contains("\"Replayed\" : \"true\""));
}
