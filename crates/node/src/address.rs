//! Which queue is meant: account, region and name.

use std::hash::Hash;

use domain::{AccountId, Arn, Region};
use hashbrown::Equivalent;

/// A queue's full name. One address, one queue.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address {
    pub account: AccountId,
    pub region: Region,
    pub name: Box<str>,
}

/// An address as a request spells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct AddressRef<'a> {
    pub account: AccountId,
    pub region: Region,
    pub name: &'a str,
}

impl Equivalent<Address> for AddressRef<'_> {
    fn equivalent(&self, other: &Address) -> bool {
        self.name == &*other.name && self.account == other.account && self.region == other.region
    }
}

impl<'a> AddressRef<'a> {
    pub fn to_owned(self) -> Address {
        Address {
            account: self.account,
            region: self.region,
            name: self.name.into(),
        }
    }

    /// What an ARN names inside its service.
    pub(crate) fn of(arn: &'a Arn) -> Option<AddressRef<'a>> {
        let [region, account, name] = arn.name();
        Some(AddressRef {
            account: AccountId::parse(account).ok()?,
            region: Region::parse(region).ok()?,
            name,
        })
    }

    pub fn arn(self) -> Arn {
        self.arn_of("sqs")
    }

    /// The ARN of what has this name in a service.
    pub(crate) fn arn_of(self, service: &str) -> Arn {
        Arn::new(service, self.region, self.account, self.name)
    }
}

/// The cell a queue lives in. Data directories rely on it: it may never change for a given number of cells.
pub(crate) fn cell_of(address: AddressRef<'_>, cells: usize) -> usize {
    let parts = [
        address.account.as_str(),
        address.region.as_str(),
        address.name,
    ];
    // FNV-1a, 64 bits: http://www.isthe.com/chongo/tech/comp/fnv/
    let hash = parts
        .iter()
        .flat_map(|part| part.bytes())
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        });
    (hash % cells as u64) as usize
}

impl Address {
    pub fn borrow(&self) -> AddressRef<'_> {
        AddressRef {
            account: self.account,
            region: self.region,
            name: &self.name,
        }
    }

    /// The queue an ARN names, if it names one.
    pub fn of(arn: &Arn) -> Option<Address> {
        if arn.service() != "sqs" {
            return None;
        }
        AddressRef::of(arn).map(AddressRef::to_owned)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_and_its_arn_name_the_same_queue() {
        let address = AddressRef {
            account: AccountId::DEFAULT,
            region: Region::default(),
            name: "orders",
        };
        assert_eq!(
            address.arn().as_str(),
            "arn:aws:sqs:us-east-1:000000000000:orders"
        );
        assert_eq!(Address::of(&address.arn()), Some(address.to_owned()));
    }

    #[test]
    fn a_name_may_hold_colons() {
        let arn = Arn::parse("arn:aws:x:eu-west-1:123456789012:a:b").unwrap();
        let address = AddressRef::of(&arn).unwrap();
        assert_eq!(address.name, "a:b");
        assert_eq!(address.region.as_str(), "eu-west-1");
        assert_eq!(address.account.as_str(), "123456789012");
    }

    #[test]
    fn a_topic_is_not_a_queue() {
        let topic = Arn::parse("arn:aws:sns:us-east-1:000000000000:orders").unwrap();
        assert_eq!(Address::of(&topic), None);
    }
}
