//! Patterns for messages of no particular form: words and phrases that stand anywhere in them.

use api::Error;

use super::scanner::Scanner;
use super::{invalid, invalid_character};

#[derive(Debug, Default)]
pub(super) struct Terms {
    /// All of them must be there.
    included: Vec<String>,
    /// None of them may be.
    excluded: Vec<String>,
    /// One of them must be, but where there are other terms these mean nothing.
    optional: Vec<String>,
}

impl Terms {
    pub(super) fn parse(text: &str) -> Result<Terms, Error> {
        let mut terms = Terms::default();
        let mut scanner = Scanner::new(text);
        loop {
            scanner.skip_blank();
            if scanner.is_empty() {
                return Ok(terms);
            }
            let list = if scanner.eat("-") {
                &mut terms.excluded
            } else if scanner.eat("?") {
                &mut terms.optional
            } else {
                &mut terms.included
            };
            scanner.skip_blank();
            list.push(term(&mut scanner)?);
        }
    }

    pub(super) fn matches(&self, message: &str) -> bool {
        let is_there = |term: &String| message.contains(term.as_str()) || term.trim().is_empty();
        if self.included.is_empty() && self.excluded.is_empty() {
            return self.optional.iter().any(is_there);
        }
        self.included.iter().all(is_there) && !self.excluded.iter().any(is_there)
    }
}

/// A phrase in quotes, or a word of letters, digits and underscores: whatever else a term has, it needs quotes.
fn term(scanner: &mut Scanner<'_>) -> Result<String, Error> {
    if scanner.eat("\"") {
        return scanner.quoted('"').ok_or_else(invalid);
    }
    let word = scanner.take_while(|c| c.is_alphanumeric() || c == '_');
    match scanner.peek() {
        Some(c) if !c.is_whitespace() && c != '"' => Err(invalid_character(c)),
        Some(_) | None if word.is_empty() => Err(invalid()),
        Some(_) | None => Ok(word.to_owned()),
    }
}
