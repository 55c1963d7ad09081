//! Time as messages feel it: milliseconds of the cell's clock.

use std::fmt;

/// A moment, in milliseconds since 1970-01-01 UTC. SQS judges every deadline to the millisecond.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(u64);

impl Time {
    pub const ZERO: Time = Time(0);
    pub const MAX: Time = Time(u64::MAX);

    pub const fn from_millis(millis: u64) -> Time {
        Time(millis)
    }

    pub const fn from_seconds(seconds: u64) -> Time {
        Time(seconds * 1000)
    }

    pub const fn millis(self) -> u64 {
        self.0
    }

    pub const fn seconds(self) -> u64 {
        self.0 / 1000
    }

    #[must_use]
    pub const fn after(self, seconds: Seconds) -> Time {
        self.after_millis(seconds.0 as u64 * 1000)
    }

    #[must_use]
    pub const fn after_millis(self, millis: u64) -> Time {
        Time(self.0.saturating_add(millis))
    }

    /// Milliseconds from `earlier` to here; zero when `earlier` is later.
    pub const fn since(self, earlier: Time) -> u64 {
        self.0.saturating_sub(earlier.0)
    }
}

impl fmt::Debug for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:03}s", self.0 / 1000, self.0 % 1000)
    }
}

/// A length of time in whole seconds, the unit of AWS's settings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Seconds(pub u32);

impl Seconds {
    pub const fn millis(self) -> u64 {
        self.0 as u64 * 1000
    }
}
