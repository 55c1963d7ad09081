//! Points in time as the protocols write them, in milliseconds since 1970.

use api::TimestampFormat;

const DAY: i64 = 86_400_000;
const WEEKDAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

pub(crate) fn format(millis: i64, format: TimestampFormat) -> String {
    let (days, in_day) = (millis.div_euclid(DAY), millis.rem_euclid(DAY));
    let (year, month, day) = civil(days);
    let (hour, minute, second) = (in_day / 3_600_000, in_day / 60_000 % 60, in_day / 1000 % 60);
    let fraction = match millis.rem_euclid(1000) {
        0 => String::new(),
        part => format!(".{part:03}"),
    };
    match format {
        TimestampFormat::EpochSeconds if fraction.is_empty() => (millis / 1000).to_string(),
        TimestampFormat::EpochSeconds => (millis as f64 / 1000.0).to_string(),
        TimestampFormat::ProtocolDefault | TimestampFormat::DateTime => {
            format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{fraction}Z")
        }
        TimestampFormat::HttpDate => {
            let weekday = WEEKDAYS[days.rem_euclid(7) as usize];
            let month = MONTHS[month as usize - 1];
            format!("{weekday}, {day:02} {month} {year:04} {hour:02}:{minute:02}:{second:02} GMT")
        }
    }
}

pub(crate) fn parse(text: &str, format: TimestampFormat) -> Option<i64> {
    match format {
        TimestampFormat::EpochSeconds => {
            let millis = (text.parse::<f64>().ok()? * 1000.0).round();
            (millis.abs() < 1e15).then_some(millis as i64)
        }
        TimestampFormat::ProtocolDefault | TimestampFormat::DateTime => parse_date_time(text),
        TimestampFormat::HttpDate => parse_http_date(text),
    }
}

/// `2014-04-29T18:30:38.123+01:00`, in which the fraction may be missing and the offset may be `Z`.
fn parse_date_time(text: &str) -> Option<i64> {
    let (date, time) = text.split_once(['T', 't'])?;
    let mut date = date.splitn(3, '-').map(number);
    let day = days(date.next()??, date.next()??, date.next()??)?;
    let offset_at = time.find(['Z', 'z', '+', '-'])?;
    let (time, offset) = time.split_at(offset_at);
    let (clock, fraction) = time.split_once('.').unwrap_or((time, ""));
    Some(day * DAY + parse_clock(clock)? + parse_fraction(fraction)? - parse_offset(offset)?)
}

/// `Tue, 29 Apr 2014 18:30:38 GMT`.
fn parse_http_date(text: &str) -> Option<i64> {
    let mut words = text.split_once(", ")?.1.split(' ');
    let day = number(words.next()?)?;
    let month = words.next()?;
    let month = MONTHS.iter().position(|name| *name == month)? as i64 + 1;
    let date = days(number(words.next()?)?, month, day)?;
    let clock = parse_clock(words.next()?)?;
    (words.next() == Some("GMT")).then_some(date * DAY + clock)
}

/// `18:30:38` in milliseconds.
fn parse_clock(text: &str) -> Option<i64> {
    let mut parts = text.splitn(3, ':').map(number);
    let (hour, minute, second) = (parts.next()??, parts.next()??, parts.next()??);
    let valid = hour < 24 && minute < 60 && second <= 60;
    valid.then_some(((hour * 60 + minute) * 60 + second) * 1000)
}

fn parse_fraction(text: &str) -> Option<i64> {
    let digits = text.get(..text.len().min(3))?;
    match digits.is_empty() {
        true => Some(0),
        false => Some(number(digits)? * 10_i64.pow(3 - digits.len() as u32)),
    }
}

/// `Z` or `+01:00` in milliseconds.
fn parse_offset(text: &str) -> Option<i64> {
    if text.eq_ignore_ascii_case("z") {
        return Some(0);
    }
    let sign = if text.starts_with('-') { -1 } else { 1 };
    let (hours, minutes) = text.get(1..)?.split_once(':')?;
    Some(sign * (number(hours)? * 60 + number(minutes)?) * 60_000)
}

/// Up to four digits.
fn number(text: &str) -> Option<i64> {
    let valid = (1..=4).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    valid.then(|| text.parse().ok()).flatten()
}

/// Days since 1970 of a date in the Gregorian calendar. Years begin in March, so that the leap day is their last.
fn days(year: i64, month: i64, day: i64) -> Option<i64> {
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let year = if month <= 2 { year - 1 } else { year };
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    Some(
        year * 365 + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + of_year
            - 719_468,
    )
}

/// The date of a day since 1970: the inverse of [`days`].
fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (year + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offset_is_taken_off() {
        for text in [
            "2019-12-16T22:48:18-01:00",
            "2019-12-17T00:48:18+01:00",
            "2019-12-16T23:48:18Z",
        ] {
            assert_eq!(
                parse(text, TimestampFormat::DateTime),
                Some(1_576_540_098_000),
                "{text}"
            );
        }
    }

    #[test]
    fn every_format_reads_what_it_writes() {
        let formats = [
            TimestampFormat::EpochSeconds,
            TimestampFormat::DateTime,
            TimestampFormat::HttpDate,
        ];
        for format_used in formats {
            for day in (-800_000..800_000).step_by(97) {
                let millis = day * DAY + 86_399_000;
                if (-62_135_596_800_000..253_402_300_800_000).contains(&millis) {
                    assert_eq!(
                        parse(&format(millis, format_used), format_used),
                        Some(millis)
                    );
                }
            }
        }
    }

    #[test]
    fn what_is_no_time_is_none() {
        for text in [
            "",
            "T",
            "2019-13-01T00:00:00Z",
            "2019-12-16T25:00:00Z",
            "2019-12-16T22:48:18",
            "x-y-zTa:b:cZ",
        ] {
            assert_eq!(parse(text, TimestampFormat::DateTime), None, "{text}");
        }
        assert_eq!(
            parse("Tue, 29 Foo 2014 18:30:38 GMT", TimestampFormat::HttpDate),
            None
        );
        assert_eq!(parse("NaN", TimestampFormat::EpochSeconds), None);
    }
}
