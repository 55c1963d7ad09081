//! Makes calls.

use std::sync::Arc;

use aws_lc_rs::rand;
use bytes::Bytes;
use http::header::WWW_AUTHENTICATE;
use http::{Request, StatusCode, response};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use tokio::time::{Instant, timeout};

use super::auth::answer;
use super::connect::Connect;
use super::head::Head;
use super::pool::{Origin, Pool, Sender};
use super::{FailureKind, HttpCall, HttpFailure, HttpOutcome, Settings};
use crate::BadAuthorities;
use crate::hex::hex;
use crate::url::Target;

/// Bytes of the number of chance that a digest contains.
const CHANCE: usize = 16;

/// Makes calls and keeps connections. Belongs to a tokio runtime while calls run; may be shared by threads.
pub struct Client {
    connect: Connect,
    pool: Arc<Pool>,
    settings: Settings,
}

/// A whole answer.
struct Answer {
    head: response::Parts,
    body: Vec<u8>,
    cut: bool,
}

/// Why one connection gave no answer.
enum Broken {
    /// It may well have been closed before it got the call.
    Early(HttpFailure),
    Late(HttpFailure),
}

impl Client {
    pub fn new(settings: Settings) -> Result<Client, BadAuthorities> {
        Ok(Client {
            connect: Connect {
                reach: settings.reach,
                tls: Arc::new(settings.trust.client()?),
                within: settings.connect,
            },
            pool: Arc::new(Pool::new(
                settings.idle_to_host,
                settings.idle,
                settings.idle_for,
            )),
            settings,
        })
    }

    /// Sends the call and waits for the whole answer.
    pub async fn post(&self, call: HttpCall) -> Result<HttpOutcome, HttpFailure> {
        let begun = Instant::now();
        let answer = match timeout(self.settings.timeout, self.perform(call)).await {
            Ok(answer) => answer?,
            Err(_) => {
                let text = format!("no answer within {:?}", self.settings.timeout);
                return Err(HttpFailure::new(FailureKind::Timeout, text));
            }
        };
        Ok(HttpOutcome {
            status: answer.head.status.as_u16(),
            body: answer.body,
            cut: answer.cut,
            took: begun.elapsed(),
        })
    }

    async fn perform(&self, call: HttpCall) -> Result<Answer, HttpFailure> {
        let bad = |text: &str| HttpFailure::new(FailureKind::BadCall, text);
        let target = Target::parse(&call.url).ok_or_else(|| bad("no URL with a host"))?;
        let origin = origin(&target).ok_or_else(|| bad("neither http nor https"))?;
        let host = host_header(&target, &origin);
        let body = Bytes::from(call.body);
        let mut head = Head {
            path: &target.path,
            host: &host,
            given: &call.headers,
            authorization: None,
        };
        let first = self.exchange(&origin, &head, &body).await?;
        let Some(authorization) = authorization(&target, &first) else {
            return Ok(first);
        };
        head.authorization = Some(&authorization);
        self.exchange(&origin, &head, &body).await
    }

    async fn exchange(
        &self,
        origin: &Origin,
        head: &Head<'_>,
        body: &Bytes,
    ) -> Result<Answer, HttpFailure> {
        if let Some(kept) = self.pool.take(origin) {
            match self
                .converse(origin, kept, head.request(body.clone()).await?)
                .await
            {
                Ok(answer) => return Ok(answer),
                Err(Broken::Late(failure)) => return Err(failure),
                Err(Broken::Early(_)) => {}
            }
        }
        let request = head.request(body.clone()).await?;
        let new = self.connect.to(origin).await?;
        self.converse(origin, new, request)
            .await
            .map_err(|(Broken::Early(failure) | Broken::Late(failure))| failure)
    }

    /// Over one connection, which is kept if it is fit for another call.
    async fn converse(
        &self,
        origin: &Origin,
        mut sender: Sender,
        request: Request<Full<Bytes>>,
    ) -> Result<Answer, Broken> {
        let failed = |error: &hyper::Error| HttpFailure::of(FailureKind::Protocol, error);
        let ready = sender.ready().await;
        ready.map_err(|error| Broken::Early(failed(&error)))?;
        let response = sender.send_request(request).await.map_err(|error| {
            if error.is_parse() || error.is_user() {
                Broken::Late(failed(&error))
            } else {
                Broken::Early(failed(&error))
            }
        })?;
        let (head, body) = response.into_parts();
        let (body, cut) = read(body, self.settings.longest_answer)
            .await
            .map_err(|error| Broken::Late(failed(&error)))?;
        if !cut {
            self.pool.put(origin.clone(), sender);
        }
        Ok(Answer { head, body, cut })
    }
}

/// None for a scheme that is not spoken.
fn origin(target: &Target) -> Option<Origin> {
    let tls = match target.scheme.as_str() {
        "http" => false,
        "https" => true,
        _ => return None,
    };
    Some(Origin {
        tls,
        host: target.host.clone(),
        port: target.port.unwrap_or(if tls { 443 } else { 80 }),
    })
}

/// The port is left out where it goes without saying.
fn host_header(target: &Target, origin: &Origin) -> String {
    let host = if target.host.contains(':') {
        format!("[{}]", target.host)
    } else {
        target.host.clone()
    };
    match (origin.tls, origin.port) {
        (false, 80) | (true, 443) => host,
        (_, port) => format!("{host}:{port}"),
    }
}

/// What a second try says, if there is something to say.
fn authorization(target: &Target, first: &Answer) -> Option<String> {
    let credentials = target.credentials.as_ref()?;
    if first.head.status != StatusCode::UNAUTHORIZED {
        return None;
    }
    let mut chance = [0; CHANCE];
    rand::fill(&mut chance).expect("the system has chance to give");
    let offered = first.head.headers.get_all(WWW_AUTHENTICATE).iter();
    let offered = offered.filter_map(|value| value.to_str().ok());
    answer(credentials, offered, &target.path, &hex(&chance))
}

/// The body as far as it is read, and whether there is more of it.
async fn read(mut body: Incoming, most: usize) -> hyper::Result<(Vec<u8>, bool)> {
    let mut read = Vec::new();
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame?.into_data() else {
            continue;
        };
        let room = most - read.len();
        read.extend_from_slice(&data[..data.len().min(room)]);
        if data.len() > room {
            return Ok((read, true));
        }
    }
    Ok((read, false))
}
