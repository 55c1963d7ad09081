//! What one connection says, over and over, and what it must hear.

use std::rc::Rc;

use anyhow::{Context as _, Result, ensure};
use memchr::memmem;
use serde_json::json;

use crate::http;

/// Stands in a template for a number that is new in every request.
const NUMBER: &str = "NNNNNNNNNNNN";
/// Stands in a template for the number of a message group.
const GROUP: &str = "GGGGGGGGGGGG";
const DIGITS: usize = NUMBER.len();

/// A round of requests, repeated.
#[derive(Clone)]
pub(crate) struct Script {
    pub(crate) steps: Vec<Step>,
    /// Rounds until the connection rests; without it only time ends the script.
    pub(crate) rounds: Option<u64>,
    /// First of the numbers that only this connection uses.
    pub(crate) first_number: u64,
}

#[derive(Clone)]
pub(crate) enum Step {
    /// Always the same request; its answer names `messages` message ids.
    Send { request: Rc<[u8]>, messages: u64 },
    /// Numbered messages, spread over groups.
    SendNumbered { template: Rc<Template> },
    /// Receives, and keeps the receipt handles. No message is a failure.
    Receive { request: Rc<[u8]> },
    /// Deletes what the last `Receive` brought, in one batch.
    DeleteBatch { queue: Rc<str> },
    /// Deletes the one message of the last `Receive`.
    Delete { queue: Rc<str> },
    /// Makes the one message of the last `Receive` visible again.
    Show { queue: Rc<str> },
    /// Any call whose answer must hold `text`.
    Ask {
        request: Rc<[u8]>,
        text: &'static str,
    },
    /// The same, numbered.
    AskNumbered {
        template: Rc<Template>,
        text: &'static str,
    },
}

pub(crate) struct Template {
    bytes: Vec<u8>,
    numbers: Vec<usize>,
    groups: Vec<usize>,
    group_count: u64,
}

impl Template {
    /// `body` may hold the marks for numbers and groups, each number once as an id and once as a group.
    fn new(port: u16, operation: &str, body: &str, group_count: u64) -> Template {
        Template::of(http::call(port, operation, body), group_count)
    }

    fn of(bytes: Vec<u8>, group_count: u64) -> Template {
        Template {
            numbers: memmem::find_iter(&bytes, NUMBER).collect(),
            groups: memmem::find_iter(&bytes, GROUP).collect(),
            bytes,
            group_count,
        }
    }

    fn write(&self, out: &mut Vec<u8>, number: &mut u64) {
        let start = out.len();
        out.extend_from_slice(&self.bytes);
        for (id, group) in self.numbers.iter().zip(&self.groups) {
            write_digits(&mut out[start + id..][..DIGITS], *number);
            write_digits(
                &mut out[start + group..][..DIGITS],
                *number % self.group_count,
            );
            *number += 1;
        }
    }
}

fn write_digits(place: &mut [u8], mut number: u64) {
    for digit in place.iter_mut().rev() {
        *digit = b'0' + (number % 10) as u8;
        number /= 10;
    }
}

impl Step {
    pub(crate) fn send(port: u16, queue: &str, body: &str) -> Step {
        let body = json!({"QueueUrl": queue, "MessageBody": body});
        Step::Send {
            request: http::call(port, "SendMessage", &body.to_string()).into(),
            messages: 1,
        }
    }

    pub(crate) fn send_batch(port: u16, queue: &str, body: &str) -> Step {
        let entries: Vec<_> = (0..10)
            .map(|id| json!({"Id": id.to_string(), "MessageBody": body}))
            .collect();
        let body = json!({"QueueUrl": queue, "Entries": entries});
        Step::Send {
            request: http::call(port, "SendMessageBatch", &body.to_string()).into(),
            messages: 10,
        }
    }

    pub(crate) fn send_fifo(port: u16, queue: &str, body: &str, groups: u64) -> Step {
        let body = json!({
            "QueueUrl": queue, "MessageBody": body,
            "MessageDeduplicationId": NUMBER, "MessageGroupId": GROUP,
        });
        let template = Template::new(port, "SendMessage", &body.to_string(), groups);
        Step::SendNumbered {
            template: template.into(),
        }
    }

    pub(crate) fn send_fifo_batch(port: u16, queue: &str, body: &str, groups: u64) -> Step {
        let entries: Vec<_> = (0..10)
            .map(|id| {
                json!({
                    "Id": id.to_string(), "MessageBody": body,
                    "MessageDeduplicationId": NUMBER, "MessageGroupId": GROUP,
                })
            })
            .collect();
        let body = json!({"QueueUrl": queue, "Entries": entries});
        let template = Template::new(port, "SendMessageBatch", &body.to_string(), groups);
        Step::SendNumbered {
            template: template.into(),
        }
    }

