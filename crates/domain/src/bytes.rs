//! The little-endian encoding of records and snapshots: fixed integers, length-prefixed runs.

use std::fmt;

/// Bytes that do not decode. A journal that holds such a record is damaged or from another version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed(pub &'static str);

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "malformed record: {}", self.0)
    }
}

impl std::error::Error for Malformed {}

/// Appends values to a byte vector.
pub trait Put {
    fn put_u8(&mut self, value: u8);
    fn put_u16(&mut self, value: u16);
    fn put_u32(&mut self, value: u32);
    fn put_u64(&mut self, value: u64);
    /// A run of bytes behind its length in four bytes.
    fn put_run(&mut self, run: &[u8]);

    fn put_bool(&mut self, value: bool) {
        self.put_u8(value.into());
    }

    fn put_text(&mut self, text: &str) {
        self.put_run(text.as_bytes());
    }

    fn put_some_text(&mut self, text: Option<&str>) {
        self.put_bool(text.is_some());
        if let Some(text) = text {
            self.put_text(text);
        }
    }
}

impl Put for Vec<u8> {
    fn put_u8(&mut self, value: u8) {
        self.push(value);
    }

    fn put_u16(&mut self, value: u16) {
        self.extend_from_slice(&value.to_le_bytes());
    }

    fn put_u32(&mut self, value: u32) {
        self.extend_from_slice(&value.to_le_bytes());
    }

    fn put_u64(&mut self, value: u64) {
        self.extend_from_slice(&value.to_le_bytes());
    }

    fn put_run(&mut self, run: &[u8]) {
        self.put_u32(u32::try_from(run.len()).expect("a run is bounded by the record's limit"));
        self.extend_from_slice(run);
    }
}

/// Takes values off the front of a byte slice and remembers how far it is.
#[derive(Clone, Debug)]
pub struct Take<'a> {
    all: &'a [u8],
    at: usize,
}

impl<'a> Take<'a> {
    pub fn new(all: &'a [u8]) -> Take<'a> {
        Take { all, at: 0 }
    }

    /// Bytes taken so far: the position of the next value from the start.
    pub fn position(&self) -> usize {
        self.at
    }

    pub fn is_empty(&self) -> bool {
        self.at == self.all.len()
    }

    /// What has not been taken.
    pub fn rest(&self) -> &'a [u8] {
        &self.all[self.at..]
    }

    pub fn bytes(&mut self, len: usize) -> Result<&'a [u8], Malformed> {
        let end = self
            .at
            .checked_add(len)
            .ok_or(Malformed("a length overflows"))?;
        let run = self
            .all
            .get(self.at..end)
            .ok_or(Malformed("it ends too early"))?;
        self.at = end;
        Ok(run)
    }

    pub fn array<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        Ok(self
            .bytes(N)?
            .try_into()
            .expect("the slice has the asked length"))
    }

    pub fn u8(&mut self) -> Result<u8, Malformed> {
        Ok(u8::from_le_bytes(self.array()?))
    }

    pub fn u16(&mut self) -> Result<u16, Malformed> {
        Ok(u16::from_le_bytes(self.array()?))
    }

    pub fn u32(&mut self) -> Result<u32, Malformed> {
        Ok(u32::from_le_bytes(self.array()?))
    }

    pub fn u64(&mut self) -> Result<u64, Malformed> {
        Ok(u64::from_le_bytes(self.array()?))
    }

    pub fn bool(&mut self) -> Result<bool, Malformed> {
        match self.u8()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(Malformed("a flag is neither 0 nor 1")),
        }
    }

    pub fn run(&mut self) -> Result<&'a [u8], Malformed> {
        let len = self.u32()? as usize;
        self.bytes(len)
    }

    pub fn text(&mut self) -> Result<&'a str, Malformed> {
        std::str::from_utf8(self.run()?).map_err(|_| Malformed("a text is not UTF-8"))
    }

    pub fn some_text(&mut self) -> Result<Option<&'a str>, Malformed> {
        Ok(if self.bool()? {
            Some(self.text()?)
        } else {
            None
        })
    }
}
