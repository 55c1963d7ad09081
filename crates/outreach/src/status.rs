//! Delivery status logs (spec 6.8): which log group is told of an SMS or a push, and what.
//!
//! Failures are told whenever a role is set; of successes the share that was asked for, by a dice the caller throws.

use domain::{Arn, Time};
use serde_json::{Map, Value, json};

use crate::application::{Application, Setting};
use crate::arn::Home;
use crate::timestamp::spaced;

/// One event for CloudWatch Logs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusLog {
    pub group: String,
    pub event: String,
}

/// What is told of a delivery.
pub(crate) struct Told<'a> {
    pub(crate) message_id: &'a str,
    pub(crate) topic_arn: Option<&'a str>,
    pub(crate) published: Time,
    pub(crate) success: bool,
    /// The members of `delivery`.
    pub(crate) delivery: Map<String, Value>,
}

impl Told<'_> {
    /// `sns/{region}/{account}/{resource}`, failures under `/Failure`.
    pub(crate) fn log(self, home: Home, resource: &str) -> StatusLog {
        let (region, account) = (home.region, home.account);
        let suffix = if self.success { "" } else { "/Failure" };
        let mut notification = json!({"messageId": self.message_id});
        if let Some(arn) = self.topic_arn {
            notification["topicArn"] = arn.into();
        }
        notification["timestamp"] = spaced(self.published).into();
        let status = if self.success { "SUCCESS" } else { "FAILURE" };
        let event = json!({
            "notification": notification,
            "delivery": self.delivery,
            "status": status,
        });
        StatusLog {
            group: format!("sns/{region}/{account}/{resource}{suffix}"),
            event: event.to_string(),
        }
    }
}

/// The last part of an SMS's log group: its topic, or AWS's name for none.
pub(crate) fn sms_resource(topic_arn: Option<&str>) -> String {
    match topic_arn.map(Arn::parse) {
        Some(Ok(arn)) => arn.resource().to_owned(),
        Some(Err(_)) | None => "DirectPublishToPhoneNumber".to_owned(),
    }
}

/// Whether an application wants this outcome logged.
pub(crate) fn wants(application: &Application, success: bool, dice: u8) -> bool {
    if !success {
        return application.get(Setting::FailureFeedbackRoleArn).is_some();
    }
    let rate = application.get(Setting::SuccessFeedbackSampleRate);
    let rate = rate.and_then(|rate| rate.parse().ok()).unwrap_or(100);
    application.get(Setting::SuccessFeedbackRoleArn).is_some() && is_sampled(rate, dice)
}

/// `dice` is 0 to 99.
pub(crate) fn is_sampled(rate: u8, dice: u8) -> bool {
    dice < rate
}
