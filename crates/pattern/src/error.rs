//! Why a filter policy is refused, in AWS's words.

use std::fmt;

/// AWS answers it as `Invalid parameter: FilterPolicy: <text>`, with `Attributes Reason: ` before `FilterPolicy` in Subscribe;
/// only a policy that does not fit its scope ([`PolicyError::is_of_scope`]) is answered `Invalid parameter: <text>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyError {
    text: String,
    of_scope: bool,
}

impl PolicyError {
    pub(crate) fn new(text: impl Into<String>) -> PolicyError {
        PolicyError {
            text: text.into(),
            of_scope: false,
        }
    }

    pub(crate) fn nested() -> PolicyError {
        PolicyError {
            text: "Filter policy scope MessageAttributes does not support nested filter policy"
                .to_owned(),
            of_scope: true,
        }
    }

    /// What is wrong, with the place behind it where AWS gives one.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether the policy is well formed and only its scope does not take it: AWS names the scope then and not the policy.
    pub fn is_of_scope(&self) -> bool {
        self.of_scope
    }
}

impl fmt::Display for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::error::Error for PolicyError {}
