//! Where an event stands in the order of reading: by timestamp, and of equal ones by arrival.

use domain::Time;

/// A boundary in the order: between the events before it and the first one at or behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Position {
    pub(crate) timestamp: Time,
    /// An event's number in its group; rises with arrival.
    pub(crate) id: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Direction {
    Forward,
    Backward,
}

/// Digits of a position's text, and of those the digits for the number.
const DIGITS: usize = 56;
const ID_DIGITS: usize = 36;

impl Position {
    pub(crate) const START: Position = Position {
        timestamp: Time::ZERO,
        id: 0,
    };

    /// Behind every event: timestamps come as signed numbers.
    pub(crate) const END: Position = Position {
        timestamp: Time::from_millis(i64::MAX as u64),
        id: u64::MAX,
    };

    /// In front of all events of this time.
    pub(crate) const fn at(timestamp: Time) -> Position {
        Position { timestamp, id: 0 }
    }

    /// Right behind the event that stands here.
    pub(crate) const fn behind(self) -> Position {
        Position {
            timestamp: self.timestamp,
            id: self.id.saturating_add(1),
        }
    }

    /// 56 decimal digits, as AWS's event ids and tokens have them. Sorts as positions do.
    pub(crate) fn digits(self) -> String {
        let time_digits = DIGITS - ID_DIGITS - 1;
        format!(
            "3{:0time_digits$}{:0ID_DIGITS$}",
            self.timestamp.millis(),
            self.id
        )
    }

    pub(crate) fn from_digits(text: &str) -> Option<Position> {
        let all_digits = text.len() == DIGITS && text.bytes().all(|byte| byte.is_ascii_digit());
        let digits = text.strip_prefix('3').filter(|_| all_digits)?;
        let (timestamp, id) = digits.split_at(DIGITS - ID_DIGITS - 1);
        let timestamp = timestamp.parse::<i64>().ok()?;
        Some(Position {
            timestamp: Time::from_millis(timestamp as u64),
            id: id.parse().ok()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_comes_back_from_its_digits() {
        let event = Position {
            timestamp: Time::from_millis(1_700_000_000_000),
            id: 42,
        };
        for position in [Position::START, event, event.behind(), Position::END] {
            let digits = position.digits();
            assert_eq!(digits.len(), 56);
            assert_eq!(Position::from_digits(&digits), Some(position));
        }
        assert!(event.digits() < event.behind().digits());
    }

    #[test]
    fn other_texts_are_no_position() {
        let digits = Position::START.digits();
        for text in [
            "",
            "3",
            &digits[1..],
            &"9".repeat(56),
            &digits.replace("30", "+0"),
            &format!("3{}", "9".repeat(55)),
        ] {
            assert_eq!(Position::from_digits(text), None, "{text}");
        }
    }
}
