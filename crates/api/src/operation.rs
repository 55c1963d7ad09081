//! The operation table: one row per operation, from which routing, coverage, metric labels and IAM actions follow.

use crate::{ErrorKind, Structure};

/// What the protocols need to know of a service.
#[derive(Debug)]
pub struct Service {
    /// Name in the credential scope, such as `sqs`.
    pub name: &'static str,
    /// Before the dot in `X-Amz-Target`.
    pub target_prefix: &'static str,
    /// `1.0` or `1.1`; empty where it does not speak JSON.
    pub json_version: &'static str,
    /// `Version` of its Query protocol.
    pub query_version: &'static str,
    /// Namespace of its XML answers.
    pub xml_namespace: &'static str,
    /// Rows for all operations that are built, by name.
    pub operations: &'static [Operation],
    /// Names of AWS's operations that are not built yet: they answer that they are not.
    pub unbuilt: &'static [&'static str],
}

#[derive(Debug)]
pub struct Operation {
    /// Name of the service in the credential scope, such as `sqs`.
    pub service: &'static str,
    pub name: &'static str,
    /// Value of `X-Amz-Target`, such as `AmazonSQS.SendMessage`.
    pub target: &'static str,
    /// The IAM action that permits it, such as `sqs:SendMessage`. A batch operation shares the single one's.
    pub iam_action: &'static str,
    pub input: Option<&'static Structure>,
    pub output: Option<&'static Structure>,
    /// The errors the model gives it, beside those in [`crate::common`].
    pub errors: &'static [&'static ErrorKind],
}

impl Service {
    pub fn speaks_json(&self) -> bool {
        !self.json_version.is_empty()
    }

    /// The row of an operation that is built.
    pub fn operation(&self, name: &str) -> Option<&'static Operation> {
        self.operations.iter().find(|it| it.name == name)
    }

    /// Whether AWS has an operation of this name that is not built here.
    pub fn lacks(&self, name: &str) -> bool {
        self.unbuilt.contains(&name)
    }
}
