//! Pushes: payload, headers, time to live, and why some do not leave.

use api::sns::SetEndpointAttributesInput;
use serde_json::{Value, json};

use super::world::{World, attributes, direct, told};
use crate::deliver::Message;
use crate::op::samples::map;
use crate::op::set_endpoint_attributes;
use crate::sent::Kind;

fn device(world: &mut World, platform: &'static str) -> String {
    let application = world.application(platform, &[]);
    world.endpoint(&application, "device-token")
}

/// What is handed over for a message with these attributes.
fn handed(
    world: &mut World,
    endpoint: &str,
    message: &str,
    json: bool,
    pairs: &[(&str, &str)],
) -> Value {
    let attributes = attributes(pairs);
    let message = Message {
        json,
        attributes: Some(&attributes),
        ..direct(message)
    };
    world.push(endpoint, message).unwrap();
    world.last_left(Kind::Push)
}

fn disable(world: &mut World, endpoint: &str) {
    let input = SetEndpointAttributesInput {
        endpoint_arn: Some(endpoint.to_owned().into()),
        attributes: map(&[("Enabled", "false")]),
    };
    let plan = set_endpoint_attributes::prepare(&world.outreach, world.now, &input).unwrap();
    world.carry_out(plan);
}

#[test]
fn a_platform_gets_its_own_entry_as_it_is_and_the_default_one_wrapped() {
    told(|world| {
        let endpoint = device(world, "APNS_SANDBOX");
        let message = r#"{"default":"d","APNS_SANDBOX":"{\"aps\":{\"badge\":1}}","GCM":"{}"}"#;
        let left = handed(world, &endpoint, message, true, &[]);
        assert_eq!(left["Payload"], r#"{"aps":{"badge":1}}"#);
        let left = handed(
            world,
            &endpoint,
            r#"{"default":"d","APNS":"{}"}"#,
            true,
            &[],
        );
        assert_eq!(left["Payload"], r#"{"aps":{"alert":"d"}}"#);
        let left = handed(world, &endpoint, "plain", false, &[]);
        assert_eq!(left["Payload"], r#"{"aps":{"alert":"plain"}}"#);
        assert_eq!(left["Token"], "device-token");
    });
}

#[test]
fn apples_headers_come_from_the_reserved_attributes() {
    told(|world| {
        let endpoint = device(world, "APNS");
        let left = handed(
            world,
            &endpoint,
            "m",
            false,
            &[
                ("AWS.SNS.MOBILE.APNS.TOPIC", "com.shop"),
                ("AWS.SNS.MOBILE.APNS.PRIORITY", "5"),
                ("AWS.SNS.MOBILE.APNS.PUSH_TYPE", "location"),
                ("AWS.SNS.MOBILE.APNS.COLLAPSE_ID", "c"),
                ("AWS.SNS.MOBILE.APNS.TTL", "60"),
            ],
        );
        assert_eq!(
            left["Headers"],
            json!({
                "apns-topic": "com.shop",
                "apns-push-type": "location",
                "apns-priority": "5",
                "apns-expiration": "1700000060",
                "apns-collapse-id": "c",
            })
        );
    });
}

#[test]
fn apples_headers_have_defaults_that_fit_the_payload() {
    told(|world| {
        let application = world.application("APNS", &[("ApplePlatformBundleID", "com.bundle")]);
        let endpoint = world.endpoint(&application, "t");
        let left = handed(world, &endpoint, "m", false, &[]);
        assert_eq!(left["Headers"]["apns-topic"], "com.bundle");
        assert_eq!(left["Headers"]["apns-push-type"], "alert");
        assert_eq!(left["Headers"]["apns-priority"], "10");
        let silent = r#"{"APNS":"{\"aps\":{\"content-available\":1}}"}"#;
        let left = handed(world, &endpoint, silent, true, &[]);
        assert_eq!(left["Headers"]["apns-push-type"], "background");
        assert_eq!(left["Headers"]["apns-priority"], "5");
        let voip = device(world, "APNS_VOIP");
        let left = handed(world, &voip, "m", false, &[]);
        assert_eq!(left["Headers"]["apns-push-type"], "voip");
    });
}

#[test]
fn microsofts_and_baidus_headers_come_from_the_reserved_attributes() {
    told(|world| {
        let endpoint = device(world, "WNS");
        let left = handed(
            world,
            &endpoint,
            "m",
            false,
            &[
                ("AWS.SNS.MOBILE.WNS.CachePolicy", "cache"),
                ("AWS.SNS.MOBILE.WNS.Group", "g"),
                ("AWS.SNS.MOBILE.WNS.Match", "m"),
                ("AWS.SNS.MOBILE.WNS.SuppressPopup", "true"),
                ("AWS.SNS.MOBILE.WNS.Tag", "t"),
                ("AWS.SNS.MOBILE.WNS.TTL", "9"),
            ],
        );
        assert_eq!(
            left["Headers"],
            json!({
                "X-WNS-Type": "wns/toast",
                "X-WNS-Cache-Policy": "cache",
                "X-WNS-Group": "g",
                "X-WNS-Match": "m",
                "X-WNS-SuppressPopup": "true",
                "X-WNS-Tag": "t",
                "X-WNS-TTL": "9",
            })
        );
        let badge = r#"{"WNS":"<badge value=\"23\"/>"}"#;
        let left = handed(world, &endpoint, badge, true, &[]);
        assert_eq!(left["Headers"]["X-WNS-Type"], "wns/badge");
        let left = handed(
            world,
            &endpoint,
            badge,
            true,
            &[("AWS.SNS.MOBILE.WNS.Type", "wns/raw")],
        );
        assert_eq!(left["Headers"]["X-WNS-Type"], "wns/raw");

        let endpoint = device(world, "MPNS");
        let class = [("AWS.SNS.MOBILE.MPNS.NotificationClass", "realtime")];
        let left = handed(world, &endpoint, "m", false, &class);
        assert_eq!(
            left["Headers"],
            json!({"X-WindowsPhone-Target": "toast", "X-NotificationClass": "realtime"})
        );

        let endpoint = device(world, "BAIDU");
        let baidu = [
            ("AWS.SNS.MOBILE.BAIDU.MessageType", "1"),
            ("AWS.SNS.MOBILE.BAIDU.DeployStatus", "2"),
        ];
        let left = handed(world, &endpoint, "m", false, &baidu);
        assert_eq!(
            left["Headers"],
            json!({"MessageType": "1", "DeployStatus": "2"})
        );
    });
}

#[test]
fn the_attribute_says_how_long_a_push_lives_else_the_body_else_the_service_else_four_weeks() {
    told(|world| {
        let ttl = |left: &Value| (left["TTL"].as_u64().unwrap(), left["TTLFrom"].clone());
        let endpoint = device(world, "GCM");
        let body = r#"{"GCM":"{\"data\":{},\"time_to_live\":60}"}"#;
        let own = [("AWS.SNS.MOBILE.FCM.TTL", "30")];
        assert_eq!(
            ttl(&handed(world, &endpoint, body, true, &own)),
            (30, "attribute".into())
        );
        assert_eq!(
            ttl(&handed(world, &endpoint, body, true, &[])),
            (60, "body".into())
        );
        let four_weeks = 2_419_200;
        assert_eq!(
            ttl(&handed(world, &endpoint, "m", false, &[])),
            (four_weeks, "service".into())
        );
        let endpoint = device(world, "APNS");
        assert_eq!(
            ttl(&handed(world, &endpoint, "m", false, &[])),
            (four_weeks, "default".into())
        );
    });
}

#[test]
fn the_time_since_the_publish_is_taken_off_and_who_comes_too_late_is_dropped() {
    told(|world| {
        let own = [
            ("AWS.SNS.MOBILE.APNS.TTL", "60"),
            ("AWS.SNS.MOBILE.ADM.TTL", "0"),
        ];
        let endpoint = device(world, "APNS");
        world.pass(45);
        let left = handed(world, &endpoint, "m", false, &own);
        assert_eq!(left["TTL"], 15);
        assert_eq!(left["Headers"]["apns-expiration"], "1700000060");
        world.pass(15);
        let attributes = attributes(&own);
        let message = Message {
            attributes: Some(&attributes),
            ..direct("m")
        };
        let failure = world.push(&endpoint, message).unwrap_err();
        assert_eq!(failure.reason, "Notification has outlived its time to live");
        assert!(failure.error.is_none());
        let adm = device(world, "ADM");
        assert!(world.push(&adm, message).is_err());
    });
}

#[test]
fn zero_seconds_mean_now_or_never_to_apple_and_fcm() {
    told(|world| {
        let endpoint = device(world, "APNS");
        let own = [("AWS.SNS.MOBILE.APNS.TTL", "0")];
        world.pass(45);
        let left = handed(world, &endpoint, "m", false, &own);
        assert_eq!(left["TTL"], 0);
        assert_eq!(left["Headers"]["apns-expiration"], "0");
    });
}

#[test]
fn a_disabled_endpoint_gets_nothing_and_that_goes_before_a_message_without_default() {
    told(|world| {
        let topic = "arn:aws:sns:us-east-1:000000000000:failures";
        let application = world.application("GCM", &[("EventDeliveryFailure", topic)]);
        let endpoint = world.endpoint(&application, "t");
        disable(world, &endpoint);
        let message = Message {
            json: true,
            ..direct("{}")
        };
        let failure = world.push(&endpoint, message).unwrap_err();
        let error = failure.error.unwrap();
        assert_eq!(
            (error.kind.code, error.kind.status),
            ("EndpointDisabled", 400)
        );
        assert_eq!(error.message, "Endpoint is disabled");
        let notice = failure.notice.unwrap();
        assert_eq!(notice.topic_arn, topic);
        let told: Value = serde_json::from_str(&notice.message).unwrap();
        assert_eq!(told["EventType"], "DeliveryFailure");
        assert_eq!(told["FailureType"], "EndpointDisabled");
        assert_eq!(told["FailureMessage"], "Endpoint is disabled");
        assert_eq!(told["EndpointArn"], endpoint);
        assert_eq!(world.count(Kind::Push), 0);
    });
}

#[test]
fn a_disabled_application_gets_nothing() {
    told(|world| {
        let application = world.application("GCM", &[("Enabled", "false")]);
        let endpoint = world.endpoint(&application, "t");
        let error = world.push(&endpoint, direct("m")).unwrap_err().error;
        assert_eq!(error.unwrap().kind.code, "PlatformApplicationDisabled");
    });
}

#[test]
fn an_endpoint_that_is_not_there_gets_nothing() {
    told(|world| {
        let endpoint = device(world, "GCM");
        for arn in [endpoint.replace("shop", "gone"), "nonsense".to_owned()] {
            assert_eq!(
                world
                    .push(&arn, direct("m"))
                    .unwrap_err()
                    .error
                    .unwrap()
                    .message,
                "Invalid parameter: TargetArn Reason: No endpoint found for the target arn specified"
            );
        }
    });
}

#[test]
fn a_payload_that_the_service_would_not_take_is_the_publishers_error() {
    told(|world| {
        let endpoint = device(world, "GCM");
        let message = Message {
            json: true,
            ..direct(r#"{"GCM":"no json"}"#)
        };
        assert_eq!(
            world
                .push(&endpoint, message)
                .unwrap_err()
                .error
                .unwrap()
                .message,
            "Invalid parameter: Message Reason: Invalid notification for protocol GCM: Notification is malformed"
        );
    });
}

#[test]
fn through_a_topic_the_application_is_told_of_such_a_payload() {
    told(|world| {
        let topic = "arn:aws:sns:us-east-1:000000000000:failures";
        let application = world.application("GCM", &[("EventDeliveryFailure", topic)]);
        let endpoint = world.endpoint(&application, "t");
        let message = Message {
            json: true,
            ..direct(r#"{"GCM":"no json"}"#)
        };
        assert_eq!(world.push(&endpoint, message).unwrap_err().notice, None);
        let message = Message {
            topic_arn: Some("arn:aws:sns:us-east-1:000000000000:alarms"),
            ..message
        };
        let notice = world.push(&endpoint, message).unwrap_err().notice;
        assert!(
            notice
                .unwrap()
                .message
                .contains("Notification is malformed")
        );
    });
}

#[test]
fn an_application_has_its_pushes_logged_if_it_asks_for_it() {
    told(|world| {
        let role = "arn:aws:iam::000000000000:role/r";
        let application = world.application(
            "GCM",
            &[
                ("SuccessFeedbackRoleArn", role),
                ("FailureFeedbackRoleArn", role),
                ("SuccessFeedbackSampleRate", "51"),
            ],
        );
        let endpoint = world.endpoint(&application, "t");
        world.pass(1);
        let log = world.push(&endpoint, direct("m")).unwrap().log.unwrap();
        assert_eq!(log.group, "sns/us-east-1/000000000000/app/GCM/shop");
        let event: Value = serde_json::from_str(&log.event).unwrap();
        assert_eq!(event["delivery"]["destination"], endpoint);
        assert_eq!(event["delivery"]["dwellTimeMs"], 1000);
        assert_eq!(event["delivery"]["statusCode"], 200);
        assert_eq!(event["status"], "SUCCESS");
        disable(world, &endpoint);
        let log = world.push(&endpoint, direct("m")).unwrap_err().log.unwrap();
        assert_eq!(log.group, "sns/us-east-1/000000000000/app/GCM/shop/Failure");
        assert!(log.event.contains("Endpoint is disabled"));
    });
}
