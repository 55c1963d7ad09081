//! What of a message goes to one kind of receiver: the whole, or with MessageStructure `json` its own entry.

use api::Error;
use serde_json::Value;

use crate::error::invalid_parameter;

/// The entry of `key`, else the default one, and whether it is the key's own. Entries that are no text do not count.
pub(crate) fn entry(message: &str, json: bool, key: &str) -> Result<(String, bool), Error> {
    if !json {
        return Ok((message.to_owned(), false));
    }
    let Ok(Value::Object(entries)) = serde_json::from_str(message) else {
        return Err(invalid_parameter(
            "Message Structure - JSON message body failed to parse",
        ));
    };
    let text = |key: &str| entries.get(key).and_then(Value::as_str).map(str::to_owned);
    let own = text(key).map(|text| (text, true));
    own.or_else(|| text("default").map(|text| (text, false)))
        .ok_or_else(|| {
            invalid_parameter("Message Structure - No default entry in JSON message body")
        })
}

/// The entry under `key` of a platform, which AWS knows by two names where it is FCM's.
pub(crate) fn platform_entry(
    message: &str,
    json: bool,
    names: &[&str],
) -> Result<(String, bool), Error> {
    let mut found = None;
    for name in names.iter().rev() {
        let entry = entry(message, json, name)?;
        if entry.1 {
            return Ok(entry);
        }
        found = Some(entry);
    }
    Ok(found.expect("a platform has a name"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_message_goes_to_everybody_as_it_is() {
        assert_eq!(
            entry("{\"sms\":\"x\"}", false, "sms"),
            Ok(("{\"sms\":\"x\"}".to_owned(), false))
        );
    }

    #[test]
    fn ones_own_entry_goes_before_the_default_one() {
        let message = r#"{"default":"d","sms":"s","email":1,"sms":"last"}"#;
        assert_eq!(entry(message, true, "sms"), Ok(("last".to_owned(), true)));
        assert_eq!(entry(message, true, "email"), Ok(("d".to_owned(), false)));
        assert_eq!(
            entry(r#"{"sms":"s"}"#, true, "sms"),
            Ok(("s".to_owned(), true))
        );
    }

    #[test]
    fn what_cannot_be_read_is_refused() {
        for (message, text) in [
            ("{", "JSON message body failed to parse"),
            ("[]", "JSON message body failed to parse"),
            ("{} x", "JSON message body failed to parse"),
            (r#"{"default":1}"#, "No default entry in JSON message body"),
        ] {
            assert_eq!(
                entry(message, true, "sms").unwrap_err().message,
                format!("Invalid parameter: Message Structure - {text}")
            );
        }
    }

    #[test]
    fn fcm_is_known_by_two_names() {
        let message = r#"{"FCM":"f","default":"d"}"#;
        assert_eq!(
            platform_entry(message, true, &["FCM", "GCM"]),
            Ok(("f".to_owned(), true))
        );
        let message = r#"{"FCM":"f","GCM":"g"}"#;
        assert_eq!(
            platform_entry(message, true, &["FCM", "GCM"]),
            Ok(("g".to_owned(), true))
        );
    }
}
