//! TaskHandle: standard base64 of `{"taskId":"…","sourceArn":"…"}`. Callers may read it, and make their own.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use domain::Arn;
use serde_json::{Value, json};

use crate::message::MessageId;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TaskHandle {
    pub(crate) source: Arn,
    /// Absent when the handle names no task of ours.
    pub(crate) task: Option<[u8; 16]>,
}

/// Marks random bytes as the id of a task: a version 4 UUID.
pub(crate) fn task_id(mut random: [u8; 16]) -> [u8; 16] {
    random[6] = random[6] & 0x0F | 0x40;
    random[8] = random[8] & 0x3F | 0x80;
    random
}

pub(crate) fn encode(task: [u8; 16], source: &Arn) -> String {
    let id = MessageId(task).to_string();
    BASE64_STANDARD.encode(json!({ "taskId": id, "sourceArn": source.as_str() }).to_string())
}

/// Absent when the text is not of the form above.
pub(crate) fn decode(text: &str) -> Option<TaskHandle> {
    let bytes = BASE64_STANDARD.decode(text).ok()?;
    let json: Value = serde_json::from_slice(&bytes).ok()?;
    Some(TaskHandle {
        source: Arn::parse(json.get("sourceArn")?.as_str()?).ok()?,
        task: parse_uuid(json.get("taskId")?.as_str()?),
    })
}

fn parse_uuid(text: &str) -> Option<[u8; 16]> {
    let digits = text.replace('-', "");
    if text.len() != 36
        || digits.len() != 32
        || !digits.bytes().all(|digit| digit.is_ascii_hexdigit())
    {
        return None;
    }
    u128::from_str_radix(&digits, 16)
        .ok()
        .map(u128::to_be_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_handle_reads_back_and_is_plain_json_inside() {
        let source = Arn::parse("arn:aws:sqs:us-east-1:000000000000:dead").unwrap();
        let task = task_id([0xFF; 16]);
        let text = encode(task, &source);
        assert_eq!(
            BASE64_STANDARD.decode(&text).unwrap(),
            br#"{"taskId":"ffffffff-ffff-4fff-bfff-ffffffffffff","sourceArn":"arn:aws:sqs:us-east-1:000000000000:dead"}"#
        );
        assert_eq!(
            decode(&text),
            Some(TaskHandle {
                source,
                task: Some(task)
            })
        );
    }

    #[test]
    fn a_handle_of_someone_elses_making_may_name_no_task() {
        let text =
            BASE64_STANDARD.encode(r#"{ "sourceArn": "arn:aws:sqs:a:1:b", "taskId": "foobar" }"#);
        assert_eq!(decode(&text).unwrap().task, None);
    }

    #[test]
    fn other_texts_are_no_handles() {
        for text in ["", "foobared", "bm90IGpzb24=", "e30=", "ü"] {
            assert_eq!(decode(text), None, "{text}");
        }
    }
}
