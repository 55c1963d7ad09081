//! The clock that messages feel: read, freeze, set, advance, run at a rate.

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use domain::Time;
use engine::ClockFace;
use http::StatusCode;
use node::ClockChange;
use serde::Deserialize;
use serde_json::json;
use tokio::sync::oneshot;

use crate::http::answer::{self, Answer};
use crate::rfc3339;
use crate::service::Service;

/// 9999-12-31T23:59:59Z, in milliseconds.
const LAST_MILLIS: u64 = 253_402_300_799_000;

pub(crate) fn show(face: &ClockFace) -> Answer {
    let body = json!({ "now": face.now.millis(), "frozen": face.frozen, "rate": face.rate });
    answer::json(StatusCode::OK, &body)
}

/// How long a change of the clock waits for calls to subscribers that are under way, each time that it would pass them.
const PATIENCE: Duration = Duration::from_secs(20);
const MOMENT: Duration = Duration::from_millis(1);

/// Everything that falls due on the way happens before this answers. It waits for what subscribers answer, and so has
/// a thread of its own.
pub(crate) async fn change(service: &Arc<Service>, body: &[u8]) -> Answer {
    let change = match parse(body) {
        Ok(change) => change,
        Err(why) => return answer::text(StatusCode::BAD_REQUEST, why),
    };
    let (sender, receiver) = oneshot::channel();
    let service = service.clone();
    let work = move || {
        let mut since = None;
        let mut wait = || {
            let since = *since.get_or_insert_with(Instant::now);
            thread::sleep(MOMENT);
            since.elapsed() < PATIENCE
        };
        drop(sender.send(service.node.change_clock(change, &mut wait)));
    };
    let started = thread::Builder::new().name("clock".to_owned()).spawn(work);
    match (started, receiver.await) {
        (Ok(_), Ok(Ok(face))) => show(&face),
        (Ok(_), Ok(Err(why))) => answer::text(StatusCode::BAD_REQUEST, why),
        (Ok(_), Err(_)) | (Err(_), _) => answer::text(
            StatusCode::SERVICE_UNAVAILABLE,
            "The clock cannot be changed now.",
        ),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    set: Option<Moment>,
    /// Seconds.
    advance: Option<f64>,
    freeze: Option<bool>,
    rate: Option<f64>,
}

#[derive(Deserialize)]
#[serde(
    untagged,
    expecting = "`set` takes milliseconds since 1970 or a time such as \"2026-11-25T10:00:00Z\""
)]
enum Moment {
    Millis(u64),
    Text(String),
}

fn parse(body: &[u8]) -> Result<ClockChange, String> {
    let asked: Asked = serde_json::from_slice(body).map_err(|error| {
        format!("{error}. The body is JSON with any of set, advance (seconds), freeze, rate.")
    })?;
    if asked.set.is_none()
        && asked.advance.is_none()
        && asked.freeze.is_none()
        && asked.rate.is_none()
    {
        return Err(
            "Nothing to change: the body has none of set, advance, freeze, rate.".to_owned(),
        );
    }
    Ok(ClockChange {
        freeze: asked.freeze,
        rate: asked.rate,
        set: asked.set.map(moment).transpose()?,
        advance_millis: asked.advance.map(advance).transpose()?,
    })
}

fn moment(moment: Moment) -> Result<Time, String> {
    let millis = match moment {
        Moment::Millis(millis) => Some(millis),
        Moment::Text(text) => rfc3339::parse(&text),
    };
    match millis {
        Some(millis) if millis <= LAST_MILLIS => Ok(Time::from_millis(millis)),
        Some(_) => Err("set lies beyond the year 9999.".to_owned()),
        None => Err("set is not a time such as \"2026-11-25T10:00:00Z\".".to_owned()),
    }
}

fn advance(seconds: f64) -> Result<u64, String> {
    let millis = (seconds * 1000.0).round();
    if (0.0..=LAST_MILLIS as f64).contains(&millis) {
        Ok(millis as u64)
    } else {
        Err("advance takes seconds, not below 0; the clock never goes back.".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_to_change_the_clock_is_read() {
        let change =
            parse(br#"{"set":"1970-01-02T00:00:00Z","advance":1.5,"freeze":true,"rate":60}"#)
                .unwrap();
        assert_eq!(
            change,
            ClockChange {
                freeze: Some(true),
                rate: Some(60.0),
                set: Some(Time::from_seconds(86_400)),
                advance_millis: Some(1500),
            }
        );
        assert_eq!(
            parse(br#"{"set":5}"#).unwrap().set,
            Some(Time::from_millis(5))
        );
    }

    #[test]
    fn what_makes_no_sense_is_refused_with_a_text() {
        let cases = [
            ("", "EOF"),
            ("{}", "Nothing to change"),
            (r#"{"jump":1}"#, "unknown field `jump`"),
            (r#"{"set":"soon"}"#, "set is not a time"),
            (r#"{"set":[]}"#, "`set` takes milliseconds"),
            (r#"{"set":999999999999999}"#, "beyond the year 9999"),
            (r#"{"advance":-1}"#, "never goes back"),
            (r#"{"advance":1e300}"#, "advance takes seconds"),
            (r#"{"freeze":"yes"}"#, "invalid type"),
        ];
        for (body, wanted) in cases {
            let why = parse(body.as_bytes()).unwrap_err();
            assert!(why.contains(wanted), "{body}: {why}");
        }
    }
}
