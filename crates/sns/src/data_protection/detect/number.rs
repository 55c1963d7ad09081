//! Runs of digits in groups, the form of most numbers that name a person or an account.

use crate::data_protection::Span;

/// The longest number looked for, in digits.
const DIGITS_MAX: usize = 20;

/// What numbers are looked for: how long, and what may stand between their groups.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shape {
    pub(super) digits: (usize, usize),
    pub(super) separators: &'static [u8],
    /// How many separators may stand between two groups.
    pub(super) together: usize,
}

/// Digits from one place on.
#[derive(Debug)]
pub(super) struct Number<'n> {
    /// Values 0 to 9.
    pub(super) digits: &'n [u8],
    /// Digits in each group.
    pub(super) groups: &'n [u8],
}

/// All numbers of a shape that pass the check, the longest one that does at each place. A number begins and ends
/// where no letter or digit goes on.
pub(super) fn find(text: &str, shape: Shape, check: fn(&Number<'_>) -> bool) -> Vec<Span> {
    let bytes = text.as_bytes();
    let (mut spans, mut at) = (Vec::new(), 0);
    while at < bytes.len() {
        if !bytes[at].is_ascii_digit() || goes_on(at.checked_sub(1).map(|it| bytes[it])) {
            at += 1;
            continue;
        }
        let run = Run::at(bytes, at, shape);
        match run.longest(shape.digits, check) {
            Some(end) => {
                spans.push(at..end);
                at = end;
            }
            None => at = after_digits(bytes, at),
        }
    }
    spans
}

fn goes_on(neighbour: Option<u8>) -> bool {
    neighbour.is_some_and(|byte| byte.is_ascii_alphanumeric())
}

fn after_digits(bytes: &[u8], at: usize) -> usize {
    let digits = bytes[at..].iter().take_while(|it| it.is_ascii_digit());
    at + digits.count()
}

/// Digits read from one place on, until no number could go on.
struct Run {
    digits: Vec<u8>,
    /// The end of each digit, and whether a number may end there.
    ends: Vec<(usize, bool)>,
    /// Whether each digit begins a group.
    begins: Vec<bool>,
}

impl Run {
    fn at(bytes: &[u8], start: usize, shape: Shape) -> Run {
        let most = shape.digits.1.min(DIGITS_MAX);
        let mut run = Run {
            digits: Vec::with_capacity(most),
            ends: Vec::with_capacity(most),
            begins: Vec::with_capacity(most),
        };
        let (mut at, mut between) = (start, 0);
        while let Some(byte) = bytes.get(at).copied() {
            if byte.is_ascii_digit() && run.digits.len() < most {
                run.digits.push(byte - b'0');
                run.ends
                    .push((at + 1, !goes_on(bytes.get(at + 1).copied())));
                run.begins.push(between > 0 || at == start);
                between = 0;
            } else if shape.separators.contains(&byte) && between < shape.together {
                between += 1;
            } else {
                break;
            }
            at += 1;
        }
        run
    }

    /// The end of the longest number in here that passes.
    fn longest(&self, digits: (usize, usize), check: fn(&Number<'_>) -> bool) -> Option<usize> {
        (digits.0..=self.digits.len()).rev().find_map(|len| {
            let (end, may_end) = self.ends[len - 1];
            let groups = self.groups(len);
            let number = Number {
                digits: &self.digits[..len],
                groups: &groups,
            };
            (may_end && check(&number)).then_some(end)
        })
    }

    fn groups(&self, len: usize) -> Vec<u8> {
        let mut groups: Vec<u8> = Vec::new();
        for begins in &self.begins[..len] {
            match groups.last_mut() {
                Some(last) if !begins => *last += 1,
                Some(_) | None => groups.push(1),
            }
        }
        groups
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAIRS: Shape = Shape {
        digits: (4, 6),
        separators: b" -",
        together: 1,
    };

    fn found(text: &str, check: fn(&Number<'_>) -> bool) -> Vec<&str> {
        let spans = find(text, PAIRS, check).into_iter();
        spans.map(|span| &text[span]).collect()
    }

    #[test]
    fn a_number_begins_and_ends_where_no_letter_or_digit_goes_on() {
        let any = |_: &Number<'_>| true;
        assert_eq!(
            found("1234 x1234 1234x 12345678 \"1234\",x=12-34.", any),
            ["1234", "1234", "12-34"]
        );
    }

    #[test]
    fn groups_are_told_apart() {
        let pairs = |number: &Number<'_>| number.groups.iter().all(|group| *group == 2);
        assert_eq!(
            found("12 34 56 78 1 2 3 4 12  34 1234", pairs),
            ["12 34 56"]
        );
    }

    #[test]
    fn the_longest_number_that_passes_is_taken_and_the_search_goes_on_behind_it() {
        let sum = |number: &Number<'_>| number.digits.iter().sum::<u8>() == 10;
        assert_eq!(
            found("1 2 3 4 0 0 1 2 3 4", sum),
            ["1 2 3 4 0 0", "1 2 3 4"]
        );
    }
}
