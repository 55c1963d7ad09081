//! A push: the platform's payload, its headers and its time to live, for one endpoint.

use api::Error;
use api::sns::error as kind;
use domain::{Seconds, Time};
use serde_json::{Map, Value, json};

use crate::application::Application;
use crate::command::{Command, Send};
use crate::deliver::{Delivery, Failure, Message, apple, refused, windows};
use crate::endpoint::Endpoint;
use crate::error::invalid;
use crate::id::Id;
use crate::notice::{self, Event};
use crate::outreach::Outreach;
use crate::platform::Platform;
use crate::reserved::Attributes;
use crate::sent::Kind;
use crate::spend::MicroUsd;
use crate::status::{StatusLog, Told, wants};
use crate::structure::platform_entry;
use crate::{document, payload};

/// SNS's own time to live: four weeks.
const DEFAULT_TTL: u64 = 28 * 24 * 3600;

#[derive(Clone, Copy, Debug)]
pub struct Push<'a> {
    pub message: Message<'a>,
    pub endpoint_arn: &'a str,
    /// 0 to 99, for the share of successes that is logged.
    pub dice: u8,
    /// The deliveryId of the log.
    pub delivery_id: [u8; 16],
}

/// Where a push goes.
#[derive(Clone, Copy)]
struct Route<'a> {
    outreach: &'a Outreach,
    endpoint: &'a Endpoint,
    application: &'a Application,
    now: Time,
}

/// A push as it would leave.
struct Packet {
    /// The platform's entry of the message, or the default one, or the whole.
    entry: String,
    payload: String,
    ttl: Ttl,
}

#[derive(Clone, Copy)]
struct Ttl {
    seconds: u64,
    /// Who says so.
    from: &'static str,
}

pub fn deliver_push(
    outreach: &Outreach,
    now: Time,
    push: &Push<'_>,
) -> Result<Delivery, Box<Failure>> {
    let Some((endpoint, application)) = outreach.endpoint(push.endpoint_arn) else {
        return Err(refused(invalid(
            "TargetArn",
            "No endpoint found for the target arn specified",
        )));
    };
    let route = Route {
        outreach,
        endpoint,
        application,
        now,
    };
    route.check_enabled().map_err(|error| {
        let (kind, reason) = (error.kind.code, error.message.to_string());
        route.failure(push, kind, reason, Some(error))
    })?;
    let packet = read(application, &push.message).map_err(|error| route.unfit(push, error))?;
    let Some(remaining) = remaining(&packet, application.platform, now, &push.message) else {
        let reason = "Notification has outlived its time to live".to_owned();
        return Err(route.failure(push, "Expired", reason, None));
    };
    let response = "{\"status\":\"accepted\"}";
    let left = route.left(push, &packet, remaining);
    let asked = asked(push, &packet);
    let letter = document::letter(Kind::Push, push.message.id, push.endpoint_arn, asked, left);
    Ok(Delivery {
        command: Command::Send(Send {
            price: MicroUsd(0),
            letter,
        }),
        response: response.to_owned(),
        log: route.log(push, response, true),
    })
}

/// The message as the platform takes it.
fn read(application: &Application, message: &Message<'_>) -> Result<Packet, Error> {
    let platform = application.platform;
    let names = platform.attribute_names();
    let (entry, own) = platform_entry(message.message, message.json, names)?;
    let payload = match own {
        true => entry.clone(),
        false => payload::wrap(platform, &entry, message.subject),
    };
    payload::check(platform, &payload)?;
    let attributes = Attributes::read(message.attributes);
    let ttl = ttl(platform, attributes.ttl(platform)?, &payload);
    Ok(Packet {
        entry,
        payload,
        ttl,
    })
}

/// The message attribute goes before the body, the body before the service's default, and that before SNS's own.
fn ttl(platform: Platform, attribute: Option<u64>, payload: &str) -> Ttl {
    let service = match platform {
        Platform::Adm | Platform::Baidu => Some(7 * 24 * 3600),
        Platform::Gcm => Some(DEFAULT_TTL),
        Platform::Apns
        | Platform::ApnsSandbox
        | Platform::ApnsVoip
        | Platform::ApnsVoipSandbox
        | Platform::Macos
        | Platform::MacosSandbox
        | Platform::Mpns
        | Platform::Wns => None,
    };
    [
        (attribute, "attribute"),
        (payload::ttl(platform, payload), "body"),
        (service, "service"),
    ]
    .into_iter()
    .find_map(|(seconds, from)| {
        Some(Ttl {
            seconds: seconds?,
            from,
        })
    })
    .unwrap_or(Ttl {
        seconds: DEFAULT_TTL,
        from: "default",
    })
}

