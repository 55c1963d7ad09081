//! Queue URLs in every form users have them (spec sections 1.3 and 11): which account, region and name they mean.

use api::Error;
use api::sqs::error::INVALID_ADDRESS;

use crate::scope::is_account;
use crate::shown;

/// Longest URL looked at.
const URL_BYTES_MAX: usize = 2048;

/// A queue as its URL names it. What is absent is the caller's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QueueRef<'a> {
    /// 12 digits.
    pub account: Option<&'a str>,
    pub region: Option<&'a str>,
    /// Whatever stands there: whether it can name a queue is the service's to say.
    pub name: &'a str,
}

/// Reads a queue URL, or a bare queue name in its place.
///
/// The last two segments of the path are account and name. The region is in the host (`sqs.{region}.…`,
/// `{region}.queue.…`; `queue.…` means us-east-1) or in the path (`/queue/{region}/…`).
///
/// # Errors
///
/// InvalidAddress where there is no account and name.
pub fn parse(url: &str) -> Result<QueueRef<'_>, Error> {
    if !url.is_empty() && !url.contains('/') {
        return Ok(QueueRef {
            account: None,
            region: None,
            name: url,
        });
    }
    parse_url(url).ok_or_else(|| {
        let url = shown(url);
        INVALID_ADDRESS.with(format!("The address {url} is not valid for this endpoint."))
    })
}

/// Whether a request's path is that of a queue URL.
pub fn is_queue_path(path: &str) -> bool {
    Path::of(path).is_some()
}

fn parse_url(url: &str) -> Option<QueueRef<'_>> {
    if url.len() > URL_BYTES_MAX {
        return None;
    }
    let (host, path) = match url.split_once("://") {
        Some((_scheme, rest)) => rest.split_once('/')?,
        None => ("", url),
    };
    let path = path.split(['?', '#']).next()?;
    let Path {
        account,
        name,
        region,
    } = Path::of(path)?;
    Some(QueueRef {
        account: Some(account),
        region: region_of_host(host).or(region).or(default_region(host)),
        name,
    })
}

struct Path<'a> {
    account: &'a str,
    name: &'a str,
    region: Option<&'a str>,
}

impl<'a> Path<'a> {
    fn of(path: &'a str) -> Option<Self> {
        let mut segments = path.strip_suffix('/').unwrap_or(path).rsplit('/');
        let name = segments.next().filter(|name| !name.is_empty())?;
        let account = segments.next().filter(|account| is_account(account))?;
        let region = segments.next().filter(|region| is_region(region));
        Some(Path {
            account,
            name,
            region: region.filter(|_| segments.next() == Some("queue")),
        })
    }
}

fn region_of_host(host: &str) -> Option<&str> {
    let mut before = "";
    for label in host.split(['.', ':']) {
        if label == "queue" && is_region(before) {
            return Some(before);
        }
        if matches!(before, "sqs" | "sqs-fips") && is_region(label) {
            return Some(label);
        }
        before = label;
    }
    None
}

/// The oldest hosts name no region because there was only one.
fn default_region(host: &str) -> Option<&'static str> {
    host.starts_with("queue.").then_some("us-east-1")
}

/// Whether this has the form of a region's name, such as `us-gov-west-1`.
fn is_region(text: &str) -> bool {
    let Some((area, number)) = text.rsplit_once('-') else {
        return false;
    };
    area.len() <= 24
        && area.contains('-')
        && area
            .split('-')
            .all(|word| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase()))
        && (1..=2).contains(&number.len())
        && number.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(url: &str, account: Option<&str>, region: Option<&str>, name: &str) {
        let expected = QueueRef {
            account,
            region,
            name,
        };
        assert_eq!(parse(url), Ok(expected), "{url}");
    }

    #[test]
    fn every_form_names_its_queue() {
        let (account, west) = (Some("123456789012"), Some("us-west-2"));
        check(
            "https://sqs.us-west-2.amazonaws.com/123456789012/q",
            account,
            west,
            "q",
        );
        check(
            "https://sqs.us-west-2.amazonaws.com/123456789012/q/",
            account,
            west,
            "q",
        );
        check(
            "https://sqs-fips.us-west-2.amazonaws.com/123456789012/q",
            account,
            west,
            "q",
        );
        check(
            "https://sqs.us-west-2.api.aws/123456789012/q",
            account,
            west,
            "q",
        );
        check(
            "https://sqs.cn-north-1.amazonaws.com.cn/123456789012/q",
            account,
            Some("cn-north-1"),
            "q",
        );
        check(
            "https://us-west-2.queue.amazonaws.com/123456789012/q",
            account,
            west,
            "q",
        );
        check(
            "https://queue.amazonaws.com/123456789012/q",
            account,
            Some("us-east-1"),
            "q",
        );
        check(
            "https://vpce-0a.sqs.us-west-2.vpce.amazonaws.com/123456789012/q",
            account,
            west,
            "q",
        );
        check(
            "http://sqs.us-west-2.localhost:4566/123456789012/q.fifo",
            account,
            west,
            "q.fifo",
        );
        check(
            "http://sqs.us-west-2.localhost.localstack.cloud:4566/123456789012/q",
            account,
            west,
            "q",
        );
        check(
            "http://us-west-2.queue.localhost.localstack.cloud:4566/123456789012/q",
            account,
            west,
            "q",
        );
        check(
            "http://queue.localhost.localstack.cloud:4566/123456789012/q",
            account,
            Some("us-east-1"),
            "q",
        );
        check(
            "http://localhost:4566/queue/us-west-2/123456789012/q",
            account,
            west,
            "q",
        );
        check("http://localhost:4566/123456789012/q", account, None, "q");
        check("http://sqs:9324/123456789012/q", account, None, "q");
        check("http://[::1]:4566/123456789012/q", account, None, "q");
        check(
            "http://proxy/some/prefix/123456789012/q",
            account,
            None,
            "q",
        );
        check("/123456789012/q", account, None, "q");
        check("123456789012/q", account, None, "q");
    }

    #[test]
    fn bare_name_is_the_callers_queue() {
        check("orders.fifo", None, None, "orders.fifo");
    }

    #[test]
    fn url_without_account_and_name_is_an_invalid_address() {
        for url in [
            "",
            "/",
            "http://localhost:4566/",
            "http://localhost:4566",
            "https://queue.amazonaws.com/q",
            "http://h/1234/q",
            "http://h/123456789012/",
        ] {
            let error = parse(url).unwrap_err();
            assert_eq!(error.kind, &INVALID_ADDRESS);
            assert_eq!(
                error.message,
                format!("The address {url} is not valid for this endpoint.")
            );
        }
    }

    #[test]
    fn queue_paths_are_told_from_others() {
        assert!(is_queue_path("/000000000000/q"));
        assert!(is_queue_path("/queue/us-east-1/000000000000/q/"));
        assert!(!is_queue_path("/"));
        assert!(!is_queue_path("/_aws/sqs/messages"));
    }
}
