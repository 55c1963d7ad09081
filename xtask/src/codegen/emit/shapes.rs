//! Structures with their schemas, readers and writers; the layouts of lists and maps.

use std::collections::BTreeSet;

use anyhow::{Context, Result, bail, ensure};

use super::{Source, constant, field};
use crate::codegen::model::{Kind, Reference, Shape};

type Members = [(String, Reference)];

impl Source<'_> {
    pub(super) fn shape(&mut self, name: &str) -> Result<()> {
        let shape = self.json.shape(name)?;
        self.line("");
        if shape.kind == Kind::Structure {
            return self.structure(name, &shape);
        }
        let text = match shape.kind == Kind::List {
            true => self.list(name, &shape)?,
            false => self.map(name, &shape)?,
        };
        self.line(text);
        Ok(())
    }

    fn structure(&mut self, name: &str, shape: &Shape) -> Result<()> {
        let members = shape.members()?;
        let ty = self.structure_type(name)?;
        self.line("#[derive(Clone, Debug, Default, PartialEq)]");
        self.line(format!("pub struct {ty} {{"));
        for (member, reference) in &members {
            let ty = self.value_type(&reference.shape)?;
            self.line(format!("pub {}: Option<{ty}>,", field(member)));
        }
        self.lines(["}", ""]);
        let schema = constant(name);
        self.line(format!(
            "static {schema}: Structure = Structure {{ name: {name:?}, members: &["
        ));
        for (member, reference) in &members {
            self.line(format!(
                "Member {{ name: {member:?}, query: {:?}, required: {}, shape: {} }},",
                self.query_name(name, member)?,
                shape.requires(member),
                self.schema(reference)?,
            ));
        }
        self.lines(["]};", ""]);
        let generics = if ty.ends_with('>') { "<'a>" } else { "" };
        self.line(format!("impl{generics} {ty} {{"));
        self.read(&ty, &schema, &members)?;
        self.write(&schema, &members)?;
        self.line("}");
        Ok(())
    }

    fn read(&mut self, ty: &str, schema: &str, members: &Members) -> Result<()> {
        let lifetime = if ty.ends_with('>') { "" } else { "'a, " };
        if members.is_empty() {
            self.line(format!(
                "pub fn read<{lifetime}R: ShapeReader<'a>>(reader: &mut R) -> Result<Self, Error> {{
                reader.structure(&{schema}, |_, _| Ok(()))?;
                Ok(Self::default())
                }}
                "
            ));
            return Ok(());
        }
        self.line(format!(
            "pub fn read<{lifetime}R: ShapeReader<'a>>(reader: &mut R) -> Result<Self, Error> {{
            let mut it = Self::default();
            reader.structure(&{schema}, |reader, member| {{
            match member {{"
        ));
        for (i, (member, reference)) in members.iter().enumerate() {
            let value = self.reading(reference)?;
            self.line(format!("{i} => it.{} = Some({value}?),", field(member)));
        }
        self.line(format!(
            "_ => unreachable!(\"{schema} has no member {{member}}\"),"
        ));
        self.lines(["}", "Ok(())", "})?;", "Ok(it)", "}", ""]);
        Ok(())
    }

    fn write(&mut self, schema: &str, members: &Members) -> Result<()> {
        self.line("pub fn write<W: ShapeWriter>(&self, writer: &mut W) {");
        let unused = if members.is_empty() { "_" } else { "writer" };
        self.line(format!("writer.structure(&{schema}, |{unused}| {{"));
        for (i, (member, reference)) in members.iter().enumerate() {
            let value = self.writing(reference, "value")?;
            self.line(format!(
                "if let Some(value) = &self.{} {{
                writer.member(&{schema}.members[{i}], |writer| {value});
                }}",
                field(member),
            ));
        }
        self.lines(["});", "}"]);
        Ok(())
    }

    fn list(&self, name: &str, shape: &Shape) -> Result<String> {
        let in_query = self.query.find(name)?;
        let item = in_query.as_ref().unwrap_or(shape).entry();
        let element = item.and_then(|item| item.location_name.as_deref());
        Ok(format!(
            "static {}: List = List {{ flat: {}, element: {:?}, item: {} }};",
            constant(name),
            self.is_flat(name, shape)?,
            element.unwrap_or("member"),
            self.schema(entry(shape)?)?,
        ))
    }

    fn map(&self, name: &str, shape: &Shape) -> Result<String> {
        let in_query = self.query.find(name)?;
        let names = in_query.as_ref().unwrap_or(shape);
        let key = names.key().and_then(|key| key.location_name.as_deref());
        let value = names
            .entry()
            .and_then(|value| value.location_name.as_deref());
        Ok(format!(
            "static {}: MapOf = MapOf {{ flat: {}, key: {:?}, value: {:?}, item: {} }};",
            constant(name),
            self.is_flat(name, shape)?,
            key.unwrap_or("key"),
            value.unwrap_or("value"),
            self.schema(entry(shape)?)?,
        ))
    }

    /// A list or map is described once, so its uses have to agree on how it is laid out.
    fn is_flat(&self, name: &str, shape: &Shape) -> Result<bool> {
        let mut uses = BTreeSet::new();
        for owner in self.json.shape_names() {
            for (_, member) in self.json.shape(owner)?.members()? {
                if member.shape == name {
                    uses.insert(member.is_flat(shape));
                }
            }
        }
        ensure!(
            uses.len() < 2,
            "{name} is flat in one place and not in another"
        );
        Ok(uses.contains(&true))
    }

    /// The name a member has in Query requests and XML answers. A list that is flat by itself is named by its entries,
    /// as older models have it; one that a member makes flat is named by the member, as Smithy has it.
    fn query_name(&self, structure: &str, member: &str) -> Result<String> {
        let overlay = self.overlay.query_names.get(structure);
        if let Some(name) = overlay.and_then(|names| names.get(member)) {
            return Ok(name.clone());
        }
        let members = match self.query.find(structure)? {
            Some(structure) => structure.members()?,
            None => Vec::new(),
        };
        let Some((_, reference)) = members.iter().find(|(name, _)| name == member) else {
            bail!("{structure}.{member} is not in the Query model: name it in the overlay");
        };
        let shape = self.query.shape(&reference.shape)?;
        let of_entries = match shape.kind == Kind::List && shape.is_flat() {
            true => entry(&shape)?.location_name.as_ref(),
            false => None,
        };
        let name = of_entries
            .or(reference.location_name.as_ref())
            .or(shape.location_name.as_ref());
        Ok(name.map_or(member, String::as_str).to_owned())
    }

    /// A use of a shape as a `Shape` literal.
    fn schema(&self, reference: &Reference) -> Result<String> {
        let shape = self.json.shape(&reference.shape)?;
        let name = constant(&reference.shape);
        Ok(match shape.kind {
            Kind::String if shape.values.is_empty() => "Shape::String".to_owned(),
            Kind::String => format!("Shape::Enum(&{:?})", shape.values),
            Kind::Blob => "Shape::Blob".to_owned(),
            Kind::Integer => "Shape::Integer".to_owned(),
            Kind::Long => "Shape::Long".to_owned(),
            Kind::Double => "Shape::Double".to_owned(),
            Kind::Boolean => "Shape::Boolean".to_owned(),
            Kind::Timestamp => format!("Shape::Timestamp({})", format_of(reference, &shape)?),
            Kind::Structure => format!("Shape::Structure(&{name})"),
            Kind::List => format!("Shape::List(&{name})"),
            Kind::Map => format!("Shape::Map(&{name})"),
        })
    }

    /// An expression that reads a value, up to the `?`.
    fn reading(&self, reference: &Reference) -> Result<String> {
        let shape = self.json.shape(&reference.shape)?;
        let name = constant(&reference.shape);
        Ok(match shape.kind {
            Kind::String => "reader.string()".to_owned(),
            Kind::Blob => "reader.blob()".to_owned(),
            Kind::Integer => "reader.integer()".to_owned(),
            Kind::Long => "reader.long()".to_owned(),
            Kind::Double => "reader.double()".to_owned(),
            Kind::Boolean => "reader.boolean()".to_owned(),
            Kind::Timestamp => format!("reader.timestamp({})", format_of(reference, &shape)?),
            Kind::Structure => format!("{}::read(reader)", reference.shape),
            Kind::List => format!("reader.list(&{name}, {})", self.reading_each(&shape)?),
            Kind::Map => format!("reader.map(&{name}, {})", self.reading_each(&shape)?),
        })
    }

    /// What reads each entry of a list or map, as a function.
    fn reading_each(&self, shape: &Shape) -> Result<String> {
        let reading = self.reading(entry(shape)?)?;
        if let Some(structure) = reading.strip_suffix("::read(reader)") {
            return Ok(format!("{structure}::read"));
        }
        let method = reading
            .strip_prefix("reader.")
            .and_then(|call| call.strip_suffix("()"));
        Ok(match method {
            Some(method) => format!("R::{method}"),
            None => format!("|reader| {reading}"),
        })
    }

    /// An expression that writes what `value` refers to.
    fn writing(&self, reference: &Reference, value: &str) -> Result<String> {
        let shape = self.json.shape(&reference.shape)?;
        let name = constant(&reference.shape);
        Ok(match shape.kind {
            Kind::String => format!("writer.string({value})"),
            Kind::Blob => format!("writer.blob({value})"),
            Kind::Integer => format!("writer.integer(*{value})"),
            Kind::Long => format!("writer.long(*{value})"),
            Kind::Double => format!("writer.double(*{value})"),
            Kind::Boolean => format!("writer.boolean(*{value})"),
            Kind::Timestamp => {
                format!(
                    "writer.timestamp(*{value}, {})",
                    format_of(reference, &shape)?
                )
            }
            Kind::Structure => format!("{value}.write(writer)"),
            Kind::List => {
                let item = self.writing(entry(&shape)?, "item")?;
                format!("writer.list(&{name}, {value}, |writer, item| {item})")
            }
            Kind::Map => {
                let item = self.writing(entry(&shape)?, "item")?;
                format!("writer.map(&{name}, {value}, |writer, item| {item})")
            }
        })
    }

    /// The Rust type of a value of this shape.
    fn value_type(&self, name: &str) -> Result<String> {
        let shape = self.json.shape(name)?;
        Ok(match shape.kind {
            Kind::String => "Str<'a>".to_owned(),
            Kind::Blob => "Blob<'a>".to_owned(),
            Kind::Integer => "i32".to_owned(),
            Kind::Long | Kind::Timestamp => "i64".to_owned(),
            Kind::Double => "f64".to_owned(),
            Kind::Boolean => "bool".to_owned(),
            Kind::Structure => self.structure_type(name)?,
            Kind::List => format!("Vec<{}>", self.value_type(&entry(&shape)?.shape)?),
            Kind::Map => format!("Map<'a, {}>", self.value_type(&entry(&shape)?.shape)?),
        })
    }

    pub(super) fn structure_type(&self, name: &str) -> Result<String> {
        let borrows = self.borrows(name, &mut BTreeSet::new())?;
        Ok(format!("{name}{}", if borrows { "<'a>" } else { "" }))
    }

    /// Whether a value of this shape holds text or bytes anywhere.
    fn borrows(&self, name: &str, seen: &mut BTreeSet<String>) -> Result<bool> {
        if !seen.insert(name.to_owned()) {
            return Ok(false);
        }
        let shape = self.json.shape(name)?;
        let mut borrows = matches!(shape.kind, Kind::String | Kind::Blob | Kind::Map);
        for (_, member) in shape.members()? {
            borrows = borrows || self.borrows(&member.shape, seen)?;
        }
        if let Some(entry) = shape.entry() {
            borrows = borrows || self.borrows(&entry.shape, seen)?;
        }
        Ok(borrows)
    }
}

fn entry(shape: &Shape) -> Result<&Reference> {
    shape.entry().context("a list or map has entries")
}

fn format_of(reference: &Reference, shape: &Shape) -> Result<&'static str> {
    Ok(match reference.timestamp_format(shape) {
        None => "TimestampFormat::ProtocolDefault",
        Some("unixTimestamp") => "TimestampFormat::EpochSeconds",
        Some("iso8601") => "TimestampFormat::DateTime",
        Some("rfc822") => "TimestampFormat::HttpDate",
        Some(other) => bail!("unknown timestamp format {other}"),
    })
}
