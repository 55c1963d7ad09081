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
        let above = |bound: Bound| *number > bound.at || bound.inclusive && *number == bound.at;
        let below = |bound: Bound| *number < bound.at || bound.inclusive && *number == bound.at;
        self.bottom.is_none_or(above) && self.top.is_none_or(below)
    }
}
