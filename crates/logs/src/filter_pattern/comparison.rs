//! `= value`, `!= value`, `> number`: what a field or a JSON property is compared with.

use api::Error;

use super::regex::Regex;
use super::scanner::Scanner;
use super::{invalid, invalid_character};

#[derive(Debug)]
pub(super) struct Comparison {
    operator: Operator,
    operand: Operand,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

#[derive(Debug)]
enum Operand {
    Number { value: f64, text: String },
    Text(Wildcard),
    Regex(Regex),
}

/// A text with an asterisk at either end, which stands for anything. One in the middle is an asterisk.
#[derive(Debug)]
struct Wildcard {
    open_start: bool,
    text: String,
    open_end: bool,
}

/// What is compared: always a text, and a number where it is one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Value<'v> {
    pub(super) text: &'v str,
    pub(super) number: Option<f64>,
}

impl Comparison {
    /// Reads an operator and its operand.
    pub(super) fn parse(scanner: &mut Scanner<'_>) -> Result<Comparison, Error> {
        scanner.skip_blank();
        let operator = Operator::take(scanner).ok_or_else(invalid)?;
        scanner.skip_blank();
        let operand = Operand::take(scanner)?;
        let by_order = !matches!(operator, Operator::Equal | Operator::NotEqual);
        match operand {
            Operand::Text(_) | Operand::Regex(_) if by_order => Err(invalid()),
            Operand::Number { .. } | Operand::Text(_) | Operand::Regex(_) => {
                Ok(Comparison { operator, operand })
            }
        }
    }

    pub(super) fn is_regex(&self) -> bool {
        matches!(self.operand, Operand::Regex(_))
    }

    pub(super) fn holds(&self, value: Value<'_>) -> bool {
        match (&self.operand, value.number) {
            (Operand::Number { value, .. }, Some(number)) => self.operator.compares(number, *value),
            (Operand::Number { text, .. }, None) => self.operator.is(text == value.text),
            (Operand::Text(wildcard), _) => self.operator.is(wildcard.matches(value.text)),
            (Operand::Regex(regex), _) => self.operator.is(regex.matches(value.text)),
        }
    }
}

impl Operator {
    fn take(scanner: &mut Scanner<'_>) -> Option<Operator> {
        const ALL: [(&str, Operator); 6] = [
            ("!=", Operator::NotEqual),
            ("<=", Operator::LessOrEqual),
            (">=", Operator::GreaterOrEqual),
            ("=", Operator::Equal),
            ("<", Operator::Less),
            (">", Operator::Greater),
        ];
        let found = ALL.into_iter().find(|(text, _)| scanner.eat(text));
        found.map(|(_, operator)| operator)
    }

    fn compares(self, a: f64, b: f64) -> bool {
        match self {
            Operator::Equal => a == b,
            Operator::NotEqual => a != b,
            Operator::Less => a < b,
            Operator::LessOrEqual => a <= b,
            Operator::Greater => a > b,
            Operator::GreaterOrEqual => a >= b,
        }
    }

    /// For what is equal or not and nothing else: what is no number is neither less nor greater.
    fn is(self, equal: bool) -> bool {
        match self {
            Operator::Equal => equal,
            Operator::NotEqual => !equal,
            Operator::Less
            | Operator::LessOrEqual
            | Operator::Greater
            | Operator::GreaterOrEqual => false,
        }
    }
}

impl Operand {
    fn take(scanner: &mut Scanner<'_>) -> Result<Operand, Error> {
        if scanner.eat("\"") {
            let text = scanner.quoted('"').ok_or_else(invalid)?;
            return Ok(Operand::Text(Wildcard::of(&text)));
        }
        if scanner.eat("%") {
            let text = scanner.regex().ok_or_else(invalid)?;
            return Ok(Operand::Regex(Regex::parse(text)?));
        }
        let text = scanner.take_while(|c| c.is_alphanumeric() || "_-+.*:/".contains(c));
        match scanner.peek() {
            Some(c) if !c.is_whitespace() && !"&|),]".contains(c) => Err(invalid_character(c)),
            Some(_) | None if text.is_empty() => Err(invalid()),
            Some(_) | None => Ok(match number(text) {
                Some(value) => Operand::Number {
                    value,
                    text: text.to_owned(),
                },
                None => Operand::Text(Wildcard::of(text)),
            }),
        }
    }
}

/// An integer or decimal, with a sign and an exponent if you like; neither infinite nor none.
pub(super) fn number(text: &str) -> Option<f64> {
    let is_plain = text
        .bytes()
        .all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte));
    text.parse()
        .ok()
        .filter(|number: &f64| is_plain && number.is_finite())
}

impl Wildcard {
    fn of(text: &str) -> Wildcard {
        let (open_start, rest) = match text.strip_prefix('*') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (open_end, rest) = match rest.strip_suffix('*') {
            Some(rest) => (true, rest),
            None => (false, rest),
        };
        Wildcard {
            open_start,
            text: rest.to_owned(),
            open_end,
        }
    }

    fn matches(&self, text: &str) -> bool {
        match (self.open_start, self.open_end) {
            (false, false) => text == self.text,
            (true, false) => text.ends_with(&self.text),
            (false, true) => text.starts_with(&self.text),
            (true, true) => text.contains(&self.text),
        }
    }
}
