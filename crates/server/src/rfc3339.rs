//! Points in time as RFC 3339 texts, read to milliseconds since 1970.

/// `2026-11-25T10:00:00Z`, with a fraction or an offset as the RFC allows. Years 1970 to 9999; digits beyond the
/// millisecond are dropped; a leap second counts as the second before it.
pub(crate) fn parse(text: &str) -> Option<u64> {
    let bytes = text.as_bytes();
    let shape = |at: usize, wanted: &[u8]| bytes.get(at).is_some_and(|byte| wanted.contains(byte));
    if !(shape(4, b"-")
        && shape(7, b"-")
        && shape(10, b"Tt ")
        && shape(13, b":")
        && shape(16, b":"))
    {
        return None;
    }
    let year = number(bytes, 0, 4)?;
    let month = number(bytes, 5, 2)?;
    let day = number(bytes, 8, 2)?;
    let hour = number(bytes, 11, 2)?;
    let minute = number(bytes, 14, 2)?;
    let second = number(bytes, 17, 2)?;
    let legal = year >= 1970
        && (1..=12).contains(&month)
        && (1..=days_of(year, month)).contains(&day)
        && hour < 24
        && minute < 60
        && second <= 60;
    if !legal {
        return None;
    }
    let (fraction, zone) = fraction(&bytes[19..])?;
    let seconds =
        days_since_1970(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second.min(59);
    let millis = seconds * 1000 + fraction - offset_minutes(zone)? * 60_000;
    u64::try_from(millis).ok()
}

fn number(bytes: &[u8], at: usize, len: usize) -> Option<i64> {
    let digits = bytes.get(at..at + len)?;
    digits.iter().try_fold(0, |sum, &byte| {
        byte.is_ascii_digit()
            .then(|| sum * 10 + i64::from(byte - b'0'))
    })
}

/// Milliseconds of the fraction, if there is one, and what stands behind it.
fn fraction(rest: &[u8]) -> Option<(i64, &[u8])> {
    let Some(digits) = rest.strip_prefix(b".") else {
        return Some((0, rest));
    };
    let len = digits
        .iter()
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    if len == 0 {
        return None;
    }
    let digit = |n: usize| {
        if n < len {
            i64::from(digits[n] - b'0')
        } else {
            0
        }
    };
    Some((digit(0) * 100 + digit(1) * 10 + digit(2), &digits[len..]))
}

fn offset_minutes(zone: &[u8]) -> Option<i64> {
    let sign = match zone {
        b"Z" | b"z" => return Some(0),
        [b'+', _, _, b':', _, _] => 1,
        [b'-', _, _, b':', _, _] => -1,
        _ => return None,
    };
    let (hours, minutes) = (number(zone, 1, 2)?, number(zone, 4, 2)?);
    (hours < 24 && minutes < 60).then_some(sign * (hours * 60 + minutes))
}

fn days_of(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Counts years from March, so that the leap day is the last of its year.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let (year, month) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let leap_days = year / 4 - year / 100 + year / 400;
    year * 365 + leap_days + (month * 153 + 2) / 5 + day - 1 - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_read_to_the_millisecond() {
        assert_eq!(parse("1970-01-01T00:00:00Z"), Some(0));
        assert_eq!(parse("2000-02-29T12:34:56.789Z"), Some(951_827_696_789));
        assert_eq!(parse("2026-11-25T10:00:00.5Z"), Some(1_795_600_800_500));
        assert_eq!(
            parse("2026-11-25 10:00:00.1239999Z"),
            Some(1_795_600_800_123)
        );
        assert_eq!(parse("9999-12-31T23:59:60Z"), Some(253_402_300_799_000));
    }

    #[test]
    fn an_offset_is_taken_off() {
        assert_eq!(
            parse("2026-11-25T11:30:00+01:30"),
            parse("2026-11-25T10:00:00Z")
        );
        assert_eq!(
            parse("2026-11-25T05:00:00-05:00"),
            parse("2026-11-25T10:00:00Z")
        );
    }

    #[test]
    fn what_is_no_moment_is_refused() {
        let wrong = [
            "",
            "now",
            "2026-11-25",
            "2026-11-25T10:00:00",
            "2026-13-01T00:00:00Z",
            "2026-02-29T00:00:00Z",
            "2026-11-25T24:00:00Z",
            "2026-11-25T10:00:00.Z",
            "2026-11-25T10:00:00+1:00",
            "1969-12-31T23:59:59Z",
            "2026-11-25T10:00:0éZ",
        ];
        for text in wrong {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
