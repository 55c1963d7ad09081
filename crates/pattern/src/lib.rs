//! What messages are matched against: SNS filter policies now, EventBridge patterns later.

/// What a filter policy looks at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scope {
    #[default]
    MessageAttributes,
    MessageBody,
}

#[derive(Debug)]
pub struct FilterPolicy {}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyError(String);

impl PolicyError {
    pub fn text(&self) -> &str {
        &self.0
    }
}

impl FilterPolicy {
    pub fn compile(text: &str, _scope: Scope) -> Result<FilterPolicy, PolicyError> {
        match serde_json::from_str::<serde_json::Value>(text) {
            Ok(value) if value.is_object() => Ok(FilterPolicy {}),
            Ok(_) | Err(_) => Err(PolicyError("failed to parse JSON. ".to_owned())),
        }
    }
}

#[derive(Debug, Default)]
pub struct Index {
    numbers: Vec<u32>,
}

impl Index {
    pub fn insert(&mut self, number: u32, _policy: &FilterPolicy) {
        self.numbers.push(number);
    }

    pub fn remove(&mut self, number: u32) {
        self.numbers.retain(|one| *one != number);
    }

    pub fn matches(&self, _facts: &Facts<'_>, out: &mut Vec<u32>) {
        out.extend(&self.numbers);
    }
}

#[derive(Debug)]
pub struct Facts<'a> {
    pub message: &'a str,
}

impl<'a> Facts<'a> {
    pub fn new(message: &'a str) -> Facts<'a> {
        Facts { message }
    }
}
