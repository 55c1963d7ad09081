//! What may be subscribed: the form that each protocol's endpoints have.
//!
//! Spec section 3.1; <https://docs.aws.amazon.com/sns/latest/api/API_Subscribe.html>.

use api::Error;
use api::sns::error as kind;
use domain::Arn;

use crate::error::{invalid_because, invalid_parameter};
use crate::subscription::{Endpoint, Protocol};

/// Longest endpoint, in bytes.
const BYTES_MAX: usize = 2048;
/// Digits of a phone number.
const PHONE_DIGITS: std::ops::RangeInclusive<usize> = 2..=15;

/// Reads an endpoint. What it names need not be there.
pub(crate) fn read(protocol: Protocol, text: &str) -> Result<Endpoint, Error> {
    if text.len() > BYTES_MAX {
        return Err(invalid_parameter("Endpoint"));
    }
    match protocol {
        Protocol::Http | Protocol::Https => url(protocol, text),
        Protocol::Email | Protocol::EmailJson => mail(text),
        Protocol::Sms => phone(text),
        Protocol::Sqs => arn(text, "sqs", "").ok_or_else(|| invalid_parameter("SQS endpoint ARN")),
        Protocol::Application => arn(text, "sns", "endpoint/")
            .ok_or_else(|| invalid_parameter(format!("Application endpoint arn invalid:{text}"))),
        Protocol::Lambda => {
            arn(text, "lambda", "function:").ok_or_else(|| invalid_parameter("Lambda endpoint ARN"))
        }
        Protocol::Firehose => arn(text, "firehose", "deliverystream/")
            .ok_or_else(|| invalid_parameter("Firehose endpoint ARN")),
    }
}

/// An endpoint that names nothing that is there.
pub(crate) fn does_not_exist(endpoint: &str) -> Error {
    invalid_because(
        "Endpoint",
        format!("Endpoint does not exist for endpoint arn{endpoint}"),
    )
}

/// The endpoint as it may be shown: without the password of a URL.
pub(crate) fn shown(endpoint: &str) -> String {
    let masked = || {
        let (scheme, rest) = endpoint.split_once("://")?;
        let authority = &rest[..rest.find(['/', '?', '#']).unwrap_or(rest.len())];
        let (user, host) = authority.rsplit_once('@')?;
        let (name, _) = user.split_once(':')?;
        let path = &rest[authority.len()..];
        Some(format!("{scheme}://{name}:****@{host}{path}"))
    };
    masked().unwrap_or_else(|| endpoint.to_owned())
}

fn url(protocol: Protocol, text: &str) -> Result<Endpoint, Error> {
    let rest = text
        .strip_prefix(protocol.name())
        .and_then(|rest| rest.strip_prefix("://"))
        .ok_or_else(|| invalid_parameter("Endpoint must match the specified protocol"))?;
    if !leads_somewhere(rest) || text.contains(|c: char| c.is_whitespace() || c.is_control()) {
        return Err(invalid_parameter("Endpoint"));
    }
    Ok(Endpoint::Text(text.into()))
}

/// Whether a URL behind its scheme names a host, and a port that exists if it names one.
fn leads_somewhere(rest: &str) -> bool {
    let authority = &rest[..rest.find(['/', '?', '#']).unwrap_or(rest.len())];
    let (_, place) = authority.rsplit_once('@').unwrap_or(("", authority));
    let (host, port) = match place.strip_prefix('[').map(|it| it.split_once(']')) {
        Some(Some((host, port))) => (host, port),
        Some(None) => return false,
        None => place.split_at(place.find(':').unwrap_or(place.len())),
    };
    let port = port.strip_prefix(':').unwrap_or(port);
    let has_host = host.starts_with(|c: char| c.is_alphanumeric() || c == ':' || c == '_');
    has_host && (port.is_empty() || port.parse::<u16>().is_ok_and(|port| port > 0))
}

fn mail(text: &str) -> Result<Endpoint, Error> {
    let is_address = text.split_once('@').is_some_and(|(local, host)| {
        let legal = |c: char| !c.is_whitespace() && !c.is_control() && !"@,;<>\"".contains(c);
        !local.is_empty() && !host.is_empty() && local.chars().chain(host.chars()).all(legal)
    });
    if is_address {
        Ok(Endpoint::Text(text.into()))
    } else {
        Err(invalid_parameter("Email address"))
    }
}

/// A phone number, without the single separators that it was written with.
fn phone(text: &str) -> Result<Endpoint, Error> {
    let is_separator = |c: char| "-./".contains(c);
    let digits = text.strip_prefix('+').unwrap_or(text);
    let groups_hold = digits
        .split(is_separator)
        .all(|group| !group.is_empty() && group.bytes().all(|b| b.is_ascii_digit()));
    let number: String = text.chars().filter(|&c| !is_separator(c)).collect();
    let digits = number.trim_start_matches('+');
    if groups_hold && PHONE_DIGITS.contains(&digits.len()) && !digits.starts_with('0') {
        Ok(Endpoint::Text(number.into()))
    } else {
        Err(kind::INVALID_PARAMETER_EXCEPTION.with(format!("Invalid SMS endpoint: {text}")))
    }
}

