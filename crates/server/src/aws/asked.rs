//! What of a request outlives its bytes, and how it fails.

use std::time::Instant;

use api::Error;
use api::Op;
use wire::Dialect;

use crate::http::answer::{self, Answer};
use crate::request_id::RequestId;
use crate::service::Service;

pub(super) struct Start {
    pub(super) at: Instant,
    pub(super) id: RequestId,
}

/// The same, once it is known what was asked.
pub(super) struct Asked {
    pub(super) start: Start,
    pub(super) dialect: Dialect,
    pub(super) op: Op,
}

impl Start {
    pub(super) fn now() -> Start {
        Start {
            at: Instant::now(),
            id: RequestId::new(),
        }
    }

    /// Counts, logs and encodes an error.
    pub(super) fn fail(
        &self,
        service: &Service,
        dialect: Dialect,
        op: Option<Op>,
        error: &Error,
    ) -> Answer {
        let took = self.at.elapsed();
        service.metrics.failed(op, error.kind.code, took);
        if error.kind.sender_fault {
            tracing::debug!(
                request_id = %self.id,
                operation = op.map(Op::name),
                code = error.kind.code,
                message = %error.message,
                "refused"
            );
        } else {
            tracing::warn!(
                request_id = %self.id,
                operation = op.map(Op::name),
                code = error.kind.code,
                message = %error.message,
                "failed"
            );
        }
        error_answer(dialect, error, &self.id)
    }
}

impl Asked {
    pub(super) fn fail(&self, service: &Service, error: &Error) -> Answer {
        self.start.fail(service, self.dialect, Some(self.op), error)
    }
}

/// An error in its protocol's form.
pub(crate) fn error_answer(dialect: Dialect, error: &Error, id: &RequestId) -> Answer {
    let mut body = Vec::new();
    let head = wire::encode_error(dialect, error, id.as_str(), &mut body);
    let answer = answer::aws(head.status, id, head.content_type, body);
    match head.query_error {
        Some(code) => answer::with_query_error(answer, &code),
        None => answer,
    }
}
