//! Message attributes: what is accepted, and their MD5.
//!
//! Spec sections 2.4 and 2.5;
//! <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html>.

use api::Str;
use api::sqs::{MessageAttributeValue, MessageSystemAttributeValue};
use md5::{Digest as _, Md5};

use crate::characters;
use crate::error::{Error, INVALID_CHARACTERS};
use crate::limits;
use crate::message::{Attribute, Value};

/// The one system attribute a sender may set.
const TRACE_HEADER: &str = "AWSTraceHeader";

/// What a message's attributes add to its size: names, types and values, in bytes.
pub(crate) fn size(given: &[(Str<'_>, MessageAttributeValue<'_>)]) -> usize {
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

/// The attributes of a request, sorted by name, or the first rule that one of them breaks.
pub(crate) fn read<'a>(
    given: &'a [(Str<'a>, MessageAttributeValue<'a>)],
) -> Result<Vec<Attribute<'a>>, Error> {
    if given.len() > limits::MESSAGE_ATTRIBUTES_MAX {
        return Err(invalid(format!(
            "Number of message attributes [{}] exceeds the allowed maximum [10].",
            given.len()
        )));
    }
    let mut attributes = Vec::with_capacity(given.len());
    for (name, value) in given {
        check_name(name)?;
        attributes.push(Attribute {
            name,
            data_type: data_type(name, value)?,
            value: read_value(name, value)?,
        });
    }
    attributes.sort_unstable_by_key(|attribute| attribute.name);
    Ok(attributes)
}

/// The trace header among the system attributes of a request, which may hold nothing else.
pub(crate) fn read_system<'a>(
    given: &'a [(Str<'a>, MessageSystemAttributeValue<'a>)],
) -> Result<Option<Attribute<'a>>, Error> {
    let mut trace = None;
    for (name, value) in given {
        if name != TRACE_HEADER {
            return Err(invalid(format!(
                "Message system attribute name '{name}' is invalid. Only AWSTraceHeader is supported."
            )));
        }
        if value.data_type.as_deref() != Some("String") {
            return Err(invalid(
                "The type of message system attribute 'AWSTraceHeader' is invalid. You must use only the \
                 following supported type prefixes: String.",
            ));
        }
        let header = value
            .string_value
            .as_deref()
            .filter(|text| !text.is_empty());
        let header = header.ok_or_else(|| {
            invalid("Message system attribute 'AWSTraceHeader' must contain a non-empty value of type 'String'.")
        })?;
        check_text(header)?;
        trace = Some(Attribute {
            name: TRACE_HEADER,
            data_type: "String",
            value: Value::Text(header),
        });
    }
    Ok(trace)
}

fn check_name(name: &str) -> Result<(), Error> {
    if name.len() >= limits::ATTRIBUTE_NAME_BYTES {
        return Err(invalid(
            "Message (user) attribute names must be shorter than 256 Bytes",
        ));
    }
    // AWS documents the ASCII part only; Latin letters such as ø were seen to pass.
    let legal =
        |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '\u{C0}'..='\u{17F}');
    if name.is_empty() || !name.chars().all(legal) {
        return Err(invalid(
            "Message (user) attributes name can only contain upper and lower score characters, digits, \
             periods, hyphens and underscores. ",
        ));
    }
    if has_reserved_prefix(name) || name.starts_with('.') || name.ends_with('.') {
        return Err(invalid(
            "You can't use message attribute names beginning with 'AWS.' or 'Amazon.'. These strings are \
             reserved for internal use. Additionally, they cannot start or end with '.'.",
        ));
    }
    if name.contains("..") {
        return Err(invalid(
            "Message (user) attribute names cannot contain successive '.' characters.",
        ));
    }
    Ok(())
}

fn has_reserved_prefix(name: &str) -> bool {
    let starts = |prefix: &str| {
        name.get(..prefix.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(prefix))
    };
    starts("AWS.") || starts("Amazon.")
}

fn data_type<'a>(name: &str, value: &'a MessageAttributeValue<'_>) -> Result<&'a str, Error> {
    let given = value.data_type.as_deref().unwrap_or_default();
    if given.is_empty() {
        return Err(invalid(format!(
            "The message attribute '{name}' must contain a non-empty message attribute type."
        )));
    }
    if given.len() >= limits::ATTRIBUTE_NAME_BYTES {
        return Err(invalid(
            "Message (user) attribute types must be shorter than 256 Bytes",
        ));
    }
    Ok(given)
}

