//! How each kind of machine stands on its shelf.

use domain::bytes::Malformed;
use domain::{Place, Time};
use logs::LogGroup;
use outreach::Outreach;
use sns::Topic;
use sqs::Queue;

use crate::address::Address;
use crate::shelf::Shelved;

impl Shelved for Queue {
    fn address(&self) -> Address {
        let config = self.config();
        Address {
            account: config.account,
            region: config.region,
            name: config.name.as_str().into(),
        }
    }

    fn advance(&mut self, now: Time) {
        domain::Machine::advance(self, now);
    }

    fn places(&self, visit: &mut dyn FnMut(u64, Place)) {
        Queue::places(self, visit);
    }

    fn shares(&self, key: u64) -> bool {
        self.is_copy(key)
    }

    fn relocate(&mut self, key: u64, from: Place, to: Place) {
        Queue::relocate(self, key, from, to);
    }

    fn snapshot(&self, out: &mut Vec<u8>) {
        Queue::snapshot(self, out);
    }

    fn restore(bytes: &[u8]) -> Result<Queue, Malformed> {
        Queue::restore(bytes)
    }
}

impl Shelved for Topic {
    fn address(&self) -> Address {
        let config = self.config();
        Address {
            account: config.account,
            region: config.region,
            name: config.name.as_str().into(),
        }
    }

    fn advance(&mut self, now: Time) {
        domain::Machine::advance(self, now);
    }

    fn places(&self, visit: &mut dyn FnMut(u64, Place)) {
        Topic::places(self, visit);
    }

    fn relocate(&mut self, key: u64, from: Place, to: Place) {
        Topic::relocate(self, key, from, to);
    }

    fn snapshot(&self, out: &mut Vec<u8>) {
        Topic::snapshot(self, out);
    }

    fn restore(bytes: &[u8]) -> Result<Topic, Malformed> {
        Topic::restore(bytes)
    }
}

impl Shelved for Outreach {
    fn address(&self) -> Address {
        let home = self.home();
        Address {
            account: home.account,
            region: home.region,
            name: "".into(),
        }
    }

    fn advance(&mut self, now: Time) {
        domain::Machine::advance(self, now);
    }

    fn places(&self, visit: &mut dyn FnMut(u64, Place)) {
        Outreach::places(self, visit);
    }

    fn relocate(&mut self, key: u64, from: Place, to: Place) {
        Outreach::relocate(self, key, from, to);
    }

    fn snapshot(&self, out: &mut Vec<u8>) {
        Outreach::snapshot(self, out);
    }

    fn restore(bytes: &[u8]) -> Result<Outreach, Malformed> {
        Outreach::restore(bytes)
    }
}

impl Shelved for LogGroup {
    fn address(&self) -> Address {
        let config = self.config();
        Address {
            account: config.account,
            region: config.region,
            name: config.name.as_str().into(),
        }
    }

    fn advance(&mut self, now: Time) {
        domain::Machine::advance(self, now);
    }

    fn places(&self, visit: &mut dyn FnMut(u64, Place)) {
        LogGroup::places(self, visit);
    }

    fn relocate(&mut self, key: u64, from: Place, to: Place) {
        LogGroup::relocate(self, key, from, to);
    }

    fn snapshot(&self, out: &mut Vec<u8>) {
        LogGroup::snapshot(self, out);
    }

    fn restore(bytes: &[u8]) -> Result<LogGroup, Malformed> {
        LogGroup::restore(bytes)
    }
}
