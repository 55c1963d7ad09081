//! Endpoints beside AWS's API: health, metrics, clock, reset, and looking at messages and at what was sent.
//!
//! Those that change something refuse a browser's cross-site requests: a page that somebody visits shall not empty
//! the queues on their machine.

mod asked;
mod certificate;
mod clock;
mod health;
mod messages;
mod sent;
mod subscriber;

use std::rc::Rc;

use http::header::{ALLOW, HOST, HeaderMap, HeaderName, HeaderValue, ORIGIN};
use http::request::Parts;
use http::{Method, StatusCode};
use hyper::body::Incoming;
use serde_json::json;

use asked::{Refused, durable};

use crate::aws;
use crate::http::answer::{self, Answer};
use crate::http::body;
use crate::http::watch::Watch;
use crate::io_thread::IoThread;
use crate::metrics::exposition;

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Under the name that validators look for at AWS's own host, as well as below our prefix.
const CERTIFICATE: &str = "/SimpleNotificationService-";

/// What a path outside AWS's API asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Route {
    Health,
    Metrics,
    Clock,
    Reset,
    LocalstackHealth,
    LocalstackInfo,
    Messages,
    Certificate,
    Pushes,
    Texts,
    Mails,
    Outbox,
    Token,
    OptOuts,
    /// Below one of our prefixes, but nothing.
    Unknown,
}

impl Route {
    /// The route of a path, or none if the path is AWS's.
    pub(crate) fn of(path: &str) -> Option<Route> {
        // Every queue URL and the root leave here.
        if path.starts_with(CERTIFICATE) {
            return Some(Route::Certificate);
        }
        if !path.starts_with("/_") && path != "/metrics" {
            return None;
        }
        let messages = path.strip_prefix("/_aws/sqs/messages");
        Some(match path {
            "/metrics" => Route::Metrics,
            "/_tidings/health" => Route::Health,
            "/_tidings/clock" => Route::Clock,
            "/_tidings/reset" => Route::Reset,
            "/_tidings/outbox" => Route::Outbox,
            "/_aws/ses" => Route::Mails,
            "/_aws/sns/platform-endpoint-messages" => Route::Pushes,
            "/_aws/sns/sms-messages" => Route::Texts,
            "/_aws/sns/phone-opt-outs" => Route::OptOuts,
            _ if path.starts_with(subscriber::TOKENS) => Route::Token,
            "/_localstack/health" => Route::LocalstackHealth,
            "/_localstack/info" => Route::LocalstackInfo,
            _ if path
                .strip_prefix("/_aws/sns")
                .is_some_and(|it| it.starts_with(CERTIFICATE)) =>
            {
                Route::Certificate
            }
            _ if messages.is_some_and(|rest| rest.is_empty() || rest.starts_with('/')) => {
                Route::Messages
            }
            _ if ["/_tidings", "/_localstack", "/_aws"]
                .iter()
                .any(|ours| path.starts_with(ours)) =>
            {
                Route::Unknown
            }
            _ => return None,
        })
    }

    /// The methods it understands.
    fn methods(self) -> &'static [Method] {
        match self {
            Route::Health
            | Route::Metrics
            | Route::LocalstackHealth
            | Route::LocalstackInfo
            | Route::Certificate
            | Route::Token
            | Route::Unknown => &[Method::GET, Method::HEAD],
            Route::Clock => &[Method::GET, Method::PUT],
            Route::Reset | Route::OptOuts => &[Method::POST],
            Route::Pushes | Route::Texts | Route::Mails | Route::Outbox => {
                &[Method::GET, Method::HEAD, Method::DELETE]
            }
            Route::Messages => &[Method::GET, Method::POST],
        }
    }
}

pub(crate) async fn answer(
    thread: &Rc<IoThread>,
    watch: &Watch,
    route: Route,
    parts: Box<Parts>,
    incoming: Incoming,
) -> Answer {
    if !route.methods().contains(&parts.method) {
        return wrong_method(route);
    }
    let changes = matches!(parts.method, Method::PUT | Method::POST | Method::DELETE);
    if changes && is_cross_site(&parts.headers) {
        return answer::text(
            StatusCode::FORBIDDEN,
            "Requests from other sites' pages are refused.",
        );
    }
    let body = match aws::read_body(thread, watch, &parts, incoming).await {
        Ok(body) => body,
        Err(body::Refused::TooLarge) => {
            return answer::text(StatusCode::PAYLOAD_TOO_LARGE, "The body is too large.");
        }
        Err(body::Refused::Crowded) => {
            return answer::text(StatusCode::SERVICE_UNAVAILABLE, "Try again later.");
        }
        Err(body::Refused::Broken) => {
            return answer::text(StatusCode::BAD_REQUEST, "The body did not come.");
        }
    };
    match route {
        Route::Health => health::health(&thread.service),
        Route::LocalstackHealth => health::localstack(),
        Route::LocalstackInfo => health::localstack_info(),
        Route::Metrics => answer::plain(
            StatusCode::OK,
            "text/plain; version=0.0.4; charset=utf-8",
            exposition(&thread.service),
        ),
        Route::Clock if parts.method == Method::PUT => clock::change(&thread.service, &body).await,
        Route::Clock => clock::show(&thread.service.node.clock_face()),
        Route::Reset => or_refusal(reset(thread).await),
        Route::Pushes => or_refusal(sent::pushes(thread, &parts).await),
        Route::Texts => or_refusal(sent::texts(thread, &parts).await),
        Route::Mails => or_refusal(sent::mails(thread, &parts).await),
        Route::Outbox => or_refusal(sent::outbox(thread, &parts).await),
        Route::Token => or_refusal(subscriber::token(thread, &parts).await),
        Route::OptOuts => or_refusal(subscriber::opt_out(thread, &body).await),
        Route::Certificate => certificate::show(&thread.service, parts.uri.path()),
        Route::Messages => messages::peek(thread, &parts, &body).await,
        Route::Unknown => unknown(&parts),
    }
}

