//! The one clock of the house: real time, shifted, stopped or stretched from outside.
//!
//! Everything a message can feel follows this clock; timeouts of sockets do not. Only [`crate::Cell`] reads it to
//! stamp records, and only its owner to know how long to sleep.

use std::time::{SystemTime, UNIX_EPOCH};

use domain::Time;
use parking_lot::Mutex;

/// What the clock shows and how it runs, as `/_tidings/clock` reports it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ClockFace {
    pub now: Time,
    pub frozen: bool,
    /// Virtual seconds per real second while not frozen, above 0 and at most 1,000,000.
    pub rate: f64,
}

pub struct Clock {
    run: Mutex<Run>,
}

struct Run {
    source: Source,
    /// What the clock showed when it was last set, and the real time then.
    shown: Time,
    real: Time,
    frozen: bool,
    rate: f64,
    /// Runs exactly as the wall clock does: nothing was ever set.
    plain: bool,
}

enum Source {
    System,
    /// Real time stands still: the clock moves only when set. For simulation and tests.
    Manual,
}

impl Run {
    fn real_now(&self) -> Time {
        match self.source {
            Source::System => {
                let since = SystemTime::now()
                    .duration_since(UNIX_EPOCH)
                    .unwrap_or_default();
                Time::from_millis(since.as_millis() as u64)
            }
            Source::Manual => self.real,
        }
    }

    fn now(&self) -> Time {
        if self.plain {
            return self.real_now();
        }
        if self.frozen {
            return self.shown;
        }
        let elapsed = self.real_now().since(self.real) as f64 * self.rate;
        self.shown.after_millis(elapsed as u64)
    }

    fn rebase(&mut self, shown: Time) {
        self.real = self.real_now();
        self.shown = shown;
        self.plain = false;
    }
}

impl Clock {
    pub fn system() -> Clock {
        Clock::from(Source::System, Time::ZERO)
    }

    /// A clock that only moves when it is set.
    pub fn manual(start: Time) -> Clock {
        let clock = Clock::from(Source::Manual, start);
        clock.set(start);
        clock
    }

    fn from(source: Source, real: Time) -> Clock {
        Clock {
            run: Mutex::new(Run {
                source,
                shown: Time::ZERO,
                real,
                frozen: false,
                rate: 1.0,
                plain: true,
            }),
        }
    }

    pub fn now(&self) -> Time {
        self.run.lock().now()
    }

    pub fn face(&self) -> ClockFace {
        let run = self.run.lock();
        ClockFace {
            now: run.now(),
            frozen: run.frozen,
            rate: run.rate,
        }
    }

    /// Shows `time` from now on. Whoever calls this first fires what falls due on the way: see node's clock.
    pub fn set(&self, time: Time) {
        self.run.lock().rebase(time);
    }

    /// Never shows less than `time`: a journal whose last stamp lies ahead of the wall clock goes on from there.
    pub fn at_least(&self, time: Time) {
        let mut run = self.run.lock();
        if run.now() < time {
            run.rebase(time);
        }
    }

    pub fn freeze(&self, frozen: bool) {
        let mut run = self.run.lock();
        let now = run.now();
        run.rebase(now);
        run.frozen = frozen;
    }

    pub fn run_at(&self, rate: f64) {
        let mut run = self.run.lock();
        let now = run.now();
        run.rebase(now);
        run.rate = rate;
    }

    /// Real milliseconds until the clock shows `due`; none while it is frozen.
    pub fn real_millis_until(&self, due: Time) -> Option<u64> {
        let run = self.run.lock();
        let virtual_millis = due.since(run.now());
        if virtual_millis == 0 {
            Some(0)
        } else if run.frozen {
            None
        } else {
            Some((virtual_millis as f64 / run.rate).ceil() as u64)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manual_clock_moves_only_when_set() {
        let clock = Clock::manual(Time::from_seconds(100));
        assert_eq!(clock.now(), Time::from_seconds(100));
        clock.set(Time::from_seconds(160));
        assert_eq!(clock.now(), Time::from_seconds(160));
        assert_eq!(clock.real_millis_until(Time::from_seconds(161)), Some(1000));
    }

    #[test]
    fn a_frozen_clock_names_no_real_time_for_what_is_due_later() {
        let clock = Clock::manual(Time::from_seconds(5));
        clock.freeze(true);
        assert_eq!(clock.real_millis_until(Time::from_seconds(6)), None);
        assert_eq!(clock.real_millis_until(Time::from_seconds(5)), Some(0));
    }

    #[test]
    fn a_faster_clock_comes_sooner() {
        let clock = Clock::manual(Time::from_seconds(5));
        clock.run_at(10.0);
        assert_eq!(clock.real_millis_until(Time::from_seconds(15)), Some(1000));
    }

    #[test]
    fn at_least_never_turns_the_clock_back() {
        let clock = Clock::manual(Time::from_seconds(5));
        clock.at_least(Time::from_seconds(3));
        assert_eq!(clock.now(), Time::from_seconds(5));
        clock.at_least(Time::from_seconds(9));
        assert_eq!(clock.now(), Time::from_seconds(9));
    }
}
