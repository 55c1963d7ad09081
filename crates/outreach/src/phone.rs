//! Phone numbers, by the forms that AWS checks in different places.

use api::Error;

use crate::error::{Breaches, invalid};

/// What the opt-out operations take.
pub(crate) fn check_opt_out_form(number: &str) -> Result<(), Error> {
    if is_e164(number) {
        Ok(())
    } else {
        Err(invalid("PhoneNumber", "input incorrectly formatted"))
    }
}

/// The number of a Publish.
pub fn check_publish_number(number: &str) -> Result<(), Error> {
    if is_e164(number) {
        Ok(())
    } else {
        Err(invalid(
            "PhoneNumber",
            format_args!("{number} is not valid to publish to"),
        ))
    }
}

/// E.164, with or without its plus: a country code that does not begin with 0, and 15 digits at most.
fn is_e164(number: &str) -> bool {
    let digits = number.strip_prefix('+').unwrap_or(number).as_bytes();
    (2..=15).contains(&digits.len()) && digits[0] != b'0' && digits.iter().all(u8::is_ascii_digit)
}

/// The model's constraints on the numbers of the sandbox.
pub(crate) fn check_sandbox_form(number: &str, breaches: &mut Breaches) {
    let legal = match number.strip_prefix('+') {
        Some(digits) => digits.len() >= 8 && digits.bytes().all(|b| b.is_ascii_digit()),
        None => number.len() <= 9 && number.bytes().all(|b| b.is_ascii_digit()),
    };
    breaches.check(
        number.chars().count() <= 20,
        "phoneNumber",
        None,
        "Member must have length less than or equal to 20",
    );
    breaches.check(
        legal,
        "phoneNumber",
        None,
        r"Member must satisfy regular expression pattern: ^(\+[0-9]{8,}|[0-9]{0,9})$",
    );
}

/// A subscription's endpoint may hold separators; what it is sent to, and looked up by, is `+` and digits.
pub(crate) fn bare(number: &str) -> String {
    let digits = number.chars().filter(char::is_ascii_digit);
    std::iter::once('+').chain(digits).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_a_publish_are_e164() {
        for number in ["+491701234567", "491701234567", "+12", "+123456789012345"] {
            assert_eq!(check_publish_number(number), Ok(()));
        }
        for number in ["", "+", "+1", "+0170", "+49a", "+1234567890123456"] {
            assert_eq!(
                check_publish_number(number).unwrap_err().message,
                format!(
                    "Invalid parameter: PhoneNumber Reason: {number} is not valid to publish to"
                )
            );
        }
    }

    #[test]
    fn the_opt_out_operations_do_without_the_plus() {
        for number in ["+491701234567", "491701234567"] {
            assert_eq!(check_opt_out_form(number), Ok(()));
        }
        for number in ["+44DEADBEEF", "", "+", "0123"] {
            assert_eq!(
                check_opt_out_form(number).unwrap_err().message,
                "Invalid parameter: PhoneNumber Reason: input incorrectly formatted"
            );
        }
    }

    #[test]
    fn numbers_of_the_sandbox_follow_the_models_pattern() {
        let refused = |number: &str| {
            let mut breaches = Breaches::default();
            check_sandbox_form(number, &mut breaches);
            breaches.refuse().is_err()
        };
        for number in ["+12345678", "", "123456789"] {
            assert!(!refused(number), "{number}");
        }
        for number in [
            "+1234567",
            "1234567890",
            "+1234567x",
            "+12345678901234567890",
        ] {
            assert!(refused(number), "{number}");
        }
    }

    #[test]
    fn separators_do_not_make_another_number() {
        assert_eq!(bare("+12/34-567.890"), "+1234567890");
        assert_eq!(bare("1234567890"), "+1234567890");
    }
}
