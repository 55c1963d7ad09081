//! Moments as SNS writes them, in UTC.

use domain::Time;

struct Civil {
    year: u64,
    month: u64,
    day: u64,
    hour: u64,
    minute: u64,
    second: u64,
    millis: u64,
}

/// `2012-05-02T00:54:06.655Z`
pub fn iso(time: Time) -> String {
    let at = civil(time);
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z",
        at.year, at.month, at.day, at.hour, at.minute, at.second, at.millis
    )
}

/// `2012-05-02 00:54:06.655`, as delivery status logs have it.
pub(crate) fn spaced(time: Time) -> String {
    iso(time).replace('T', " ").replace('Z', "")
}

/// `2012/05/02`
pub(crate) fn date(time: Time) -> String {
    let at = civil(time);
    format!("{:04}/{:02}/{:02}", at.year, at.month, at.day)
}

/// Counts in years that begin with March, in which the odd day of leap years comes last.
fn civil(time: Time) -> Civil {
    const DAY: u64 = 86_400_000;
    /// Days from 1 March of the year 0 to 1 January 1970, and in 400 years.
    const SHIFT: u64 = 719_468;
    const ERA: u64 = 146_097;
    let (days, in_day) = (time.millis() / DAY + SHIFT, time.millis() % DAY);
    let (era, in_era) = (days / ERA, days % ERA);
    let year_of_era = (in_era - in_era / 1460 + in_era / 36_524 - in_era / 146_096) / 365;
    let in_year = in_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * in_year + 2) / 153;
    let month = if month_from_march < 10 {
        month_from_march + 3
    } else {
        month_from_march - 9
    };
    Civil {
        year: era * 400 + year_of_era + u64::from(month <= 2),
        month,
        day: in_year - (153 * month_from_march + 2) / 5 + 1,
        hour: in_day / 3_600_000,
        minute: in_day / 60_000 % 60,
        second: in_day / 1000 % 60,
        millis: in_day % 1000,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_read_as_dates() {
        for (millis, text) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (1_335_920_046_655, "2012-05-02T00:54:06.655Z"),
            (951_782_399_999, "2000-02-28T23:59:59.999Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"),
            (951_868_800_000, "2000-03-01T00:00:00.000Z"),
            (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
            (1_798_761_599_000, "2026-12-31T23:59:59.000Z"),
        ] {
            assert_eq!(iso(Time::from_millis(millis)), text);
        }
        let time = Time::from_millis(1_582_473_171_904);
        assert_eq!(spaced(time), "2020-02-23 15:52:51.904");
        assert_eq!(date(time), "2020/02/23");
    }
}
