//! A range of numbers: `{"numeric": [">", 0, "<=", 100]}`.

use crate::decimal::Decimal;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Bound {
    pub(crate) at: Decimal,
    pub(crate) inclusive: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Range {
    pub(crate) bottom: Option<Bound>,
    pub(crate) top: Option<Bound>,
}

impl Range {
    pub(crate) fn contains(&self, number: &Decimal) -> bool {
        let fits = |top: Bound| *number < top.at || top.inclusive && *number == top.at;
        !self.is_above(number) && self.top.is_none_or(fits)
    }

    /// Whether all of the range lies above the number.
    pub(crate) fn is_above(&self, number: &Decimal) -> bool {
        let low = |bottom: Bound| *number < bottom.at || !bottom.inclusive && *number == bottom.at;
        self.bottom.is_some_and(low)
    }
}
