//! Setting the clock from outside: wakes fire one by one, in due order, each at its own time.

use domain::Time;
use engine::ClockFace;

use crate::node::Node;

/// What to change about the clock; several things at once happen in the order of the fields.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ClockChange {
    pub freeze: Option<bool>,
    /// Virtual seconds per real second, above 0 and at most 1,000,000.
    pub rate: Option<f64>,
    /// The clock never goes back: an earlier time is refused.
    pub set: Option<Time>,
    pub advance_millis: Option<u64>,
}

/// A wake that stays due without anything happening would hold the clock for ever.
const IDLE_TICKS_MAX: u32 = 100_000;

impl Node {
    pub fn clock_face(&self) -> ClockFace {
        self.clock.face()
    }

    /// Changes the clock. Refused with a text when the change makes no sense; then nothing has changed.
    ///
    /// Calls to subscribers take real time: before the clock moves past what is due, `wait` is asked to let a moment pass for
    /// those under way, until they are back or it says no.
    pub fn change_clock(
        &self,
        change: ClockChange,
        wait: &mut dyn FnMut() -> bool,
    ) -> Result<ClockFace, String> {
        let now = self.clock.now();
        if change
            .rate
            .is_some_and(|rate| !(rate > 0.0 && rate <= 1_000_000.0))
        {
            return Err("rate must be above 0 and at most 1000000".to_owned());
        }
        let start = change.set.unwrap_or(now);
        if start < now {
            return Err(format!(
                "the clock shows {} and never goes back: messages and their deadlines follow it",
                now.millis()
            ));
        }
        let target = start.after_millis(change.advance_millis.unwrap_or(0));
        if let Some(frozen) = change.freeze {
            self.clock.freeze(frozen);
        }
        if let Some(rate) = change.rate {
            self.clock.run_at(rate);
        }
        if target > now {
            self.walk_to(target, wait);
        }
        for host in &self.cells {
            host.hold(|state| state.rearmed = true);
        }
        Ok(self.clock.face())
    }

    fn walk_to(&self, target: Time, wait: &mut dyn FnMut() -> bool) {
        let due = || {
            let cells = self.cells.iter().enumerate();
            let dues =
                cells.filter_map(|(cell, host)| Some((host.hold(|state| state.next_due())?, cell)));
            dues.min()
        };
        let mut idle = 0;
        let mut patient = true;
        loop {
            let next = due();
            let stays = next.is_some_and(|(time, _)| time <= self.clock.now());
            if !stays && patient && self.is_calling() {
                patient = wait();
                continue;
            }
            let Some((time, cell)) = next else {
                break;
            };
            if time > target || idle == IDLE_TICKS_MAX {
                break;
            }
            patient = true;
            if time > self.clock.now() {
                self.clock.set(time);
                idle = 0;
            }
            idle += 1;
            self.tick(cell);
        }
        self.clock.set(target);
    }
}
