//! A request of AWS's API, from its bytes to its answer: decode, call the node, encode, wait for the disk, answer.
//!
//! Everything of the request is dropped before anything is waited for, so that a waiting call costs little and no
//! read buffer stays alive.

mod asked;
mod head;
mod held;
mod long_poll;

use std::rc::Rc;
use std::time::Duration;

use api::common::{REQUEST_ENTITY_TOO_LARGE, SERVICE_UNAVAILABLE};
use bytes::Bytes;
use http::header::{CONNECTION, EXPECT, HeaderMap, HeaderValue};
use http::request::Parts;
use http::{StatusCode, Version};
use hyper::body::Incoming;
use node::{Step, Ticket};
use wire::Refused;

use crate::http::answer::{self, Answer};
use crate::http::body;
use crate::http::watch::Watch;
use crate::io_thread::IoThread;
use crate::service::Service;
use asked::{Asked, Start};
use held::Held;

pub(crate) use asked::error_answer;
pub(crate) use head::{Head, TARGET, text};

/// Answers one request.
pub(crate) async fn answer(
    thread: &Rc<IoThread>,
    watch: &Watch,
    parts: Box<Parts>,
    incoming: Incoming,
) -> Answer {
    let start = Start::now();
    let body = match read_body(thread, watch, &parts, incoming).await {
        Ok(body) => body,
        Err(why) => return refuse_body(&thread.service, &start, &parts.headers, why),
    };
    let begun = begin(&thread.service, start, &parts, &body);
    drop((parts, body));
    match begun {
        Begun::Answered(answer) => answer,
        Begun::Held(held) => held.release(thread).await,
        // Boxed, so that what only long polls need does not make every call larger.
        Begun::Parked(parked) => Box::pin(parked.answer(thread)).await,
    }
}

/// Reads the body of a request of either HTTP version.
pub(crate) async fn read_body(
    thread: &IoThread,
    watch: &Watch,
    parts: &Parts,
    incoming: Incoming,
) -> Result<Bytes, body::Refused> {
    let expects = parts.headers.contains_key(EXPECT);
    if parts.version != Version::HTTP_2 {
        return body::read(incoming, expects, body::Pace::Watch(watch)).await;
    }
    // Several bodies may be under way on one HTTP/2 connection: each has a timer of its own.
    let limit = thread.watches.patience().body;
    Box::pin(body::read(incoming, expects, body::Pace::Timer(limit))).await
}

enum Begun {
    Answered(Answer),
    Held(Held),
    Parked(Parked),
}

struct Parked {
    asked: Asked,
    ticket: Ticket,
    longest: Duration,
    receiver: long_poll::Receiver,
}

/// Decodes and calls: all that needs the request's bytes.
fn begin(service: &Service, start: Start, parts: &Parts, body: &[u8]) -> Begun {
    let head = Head::of(service, parts);
    let decoded = match wire::decode(&head.incoming(parts, body)) {
        Ok(decoded) => decoded,
        Err(refused) => return Begun::Answered(refuse(service, &start, refused)),
    };
    let asked = Asked {
        start,
        dialect: decoded.dialect,
        op: decoded.request.op(),
    };
    let caller = head.caller(decoded.dialect.protocol);
    let mut receiver = None;
    let mut park = || {
        let (caller, way_back) = long_poll::way_back();
        receiver = Some(way_back);
        caller
    };
    match service.node.call(&caller, &decoded.request, &mut park) {
        Step::Answer(answer) => Begun::Held(Held::of(service, asked, answer)),
        Step::Parked(ticket) => Begun::Parked(Parked {
            asked,
            ticket,
            longest: long_poll::longest_wait(&decoded.request, caller.overrides),
            receiver: receiver.expect("a call that parks has asked for a way back"),
        }),
    }
}

impl Parked {
    async fn answer(self, thread: &IoThread) -> Answer {
        let service = &thread.service;
        let answer = long_poll::wait(service, self.ticket, self.longest, self.receiver).await;
        Held::of(service, self.asked, answer).release(thread).await
    }
}

fn refuse(service: &Service, start: &Start, refused: Refused) -> Answer {
    match refused {
        Refused::NoOperation => {
            let took = start.at.elapsed();
            let body = wire::NO_OPERATION.into();
            service.metrics.failed(None, "UnknownOperation", took);
            answer::aws(wire::NO_OPERATION_STATUS, &start.id, "text/xml", body)
        }
        Refused::Error { dialect, op, error } => start.fail(service, dialect, op, &error),
    }
}

fn refuse_body(
    service: &Service,
    start: &Start,
    headers: &HeaderMap,
    why: body::Refused,
) -> Answer {
    let error = match why {
        body::Refused::TooLarge => {
            let limit = body::BODY_BYTES_MAX;
            REQUEST_ENTITY_TOO_LARGE.with(format!("The request is larger than {limit} bytes."))
        }
        body::Refused::Crowded => {
            SERVICE_UNAVAILABLE.with("Too many large requests at the same time.")
        }
        body::Refused::Broken => {
            return answer::text(StatusCode::BAD_REQUEST, "The request's body did not come.");
        }
    };
    let mut answer = start.fail(service, Head::dialect(headers), None, &error);
    let close = HeaderValue::from_static("close");
    answer.headers_mut().insert(CONNECTION, close);
    answer
}
