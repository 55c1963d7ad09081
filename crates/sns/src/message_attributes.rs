//! Message attributes: what is accepted, and how much they count.
//!
//! Spec sections 4.2 and 4.5; <https://docs.aws.amazon.com/sns/latest/dg/sns-message-attributes.html>.

use api::sns::MessageAttributeValue;
use api::sns::error::INVALID_PARAMETER_VALUE_EXCEPTION;
use api::{Error, Str};

use crate::error::validation_null;
use crate::publication::{Attribute, Value};

/// Names must be shorter, in bytes.
const NAME_BYTES: usize = 256;

/// As a request gives them.
pub(crate) type Given<'a> = [(Str<'a>, MessageAttributeValue<'a>)];

/// What attributes add to a message's size: names, types and values, in bytes.
pub(crate) fn size(given: &Given<'_>) -> usize {
    given
        .iter()
        .map(|(name, value)| {
            name.len()
                + value.data_type.as_ref().map_or(0, |t| t.len())
                + value.string_value.as_ref().map_or(0, |v| v.len())
                + value.binary_value.as_ref().map_or(0, |v| v.len())
        })
        .sum()
}

/// Refuses attributes without a type, which AWS does before it looks at anything else; `path` leads to the map.
pub(crate) fn check_types(given: &Given<'_>, path: &str) -> Result<(), Error> {
    match given.iter().find(|(_, value)| value.data_type.is_none()) {
        Some((name, _)) => Err(validation_null(&format!("{path}.{name}.member.dataType"))),
        None => Ok(()),
    }
}

/// The attributes of a request, in its order, or the first rule that one of them breaks.
pub(crate) fn read<'a>(given: &'a Given<'a>) -> Result<Vec<Attribute<'a>>, Error> {
    given
        .iter()
        .map(|(name, value)| {
            check_name(name)?;
            let data_type = value.data_type.as_deref().unwrap_or_default();
            Ok(Attribute {
                name,
                data_type,
                value: read_value(name, data_type, value)?,
            })
        })
        .collect()
}

fn check_name(name: &str) -> Result<(), Error> {
    if name.is_empty() {
        return Err(invalid("Message attribute name can not be empty."));
    }
    if name.len() >= NAME_BYTES {
        return Err(invalid(
            "Length of message attribute name must be less than 256 bytes.",
        ));
    }
    if name.starts_with('.') {
        return Err(invalid(
            "Invalid message attribute name starting with character '.' was found.",
        ));
    }
    if name.ends_with('.') {
        return Err(invalid(
            "Invalid message attribute name ending with character '.' was found.",
        ));
    }
    let legal = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if let Some(illegal) = name.chars().find(|c| !legal(c)) {
        return Err(invalid(format!(
            "Invalid non-alphanumeric character '#x{:X}' was found in the message attribute name. Can only \
             include alphanumeric characters, hyphens, underscores, or dots.",
            u32::from(illegal)
        )));
    }
    if name.contains("..") {
        return Err(invalid(
            "Message attribute name can not have successive '.' character.",
        ));
    }
    Ok(())
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Base {
    String,
    Number,
    Binary,
}

/// `Number` of `Number.int`; a dot must have something behind it.
fn base(data_type: &str) -> Option<Base> {
    let base = match data_type.split_once('.') {
        Some((_, "")) => return None,
        Some((base, _)) => base,
        None => data_type,
    };
    match base {
        "String" => Some(Base::String),
        "Number" => Some(Base::Number),
        "Binary" => Some(Base::Binary),
        _ => None,
    }
}

fn read_value<'a>(
    name: &str,
    data_type: &str,
    value: &'a MessageAttributeValue<'_>,
) -> Result<Value<'a>, Error> {
    let base = base(data_type).ok_or_else(|| {
        invalid(format!(
            "The message attribute '{name}' has an invalid message attribute type, the set of supported type \
             prefixes is Binary, Number, and String."
        ))
    })?;
    let (text, bytes) = (value.string_value.as_deref(), value.binary_value.as_deref());
    let empty = || {
        invalid(format!(
            "The message attribute '{name}' must contain non-empty message attribute value for message attribute \
             type '{data_type}'."
        ))
    };
    if text.is_none() && bytes.is_none() {
        return Err(empty());
    }
    let field = match base {
        Base::String | Base::Number => "String",
        Base::Binary => "Binary",
    };
    let misplaced = || {
        invalid(format!(
            "The message attribute '{name}' with type '{data_type}' must use field '{field}'."
        ))
    };
    match base {
        Base::String | Base::Number => {
            let text = text.ok_or_else(misplaced)?;
            if text.is_empty() {
                return Err(empty());
            }
            if base == Base::Number && !is_number(text) {
                return Err(invalid(format!(
                    "Could not cast message attribute '{name}' value to number."
                )));
            }
            Ok(Value::Text(text))
        }
        Base::Binary => {
            let bytes = bytes.ok_or_else(misplaced)?;
            if bytes.is_empty() {
                return Err(empty());
            }
            Ok(Value::Binary(bytes))
        }
    }
}

fn invalid(text: impl Into<Str<'static>>) -> Error {
    INVALID_PARAMETER_VALUE_EXCEPTION.with(text)
}

/// A decimal number, with an exponent or without.
fn is_number(text: &str) -> bool {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (unsigned(mantissa), unsigned(exponent)),
        None => (unsigned(text), "0"),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    [whole, fraction, exponent].into_iter().all(digits)
        && !exponent.is_empty()
        && whole.len() + fraction.len() > 0
}

