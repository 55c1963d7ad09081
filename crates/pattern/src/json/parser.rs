//! Reads JSON text into tokens. It keeps its own stack, so that no nesting can exhaust the thread's.

use super::malformed::{What, word};
use super::tape::{Kind, Token};
use super::{DEPTH_MAX, Malformed};

const A_NAME: &str = "was expecting double-quote to start field name";
const A_COLON: &str = "was expecting a colon to separate field name and value";
const A_VALUE: &str = "expected a value";
const A_VALID_VALUE: &str = "expected a valid value (JSON String, Number, Array, Object or token 'null', 'true' or 'false')";
const BETWEEN_ENTRIES: &str = " within/between Object entries";

pub(super) struct Parser<'a> {
    text: &'a str,
    at: usize,
    tokens: Vec<Token>,
    /// The tokens that opened what is not yet closed.
    open: Vec<u32>,
}

impl<'a> Parser<'a> {
    pub(super) fn new(text: &'a str) -> Parser<'a> {
        Parser {
            text,
            at: 0,
            tokens: Vec::new(),
            open: Vec::new(),
        }
    }

    pub(super) fn run(mut self) -> Result<Vec<Token>, Malformed> {
        if self.peek().is_none() {
            return self.wrong(What::Empty);
        }
        self.value()?;
        while let Some(&open) = self.open.last() {
            self.entry(open)?;
        }
        match self.peek() {
            None => Ok(self.tokens),
            Some(_) if self.word_begins() => self.wrong(What::Word),
            Some(_) => self.wrong(What::Character(
                "Expected space separating root-level values",
            )),
        }
    }

    /// The next entry of what is open, or its end.
    fn entry(&mut self, open: u32) -> Result<(), Malformed> {
        let opened = self.tokens[open as usize];
        let first = self.tokens.len() == open as usize + 1;
        let object = opened.kind == Kind::Object;
        match self.peek() {
            None => return self.wrong(What::Unclosed(opened.at as usize)),
            Some(b'}') => return self.close(open, object),
            Some(b']') => return self.close(open, !object),
            Some(b',') if !first => self.at += 1,
            Some(_) if first => {}
            Some(_) if object => {
                return self.wrong(What::Character(
                    "was expecting comma to separate Object entries",
                ));
            }
            Some(_) => {
                return self.wrong(What::Character(
                    "was expecting comma to separate Array entries",
                ));
            }
        }
        if object {
            self.key()?;
        }
        self.value()
    }

    fn close(&mut self, open: u32, fits: bool) -> Result<(), Malformed> {
        let opened = &mut self.tokens[open as usize];
        if !fits {
            let at = opened.at as usize;
            return self.wrong(What::Close(at));
        }
        let kind = if opened.kind == Kind::Object {
            Kind::EndObject
        } else {
            Kind::EndArray
        };
        let close = self.tokens.len();
        self.tokens[open as usize].extent = narrow(close);
        self.open.pop();
        self.push(kind, self.at, self.at + 1);
        Ok(())
    }

    fn key(&mut self) -> Result<(), Malformed> {
        match self.peek() {
            None => return self.wrong(What::End(BETWEEN_ENTRIES)),
            Some(b'"') => self.string(Kind::Key)?,
            Some(_) => return self.wrong(What::Character(A_NAME)),
        }
        match self.peek() {
            None => self.wrong(What::End(BETWEEN_ENTRIES)),
            Some(b':') => {
                self.at += 1;
                Ok(())
            }
            Some(_) => self.wrong(What::Character(A_COLON)),
        }
    }

    fn value(&mut self) -> Result<(), Malformed> {
        match self.peek() {
            None => self.wrong(What::End(BETWEEN_ENTRIES)),
            Some(b'{') => self.begin(Kind::Object),
            Some(b'[') => self.begin(Kind::Array),
            Some(b'"') => self.string(Kind::String),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b'}' | b']') => self.wrong(What::Character(A_VALUE)),
            Some(_) if self.word_begins() => self.literal(),
            Some(_) => self.wrong(What::Character(A_VALID_VALUE)),
        }
    }

