//! Reads a shape straight from JSON text, without a tree in between.
//!
//! Unknown members are skipped, `null` is as if absent, of repeated names the last one counts.
//! Where JSON's type is not the shape's, the error is the one AWS's own reader gives (spec section 1.1).

use super::scanner::Scanner;
use crate::{base64, shown, timestamp};
use api::common::SERIALIZATION;
use api::{Blob, Error, List, Map, MapOf, Shape, ShapeReader, Str, Structure, TimestampFormat};

/// Up to so many entries of a map are compared with each other one by one.
const FEW: usize = 16;

/// More entries than any list or map of AWS's can have, which is 10,000, and than clients send by mistake: those are told
/// by the operation. Entries can be far smaller in JSON than in memory.
const ENTRIES_MAX: usize = 16_384;

pub struct JsonReader<'a> {
    scanner: Scanner<'a>,
    /// Within a map of strings, a number or boolean stands for its text.
    coerces: bool,
}

impl<'a> JsonReader<'a> {
    /// A reader before the first value of `text`. No text at all reads as an empty object.
    pub fn new(text: &'a str) -> Self {
        let text = if text.is_empty() { "{}" } else { text };
        JsonReader {
            scanner: Scanner::new(text),
            coerces: false,
        }
    }

    /// Refuses anything but white space after the value read.
    pub fn finish(mut self) -> Result<(), Error> {
        match self.scanner.peek() {
            None => Ok(()),
            Some(_) => Err(self.scanner.malformed("trailing characters")),
        }
    }

    /// A number as one of the integer types; a fraction is cut off, as AWS does.
    fn whole(&mut self, target: &str) -> Result<i64, Error> {
        if !matches!(self.scanner.peek(), Some(b'-' | b'0'..=b'9')) {
            return Err(self.mismatch(target));
        }
        let text = self.scanner.number()?;
        if let Ok(whole) = text.parse() {
            return Ok(whole);
        }
        match text.parse::<f64>() {
            // As a double, the greatest integer rounds up to 2^63, the first value out of range.
            Ok(double) if (i64::MIN as f64..i64::MAX as f64).contains(&double) => Ok(double as i64),
            _ => Err(out_of_range(text, target)),
        }
    }

    /// The next value is not of the type wanted.
    fn mismatch(&mut self, target: &str) -> Error {
        let found = match self.scanner.peek() {
            Some(b'{') => {
                return SERIALIZATION.with("Start of structure or map found where not expected.");
            }
            Some(b'[') if target == "a String" => {
                return SERIALIZATION.with("Unrecognized collection type class java.lang.String");
            }
            Some(b'[') => return SERIALIZATION.with("Start of list found where not expected"),
            Some(b'"') => "STRING_VALUE",
            Some(b't') => "TRUE_VALUE",
            Some(b'f') => "FALSE_VALUE",
            Some(b'-' | b'0'..=b'9') => "NUMBER_VALUE",
            _ => return self.scanner.malformed("unexpected character"),
        };
        SERIALIZATION.with(format!("{found} can not be converted to {target}"))
    }

    /// Whether a list or map with so many entries takes another one.
    fn check_room(&self, entries: usize) -> Result<(), Error> {
        match entries < ENTRIES_MAX {
            true => Ok(()),
            false => Err(SERIALIZATION.with("A list or map has too many entries")),
        }
    }

    /// Neither a list nor a structure is here, where one should be.
    fn not_opened(&mut self, wanted: u8) -> Error {
        match self.scanner.peek() {
            Some(b'"' | b't' | b'f' | b'-' | b'0'..=b'9') => {
                SERIALIZATION.with("Unexpected field type")
            }
            Some(b'{') if wanted == b'[' => self.mismatch("a List"),
            Some(b'[') if wanted == b'{' => self.mismatch("a Structure"),
            _ => self.scanner.malformed("unexpected character"),
        }
    }
}

