//! CloudWatch Logs' filter patterns: which log messages are meant.
//!
//! ```text
//! (nothing)                          every message
//! ERROR "out of memory" -debug       all terms and phrases, without the one after a minus
//! ?ERROR ?WARN                       any of them; ignored beside other terms
//! %[Ee]rror|4[0-9]{2}%               a regular expression of a small kind
//! { $.status = 4* && $.x NOT EXISTS }  a condition on a JSON message
//! [ip, ..., status >= 400, size]     conditions on a message's fields
//! ```
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html>

mod comparison;
mod expression;
mod fields;
mod json;
mod regex;
mod scanner;
mod selector;
mod terms;

use api::Error;

use crate::error;
use fields::Fields;
use json::Json;
use regex::Regex;
use terms::Terms;

/// A pattern that was understood.
#[derive(Debug)]
pub struct Pattern(Kind);

#[derive(Debug)]
enum Kind {
    All,
    Terms(Terms),
    Regex(Regex),
    Json(Json),
    Fields(Fields),
}

/// Characters of a pattern: its size bounds what matching costs.
const CHARS_MAX: usize = 1024;

impl Pattern {
    pub fn parse(text: &str) -> Result<Pattern, Error> {
        if text.chars().count() > CHARS_MAX {
            return Err(invalid());
        }
        let text = text.trim();
        Ok(Pattern(if text.is_empty() {
            Kind::All
        } else if text.starts_with('{') {
            Kind::Json(Json::parse(inside(text, '{', '}')?)?)
        } else if text.starts_with('[') {
            Kind::Fields(Fields::parse(inside(text, '[', ']')?)?)
        } else if text.starts_with('%') {
            Kind::Regex(Regex::parse(inside(text, '%', '%')?)?)
        } else {
            Kind::Terms(Terms::parse(text)?)
        }))
    }

    pub fn matches(&self, message: &str) -> bool {
        match &self.0 {
            Kind::All => true,
            Kind::Terms(terms) => terms.matches(message),
            Kind::Regex(regex) => regex.matches(message),
            Kind::Json(json) => json.matches(message),
            Kind::Fields(fields) => fields.matches(message),
        }
    }

    /// The fields of a message that matches, by their names in the pattern or their numbers; none unless the pattern
    /// is of the space-delimited kind.
    pub fn extract(&self, message: &str) -> Option<Vec<(String, String)>> {
        match &self.0 {
            Kind::Fields(fields) => fields.extract(message),
            Kind::All | Kind::Terms(_) | Kind::Regex(_) | Kind::Json(_) => {
                self.matches(message).then(Vec::new)
            }
        }
    }
}

fn inside(text: &str, open: char, close: char) -> Result<&str, Error> {
    let inside = text
        .strip_prefix(open)
        .and_then(|text| text.strip_suffix(close));
    inside.ok_or_else(|| {
        error::invalid(format!(
            "If a filter pattern starts with '{open}' it must end with '{close}'"
        ))
    })
}

fn invalid() -> Error {
    error::invalid("Invalid filter pattern")
}

fn invalid_character(term: char) -> Error {
    error::invalid(format!("Invalid character(s) in term '{term}'"))
}

#[cfg(test)]
mod tests;