    fn begin(&mut self, kind: Kind) -> Result<(), Malformed> {
        if self.open.len() == DEPTH_MAX {
            return self.wrong(What::TooDeep);
        }
        self.open.push(narrow(self.tokens.len()));
        self.push(kind, self.at, self.at + 1);
        Ok(())
    }

    fn literal(&mut self) -> Result<(), Malformed> {
        let word = word(self.text, self.at);
        let kind = match word {
            "true" => Kind::True,
            "false" => Kind::False,
            "null" => Kind::Null,
            _ => return self.wrong(What::Word),
        };
        self.push(kind, self.at, self.at + word.len());
        Ok(())
    }

    fn string(&mut self, kind: Kind) -> Result<(), Malformed> {
        let (ended, place) = if kind == Kind::Key {
            (" in field name", "name")
        } else {
            (
                ": was expecting closing quote for a string value",
                "string value",
            )
        };
        let start = self.at;
        self.at += 1;
        loop {
            self.at += self
                .rest()
                .iter()
                .take_while(|&&byte| is_plain(byte))
                .count();
            match self.rest().first() {
                None => return self.wrong(What::End(ended)),
                Some(b'"') => break,
                Some(b'\\') => self.escape()?,
                Some(_) => return self.wrong(What::Control(place)),
            }
        }
        self.push(kind, start, self.at + 1);
        Ok(())
    }

    fn escape(&mut self) -> Result<(), Malformed> {
        self.at += 1;
        match self.rest().first() {
            None => self.wrong(What::End(" in character escape sequence")),
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => {
                self.at += 1;
                Ok(())
            }
            Some(b'u') => {
                self.at += 1;
                (0..4).try_for_each(|_| self.hex_digit())
            }
            Some(_) => self.wrong(What::Escape),
        }
    }

    fn hex_digit(&mut self) -> Result<(), Malformed> {
        match self.rest().first() {
            None => self.wrong(What::End(" in character escape sequence")),
            Some(byte) if byte.is_ascii_hexdigit() => {
                self.at += 1;
                Ok(())
            }
            Some(_) => self.wrong(What::Character(
                "expected a hex-digit for character escape sequence",
            )),
        }
    }

    fn number(&mut self) -> Result<(), Malformed> {
        let start = self.at;
        if self.takes(b'-') {
            self.needs_digit("expected digit (0-9) to follow minus sign, for valid numeric value")?;
        }
        if self.takes(b'0') {
            if self.rest().first().is_some_and(u8::is_ascii_digit) {
                return self.wrong(What::Number("Leading zeroes not allowed"));
            }
        } else {
            self.digits();
        }
        if self.takes(b'.') {
            self.needs_digit("Decimal point not followed by a digit")?;
            self.digits();
        }
        if self.takes(b'e') || self.takes(b'E') {
            let _sign = self.takes(b'+') || self.takes(b'-');
            self.needs_digit("Exponent indicator not followed by a digit")?;
            self.digits();
        }
        self.push(Kind::Number, start, self.at);
        Ok(())
    }

    fn takes(&mut self, wanted: u8) -> bool {
        let found = self.rest().first() == Some(&wanted);
        self.at += usize::from(found);
        found
    }

    fn needs_digit(&self, expected: &'static str) -> Result<(), Malformed> {
        match self.rest().first() {
            Some(byte) if byte.is_ascii_digit() => Ok(()),
            Some(_) => self.wrong(What::Number(expected)),
            None => self.wrong(What::End(" in a Number value")),
        }
    }

    fn digits(&mut self) {
        self.at += self
            .rest()
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .count();
    }

    fn word_begins(&self) -> bool {
        !word(self.text, self.at).is_empty() && !self.rest()[0].is_ascii_digit()
    }

    /// The next character that is not white space.
    fn peek(&mut self) -> Option<u8> {
        let blank = |byte: &&u8| matches!(byte, b' ' | b'\t' | b'\n' | b'\r');
        self.at += self.rest().iter().take_while(blank).count();
        self.rest().first().copied()
    }

