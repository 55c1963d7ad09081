//! Queues and requests that the tests of operations begin with.

use api::{Map, Str};
use domain::{AccountId, Region, Seconds, Time};

use crate::attributes;
use crate::command::Handle;
use crate::config::Config;
use crate::outgoing::Sender;
use crate::queue::Queue;

pub(crate) const NOW: Time = Time::from_seconds(1_000_000);
pub(crate) const SENDER: Sender<'_> = Sender {
    id: "AIDAEXAMPLE",
    trace_header: None,
};

pub(crate) const HANDLE: Handle = Handle {
    slot: 7,
    sequence: 0,
    receive: 1,
};

pub(crate) fn standard() -> Config {
    attributes::fresh("orders", AccountId::DEFAULT, Region::default(), false, NOW)
}

pub(crate) fn fifo() -> Config {
    attributes::fresh(
        "orders.fifo",
        AccountId::DEFAULT,
        Region::default(),
        true,
        NOW,
    )
}

pub(crate) fn queue(config: Config) -> Queue {
    Queue::new(config, [5; 16])
}

/// Ids 1, 2, 3, … in every byte.
pub(crate) fn ids() -> impl FnMut() -> [u8; 16] {
    let mut last = 0;
    move || {
        last += 1;
        [last; 16]
    }
}

pub(crate) fn map(entries: &[(&'static str, &'static str)]) -> Option<Map<'static, Str<'static>>> {
    Some(
        entries
            .iter()
            .map(|&(name, value)| (name.into(), value.into()))
            .collect(),
    )
}

pub(crate) fn list(texts: &[&'static str]) -> Option<Vec<Str<'static>>> {
    Some(texts.iter().map(|&text| text.into()).collect())
}

pub(crate) const fn seconds(seconds: u64) -> Time {
    NOW.after(Seconds(seconds as u32))
}
