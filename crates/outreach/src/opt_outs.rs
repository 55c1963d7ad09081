//! The numbers that want no SMS any more, and when those that came back did.

use std::collections::{BTreeMap, BTreeSet};

use domain::Time;
use domain::bytes::{Malformed, Put, Take};

use crate::limits;

#[derive(Debug, Default)]
pub(crate) struct OptOuts {
    out: BTreeSet<String>,
    /// Numbers taken off the list, until each may be taken off again.
    returned: BTreeMap<String, Time>,
}

impl OptOuts {
    pub(crate) fn has(&self, number: &str) -> bool {
        self.out.contains(number)
    }

    /// In order of the numbers, those after a given one.
    pub(crate) fn after<'o>(&'o self, number: Option<&'o str>) -> impl Iterator<Item = &'o str> {
        let all = self.out.iter().map(String::as_str);
        all.filter(move |it| number.is_none_or(|number| *it > number))
    }

    /// Whether the number was taken off the list so lately that it must stay on it now.
    pub(crate) fn is_resting(&self, number: &str, now: Time) -> bool {
        let returned = self.returned.get(number);
        returned.is_some_and(|time| now < time.after(limits::OPT_IN_REST))
    }

    pub(crate) fn opt_out(&mut self, number: String) {
        self.out.insert(number);
    }

    pub(crate) fn opt_in(&mut self, number: &str, now: Time) {
        if let Some(number) = self.out.take(number) {
            self.returned.insert(number, now);
        }
    }

    /// Forgets the returns that nobody has to wait for any more.
    pub(crate) fn advance(&mut self, now: Time) {
        self.returned
            .retain(|_, time| now < time.after(limits::OPT_IN_REST));
    }

    pub(crate) fn snapshot(&self, out: &mut Vec<u8>) {
        out.put_u32(self.out.len() as u32);
        for number in &self.out {
            out.put_text(number);
        }
        out.put_u32(self.returned.len() as u32);
        for (number, time) in &self.returned {
            out.put_text(number);
            out.put_u64(time.millis());
        }
    }

    pub(crate) fn restore(take: &mut Take<'_>) -> Result<OptOuts, Malformed> {
        let mut opt_outs = OptOuts::default();
        for _ in 0..take.u32()? {
            opt_outs.out.insert(take.text()?.to_owned());
        }
        for _ in 0..take.u32()? {
            let number = take.text()?.to_owned();
            opt_outs
                .returned
                .insert(number, Time::from_millis(take.u64()?));
        }
        Ok(opt_outs)
    }
}
