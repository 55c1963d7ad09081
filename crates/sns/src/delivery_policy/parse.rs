//! Reads delivery policies, and says in SNS's words what is wrong with one.
//!
//! AWS insists on minDelayTarget, maxDelayTarget and numRetries inside a retry policy, against its own examples; here
//! what is left out counts as the default.

use serde_json::{Map, Value};

use super::{Backoff, DeliveryPolicy, RetryMembers, TopicDeliveryPolicy};
use crate::error::Refused;
use crate::limits;

/// Media types that a request may be sent as.
const MEDIA_TYPES: [&str; 10] = [
    "application/json",
    "application/octet-stream",
    "application/soap+xml",
    "application/x-www-form-urlencoded",
    "application/xml",
    "text/css",
    "text/csv",
    "text/html",
    "text/plain",
    "text/xml",
];

/// A topic's policy. The empty text is none.
pub(crate) fn topic(text: &str) -> Result<Option<TopicDeliveryPolicy>, Refused> {
    let Some(root) = root(text)? else {
        return Ok(None);
    };
    let mut policy = TopicDeliveryPolicy::default();
    for (name, value) in &root {
        match (name.as_str(), value) {
            ("http", Value::Object(http)) => policy = topic_http(http)?,
            ("http", Value::Null) => {}
            ("http", _) => return Err(wrong("http", "must be an object")),
            _ => return Err(unexpected(name)),
        }
    }
    Ok(Some(policy))
}

fn topic_http(http: &Map<String, Value>) -> Result<TopicDeliveryPolicy, Refused> {
    let mut policy = TopicDeliveryPolicy::default();
    for (name, value) in http {
        let path = format!("http.{name}");
        match name.as_str() {
            "defaultHealthyRetryPolicy" => policy.retry = some(value, |v| retry(v, &path))?,
            "defaultThrottlePolicy" => policy.throttle = throttle(value, &path)?,
            "defaultRequestPolicy" => policy.content_type = request(value, &path)?,
            "disableSubscriptionOverrides" => {
                policy.no_overrides = some(value, |v| flag(v, &path))?.unwrap_or_default();
            }
            _ => return Err(unexpected(name)),
        }
    }
    Ok(policy)
}

/// A subscription's policy. The empty text is none.
pub(crate) fn subscription(text: &str) -> Result<Option<DeliveryPolicy>, Refused> {
    let Some(root) = root(text)? else {
        return Ok(None);
    };
    let mut policy = DeliveryPolicy::default();
    for (name, value) in &root {
        match name.as_str() {
            "healthyRetryPolicy" => policy.healthy = some(value, |v| retry(v, name))?,
            "sicklyRetryPolicy" => policy.sickly = some(value, |v| retry(v, name))?,
            "throttlePolicy" => policy.throttle = throttle(value, name)?,
            "requestPolicy" => policy.content_type = request(value, name)?,
            "guaranteed" => policy.guaranteed = some(value, |v| flag(v, name))?.unwrap_or_default(),
            _ => return Err(unexpected(name)),
        }
    }
    Ok(Some(policy))
}

fn root(text: &str) -> Result<Option<Map<String, Value>>, Refused> {
    if text.is_empty() {
        return Ok(None);
    }
    match serde_json::from_str(text) {
        Ok(Value::Object(root)) => Ok(Some(root)),
        Ok(_) => Err(refused("failed to parse JSON. It is not an object")),
        Err(error) => Err(refused(format!("failed to parse JSON. {error}"))),
    }
}

fn retry(value: &Value, path: &str) -> Result<RetryMembers, Refused> {
    let mut members = RetryMembers::default();
    for (name, value) in object(value, path)? {
        let path = format!("{path}.{name}");
        let at_least = |min| some(value, |v| number(v, &path, min, u32::MAX));
        match name.as_str() {
            "minDelayTarget" => members.min_delay = at_least(1)?,
            "maxDelayTarget" => {
                members.max_delay =
                    some(value, |v| number(v, &path, 1, limits::RETRY_SECONDS_MAX))?;
            }
            "numRetries" => {
                members.retries = some(value, |v| number(v, &path, 0, limits::RETRIES_MAX))?;
            }
            "numNoDelayRetries" => members.no_delay = at_least(0)?,
            "numMinDelayRetries" => members.min_delay_retries = at_least(0)?,
            "numMaxDelayRetries" => members.max_delay_retries = at_least(0)?,
            "backoffFunction" => members.backoff = some(value, backoff)?,
            _ => return Err(unexpected(name)),
        }
    }
    check_together(&members, path)?;
    Ok(members)
}

fn check_together(members: &RetryMembers, path: &str) -> Result<(), Refused> {
    let whole = members.completed();
    if whole.max_delay < whole.min_delay {
        return Err(wrong(
            &format!("{path}.maxDelayTarget"),
            "must be greater than or equal to minDelayTarget",
        ));
    }
    let phases = [
        whole.no_delay,
        whole.min_delay_retries,
        whole.max_delay_retries,
    ];
    if phases.into_iter().map(u64::from).sum::<u64>() > u64::from(whole.retries) {
        return Err(wrong(
            &format!("{path}.numRetries"),
            "must be greater than or equal to total of numMinDelayRetries, numNoDelayRetries and numMaxDelayRetries",
        ));
    }
    Ok(())
}

