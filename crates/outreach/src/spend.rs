//! What SMS have cost in the current calendar month (UTC), for MonthlySpendLimit.
//!
//! The server says what a part of an SMS costs; without a price all are free and no limit is ever reached.

use domain::Time;
use domain::bytes::{Malformed, Put, Take};

use crate::timestamp::month;

/// Millionths of a US dollar.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct MicroUsd(pub u64);

impl MicroUsd {
    pub(crate) const fn dollars(dollars: u64) -> MicroUsd {
        MicroUsd(dollars.saturating_mul(1_000_000))
    }

    /// A decimal number of dollars; digits beyond a millionth are cut.
    pub(crate) fn parse(text: &str) -> Option<MicroUsd> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
        if whole.len() + fraction.len() == 0 || !digits(whole) || !digits(fraction) {
            return None;
        }
        let whole: u64 = if whole.is_empty() {
            0
        } else {
            whole.parse().ok()?
        };
        let millionths = format!("{:0<6.6}", fraction);
        let cents: u64 = millionths.parse().ok()?;
        Some(MicroUsd(whole.checked_mul(1_000_000)?.checked_add(cents)?))
    }

    pub(crate) fn times(self, count: u64) -> MicroUsd {
        MicroUsd(self.0.saturating_mul(count))
    }

    pub(crate) fn as_dollars(self) -> f64 {
        self.0 as f64 / 1e6
    }
}

#[derive(Debug, Default)]
pub(crate) struct Spend {
    month: u32,
    spent: MicroUsd,
}

impl Spend {
    /// Whether `price` more would pass the limit.
    pub(crate) fn would_pass(&self, limit: MicroUsd, price: MicroUsd, now: Time) -> bool {
        self.in_month(now).0.saturating_add(price.0) > limit.0
    }

    pub(crate) fn add(&mut self, price: MicroUsd, now: Time) {
        self.spent = MicroUsd(self.in_month(now).0.saturating_add(price.0));
        self.month = month(now);
    }

    fn in_month(&self, now: Time) -> MicroUsd {
        if self.month == month(now) {
            self.spent
        } else {
            MicroUsd(0)
        }
    }

    pub(crate) fn snapshot(&self, out: &mut Vec<u8>) {
        out.put_u32(self.month);
        out.put_u64(self.spent.0);
    }

    pub(crate) fn restore(take: &mut Take<'_>) -> Result<Spend, Malformed> {
        Ok(Spend {
            month: take.u32()?,
            spent: MicroUsd(take.u64()?),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dollars_are_read_to_the_millionth() {
        for (text, wanted) in [
            ("1", Some(1_000_000)),
            ("0.50", Some(500_000)),
            (".00645", Some(6_450)),
            ("2.", Some(2_000_000)),
            ("0.0000009", Some(0)),
            ("", None),
            (".", None),
            ("-1", None),
            ("1e3", None),
            ("99999999999999999999", None),
        ] {
            assert_eq!(MicroUsd::parse(text).map(|it| it.0), wanted, "{text}");
        }
    }

    #[test]
    fn a_new_month_begins_at_nothing() {
        let december = Time::from_millis(1_704_067_199_999);
        let january = december.after_millis(1);
        let limit = MicroUsd::dollars(1);
        let mut spend = Spend::default();
        spend.add(limit, december);
        assert!(spend.would_pass(limit, MicroUsd(1), december));
        assert!(!spend.would_pass(limit, MicroUsd(0), december));
        assert!(!spend.would_pass(limit, limit, january));
        spend.add(MicroUsd(1), january);
        assert!(spend.would_pass(limit, limit, january));
    }
}
