//! What a protocol has to know of a shape: names on the wire and how lists and maps are laid out.

/// A structure and its members, in the model's order.
#[derive(Debug)]
pub struct Structure {
    pub name: &'static str,
    pub members: &'static [Member],
}

#[derive(Debug)]
pub struct Member {
    /// AWS's name, also the JSON one.
    pub name: &'static str,
    /// Name in Query requests and XML answers. Of a flat list or map: the name its entries repeat.
    pub query: &'static str,
    /// Whether the model asks for it. No protocol checks it: the service refuses a missing member in AWS's words.
    pub required: bool,
    pub shape: Shape,
}

#[derive(Clone, Copy, Debug)]
pub enum Shape {
    String,
    /// A string with known values. Others are not refused here: the service says what AWS says.
    Enum(&'static [&'static str]),
    Blob,
    /// 8 to 32 bits.
    Integer,
    Long,
    /// 32 or 64 bits.
    Double,
    Boolean,
    Timestamp(TimestampFormat),
    Structure(&'static Structure),
    List(&'static List),
    Map(&'static MapOf),
}

#[derive(Debug)]
pub struct List {
    /// Flat: `Name.1`, and an element per entry; else `Name.member.1`, and elements within an element.
    pub flat: bool,
    /// Name of an entry where the list is not flat, mostly `member`.
    pub element: &'static str,
    pub item: Shape,
}

#[derive(Debug)]
pub struct MapOf {
    /// Flat: `Name.1.key`; else `Name.entry.1.key`.
    pub flat: bool,
    pub key: &'static str,
    pub value: &'static str,
    pub item: Shape,
}

/// How a point in time is written; the default differs by protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimestampFormat {
    /// JSON: seconds as a number. Query: date-time.
    ProtocolDefault,
    EpochSeconds,
    /// RFC 3339 in UTC.
    DateTime,
    /// RFC 7231's IMF-fixdate.
    HttpDate,
}

impl TimestampFormat {
    /// The format, or the protocol's own.
    pub fn or(self, default: TimestampFormat) -> TimestampFormat {
        match self == TimestampFormat::ProtocolDefault {
            true => default,
            false => self,
        }
    }
}

impl Shape {
    pub fn is_list_or_map(self) -> bool {
        matches!(self, Shape::List(_) | Shape::Map(_))
    }
}
