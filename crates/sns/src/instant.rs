//! Reads moments as SNS writes them: `2025-01-31T08:00:00.000Z`.

use domain::Time;

/// Reads a moment in UTC, with or without a fraction of a second, from 1970 to 9999.
pub(crate) fn parse(text: &str) -> Option<Time> {
    let text = text.strip_suffix('Z')?;
    let (date, time) = text.split_once('T')?;
    let (time, fraction) = time.split_once('.').unwrap_or((time, "0"));
    let [year, month, day] = numbers(date, '-', [4, 2, 2])?;
    let [hours, minutes, seconds] = numbers(time, ':', [2, 2, 2])?;
    let legal = (1970..=9999).contains(&year)
        && (1..=12).contains(&month)
        && (1..=days_of_month(year, month)).contains(&day)
        && hours < 24
        && minutes < 60
        && seconds < 60;
    if !legal {
        return None;
    }
    let seconds = days(year, month, day) * 86_400 + hours * 3600 + minutes * 60 + seconds;
    Some(Time::from_seconds(seconds).after_millis(millis(fraction)?))
}

fn numbers(text: &str, between: char, digits: [usize; 3]) -> Option<[u64; 3]> {
    let parts: Vec<&str> = text.split(between).collect();
    let parts: [&str; 3] = parts.try_into().ok()?;
    let mut numbers = [0; 3];
    for ((number, part), digits) in numbers.iter_mut().zip(parts).zip(digits) {
        *number = digits_only(part)
            .filter(|_| part.len() == digits)?
            .parse()
            .ok()?;
    }
    Some(numbers)
}

/// The first three digits after the point.
fn millis(fraction: &str) -> Option<u64> {
    let digits = digits_only(fraction).filter(|digits| digits.len() <= 9)?;
    format!("{digits:0<3}")[..3].parse().ok()
}

fn digits_only(text: &str) -> Option<&str> {
    let all = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    all.then_some(text)
}

/// Days from 1970-01-01, counted in eras of 400 years that begin in March:
/// <https://howardhinnant.github.io/date_algorithms.html>.
fn days(year: u64, month: u64, day: u64) -> u64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, year) = (year / 400, year % 400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year * 365 + year / 4 - year / 100 + day_of_year - 719_468
}

fn days_of_month(year: u64, month: u64) -> u64 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => {
            29
        }
        2 => 28,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::envelope::iso;
    use proptest::prelude::*;

    #[test]
    fn moments_are_those_of_the_calendar() {
        for (millis, written) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"),
            (1_738_310_400_000, "2025-01-31T08:00:00.000Z"),
            (1_330_088_646_655, "2012-02-24T13:04:06.655Z"),
            (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
        ] {
            assert_eq!(parse(written), Some(Time::from_millis(millis)));
        }
    }

    #[test]
    fn a_fraction_is_optional_and_cut_to_milliseconds() {
        let whole = parse("2025-01-31T08:00:00Z").unwrap();
        assert_eq!(
            parse("2025-01-31T08:00:00.1Z"),
            Some(whole.after_millis(100))
        );
        assert_eq!(
            parse("2025-01-31T08:00:00.123456789Z"),
            Some(whole.after_millis(123))
        );
    }

    #[test]
    fn what_no_calendar_has_is_no_moment() {
        for text in [
            "",
            "2025-01-31",
            "2025-01-31T08:00:00",
            "2025-13-01T08:00:00Z",
            "2025-02-29T08:00:00Z",
            "2025-04-31T08:00:00Z",
            "2025-01-31T24:00:00Z",
            "2025-01-31T08:60:00Z",
            "1969-12-31T23:59:59Z",
            "2025-1-31T08:00:00Z",
            "2025-01-31T08:00:00.Z",
            "2025-01-31T08:00:00+01:00",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(millis in 0..253_402_300_800_000u64) {
            let time = Time::from_millis(millis);
            prop_assert_eq!(parse(&iso(time)), Some(time));
        }
    }
}
