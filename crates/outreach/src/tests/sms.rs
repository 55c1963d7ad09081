//! SMS: sender, type, parts, price, and why some do not leave.

use serde_json::{Value, json};

use super::world::{World, attributes, direct, told};
use crate::command::Command;
use crate::deliver::Message;
use crate::sent::Kind;
use crate::sms_attributes::SmsAttribute;
use crate::spend::MicroUsd;

const NUMBER: &str = "+15550100000";
const TOPIC: &str = "arn:aws:sns:us-east-1:000000000000:alarms";

fn set(world: &mut World, attributes: &[(SmsAttribute, &str)]) {
    let attributes = attributes.iter();
    let attributes = attributes.map(|(attribute, value)| (*attribute, (*value).to_owned()));
    world.apply(&Command::SetSmsAttributes(attributes.collect()));
}

#[test]
fn an_sms_is_from_whom_and_of_what_kind_its_attributes_say_else_the_accounts() {
    told(|world| {
        world.sms(NUMBER, direct("hello")).unwrap();
        let left = world.last_left(Kind::Sms);
        assert_eq!(left["SenderID"], Value::Null);
        assert_eq!(left["SMSType"], "Promotional");
        set(
            world,
            &[
                (SmsAttribute::DefaultSenderId, "Shop"),
                (SmsAttribute::DefaultSmsType, "Transactional"),
            ],
        );
        world.sms(NUMBER, direct("hello")).unwrap();
        let left = world.last_left(Kind::Sms);
        assert_eq!(
            (&left["SenderID"], &left["SMSType"]),
            (&json!("Shop"), &json!("Transactional"))
        );
        let own = attributes(&[
            ("AWS.SNS.SMS.SenderID", "Other"),
            ("AWS.SNS.SMS.SMSType", "Promotional"),
            ("AWS.MM.SMS.OriginationNumber", "+18005550100"),
            ("AWS.MM.SMS.EntityId", "e"),
            ("AWS.MM.SMS.TemplateId", "t"),
        ]);
        let message = Message {
            attributes: Some(&own),
            ..direct("żółw".repeat(20).leak())
        };
        world.sms(NUMBER, message).unwrap();
        assert_eq!(
            world.last_left(Kind::Sms),
            json!({
                "Text": "żółw".repeat(20),
                "Encoding": "UCS-2",
                "Parts": 2,
                "SenderID": "Other",
                "SMSType": "Promotional",
                "OriginationNumber": "+18005550100",
                "EntityId": "e",
                "TemplateId": "t",
                "PriceInUSD": 0.0,
            })
        );
    });
}

#[test]
fn a_bad_reserved_attribute_is_the_publishers_error() {
    told(|world| {
        for pair in [
            ("AWS.SNS.SMS.SenderID", "12345"),
            ("AWS.SNS.SMS.SMSType", "Other"),
            ("AWS.SNS.SMS.MaxPrice", "much"),
        ] {
            let own = attributes(&[pair]);
            let message = Message {
                attributes: Some(&own),
                ..direct("hello")
            };
            let error = world.sms(NUMBER, message).unwrap_err().error.unwrap();
            assert_eq!(error.kind.code, "InvalidParameter");
            assert!(error.message.contains(pair.0));
        }
        assert_eq!(world.count(Kind::Sms), 0);
    });
}

#[test]
fn an_sms_has_1600_characters_at_most() {
    told(|world| {
        let long = "é".repeat(1600);
        world.sms(NUMBER, direct(&long)).unwrap();
        let longer = "é".repeat(1601);
        let error = world.sms(NUMBER, direct(&longer)).unwrap_err().error;
        assert_eq!(
            error.unwrap().message,
            "Invalid parameter: Message too long"
        );
    });
}

