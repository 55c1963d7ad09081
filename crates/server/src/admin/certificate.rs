//! `/_aws/sns/SimpleNotificationService-{id}.pem`: the certificate that proves the signatures of notifications.

use http::StatusCode;

use crate::http::answer::{self, Answer};
use crate::service::Service;

pub(crate) fn show(service: &Service, path: &str) -> Answer {
    let name = path.rsplit('/').next().unwrap_or_default();
    match service.signer.certificate(name) {
        Some(pem) => answer::plain(StatusCode::OK, "application/x-pem-file", pem.to_owned()),
        None => answer::text(StatusCode::NOT_FOUND, "There is no such certificate."),
    }
}
