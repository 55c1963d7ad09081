//! What the head of a request says beside the operation: who asks, from where, and for how much.

use domain::{AccountId, Region};
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HOST, HeaderMap, HeaderName};
use http::request::Parts;
use node::{Caller, Overrides};
use wire::{Dialect, Protocol, Scope};

use crate::service::Service;

pub(crate) const TARGET: HeaderName = HeaderName::from_static("x-amz-target");
const TRACE: HeaderName = HeaderName::from_static("x-amzn-trace-id");
const OVERRIDE_COUNT: HeaderName =
    HeaderName::from_static("x-localstack-sqs-override-message-count");
const OVERRIDE_WAIT: HeaderName =
    HeaderName::from_static("x-localstack-sqs-override-wait-time-seconds");

/// What the head of a request says beside the operation.
pub(crate) struct Head<'a> {
    host: &'a str,
    account: AccountId,
    region: Region,
    /// The service that the signature names.
    scope: Option<&'a str>,
    trace: Option<&'a str>,
    overrides: Overrides,
}

impl<'a> Head<'a> {
    pub(crate) fn of(service: &'a Service, parts: &'a Parts) -> Head<'a> {
        let headers = &parts.headers;
        let authority = || parts.uri.authority().map(http::uri::Authority::as_str);
        let host = text(headers, &HOST)
            .or_else(authority)
            .unwrap_or(&service.host);
        let authorization = text(headers, &AUTHORIZATION).unwrap_or_default();
        let scope = Scope::of(authorization, parts.uri.query().unwrap_or_default());
        let number = |name| text(headers, name)?.parse().ok();
        Head {
            host,
            account: scope
                .and_then(|scope| AccountId::parse(scope.account()).ok())
                .unwrap_or(AccountId::DEFAULT),
            region: match scope {
                Some(scope) => scope.region.and_then(|region| Region::parse(region).ok()),
                None => region_of_host(host),
            }
            .unwrap_or_default(),
            scope: scope.map(|scope| scope.service),
            trace: text(headers, &TRACE),
            overrides: Overrides {
                max: number(&OVERRIDE_COUNT).and_then(|count: u32| count.try_into().ok()),
                wait_seconds: number(&OVERRIDE_WAIT),
            },
        }
    }

    pub(crate) fn caller(&'a self, protocol: Protocol) -> Caller<'a> {
        Caller {
            account: self.account,
            region: self.region,
            sender: self.account.as_str(),
            host: self.host,
            trace: self.trace,
            overrides: self.overrides,
            signed: self.scope.is_some(),
            query_protocol: matches!(protocol, Protocol::Query | Protocol::QueryJson),
        }
    }

    pub(crate) fn incoming<'b>(&'b self, parts: &'b Parts, body: &'b [u8]) -> wire::Incoming<'b> {
        let header = |name| text(&parts.headers, name).unwrap_or_default();
        wire::Incoming {
            method: parts.method.as_str(),
            path: parts.uri.path(),
            query: parts.uri.query().unwrap_or_default(),
            host: self.host,
            content_type: header(&CONTENT_TYPE),
            target: header(&TARGET),
            accept: header(&ACCEPT),
            scope: self.scope,
            body,
        }
    }

    /// How to answer a request that is not read any further.
    pub(crate) fn dialect(headers: &HeaderMap) -> Dialect {
        let header = |name| text(headers, name).unwrap_or_default();
        let scope = Scope::of(header(&AUTHORIZATION), "");
        Dialect::of_head(
            header(&TARGET),
            header(&ACCEPT),
            scope.map(|scope| scope.service),
        )
    }
}

/// A header's text, if it has one.
pub(crate) fn text<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h str> {
    headers.get(name)?.to_str().ok()
}

/// The region that a host such as `sqs.eu-west-1.localhost` names, for requests that nobody signed.
fn region_of_host(host: &str) -> Option<Region> {
    let url = format!("http://{host}/000000000000/q");
    Region::parse(wire::queue_url::parse(&url).ok()?.region?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unsigned_request_is_for_the_region_its_host_names() {
        assert_eq!(
            region_of_host("sqs.eu-west-1.localhost:4566")
                .unwrap()
                .as_str(),
            "eu-west-1"
        );
        assert_eq!(region_of_host("localhost:4566"), None);
    }

    #[test]
    fn what_cannot_be_read_is_refused_in_the_clients_protocol() {
        let mut headers = HeaderMap::new();
        assert_eq!(Head::dialect(&headers).protocol, Protocol::Query);
        headers.insert(ACCEPT, http::HeaderValue::from_static("application/json"));
        assert_eq!(Head::dialect(&headers).protocol, Protocol::QueryJson);
        headers.insert(
            TARGET,
            http::HeaderValue::from_static("AmazonSQS.SendMessage"),
        );
        assert_eq!(Head::dialect(&headers).protocol, Protocol::AwsJson10);
    }
}
