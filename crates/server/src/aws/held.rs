//! An answer that is ready and held back until the records it tells of are durable.

use api::common::SERVICE_UNAVAILABLE;
use node::Wait;

use super::asked::Asked;
use crate::flush::Stopped;
use crate::http::answer::{self, Answer};
use crate::io_thread::IoThread;
use crate::service::Service;

/// Room for most answers but those that carry messages.
const BODY_BYTES_USUAL: usize = 256;

pub(super) struct Held {
    asked: Asked,
    answer: Answer,
    /// Errors were counted when they were made.
    failed: bool,
    after: Vec<Wait>,
    carry: Option<usize>,
}

impl Held {
    /// Encodes an answer, which happens while its record is on its way to the disk.
    pub(super) fn of(service: &Service, asked: Asked, mut answer: node::Answer) -> Held {
        service.node.finish(&mut answer);
        let node::Answer {
            result,
            after,
            carry,
            ..
        } = answer;
        let failed = result.is_err();
        let answer = match result {
            Ok(reply) => {
                let id = &asked.start.id;
                let mut body = Vec::with_capacity(BODY_BYTES_USUAL);
                let content_type =
                    wire::encode_reply(asked.dialect.protocol, &reply, id.as_str(), &mut body);
                answer::aws(200, id, content_type, body)
            }
            Err(error) => asked.fail(service, &error),
        };
        Held {
            asked,
            answer,
            failed,
            after,
            carry,
        }
    }

    /// Lets it go once it may. If its cell stops before, nobody knows what is on the disk, and nothing is told.
    pub(super) async fn release(self, thread: &IoThread) -> Answer {
        let service = &thread.service;
        for wait in self.after {
            if let Err(Stopped) = thread.waiters.durable(&service.node, wait).await {
                let error = SERVICE_UNAVAILABLE.with("The journal has stopped after an I/O error.");
                return self.asked.fail(service, &error);
            }
        }
        if let Some(cell) = self.carry {
            service.node.carry(cell);
        }
        if !self.failed {
            let took = self.asked.start.at.elapsed();
            service.metrics.answered(self.asked.op, took);
            tracing::debug!(
                request_id = %self.asked.start.id,
                operation = self.asked.op.name(),
                micros = took.as_micros() as u64,
                "answered"
            );
        }
        self.answer
    }
}