#[test]
fn a_json_message_has_an_entry_for_sms() {
    told(|world| {
        let message = Message {
            json: true,
            ..direct(r#"{"default":"long text","sms":"short"}"#)
        };
        world.sms(NUMBER, message).unwrap();
        assert_eq!(world.last_left(Kind::Sms)["Text"], "short");
        let message = Message {
            json: true,
            ..direct("{}")
        };
        assert_eq!(
            world
                .sms(NUMBER, message)
                .unwrap_err()
                .error
                .unwrap()
                .message,
            "Invalid parameter: Message Structure - No default entry in JSON message body"
        );
    });
}

#[test]
fn nothing_leaves_for_an_opted_out_number_and_the_publisher_is_not_told() {
    told(|world| {
        world.apply(&Command::OptOut(NUMBER.to_owned()));
        for number in [NUMBER, "+1 555-010.0000"] {
            let failure = world.sms(number, direct("hello")).unwrap_err();
            assert_eq!(failure.reason, "Phone number is opted out");
            assert!(failure.error.is_none() && failure.log.is_none());
        }
        world.apply(&Command::OptIn(NUMBER.to_owned()));
        world.sms(NUMBER, direct("hello")).unwrap();
    });
}

#[test]
fn with_a_price_the_months_limit_and_the_messages_own_hold() {
    told(|world| {
        let half = MicroUsd(500_000);
        let two_parts = "a".repeat(161);
        let capped = attributes(&[("AWS.SNS.SMS.MaxPrice", "0.99")]);
        let message = Message {
            attributes: Some(&capped),
            ..direct(&two_parts)
        };
        assert_eq!(
            world.sms_at(NUMBER, message, half).unwrap_err().reason,
            "This delivery would exceed max price"
        );
        world.sms_at(NUMBER, direct(&two_parts), half).unwrap();
        assert_eq!(world.last_left(Kind::Sms)["PriceInUSD"], 1.0);
        assert_eq!(
            world.sms_at(NUMBER, direct("a"), half).unwrap_err().reason,
            "No quota left for account"
        );
        world.sms_at(NUMBER, direct("a"), MicroUsd(0)).unwrap();
        set(world, &[(SmsAttribute::MonthlySpendLimit, "2")]);
        world.sms_at(NUMBER, direct("a"), half).unwrap();
        world.sms_at(NUMBER, direct("a"), half).unwrap();
        assert!(world.sms_at(NUMBER, direct("a"), half).is_err());
        world.pass(30 * 24 * 3600);
        world.sms_at(NUMBER, direct("a"), half).unwrap();
    });
}

#[test]
fn without_a_role_nothing_is_logged_and_with_one_every_failure_and_a_share_of_successes() {
    told(|world| {
        assert_eq!(world.sms(NUMBER, direct("a")).unwrap().log, None);
        let role = (
            SmsAttribute::DeliveryStatusIamRole,
            "arn:aws:iam::000000000000:role/r",
        );
        // The dice of the world shows 50.
        for (rate, logged) in [("50", false), ("51", true)] {
            let rate = (SmsAttribute::DeliveryStatusSuccessSamplingRate, rate);
            set(world, &[role, rate]);
            let delivery = world.sms(NUMBER, direct("a")).unwrap();
            assert_eq!(delivery.log.is_some(), logged);
        }
        world.apply(&Command::OptOut(NUMBER.to_owned()));
        assert!(world.sms(NUMBER, direct("a")).unwrap_err().log.is_some());
    });
}

#[test]
fn a_status_log_has_its_group_by_topic_and_outcome() {
    told(|world| {
        set(
            world,
            &[(
                SmsAttribute::DeliveryStatusIamRole,
                "arn:aws:iam::000000000000:role/r",
            )],
        );
        world.pass(2);
        let log = world.sms(NUMBER, direct("a")).unwrap().log.unwrap();
        assert_eq!(
            log.group,
            "sns/us-east-1/000000000000/DirectPublishToPhoneNumber"
        );
        assert_eq!(
            serde_json::from_str::<Value>(&log.event).unwrap(),
            json!({
                "notification": {
                    "messageId": "3c6e6a33-0000-4000-8000-000000000000",
                    "timestamp": "2023-11-14 22:13:20.000",
                },
                "delivery": {
                    "phoneCarrier": "Tidings",
                    "mnc": 0,
                    "destination": NUMBER,
                    "priceInUSD": 0.0,
                    "smsType": "Promotional",
                    "mcc": 0,
                    "providerResponse": "Message has been accepted by phone carrier",
                    "dwellTimeMs": 2000,
                    "dwellTimeMsUntilDeviceAck": 2000,
                },
                "status": "SUCCESS",
            })
        );
        world.apply(&Command::OptOut(NUMBER.to_owned()));
        let message = Message {
            topic_arn: Some(TOPIC),
            ..direct("a")
        };
        let log = world.sms(NUMBER, message).unwrap_err().log.unwrap();
        assert_eq!(log.group, "sns/us-east-1/000000000000/alarms/Failure");
        let event: Value = serde_json::from_str(&log.event).unwrap();
        assert_eq!(event["notification"]["topicArn"], TOPIC);
        assert_eq!(
            event["delivery"]["providerResponse"],
            "Phone number is opted out"
        );
        assert_eq!(event["status"], "FAILURE");
    });
}
