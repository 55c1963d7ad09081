//! A test model's shapes as schemas. They are leaked: schemas are static.

use api::{List, MapOf, Member, Shape, Structure, TimestampFormat};
use serde_json::Value as Json;

/// How often a recursive shape is unrolled.
const DEPTH: usize = 6;

pub(crate) struct Model<'j> {
    shapes: &'j Json,
}

pub(crate) fn leak<T>(value: T) -> &'static mut T {
    Box::leak(Box::new(value))
}

impl<'j> Model<'j> {
    pub(crate) fn new(shapes: &'j Json) -> Self {
        Model { shapes }
    }

    pub(crate) fn structure(&self, name: &str) -> &'static Structure {
        leak(self.members(name, DEPTH))
    }

    fn members(&self, name: &str, depth: usize) -> Structure {
        let members = self.shapes[name]["members"].as_object().unwrap().iter();
        let members: Vec<Member> = match depth {
            0 => Vec::new(),
            _ => members
                .map(|(name, reference)| self.member(name, reference, depth - 1))
                .collect(),
        };
        Structure {
            name: leak(name.to_owned()),
            members: members.leak(),
        }
    }

    fn member(&self, name: &str, reference: &Json, depth: usize) -> Member {
        let shape = self.resolve(reference);
        // As the code generator has it: a list that is flat by itself is named by its entries.
        let item = &self.shapes[reference["shape"].as_str().unwrap()];
        let query = match item["flattened"] == true {
            true => &item["member"]["locationName"],
            false => &shape["locationName"],
        };
        Member {
            name: leak(name.to_owned()),
            query: leak(query.as_str().unwrap_or(name).to_owned()),
            required: false,
            shape: self.shape(reference, depth),
        }
    }

    /// A reference with what its shape says where it says nothing itself.
    fn resolve(&self, reference: &Json) -> Json {
        let mut shape = self.shapes[reference["shape"].as_str().unwrap()].clone();
        for (key, value) in reference.as_object().unwrap() {
            shape[key] = value.clone();
        }
        shape
    }

    fn shape(&self, reference: &Json, depth: usize) -> Shape {
        let shape = self.resolve(reference);
        let flat = shape["flattened"] == true;
        let named = |part: &str, default: &str| -> &'static str {
            let name = shape[part]["locationName"].as_str().unwrap_or(default);
            leak(name.to_owned())
        };
        match shape["type"].as_str().unwrap() {
            "string" => Shape::String,
            "blob" => Shape::Blob,
            "byte" | "short" | "integer" => Shape::Integer,
            "long" => Shape::Long,
            "float" | "double" => Shape::Double,
            "boolean" => Shape::Boolean,
            "timestamp" => Shape::Timestamp(match shape["timestampFormat"].as_str() {
                Some("unixTimestamp") => TimestampFormat::EpochSeconds,
                Some("iso8601") => TimestampFormat::DateTime,
                Some("rfc822") => TimestampFormat::HttpDate,
                _ => TimestampFormat::ProtocolDefault,
            }),
            "structure" => Shape::Structure(leak(
                self.members(reference["shape"].as_str().unwrap(), depth),
            )),
            "list" => Shape::List(leak(List {
                flat,
                element: named("member", "member"),
                item: self.shape(&shape["member"], depth),
            })),
            "map" => Shape::Map(leak(MapOf {
                flat,
                key: named("key", "key"),
                value: named("value", "value"),
                item: self.shape(&shape["value"], depth),
            })),
            other => panic!("unknown type {other}"),
        }
    }
}
