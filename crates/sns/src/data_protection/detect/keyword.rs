//! Keywords close to data.

use crate::data_protection::Span;

/// AWS's distance.
const CHARACTERS: usize = 30;

/// Where a text has one of some keywords, in order of their starts.
pub(super) struct Keywords {
    hits: Vec<Span>,
    longest: usize,
}

impl Keywords {
    /// Keywords are in lower case, with single spaces.
    pub(super) fn of(keywords: &[&str], text: &str) -> Keywords {
        let bytes = text.as_bytes();
        let mut begins = [false; 256];
        for keyword in keywords {
            let first = keyword.as_bytes()[0];
            begins[usize::from(first)] = true;
            begins[usize::from(first.to_ascii_uppercase())] = true;
        }
        let mut hits = Vec::new();
        let starts = (0..bytes.len()).filter(|at| begins[usize::from(bytes[*at])]);
        for at in starts.filter(|at| is_boundary(bytes, *at)) {
            let ends = keywords.iter().filter_map(|it| matched(it, bytes, at));
            if let Some(end) = ends.max() {
                hits.push(at..end);
            }
        }
        let longest = hits.iter().map(Span::len).max().unwrap_or(0);
        Keywords { hits, longest }
    }

    /// Whether a keyword is at most 30 characters before or after a span.
    pub(super) fn are_close(&self, text: &str, span: &Span) -> bool {
        let before = text[..span.start].char_indices().rev();
        let from = before.take(CHARACTERS).last().map_or(span.start, |it| it.0);
        let mut after = text[span.end..].char_indices();
        let to = after
            .nth(CHARACTERS)
            .map_or(text.len(), |it| span.end + it.0);
        let first = self
            .hits
            .partition_point(|hit| hit.start + self.longest < from);
        let mut close = self.hits[first..].iter().take_while(|hit| hit.start <= to);
        close.any(|hit| hit.end >= from)
    }
}

/// The end of a keyword that begins at `at`. A space in it may be missing, or be `_` or `-`.
fn matched(keyword: &str, text: &[u8], at: usize) -> Option<usize> {
    let mut position = at;
    for wanted in keyword.bytes() {
        let given = text.get(position).copied();
        if wanted == b' ' {
            position += usize::from(matches!(given, Some(b' ' | b'_' | b'-')));
        } else if given.is_some_and(|given| given.eq_ignore_ascii_case(&wanted)) {
            position += 1;
        } else {
            return None;
        }
    }
    is_boundary(text, position).then_some(position)
}

/// Whether a word may begin or end here: no letter or digit on one side, or another kind of it on the other, as within
/// `cardNumber` and `card4111`.
fn is_boundary(text: &[u8], at: usize) -> bool {
    let (Some(before), Some(after)) = (at.checked_sub(1).map(|it| text[it]), text.get(at)) else {
        return true;
    };
    !before.is_ascii_alphanumeric()
        || !after.is_ascii_alphanumeric()
        || before.is_ascii_digit() != after.is_ascii_digit()
        || (before.is_ascii_lowercase() && after.is_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(keyword: &'static str, text: &str) -> bool {
        let start = text.find('<').unwrap();
        let span = start..text.find('>').unwrap() + 1;
        Keywords::of(&[keyword], text).are_close(text, &span)
    }

    #[test]
    fn a_keyword_stands_alone_in_any_of_its_spellings() {
        for text in [
            "credit card <>",
            "CREDIT-CARD: <>",
            "\"creditCard\":\"<>\"",
            "credit_card=<>",
            "creditcard4 <>",
            "<> credit card",
        ] {
            assert!(close("credit card", text), "{text}");
        }
        for text in [
            "credit  card <>",
            "credit cards <>",
            "accredit card <>",
            "<>",
        ] {
            assert!(!close("credit card", text), "{text}");
        }
    }

    #[test]
    fn a_keyword_is_at_most_30_characters_away_on_either_side() {
        for (spaces, wanted) in [(0, true), (29, true), (30, true), (31, false)] {
            let gap = "é".repeat(spaces);
            assert_eq!(
                close("ssn", &format!("ssn{gap}<>")),
                wanted || spaces == 0,
                "{spaces}"
            );
            assert_eq!(close("ssn", &format!("<>{gap}ssn")), wanted, "{spaces}");
        }
    }
}
