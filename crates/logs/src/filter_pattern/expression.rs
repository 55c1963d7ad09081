//! Conditions joined by `&&` and `||`, the first binding more, and by parentheses.

use api::Error;

use super::invalid;
use super::scanner::Scanner;

#[derive(Debug)]
pub(super) enum Expression<C> {
    Is(C),
    All(Vec<Expression<C>>),
    Any(Vec<Expression<C>>),
}

/// Parentheses within parentheses.
const DEPTH_MAX: usize = 64;

impl<C> Expression<C> {
    /// Reads as far as an expression goes; `condition` reads one condition.
    pub(super) fn parse(
        scanner: &mut Scanner<'_>,
        condition: &mut dyn FnMut(&mut Scanner<'_>) -> Result<C, Error>,
    ) -> Result<Expression<C>, Error> {
        any(scanner, condition, 0)
    }

    pub(super) fn holds(&self, condition: &dyn Fn(&C) -> bool) -> bool {
        match self {
            Expression::Is(it) => condition(it),
            Expression::All(parts) => parts.iter().all(|part| part.holds(condition)),
            Expression::Any(parts) => parts.iter().any(|part| part.holds(condition)),
        }
    }
}

type Read<'r, C> = &'r mut dyn FnMut(&mut Scanner<'_>) -> Result<C, Error>;

fn any<C>(
    scanner: &mut Scanner<'_>,
    condition: Read<'_, C>,
    depth: usize,
) -> Result<Expression<C>, Error> {
    let mut parts = vec![all(scanner, condition, depth)?];
    while scanner.eat("||") {
        parts.push(all(scanner, condition, depth)?);
    }
    Ok(match parts.len() {
        1 => parts.remove(0),
        _ => Expression::Any(parts),
    })
}

fn all<C>(
    scanner: &mut Scanner<'_>,
    condition: Read<'_, C>,
    depth: usize,
) -> Result<Expression<C>, Error> {
    let mut parts = vec![one(scanner, condition, depth)?];
    while scanner.eat("&&") {
        parts.push(one(scanner, condition, depth)?);
    }
    Ok(match parts.len() {
        1 => parts.remove(0),
        _ => Expression::All(parts),
    })
}

fn one<C>(
    scanner: &mut Scanner<'_>,
    condition: Read<'_, C>,
    depth: usize,
) -> Result<Expression<C>, Error> {
    scanner.skip_blank();
    let expression = if scanner.eat("(") {
        if depth == DEPTH_MAX {
            return Err(invalid());
        }
        let inner = any(scanner, condition, depth + 1)?;
        if !scanner.eat(")") {
            return Err(invalid());
        }
        inner
    } else {
        Expression::Is(condition(scanner)?)
    };
    scanner.skip_blank();
    Ok(expression)
}
