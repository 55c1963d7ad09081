//! The document kept of everything sent: `{"Asked": …, "Left": …}`.
//!
//! `Asked` has the keys under which other emulators list it (spec 12); `Left` says what the receiver's service was
//! handed.

use std::borrow::Cow;

use domain::Body;
use serde_json::{Value, json};

use crate::command::Letter;
use crate::sent::Kind;

pub(crate) const ASKED: &str = "Asked";
pub(crate) const LEFT: &str = "Left";

pub(crate) fn letter(kind: Kind, id: &str, to: &str, asked: Value, left: Value) -> Letter<'static> {
    Letter {
        kind,
        id: Cow::Owned(id.to_owned()),
        to: Cow::Owned(to.to_owned()),
        document: Cow::Owned(json!({ASKED: asked, LEFT: left}).to_string()),
        body: Body::default(),
    }
}

/// Attributes in request form, or null.
pub(crate) fn attributes(text: Option<&str>) -> Value {
    text.and_then(|text| serde_json::from_str(text).ok())
        .unwrap_or(Value::Null)
}

/// With MessageStructure `json` the listing shows the receiver's own entry as a JSON string once more.
pub(crate) fn shown_message(entry: &str, json: bool) -> Value {
    match json {
        true => Value::String(Value::from(entry).to_string()),
        false => entry.into(),
    }
}
