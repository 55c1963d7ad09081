//! What was sent, as other emulators list it (spec 12): `/_aws/sns/platform-endpoint-messages`,
//! `/_aws/sns/sms-messages`, `/_aws/ses`; and all of it in one list of our own.
//!
//! Documents come from whoever reads them, oldest first, each as [`crate::Outreach::sent`] names its place. With
//! `details` each item has a member `Left` more: what the receiver's service was handed.

use domain::{Region, Time};
use serde_json::{Map, Value, json};

use crate::arn::Home;
use crate::document::{ASKED, LEFT};
use crate::sent::Sent;
use crate::timestamp::seconds;

/// `{"platform_endpoint_messages":{"{endpointArn}":[…]},"region":…}`. With `endpoint_arn` just that key.
pub fn pushes<'d>(
    documents: impl Iterator<Item = &'d str>,
    region: Region,
    endpoint_arn: Option<&str>,
    details: bool,
) -> String {
    let grouped = grouped(documents, "TargetArn", endpoint_arn, details);
    json!({"platform_endpoint_messages": grouped, "region": region.as_str()}).to_string()
}

/// `{"sms_messages":{"{number}":[…]},"region":…}`. With `phone_number` just that key.
pub fn texts<'d>(
    documents: impl Iterator<Item = &'d str>,
    region: Region,
    phone_number: Option<&str>,
    details: bool,
) -> String {
    let grouped = grouped(documents, "PhoneNumber", phone_number, details);
    json!({"sms_messages": grouped, "region": region.as_str()}).to_string()
}

/// A mail's document, and what stands beside it.
#[derive(Clone, Copy, Debug)]
pub struct MailDocument<'d> {
    pub document: &'d str,
    pub region: Region,
    pub time: Time,
}

/// `{"messages":[…]}`, of one id, or from or to one address, if asked for.
pub fn mails<'d>(
    documents: impl Iterator<Item = MailDocument<'d>>,
    id: Option<&str>,
    email: Option<&str>,
) -> String {
    let mails: Vec<Value> = documents
        .filter_map(|mail| {
            let mut item = item(mail.document, false)?;
            item["Region"] = mail.region.as_str().into();
            item["Timestamp"] = seconds(mail.time).into();
            Some(item)
        })
        .filter(|item| id.is_none_or(|id| item["Id"] == id))
        .filter(|item| email.is_none_or(|email| concerns(item, email)))
        .collect();
    json!({"messages": mails}).to_string()
}

fn concerns(mail: &Value, email: &str) -> bool {
    mail["Source"] == email || mail.pointer("/Destination/ToAddresses/0") == Some(&email.into())
}

/// A document of any kind, and what is known beside it.
#[derive(Clone, Copy, Debug)]
pub struct SentDocument<'d> {
    pub document: &'d str,
    pub sent: &'d Sent,
    pub home: Home,
}

/// `[{"kind","id","to","time","account","region","asked":{…},"details":{…}}]`, in the order given. `time` counts
/// milliseconds since 1970; `details` are what the receiver's service was handed.
pub fn everything<'d>(documents: impl Iterator<Item = SentDocument<'d>>) -> String {
    let all: Vec<Value> = documents
        .filter_map(|it| {
            let mut document: Value = serde_json::from_str(it.document).ok()?;
            Some(json!({
                "kind": it.sent.kind.name(),
                "id": it.sent.id,
                "to": it.sent.to,
                "time": it.sent.time.millis(),
                "account": it.home.account.as_str(),
                "region": it.home.region.as_str(),
                "asked": document.get_mut(ASKED)?.take(),
                "details": document.get_mut(LEFT)?.take(),
            }))
        })
        .collect();
    Value::Array(all).to_string()
}

/// The items under the value of their member `by`; of one value, if it is asked for.
fn grouped<'d>(
    documents: impl Iterator<Item = &'d str>,
    by: &str,
    only: Option<&str>,
    details: bool,
) -> Value {
    let mut groups = Map::new();
    if let Some(only) = only {
        groups.insert(only.to_owned(), json!([]));
    }
    for item in documents.filter_map(|document| item(document, details)) {
        let Some(key) = item[by].as_str() else {
            continue;
        };
        if only.is_some_and(|only| only != key) {
            continue;
        }
        let group = groups.entry(key).or_insert_with(|| json!([]));
        group
            .as_array_mut()
            .expect("a group is a list")
            .push(item.clone());
    }
    Value::Object(groups)
}

/// A document as it is listed. What is none is left out: a listing must not fail over one item.
fn item(document: &str, details: bool) -> Option<Value> {
    let mut document: Value = serde_json::from_str(document).ok()?;
    let mut item = document.get_mut(ASKED)?.take();
    if details {
        item[LEFT] = document.get_mut(LEFT)?.take();
    }
    Some(item)
}
