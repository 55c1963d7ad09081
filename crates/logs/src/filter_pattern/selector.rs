//! `$.users[0].name`: which nodes of a JSON message are meant.

use api::Error;
use serde_json::Value;

use super::invalid;
use super::scanner::Scanner;

#[derive(Debug)]
pub(super) struct Selector {
    steps: Vec<Step>,
}

#[derive(Debug, PartialEq, Eq)]
enum Step {
    Property(String),
    Element(usize),
    /// `.*` or `[*]`: every property or element.
    Each,
}

impl Selector {
    pub(super) fn parse(scanner: &mut Scanner<'_>) -> Result<Selector, Error> {
        if !scanner.eat("$") {
            return Err(invalid());
        }
        let mut steps = Vec::new();
        while let Some(step) = Step::take(scanner)? {
            steps.push(step);
        }
        let selector = Selector { steps };
        // AWS takes one wildcard in a selector.
        if selector.steps.is_empty() || selector.wildcards() > 1 {
            return Err(invalid());
        }
        Ok(selector)
    }

    pub(super) fn wildcards(&self) -> usize {
        self.steps
            .iter()
            .filter(|step| **step == Step::Each)
            .count()
    }

    /// Whether any of the nodes meant is what `test` asks for.
    pub(super) fn any(&self, root: &Value, test: &dyn Fn(&Value) -> bool) -> bool {
        walk(&self.steps, root, test)
    }
}

fn walk(steps: &[Step], node: &Value, test: &dyn Fn(&Value) -> bool) -> bool {
    let Some((step, rest)) = steps.split_first() else {
        return test(node);
    };
    let go_on = |next: Option<&Value>| next.is_some_and(|next| walk(rest, next, test));
    match (step, node) {
        (Step::Property(name), Value::Object(object)) => go_on(object.get(name)),
        (Step::Element(number), Value::Array(array)) => go_on(array.get(*number)),
        (Step::Each, Value::Object(object)) => object.values().any(|next| walk(rest, next, test)),
        (Step::Each, Value::Array(array)) => array.iter().any(|next| walk(rest, next, test)),
        (Step::Property(_) | Step::Element(_) | Step::Each, _) => false,
    }
}

impl Step {
    fn take(scanner: &mut Scanner<'_>) -> Result<Option<Step>, Error> {
        if scanner.eat("[") || scanner.eat(".[") {
            return bracket(scanner).map(Some);
        }
        if !scanner.eat(".") {
            return Ok(None);
        }
        if scanner.eat("*") {
            return Ok(Some(Step::Each));
        }
        let name = scanner.take_while(|c| c.is_alphanumeric() || c == '_' || c == '-');
        match name {
            "" => Err(invalid()),
            name => Ok(Some(Step::Property(name.to_owned()))),
        }
    }
}

/// `[0]`, `[*]`, `['a.b']`, behind the opening bracket.
fn bracket(scanner: &mut Scanner<'_>) -> Result<Step, Error> {
    let step = if scanner.eat("*") {
        Step::Each
    } else if let Some(quote) = ['\'', '"']
        .into_iter()
        .find(|quote| scanner.eat(quote.encode_utf8(&mut [0; 4])))
    {
        Step::Property(scanner.quoted(quote).ok_or_else(invalid)?)
    } else {
        let digits = scanner.take_while(|c| c.is_ascii_digit());
        Step::Element(digits.parse().map_err(|_| invalid())?)
    };
    match scanner.eat("]") {
        true => Ok(step),
        false => Err(invalid()),
    }
}
