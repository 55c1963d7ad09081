//! Makes the calls that topics owe their subscribers, on a thread of their own: HTTP, mail, and what stays in this server.
//!
//! One slow endpoint keeps nobody waiting: each call is a task, and the node bounds how many there are, in all and to one
//! subscriber. Spec sns 6.4 and 6.5.

use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use node::{Attempt, Call, Called, Outgoing};
use outbound::Trust;
use outbound::http::{Client, FailureKind, HttpCall};
use outbound::mail::{Mail, Mailer};
use tokio::sync::mpsc;
use tokio::task::spawn_local;

use crate::service::Service;
use crate::settings::Settings;

/// The way for calls to the thread that makes them. Bounded by what the node has under way.
pub(crate) type Calls = mpsc::UnboundedSender<Outgoing>;
pub(crate) type Due = mpsc::UnboundedReceiver<Outgoing>;

pub(crate) fn way() -> (Calls, Due) {
    mpsc::unbounded_channel()
}

/// What calls are made with.
pub(crate) struct Means {
    http: Client,
    mailer: Option<Mailer>,
    mail_from: String,
}

impl Means {
    pub(crate) fn of(settings: &Settings) -> anyhow::Result<Means> {
        let trust = trust(settings)?;
        let http = Client::new(outbound::http::Settings {
            trust: trust.clone(),
            ..Default::default()
        });
        let mail = outbound::mail::Settings {
            trust,
            ..Default::default()
        };
        let mailer = settings
            .smtp
            .as_ref()
            .map(|url| Mailer::new(&url.0, mail))
            .transpose();
        Ok(Means {
            http: http.context("--tls-ca")?,
            mailer: mailer.context("--smtp")?,
            mail_from: settings.mail_from.clone(),
        })
    }
}

fn trust(settings: &Settings) -> anyhow::Result<Trust> {
    let authorities = match &settings.tls_ca {
        Some(path) => {
            std::fs::read(path).with_context(|| format!("--tls-ca {}", path.display()))?
        }
        None => Vec::new(),
    };
    Ok(Trust {
        authorities,
        verify: !settings.tls_insecure,
    })
}

/// Makes calls until the server stops. What is cut off then is made again after the next start.
pub(crate) async fn run(service: Arc<Service>, means: Means, mut due: Due) {
    let means = Rc::new(means);
    loop {
        let outgoing = tokio::select! {
            outgoing = due.recv() => outgoing,
            () = service.stopping() => None,
        };
        let Some(outgoing) = outgoing else {
            return;
        };
        spawn_local(make(service.clone(), means.clone(), outgoing));
    }
}

async fn make(service: Arc<Service>, means: Rc<Means>, outgoing: Outgoing) {
    let outgoing = service.node.sign(outgoing);
    let ticket = outgoing.ticket;
    let started = Instant::now();
    let called = match (&outgoing.call, &means.mailer) {
        (Call::Http { url, headers, body }, _) => {
            let headers = headers.iter();
            let call = HttpCall {
                url: url.clone(),
                headers: headers
                    .map(|(name, value)| ((*name).to_owned(), value.clone()))
                    .collect(),
                body: body.clone().into_bytes(),
            };
            post(&means, call).await
        }
        (
            Call::Email {
                to,
                from_name,
                subject,
                text,
                footer,
            },
            Some(mailer),
        ) => {
            let mail = Mail {
                from_name: from_name.clone(),
                from_address: means.mail_from.clone(),
                to: to.clone(),
                subject: subject.clone(),
                text: format!("{text}{footer}"),
                id: None,
                unsubscribe: None,
            };
            send(mailer, &mail).await
        }
        (
            Call::Email { .. }
            | Call::Sms(_)
            | Call::Push(_)
            | Call::Lambda { .. }
            | Call::Firehose { .. },
            _,
        ) => service.node.call_here(&outgoing, &means.mail_from),
    };
    let called = Called {
        took: started.elapsed(),
        ..called
    };
    if called.result != Attempt::Delivered {
        tracing::debug!(topic = %outgoing.topic, status = called.status, why = called.response, "a delivery failed");
    }
    service.node.called(ticket, &called);
}

async fn post(means: &Means, call: HttpCall) -> Called {
    match means.http.post(call).await {
        Ok(outcome) => called(
            judge(outcome.status),
            Some(outcome.status),
            String::from_utf8_lossy(&outcome.body).into_owned(),
        ),
        Err(failure) => {
            let permanent = match failure.kind {
                FailureKind::Refused | FailureKind::BadCall => true,
                FailureKind::Connect
                | FailureKind::Tls
                | FailureKind::Timeout
                | FailureKind::Protocol => false,
            };
            called(Attempt::Failed { permanent }, None, failure.text)
        }
    }
}

/// What a status means for a delivery: server errors and too many requests pass, everything else that is no success is
/// the client's fault and stays so.
fn judge(status: u16) -> Attempt {
    match status {
        200..=299 => Attempt::Delivered,
        100..=199 | 429 | 500..=599 => Attempt::Failed { permanent: false },
        _ => Attempt::Failed { permanent: true },
    }
}

async fn send(mailer: &Mailer, mail: &Mail) -> Called {
    match mailer.send(mail).await {
        Ok(()) => called(Attempt::Delivered, Some(250), "Accepted".to_owned()),
        Err(failure) => {
            let permanent = failure.is_permanent();
            called(Attempt::Failed { permanent }, None, failure.text)
        }
    }
}

fn called(result: Attempt, status: Option<u16>, response: String) -> Called {
    Called {
        result,
        response,
        status,
        took: Duration::ZERO,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn server_errors_pass_and_client_errors_stay() {
        assert_eq!(judge(204), Attempt::Delivered);
        for status in [429, 500, 503, 599] {
            assert_eq!(judge(status), Attempt::Failed { permanent: false });
        }
        for status in [301, 400, 403, 404, 410] {
            assert_eq!(judge(status), Attempt::Failed { permanent: true });
        }
    }
}
