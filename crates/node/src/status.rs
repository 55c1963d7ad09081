//! Delivery status logs (spec sns 6.8): how the deliveries of topics end, noted for CloudWatch Logs.

use std::time::Duration;

use domain::{MachineId, Place, Time};
use serde_json::json;
use sns::{
    About, Attempt, Config, DeliveryKey, Errand, Matter, Protocol, Publication, Subscription,
    status_log,
};
use sqs::letter::Copy;
use sqs::message::MessageId;

use crate::address::AddressRef;
use crate::calls::Called;
use crate::ids;
use crate::own_logs::Report;
use crate::state::CellState;

/// Of what an endpoint answered, what a log shows.
const RESPONSE_BYTES_MAX: usize = 4096;

/// How a delivery ended.
struct End<'a> {
    at: Time,
    success: bool,
    response: &'a str,
    status_code: Option<u16>,
    attempts: Option<u32>,
    took: Duration,
}

/// A call whose end may be logged: what it was about, and which attempt it was.
pub(crate) struct Tried {
    place: Place,
    attempt: u32,
}

impl CellState {
    /// Notes that queues of this cell took publications inside the record that brought these.
    pub(crate) fn report_handed(
        &mut self,
        machine: MachineId,
        publications: &[Publication<'_>],
        handed: &[(usize, u32)],
    ) {
        let now = self.cell.now();
        let Some(topic) = self.topic(machine) else {
            return;
        };
        for &(index, number) in handed {
            if let Some(subscription) = topic.subscription(number)
                && wanted(topic.config(), Protocol::Sqs, true)
            {
                let publication = &publications[index];
                self.report_queue(now, topic.config(), subscription, publication, true);
            }
        }
    }

    /// Notes how a delivery ended that the courier carried, while it still stands in the outbox.
    pub(crate) fn report_carried(&mut self, machine: MachineId, sequence: u64, success: bool) {
        let now = self.cell.now();
        let Some(topic) = self.topic(machine) else {
            return;
        };
        if !wanted(topic.config(), Protocol::Sqs, success) {
            return;
        }
        let Some(delivery) = topic.delivery(sequence) else {
            return;
        };
        let about = About::decode(&delivery.item.about);
        let about = about.expect("a topic's item is as it was put into the outbox");
        // A dead letter is no delivery to who has subscribed.
        if about.errand == Errand::DeadLetter {
            return;
        }
        if let Some(subscription) = topic.subscription(about.subscription)
            && let Ok(bytes) = self.read(delivery.item.place)
        {
            let publication = publication(&bytes);
            self.report_queue(now, topic.config(), subscription, &publication, success);
        }
    }

    fn report_queue(
        &self,
        at: Time,
        topic: &Config,
        to: &Subscription,
        publication: &Publication<'_>,
        success: bool,
    ) {
        let response = if success {
            taken_by_queue(to, publication)
        } else {
            no_such_queue()
        };
        let end = End {
            at,
            success,
            response: &response,
            status_code: Some(if success { 200 } else { 400 }),
            attempts: None,
            took: Duration::ZERO,
        };
        self.report(topic, to, publication, &end);
    }

    /// What [`CellState::report_called`] will need of a call; absent if nobody wants to know how it ends.
    pub(crate) fn tried(&self, machine: MachineId, key: DeliveryKey) -> Option<Tried> {
        let topic = self.topic(machine)?;
        let subscription = topic.subscription(key.subscription)?;
        let feedback = topic.config().feedback(subscription.protocol)?;
        if feedback.success_role.is_none() && feedback.failure_role.is_none() {
            return None;
        }
        match *topic.matter(key)? {
            Matter::Publication { place, .. } => Some(Tried {
                place,
                attempt: topic.failures(key) + 1,
            }),
            Matter::SubscriptionConfirmation { .. } | Matter::UnsubscribeConfirmation { .. } => {
                None
            }
        }
    }

    /// Notes how a call ended, unless it is made again: it was delivered, or given up.
    pub(crate) fn report_called(
        &mut self,
        machine: MachineId,
        key: DeliveryKey,
        tried: &Tried,
        called: &Called,
    ) {
        let at = self.cell.now();
        let Some(topic) = self.topic(machine) else {
            return;
        };
        let Some(subscription) = topic.subscription(key.subscription) else {
            return;
        };
        let success = called.result == Attempt::Delivered;
        let is_over = topic.failures(key) == 0;
        if !is_over || !wanted(topic.config(), subscription.protocol, success) {
            return;
        }
        let Ok(bytes) = self.read(tried.place) else {
            return;
        };
        let is_http = matches!(subscription.protocol, Protocol::Http | Protocol::Https);
        let end = End {
            at,
            success,
            response: shortened(&called.response),
            status_code: called.status,
            attempts: is_http.then_some(tried.attempt),
            took: called.took,
        };
        self.report(topic.config(), subscription, &publication(&bytes), &end);
    }

    fn report(
        &self,
        topic: &Config,
        to: &Subscription,
        publication: &Publication<'_>,
        end: &End<'_>,
    ) {
        let since = end.at.millis().saturating_sub(publication.time.millis());
        let took = u64::try_from(end.took.as_millis()).unwrap_or(u64::MAX);
        let topic_arn = topic.arn();
        let event = status_log::Event {
            message: &publication.message_for(to.protocol),
            message_id: &publication.id,
            topic_arn: topic_arn.as_str(),
            published: publication.time,
            delivery_id: &ids::random(),
            destination: to.endpoint(),
            provider_response: end.response,
            // A clock that stands still does not see the call take time.
            dwell_millis: since.max(took),
            attempts: end.attempts,
            status_code: end.status_code,
            success: end.success,
        };
        let group = AddressRef {
            account: topic.account,
            region: topic.region,
            name: &status_log::topic_group(topic, end.success),
        };
        self.reports.note(Report {
            group: group.to_owned(),
            stream: status_log::stream(end.at),
            event: event.json(),
        });
    }
}

/// Whether this delivery is among those that its topic wants logged.
fn wanted(topic: &Config, protocol: Protocol, success: bool) -> bool {
    let dice = || (u128::from_le_bytes(ids::random()) % 100) as u8;
    let asked = topic.feedback(protocol);
    asked.is_some_and(|feedback| status_log::feedback_wants(feedback, success, dice()))
}

fn publication(bytes: &[u8]) -> Publication<'_> {
    Publication::read(bytes).expect("a publication comes back as it was journaled")
}

fn taken_by_queue(to: &Subscription, publication: &Publication<'_>) -> String {
    let copy = Copy {
        id: to.id,
        label: "".into(),
    };
    let request = MessageId(ids::random()).to_string();
    let message = copy.message_id(MessageId(publication.id)).to_string();
    json!({"sqsRequestId": request, "sqsMessageId": message}).to_string()
}

fn no_such_queue() -> String {
    json!({
        "ErrorCode": "AWS.SimpleQueueService.NonExistentQueue",
        "ErrorMessage": "The specified queue does not exist.",
        "sqsRequestId": "Unrecoverable",
    })
    .to_string()
}

fn shortened(response: &str) -> &str {
    &response[..response.floor_char_boundary(RESPONSE_BYTES_MAX)]
}
