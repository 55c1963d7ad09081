//! The headers that an Apple service is handed with a payload.
//!
//! <https://docs.aws.amazon.com/sns/latest/dg/sns-send-custom-platform-specific-payloads-mobile-devices.html>

use domain::{Seconds, Time};
use serde_json::{Map, Value};

use crate::application::{Application, Setting};
use crate::reserved::Attributes;

/// `ttl` is what remains of the time to live, in seconds; 0 means now or never.
pub(super) fn headers(
    application: &Application,
    attributes: &Attributes,
    payload: &str,
    now: Time,
    ttl: u64,
) -> Map<String, Value> {
    let platform = application.platform;
    let asked = |name| attributes.mobile(platform, name);
    let fitting = if platform.is_voip() {
        "voip"
    } else if is_background(payload) {
        "background"
    } else {
        "alert"
    };
    let kind = asked("PUSH_TYPE").unwrap_or(fitting);
    let priority = asked("PRIORITY").unwrap_or(if kind == "background" { "5" } else { "10" });
    let topic = asked("TOPIC").or_else(|| application.get(Setting::ApplePlatformBundleId));
    let expiration = match ttl {
        0 => 0,
        _ => now
            .after(Seconds(u32::try_from(ttl).unwrap_or(u32::MAX)))
            .seconds(),
    };
    let pairs = [
        ("apns-topic", topic.map(str::to_owned)),
        ("apns-push-type", Some(kind.to_owned())),
        ("apns-priority", Some(priority.to_owned())),
        ("apns-expiration", Some(expiration.to_string())),
        ("apns-collapse-id", asked("COLLAPSE_ID").map(str::to_owned)),
    ];
    let given = pairs
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)));
    given
        .map(|(name, value)| (name.to_owned(), value.into()))
        .collect()
}

/// `content-available` and nothing to show: the app wakes, the person does not.
fn is_background(payload: &str) -> bool {
    let Ok(payload) = serde_json::from_str::<Value>(payload) else {
        return false;
    };
    let aps = &payload["aps"];
    let silent = ["alert", "badge", "sound"]
        .iter()
        .all(|key| aps[key].is_null());
    aps["content-available"] == 1 && silent
}