/// The TTL counts from the publish, and the service is handed what is left of it. 0 means something to Apple and FCM
/// alone: elsewhere such a message is dropped.
fn remaining(packet: &Packet, platform: Platform, now: Time, message: &Message<'_>) -> Option<u64> {
    let seconds = packet.ttl.seconds;
    if seconds == 0 {
        return (platform.is_apple() || platform == Platform::Gcm).then_some(0);
    }
    let seconds = u32::try_from(seconds).unwrap_or(u32::MAX);
    let end = message.published.after(Seconds(seconds));
    let left = end.since(now).div_ceil(1000);
    (left > 0).then_some(left)
}

fn asked(push: &Push<'_>, packet: &Packet) -> Value {
    let message = &push.message;
    let mut asked = json!({
        "TargetArn": push.endpoint_arn,
        "TopicArn": message.topic_arn.unwrap_or_default(),
        "Message": document::shown_message(&packet.entry, message.json),
        "MessageAttributes": document::attributes(message.attributes),
        "MessageStructure": message.structure(),
        "Subject": message.subject,
    });
    if message.topic_arn.is_none() {
        asked["MessageId"] = message.id.into();
    }
    asked
}

impl Route<'_> {
    fn check_enabled(self) -> Result<(), Error> {
        if !self.application.enabled {
            let kind = &kind::PLATFORM_APPLICATION_DISABLED_EXCEPTION;
            return Err(kind.with("Platform application is disabled"));
        }
        if !self.endpoint.enabled {
            return Err(kind::ENDPOINT_DISABLED_EXCEPTION.with("Endpoint is disabled"));
        }
        Ok(())
    }

    /// A message that the platform would not take: its publisher is told, or else the application.
    fn unfit(self, push: &Push<'_>, error: Error) -> Box<Failure> {
        if push.message.topic_arn.is_none() {
            return refused(error);
        }
        let (kind, reason) = (error.kind.code, error.message.to_string());
        self.failure(push, kind, reason, Some(error))
    }

    fn left(self, push: &Push<'_>, packet: &Packet, ttl: u64) -> Value {
        let attributes = Attributes::read(push.message.attributes);
        json!({
            "MessageId": push.message.id,
            "SubscriptionArn": push.message.subscription_arn,
            "Platform": self.application.platform.name(),
            "Token": self.endpoint.token,
            "Payload": packet.payload,
            "Headers": self.headers(&attributes, &packet.payload, ttl),
            "TTL": ttl,
            "TTLFrom": packet.ttl.from,
        })
    }

    fn headers(self, attributes: &Attributes, payload: &str, ttl: u64) -> Map<String, Value> {
        let platform = self.application.platform;
        match platform {
            Platform::Wns => windows::wns(attributes, payload, ttl),
            Platform::Mpns => windows::mpns(attributes, payload),
            Platform::Baidu => ["MessageType", "MessageKey", "DeployStatus"]
                .into_iter()
                .filter_map(|name| Some((name, attributes.mobile(platform, name)?)))
                .map(|(name, value)| (name.to_owned(), value.into()))
                .collect(),
            Platform::Adm | Platform::Gcm => Map::new(),
            Platform::Apns
            | Platform::ApnsSandbox
            | Platform::ApnsVoip
            | Platform::ApnsVoipSandbox
            | Platform::Macos
            | Platform::MacosSandbox => {
                apple::headers(self.application, attributes, payload, self.now, ttl)
            }
        }
    }

    fn failure(
        self,
        push: &Push<'_>,
        kind: &str,
        reason: String,
        error: Option<Error>,
    ) -> Box<Failure> {
        let event = Event::DeliveryFailure {
            message_id: push.message.id,
            kind,
            text: &reason,
        };
        let home = self.outreach.home;
        Box::new(Failure {
            notice: notice::of(home, self.application, self.endpoint, self.now, event),
            log: self.log(push, &reason, false),
            reason,
            error,
        })
    }

    fn log(self, push: &Push<'_>, response: &str, success: bool) -> Option<StatusLog> {
        if !wants(self.application, success, push.dice) {
            return None;
        }
        let message = &push.message;
        let delivery = json!({
            "deliveryId": Id::of(push.delivery_id).to_string(),
            "destination": push.endpoint_arn,
            "providerResponse": response,
            "dwellTimeMs": self.now.since(message.published),
            "attempts": 1,
            "token": self.endpoint.token,
            "statusCode": if success { 200 } else { 400 },
        });
        let Value::Object(delivery) = delivery else {
            unreachable!("it was made as an object");
        };
        let told = Told {
            message_id: message.id,
            topic_arn: message.topic_arn,
            published: message.published,
            success,
            delivery,
        };
        let platform = self.application.platform.name();
        let resource = format!("app/{platform}/{}", self.application.name);
        Some(told.log(self.outreach.home, &resource))
    }
}