    pub(crate) fn receive(port: u16, queue: &str, most: u64) -> Step {
        let body = json!({"QueueUrl": queue, "MaxNumberOfMessages": most});
        Step::Receive {
            request: http::call(port, "ReceiveMessage", &body.to_string()).into(),
        }
    }

    pub(crate) fn attributes(port: u16, queue: &str) -> Step {
        let body = json!({"QueueUrl": queue, "AttributeNames": ["All"]});
        Step::Ask {
            request: http::call(port, "GetQueueAttributes", &body.to_string()).into(),
            text: "ApproximateNumberOfMessages",
        }
    }

    pub(crate) fn publish(port: u16, topic: &str, more: &[(&str, &str)], message: &str) -> Step {
        let fields = [&[("TopicArn", topic), ("Message", message)], more].concat();
        Step::Ask {
            request: http::query(port, "Publish", &fields).into(),
            text: "<MessageId>",
        }
    }

    /// Subscribes queues that need not be there, each with its number in its name and in its filter policy.
    pub(crate) fn subscribe_numbered(
        port: u16,
        topic: &str,
        filter: impl Fn(&str) -> String,
    ) -> Step {
        let endpoint = format!("arn:aws:sqs:us-east-1:000000000000:away-{NUMBER}");
        let request = http::query(
            port,
            "Subscribe",
            &[
                ("TopicArn", topic),
                ("Protocol", "sqs"),
                ("Endpoint", &endpoint),
                ("Attributes.entry.1.key", "FilterPolicy"),
                // A group without end is the number itself.
                ("Attributes.entry.1.value", &filter(GROUP)),
            ],
        );
        Step::AskNumbered {
            template: Template::of(request, u64::MAX).into(),
            text: "<SubscriptionArn>arn:",
        }
    }

    /// The request as it is, where it needs no writing.
    pub(crate) fn fixed(&self) -> Option<&Rc<[u8]>> {
        match self {
            Step::Send { request, .. } | Step::Receive { request } | Step::Ask { request, .. } => {
                Some(request)
            }
            Step::SendNumbered { .. }
            | Step::AskNumbered { .. }
            | Step::DeleteBatch { .. }
            | Step::Delete { .. }
            | Step::Show { .. } => None,
        }
    }

