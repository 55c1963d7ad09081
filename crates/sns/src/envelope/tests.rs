//! Envelopes, byte for byte.

use domain::{AccountId, Body, Region, Time};

use super::*;
use crate::config::{Config, SignatureVersion};
use crate::publication::{Attribute, Publication, Value};
use crate::routes::Routes;
use crate::subscription::Protocol;

const ARN: &str = "arn:aws:sns:us-east-1:000000000000:t:5be6e6b8-0000-4000-8000-000000000000";
const BASE: &str = "http://127.0.0.1:4566";
const SIGNED: Signed<'static> = Signed {
    signature: "c2lnbmVk",
    cert_url: "http://127.0.0.1:4566/cert.pem",
};

fn topic(name: &str) -> Config {
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
        id: *b"0123456789abcdef",
        time: Time::from_millis(1_335_920_046_655),
        sequence: 3,
        message: "Hello\n\"world\"!",
        subject: Some("My First Message"),
        json: false,
        attributes: vec![
            Attribute {
                name: "attr1",
                data_type: "Number",
                value: Value::Text("99.12"),
            },
            Attribute {
                name: "attr2",
                data_type: "Binary",
                value: Value::Binary(&[2, 3, 4]),
            },
        ],
        group: None,
        dedup: None,
        trace: None,
        routes: Routes::default(),
        body: Body::default(),
    }
}

fn bare() -> Publication<'static> {
    Publication {
        message: "test content",
        subject: None,
        attributes: Vec::new(),
        ..publication()
    }
}

fn notification<'a>(topic: &'a Config, publication: &'a Publication<'a>) -> Notification<'a> {
    Notification {
        topic,
        publication,
        protocol: Protocol::Sqs,
        replayed: false,
        base_url: BASE,
    }
}

#[test]
fn a_notification_has_awss_keys_in_awss_order_a_line_each() {
    let (topic, publication) = (topic("t"), publication());
    let text = notification(&topic, &publication).text(ARN, Some(&SIGNED));
    assert_eq!(
        text,
        r#"{
  "Type" : "Notification",
  "MessageId" : "30313233-3435-4637-b839-616263646566",
  "TopicArn" : "arn:aws:sns:us-east-1:000000000000:t",
  "Subject" : "My First Message",
  "Message" : "Hello\n\"world\"!",
  "Timestamp" : "2012-05-02T00:54:06.655Z",
  "SignatureVersion" : "1",
  "Signature" : "c2lnbmVk",
  "SigningCertURL" : "http://127.0.0.1:4566/cert.pem",
  "UnsubscribeURL" : "http://127.0.0.1:4566/?Action=Unsubscribe&SubscriptionArn=arn:aws:sns:us-east-1:000000000000:t:5be6e6b8-0000-4000-8000-000000000000",
  "MessageAttributes" : {
    "attr1" : {"Type":"Number","Value":"99.12"},
    "attr2" : {"Type":"Binary","Value":"AgME"}
  }
}"#
    );
}

#[test]
fn without_a_subject_and_attributes_their_keys_are_absent() {
    let mut topic = topic("t");
    topic.signature_version = Some(SignatureVersion::V2);
    let text = notification(&topic, &bare()).text(ARN, Some(&SIGNED));
    assert_eq!(
        text,
        r#"{
  "Type" : "Notification",
  "MessageId" : "30313233-3435-4637-b839-616263646566",
  "TopicArn" : "arn:aws:sns:us-east-1:000000000000:t",
  "Message" : "test content",
  "Timestamp" : "2012-05-02T00:54:06.655Z",
  "SignatureVersion" : "2",
  "Signature" : "c2lnbmVk",
  "SigningCertURL" : "http://127.0.0.1:4566/cert.pem",
  "UnsubscribeURL" : "http://127.0.0.1:4566/?Action=Unsubscribe&SubscriptionArn=arn:aws:sns:us-east-1:000000000000:t:5be6e6b8-0000-4000-8000-000000000000"
}"#
    );
}

#[test]
fn a_fifo_topics_notification_has_a_sequence_number_and_no_signature() {
    let (topic, publication) = (topic("t.fifo"), bare());
    let text = notification(&topic, &publication).text(ARN, Some(&SIGNED));
    assert_eq!(
        text,
        r#"{
  "Type" : "Notification",
  "MessageId" : "30313233-3435-4637-b839-616263646566",
  "SequenceNumber" : "10000000000000003000",
  "TopicArn" : "arn:aws:sns:us-east-1:000000000000:t.fifo",
  "Message" : "test content",
  "Timestamp" : "2012-05-02T00:54:06.655Z",
  "UnsubscribeURL" : "http://127.0.0.1:4566/?Action=Unsubscribe&SubscriptionArn=arn:aws:sns:us-east-1:000000000000:t:5be6e6b8-0000-4000-8000-000000000000"
}"#
    );
}

