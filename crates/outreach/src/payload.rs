//! What a push notification service is handed: the platform's own payload, or the message wrapped as AWS wraps it.

use api::Error;
use serde_json::{Value, json};

use crate::error::invalid;
use crate::platform::Platform;

/// Wraps a message that was not written for the platform.
/// <https://docs.aws.amazon.com/sns/latest/dg/sns-send-custom-platform-specific-payloads-mobile-devices.html>
pub(crate) fn wrap(platform: Platform, message: &str, subject: Option<&str>) -> String {
    match platform {
        Platform::Adm | Platform::Gcm => json!({"data": {"default": message}}).to_string(),
        Platform::Baidu => match subject {
            Some(title) => json!({"title": title, "description": message}).to_string(),
            None => json!({"description": message}).to_string(),
        },
        Platform::Mpns => format!(
            "<?xml version=\"1.0\" encoding=\"utf-8\"?><wp:Notification xmlns:wp=\"WPNotification\"><wp:Toast>\
             <wp:Text1>{}</wp:Text1></wp:Toast></wp:Notification>",
            escape(message)
        ),
        Platform::Wns => format!(
            "<toast><visual><binding template=\"ToastText01\"><text id=\"1\">{}</text></binding></visual></toast>",
            escape(message)
        ),
        Platform::Apns
        | Platform::ApnsSandbox
        | Platform::ApnsVoip
        | Platform::ApnsVoipSandbox
        | Platform::Macos
        | Platform::MacosSandbox => json!({"aps": {"alert": message}}).to_string(),
    }
}

/// Checks a payload as the service would take it: JSON objects of a bounded size, or Microsoft's XML.
pub(crate) fn check(platform: Platform, payload: &str) -> Result<(), Error> {
    let refuse = |what: &str| {
        let name = platform.name();
        Err(invalid(
            "Message",
            format_args!("Invalid notification for protocol {name}: {what}"),
        ))
    };
    if is_json(platform) && !is_object(payload) {
        return refuse("Notification is malformed");
    }
    if payload.len() > bytes_max(platform) {
        return refuse(match platform == Platform::Gcm {
            true => "Notification data is larger than allowed limit",
            false => "Notification is too long",
        });
    }
    Ok(())
}

fn is_json(platform: Platform) -> bool {
    platform != Platform::Mpns && platform != Platform::Wns
}

fn is_object(payload: &str) -> bool {
    matches!(serde_json::from_str(payload), Ok(Value::Object(_)))
}

/// The services' own limits.
fn bytes_max(platform: Platform) -> usize {
    match platform {
        Platform::ApnsVoip | Platform::ApnsVoipSandbox | Platform::Wns => 5120,
        Platform::Adm => 6144,
        Platform::Mpns => 3072,
        Platform::Apns
        | Platform::ApnsSandbox
        | Platform::Macos
        | Platform::MacosSandbox
        | Platform::Gcm
        | Platform::Baidu => 4096,
    }
}

/// The TTL in seconds that a payload asks for, on the services whose payloads can.
pub(crate) fn ttl(platform: Platform, payload: &str) -> Option<u64> {
    let Ok(payload) = serde_json::from_str::<Value>(payload) else {
        return None;
    };
    match platform {
        Platform::Adm => payload.get("expiresAfter")?.as_u64(),
        Platform::Gcm => {
            let old = payload.get("time_to_live").and_then(Value::as_u64);
            let new = payload.pointer("/fcmV1Message/message/android/ttl");
            let seconds = new
                .and_then(Value::as_str)
                .and_then(|it| it.strip_suffix('s'));
            old.or_else(|| seconds?.parse().ok())
        }
        Platform::Baidu
        | Platform::Apns
        | Platform::ApnsSandbox
        | Platform::ApnsVoip
        | Platform::ApnsVoipSandbox
        | Platform::Macos
        | Platform::MacosSandbox
        | Platform::Mpns
        | Platform::Wns => None,
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_service_gets_a_plain_message_in_its_own_form() {
        for (platform, payload) in [
            (Platform::Apns, r#"{"aps":{"alert":"a<b"}}"#),
            (Platform::MacosSandbox, r#"{"aps":{"alert":"a<b"}}"#),
            (Platform::Gcm, r#"{"data":{"default":"a<b"}}"#),
            (Platform::Adm, r#"{"data":{"default":"a<b"}}"#),
            (Platform::Baidu, r#"{"description":"a<b"}"#),
            (
                Platform::Wns,
                "<toast><visual><binding template=\"ToastText01\"><text id=\"1\">a&lt;b</text></binding></visual></toast>",
            ),
        ] {
            assert_eq!(wrap(platform, "a<b", None), payload);
        }
        assert!(wrap(Platform::Mpns, "a<b", None).contains("<wp:Text1>a&lt;b</wp:Text1>"));
        assert_eq!(
            wrap(Platform::Baidu, "m", Some("s")),
            r#"{"title":"s","description":"m"}"#
        );
    }

    #[test]
    fn a_wrapped_message_is_a_payload_the_service_takes() {
        for platform in Platform::ALL {
            assert_eq!(
                check(platform, &wrap(platform, "\"&\u{1F642}", None)),
                Ok(())
            );
        }
    }

    #[test]
    fn what_a_service_would_not_take_is_refused() {
        for payload in ["text", "[]", "\"text\"", "{} x"] {
            assert_eq!(
                check(Platform::Apns, payload).unwrap_err().message,
                "Invalid parameter: Message Reason: Invalid notification for protocol APNS: Notification is \
                 malformed"
            );
        }
        let long = |bytes: usize| format!("{{\"a\":\"{}\"}}", "x".repeat(bytes - 8));
        assert_eq!(check(Platform::Apns, &long(4096)), Ok(()));
        assert!(
            check(Platform::Apns, &long(4097))
                .unwrap_err()
                .message
                .ends_with("for protocol APNS: Notification is too long")
        );
        assert!(
            check(Platform::Gcm, &long(4097))
                .unwrap_err()
                .message
                .ends_with("for protocol GCM: Notification data is larger than allowed limit")
        );
    }

    #[test]
    fn some_payloads_say_how_long_they_live() {
        for (platform, payload, seconds) in [
            (Platform::Adm, r#"{"data":{},"expiresAfter":60}"#, Some(60)),
            (Platform::Gcm, r#"{"data":{},"time_to_live":60}"#, Some(60)),
            (
                Platform::Gcm,
                r#"{"fcmV1Message":{"message":{"android":{"ttl":"60s"}}}}"#,
                Some(60),
            ),
            (Platform::Gcm, r#"{"data":{}}"#, None),
            (Platform::Apns, r#"{"expiresAfter":60}"#, None),
        ] {
            assert_eq!(ttl(platform, payload), seconds, "{payload}");
        }
    }
}