    /// Writes a request that depends on what was heard or counted.
    pub(crate) fn write(&self, out: &mut Vec<u8>, port: u16, handles: &Handles, number: &mut u64) {
        match self {
            Step::Send { request, .. } | Step::Receive { request } | Step::Ask { request, .. } => {
                out.extend_from_slice(request);
            }
            Step::SendNumbered { template } | Step::AskNumbered { template, .. } => {
                template.write(out, number);
            }
            Step::DeleteBatch { queue } => {
                let mut body = format!(r#"{{"QueueUrl":"{queue}","Entries":["#).into_bytes();
                for (id, handle) in handles.iter().enumerate() {
                    let comma = if id > 0 { "," } else { "" };
                    let entry = format!(r#"{comma}{{"Id":"{id}","ReceiptHandle":""#);
                    body.extend_from_slice(entry.as_bytes());
                    body.extend_from_slice(handle);
                    body.extend_from_slice(b"\"}");
                }
                body.extend_from_slice(b"]}");
                http::write_call(out, port, "DeleteMessageBatch", &body);
            }
            Step::Delete { queue } => {
                let body = of_handle(queue, handles.first(), "");
                http::write_call(out, port, "DeleteMessage", &body);
            }
            Step::Show { queue } => {
                let body = of_handle(queue, handles.first(), r#","VisibilityTimeout":0"#);
                http::write_call(out, port, "ChangeMessageVisibility", &body);
            }
        }
    }

    /// Checks an answer and tells how many messages were sent, received or deleted by it.
    pub(crate) fn hear(&self, body: &[u8], handles: &mut Handles) -> Result<u64> {
        let heard = match self {
            Step::Send { messages, .. } => expect_ids(body, *messages),
            Step::SendNumbered { template } => expect_ids(body, template.numbers.len() as u64),
            Step::Receive { .. } => {
                handles.take_from(body)?;
                ensure!(!handles.is_empty(), "nothing was received");
                Ok(handles.len() as u64)
            }
            Step::DeleteBatch { .. } => {
                ensure!(
                    !memmem::find_iter(body, br#""Code""#).any(|_| true),
                    "a message was not deleted"
                );
                let deleted = memmem::find_iter(body, br#""Id""#).count();
                ensure!(deleted == handles.len(), "{deleted} deleted");
                Ok(deleted as u64)
            }
            Step::Delete { .. } | Step::Show { .. } => Ok(1),
            Step::Ask { text, .. } | Step::AskNumbered { text, .. } => {
                ensure!(memmem::find(body, text.as_bytes()).is_some(), "no {text}");
                Ok(1)
            }
        };
        heard.with_context(|| String::from_utf8_lossy(&body[..body.len().min(500)]).into_owned())
    }
}

fn expect_ids(body: &[u8], wanted: u64) -> Result<u64> {
    let ids = memmem::find_iter(body, br#""MessageId""#).count() as u64;
    ensure!(ids == wanted, "{ids} message ids and not {wanted}");
    Ok(ids)
}

fn of_handle(queue: &str, handle: &[u8], more: &str) -> Vec<u8> {
    let mut body = format!(r#"{{"QueueUrl":"{queue}","ReceiptHandle":""#).into_bytes();
    body.extend_from_slice(handle);
    body.extend_from_slice(format!("\"{more}}}").as_bytes());
    body
}

/// Receipt handles, as they stood between their quotes.
#[derive(Clone, Default)]
pub(crate) struct Handles(Vec<Vec<u8>>);

impl Handles {
    fn take_from(&mut self, body: &[u8]) -> Result<()> {
        const NAME: &[u8] = br#""ReceiptHandle""#;
        self.0.clear();
        for at in memmem::find_iter(body, NAME) {
            let rest = &body[at + NAME.len()..];
            let from = memchr::memchr(b'"', rest).context("a handle without a start")? + 1;
            let length = memchr::memchr(b'"', &rest[from..]).context("a handle without an end")?;
            self.0.push(rest[from..from + length].to_vec());
        }
        Ok(())
    }

    fn first(&self) -> &[u8] {
        self.0.first().map_or(&[], Vec::as_slice)
    }

    fn iter(&self) -> impl Iterator<Item = &Vec<u8>> {
        self.0.iter()
    }

    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn len(&self) -> usize {
        self.0.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(step: &Step, handles: &Handles, number: &mut u64) -> String {
        let mut out = Vec::new();
        step.write(&mut out, 1, handles, number);
        let text = String::from_utf8(out).unwrap();
        text.split("\r\n\r\n").nth(1).unwrap().to_owned()
    }

    #[test]
    fn handles_of_an_answer_are_what_is_deleted() {
        let mut handles = Handles::default();
        let receive = Step::receive(1, "q", 10);
        let body = br#"{"Messages":[{"ReceiptHandle":"a+b="},{"ReceiptHandle": "c"}]}"#;
        assert_eq!(receive.hear(body, &mut handles).unwrap(), 2);
        let delete = Step::DeleteBatch { queue: "q".into() };
        assert_eq!(
            written(&delete, &handles, &mut 0),
            r#"{"QueueUrl":"q","Entries":[{"Id":"0","ReceiptHandle":"a+b="},{"Id":"1","ReceiptHandle":"c"}]}"#
        );
    }

    #[test]
    fn an_answer_without_what_was_asked_for_is_a_failure() {
        let mut handles = Handles::default();
        let failures = [
            (Step::send(1, "q", "b"), r#"{"MD5OfMessageBody":""}"#),
            (
                Step::send_batch(1, "q", "b"),
                r#"{"Successful":[{"MessageId":"1"}]}"#,
            ),
            (Step::receive(1, "q", 1), r#"{"Messages":[]}"#),
            (Step::attributes(1, "q"), "{}"),
        ];
        for (step, body) in failures {
            assert!(step.hear(body.as_bytes(), &mut handles).is_err(), "{body}");
        }
    }

    #[test]
    fn numbered_subscriptions_have_their_number_in_endpoint_and_filter() {
        let filter = |number: &str| format!(r#"{{"k":["{number}"]}}"#);
        let text = written(
            &Step::subscribe_numbered(1, "t", filter),
            &Handles::default(),
            &mut 42,
        );
        assert!(text.contains("away-000000000042&"), "{text}");
        assert!(text.contains("%22000000000042%22"), "{text}");
    }

    #[test]
    fn numbered_messages_are_all_different_and_spread_over_the_groups() {
        let step = Step::send_fifo_batch(1, "q", "b", 7);
        let mut number = 5;
        let text = written(&step, &Handles::default(), &mut number);
        assert_eq!(number, 15);
        for number in 5..15 {
            let id = format!(r#""MessageDeduplicationId":"{number:012}""#);
            let group = format!(r#""MessageGroupId":"{:012}""#, number % 7);
            assert!(text.contains(&id) && text.contains(&group), "{text}");
        }
    }
}