#[test]
fn a_replayed_notification_says_so_and_is_the_same_else() {
    let (topic, publication) = (topic("t.fifo"), publication());
    let live = notification(&topic, &publication);
    let replayed = Notification {
        replayed: true,
        ..live
    };
    let text = replayed.text(ARN, None);
    assert!(text.contains("\n  \"Replayed\" : \"true\",\n"));
    assert_eq!(
        text.replace("\n  \"Replayed\" : \"true\",", ""),
        live.text(ARN, None)
    );
}

#[test]
fn a_template_leaves_out_the_signature_and_the_arn_where_they_belong() {
    for (name, cert_url, signed) in [
        ("t", Some(SIGNED.cert_url), Some(&SIGNED)),
        ("t", None, None),
        ("t.fifo", Some(SIGNED.cert_url), Some(&SIGNED)),
    ] {
        let (topic, publication) = (topic(name), publication());
        let notification = notification(&topic, &publication);
        let template = notification.template(cert_url);
        assert_eq!(
            template.signature_at.is_some(),
            name == "t" && cert_url.is_some()
        );
        assert!(template.text[template.arn_at..].starts_with("\",\n"));
        assert!(template.text[..template.arn_at].ends_with("SubscriptionArn="));
        if let Some(signature_at) = template.signature_at {
            assert!(template.text[..signature_at].ends_with("\"Signature\" : \""));
        }
        let filled = template.fill(ARN, SIGNED.signature);
        assert_eq!(filled, notification.text(ARN, signed));
        assert!(serde_json::from_str::<serde_json::Value>(&filled).is_ok());
    }
}

#[test]
fn what_is_signed_of_a_notification() {
    let (topic, mut publication) = (topic("t"), bare());
    let sign = |publication: &Publication<'_>| notification(&topic, publication).string_to_sign();
    assert_eq!(
        sign(&publication),
        "Message\ntest content\nMessageId\n30313233-3435-4637-b839-616263646566\nTimestamp\n\
         2012-05-02T00:54:06.655Z\nTopicArn\narn:aws:sns:us-east-1:000000000000:t\nType\nNotification\n"
    );
    publication.subject = Some("random");
    publication.message = "ü\n\"";
    assert_eq!(
        sign(&publication),
        "Message\nü\n\"\nMessageId\n30313233-3435-4637-b839-616263646566\nSubject\nrandom\nTimestamp\n\
         2012-05-02T00:54:06.655Z\nTopicArn\narn:aws:sns:us-east-1:000000000000:t\nType\nNotification\n"
    );
}

#[test]
fn each_protocol_is_sent_its_text_and_that_is_signed() {
    let topic = topic("t");
    let publication = Publication {
        message: r#"{"default":"d","http":"h"}"#,
        json: true,
        ..bare()
    };
    let of = |protocol| {
        let notification = Notification {
            protocol,
            ..notification(&topic, &publication)
        };
        (notification.text(ARN, None), notification.string_to_sign())
    };
    let (text, signed) = of(Protocol::Http);
    assert!(text.contains("\"Message\" : \"h\"") && signed.starts_with("Message\nh\n"));
    let (text, signed) = of(Protocol::Sqs);
    assert!(text.contains("\"Message\" : \"d\"") && signed.starts_with("Message\nd\n"));
}

fn confirmation(topic: &Config, asked: Asked) -> Confirmation<'_> {
    Confirmation {
        asked,
        topic,
        subscription_arn: ARN,
        id: *b"0123456789abcdef",
        time: Time::from_millis(1_335_920_046_655),
        token: "2336412f37",
        base_url: BASE,
    }
}

