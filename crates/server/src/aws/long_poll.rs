//! A call that waits for messages: until there are some, its time is over, its client leaves, or the server stops.

use std::time::Duration;

use api::Request;
use api::common::INTERNAL_FAILURE;
use api::sqs::{ReceiveMessageRequest, Request as OfSqs};
use node::{Overrides, Ticket};
use tokio::sync::oneshot;
use tokio::time::timeout;

use crate::service::Service;

/// A wait ends on the node's own clock. Where that clock stands still or lags, real time ends it, this much later.
const REAL_TIME_SLACK: Duration = Duration::from_millis(500);
/// The longest wait a queue can have set, for requests that name none.
const QUEUE_WAIT_SECONDS_MAX: u32 = 20;

/// The way back for a call that has to wait.
pub(super) type Receiver = oneshot::Receiver<node::Answer>;

/// Makes both ends of the way back.
pub(super) fn way_back() -> (Box<dyn FnOnce(node::Answer) + Send>, Receiver) {
    let (sender, receiver) = oneshot::channel();
    // Whoever waited may be gone by then.
    (Box::new(move |answer| drop(sender.send(answer))), receiver)
}

/// Waits for a parked call's answer. There is always one, unless this is dropped.
pub(super) async fn wait(
    service: &Service,
    ticket: Ticket,
    longest: Duration,
    mut receiver: Receiver,
) -> node::Answer {
    let _cancelled_when_dropped = Parked { service, ticket };
    if service.is_stopping() {
        service.node.end_wait(ticket);
    }
    let answered = match timeout(longest + REAL_TIME_SLACK, &mut receiver).await {
        Ok(answered) => answered,
        Err(_) => {
            service.node.end_wait(ticket);
            receiver.await
        }
    };
    // The node answers every call that it parked; should it ever forget one, the client need not wait for it.
    answered
        .unwrap_or_else(|_| node::Answer::now(Err(INTERNAL_FAILURE.with("The call was dropped."))))
}

/// A parked call whose client may go away: dropping this takes the call back, unless it is answered already.
struct Parked<'a> {
    service: &'a Service,
    ticket: Ticket,
}

impl Drop for Parked<'_> {
    fn drop(&mut self) {
        self.service.node.cancel(self.ticket);
    }
}

/// How long this call may wait.
pub(super) fn longest_wait(request: &Request<'_>, overrides: Overrides) -> Duration {
    let asked = if let Request::Sqs(OfSqs::ReceiveMessage(ReceiveMessageRequest {
        wait_time_seconds: Some(seconds),
        ..
    })) = request
    {
        u32::try_from(*seconds).unwrap_or(0)
    } else {
        QUEUE_WAIT_SECONDS_MAX
    };
    Duration::from_secs(overrides.wait_seconds.unwrap_or(asked).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_ends_in_real_time_when_the_request_or_its_headers_say() {
        let wait = |seconds, overrides| {
            let input = ReceiveMessageRequest {
                wait_time_seconds: seconds,
                ..Default::default()
            };
            longest_wait(&Request::Sqs(OfSqs::ReceiveMessage(input)), overrides).as_secs()
        };
        assert_eq!(wait(Some(3), Overrides::default()), 3);
        assert_eq!(wait(None, Overrides::default()), 20);
        assert_eq!(
            wait(
                Some(3),
                Overrides {
                    max: None,
                    wait_seconds: Some(60)
                }
            ),
            60
        );
    }
}
