//! The headers that Microsoft's services are handed with a payload.

use serde_json::{Map, Value};

use crate::platform::Platform;
use crate::reserved::Attributes;

/// A reserved attribute and the header it becomes.
const WNS: [(&str, &str); 5] = [
    ("CachePolicy", "X-WNS-Cache-Policy"),
    ("Group", "X-WNS-Group"),
    ("Match", "X-WNS-Match"),
    ("SuppressPopup", "X-WNS-SuppressPopup"),
    ("Tag", "X-WNS-Tag"),
];

pub(super) fn wns(attributes: &Attributes, payload: &str, ttl: u64) -> Map<String, Value> {
    let mut headers = Map::new();
    let kind = attributes.mobile(Platform::Wns, "Type");
    let kind = kind.map_or_else(|| format!("wns/{}", kind_of(payload)), str::to_owned);
    headers.insert("X-WNS-Type".to_owned(), kind.into());
    for (attribute, header) in WNS {
        if let Some(value) = attributes.mobile(Platform::Wns, attribute) {
            headers.insert(header.to_owned(), value.into());
        }
    }
    headers.insert("X-WNS-TTL".to_owned(), ttl.to_string().into());
    headers
}

pub(super) fn mpns(attributes: &Attributes, payload: &str) -> Map<String, Value> {
    let asked = |name| attributes.mobile(Platform::Mpns, name);
    let fitting = if payload.contains("<wp:Toast>") {
        "toast"
    } else if payload.contains("<wp:Tile") {
        "token"
    } else {
        "raw"
    };
    let kind = asked("Type").unwrap_or(fitting);
    let mut headers = Map::new();
    headers.insert("X-WindowsPhone-Target".to_owned(), kind.into());
    if let Some(class) = asked("NotificationClass") {
        headers.insert("X-NotificationClass".to_owned(), class.into());
    }
    headers
}

/// The payload's first element says what it is.
fn kind_of(payload: &str) -> &'static str {
    let body = payload.trim_start();
    let is = |name: &str| {
        body.strip_prefix('<')
            .is_some_and(|it| it.starts_with(name))
    };
    ["toast", "tile", "badge"]
        .into_iter()
        .find(|name| is(name))
        .unwrap_or("raw")
}
