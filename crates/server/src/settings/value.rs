//! Values of settings as texts: addresses, sizes, times, queue URL forms.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use super::{QueueUrls, Secret};

pub(super) fn listen_address(text: &str) -> Result<SocketAddr, String> {
    let text = match text.strip_prefix("localhost:") {
        Some(port) => format!("{}:{port}", IpAddr::from(Ipv4Addr::LOCALHOST)),
        None => text.to_owned(),
    };
    text.parse()
        .map_err(|_| "an address and a port, such as 127.0.0.1:4566 or [::1]:4566".to_owned())
}

pub(super) fn byte_size(text: &str) -> Result<u64, String> {
    let wrong = || "a number of bytes, also with K, M or G, such as 64M".to_owned();
    let digits = text.trim_end_matches(|c: char| !c.is_ascii_digit());
    let unit: u64 = match text[digits.len()..].to_ascii_uppercase().as_str() {
        "" | "B" => 1,
        "K" | "KB" | "KIB" => 1 << 10,
        "M" | "MB" | "MIB" => 1 << 20,
        "G" | "GB" | "GIB" => 1 << 30,
        _ => return Err(wrong()),
    };
    let number: u64 = digits.parse().map_err(|_| wrong())?;
    number.checked_mul(unit).ok_or_else(wrong)
}

pub(super) fn duration(text: &str) -> Result<Duration, String> {
    let wrong = || "a time, such as 500ms, 10s or 2m".to_owned();
    let digits = text.trim_end_matches(|c: char| !c.is_ascii_digit());
    let number: u64 = digits.parse().map_err(|_| wrong())?;
    let time = match &text[digits.len()..] {
        "ms" => Duration::from_millis(number),
        "" | "s" => Duration::from_secs(number),
        "m" => Duration::from_secs(number.checked_mul(60).ok_or_else(wrong)?),
        _ => return Err(wrong()),
    };
    let sensible = Duration::from_millis(1)..=Duration::from_secs(24 * 3600);
    if sensible.contains(&time) {
        Ok(time)
    } else {
        Err("a time from 1ms to 24 hours".to_owned())
    }
}

pub(super) fn queue_urls(text: &str) -> Result<QueueUrls, String> {
    match text {
        "host" => Ok(QueueUrls::Host),
        "region" => Ok(QueueUrls::Region),
        _ => base_url(text).map(QueueUrls::Base).map_err(|_| {
            "`host`, `region` or a base such as http://queues.example:4566".to_owned()
        }),
    }
}

/// A URL to put a path behind, without a slash at its end.
pub(super) fn base_url(text: &str) -> Result<String, String> {
    let base = text.trim_end_matches('/');
    let host = base
        .strip_prefix("http://")
        .or_else(|| base.strip_prefix("https://"));
    match host {
        Some(host) if !host.is_empty() && !host.contains(['?', '#', ' ', '"', '<', '&']) => {
            Ok(base.to_owned())
        }
        _ => Err("a URL such as http://tidings.example:4566".to_owned()),
    }
}

pub(super) fn host_name(text: &str) -> Result<String, String> {
    let legal = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':');
    if !text.is_empty() && text.chars().all(legal) {
        Ok(text.to_owned())
    } else {
        Err("a host such as sns.us-east-1.amazonaws.com".to_owned())
    }
}

pub(super) fn smtp_url(text: &str) -> Result<Secret, String> {
    let rest = text
        .strip_prefix("smtp://")
        .or_else(|| text.strip_prefix("smtps://"));
    match rest {
        Some(rest) if !rest.is_empty() => Ok(Secret(text.to_owned())),
        _ => Err("a URL such as smtp://user:password@mail.example:587".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_times_and_urls_are_read_in_the_usual_forms() {
        assert_eq!(byte_size("10k"), Ok(10 << 10));
        assert_eq!(byte_size("3GiB"), Ok(3 << 30));
        assert!(byte_size("many").is_err());
        assert!(byte_size("99999999999G").is_err());
        assert_eq!(duration("250ms"), Ok(Duration::from_millis(250)));
        assert_eq!(duration("7"), Ok(Duration::from_secs(7)));
        assert!(duration("0s").is_err());
        assert_eq!(
            queue_urls("http://q.example/"),
            Ok(QueueUrls::Base("http://q.example".to_owned()))
        );
        assert!(queue_urls("q.example").is_err());
        assert_eq!(
            base_url("https://t.example/"),
            Ok("https://t.example".to_owned())
        );
        assert!(host_name("sns.us-east-1.amazonaws.com").is_ok());
        assert!(host_name("a/b").is_err());
        assert!(smtp_url("smtp://u:p@mail.example:587").is_ok());
        assert!(smtp_url("http://mail.example").is_err());
    }
}
