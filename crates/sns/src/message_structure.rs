//! MessageStructure `json`: a message that holds one text for each protocol, and `default` for the others.
//!
//! Spec section 4.4. Values that are no strings count as absent; of a key that is there twice the last one counts.
//! <https://docs.aws.amazon.com/sns/latest/dg/sns-send-custom-platform-specific-payloads-mobile-devices.html>

use std::borrow::Cow;

use api::Error;
use serde_json::{Map, Value};

use crate::error::invalid_parameter;
use crate::subscription::Protocol;

const DEFAULT: &str = "default";

type Texts = Map<String, Value>;

/// The text under `key`.
pub fn entry(message: &str, key: &str) -> Option<String> {
    let texts = read(message)?;
    Some(text(&texts, key)?.to_owned())
}

/// What subscribers of a protocol get: their own text, else the default.
pub(crate) fn for_protocol(message: &str, protocol: Protocol) -> Cow<'_, str> {
    let texts = read(message).unwrap_or_default();
    match text(&texts, protocol.name()).or_else(|| text(&texts, DEFAULT)) {
        Some(text) => Cow::Owned(text.to_owned()),
        // Every message was checked; one that cannot be read is better delivered as it is than not at all.
        None => Cow::Borrowed(message),
    }
}

/// Refuses a message that is no JSON object, or that has neither a default nor, where it goes to one platform only,
/// a text for that platform.
pub(crate) fn check(message: &str, platform: Option<&str>) -> Result<(), Error> {
    let texts = read(message).ok_or_else(|| {
        invalid_parameter("Message Structure - JSON message body failed to parse")
    })?;
    let enough = |key: &str| text(&texts, key).is_some();
    if enough(DEFAULT) || platform.is_some_and(enough) {
        Ok(())
    } else {
        Err(invalid_parameter(
            "Message Structure - No default entry in JSON message body",
        ))
    }
}

fn read(message: &str) -> Option<Texts> {
    serde_json::from_str(message).ok()
}

fn text<'t>(texts: &'t Texts, key: &str) -> Option<&'t str> {
    texts.get(key)?.as_str()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(message: &str, platform: Option<&str>) -> String {
        check(message, platform).unwrap_err().to_string()
    }

    #[test]
    fn each_protocol_gets_its_own_text_or_the_default() {
        let message =
            r#"{"default":"d","sqs":"q \"é\"","http":5,"email-json":null,"unknown":{"a":[1]}}"#;
        assert_eq!(check(message, None), Ok(()));
        let of = |protocol| for_protocol(message, protocol).into_owned();
        assert_eq!(of(Protocol::Sqs), "q \"é\"");
        assert_eq!(of(Protocol::Lambda), "d");
        assert_eq!(of(Protocol::Http), "d", "a number is no text");
        assert_eq!(of(Protocol::EmailJson), "d");
        assert_eq!(entry(message, "sqs").as_deref(), Some("q \"é\""));
        assert_eq!(entry(message, "GCM"), None);
    }

    #[test]
    fn of_a_key_that_is_there_twice_the_last_one_counts() {
        let twice = r#"{"default":"first","default":"last"}"#;
        assert_eq!(check(twice, None), Ok(()));
        assert_eq!(for_protocol(twice, Protocol::Sqs), "last");
        assert!(check(r#"{"default":"first","default":2}"#, None).is_err());
    }

    #[test]
    fn what_is_no_object_fails_to_parse() {
        for message in [
            "",
            "text",
            "[]",
            "\"a\"",
            "{",
            r#"{"default":"a"} x"#,
            r#"{"default":"a"}{}"#,
        ] {
            assert_eq!(
                refusal(message, None),
                "InvalidParameter: Invalid parameter: Message Structure - JSON message body failed to parse",
                "{message}"
            );
        }
        assert_eq!(check("\n {\"default\" : \"a\"}\n", None), Ok(()));
    }

    #[test]
    fn a_default_must_be_there_and_be_a_string() {
        for message in [
            "{}",
            r#"{"default":null}"#,
            r#"{"default":{"a":1}}"#,
            r#"{"sqs":"a"}"#,
        ] {
            assert_eq!(
                refusal(message, None),
                "InvalidParameter: Invalid parameter: Message Structure - No default entry in JSON message body",
                "{message}"
            );
        }
    }

    #[test]
    fn published_to_one_platform_a_text_for_it_is_enough() {
        assert_eq!(check(r#"{"GCM":"{}"}"#, Some("GCM")), Ok(()));
        assert_eq!(check(r#"{"default":"d"}"#, Some("GCM")), Ok(()));
        assert!(check(r#"{"APNS":"{}"}"#, Some("GCM")).is_err());
    }
}