/// `Number` of `Number.int`.
fn base_type(data_type: &str) -> &str {
    data_type
        .split_once('.')
        .map_or(data_type, |(base, _)| base)
}

fn read_value<'a>(name: &str, value: &'a MessageAttributeValue<'_>) -> Result<Value<'a>, Error> {
    let lists = [
        value
            .string_list_values
            .as_ref()
            .is_some_and(|list| !list.is_empty()),
        value
            .binary_list_values
            .as_ref()
            .is_some_and(|list| !list.is_empty()),
    ];
    if lists.contains(&true) {
        return Err(invalid(
            "Message attribute list values in SendMessage operation are not supported.",
        ));
    }
    if value.string_value.is_some() && value.binary_value.is_some() {
        return Err(invalid(format!(
            "Message (user) attribute '{name}' must contain exactly one value."
        )));
    }
    let text = value
        .string_value
        .as_deref()
        .filter(|text| !text.is_empty());
    let bytes = value
        .binary_value
        .as_deref()
        .filter(|bytes| !bytes.is_empty());
    match base_type(value.data_type.as_deref().unwrap_or_default()) {
        "String" => {
            let text = text.ok_or_else(|| no_value(name, "String"))?;
            check_text(text)?;
            Ok(Value::Text(text))
        }
        "Number" => {
            let text = text.ok_or_else(|| no_value(name, "String"))?;
            if !is_number(text) {
                return Err(invalid(format!(
                    "Can't cast the value of message (user) attribute '{name}' to a number."
                )));
            }
            Ok(Value::Text(text))
        }
        "Binary" => Ok(Value::Binary(
            bytes.ok_or_else(|| no_value(name, "Binary"))?,
        )),
        _ => Err(invalid(format!(
            "The type of message (user) attribute '{name}' is invalid. You must use only the following \
             supported type prefixes: Binary, Number, String."
        ))),
    }
}

fn no_value(name: &str, of: &str) -> Error {
    invalid(format!(
        "Message (user) attribute '{name}' must contain a non-empty value of type '{of}'."
    ))
}

fn check_text(text: &str) -> Result<(), Error> {
    if characters::are_legal(text) {
        Ok(())
    } else {
        Err(invalid(INVALID_CHARACTERS))
    }
}

fn invalid(text: impl Into<Str<'static>>) -> Error {
    Error::InvalidParameterValue(text.into())
}

/// A decimal number of at most 38 significant digits and a magnitude between 10^-128 and 10^126.
fn is_number(text: &str) -> bool {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent),
        None => (unsigned, "0"),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = || whole.bytes().chain(fraction.bytes());
    let Ok(exponent) = exponent.parse::<i32>() else {
        return false;
    };
    if digits().next().is_none() || !digits().all(|digit| digit.is_ascii_digit()) {
        return false;
    }
    let Some(first) = digits().position(|digit| digit != b'0') else {
        return true;
    };
    let significant = digits().skip(first).collect::<Vec<_>>();
    let trailing = significant
        .iter()
        .rev()
        .take_while(|&&digit| digit == b'0')
        .count();
    // The first digit that counts stands for 10^magnitude.
    let magnitude = whole.len() as i64 - 1 - first as i64 + i64::from(exponent);
    significant.len() - trailing <= limits::NUMBER_DIGITS_MAX
        && limits::NUMBER_EXPONENT.contains(&magnitude)
}

/// The MD5 that SDKs compare with their own; absent without attributes.
///
/// Over each attribute, sorted by name: length and text of the name, length and text of the type, a byte for the
/// kind of value (1 text, 2 binary), length and bytes of the value. Lengths are big-endian in four bytes.
pub(crate) fn md5<'a>(sorted: impl IntoIterator<Item = &'a Attribute<'a>>) -> Option<[u8; 16]> {
    let mut sorted = sorted.into_iter().peekable();
    sorted.peek()?;
    let mut digest = Md5::new();
    for attribute in sorted {
        update(&mut digest, attribute.name.as_bytes());
        update(&mut digest, attribute.data_type.as_bytes());
        match attribute.value {
            Value::Text(text) => {
                digest.update([1]);
                update(&mut digest, text.as_bytes());
            }
            Value::Binary(bytes) => {
                digest.update([2]);
                update(&mut digest, bytes);
            }
        }
    }
    Some(digest.finalize().into())
}