fn unknown(parts: &Parts) -> Answer {
    answer::text(
        StatusCode::NOT_FOUND,
        format!("There is nothing at {}.", parts.uri.path()),
    )
}

fn wrong_method(route: Route) -> Answer {
    let names: Vec<&str> = route.methods().iter().map(Method::as_str).collect();
    let names = names.join(", ");
    let mut answer = answer::text(
        StatusCode::METHOD_NOT_ALLOWED,
        format!("This endpoint takes {names}."),
    );
    if let Ok(names) = HeaderValue::from_str(&names) {
        answer.headers_mut().insert(ALLOW, names);
    }
    answer
}

/// Whether a browser sends this on behalf of another site's page. Programs send neither header.
fn is_cross_site(headers: &HeaderMap) -> bool {
    if aws::text(headers, &SEC_FETCH_SITE) == Some("cross-site") {
        return true;
    }
    let Some(origin) = headers.get(ORIGIN) else {
        return false;
    };
    let site = origin
        .to_str()
        .ok()
        .and_then(|origin| origin.split_once("://"));
    let host = aws::text(headers, &HOST);
    site.is_none_or(|(_, site)| Some(site) != host)
}

/// Removes everything, of every service, account and region.
async fn reset(thread: &Rc<IoThread>) -> Result<Answer, Refused> {
    let after = thread.service.node.reset()?;
    durable(thread, after).await?;
    Ok(answer::json(StatusCode::OK, &json!({ "status": "reset" })))
}

fn or_refusal(answer: Result<Answer, Refused>) -> Answer {
    answer.unwrap_or_else(Refused::answer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn aws_paths_are_left_to_aws() {
        for path in [
            "/",
            "/000000000000/q",
            "/queue/us-east-1/000000000000/q",
            "/_q",
            "/metrics/x",
            "",
        ] {
            assert_eq!(Route::of(path), None, "{path}");
        }
    }

    #[test]
    fn every_endpoint_has_its_path() {
        let cases = [
            ("/metrics", Route::Metrics),
            ("/_tidings/health", Route::Health),
            ("/_tidings/clock", Route::Clock),
            ("/_tidings/reset", Route::Reset),
            ("/_localstack/health", Route::LocalstackHealth),
            ("/_localstack/info", Route::LocalstackInfo),
            ("/_aws/sqs/messages", Route::Messages),
            (
                "/_aws/sqs/messages/us-east-1/000000000000/q",
                Route::Messages,
            ),
            ("/_aws/sqs/messagesx", Route::Unknown),
            (
                "/_aws/sns/SimpleNotificationService-0.pem",
                Route::Certificate,
            ),
            ("/SimpleNotificationService-0.pem", Route::Certificate),
            ("/_tidings/outbox", Route::Outbox),
            ("/_aws/ses", Route::Mails),
            ("/_aws/sns/platform-endpoint-messages", Route::Pushes),
            ("/_aws/sns/sms-messages", Route::Texts),
            ("/_aws/sns/phone-opt-outs", Route::OptOuts),
            ("/_aws/sns/subscription-tokens/arn:x", Route::Token),
            ("/_aws/sns/subscription-tokens", Route::Unknown),
            ("/_tidings/nothing", Route::Unknown),
        ];
        for (path, route) in cases {
            assert_eq!(Route::of(path), Some(route), "{path}");
        }
    }

    fn headers(entries: &[(HeaderName, &'static str)]) -> HeaderMap {
        entries
            .iter()
            .map(|(name, value)| (name.clone(), HeaderValue::from_static(value)))
            .collect()
    }

    #[test]
    fn pages_of_other_sites_change_nothing() {
        let cross = [
            headers(&[(HOST, "localhost:4566"), (ORIGIN, "https://evil.example")]),
            headers(&[(HOST, "localhost:4566"), (ORIGIN, "null")]),
            headers(&[(HOST, "localhost:4566"), (SEC_FETCH_SITE, "cross-site")]),
            headers(&[(ORIGIN, "http://localhost:4566")]),
        ];
        for headers in &cross {
            assert!(is_cross_site(headers), "{headers:?}");
        }
        let own = [
            headers(&[(HOST, "localhost:4566")]),
            headers(&[(HOST, "localhost:4566"), (ORIGIN, "http://localhost:4566")]),
        ];
        for headers in &own {
            assert!(!is_cross_site(headers), "{headers:?}");
        }
    }
}
