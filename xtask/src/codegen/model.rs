//! A service model in botocore's JSON form, as far as it matters to us.

use anyhow::{Context, Result};
use serde::Deserialize;
use serde_json::{Map, Value};

#[derive(Deserialize)]
pub(super) struct Model {
    pub(super) metadata: Metadata,
    operations: Map<String, Value>,
    shapes: Map<String, Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Metadata {
    pub(super) api_version: String,
    #[serde(default)]
    pub(super) target_prefix: String,
    /// `1.0` or `1.1` where the service speaks JSON.
    #[serde(default)]
    pub(super) json_version: String,
    #[serde(default)]
    pub(super) xml_namespace: String,
}

#[derive(Deserialize)]
pub(super) struct Operation {
    pub(super) name: String,
    pub(super) input: Option<Reference>,
    pub(super) output: Option<Reference>,
    #[serde(default)]
    pub(super) errors: Vec<Reference>,
}

/// A use of a shape. What it says goes before what the shape says.
#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Reference {
    pub(super) shape: String,
    pub(super) location_name: Option<String>,
    flattened: Option<bool>,
    timestamp_format: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Shape {
    #[serde(rename = "type")]
    pub(super) kind: Kind,
    #[serde(default)]
    members: Map<String, Value>,
    #[serde(default)]
    required: Vec<String>,
    #[serde(default, rename = "enum")]
    pub(super) values: Vec<String>,
    member: Option<Reference>,
    key: Option<Reference>,
    value: Option<Reference>,
    pub(super) location_name: Option<String>,
    #[serde(default)]
    flattened: bool,
    timestamp_format: Option<String>,
    pub(super) error: Option<ErrorTraits>,
    #[serde(default)]
    pub(super) exception: bool,
}

#[derive(Clone, Copy, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(super) enum Kind {
    #[serde(alias = "character")]
    String,
    Blob,
    #[serde(alias = "byte", alias = "short")]
    Integer,
    Long,
    #[serde(alias = "float")]
    Double,
    Boolean,
    Timestamp,
    Structure,
    List,
    Map,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ErrorTraits {
    pub(super) code: Option<String>,
    pub(super) http_status_code: Option<u16>,
    pub(super) sender_fault: Option<bool>,
}

pub(super) fn parse(text: &str) -> Result<Model> {
    Ok(serde_json::from_str(text)?)
}

impl Model {
    /// All operations, by name.
    pub(super) fn operations(&self) -> Result<Vec<Operation>> {
        let mut operations = self
            .operations
            .values()
            .map(|operation| Ok(serde_json::from_value(operation.clone())?))
            .collect::<Result<Vec<Operation>>>()?;
        operations.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(operations)
    }

    pub(super) fn shape(&self, name: &str) -> Result<Shape> {
        self.find(name)?.with_context(|| format!("no shape {name}"))
    }

    /// A shape that this model may lack.
    pub(super) fn find(&self, name: &str) -> Result<Option<Shape>> {
        self.shapes
            .get(name)
            .map(|shape| serde_json::from_value(shape.clone()).with_context(|| name.to_owned()))
            .transpose()
    }

    /// Names of all shapes, sorted.
    pub(super) fn shape_names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.shapes.keys().map(String::as_str).collect();
        names.sort_unstable();
        names
    }
}

impl Shape {
    /// Members in the model's order.
    pub(super) fn members(&self) -> Result<Vec<(String, Reference)>> {
        self.members
            .iter()
            .map(|(name, member)| Ok((name.clone(), serde_json::from_value(member.clone())?)))
            .collect()
    }

    pub(super) fn requires(&self, member: &str) -> bool {
        self.required.iter().any(|name| name == member)
    }

    /// The entries of a list, the values of a map.
    pub(super) fn entry(&self) -> Option<&Reference> {
        self.member.as_ref().or(self.value.as_ref())
    }

    pub(super) fn is_flat(&self) -> bool {
        self.flattened
    }

    pub(super) fn key(&self) -> Option<&Reference> {
        self.key.as_ref()
    }
}

impl Kind {
    pub(super) fn is_scalar(self) -> bool {
        !matches!(self, Kind::Structure | Kind::List | Kind::Map)
    }
}

impl Reference {
    pub(super) fn is_flat(&self, shape: &Shape) -> bool {
        self.flattened.unwrap_or(shape.flattened)
    }

    pub(super) fn timestamp_format<'a>(&'a self, shape: &'a Shape) -> Option<&'a str> {
        self.timestamp_format
            .as_deref()
            .or(shape.timestamp_format.as_deref())
    }
}
