//! Data protection policies: what a topic's messages may not hold, found, masked, refused or reported.
//!
//! A policy is read once ([`Policy::parse`], with all of its validation) and then looks at texts
//! ([`Policy::inspect`]), in time that grows with the text's length only. Detectors look for forms, check digits and
//! keywords as AWS documents them; what AWS finds by machine learning (names, addresses) or by form alone in dozens
//! of countries has no honest detector here, and a policy that asks for it is refused.
//!
//! <https://docs.aws.amazon.com/sns/latest/dg/sns-message-data-protection-policies.html>

mod custom;
mod detect;
mod document;
mod finding;
mod identifier;
mod mask;

#[cfg(test)]
mod tests;

use std::ops::Range;

pub use finding::{Audit, Finding};

use document::Statement;
use identifier::Identifier;
use mask::Deidentify;

/// Bytes of a text.
type Span = Range<usize>;

/// Which way a message goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// From a publisher to the topic.
    Inbound,
    /// From the topic to a subscriber.
    Outbound,
}

/// A policy, ready to look at texts.
#[derive(Debug)]
pub struct Policy {
    statements: Vec<Statement>,
    /// Everything that some statement looks for; statements name places in here.
    identifiers: Vec<Identifier>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Operation {
    Audit(document::Auditing),
    Deny,
    Deidentify(Deidentify),
}

/// What becomes of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It goes on as it is.
    Pass,
    /// It does not go on: a publish fails, a delivery goes to the dead-letter queue.
    Deny,
    /// It goes on like this.
    Deidentified(String),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inspection {
    pub verdict: Verdict,
    /// Something to report, if the policy audits and this text is among the sampled.
    pub audit: Option<Audit>,
}

impl Policy {
    /// The longest policy, in characters.
    pub const CHARS_MAX: usize = 30_720;

    /// Reads a policy, or says why it is none.
    pub fn parse(text: &str) -> Result<Policy, api::Error> {
        document::parse(text)
    }

    /// Looks at a text. `principal` is the ARN of who publishes it, or of who subscribed; `dice` is 0 to 99, and
    /// decides whether the text is among those that an audit samples.
    pub fn inspect(
        &self,
        direction: Direction,
        principal: &str,
        text: &str,
        dice: u8,
    ) -> Inspection {
        let mut found = Found::new(self, text);
        let mut verdict = Verdict::Pass;
        let mut audit = None;
        let mut cover = Vec::new();
        let concerned = self
            .statements
            .iter()
            .filter(|it| it.concerns(direction, principal));
        for statement in concerned {
            match &statement.operation {
                Operation::Audit(auditing) if dice < auditing.sample_rate => {
                    let findings = found.findings(&statement.identifiers);
                    audit = finding::audit(auditing, findings, principal);
                }
                Operation::Audit(_) => {}
                Operation::Deny if found.any(&statement.identifiers) => verdict = Verdict::Deny,
                Operation::Deny => {}
                Operation::Deidentify(how) => {
                    let spans = found.all(&statement.identifiers);
                    cover.extend(spans.into_iter().map(|span| (span, *how)));
                }
            }
        }
        if verdict == Verdict::Pass && !cover.is_empty() {
            verdict = Verdict::Deidentified(mask::cover(text, cover));
        }
        Inspection { verdict, audit }
    }
}

/// What was found in one text; each identifier is looked for once.
struct Found<'p> {
    policy: &'p Policy,
    text: &'p str,
    spans: Vec<Option<Vec<Span>>>,
}

impl<'p> Found<'p> {
    fn new(policy: &'p Policy, text: &'p str) -> Found<'p> {
        Found {
            policy,
            text,
            spans: vec![None; policy.identifiers.len()],
        }
    }

    fn of(&mut self, identifier: usize) -> &[Span] {
        let (policy, text) = (self.policy, self.text);
        self.spans[identifier].get_or_insert_with(|| policy.identifiers[identifier].find(text))
    }

    fn any(&mut self, identifiers: &[usize]) -> bool {
        identifiers.iter().any(|it| !self.of(*it).is_empty())
    }

    fn all(&mut self, identifiers: &[usize]) -> Vec<Span> {
        let mut all = Vec::new();
        for identifier in identifiers {
            all.extend_from_slice(self.of(*identifier));
        }
        all
    }

    fn findings(&mut self, identifiers: &[usize]) -> Vec<Finding> {
        let mut findings = Vec::new();
        for identifier in identifiers {
            let (policy, text) = (self.policy, self.text);
            let spans = self.of(*identifier);
            if !spans.is_empty() {
                let name = policy.identifiers[*identifier].name();
                findings.push(Finding::new(name, text, spans));
            }
        }
        findings
    }
}
