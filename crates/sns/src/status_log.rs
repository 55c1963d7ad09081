//! The delivery status log: what CloudWatch Logs is told about a delivery, where, and whether at all (spec 6.8).
//!
//! <https://docs.aws.amazon.com/sns/latest/dg/sns-topic-attributes.html>

use domain::{AccountId, Region, Time};

use crate::config::{Config, Feedback};
use crate::digest::md5_hex;
use crate::envelope::{date, put_string, spaced};
use crate::publication::message_id;
use crate::subscription::Protocol;

/// One delivery that has come to its end, or one attempt that has.
#[derive(Clone, Copy, Debug)]
pub struct Event<'a> {
    /// The text that was delivered.
    pub message: &'a str,
    pub message_id: &'a [u8; 16],
    pub topic_arn: &'a str,
    /// When the message was published.
    pub published: Time,
    pub delivery_id: &'a [u8; 16],
    /// The endpoint.
    pub destination: &'a str,
    /// What it answered, or what went wrong.
    pub provider_response: &'a str,
    /// From the publishing to the end of the attempt.
    pub dwell_millis: u64,
    /// Told for HTTP endpoints.
    pub attempts: Option<u32>,
    pub status_code: Option<u16>,
    pub success: bool,
}

/// One SMS.
#[derive(Clone, Copy, Debug)]
pub struct SmsEvent<'a> {
    pub message_id: &'a [u8; 16],
    /// Absent where it was published straight to the number.
    pub topic_arn: Option<&'a str>,
    pub published: Time,
    pub phone_number: &'a str,
    pub carrier: &'a str,
    /// `Promotional` or `Transactional`.
    pub sms_type: &'a str,
    pub price_usd: &'a str,
    pub provider_response: &'a str,
    pub dwell_millis: u64,
    pub success: bool,
}

/// Whether a delivery is logged. `dice` is evenly spread over 0 to 99.
pub fn wanted(topic: &Config, protocol: Protocol, success: bool, dice: u8) -> bool {
    topic
        .feedback(protocol)
        .is_some_and(|feedback| feedback_wants(feedback, success, dice))
}

/// All failures are logged where there is a role for them, and of the successes as many percent as the topic says,
/// all where it says nothing.
pub fn feedback_wants(feedback: &Feedback, success: bool, dice: u8) -> bool {
    if success {
        feedback.success_role.is_some() && dice < feedback.success_rate.unwrap_or(100)
    } else {
        feedback.failure_role.is_some()
    }
}

/// The log group of a topic.
pub fn topic_group(topic: &Config, success: bool) -> String {
    group(topic.region, topic.account, &topic.name, success)
}

/// The log group of SMS published straight to numbers.
pub fn sms_group(region: Region, account: AccountId, success: bool) -> String {
    group(region, account, "DirectPublishToPhoneNumber", success)
}

/// The log group of a platform application: `app/{platform}/{name}`.
pub fn application_group(
    region: Region,
    account: AccountId,
    application: &str,
    success: bool,
) -> String {
    group(region, account, application, success)
}

fn group(region: Region, account: AccountId, name: &str, success: bool) -> String {
    let failure = if success { "" } else { "/Failure" };
    format!("sns/{region}/{account}/{name}{failure}")
}

/// The log stream: one for each day.
pub fn stream(time: Time) -> String {
    date(time)
}

