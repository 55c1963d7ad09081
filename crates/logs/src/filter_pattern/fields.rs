//! Patterns for messages of fields between spaces: names, conditions, and `...` for any number of fields.

use api::Error;

use super::comparison::{Comparison, Value, number};
use super::expression::Expression;
use super::json::check_regexes;
use super::scanner::Scanner;
use super::{invalid, invalid_character};

#[derive(Debug)]
pub(super) struct Fields {
    /// The fields in front of the ellipsis, or all where there is none.
    first: Vec<Field>,
    /// The fields behind the ellipsis.
    last: Option<Vec<Field>>,
}

#[derive(Debug)]
struct Field {
    /// Empty: the field goes by its number.
    name: String,
    test: Option<Expression<Comparison>>,
}

impl Fields {
    /// Reads what stands between the brackets.
    pub(super) fn parse(text: &str) -> Result<Fields, Error> {
        let mut scanner = Scanner::new(text);
        let mut fields = Fields {
            first: Vec::new(),
            last: None,
        };
        let mut regexes = 0;
        loop {
            scanner.skip_blank();
            if scanner.eat("...") {
                if fields.last.replace(Vec::new()).is_some() {
                    return Err(invalid());
                }
                scanner.skip_blank();
            } else {
                let field = Field::parse(&mut scanner, &mut regexes)?;
                fields
                    .last
                    .as_mut()
                    .unwrap_or(&mut fields.first)
                    .push(field);
            }
            if scanner.is_empty() {
                check_regexes(regexes)?;
                return Ok(fields);
            }
            if !scanner.eat(",") {
                return Err(scanner.peek().map_or_else(invalid, invalid_character));
            }
        }
    }

    pub(super) fn matches(&self, message: &str) -> bool {
        self.read(message).is_some()
    }

    /// The message's fields by their names or numbers.
    pub(super) fn extract(&self, message: &str) -> Option<Vec<(String, String)>> {
        let texts = self.read(message)?;
        let named = texts.iter().enumerate().map(|(at, text)| {
            let name = match self.field(at, texts.len()).map(|field| field.name.as_str()) {
                Some("") | None => (at + 1).to_string(),
                Some(name) => name.to_owned(),
            };
            (format!("${name}"), (*text).to_owned())
        });
        Some(named.collect())
    }

    /// The message's fields, if they are as many as the pattern wants and all conditions hold.
    fn read<'m>(&self, message: &'m str) -> Option<Vec<&'m str>> {
        let least = self.first.len() + self.last.as_ref().map_or(0, Vec::len);
        let texts: Vec<&str> = match self.last {
            // One more than wanted is enough to see that there are too many.
            None => split(message).take(least + 1).collect(),
            Some(_) => split(message).collect(),
        };
        if texts.len() < least || (self.last.is_none() && texts.len() > least) {
            return None;
        }
        let holds = |(at, text): (usize, &&str)| {
            let test = self
                .field(at, texts.len())
                .and_then(|field| field.test.as_ref());
            let value = Value {
                text,
                number: number(text),
            };
            test.is_none_or(|test| test.holds(&|comparison| comparison.holds(value)))
        };
        texts.iter().enumerate().all(holds).then_some(texts)
    }

    /// What the pattern says of the field at this place of so many; nothing of those under the ellipsis.
    fn field(&self, at: usize, count: usize) -> Option<&Field> {
        let last = self.last.as_deref().unwrap_or_default();
        match at.checked_sub(count - last.len()) {
            Some(behind) => last.get(behind),
            None => self.first.get(at),
        }
    }
}

impl Field {
    fn parse(scanner: &mut Scanner<'_>, regexes: &mut usize) -> Result<Field, Error> {
        let is_name = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
        let mut ahead = scanner.clone();
        let name = ahead.take_while(is_name);
        ahead.skip_blank();
        if matches!(ahead.peek(), None | Some(',')) {
            *scanner = ahead;
            return Ok(Field {
                name: name.to_owned(),
                test: None,
            });
        }
        let mut own = None;
        let test = Expression::parse(scanner, &mut |scanner| {
            let name = scanner.take_while(is_name);
            // The conditions of a field are all on that field.
            if *own.get_or_insert(name.to_owned()) != name {
                return Err(invalid());
            }
            let comparison = Comparison::parse(scanner)?;
            *regexes += usize::from(comparison.is_regex());
            Ok(comparison)
        })?;
        Ok(Field {
            name: own.unwrap_or_default(),
            test: Some(test),
        })
    }
}

/// A message's fields: what stands between spaces, or between brackets or quotes, which are not part of it.
fn split(message: &str) -> impl Iterator<Item = &str> {
    let mut rest = message.trim();
    std::iter::from_fn(move || {
        rest = rest.trim_start();
        let close = match rest.chars().next()? {
            '[' => Some(']'),
            '"' => Some('"'),
            _ => None,
        };
        let enclosed = close.and_then(|close| {
            let end = rest[1..].find(close)? + 1;
            Some((&rest[1..end], &rest[end + 1..]))
        });
        let (field, behind) = enclosed
            .unwrap_or_else(|| rest.split_at(rest.find(char::is_whitespace).unwrap_or(rest.len())));
        rest = behind;
        Some(field)
    })
}
