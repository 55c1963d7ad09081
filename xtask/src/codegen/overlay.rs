//! What the published models do not say, written by hand beside them.

use std::collections::BTreeMap;

use anyhow::Result;
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Overlay {
    pub(super) service: Service,
    /// Actions of the operations that are not permitted by one of their own name.
    #[serde(default)]
    pub(super) iam_actions: BTreeMap<String, String>,
    /// Query name by structure and member.
    #[serde(default)]
    pub(super) query_names: BTreeMap<String, BTreeMap<String, String>>,
    #[serde(default)]
    pub(super) errors: BTreeMap<String, Error>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Service {
    pub(super) name: String,
    pub(super) error_namespace: String,
    /// String members for which `Request` gets accessors across its variants.
    #[serde(default)]
    pub(super) accessors: Vec<String>,
    /// The operations that are built, where that is not all of them.
    #[serde(default)]
    pub(super) operations: Vec<String>,
    /// The model's errors leave out the message that they are answered with.
    #[serde(default)]
    pub(super) errors_have_message: bool,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Error {
    pub(super) code: Option<String>,
    pub(super) status: Option<u16>,
    pub(super) text: Option<String>,
    pub(super) query_text: Option<String>,
}

pub(super) fn parse(text: &str) -> Result<Overlay> {
    Ok(toml::from_str(text)?)
}
