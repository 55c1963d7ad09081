//! How many subscriptions have been ended lately, counted by the hour.

use std::collections::BTreeMap;

use domain::Time;
use domain::bytes::{Malformed, Put, Take};

use crate::limits;

const HOUR_MILLIS: u64 = 3_600_000;

#[derive(Debug, Default)]
pub(crate) struct Ended {
    by_hour: BTreeMap<u64, u32>,
}

impl Ended {
    pub(crate) fn count(&self) -> u64 {
        self.by_hour.values().map(|&count| u64::from(count)).sum()
    }

    pub(crate) fn count_one(&mut self, now: Time) {
        let count = self.by_hour.entry(now.millis() / HOUR_MILLIS).or_default();
        *count = count.saturating_add(1);
    }

    pub(crate) fn expire(&mut self, now: Time) {
        let shown = limits::DELETED_SHOWN.millis();
        let first = now.millis().saturating_sub(shown) / HOUR_MILLIS;
        while let Some(oldest) = self.by_hour.first_entry()
            && *oldest.key() < first
        {
            oldest.remove();
        }
    }

    pub(crate) fn snapshot(&self, out: &mut Vec<u8>) {
        out.put_u32(self.by_hour.len() as u32);
        for (&hour, &count) in &self.by_hour {
            out.put_u64(hour);
            out.put_u32(count);
        }
    }

    pub(crate) fn restore(take: &mut Take<'_>) -> Result<Ended, Malformed> {
        let by_hour = (0..take.u32()?).map(|_| Ok((take.u64()?, take.u32()?)));
        Ok(Ended {
            by_hour: by_hour.collect::<Result<_, Malformed>>()?,
        })
    }
}