fn backoff(value: &Value) -> Result<Backoff, Refused> {
    let text = value.as_str();
    text.and_then(Backoff::parse).ok_or_else(|| {
        let shown = text.map_or_else(|| value.to_string(), str::to_owned);
        refused(format!(
            "the value [{shown}] is not a valid backoff function"
        ))
    })
}

fn throttle(value: &Value, path: &str) -> Result<Option<u32>, Refused> {
    let mut rate = None;
    for (name, value) in members(value, path)? {
        match name.as_str() {
            "maxReceivesPerSecond" => {
                rate = some(value, |v| integer(v, &format!("{path}.{name}")))?;
                if rate.is_some_and(|rate| rate < 1) {
                    return Err(wrong(&format!("{path}.{name}"), "must be >= 1"));
                }
            }
            _ => return Err(unexpected(name)),
        }
    }
    Ok(rate.map(|rate| u32::try_from(rate).unwrap_or(u32::MAX)))
}

fn request(value: &Value, path: &str) -> Result<Option<Box<str>>, Refused> {
    let mut content_type = None;
    for (name, value) in members(value, path)? {
        match (name.as_str(), value) {
            ("headerContentType", Value::Null) => {}
            ("headerContentType", Value::String(text)) if is_content_type(text) => {
                content_type = Some(text.as_str().into());
            }
            ("headerContentType", _) => {
                return Err(wrong(
                    &format!("{path}.{name}"),
                    "is not a supported content type",
                ));
            }
            _ => return Err(unexpected(name)),
        }
    }
    Ok(content_type)
}

/// One of the media types, alone or with a character set.
fn is_content_type(text: &str) -> bool {
    let (media, parameter) = match text.split_once(';') {
        Some((media, parameter)) => (media.trim_end(), Some(parameter.trim_start())),
        None => (text, None),
    };
    let is_charset = |parameter: &str| {
        let set = parameter
            .get(..8)
            .filter(|name| name.eq_ignore_ascii_case("charset="))
            .map(|_| &parameter[8..]);
        let legal = |b: u8| b.is_ascii_alphanumeric() || b"-_.:+\"".contains(&b);
        set.is_some_and(|set| !set.is_empty() && set.len() <= 64 && set.bytes().all(legal))
    };
    MEDIA_TYPES.contains(&media) && parameter.is_none_or(is_charset)
}

/// The members of an object; null has none.
fn members<'a>(
    value: &'a Value,
    path: &str,
) -> Result<impl Iterator<Item = (&'a String, &'a Value)>, Refused> {
    let map = some(value, |value| object(value, path))?;
    Ok(map.into_iter().flatten())
}

fn object<'a>(value: &'a Value, path: &str) -> Result<&'a Map<String, Value>, Refused> {
    value
        .as_object()
        .ok_or_else(|| wrong(path, "must be an object"))
}

fn some<'a, T>(
    value: &'a Value,
    read: impl FnOnce(&'a Value) -> Result<T, Refused>,
) -> Result<Option<T>, Refused> {
    if value.is_null() {
        Ok(None)
    } else {
        read(value).map(Some)
    }
}

fn number(value: &Value, path: &str, min: u32, max: u32) -> Result<u32, Refused> {
    let number = integer(value, path)?;
    if number < i64::from(min) {
        return Err(wrong(
            path,
            &format!("must be greater than or equal to {min}"),
        ));
    }
    if number > i64::from(max) {
        return Err(wrong(path, &format!("must be less than or equal to {max}")));
    }
    Ok(number as u32)
}

fn integer(value: &Value, path: &str) -> Result<i64, Refused> {
    value
        .as_i64()
        .ok_or_else(|| wrong(path, "must be an integer"))
}

fn flag(value: &Value, path: &str) -> Result<bool, Refused> {
    value
        .as_bool()
        .ok_or_else(|| wrong(path, "must be either true or false"))
}

fn wrong(path: &str, what: &str) -> Refused {
    refused(format!("{path} {what}"))
}

fn unexpected(member: &str) -> Refused {
    refused(format!("Unexpected JSON member: {member}"))
}

