//! What the three batch operations share: the checks of the whole call, and the failure of one entry.
//!
//! Spec section 3;
//! <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-batch-api-actions.html>.

use api::Str;
use api::sqs::BatchResultErrorEntry;

use crate::characters;
use crate::error::Error;
use crate::limits;

/// Fails the whole call for its number of entries or for an entry's id; looks at nothing else.
///
/// `entry` is the shape's name, which AWS shows.
pub(crate) fn check<'a>(
    entry: &'static str,
    ids: impl ExactSizeIterator<Item = &'a Option<Str<'a>>> + Clone,
) -> Result<(), Error> {
    let sent = ids.len();
    if sent == 0 {
        return Err(Error::EmptyBatchRequest { entry });
    }
    if sent > limits::BATCH_ENTRIES_MAX {
        return Err(Error::TooManyEntriesInBatchRequest { sent });
    }
    for (number, id) in (1..).zip(ids.clone()) {
        let missing = Error::MissingParameter("Id").in_entry(entry, number);
        let id = id.as_deref().ok_or(missing)?;
        if !characters::are_name(id) {
            return Err(Error::InvalidBatchEntryId);
        }
    }
    for (position, id) in ids.clone().enumerate() {
        if ids.clone().take(position).any(|earlier| earlier == id) {
            let id = id.as_deref().unwrap_or_default().to_owned();
            return Err(Error::BatchEntryIdsNotDistinct { id });
        }
    }
    Ok(())
}

/// The id of an entry that [`check`] has passed.
pub(crate) fn id(given: &Option<Str<'_>>) -> String {
    given
        .as_deref()
        .expect("the batch was checked for ids")
        .to_owned()
}

/// An entry's place under `Failed`, with the Query code whatever the protocol.
pub(crate) fn failed(id: String, error: &Error) -> BatchResultErrorEntry<'static> {
    BatchResultErrorEntry {
        id: Some(id.into()),
        sender_fault: Some(error.kind().sender_fault),
        code: Some(error.kind().code.into()),
        message: Some(error.message()),
    }
}

/// A list that is left out when it is empty.
pub(crate) fn some<T>(list: Vec<T>) -> Option<Vec<T>> {
    if list.is_empty() { None } else { Some(list) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENTRY: &str = "SendMessageBatchRequestEntry";

    fn check_ids(ids: &[&str]) -> Result<(), Error> {
        let ids: Vec<Option<Str<'_>>> = ids.iter().map(|&id| Some(id.into())).collect();
        check(ENTRY, ids.iter())
    }

    #[test]
    fn a_batch_has_1_to_10_entries() {
        let empty = check_ids(&[]).unwrap_err();
        assert_eq!(
            empty.message(),
            "There should be at least one SendMessageBatchRequestEntry in the request."
        );
        let eleven = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k"];
        assert_eq!(check_ids(&eleven[..10]), Ok(()));
        assert_eq!(
            check_ids(&eleven).unwrap_err().message(),
            "Maximum number of entries per request are 10. You have sent 11."
        );
    }

    #[test]
    fn entry_ids_are_legal_and_distinct() {
        for illegal in ["", "invalid:id", &"x".repeat(81)] {
            let error = check_ids(&["fine", illegal]).unwrap_err();
            assert_eq!(
                error.message(),
                "A batch entry id can only contain alphanumeric characters, hyphens and underscores. \
                 It can be at most 80 letters long."
            );
        }
        assert_eq!(
            check_ids(&["a", "b", "a"]).unwrap_err().message(),
            "Id a repeated."
        );
        assert_eq!(
            check(ENTRY, [None].iter()).unwrap_err().message(),
            "The request must contain the parameter SendMessageBatchRequestEntry.1.Id."
        );
    }

    #[test]
    fn a_failed_entry_shows_the_query_code() {
        let entry = failed("a".into(), &Error::InvalidParameterValue("why".into()));
        assert_eq!(entry.code.as_deref(), Some("InvalidParameterValue"));
        assert_eq!(
            (entry.sender_fault, entry.message.as_deref()),
            (Some(true), Some("why"))
        );
    }
}