fn update(digest: &mut Md5, run: &[u8]) {
    let length = u32::try_from(run.len()).expect("a message is at most 1 MiB");
    digest.update(length.to_be_bytes());
    digest.update(run);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest::hex;

    fn text(data_type: &'static str, value: &'static str) -> MessageAttributeValue<'static> {
        MessageAttributeValue {
            data_type: Some(data_type.into()),
            string_value: Some(value.into()),
            ..MessageAttributeValue::default()
        }
    }

    fn binary(value: &'static [u8]) -> MessageAttributeValue<'static> {
        MessageAttributeValue {
            data_type: Some("Binary".into()),
            binary_value: Some(value.into()),
            ..MessageAttributeValue::default()
        }
    }

    fn given(
        list: Vec<(&'static str, MessageAttributeValue<'static>)>,
    ) -> Vec<(Str<'static>, MessageAttributeValue<'static>)> {
        list.into_iter()
            .map(|(name, value)| (name.into(), value))
            .collect()
    }

    fn md5_of(list: Vec<(&'static str, MessageAttributeValue<'static>)>) -> String {
        hex(&md5(&read(&given(list)).unwrap()).unwrap())
    }

    fn refusal(name: &'static str, value: MessageAttributeValue<'static>) -> String {
        let error = read(&given(vec![(name, value)])).unwrap_err();
        assert!(matches!(error, Error::InvalidParameterValue(_)), "{error}");
        error.message().into_owned()
    }

    #[test]
    fn the_md5_is_the_one_that_aws_reports() {
        let number = |value| text("Number", value);
        let string = |value| text("String", value);
        assert_eq!(
            md5_of(vec![("timestamp", number("1493147359900"))]),
            "235c5c510d26fb653d073faed50ae77c"
        );
        assert_eq!(
            md5_of(vec![("k", string("x"))]),
            "a45daa70926828a2f0a1db3418e6feb4"
        );
        assert_eq!(
            md5_of(vec![("attr1", number("99.12"))]),
            "d302007e9aa062660afc85fd0a482472"
        );
        assert_eq!(
            md5_of(vec![
                ("attr2", number("109.12")),
                ("attr1", number("99.12"))
            ]),
            "9b720b3af309c1c4b0d395c53b08c502"
        );
        assert_eq!(
            md5_of(vec![(
                "attr1",
                binary(b"traceparent\x1e00-774062d6c37081a5a0b9b5b88e30627c-2d2482211f6489da-01")
            )]),
            "8cbe4db156db8a94db8b801b7addb984"
        );
        assert_eq!(
            md5_of(vec![
                ("Help.Me", string("Me")),
                ("Hello", string("There")),
                ("General", string("Kenobi"))
            ]),
            "4c360f3fdafd970e05fae2f149d997f5"
        );
        assert_eq!(
            md5_of(vec![("Hello", string("There")), ("Help.Me", string("Me"))]),
            "83fee93c1bcd8b9a5a923ffacdc636c7"
        );
        assert_eq!(
            md5_of(vec![("Hello", string("There"))]),
            "a311262e065454b75da111d535b8dacd"
        );
        assert_eq!(md5(&[]), None);
    }

    #[test]
    fn the_md5_of_the_trace_header_is_the_one_that_aws_reports() {
        let header = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1";
        let value = MessageSystemAttributeValue {
            data_type: Some("String".into()),
            string_value: Some(header.into()),
            ..MessageSystemAttributeValue::default()
        };
        let given = [("AWSTraceHeader".into(), value)];
        let trace = read_system(&given).unwrap();
        assert_eq!(
            hex(&md5(&trace).unwrap()),
            "5ae4d5d7636402d80f4eb6d213245a88"
        );
    }

    #[test]
    fn the_trace_header_is_the_only_system_attribute() {
        let value = |data_type: &'static str| MessageSystemAttributeValue {
            data_type: Some(data_type.into()),
            string_value: Some("Root=1".into()),
            ..MessageSystemAttributeValue::default()
        };
        for (name, data_type) in [("SenderId", "String"), ("AWSTraceHeader", "Number")] {
            let given = [(name.into(), value(data_type))];
            assert!(matches!(
                read_system(&given),
                Err(Error::InvalidParameterValue(_))
            ));
        }
    }

    #[test]
    fn a_message_has_at_most_10_attributes() {
        let names = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k"];
        let list = names.map(|name| (name, text("String", "x")));
        assert_eq!(read(&given(list[..10].to_vec())).unwrap().len(), 10);
        assert_eq!(
            read(&given(list.to_vec())).unwrap_err().message(),
            "Number of message attributes [11] exceeds the allowed maximum [10]."
        );
    }

    #[test]
    fn names_are_letters_digits_periods_hyphens_and_underscores() {
        for legal in ["a", "Ab0_-.x", "øßä", "AWSome", "x.AWS."] {
            let legal = legal.trim_end_matches('.').to_owned().leak();
            assert!(
                read(&given(vec![(legal, text("String", "x"))])).is_ok(),
                "{legal}"
            );
        }
        for illegal in ["", "a b", "a!", "a\"", "a§", "a(", "a?"] {
            assert_eq!(
                refusal(illegal, text("String", "x")),
                "Message (user) attributes name can only contain upper and lower score characters, digits, \
                 periods, hyphens and underscores. "
            );
        }
        for reserved in ["AWS.x", "aws.x", "Amazon.x", "AMAZON.", ".x", "x."] {
            assert_eq!(
                refusal(reserved, text("String", "x")),
                "You can't use message attribute names beginning with 'AWS.' or 'Amazon.'. These strings are \
                 reserved for internal use. Additionally, they cannot start or end with '.'."
            );
        }
        assert!(refusal("a..b", text("String", "x")).ends_with("successive '.' characters."));
        assert_eq!(
            refusal("x".repeat(256).leak(), text("String", "x")),
            "Message (user) attribute names must be shorter than 256 Bytes"
        );
        assert!(read(&given(vec![("x".repeat(255).leak(), text("String", "x"))])).is_ok());
    }

    #[test]
    fn types_are_string_number_or_binary_with_any_label() {
        assert!(
            read(&given(vec![
                ("n", text("Number.int", "1")),
                ("s", text("String.é", "1"))
            ]))
            .is_ok()
        );
        for wrong in ["string", "Float", "Stringy", ".String"] {
            assert_eq!(
                refusal("n", text(wrong, "1")),
                "The type of message (user) attribute 'n' is invalid. You must use only the following supported \
                 type prefixes: Binary, Number, String."
            );
        }
        assert_eq!(
            refusal("n", text("", "1")),
            "The message attribute 'n' must contain a non-empty message attribute type."
        );
        let long = format!("String.{}", "x".repeat(249)).leak();
        assert_eq!(
            refusal("n", text(long, "1")),
            "Message (user) attribute types must be shorter than 256 Bytes"
        );
    }

    #[test]
    fn an_attribute_has_exactly_the_value_of_its_type() {
        for value in [
            text("String", ""),
            MessageAttributeValue {
                data_type: Some("String".into()),
                ..binary(b"x")
            },
        ] {
            assert_eq!(
                refusal("n", value),
                "Message (user) attribute 'n' must contain a non-empty value of type 'String'."
            );
        }
        assert_eq!(
            refusal("n", text("Binary", "x")),
            "Message (user) attribute 'n' must contain a non-empty value of type 'Binary'."
        );
        let both = MessageAttributeValue {
            binary_value: Some(b"x".into()),
            ..text("String", "x")
        };
        refusal("n", both);
        let list = MessageAttributeValue {
            string_list_values: Some(vec!["x".into()]),
            ..text("String", "x")
        };
        assert_eq!(
            refusal("n", list),
            "Message attribute list values in SendMessage operation are not supported."
        );
        assert_eq!(refusal("n", text("String", "\u{1}")), INVALID_CHARACTERS);
    }

    #[test]
    fn numbers_have_38_digits_and_magnitudes_of_a_decimal() {
        let nines = "9".repeat(38);
        let zeros = format!("1{}", "0".repeat(126));
        for legal in [
            "0", "-1", "+1.5", ".5", "5.", "1e5", "1E-128", "99.12", "000", &nines, &zeros,
        ] {
            assert!(is_number(legal), "{legal}");
        }
        let too_many = "9".repeat(39);
        let too_large = format!("1{}", "0".repeat(127));
        for illegal in [
            "",
            ".",
            "-",
            "a",
            "1 ",
            "1e",
            "0x1",
            "1e127",
            "1e-129",
            "--1",
            "1e99999999999",
            &too_many,
            &too_large,
        ] {
            assert!(!is_number(illegal), "{illegal}");
        }
        assert_eq!(
            refusal("n", text("Number", "x")),
            "Can't cast the value of message (user) attribute 'n' to a number."
        );
    }

    #[test]
    fn the_size_counts_names_types_and_values() {
        assert_eq!(
            size(&given(vec![
                ("ab", text("String", "cde")),
                ("f", binary(b"gh"))
            ])),
            11 + 9
        );
    }
}