impl<'a> ShapeReader<'a> for JsonReader<'a> {
    fn string(&mut self) -> Result<Str<'a>, Error> {
        match self.scanner.peek() {
            Some(b'"') => self.scanner.text(),
            Some(b't') if self.coerces => {
                self.scanner.literal("true").map(|()| Str::Borrowed("true"))
            }
            Some(b'f') if self.coerces => self
                .scanner
                .literal("false")
                .map(|()| Str::Borrowed("false")),
            Some(b'-' | b'0'..=b'9') if self.coerces => self.scanner.number().map(Str::Borrowed),
            _ => Err(self.mismatch("a String")),
        }
    }

    fn blob(&mut self) -> Result<Blob<'a>, Error> {
        if self.scanner.peek() != Some(b'"') {
            return Err(self.mismatch("a Blob"));
        }
        base64::decode(&self.scanner.text()?)
            .ok_or_else(|| SERIALIZATION.with("Invalid base64 in a blob"))
    }

    fn integer(&mut self) -> Result<i32, Error> {
        let whole = self.whole("an Integer")?;
        i32::try_from(whole).map_err(|_| out_of_range(&whole.to_string(), "an Integer"))
    }

    fn long(&mut self) -> Result<i64, Error> {
        self.whole("a Long")
    }

    fn double(&mut self) -> Result<f64, Error> {
        match self.scanner.peek() {
            Some(b'-' | b'0'..=b'9') => {
                let text = self.scanner.number()?;
                text.parse().map_err(|_| out_of_range(text, "a Double"))
            }
            Some(b'"') => match &*self.scanner.text()? {
                "NaN" => Ok(f64::NAN),
                "Infinity" => Ok(f64::INFINITY),
                "-Infinity" => Ok(f64::NEG_INFINITY),
                _ => Err(SERIALIZATION.with("STRING_VALUE can not be converted to a Double")),
            },
            _ => Err(self.mismatch("a Double")),
        }
    }

    fn boolean(&mut self) -> Result<bool, Error> {
        match self.scanner.peek() {
            Some(b't') => self.scanner.literal("true").map(|()| true),
            Some(b'f') => self.scanner.literal("false").map(|()| false),
            _ => Err(self.mismatch("a Boolean")),
        }
    }

    fn timestamp(&mut self, format: TimestampFormat) -> Result<i64, Error> {
        let text = match self.scanner.peek() {
            Some(b'"') => self.scanner.text()?,
            Some(b'-' | b'0'..=b'9') => Str::Borrowed(self.scanner.number()?),
            _ => return Err(self.mismatch("a Timestamp")),
        };
        let format = format.or(TimestampFormat::EpochSeconds);
        timestamp::parse(&text, format).ok_or_else(|| SERIALIZATION.with("Invalid timestamp"))
    }

    fn structure(
        &mut self,
        shape: &'static Structure,
        mut member: impl FnMut(&mut Self, usize) -> Result<(), Error>,
    ) -> Result<(), Error> {
        if self.scanner.peek() != Some(b'{') {
            return Err(self.not_opened(b'{'));
        }
        self.scanner.open(b'{')?;
        if self.scanner.is_empty(b'}') {
            return Ok(());
        }
        let coerces = std::mem::replace(&mut self.coerces, false);
        loop {
            let key = self.scanner.key()?;
            match shape.members.iter().position(|member| member.name == key) {
                Some(_) if self.scanner.takes_null()? => {}
                Some(index) => member(self, index)?,
                None => self.scanner.skip()?,
            }
            if !self.scanner.more(b'}')? {
                self.coerces = coerces;
                return Ok(());
            }
        }
    }

    fn list<T>(
        &mut self,
        _shape: &'static List,
        mut item: impl FnMut(&mut Self) -> Result<T, Error>,
    ) -> Result<Vec<T>, Error> {
        if self.scanner.peek() != Some(b'[') {
            return Err(self.not_opened(b'['));
        }
        self.scanner.open(b'[')?;
        let mut items = Vec::new();
        if self.scanner.is_empty(b']') {
            return Ok(items);
        }
        loop {
            if !self.scanner.takes_null()? {
                self.check_room(items.len())?;
                items.push(item(self)?);
            }
            if !self.scanner.more(b']')? {
                return Ok(items);
            }
        }
    }

    fn map<T>(
        &mut self,
        shape: &'static MapOf,
        mut item: impl FnMut(&mut Self) -> Result<T, Error>,
    ) -> Result<Map<'a, T>, Error> {
        if self.scanner.peek() != Some(b'{') {
            return Err(self.not_opened(b'{'));
        }
        self.scanner.open(b'{')?;
        let mut entries = Vec::new();
        if self.scanner.is_empty(b'}') {
            return Ok(entries);
        }
        let of_strings = matches!(shape.item, Shape::String | Shape::Enum(_));
        let coerces = std::mem::replace(&mut self.coerces, of_strings);
        loop {
            let key = self.scanner.key()?;
            if !self.scanner.takes_null()? {
                self.check_room(entries.len())?;
                entries.push((key, item(self)?));
            }
            if !self.scanner.more(b'}')? {
                self.coerces = coerces;
                return Ok(last_of_each(entries));
            }
        }
    }
}

fn out_of_range(text: &str, target: &str) -> Error {
    let text = shown(text);
    SERIALIZATION.with(format!("{text} can not be converted to {target}"))
}

/// Of entries with the same key the last one, in the place of the first one's key.
pub(crate) fn last_of_each<T>(entries: Map<'_, T>) -> Map<'_, T> {
    let distinct = match entries.len() {
        0 | 1 => true,
        2..=FEW => {
            (1..entries.len()).all(|i| entries[..i].iter().all(|(key, _)| *key != entries[i].0))
        }
        _ => {
            let mut keys: Vec<&str> = entries.iter().map(|(key, _)| &**key).collect();
            keys.sort_unstable();
            keys.windows(2).all(|pair| pair[0] != pair[1])
        }
    };
    if distinct {
        return entries;
    }
    let mut numbered: Vec<(usize, (Str<'_>, T))> = entries.into_iter().enumerate().collect();
    // Stable: equal keys stay in the order given, so the last one of a run is the last one given.
    numbered.sort_by(|(_, (a, _)), (_, (b, _))| a.cmp(b));
    let mut last: Vec<(usize, (Str<'_>, T))> = Vec::new();
    for (index, entry) in numbered {
        match last.last_mut() {
            Some((_, before)) if before.0 == entry.0 => *before = entry,
            _ => last.push((index, entry)),
        }
    }
    last.sort_by_key(|(index, _)| *index);
    last.into_iter().map(|(_, entry)| entry).collect()
}
