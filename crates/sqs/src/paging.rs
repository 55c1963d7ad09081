//! Pages of a list of queues.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;

use crate::error::Error;
use crate::limits;

/// Some of the names, in order, and where the next page begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<'n> {
    pub names: Vec<&'n str>,
    /// There only if the caller asked for pages and more names remain.
    pub next_token: Option<String>,
}

/// A page of `names`, which come sorted. A token stands for the last name of the page before, so that queues made
/// or deleted in between neither shift nor repeat the others.
pub(crate) fn page<'n>(
    names: impl Iterator<Item = &'n str>,
    max_results: Option<i32>,
    next_token: Option<&str>,
) -> Result<Page<'n>, Error> {
    let max = match max_results {
        Some(max) if !limits::PAGE.contains(&max) => {
            return Err(Error::value(
                "MaxResults",
                max,
                "MaxResults must be an integer between 1 and 1000.",
            ));
        }
        Some(max) => max as usize,
        None => *limits::PAGE.end() as usize,
    };
    let after = next_token.map(decode).transpose()?;
    let is_due = |name: &&str| after.as_deref().is_none_or(|after| *name > after);
    let mut names = names.filter(is_due);
    let page: Vec<&str> = names.by_ref().take(max).collect();
    let more = max_results.is_some() && names.next().is_some();
    let last = page.last().filter(|_| more);
    Ok(Page {
        next_token: last.map(|name| BASE64_URL_SAFE_NO_PAD.encode(name)),
        names: page,
    })
}

fn decode(token: &str) -> Result<String, Error> {
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(token).ok();
    let name = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
    name.ok_or_else(|| Error::value("NextToken", token, "Invalid or expired next token."))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: [&str; 5] = ["a", "b", "c", "d", "e"];

    #[test]
    fn pages_follow_each_other_to_the_end() {
        let mut token = None;
        let mut seen = Vec::new();
        for _ in 0..3 {
            let page = page(NAMES.into_iter(), Some(2), token.as_deref()).unwrap();
            seen.push(page.names);
            token = page.next_token;
        }
        assert_eq!(seen, [vec!["a", "b"], vec!["c", "d"], vec!["e"]]);
        assert_eq!(token, None);
    }

    #[test]
    fn a_page_that_ends_with_the_last_name_has_no_token() {
        assert_eq!(
            page(NAMES.into_iter(), Some(5), None).unwrap().next_token,
            None
        );
    }

    #[test]
    fn who_asks_for_no_pages_gets_up_to_1000_names_and_never_a_token() {
        let names: Vec<String> = (0..1001).map(|n| format!("q{n:04}")).collect();
        let page = page(names.iter().map(String::as_str), None, None).unwrap();
        assert_eq!((page.names.len(), page.next_token), (1000, None));
    }

    #[test]
    fn a_page_holds_1_to_1000_names() {
        for max in [0, 1001, -1] {
            assert_eq!(
                page(NAMES.into_iter(), Some(max), None)
                    .unwrap_err()
                    .message(),
                format!(
                    "Value {max} for parameter MaxResults is invalid. Reason: MaxResults must be an integer \
                     between 1 and 1000."
                )
            );
        }
    }

    #[test]
    fn a_token_of_ones_own_is_refused() {
        assert!(matches!(
            page(NAMES.into_iter(), Some(1), Some("!")),
            Err(Error::InvalidParameterValue(_))
        ));
    }
}