fn refused(text: impl std::fmt::Display) -> Refused {
    Refused::new(format!("DeliveryPolicy: {text}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn topic_refusal(text: &str) -> String {
        topic(text).unwrap_err().0.into_owned()
    }

    fn subscription_refusal(text: &str) -> String {
        subscription(text).unwrap_err().0.into_owned()
    }

    #[test]
    fn the_bounds_of_a_retry_policy_are_told_with_the_members_path() {
        let with =
            |members: &str| format!(r#"{{"http":{{"defaultHealthyRetryPolicy":{members}}}}}"#);
        let path = "DeliveryPolicy: http.defaultHealthyRetryPolicy";
        for (members, told) in [
            (
                r#"{"numRetries":300}"#,
                "numRetries must be less than or equal to 100",
            ),
            (
                r#"{"numRetries":-1}"#,
                "numRetries must be greater than or equal to 0",
            ),
            (
                r#"{"minDelayTarget":0}"#,
                "minDelayTarget must be greater than or equal to 1",
            ),
            (
                r#"{"maxDelayTarget":3601}"#,
                "maxDelayTarget must be less than or equal to 3600",
            ),
            (
                r#"{"minDelayTarget":9,"maxDelayTarget":8}"#,
                "maxDelayTarget must be greater than or equal to minDelayTarget",
            ),
            (
                r#"{"numRetries":2,"numNoDelayRetries":1,"numMinDelayRetries":1,"numMaxDelayRetries":1}"#,
                "numRetries must be greater than or equal to total of numMinDelayRetries, numNoDelayRetries and \
                 numMaxDelayRetries",
            ),
            (r#"{"numRetries":"3"}"#, "numRetries must be an integer"),
        ] {
            assert_eq!(topic_refusal(&with(members)), format!("{path}.{told}"));
        }
        assert_eq!(
            subscription_refusal(r#"{"healthyRetryPolicy":{"minDelayTarget":0}}"#),
            "DeliveryPolicy: healthyRetryPolicy.minDelayTarget must be greater than or equal to 1"
        );
    }

    #[test]
    fn an_unknown_member_is_named() {
        assert_eq!(
            topic_refusal(r#"{"throttlePolicy":{"maxReceivesPerSecond":1}}"#),
            "DeliveryPolicy: Unexpected JSON member: throttlePolicy"
        );
        assert_eq!(
            subscription_refusal(r#"{"http":{}}"#),
            "DeliveryPolicy: Unexpected JSON member: http"
        );
        assert_eq!(
            subscription_refusal(r#"{"healthyRetryPolicy":{"numTries":1}}"#),
            "DeliveryPolicy: Unexpected JSON member: numTries"
        );
    }

    #[test]
    fn what_is_no_json_object_is_not_parsed() {
        for text in ["x", "[]", "null", "{"] {
            let start = "DeliveryPolicy: failed to parse JSON. ";
            assert!(topic_refusal(text).starts_with(start), "{text}");
            assert!(subscription_refusal(text).starts_with(start), "{text}");
        }
        assert!(subscription(r#"{"healthyRetryPolicy":3}"#).is_err());
    }

    #[test]
    fn a_rate_is_at_least_1_and_a_backoff_function_one_of_four() {
        assert_eq!(
            subscription_refusal(r#"{"throttlePolicy":{"maxReceivesPerSecond":0}}"#),
            "DeliveryPolicy: throttlePolicy.maxReceivesPerSecond must be >= 1"
        );
        assert_eq!(
            subscription_refusal(r#"{"healthyRetryPolicy":{"backoffFunction":"cubic"}}"#),
            "DeliveryPolicy: the value [cubic] is not a valid backoff function"
        );
        for (name, function) in [
            ("linear", Backoff::Linear),
            ("arithmetic", Backoff::Arithmetic),
            ("geometric", Backoff::Geometric),
            ("exponential", Backoff::Exponential),
        ] {
            let text = format!(r#"{{"healthyRetryPolicy":{{"backoffFunction":"{name}"}}}}"#);
            let policy = subscription(&text).unwrap().unwrap();
            assert_eq!(policy.healthy.unwrap().backoff, Some(function));
        }
    }

    #[test]
    fn a_content_type_is_one_of_ten_with_or_without_a_character_set() {
        let with = |text: &str| {
            subscription(
                &serde_json::json!({ "requestPolicy": { "headerContentType": text } }).to_string(),
            )
        };
        for text in [
            "text/csv",
            "application/soap+xml",
            "application/json; charset=UTF-8",
            "text/plain;charset=utf-8",
        ] {
            let policy = with(text).unwrap().unwrap();
            assert_eq!(policy.content_type.as_deref(), Some(text));
        }
        for text in [
            "",
            "image/png",
            "text/csv; boundary=x",
            "text/csv; charset=",
            "text/csv; charset=a\r\nb: c",
        ] {
            assert!(with(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_empty_text_is_no_policy_and_null_members_are_none() {
        assert_eq!(topic("").unwrap(), None);
        assert_eq!(subscription("").unwrap(), None);
        for text in [
            "{}",
            r#"{"http":null}"#,
            r#"{"http":{"defaultHealthyRetryPolicy":null,"defaultThrottlePolicy":null}}"#,
        ] {
            assert_eq!(topic(text).unwrap(), Some(TopicDeliveryPolicy::default()));
        }
        assert_eq!(
            subscription(r#"{"healthyRetryPolicy":null,"requestPolicy":null,"guaranteed":null}"#)
                .unwrap(),
            Some(DeliveryPolicy::default())
        );
    }
}
