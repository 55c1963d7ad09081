//! Pages of a listing. A token stands for the last item of the page before, so that what is made or deleted in between
//! neither shifts nor repeats the others.

use api::Error;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use crate::error::invalid;

/// Some items, and the token of the next page.
pub(crate) type Page<T> = (Vec<T>, Option<String>);

/// The first `size` items; `name` gives the text that stands for an item in a token.
pub(crate) fn page<T>(
    mut items: impl Iterator<Item = T>,
    size: usize,
    name: impl Fn(&T) -> String,
) -> Page<T> {
    let page: Vec<T> = items.by_ref().take(size).collect();
    let more = items.next().is_some();
    let token = page.last().filter(|_| more);
    let token = token.map(|last| BASE64_STANDARD.encode(name(last)));
    (page, token)
}

/// What a token stands for. The text of the error is ours.
pub(crate) fn open(token: Option<&str>) -> Result<Option<String>, Error> {
    let Some(token) = token else {
        return Ok(None);
    };
    let bytes = BASE64_STANDARD.decode(token).ok();
    let name = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
    name.map(Some).ok_or_else(bad)
}

/// The same for items that numbers stand for.
pub(crate) fn open_number<N: std::str::FromStr>(token: Option<&str>) -> Result<Option<N>, Error> {
    let name = open(token)?;
    name.map(|name| name.parse().map_err(|_| bad())).transpose()
}

fn bad() -> Error {
    invalid("NextToken", "Invalid or expired next token.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_follow_each_other_to_the_end() {
        let (mut seen, mut token) = (Vec::new(), None);
        for _ in 0..3 {
            let after = open_number::<u32>(token.as_deref()).unwrap();
            let rest = (0..5u32).filter(|n| after.is_none_or(|after| *n > after));
            let (items, next) = page(rest, 2, u32::to_string);
            seen.push(items);
            token = next;
        }
        assert_eq!(seen, [vec![0, 1], vec![2, 3], vec![4]]);
        assert_eq!(token, None);
    }

    #[test]
    fn a_token_of_ones_own_is_refused() {
        for token in ["!", "eA=="] {
            assert!(open_number::<u32>(Some(token)).is_err());
        }
    }
}