fn unsigned(text: &str) -> &str {
    text.strip_prefix(['-', '+']).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(data_type: &'static str, value: &'static str) -> MessageAttributeValue<'static> {
        MessageAttributeValue {
            data_type: Some(data_type.into()),
            string_value: Some(value.into()),
            binary_value: None,
        }
    }

    fn binary(data_type: &'static str, value: &'static [u8]) -> MessageAttributeValue<'static> {
        MessageAttributeValue {
            data_type: Some(data_type.into()),
            string_value: None,
            binary_value: Some(value.into()),
        }
    }

    fn refusal(name: &str, value: MessageAttributeValue<'static>) -> String {
        let given = [(name.into(), value)];
        let error = read(&given).unwrap_err();
        assert_eq!(
            (error.kind.code, error.kind.status),
            ("ParameterValueInvalid", 400)
        );
        error.message.into_owned()
    }

    fn name_refusal(name: &str) -> String {
        refusal(name, text("String", "x"))
    }

    #[test]
    fn attributes_keep_their_order_type_and_value() {
        let given = [
            ("b".into(), text("String.Array", "[1,\"a\"]")),
            ("a-B_1.x".into(), text("Number", "99.12")),
            ("bin".into(), binary("Binary.gif", &[2, 3, 4])),
            ("odd".into(), text("String.  prefixed.", "ok")),
        ];
        let read = read(&given).unwrap();
        assert_eq!(read[0].data_type, "String.Array");
        assert_eq!(
            (read[1].name, read[1].value),
            ("a-B_1.x", Value::Text("99.12"))
        );
        assert_eq!(read[2].value, Value::Binary(&[2, 3, 4]));
        assert_eq!(read[3].name, "odd");
    }

    #[test]
    fn names_types_and_values_count() {
        let given = [
            ("ab".into(), text("String", "xyz")),
            ("c".into(), binary("Binary", &[1, 2])),
        ];
        assert_eq!(size(&given), 2 + 6 + 3 + 1 + 6 + 2);
        assert_eq!(size(&[]), 0);
    }

    #[test]
    fn an_attribute_has_a_value_that_is_not_empty() {
        for (data_type, value) in [
            ("String", text("String", "")),
            ("Binary", binary("Binary", &[])),
            (
                "String",
                MessageAttributeValue {
                    data_type: Some("String".into()),
                    ..MessageAttributeValue::default()
                },
            ),
        ] {
            assert_eq!(
                refusal("n", value),
                format!(
                    "The message attribute 'n' must contain non-empty message attribute value for message attribute \
                     type '{data_type}'."
                )
            );
        }
    }

    #[test]
    fn each_type_has_its_field() {
        for data_type in ["String", "Number"] {
            assert_eq!(
                refusal("n", binary(data_type, &[1])),
                format!(
                    "The message attribute 'n' with type '{data_type}' must use field 'String'."
                )
            );
        }
        assert_eq!(
            refusal("n", text("Binary", "AQ==")),
            "The message attribute 'n' with type 'Binary' must use field 'Binary'."
        );
    }

    #[test]
    fn types_are_string_number_and_binary_with_a_label_or_without() {
        for data_type in ["string", "String.", "Stringprefixed", "Integer", ""] {
            assert_eq!(
                refusal("n", text(data_type, "1")),
                "The message attribute 'n' has an invalid message attribute type, the set of supported type prefixes \
                 is Binary, Number, and String.",
                "{data_type}"
            );
        }
    }

    #[test]
    fn an_attribute_without_a_type_is_refused_first_of_all() {
        let given = [
            ("good".into(), text("String", "x")),
            ("attr1".into(), MessageAttributeValue::default()),
        ];
        let error = check_types(&given, "messageAttributes").unwrap_err();
        assert_eq!(error.kind.code, "ValidationError");
        assert_eq!(
            error.message,
            "1 validation error detected: Value null at 'messageAttributes.attr1.member.dataType' failed to satisfy \
             constraint: Member must not be null"
        );
        assert_eq!(check_types(&given[..1], "messageAttributes"), Ok(()));
    }

    #[test]
    fn numbers_are_decimal() {
        for number in [
            "0", "-1", "+1", "99.12", ".5", "5.", "1e3", "1E-3", "-1.5e+10",
        ] {
            assert!(is_number(number), "{number}");
        }
        for other in [
            "", "-", ".", "a", "1a", "0x1", "1e", "e1", "1.2.3", " 1", "NaN", "--1",
        ] {
            assert!(!is_number(other), "{other}");
        }
        assert_eq!(
            refusal("n", text("Number.int", "one")),
            "Could not cast message attribute 'n' value to number."
        );
    }

    #[test]
    fn names_are_letters_digits_hyphens_underscores_and_single_dots() {
        assert_eq!(
            name_refusal("a^b"),
            "Invalid non-alphanumeric character '#x5E' was found in the message attribute name. Can only include \
             alphanumeric characters, hyphens, underscores, or dots."
        );
        assert!(name_refusal("ø").contains("'#xF8'"));
        assert_eq!(
            name_refusal(".a"),
            "Invalid message attribute name starting with character '.' was found."
        );
        assert_eq!(
            name_refusal("a."),
            "Invalid message attribute name ending with character '.' was found."
        );
        assert_eq!(
            name_refusal("a..b"),
            "Message attribute name can not have successive '.' character."
        );
        let longest = "x".repeat(255);
        assert!(read(&[(longest.as_str().into(), text("String", "x"))]).is_ok());
        assert_eq!(
            name_refusal(&"x".repeat(256)),
            "Length of message attribute name must be less than 256 bytes."
        );
    }
}
