//! JSON as AWS's JSON protocols write it: a pull reader that borrows from the request, a writer that appends to a buffer.

mod reader;
mod scanner;
mod writer;

pub use reader::JsonReader;
pub(crate) use reader::last_of_each;
pub(crate) use writer::non_finite;
pub use writer::{JsonWriter, error, escape};
