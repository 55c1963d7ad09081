//! What queues, topics and log groups there are in the whole node, as far as others need to know: an index over all cells, rebuilt on
//! start, changed only while the owning cell is held.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};

use domain::{AccountId, Arn, Region};
use hashbrown::HashMap;
use parking_lot::RwLock;
use sqs::Config;
use sqs::QueueKind;
use sqs::config::{Redrive, RedriveAllow};

use crate::address::{Address, AddressRef};

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Entry {
    pub(crate) fifo: bool,
    pub(crate) redrive: Option<Redrive>,
    pub(crate) redrive_allow: Option<RedriveAllow>,
}

#[derive(Default)]
pub(crate) struct Directory {
    queues: RwLock<HashMap<Address, Entry, foldhash::fast::FixedState>>,
    topics: RwLock<BTreeSet<Address>>,
    /// Topics with a data protection policy, and how many there are.
    protected: RwLock<BTreeSet<Address>>,
    protected_count: AtomicUsize,
    homes: RwLock<BTreeSet<(AccountId, Region)>>,
    groups: RwLock<BTreeSet<Address>>,
}

impl Directory {
    pub(crate) fn enter(&self, config: &Config) {
        let address = Address {
            account: config.account,
            region: config.region,
            name: config.name.as_str().into(),
        };
        let entry = Entry {
            fifo: config.fifo,
            redrive: config.redrive.clone(),
            redrive_allow: config.redrive_allow.clone(),
        };
        self.queues.write().insert(address, entry);
    }

    pub(crate) fn strike(&self, address: AddressRef<'_>) {
        self.queues.write().remove(&address);
    }

    pub(crate) fn enter_topic(&self, config: &sns::Config) {
        let address = Address {
            account: config.account,
            region: config.region,
            name: config.name.as_str().into(),
        };
        self.protect(&address, config.data_protection.is_some());
        self.topics.write().insert(address);
    }

    pub(crate) fn strike_topic(&self, address: &Address) {
        self.protect(address, false);
        self.topics.write().remove(address);
    }

    fn protect(&self, address: &Address, protects: bool) {
        let mut protected = self.protected.write();
        if protects {
            protected.insert(address.clone());
        } else {
            protected.remove(address);
        }
        self.protected_count
            .store(protected.len(), Ordering::Release);
    }

    /// Whether a topic has a data protection policy. Costs next to nothing while no topic has one.
    pub(crate) fn protects(&self, address: AddressRef<'_>) -> bool {
        self.protected_count.load(Ordering::Acquire) > 0
            && self.protected.read().contains(&address.to_owned())
    }

    pub(crate) fn enter_home(&self, home: outreach::Home) {
        self.homes.write().insert((home.account, home.region));
    }

    pub(crate) fn strike_home(&self, home: outreach::Home) {
        self.homes.write().remove(&(home.account, home.region));
    }

    /// The outreaches that are open, by account and region.
    pub(crate) fn homes(&self) -> Vec<outreach::Home> {
        let homes = self.homes.read();
        homes
            .iter()
            .map(|&(account, region)| outreach::Home { account, region })
            .collect()
    }

    /// How many topics an account has, of each kind: FIFO or not.
    pub(crate) fn count_topics(&self, account: AccountId, fifo: bool) -> usize {
        let topics = self.topics.read();
        let alike =
            |topic: &&Address| topic.account == account && topic.name.ends_with(".fifo") == fifo;
        topics.iter().filter(alike).count()
    }

    /// The topics of an account in a region, by name.
    pub(crate) fn topics(&self, account: AccountId, region: Region) -> Vec<Address> {
        of_owner(&self.topics.read(), account, region)
    }

    pub(crate) fn enter_group(&self, config: &logs::Config) {
        self.groups.write().insert(Address {
            account: config.account,
            region: config.region,
            name: config.name.as_str().into(),
        });
    }

    pub(crate) fn strike_group(&self, address: &Address) {
        self.groups.write().remove(address);
    }

    /// The log groups of an account in a region, by name.
    pub(crate) fn groups(&self, account: AccountId, region: Region) -> Vec<Address> {
        of_owner(&self.groups.read(), account, region)
    }

    /// What a redrive policy or a move task must know of its target.
    pub(crate) fn kind(&self, arn: &Arn) -> Option<QueueKind> {
        let queues = self.queues.read();
        let entry = queues.get(&Address::of(arn)?)?;
        Some(QueueKind {
            fifo: entry.fifo,
            redrive_allow: entry.redrive_allow.clone(),
        })
    }

    pub(crate) fn exists(&self, arn: &Arn) -> bool {
        Address::of(arn).is_some_and(|address| self.queues.read().contains_key(&address))
    }

    /// The queues that `wanted` accepts, sorted by account, region and name.
    pub(crate) fn list(&self, wanted: impl Fn(&Address, &Entry) -> bool) -> Vec<Address> {
        let queues = self.queues.read();
        let mut found: Vec<Address> = queues
            .iter()
            .filter(|(address, entry)| wanted(address, entry))
            .map(|(address, _)| address.clone())
            .collect();
        found.sort_unstable();
        found
    }
}

fn of_owner(addresses: &BTreeSet<Address>, account: AccountId, region: Region) -> Vec<Address> {
    let first = Address {
        account,
        region,
        name: "".into(),
    };
    let from_first = addresses.range(first..);
    from_first
        .take_while(|address| address.account == account && address.region == region)
        .cloned()
        .collect()
}
