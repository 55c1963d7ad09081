//! Patterns for messages that are JSON: conditions on their properties.

use api::Error;
use serde_json::Value as Node;

use super::comparison::{Comparison, Value};
use super::expression::Expression;
use super::invalid;
use super::scanner::Scanner;
use super::selector::Selector;
use crate::{error, limits};

#[derive(Debug)]
pub(super) struct Json {
    expression: Expression<Condition>,
}

#[derive(Debug)]
struct Condition {
    selector: Selector,
    test: Test,
}

#[derive(Debug)]
enum Test {
    Null,
    Boolean(bool),
    NotExists,
    Compare(Comparison),
}

/// Selectors with a wildcard in one pattern.
const WILDCARDS_MAX: usize = 3;

impl Json {
    /// Reads what stands between the braces.
    pub(super) fn parse(text: &str) -> Result<Json, Error> {
        let mut scanner = Scanner::new(text);
        let (mut wildcards, mut regexes) = (0, 0);
        let expression = Expression::parse(&mut scanner, &mut |scanner| {
            let condition = Condition::parse(scanner)?;
            wildcards += condition.selector.wildcards();
            if let Test::Compare(comparison) = &condition.test {
                regexes += usize::from(comparison.is_regex());
            }
            Ok(condition)
        })?;
        if !scanner.is_empty() || wildcards > WILDCARDS_MAX {
            return Err(invalid());
        }
        check_regexes(regexes)?;
        Ok(Json { expression })
    }

    /// What is no JSON does not match.
    pub(super) fn matches(&self, message: &str) -> bool {
        let root: Result<Node, _> = serde_json::from_str(message);
        root.is_ok_and(|root| self.expression.holds(&|condition| condition.holds(&root)))
    }
}

pub(super) fn check_regexes(count: usize) -> Result<(), Error> {
    if count > limits::PATTERN_REGEX_MAX {
        return Err(error::invalid(
            "A filter pattern can have at most 2 regular expressions.",
        ));
    }
    Ok(())
}

impl Condition {
    fn parse(scanner: &mut Scanner<'_>) -> Result<Condition, Error> {
        let selector = Selector::parse(scanner)?;
        scanner.skip_blank();
        let test = if scanner.eat_word("IS") {
            scanner.skip_blank();
            let known = [
                ("NULL", Test::Null),
                ("TRUE", Test::Boolean(true)),
                ("FALSE", Test::Boolean(false)),
            ];
            let mut known = known.into_iter();
            let found = known.find(|(word, _)| scanner.eat_word(word));
            found.map(|(_, test)| test).ok_or_else(invalid)?
        } else if scanner.eat_word("NOT") {
            scanner.skip_blank();
            match scanner.eat_word("EXISTS") {
                true => Test::NotExists,
                false => return Err(invalid()),
            }
        } else {
            Test::Compare(Comparison::parse(scanner)?)
        };
        Ok(Condition { selector, test })
    }

    /// A comparison holds for texts and numbers only: of a property that is missing, or an object or array, neither
    /// `=` nor `!=` is true.
    fn holds(&self, root: &Node) -> bool {
        match &self.test {
            Test::Null => self.selector.any(root, &Node::is_null),
            Test::Boolean(wanted) => self
                .selector
                .any(root, &|node| *node == Node::Bool(*wanted)),
            Test::NotExists => !self.selector.any(root, &|_| true),
            Test::Compare(comparison) => self.selector.any(root, &|node| match node {
                Node::String(text) => comparison.holds(Value { text, number: None }),
                Node::Number(number) => comparison.holds(Value {
                    text: &number.to_string(),
                    number: number.as_f64(),
                }),
                Node::Null | Node::Bool(_) | Node::Array(_) | Node::Object(_) => false,
            }),
        }
    }
}