fn arn(text: &str, service: &str, resource: &str) -> Option<Endpoint> {
    let arn = Arn::parse(text).ok()?;
    let whole = !arn.region().is_empty() && !arn.account().is_empty();
    let named = arn.resource().strip_prefix(resource)?;
    (whole && arn.service() == service && !named.is_empty()).then_some(Endpoint::Arn(arn))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(protocol: Protocol, text: &str) -> String {
        read(protocol, text).unwrap_err().message.into_owned()
    }

    fn phone_of(text: &str) -> Endpoint {
        read(Protocol::Sms, text).unwrap()
    }

    #[test]
    fn a_queue_is_named_by_its_arn_and_by_nothing_else() {
        let arn = "arn:aws:sqs:us-east-1:000000000000:orders";
        assert_eq!(
            read(Protocol::Sqs, arn).unwrap(),
            Endpoint::Arn(Arn::parse(arn).unwrap())
        );
        for text in [
            "",
            "orders",
            "http://localhost:4566/000000000000/orders",
            "arn:aws:sns:us-east-1:000000000000:orders",
            "arn:aws:sqs:::orders",
        ] {
            assert_eq!(
                refusal(Protocol::Sqs, text),
                "Invalid parameter: SQS endpoint ARN",
                "{text}"
            );
        }
    }

    #[test]
    fn a_url_has_the_protocol_that_is_subscribed() {
        assert!(read(Protocol::Http, "http://localhost:8080/a?b=c").is_ok());
        for text in [
            "https://user:pass@[::1]/",
            "https://[fe80::1]:8443",
            "https://a:1?b:c",
        ] {
            assert!(read(Protocol::Https, text).is_ok(), "{text}");
        }
        let told = "Invalid parameter: Endpoint must match the specified protocol";
        assert_eq!(refusal(Protocol::Http, "https://localhost"), told);
        assert_eq!(refusal(Protocol::Https, "http://localhost"), told);
        assert_eq!(refusal(Protocol::Http, "localhost"), told);
        for text in [
            "http://",
            "http:///a",
            "http://a b",
            "http://a\r\nHost: b",
            "http://[::1",
            "http://a:99999/",
            "http://a:b",
            "http://a:0",
            "http://user@",
        ] {
            let told = "Invalid parameter: Endpoint";
            assert_eq!(refusal(Protocol::Http, text), told, "{text}");
        }
    }

    #[test]
    fn a_mail_address_has_two_sides() {
        assert!(read(Protocol::Email, "a.b+c@example.com").is_ok());
        assert!(read(Protocol::EmailJson, "a@localhost").is_ok());
        for text in [
            "",
            "this is not an email",
            "@b",
            "a@",
            "a@b;c@d",
            "a@b\r\nBcc: c",
        ] {
            assert_eq!(
                refusal(Protocol::Email, text),
                "Invalid parameter: Email address",
                "{text}"
            );
        }
    }

    #[test]
    fn a_phone_number_loses_its_single_separators() {
        for (text, number) in [
            ("+12/34-567.890", "+1234567890"),
            ("+123123120", "+123123120"),
            ("15551234567", "15551234567"),
        ] {
            assert_eq!(phone_of(text), Endpoint::Text(number.into()));
        }
        for text in [
            "",
            "+1",
            "NAA+15551234567",
            "+15--551234567",
            "/+15551234567",
            "+15551234567.",
            "+0123",
        ] {
            assert_eq!(
                refusal(Protocol::Sms, text),
                format!("Invalid SMS endpoint: {text}")
            );
        }
    }

    #[test]
    fn applications_functions_and_streams_have_arns_of_their_kind() {
        let device = "arn:aws:sns:us-east-1:000000000000:endpoint/GCM/app/1b2c";
        assert!(read(Protocol::Application, device).is_ok());
        assert_eq!(
            refusal(
                Protocol::Application,
                "arn:aws:sns:us-east-1:000000000000:orders"
            ),
            "Invalid parameter: Application endpoint arn invalid:arn:aws:sns:us-east-1:000000000000:orders"
        );
        assert!(
            read(
                Protocol::Lambda,
                "arn:aws:lambda:us-east-1:000000000000:function:f"
            )
            .is_ok()
        );
        assert_eq!(
            refusal(Protocol::Lambda, "f"),
            "Invalid parameter: Lambda endpoint ARN"
        );
        assert_eq!(
            refusal(Protocol::Firehose, "s"),
            "Invalid parameter: Firehose endpoint ARN"
        );
    }

    #[test]
    fn a_password_is_not_shown() {
        for (endpoint, seen) in [
            (
                "https://me:secret@host/path?a=b@c",
                "https://me:****@host/path?a=b@c",
            ),
            ("https://me:a:b@host", "https://me:****@host"),
            ("https://me@host/", "https://me@host/"),
            ("https://host/a:b@c", "https://host/a:b@c"),
            ("a@b", "a@b"),
        ] {
            assert_eq!(shown(endpoint), seen);
        }
    }
}
