//! The tokens of JSON text, as RFC 8259 has them.

use api::common::SERIALIZATION;
use api::{Error, Str};

use super::writer::must_be_escaped;
use crate::scan;

/// Deepest nesting read or skipped.
const DEPTH_MAX: u32 = 64;

/// Room made for the rest of a string once an escape is met. Small, because a request may hold very many of them.
const UNESCAPED_BYTES: usize = 64;

pub(super) struct Scanner<'a> {
    text: &'a str,
    at: usize,
    /// Lists and objects open.
    depth: u32,
}

impl<'a> Scanner<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Scanner {
            text,
            at: 0,
            depth: 0,
        }
    }

    /// The next character that is not white space.
    pub(super) fn peek(&mut self) -> Option<u8> {
        let bytes = self.text.as_bytes();
        while let Some(&byte) = bytes.get(self.at) {
            if !matches!(byte, b' ' | b'\n' | b'\r' | b'\t') {
                return Some(byte);
            }
            self.at += 1;
        }
        None
    }

    fn expect(&mut self, wanted: u8) -> Result<(), Error> {
        if self.peek() != Some(wanted) {
            return Err(self.malformed("unexpected character"));
        }
        self.at += 1;
        Ok(())
    }

    /// Takes the character if it is the next one.
    pub(super) fn take(&mut self, wanted: u8) -> bool {
        let found = self.peek() == Some(wanted);
        self.at += usize::from(found);
        found
    }

    /// Opens a list or object.
    pub(super) fn open(&mut self, bracket: u8) -> Result<(), Error> {
        self.expect(bracket)?;
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(self.malformed("nested too deeply"));
        }
        Ok(())
    }

    /// After an entry: whether another one follows. Else closes what is open.
    pub(super) fn more(&mut self, bracket: u8) -> Result<bool, Error> {
        if self.take(b',') {
            return Ok(true);
        }
        self.expect(bracket)?;
        self.depth -= 1;
        Ok(false)
    }

    /// Whether what was opened is empty, in which case it is closed.
    pub(super) fn is_empty(&mut self, bracket: u8) -> bool {
        let empty = self.take(bracket);
        self.depth -= u32::from(empty);
        empty
    }

    pub(super) fn key(&mut self) -> Result<Str<'a>, Error> {
        let key = self.text()?;
        self.expect(b':')?;
        Ok(key)
    }

    pub(super) fn takes_null(&mut self) -> Result<bool, Error> {
        if self.peek() != Some(b'n') {
            return Ok(false);
        }
        self.literal("null")?;
        Ok(true)
    }

    pub(super) fn literal(&mut self, word: &str) -> Result<(), Error> {
        if !self.text.as_bytes()[self.at..].starts_with(word.as_bytes()) {
            return Err(self.malformed("unexpected character"));
        }
        self.at += word.len();
        Ok(())
    }

    /// A string, borrowed where it has no escapes.
    pub(super) fn text(&mut self) -> Result<Str<'a>, Error> {
        self.expect(b'"')?;
        let piece = self.piece()?;
        if self.take_byte() == b'"' {
            return Ok(Str::Borrowed(piece));
        }
        let rest = self.text.len() - self.at;
        let mut text = String::with_capacity(piece.len() + rest.min(UNESCAPED_BYTES));
        text.push_str(piece);
        loop {
            text.push(self.escape()?);
            text.push_str(self.piece()?);
            if self.take_byte() == b'"' {
                return Ok(Str::Owned(text));
            }
        }
    }

    /// The text up to the next quote or backslash, which is known to follow.
    fn piece(&mut self) -> Result<&'a str, Error> {
        let rest = &self.text[self.at..];
        let (piece, after) = rest.split_at(scan::plain(rest.as_bytes(), must_be_escaped));
        self.at += piece.len();
        match after.as_bytes().first() {
            Some(b'"' | b'\\') => Ok(piece),
            Some(_) => Err(self.malformed("control character in a string")),
            None => Err(self.malformed("unterminated string")),
        }
    }

    fn take_byte(&mut self) -> u8 {
        let byte = self.text.as_bytes().get(self.at).copied();
        self.at += 1;
        byte.unwrap_or_default()
    }

    /// What stands after a backslash.
    fn escape(&mut self) -> Result<char, Error> {
        Ok(match self.take_byte() {
            b'"' => '"',
            b'\\' => '\\',
            b'/' => '/',
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => self.unicode()?,
            _ => return Err(self.malformed("unknown escape")),
        })
    }

    /// What stands after `\u`: a character, or the first half of a pair with the other half after it.
    fn unicode(&mut self) -> Result<char, Error> {
        let first = self.hex()?;
        if let Some(character) = char::from_u32(first) {
            return Ok(character);
        }
        if first >= 0xdc00 || self.take_byte() != b'\\' || self.take_byte() != b'u' {
            return Err(self.malformed("lone surrogate"));
        }
        let second = self.hex()?;
        if !(0xdc00..0xe000).contains(&second) {
            return Err(self.malformed("lone surrogate"));
        }
        let scalar = 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00);
        char::from_u32(scalar).ok_or_else(|| self.malformed("lone surrogate"))
    }

    fn hex(&mut self) -> Result<u32, Error> {
        let digits = self.text.as_bytes().get(self.at..self.at + 4);
        let value = digits.and_then(|digits| {
            digits.iter().try_fold(0, |value, &digit| {
                Some(value << 4 | char::from(digit).to_digit(16)?)
            })
        });
        self.at += 4;
        value.ok_or_else(|| self.malformed("unknown escape"))
    }

    /// The text of a number.
    pub(super) fn number(&mut self) -> Result<&'a str, Error> {
        let start = self.at;
        self.skip_byte(b'-');
        if !self.skip_byte(b'0') {
            self.digits()?;
        }
        if self.skip_byte(b'.') {
            self.digits()?;
        }
        if self.skip_byte(b'e') || self.skip_byte(b'E') {
            let _sign = self.skip_byte(b'+') || self.skip_byte(b'-');
            self.digits()?;
        }
        Ok(&self.text[start..self.at])
    }

    fn skip_byte(&mut self, wanted: u8) -> bool {
        let found = self.text.as_bytes().get(self.at) == Some(&wanted);
        self.at += usize::from(found);
        found
    }

    fn digits(&mut self) -> Result<(), Error> {
        let digits = self.text.as_bytes()[self.at..]
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .count();
        self.at += digits;
        match digits {
            0 => Err(self.malformed("unexpected character")),
            _ => Ok(()),
        }
    }

    /// Reads past a value of any kind.
    pub(super) fn skip(&mut self) -> Result<(), Error> {
        match self.peek() {
            Some(b'{') => self.skip_entries(b'{', b'}'),
            Some(b'[') => self.skip_entries(b'[', b']'),
            Some(b'"') => self.text().map(drop),
            Some(b't') => self.literal("true"),
            Some(b'f') => self.literal("false"),
            Some(b'n') => self.literal("null"),
            _ => self.number().map(drop),
        }
    }

    fn skip_entries(&mut self, open: u8, close: u8) -> Result<(), Error> {
        self.open(open)?;
        if self.is_empty(close) {
            return Ok(());
        }
        loop {
            if open == b'{' {
                self.key()?;
            }
            self.skip()?;
            if !self.more(close)? {
                return Ok(());
            }
        }
    }

    pub(super) fn malformed(&self, what: &str) -> Error {
        SERIALIZATION.with(format!(
            "Malformed JSON: {what} at byte {}",
            self.at.min(self.text.len())
        ))
    }
}
