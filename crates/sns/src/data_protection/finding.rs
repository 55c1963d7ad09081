//! What an audit reports: a document for a log group.

use serde_json::{Value, json};

use super::Span;
use super::document::Auditing;

/// One identifier's findings in a text, in characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub identifier: String,
    /// First and last character of each, counted from 1.
    pub detections: Vec<(usize, usize)>,
}

/// Detections of one identifier that a report lists; its count has them all.
const DETECTIONS_MAX: usize = 1000;

/// A report, and the log group it is for. A report without findings says that there were none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Audit {
    pub log_group: String,
    pub findings: Vec<Finding>,
    principal: String,
}

/// The report of a text; none if the audit does not ask for one of this kind.
pub(super) fn audit(auditing: &Auditing, findings: Vec<Finding>, principal: &str) -> Option<Audit> {
    let group = match findings.is_empty() {
        true => auditing.no_findings.as_ref(),
        false => auditing.findings.as_ref(),
    };
    Some(Audit {
        log_group: group?.clone(),
        findings,
        principal: principal.to_owned(),
    })
}

impl Finding {
    pub(super) fn new(identifier: &str, text: &str, spans: &[Span]) -> Finding {
        let (mut at, mut characters) = (0, 0);
        let mut upto = |byte: usize| {
            characters += text[at..byte].chars().count();
            at = byte;
            characters
        };
        let detections = spans
            .iter()
            .map(|span| (upto(span.start) + 1, upto(span.end)))
            .collect();
        Finding {
            identifier: identifier.to_owned(),
            detections,
        }
    }
}

impl Audit {
    /// The document, in the shape of AWS's reports. `time` is as AWS writes it, `2023-01-23T21:11:20Z`.
    pub fn document(&self, message_id: &str, time: &str, topic_arn: &str) -> String {
        let identifiers: Vec<Value> = self
            .findings
            .iter()
            .map(|finding| {
                let detections = finding.detections.iter().take(DETECTIONS_MAX);
                let detections = detections.map(|(start, end)| json!({"start": start, "end": end}));
                json!({
                    "name": finding.identifier,
                    "count": finding.detections.len(),
                    "detections": detections.collect::<Vec<Value>>(),
                })
            })
            .collect();
        json!({
            "messageId": message_id,
            "auditTimestamp": time,
            "callerPrincipal": self.principal,
            "resourceArn": topic_arn,
            "dataIdentifiers": identifiers,
        })
        .to_string()
    }
}
