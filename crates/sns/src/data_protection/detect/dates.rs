//! Dates, as people write them: digits in three groups or one, or with the name of a month.

use super::number::{Number, Shape, find};
use crate::data_protection::Span;

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// Dates of both forms, in order.
pub(super) fn date(text: &str) -> Vec<Span> {
    let mut spans = in_digits(text);
    spans.extend(with_month(text));
    spans.sort_by_key(|span| span.start);
    let mut end = 0;
    spans.retain(|span| {
        let apart = span.start >= end;
        end = end.max(span.end);
        apart
    });
    spans
}

/// Day, month and year in the orders in use, apart by one of four marks, or eight digits.
fn in_digits(text: &str) -> Vec<Span> {
    const SHAPE: Shape = Shape {
        digits: (4, 8),
        separators: b"/-. ",
        together: 1,
    };
    find(text, SHAPE, |number| {
        let Some(parts) = parts(number) else {
            return false;
        };
        let [(a, _), (b, _), (c, _)] = parts;
        match parts {
            [(_, 4), ..] => is_year(a) && is_month_and_day(b, c),
            [_, _, (_, 4)] => is_year(c) && (is_month_and_day(a, b) || is_month_and_day(b, a)),
            _ => is_month_and_day(a, b) || is_month_and_day(b, a),
        }
    })
}

/// Three groups' values and widths; eight digits alone are read as a year and the rest, from either side.
fn parts(number: &Number<'_>) -> Option<[(u32, u8); 3]> {
    let d = number.digits;
    let value = |digits: &[u8]| digits.iter().fold(0, |sum, it| sum * 10 + u32::from(*it));
    match *number.groups {
        [a @ (1 | 2 | 4), b @ (1 | 2), c @ (1 | 2 | 4)] if a < 4 || c < 4 => {
            let (a_end, b_end) = (usize::from(a), usize::from(a + b));
            Some([
                (value(&d[..a_end]), a),
                (value(&d[a_end..b_end]), b),
                (value(&d[b_end..]), c),
            ])
        }
        [8] if is_year(value(&d[..4])) => Some([
            (value(&d[..4]), 4),
            (value(&d[4..6]), 2),
            (value(&d[6..]), 2),
        ]),
        [8] => Some([
            (value(&d[..2]), 2),
            (value(&d[2..4]), 2),
            (value(&d[4..]), 4),
        ]),
        _ => None,
    }
}

fn is_year(year: u32) -> bool {
    (1900..2100).contains(&year)
}

fn is_month_and_day(month: u32, day: u32) -> bool {
    (1..=12).contains(&month) && (1..=31).contains(&day)
}

/// A word of a text.
struct Word<'t> {
    text: &'t str,
    span: Span,
}

/// `12 January 1990`, `January 12th, 1990`, `1990 Jan 12`.
fn with_month(text: &str) -> Vec<Span> {
    let mut spans = Vec::new();
    let mut last: Vec<Word<'_>> = Vec::with_capacity(4);
    for word in words(text) {
        let joined = last.last().is_none_or(|before| {
            let between = &text[before.span.end..word.span.start];
            between.len() <= 2 && between.bytes().all(|b| b" ,./-".contains(&b))
        });
        if !joined {
            last.clear();
        }
        last.push(word);
        if last.len() > 3 {
            last.remove(0);
        }
        if last.len() == 3 && is_date(&last) {
            spans.push(last[0].span.start..last[2].span.end);
            last.clear();
        }
    }
    spans
}

fn words(text: &str) -> impl Iterator<Item = Word<'_>> {
    let is_part = |c: char| c.is_ascii_alphanumeric();
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = at + text[at..].find(is_part)?;
        let len = text[start..]
            .find(|c| !is_part(c))
            .unwrap_or(text.len() - start);
        at = start + len;
        Some(Word {
            text: &text[start..at],
            span: start..at,
        })
    })
}

fn is_date(words: &[Word<'_>]) -> bool {
    let [a, b, c] = words else {
        return false;
    };
    let year = |word: &Word<'_>| word.text.len() == 4 && word.text.parse().is_ok_and(is_year);
    let order = |month: &Word<'_>, day: &Word<'_>| is_month(month.text) && is_day(day.text);
    (year(c) && (order(a, b) || order(b, a))) || (year(a) && order(b, c))
}

fn is_month(word: &str) -> bool {
    word.len() >= 3
        && MONTHS.iter().any(|month| {
            let short = word.len() == 3 || word.len() == 4;
            let head = month.get(..word.len());
            (short || word.len() == month.len())
                && head.is_some_and(|head| head.eq_ignore_ascii_case(word))
        })
}

/// `12`, `12th`.
fn is_day(word: &str) -> bool {
    let digits = word.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let ending = word[digits.len()..].to_ascii_lowercase();
    matches!(ending.as_str(), "" | "st" | "nd" | "rd" | "th")
        && digits.parse().is_ok_and(|day: u32| (1..=31).contains(&day))
}
