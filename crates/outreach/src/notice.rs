//! What a platform application tells a topic: `EventEndpointCreated` and its like.
//!
//! AWS documents when a notice is sent and not its text; the keys are those of texts that users have shown.

use domain::Time;
use serde_json::json;

use crate::application::{Application, Setting};
use crate::arn::Home;
use crate::endpoint::Endpoint;
use crate::timestamp::iso;

/// A message for a topic. Whoever carries out a command publishes it once the command is safe; like AWS's notices it
/// is lost if the server stops in between, or if there is no such topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    pub topic_arn: String,
    pub message: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Event<'a> {
    Created,
    Deleted,
    Updated,
    DeliveryFailure {
        message_id: &'a str,
        kind: &'a str,
        text: &'a str,
    },
}

impl Event<'_> {
    fn setting(self) -> Setting {
        match self {
            Event::Created => Setting::EventEndpointCreated,
            Event::Deleted => Setting::EventEndpointDeleted,
            Event::Updated => Setting::EventEndpointUpdated,
            Event::DeliveryFailure { .. } => Setting::EventDeliveryFailure,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Event::Created => "EndpointCreated",
            Event::Deleted => "EndpointDeleted",
            Event::Updated => "EndpointUpdated",
            Event::DeliveryFailure { .. } => "DeliveryFailure",
        }
    }
}

/// The notice of an event, if the application asks for it.
pub(crate) fn of(
    home: Home,
    application: &Application,
    endpoint: &Endpoint,
    now: Time,
    event: Event<'_>,
) -> Option<Notice> {
    let topic_arn = application.get(event.setting())?.to_owned();
    let name = (application.platform, application.name.clone());
    let mut message = json!({
        "EndpointArn": home.endpoint(&name, endpoint.id).as_str(),
        "EventType": event.name(),
        "Resource": home.application(&name).as_str(),
        "Service": "SNS",
        "Time": iso(now),
    });
    if let Event::DeliveryFailure {
        message_id,
        kind,
        text,
    } = event
    {
        message["DeliveryAttempts"] = 1.into();
        message["FailureMessage"] = text.into();
        message["FailureType"] = kind.into();
        message["MessageId"] = message_id.into();
    }
    Some(Notice {
        topic_arn,
        message: message.to_string(),
    })
}