    fn rest(&self) -> &'a [u8] {
        &self.text.as_bytes()[self.at..]
    }

    fn push(&mut self, kind: Kind, start: usize, end: usize) {
        self.tokens.push(Token {
            kind,
            at: narrow(start),
            extent: narrow(end - start),
        });
        self.at = end;
    }

    fn wrong<T>(&self, what: What) -> Result<T, Malformed> {
        Err(Malformed::new(what, self.at))
    }
}

fn is_plain(byte: u8) -> bool {
    byte >= 0x20 && byte != b'"' && byte != b'\\'
}

/// The tape takes no text of 4 GiB, and a text has no more tokens than bytes.
fn narrow(position: usize) -> u32 {
    u32::try_from(position).expect("positions of a text below 4 GiB")
}

#[cfg(test)]
mod tests {
    use super::super::Tape;

    fn wrong(text: &str) -> String {
        Tape::parse(text).unwrap_err().text(text)
    }

    #[test]
    fn what_is_wrong_is_said_as_jackson_says_it() {
        for (text, reason) in [
            (
                "{i",
                "Unexpected character ('i' (code 105)): was expecting double-quote to start field name",
            ),
            (
                "{'a':1}",
                "Unexpected character (''' (code 39)): was expecting double-quote to start field name",
            ),
            (
                "{\"a\":1,}",
                "Unexpected character ('}' (code 125)): was expecting double-quote to start field name",
            ),
            (
                "{\"a\" 1}",
                "Unexpected character ('1' (code 49)): was expecting a colon to separate field name and value",
            ),
            (
                "{\"a\":1 \"b\":2}",
                "Unexpected character ('\"' (code 34)): was expecting comma to separate Object entries",
            ),
            (
                "[1 3]",
                "Unexpected character ('3' (code 51)): was expecting comma to separate Array entries",
            ),
            (
                "[1,]",
                "Unexpected character (']' (code 93)): expected a value",
            ),
            (
                "invalid",
                "Unrecognized token 'invalid': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')",
            ),
            (
                "{\"a\":truely}",
                "Unrecognized token 'truely': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')",
            ),
            ("[\"a\\d\"]", "Unrecognized character escape 'd' (code 100)"),
            ("", "No content to map due to end-of-input"),
            (
                "[\"a",
                "Unexpected end-of-input: was expecting closing quote for a string value",
            ),
            ("{\"a", "Unexpected end-of-input in field name"),
            (
                "{\"a\"",
                "Unexpected end-of-input within/between Object entries",
            ),
            (
                "[01]",
                "Unexpected character ('1' (code 49)) in numeric value: Leading zeroes not allowed",
            ),
            (
                "[1.]",
                "Unexpected character (']' (code 93)) in numeric value: Decimal point not followed by a digit",
            ),
        ] {
            assert_eq!(wrong(text).split('\n').next(), Some(reason), "{text}");
        }
    }

    #[test]
    fn the_place_is_given_as_line_and_column() {
        for (text, end) in [
            ("{i", "line: 1, column: 2]"),
            ("{\n  é: 1}", "line: 2, column: 3]"),
            ("this is", "line: 1, column: 5]"),
            ("[\"😀\" 3]", "line: 1, column: 7]"),
        ] {
            assert!(wrong(text).ends_with(end), "{text}: {}", wrong(text));
        }
        let unclosed = wrong("{\"a\":[1}");
        assert!(unclosed.starts_with(
            "Unexpected close marker '}': expected ']' (for Array starting at [Source: REDACTED"
        ));
        assert!(unclosed.contains("line: 1, column: 6])\n at ["));
        assert!(wrong("[[1]").contains("expected close marker for Array (start marker at [Source"));
    }

    #[test]
    fn nothing_may_stand_behind_the_value() {
        assert!(wrong("{} x").starts_with("Unrecognized token 'x'"));
        assert!(Tape::parse("{} {}").is_err());
        assert!(Tape::parse("{} \n").is_ok());
    }

    #[test]
    fn nesting_ends_at_a_thousand() {
        let nested = |depth| "[".repeat(depth) + &"]".repeat(depth);
        assert!(Tape::parse(&nested(1000)).is_ok());
        assert!(wrong(&nested(1001)).starts_with("Document nesting depth (1001)"));
        assert!(wrong(&"{\"a\":".repeat(100_000)).starts_with("Document nesting depth (1001)"));
    }
}
