//! Query requests answered in JSON, because they accept that: a form of its own, which AWS derives from its inner names.
//!
//! Absent members are `null`. A list stands under its name with a small first letter (`messages`), a map is a list of
//! `Name` and `Value`. Other emulators derive their JSON from the XML, where an only entry is not in a list: so each
//! list and map stands under its element's name too (spec section 1.2).

use api::{Error, List, MapOf, Member, Shape, ShapeWriter, Str, Structure, TimestampFormat};

use crate::json::{JsonWriter, escape};

pub struct QueryJsonWriter<'o> {
    out: &'o mut Vec<u8>,
    /// Members written of the structure being written.
    written: Vec<&'static str>,
    /// Entries of the list or map written last.
    entries: usize,
}

impl<'o> QueryJsonWriter<'o> {
    pub fn new(out: &'o mut Vec<u8>) -> Self {
        QueryJsonWriter {
            out,
            written: Vec::new(),
            entries: 0,
        }
    }

    fn scalar(&mut self) -> JsonWriter<'_> {
        JsonWriter::new(self.out)
    }

    fn separate(&mut self) {
        if !matches!(self.out.last(), Some(b'{' | b'[') | None) {
            self.out.push(b',');
        }
    }

    fn key(&mut self, name: &str) {
        self.separate();
        escape(name, self.out);
        self.out.push(b':');
    }

    /// Writes a list again, as XML's form has it.
    fn as_element(&mut self, name: &str, list: Vec<u8>) {
        self.key(name);
        match self.entries {
            1 => self.out.extend_from_slice(&list[1..list.len() - 1]),
            _ => self.out.extend_from_slice(&list),
        }
    }
}

/// The name under which a member stands.
fn name_of(member: &Member) -> Str<'static> {
    let mut name = Str::Borrowed(member.name);
    if let Shape::List(_) = member.shape {
        name.to_mut()[..1].make_ascii_lowercase();
    }
    name
}

impl ShapeWriter for QueryJsonWriter<'_> {
    fn string(&mut self, value: &str) {
        self.scalar().string(value);
    }

    fn blob(&mut self, value: &[u8]) {
        self.scalar().blob(value);
    }

    fn integer(&mut self, value: i32) {
        self.scalar().integer(value);
    }

    fn long(&mut self, value: i64) {
        self.scalar().long(value);
    }

    fn double(&mut self, value: f64) {
        self.scalar().double(value);
    }

    fn boolean(&mut self, value: bool) {
        self.scalar().boolean(value);
    }

    fn timestamp(&mut self, value: i64, format: TimestampFormat) {
        self.scalar().timestamp(value, format);
    }

    fn structure(&mut self, shape: &'static Structure, members: impl FnOnce(&mut Self)) {
        let outer = std::mem::take(&mut self.written);
        self.out.push(b'{');
        members(self);
        for member in shape.members {
            if !self.written.contains(&member.name) {
                self.key(&name_of(member));
                self.out.extend_from_slice(b"null");
            }
        }
        self.out.push(b'}');
        self.written = outer;
    }

    fn member(&mut self, member: &'static Member, value: impl FnOnce(&mut Self)) {
        let name = name_of(member);
        self.key(&name);
        let start = self.out.len();
        value(self);
        self.written.push(member.name);
        if member.shape.is_list_or_map() && name != member.query {
            self.as_element(member.query, self.out[start..].to_vec());
        }
    }

    fn list<T>(&mut self, _shape: &'static List, items: &[T], item: impl Fn(&mut Self, &T)) {
        self.out.push(b'[');
        for each in items {
            self.separate();
            item(self, each);
        }
        self.out.push(b']');
        self.entries = items.len();
    }

    fn map<T>(
        &mut self,
        shape: &'static MapOf,
        entries: &[(Str<'_>, T)],
        item: impl Fn(&mut Self, &T),
    ) {
        self.out.push(b'[');
        for (key, value) in entries {
            self.separate();
            self.out.push(b'{');
            self.key(shape.key);
            escape(key, self.out);
            self.key(shape.value);
            item(self, value);
            self.out.push(b'}');
        }
        self.out.push(b']');
        self.entries = entries.len();
    }
}

/// Appends the answer: its result, if the operation has one, and the request's id.
pub fn reply(
    operation: &str,
    result: Option<impl FnOnce(&mut QueryJsonWriter<'_>)>,
    request_id: &str,
    out: &mut Vec<u8>,
) {
    let mut writer = QueryJsonWriter::new(out);
    writer.out.push(b'{');
    writer.key(&format!("{operation}Response"));
    writer.out.push(b'{');
    if let Some(result) = result {
        writer.key(&format!("{operation}Result"));
        result(&mut writer);
    }
    writer.key("ResponseMetadata");
    writer.out.push(b'{');
    writer.key("RequestId");
    writer.string(request_id);
    writer.out.extend_from_slice(b"}}}");
}

/// Appends an error.
pub fn error(error: &Error, request_id: &str, out: &mut Vec<u8>) {
    let fault = if error.kind.sender_fault {
        "Sender"
    } else {
        "Receiver"
    };
    let mut writer = QueryJsonWriter::new(out);
    writer.out.push(b'{');
    writer.key("Error");
    writer.out.push(b'{');
    for (name, value) in [
        ("Code", error.kind.code),
        ("Message", error.query_message.unwrap_or(&error.message)),
        ("Type", fault),
    ] {
        writer.key(name);
        writer.string(value);
    }
    writer.key("Detail");
    writer.out.extend_from_slice(b"null}");
    writer.key("RequestId");
    writer.string(request_id);
    writer.out.push(b'}');
}