#[test]
fn a_subscription_confirmation_shows_how_to_confirm() {
    let topic = topic("t");
    let confirmation = confirmation(&topic, Asked::Subscription);
    assert_eq!(
        confirmation.text(Some(&SIGNED)),
        r#"{
  "Type" : "SubscriptionConfirmation",
  "MessageId" : "30313233-3435-4637-b839-616263646566",
  "Token" : "2336412f37",
  "TopicArn" : "arn:aws:sns:us-east-1:000000000000:t",
  "Message" : "You have chosen to subscribe to the topic arn:aws:sns:us-east-1:000000000000:t.\nTo confirm the subscription, visit the SubscribeURL included in this message.",
  "SubscribeURL" : "http://127.0.0.1:4566/?Action=ConfirmSubscription&TopicArn=arn:aws:sns:us-east-1:000000000000:t&Token=2336412f37",
  "Timestamp" : "2012-05-02T00:54:06.655Z",
  "SignatureVersion" : "1",
  "Signature" : "c2lnbmVk",
  "SigningCertURL" : "http://127.0.0.1:4566/cert.pem"
}"#
    );
    assert_eq!(
        confirmation.string_to_sign(),
        "Message\nYou have chosen to subscribe to the topic arn:aws:sns:us-east-1:000000000000:t.\nTo confirm the \
         subscription, visit the SubscribeURL included in this message.\nMessageId\n\
         30313233-3435-4637-b839-616263646566\nSubscribeURL\nhttp://127.0.0.1:4566/?Action=ConfirmSubscription&\
         TopicArn=arn:aws:sns:us-east-1:000000000000:t&Token=2336412f37\nTimestamp\n2012-05-02T00:54:06.655Z\nToken\n\
         2336412f37\nTopicArn\narn:aws:sns:us-east-1:000000000000:t\nType\nSubscriptionConfirmation\n"
    );
}

#[test]
fn an_unsubscribe_confirmation_shows_how_to_come_back() {
    let topic = topic("t");
    let confirmation = confirmation(&topic, Asked::Unsubscription);
    assert_eq!(
        confirmation.message(),
        format!(
            "You have chosen to deactivate subscription {ARN}.\nTo cancel this operation and restore the \
             subscription, visit the SubscribeURL included in this message."
        )
    );
    let text = confirmation.text(None);
    assert!(text.starts_with("{\n  \"Type\" : \"UnsubscribeConfirmation\",\n"));
    assert!(text.ends_with("\"Timestamp\" : \"2012-05-02T00:54:06.655Z\"\n}"));
    assert!(
        confirmation
            .string_to_sign()
            .ends_with("Type\nUnsubscribeConfirmation\n")
    );
}

#[test]
fn a_lambda_event_has_urls_of_its_own_spelling_and_leaves_nothing_out() {
    let mut topic = topic("t");
    topic.signature_version = Some(SignatureVersion::V2);
    let of = |publication: &Publication<'_>| {
        Notification {
            protocol: Protocol::Lambda,
            ..notification(&topic, publication)
        }
        .lambda_event(ARN, Some(&SIGNED))
    };
    assert_eq!(
        of(&bare()),
        format!(
            r#"{{"Records":[{{"EventSource":"aws:sns","EventVersion":"1.0","EventSubscriptionArn":"{ARN}","Sns":{{"Type":"Notification","MessageId":"30313233-3435-4637-b839-616263646566","TopicArn":"arn:aws:sns:us-east-1:000000000000:t","Subject":null,"Message":"test content","Timestamp":"2012-05-02T00:54:06.655Z","SignatureVersion":"1","Signature":"c2lnbmVk","SigningCertUrl":"http://127.0.0.1:4566/cert.pem","UnsubscribeUrl":"http://127.0.0.1:4566/?Action=Unsubscribe&SubscriptionArn={ARN}","MessageAttributes":{{}}}}}}]}}"#
        )
    );
    assert!(of(&publication()).ends_with(
        r#""MessageAttributes":{"attr1":{"Type":"Number","Value":"99.12"},"attr2":{"Type":"Binary","Value":"AgME"}}}}]}"#
    ));
    assert!(of(&publication()).contains(r#""Subject":"My First Message""#));
}

#[test]
fn a_firehose_record_is_a_line_without_a_signature() {
    let topic = topic("t");
    let of = |publication: &Publication<'_>| notification(&topic, publication).firehose_record(ARN);
    assert_eq!(
        of(&publication()),
        format!(
            "{}{ARN}{}\n",
            r#"{"Type":"Notification","MessageId":"30313233-3435-4637-b839-616263646566","TopicArn":"arn:aws:sns:us-east-1:000000000000:t","Subject":"My First Message","Message":"Hello\n\"world\"!","Timestamp":"2012-05-02T00:54:06.655Z","UnsubscribeURL":"http://127.0.0.1:4566/?Action=Unsubscribe&SubscriptionArn="#,
            r#"","MessageAttributes":{"attr1":{"Type":"Number","Value":"99.12"},"attr2":{"Type":"Binary","Value":"AgME"}}}"#
        )
    );
    assert!(of(&bare()).ends_with("5be6e6b8-0000-4000-8000-000000000000\"}\n"));
}
