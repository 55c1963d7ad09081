//! `%…%`: the regular expressions of filter patterns, a small kind: no groups, ASCII only.
//!
//! The pattern is checked and written anew for `regex-automata`, which matches in time linear in the message and within
//! a bounded size.

use std::fmt::Write as _;

use api::Error;
use regex_automata::meta;

use super::{invalid, invalid_character};
use crate::error;

#[derive(Debug)]
pub(super) struct Regex(meta::Regex);

/// What a compiled expression may take: `%\w{1000}%` fits, repetitions of repetitions do not.
const COMPILED_BYTES_MAX: usize = 1 << 20;

impl Regex {
    /// Reads what stands between the percent signs.
    pub(super) fn parse(text: &str) -> Result<Regex, Error> {
        let written = Writer::write(text)?;
        let bounds = meta::Config::new()
            .nfa_size_limit(Some(COMPILED_BYTES_MAX))
            .hybrid_cache_capacity(COMPILED_BYTES_MAX);
        let built = meta::Regex::builder().configure(bounds).build(&written);
        built.map(Regex).map_err(|error| match error.size_limit() {
            Some(_) => error::invalid("The regular expression in the filter pattern is too large."),
            None => invalid(),
        })
    }

    pub(super) fn matches(&self, text: &str) -> bool {
        self.0.is_match(text)
    }
}

/// Writes the pattern anew: what it means here and nothing of what else it might mean there.
struct Writer<'p> {
    chars: std::iter::Peekable<std::str::Chars<'p>>,
    out: String,
}

impl Writer<'_> {
    fn write(text: &str) -> Result<String, Error> {
        if text.is_empty() {
            return Err(invalid());
        }
        let mut writer = Writer {
            chars: text.chars().peekable(),
            out: String::new(),
        };
        while let Some(c) = writer.chars.next() {
            writer.one(c)?;
        }
        Ok(writer.out)
    }

    fn one(&mut self, c: char) -> Result<(), Error> {
        match c {
            '[' => self.class(),
            '{' => self.repetition(),
            '\\' => {
                match self.escape()? {
                    Member::Char(c) => self.literal(c),
                    Member::Kind(kind) => self.out.push_str(kind.alone),
                }
                Ok(())
            }
            '^' | '$' | '?' | '*' | '+' | '.' | '|' => {
                self.out.push(c);
                Ok(())
            }
            _ if is_literal(c) => {
                self.literal(c);
                Ok(())
            }
            _ => Err(invalid_character(c)),
        }
    }

    fn literal(&mut self, c: char) {
        let code = u32::from(c);
        write!(self.out, r"\x{{{code:X}}}").expect("a string takes everything");
    }

    /// `{2}`, `{2,}`, `{2,3}`, behind the opening brace.
    fn repetition(&mut self) -> Result<(), Error> {
        let mut inside = String::new();
        loop {
            match self.chars.next() {
                Some('}') => break,
                Some(c) if c.is_ascii_digit() || c == ',' => inside.push(c),
                Some(c) => return Err(invalid_character(c)),
                None => return Err(invalid()),
            }
        }
        let (least, most) = inside.split_once(',').unwrap_or((&inside, &inside));
        let is_count = |text: &str| text.parse::<u16>().is_ok_and(|count| count <= 1000);
        if !is_count(least) || !(most.is_empty() || is_count(most)) {
            return Err(invalid());
        }
        write!(self.out, "{{{inside}}}").expect("a string takes everything");
        Ok(())
    }

    /// `[^a-z_]`, behind the opening bracket.
    fn class(&mut self) -> Result<(), Error> {
        self.out.push('[');
        if self.chars.next_if_eq(&'^').is_some() {
            self.out.push('^');
        }
        let mut is_empty = true;
        loop {
            let from = match self.chars.next().ok_or_else(invalid)? {
                ']' if !is_empty => break,
                c => self.member(c)?,
            };
            is_empty = false;
            match from {
                Member::Char(from) => self.literal(from),
                Member::Kind(kind) => {
                    self.out.push_str(kind.inside);
                    continue;
                }
            }
            if self.chars.peek() == Some(&'-') {
                self.chars.next();
                match self.chars.next().ok_or_else(invalid)? {
                    // A hyphen at the end is a hyphen.
                    ']' => {
                        self.literal('-');
                        break;
                    }
                    c => {
                        let Member::Char(to) = self.member(c)? else {
                            return Err(invalid());
                        };
                        self.out.push('-');
                        self.literal(to);
                    }
                }
            }
        }
        self.out.push(']');
        Ok(())
    }

    /// One character, or a kind of characters, of a class.
    fn member(&mut self, c: char) -> Result<Member, Error> {
        match c {
            '\\' => self.escape(),
            _ if is_literal(c) || "^$?{}|*+.".contains(c) => Ok(Member::Char(c)),
            _ => Err(invalid_character(c)),
        }
    }

    /// What stands behind a backslash.
    fn escape(&mut self) -> Result<Member, Error> {
        let c = self.chars.next().ok_or_else(invalid)?;
        Ok(match c {
            'd' => Member::Kind(&DIGIT),
            'D' => Member::Kind(&NO_DIGIT),
            's' => Member::Kind(&SPACE),
            'S' => Member::Kind(&NO_SPACE),
            'w' => Member::Kind(&WORD),
            'W' => Member::Kind(&NO_WORD),
            'x' => {
                let digit = |c: Option<char>| c.and_then(|c| c.to_digit(16)).ok_or_else(invalid);
                let (high, low) = (digit(self.chars.next())?, digit(self.chars.next())?);
                let code = char::from_u32(high * 16 + low).filter(char::is_ascii);
                Member::Char(code.ok_or_else(invalid)?)
            }
            c if c.is_ascii() && !c.is_ascii_alphanumeric() && !c.is_ascii_control() => {
                Member::Char(c)
            }
            c => return Err(invalid_character(c)),
        })
    }
}

/// What a class is made of.
enum Member {
    Char(char),
    Kind(&'static Kind),
}

/// A kind of characters, as it is written among others in brackets, and alone.
struct Kind {
    inside: &'static str,
    alone: &'static str,
}

static DIGIT: Kind = Kind {
    inside: "0-9",
    alone: "[0-9]",
};
static NO_DIGIT: Kind = Kind {
    inside: r"\x00-\x2F\x3A-\x{10FFFF}",
    alone: "[^0-9]",
};
static SPACE: Kind = Kind {
    inside: r"\x09-\x0D\x20",
    alone: r"[\x09-\x0D\x20]",
};
static NO_SPACE: Kind = Kind {
    inside: r"\x00-\x08\x0E-\x1F\x21-\x{10FFFF}",
    alone: r"[^\x09-\x0D\x20]",
};
static WORD: Kind = Kind {
    inside: "a-zA-Z0-9_",
    alone: "[a-zA-Z0-9_]",
};
static NO_WORD: Kind = Kind {
    inside: r"\x00-\x2F\x3A-\x40\x5B-\x5E\x60\x7B-\x{10FFFF}",
    alone: "[^a-zA-Z0-9_]",
};

/// Letters, digits and the few symbols that stand for themselves.
fn is_literal(c: char) -> bool {
    c.is_ascii_alphanumeric() || ":_#=@/;,-".contains(c)
}