impl Event<'_> {
    pub fn json(&self) -> String {
        let mut out = String::with_capacity(512);
        out.push_str(r#"{"notification":{"messageMD5Sum":"#);
        put_string(&md5_hex(self.message), &mut out);
        string("messageId", &message_id(self.message_id), &mut out);
        string("topicArn", self.topic_arn, &mut out);
        string("timestamp", &spaced(self.published), &mut out);
        out.push_str(r#"},"delivery":{"deliveryId":"#);
        put_string(&message_id(self.delivery_id), &mut out);
        string("destination", self.destination, &mut out);
        string("providerResponse", self.provider_response, &mut out);
        number("dwellTimeMs", self.dwell_millis, &mut out);
        if let Some(attempts) = self.attempts {
            number("attempts", attempts.into(), &mut out);
        }
        if let Some(status_code) = self.status_code {
            number("statusCode", status_code.into(), &mut out);
        }
        close(self.success, &mut out);
        out
    }
}

impl SmsEvent<'_> {
    pub fn json(&self) -> String {
        let mut out = String::with_capacity(512);
        out.push_str(r#"{"notification":{"messageId":"#);
        put_string(&message_id(self.message_id), &mut out);
        if let Some(topic_arn) = self.topic_arn {
            string("topicArn", topic_arn, &mut out);
        }
        string("timestamp", &spaced(self.published), &mut out);
        out.push_str(r#"},"delivery":{"phoneCarrier":"#);
        put_string(self.carrier, &mut out);
        number("mnc", 0, &mut out);
        number("mcc", 0, &mut out);
        string("destination", self.phone_number, &mut out);
        out.push_str(r#","priceInUSD":"#);
        out.push_str(self.price_usd);
        string("smsType", self.sms_type, &mut out);
        string("providerResponse", self.provider_response, &mut out);
        number("dwellTimeMs", self.dwell_millis, &mut out);
        number("dwellTimeMsUntilDeviceAck", self.dwell_millis, &mut out);
        close(self.success, &mut out);
        out
    }
}

fn string(key: &str, value: &str, out: &mut String) {
    out.push_str(",\"");
    out.push_str(key);
    out.push_str("\":");
    put_string(value, out);
}

fn number(key: &str, value: u64, out: &mut String) {
    out.push_str(&format!(",\"{key}\":{value}"));
}

fn close(success: bool, out: &mut String) {
    let status = if success { "SUCCESS" } else { "FAILURE" };
    out.push_str(&format!("}},\"status\":\"{status}\"}}"));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn topic() -> Config {
        Config::fresh(
            "t",
            AccountId::DEFAULT,
            Region::default(),
            false,
            Time::ZERO,
        )
    }

    fn event() -> Event<'static> {
        Event {
            message: "message",
            message_id: &[0xff; 16],
            topic_arn: "arn:aws:sns:us-east-1:000000000000:t",
            published: Time::from_millis(1_582_473_171_904),
            delivery_id: &[0; 16],
            destination: "http://127.0.0.1/x",
            provider_response: "it said \"no\"",
            dwell_millis: 65,
            attempts: Some(4),
            status_code: Some(500),
            success: false,
        }
    }

    #[test]
    fn an_event_tells_what_was_delivered_where_and_how_it_went() {
        assert_eq!(
            event().json(),
            r#"{"notification":{"messageMD5Sum":"78e731027d8fd50ed642340b7c9a63b3","messageId":"ffffffff-ffff-4fff-bfff-ffffffffffff","topicArn":"arn:aws:sns:us-east-1:000000000000:t","timestamp":"2020-02-23 15:52:51.904"},"delivery":{"deliveryId":"00000000-0000-4000-8000-000000000000","destination":"http://127.0.0.1/x","providerResponse":"it said \"no\"","dwellTimeMs":65,"attempts":4,"statusCode":500},"status":"FAILURE"}"#
        );
    }

    #[test]
    fn a_lambda_success_has_no_attempts() {
        let success = Event {
            destination: "arn:aws:lambda:us-east-1:000000000000:function:f",
            provider_response: r#"{"lambdaRequestId":"1"}"#,
            attempts: None,
            status_code: Some(202),
            success: true,
            ..event()
        };
        assert!(success.json().ends_with(
            r#""destination":"arn:aws:lambda:us-east-1:000000000000:function:f","providerResponse":"{\"lambdaRequestId\":\"1\"}","dwellTimeMs":65,"statusCode":202},"status":"SUCCESS"}"#
        ));
    }

    #[test]
    fn an_sms_published_to_a_number_names_no_topic() {
        let sms = SmsEvent {
            message_id: &[0; 16],
            topic_arn: None,
            published: Time::from_millis(1_582_473_171_904),
            phone_number: "+43123",
            carrier: "local",
            sms_type: "Transactional",
            price_usd: "0.0",
            provider_response: "ok",
            dwell_millis: 1,
            success: true,
        };
        assert_eq!(
            sms.json(),
            r#"{"notification":{"messageId":"00000000-0000-4000-8000-000000000000","timestamp":"2020-02-23 15:52:51.904"},"delivery":{"phoneCarrier":"local","mnc":0,"mcc":0,"destination":"+43123","priceInUSD":0.0,"smsType":"Transactional","providerResponse":"ok","dwellTimeMs":1,"dwellTimeMsUntilDeviceAck":1},"status":"SUCCESS"}"#
        );
        assert!(serde_json::from_str::<serde_json::Value>(&sms.json()).is_ok());
    }

    #[test]
    fn groups_and_streams_have_awss_names() {
        assert_eq!(topic_group(&topic(), true), "sns/us-east-1/000000000000/t");
        assert_eq!(
            topic_group(&topic(), false),
            "sns/us-east-1/000000000000/t/Failure"
        );
        let (region, account) = (Region::default(), AccountId::DEFAULT);
        assert_eq!(
            sms_group(region, account, false),
            "sns/us-east-1/000000000000/DirectPublishToPhoneNumber/Failure"
        );
        assert_eq!(
            application_group(region, account, "app/GCM/a", true),
            "sns/us-east-1/000000000000/app/GCM/a"
        );
        assert_eq!(stream(event().published), "2020/02/23");
    }

    #[test]
    fn failures_are_logged_where_they_have_a_role_successes_as_often_as_the_topic_says() {
        let mut topic = topic();
        let wants = |topic: &Config, success, dice| wanted(topic, Protocol::Https, success, dice);
        assert!(!wants(&topic, true, 0) && !wants(&topic, false, 0));
        topic.feedback[0] = Feedback {
            success_role: Some("role".into()),
            success_rate: Some(30),
            failure_role: None,
        };
        assert!(wants(&topic, true, 29) && !wants(&topic, true, 30));
        assert!(!wants(&topic, false, 0));
        topic.feedback[0].failure_role = Some("role".into());
        topic.feedback[0].success_rate = Some(0);
        assert!(wants(&topic, false, 99) && !wants(&topic, true, 0));
        topic.feedback[0].success_rate = None;
        assert!(wants(&topic, true, 99));
        assert!(!wanted(&topic, Protocol::Sms, true, 0));
    }
}
