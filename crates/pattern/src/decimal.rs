//! Numbers by their value: `1`, `1.0` and `10e-1` are one number, and none is rounded to a binary fraction.
//!
//! Nineteen significant digits count, which holds every signed 64-bit integer; further ones are cut off.

use std::cmp::Ordering;

const DIGITS_MAX: u32 = 19;

/// Exponents of no meaning are held to this, so that arithmetic on them is safe.
const EXPONENT_MAX: i64 = 1_000_000_000;

/// `digits` times ten to the `exponent`; `digits` does not end in zero, and zero has only one form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Decimal {
    digits: u64,
    exponent: i32,
    negative: bool,
}

impl Decimal {
    /// JSON's form of a number, or what a Number attribute may have besides: a plus sign, a point at either end.
    pub(crate) fn parse(text: &str) -> Option<Decimal> {
        let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
        let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, parse_exponent(exponent)?),
            None => (unsigned, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let all = || whole.bytes().chain(fraction.bytes());
        if all().next().is_none() || !all().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let mut digits = 0;
        let mut kept = 0;
        for digit in all().map(|byte| u64::from(byte - b'0')) {
            if digits == 0 && digit == 0 {
                // Leading zeros have a place but no weight.
            } else if significant(digits) == DIGITS_MAX {
                break;
            } else {
                digits = digits * 10 + digit;
            }
            kept += 1;
        }
        let exponent = exponent + length(whole) - kept;
        Some(Decimal::normal(digits, exponent, text.starts_with('-')))
    }

    fn normal(mut digits: u64, mut exponent: i64, negative: bool) -> Decimal {
        if digits == 0 {
            return Decimal {
                digits,
                exponent: 0,
                negative: false,
            };
        }
        while digits.is_multiple_of(10) {
            digits /= 10;
            exponent += 1;
        }
        let exponent = i32::try_from(exponent.clamp(-EXPONENT_MAX, EXPONENT_MAX));
        Decimal {
            digits,
            exponent: exponent.expect("within the bounds of an exponent"),
            negative,
        }
    }

    fn magnitude(&self, other: &Decimal) -> Ordering {
        let point = |number: &Decimal| number.exponent + significant(number.digits).cast_signed();
        let by_point = (self.digits != 0, point(self)).cmp(&(other.digits != 0, point(other)));
        by_point.then_with(|| aligned(self.digits).cmp(&aligned(other.digits)))
    }
}

/// How many digits it is written with; none for zero.
fn significant(digits: u64) -> u32 {
    digits.checked_ilog10().map_or(0, |log| log + 1)
}

/// Filled up with zeros to the most digits there can be.
fn aligned(digits: u64) -> u128 {
    u128::from(digits) * 10_u128.pow(DIGITS_MAX - significant(digits))
}

fn length(digits: &str) -> i64 {
    i64::try_from(digits.len()).expect("a text in memory")
}

fn parse_exponent(text: &str) -> Option<i64> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let value = digits
        .parse::<i64>()
        .unwrap_or(EXPONENT_MAX)
        .min(EXPONENT_MAX);
    Some(if text.starts_with('-') { -value } else { value })
}

impl Ord for Decimal {
    fn cmp(&self, other: &Decimal) -> Ordering {
        match (self.negative, other.negative) {
            (false, false) => self.magnitude(other),
            (true, true) => other.magnitude(self),
            (false, true) => Ordering::Greater,
            (true, false) => Ordering::Less,
        }
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Decimal) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn decimal(text: &str) -> Decimal {
        Decimal::parse(text).unwrap()
    }

    #[test]
    fn one_value_is_one_number_however_it_is_written() {
        for same in [
            ["300", "300.0", "3.0e2"],
            ["0", "-0", "0.000e17"],
            ["-0.5", "-.5", "-5E-1"],
            [
                "9223372036854775807",
                "+9223372036854775807.",
                "922337203685477580.7e1",
            ],
            ["1e400", "10e399", "0.1e401"],
        ] {
            for text in same {
                assert_eq!(decimal(text), decimal(same[0]), "{text}");
            }
        }
    }

    #[test]
    fn numbers_are_in_order() {
        let rising = [
            "-1e99999999999",
            "-1e30",
            "-20",
            "-19.999",
            "-1",
            "-1e-9",
            "0",
            "1e-400",
            "0.001",
            "0.0011",
            "1",
            "1.0000000000000001",
            "9007199254740992",
            "9007199254740993",
            "123456789012345678901",
            "1e22",
            "1e400",
        ];
        for pair in rising.windows(2) {
            assert!(decimal(pair[0]) < decimal(pair[1]), "{pair:?}");
        }
    }

    #[test]
    fn what_is_no_number_is_none() {
        for text in [
            "", "-", ".", "e5", "1e", "1e+", "1.2.3", "0x10", "NaN", "1 ", "١",
        ] {
            assert_eq!(Decimal::parse(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn integers_compare_as_integers(a in any::<i64>(), b in any::<i64>()) {
            prop_assert_eq!(decimal(&a.to_string()).cmp(&decimal(&b.to_string())), a.cmp(&b));
        }

        #[test]
        fn small_decimals_compare_as_doubles(a in -1e6..1e6, b in -1e6..1e6) {
            prop_assert_eq!(decimal(&f64::to_string(&a)).cmp(&decimal(&f64::to_string(&b))), f64::total_cmp(&a, &b));
        }
    }
}
