//! ListOriginationNumbers: the numbers an account has to send from. Nobody leases any here.
//!
//! <https://docs.aws.amazon.com/sns/latest/api/API_ListOriginationNumbers.html>

use api::Error;
use api::sns::{ListOriginationNumbersRequest, ListOriginationNumbersResult};

use crate::error::Breaches;
use crate::{limits, paging};

pub fn reply(
    input: &ListOriginationNumbersRequest<'_>,
) -> Result<ListOriginationNumbersResult<'static>, Error> {
    check_max(input.max_results, limits::ORIGINATION_PAGE)?;
    paging::open(input.next_token.as_deref())?;
    Ok(ListOriginationNumbersResult {
        next_token: None,
        phone_numbers: Some(Vec::new()),
    })
}

/// MaxResults within the model's range.
pub(crate) fn check_max(
    max: Option<i32>,
    range: std::ops::RangeInclusive<i32>,
) -> Result<(), Error> {
    let Some(max) = max else {
        return Ok(());
    };
    let (least, most, shown) = (range.start(), range.end(), max.to_string());
    let mut breaches = Breaches::default();
    breaches.check(
        max >= *least,
        "maxResults",
        Some(&shown),
        &format!("Member must have value greater than or equal to {least}"),
    );
    breaches.check(
        max <= *most,
        "maxResults",
        Some(&shown),
        &format!("Member must have value less than or equal to {most}"),
    );
    breaches.refuse()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(max: Option<i32>) -> Result<ListOriginationNumbersResult<'static>, Error> {
        reply(&ListOriginationNumbersRequest {
            max_results: max,
            next_token: None,
        })
    }

    #[test]
    fn the_list_is_there_and_empty() {
        for max in [None, Some(1), Some(30)] {
            let result = list(max).unwrap();
            assert_eq!(
                (result.phone_numbers, result.next_token),
                (Some(vec![]), None)
            );
        }
    }

    #[test]
    fn a_page_holds_1_to_30_numbers() {
        assert_eq!(
            list(Some(31)).unwrap_err().message,
            "1 validation error detected: Value '31' at 'maxResults' failed to satisfy constraint: Member must \
             have value less than or equal to 30"
        );
        assert!(list(Some(0)).is_err());
    }
}
