//! The service's row, the operation table, and the enums over all operations.

use anyhow::{Result, ensure};

use super::{Source, constant, each, field};
use crate::codegen::model::{Operation, Reference};

/// An operation's input or its output.
type Side = fn(&Operation) -> Option<&Reference>;

const INPUT: Side = |operation| operation.input.as_ref();
const OUTPUT: Side = |operation| operation.output.as_ref();

impl Source<'_> {
    pub(super) fn service(&mut self, operations: &[Operation], unbuilt: &[String]) -> Result<()> {
        let (json, query) = (&self.json.metadata, &self.query.metadata);
        self.line(format!(
            "
            pub static SERVICE: Service = Service {{
                name: {:?},
                target_prefix: {:?},
                json_version: {:?},
                query_version: {:?},
                xml_namespace: {:?},
                operations: &OPERATIONS,
                unbuilt: &{unbuilt:?},
            }};
            ",
            self.overlay.service.name,
            json.target_prefix,
            json.json_version,
            query.api_version,
            query.xml_namespace,
        ));
        self.line(format!(
            "static OPERATIONS: [Operation; {}] = [",
            operations.len()
        ));
        for operation in operations {
            self.row(operation);
        }
        self.line("];");
        Ok(())
    }

    fn row(&mut self, operation: &Operation) {
        let service = &self.overlay.service.name;
        let name = &operation.name;
        let action = match self.overlay.iam_actions.get(name) {
            Some(action) => action.clone(),
            None => format!("{service}:{name}"),
        };
        let structure = |reference: Option<&Reference>| match reference {
            Some(reference) => format!("Some(&{})", constant(&reference.shape)),
            None => "None".to_owned(),
        };
        let errors: Vec<String> = operation
            .errors
            .iter()
            .map(|error| constant(&error.shape))
            .collect();
        self.line(format!(
            "Operation {{
                service: {service:?},
                name: {name:?},
                target: \"{}.{name}\",
                iam_action: {action:?},
                input: {},
                output: {},
                errors: &[{}],
            }},",
            self.json.metadata.target_prefix,
            structure(INPUT(operation)),
            structure(OUTPUT(operation)),
            each(&errors, "&error::"),
        ));
    }

    pub(super) fn operation_enum(&mut self, operations: &[Operation]) {
        let names: Vec<&str> = operations.iter().map(|o| o.name.as_str()).collect();
        let arms: Vec<String> = names
            .iter()
            .map(|name| format!("{name:?} => Op::{name},"))
            .collect();
        self.line(format!(
            "
            /// An operation, in the table's order.
            #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
            pub enum Op {{ {} }}

            impl Op {{
                pub const ALL: [Op; {}] = [{}];

                pub fn operation(self) -> &'static Operation {{
                    &OPERATIONS[self as usize]
                }}

                pub fn name(self) -> &'static str {{
                    self.operation().name
                }}

                pub fn from_name(name: &str) -> Option<Op> {{
                    Some(match name {{
                        {}
                        _ => return None,
                    }})
                }}
            }}
            ",
            names.join(", "),
            names.len(),
            each(&names, "Op::"),
            arms.join("\n"),
        ));
    }

    pub(super) fn request(&mut self, operations: &[Operation]) -> Result<()> {
        self.either("Request", operations, INPUT)?;
        self.line("impl<'a> Request<'a> {");
        self.either_methods("Request", operations, INPUT);
        self.line("");
        self.line(
            "pub fn read<R: ShapeReader<'a>>(op: Op, reader: &mut R) -> Result<Self, Error> {",
        );
        self.line("Ok(match op {");
        for Operation { name, input, .. } in operations {
            self.line(match input {
                Some(input) => format!(
                    "Op::{name} => Request::{name}({}::read(reader)?),",
                    input.shape
                ),
                None => format!("Op::{name} => Request::{name},"),
            });
        }
        self.line("}) }");
        for member in &self.overlay.service.accessors {
            self.accessors(operations, member)?;
        }
        self.line("}");
        Ok(())
    }

    pub(super) fn reply(&mut self, operations: &[Operation]) -> Result<()> {
        self.either("Reply", operations, OUTPUT)?;
        self.line("impl Reply<'_> {");
        self.either_methods("Reply", operations, OUTPUT);
        self.line("}");
        Ok(())
    }

    /// The enum over one side of all operations.
    fn either(&mut self, ty: &str, operations: &[Operation], side: Side) -> Result<()> {
        self.lines(["", "#[derive(Clone, Debug, PartialEq)]"]);
        self.line(format!("pub enum {ty}<'a> {{"));
        for operation in operations {
            let fields = match side(operation) {
                Some(structure) => format!("({})", self.structure_type(&structure.shape)?),
                None => String::new(),
            };
            self.line(format!("{}{fields},", operation.name));
        }
        self.lines(["}", ""]);
        Ok(())
    }

    fn either_methods(&mut self, ty: &str, operations: &[Operation], side: Side) {
        self.line("pub fn op(&self) -> Op { match self {");
        for operation in operations {
            let name = &operation.name;
            let fields = if side(operation).is_some() { "(_)" } else { "" };
            self.line(format!("{ty}::{name}{fields} => Op::{name},"));
        }
        self.line("} }");
        self.lines([
            "",
            "/// Writes the structure; nothing where the operation has none.",
        ]);
        self.line("pub fn write<W: ShapeWriter>(&self, writer: &mut W) { match self {");
        for operation in operations {
            let name = &operation.name;
            self.line(match side(operation) {
                Some(_) => format!("{ty}::{name}(it) => it.write(writer),"),
                None => format!("{ty}::{name} => {{}}"),
            });
        }
        self.line("} }");
    }

    /// A member's value whatever the operation, to read and to set.
    fn accessors(&mut self, operations: &[Operation], member: &str) -> Result<()> {
        let mut with = Vec::new();
        let mut without = Vec::new();
        for Operation { name, input, .. } in operations {
            let Some(input) = input else {
                without.push(format!("Request::{name}"));
                continue;
            };
            let members = self.json.shape(&input.shape)?.members()?;
            if members.iter().any(|(name, _)| name == member) {
                with.push(name);
            } else {
                without.push(format!("Request::{name}(_)"));
            }
        }
        ensure!(!with.is_empty(), "no operation has a member {member}");
        let without = match without.join(" | ") {
            none if none.is_empty() => none,
            some => format!("{some} => None,"),
        };
        let name = field(member);
        let arms = |value: &str| {
            let arms = with
                .iter()
                .map(|op| format!("Request::{op}(it) => {value},"));
            arms.collect::<Vec<_>>().join("\n")
        };
        let (reading, writing) = (
            arms(&format!("it.{name}.as_deref()")),
            arms(&format!("Some(&mut it.{name})")),
        );
        self.line(format!(
            "
            /// `{member}`, absent too where the operation has none.
            pub fn {name}(&self) -> Option<&str> {{
                match self {{ {reading} {without} }}
            }}

            /// `{member}` to change, absent where the operation has none.
            pub fn {name}_mut(&mut self) -> Option<&mut Option<Str<'a>>> {{
                match self {{ {writing} {without} }}
            }}",
        ));
        Ok(())
    }
}
