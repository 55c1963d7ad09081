//! The two sides of a protocol as generated code sees them: it pulls members from a reader and pushes them to a writer.

use crate::{Blob, Error, List, Map, MapOf, Member, Str, Structure, TimestampFormat};

/// A request being read. Values borrow from the request's bytes for `'a` where they stand there as they are.
///
/// Every method reads one value. What is of the wrong form is the error AWS answers for it.
pub trait ShapeReader<'a>: Sized {
    fn string(&mut self) -> Result<Str<'a>, Error>;
    fn blob(&mut self) -> Result<Blob<'a>, Error>;
    fn integer(&mut self) -> Result<i32, Error>;
    fn long(&mut self) -> Result<i64, Error>;
    fn double(&mut self) -> Result<f64, Error>;
    fn boolean(&mut self) -> Result<bool, Error>;
    /// Milliseconds since 1970.
    fn timestamp(&mut self, format: TimestampFormat) -> Result<i64, Error>;

    /// Calls `member` with the index of each member present, positioned at its value, which it must read.
    fn structure(
        &mut self,
        shape: &'static Structure,
        member: impl FnMut(&mut Self, usize) -> Result<(), Error>,
    ) -> Result<(), Error>;

    /// Calls `item` for each entry, which it must read.
    fn list<T>(
        &mut self,
        shape: &'static List,
        item: impl FnMut(&mut Self) -> Result<T, Error>,
    ) -> Result<Vec<T>, Error>;

    /// Calls `item` for each entry's value, which it must read. Of entries with the same key the last one counts.
    fn map<T>(
        &mut self,
        shape: &'static MapOf,
        item: impl FnMut(&mut Self) -> Result<T, Error>,
    ) -> Result<Map<'a, T>, Error>;
}

/// An answer being written. Cannot fail: it goes to memory.
pub trait ShapeWriter {
    fn string(&mut self, value: &str);
    fn blob(&mut self, value: &[u8]);
    fn integer(&mut self, value: i32);
    fn long(&mut self, value: i64);
    fn double(&mut self, value: f64);
    fn boolean(&mut self, value: bool);
    /// Milliseconds since 1970.
    fn timestamp(&mut self, value: i64, format: TimestampFormat);

    /// Calls `members`, which calls [`ShapeWriter::member`] for each member present.
    fn structure(&mut self, shape: &'static Structure, members: impl FnOnce(&mut Self));
    /// Calls `value`, which writes the member's value.
    fn member(&mut self, member: &'static Member, value: impl FnOnce(&mut Self));
    fn list<T>(&mut self, shape: &'static List, items: &[T], item: impl Fn(&mut Self, &T));
    fn map<T>(
        &mut self,
        shape: &'static MapOf,
        entries: &[(Str<'_>, T)],
        item: impl Fn(&mut Self, &T),
    );
}
