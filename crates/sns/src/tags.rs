//! A topic's tags: what may be one, and how many.
//!
//! Spec section 2.3; <https://docs.aws.amazon.com/sns/latest/dg/sns-tags.html>.

use api::sns::Tag;
use api::sns::error as kind;
use api::{Error, Str};

use crate::error::{invalid_because, invalid_parameter, validation_length, validation_null};
use crate::limits;

/// Tags as a topic keeps them.
pub(crate) type Tags = Vec<(String, String)>;

/// Reads the tags of a request, or says which one is none.
pub(crate) fn read(given: &[Tag<'_>]) -> Result<Tags, Error> {
    let mut tags = Tags::new();
    for (n, tag) in given.iter().enumerate() {
        let path = |member: &str| format!("tags.{}.member.{member}", n + 1);
        let key = required(tag.key.as_ref(), &path("key"))?;
        let value = required(tag.value.as_ref(), &path("value"))?;
        check_key(key, &path("key"))?;
        if value.chars().count() > limits::TAG_VALUE_CHARS_MAX {
            let max = limits::TAG_VALUE_CHARS_MAX;
            return Err(validation_length(&path("value"), value, "less", max));
        }
        if tags.iter().any(|(known, _)| known == key) {
            return Err(invalid_parameter("Duplicated keys are not allowed."));
        }
        tags.push((key.to_owned(), value.to_owned()));
    }
    check_count(&tags)?;
    Ok(tags)
}

/// Adds tags behind those a topic has, replacing the values of keys it has already.
pub(crate) fn add(tags: &mut Tags, new: Tags) -> Result<(), Error> {
    for (key, value) in new {
        match tags.iter_mut().find(|(known, _)| *known == key) {
            Some((_, old)) => *old = value,
            None => tags.push((key, value)),
        }
    }
    check_count(tags)
}

/// Takes off the tags of these keys; a key without a tag is fine.
pub(crate) fn remove(tags: &mut Tags, keys: &[Str<'_>]) {
    tags.retain(|(known, _)| !keys.iter().any(|key| key == known));
}

fn check_count(tags: &Tags) -> Result<(), Error> {
    if tags.len() > limits::TAGS_MAX {
        return Err(kind::TAG_LIMIT_EXCEEDED_EXCEPTION
            .with("Could not complete request: tag quota of per resource exceeded"));
    }
    Ok(())
}

fn required<'a>(member: Option<&'a Str<'_>>, path: &str) -> Result<&'a str, Error> {
    member
        .map(|text| &**text)
        .ok_or_else(|| validation_null(path))
}

fn check_key(key: &str, path: &str) -> Result<(), Error> {
    let chars = key.chars().count();
    let (min, max) = limits::TAG_KEY_CHARS.into_inner();
    if chars < min {
        return Err(validation_length(path, key, "greater", min));
    }
    if chars > max {
        return Err(validation_length(path, key, "less", max));
    }
    let reserved = key
        .get(..4)
        .is_some_and(|start| start.eq_ignore_ascii_case("aws:"));
    if reserved {
        return Err(invalid_because(
            "Tags",
            "aws: prefixed tag key names are not allowed for external use.",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::op::samples::tags;

    fn refusal(given: &[(&'static str, &'static str)]) -> Error {
        read(&tags(given)).unwrap_err()
    }

    #[test]
    fn a_key_is_given_once_even_with_the_same_value() {
        assert_eq!(
            refusal(&[("a", "1"), ("a", "1")]).message,
            "Invalid parameter: Duplicated keys are not allowed."
        );
    }

    #[test]
    fn a_tag_has_a_key_and_a_value_of_bounded_length() {
        let long: &'static str = "k".repeat(129).leak();
        assert_eq!(
            refusal(&[(long, "x")]).message,
            format!(
                "1 validation error detected: Value '{long}' at 'tags.1.member.key' failed to satisfy constraint: \
                 Member must have length less than or equal to 128"
            )
        );
        assert_eq!(
            refusal(&[("a", ""), ("", "")]).message,
            "1 validation error detected: Value '' at 'tags.2.member.key' failed to satisfy constraint: Member must \
             have length greater than or equal to 1"
        );
        let long: &'static str = "v".repeat(257).leak();
        assert!(
            refusal(&[("a", long)])
                .message
                .contains("tags.1.member.value")
        );
        assert!(refusal(&[("AWS:x", "")]).message.contains("aws:"));
        let nameless = Tag {
            key: None,
            value: Some("x".into()),
        };
        assert_eq!(
            read(&[nameless]).unwrap_err().message,
            "1 validation error detected: Value null at 'tags.1.member.key' failed to satisfy constraint: Member must \
             not be null"
        );
    }

    #[test]
    fn a_topic_has_at_most_50_tags() {
        let keys: Vec<(&'static str, &'static str)> =
            (0..51).map(|n| (&*format!("k{n}").leak(), "")).collect();
        let mut held = read(&tags(&keys[..50])).unwrap();
        let again = add(&mut held, read(&tags(&keys[..1])).unwrap());
        assert_eq!((again, held.len()), (Ok(()), 50));
        let error = add(&mut held, read(&tags(&keys[50..])).unwrap()).unwrap_err();
        assert_eq!(
            (error.kind.code, &*error.message),
            (
                "TagLimitExceeded",
                "Could not complete request: tag quota of per resource exceeded"
            )
        );
        assert_eq!(refusal(&keys), error);
    }
}
