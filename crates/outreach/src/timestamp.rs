//! Moments as AWS writes them, and the calendar month that SMS spending is counted by.

use domain::Time;

struct Civil {
    year: u64,
    month: u64,
    day: u64,
}

/// Days since 1970 to a date of the Gregorian calendar: years begin in March here, so that the leap day is the last.
fn civil(time: Time) -> Civil {
    let days = time.millis() / 86_400_000 + 719_468;
    let era = days / 146_097;
    let day_of_era = days % 146_097;
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let month = (shifted_month + 2) % 12 + 1;
    Civil {
        year: era * 400 + year_of_era + u64::from(month <= 2),
        month,
        day: day_of_year - (153 * shifted_month + 2) / 5 + 1,
    }
}

/// `2012-05-02T00:54:06.655Z`.
pub(crate) fn iso(time: Time) -> String {
    let (date, clock) = (date(time), clock(time));
    format!("{date}T{clock}.{:03}Z", time.millis() % 1000)
}

/// `2016-06-28 00:40:34.558`, as delivery status logs have it.
pub(crate) fn spaced(time: Time) -> String {
    let (date, clock) = (date(time), clock(time));
    format!("{date} {clock}.{:03}", time.millis() % 1000)
}

/// `2012-05-02T00:54:06`, as the listing of sent mails has it.
pub(crate) fn seconds(time: Time) -> String {
    format!("{}T{}", date(time), clock(time))
}

/// Months since the year 0.
pub(crate) fn month(time: Time) -> u32 {
    let Civil { year, month, .. } = civil(time);
    u32::try_from(year * 12 + month - 1).unwrap_or(u32::MAX)
}

fn date(time: Time) -> String {
    let Civil { year, month, day } = civil(time);
    format!("{year:04}-{month:02}-{day:02}")
}

fn clock(time: Time) -> String {
    let seconds = time.seconds();
    let (hour, minute) = (seconds / 3600 % 24, seconds / 60 % 60);
    format!("{hour:02}:{minute:02}:{:02}", seconds % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_read_as_the_calendar_has_them() {
        for (millis, text) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (951_782_399_999, "2000-02-28T23:59:59.999Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"),
            (951_868_800_000, "2000-03-01T00:00:00.000Z"),
            (1_335_920_046_655, "2012-05-02T00:54:06.655Z"),
            (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
        ] {
            assert_eq!(iso(Time::from_millis(millis)), text);
        }
        let time = Time::from_millis(1_335_920_046_655);
        assert_eq!(spaced(time), "2012-05-02 00:54:06.655");
        assert_eq!(seconds(time), "2012-05-02T00:54:06");
    }

    #[test]
    fn a_month_ends_at_midnight_of_its_last_day() {
        let new_year = 1_704_067_200_000;
        let december = month(Time::from_millis(new_year - 1));
        assert_eq!(month(Time::from_millis(new_year)), december + 1);
        assert_eq!(december, 2023 * 12 + 11);
    }
}
