//! What was sent, for whoever looks: mails, SMS and pushes, listed and forgotten. And what else a test does in a receiver's
//! place: opts a phone number out, reads a subscription's token. Spec sns 12.

use api::Error;
use domain::{AccountId, Arn, Invalid, Region};
use outreach::Home;
use outreach::limits::{SENT_BYTES_MAX, SENT_MAX};
use outreach::sent::{Choice, Sent};

use crate::address::{AddressRef, cell_of};
use crate::answer::Wait;
use crate::node::Node;

/// Documents that one look shows at most, over all accounts and regions.
pub const LOOK_MAX: usize = SENT_MAX;

/// Whose are meant. Without an account, or a region, those of every one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Whose {
    pub account: Option<AccountId>,
    pub region: Option<Region>,
}

impl From<Home> for Whose {
    fn from(home: Home) -> Whose {
        Whose {
            account: Some(home.account),
            region: Some(home.region),
        }
    }
}

/// Something that was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    pub home: Home,
    pub sent: Sent,
    /// JSON: see [`outreach::listing`].
    pub text: String,
}

/// Something read, which may be shown once every wait is over.
#[derive(Debug)]
pub struct Seen<T> {
    pub shown: T,
    pub after: Vec<Wait>,
}

impl Node {
    /// What was sent and is wanted, oldest first. If it is more than `most`, or than fits, the newest of it.
    pub fn look_at_sent(
        &self,
        whose: Whose,
        wanted: &dyn Fn(&Sent) -> bool,
        most: usize,
    ) -> Result<Seen<Vec<Document>>, Error> {
        let mut found = Vec::new();
        for home in self.homes(whose) {
            self.in_home(home, |state, machine| {
                let outreach = machine.and_then(|machine| state.outreach_now(machine));
                let all = outreach
                    .into_iter()
                    .flat_map(|outreach| outreach.all_sent());
                found.extend(
                    all.filter(|sent| wanted(sent))
                        .map(|sent| (home, sent.clone())),
                );
            });
            keep_newest(&mut found, most.min(LOOK_MAX));
        }
        let after = self.seen_by_now();
        let mut shown = Vec::with_capacity(found.len());
        for (home, sent) in found {
            if let Some(text) = self.read_sent(home, &sent)? {
                shown.push(Document { home, sent, text });
            }
        }
        Ok(Seen { shown, after })
    }

    /// One document, under a hold of its own: a long list keeps nobody waiting. Absent if it was forgotten meanwhile.
    fn read_sent(&self, home: Home, sent: &Sent) -> Result<Option<String>, Error> {
        self.in_home(home, |state, machine| {
            let outreach = machine.and_then(|machine| state.outreach_now(machine));
            // It may lie elsewhere by now, and after a reset another may have its key.
            let now = outreach.and_then(|outreach| outreach.sent_by_key(sent.key));
            let Some(place) = now.filter(|now| now.id == sent.id).map(|now| now.place) else {
                return Ok(None);
            };
            let bytes = state.read(place)?;
            let text = String::from_utf8(bytes).expect("a document comes back as it was journaled");
            Ok(Some(text))
        })
    }

    /// Forgets what was sent of a choice. It is safe once every wait is over.
    pub fn forget_sent(&self, whose: Whose, choice: &Choice) -> Result<Vec<Wait>, Error> {
        for home in self.homes(whose) {
            self.in_home(home, |state, machine| {
                let Some(machine) = machine else {
                    return Ok(());
                };
                let outreach = state.outreach_now(machine).expect("it was just found");
                if outreach.sent(choice).next().is_none() {
                    return Ok(());
                }
                let forget = outreach::Command::ForgetSent(choice.clone());
                state.outreach_command(machine, forget).map(|_| ())
            })?;
        }
        Ok(self.seen_by_now())
    }

    /// Puts a number on an account's opt-out list. It is safe once the wait is over.
    pub fn opt_out(&self, home: Home, number: &str) -> Result<Wait, Error> {
        let command = outreach::Command::opt_out(number)?;
        self.in_home(home, |state, machine| {
            let machine = state.open(home, machine)?;
            let offset = state.outreach_command(machine, command)?;
            Ok(Wait {
                cell: state.index,
                offset,
            })
        })
    }

    /// The token that confirms a subscription, whatever its protocol; none if there is no such subscription.
    pub fn subscription_token(&self, arn: &str) -> Result<Seen<Option<String>>, Invalid> {
        let region = Region::parse(Arn::parse(arn)?.region());
        let name = region.map(|region| sns::arn::subscription(arn, region));
        let Ok(Ok(name)) = name else {
            return Ok(Seen {
                shown: None,
                after: Vec::new(),
            });
        };
        let address = AddressRef::from(name.topic);
        let cell = cell_of(address, self.cells.len());
        Ok(self.cells[cell].hold(|state| {
            let machine = state.cell.machines().topics.find(address);
            let token = machine.and_then(|machine| {
                state.topic_now(machine)?;
                let subscription = state.topic(machine)?.find(&name)?;
                Some(state.token(machine, subscription))
            });
            Seen {
                shown: token,
                after: vec![Wait {
                    cell,
                    offset: state.cell.end(),
                }],
            }
        }))
    }

    /// The homes that are meant and have been used.
    fn homes(&self, whose: Whose) -> impl Iterator<Item = Home> + use<> {
        let homes = self.directory.homes().into_iter();
        homes.filter(move |home| {
            whose.account.is_none_or(|account| account == home.account)
                && whose.region.is_none_or(|region| region == home.region)
        })
    }
}

/// Puts them in order of time, and drops the oldest of too many.
fn keep_newest(found: &mut Vec<(Home, Sent)>, most: usize) {
    found.sort_by_key(|(_, sent)| sent.time);
    let mut bytes = 0;
    let kept = found.iter().rev().take(most).take_while(|(_, sent)| {
        bytes += u64::from(sent.place.len);
        bytes <= SENT_BYTES_MAX
    });
    let kept = kept.count();
    found.drain(..found.len() - kept);
}

#[cfg(test)]
mod tests {
    use domain::{Place, Time};

    use super::*;
    use outreach::sent::Kind;

    fn sent(seconds: u64, len: u32) -> (Home, Sent) {
        let home = Home {
            account: AccountId::DEFAULT,
            region: Region::default(),
        };
        let sent = Sent {
            key: 0,
            kind: Kind::Sms,
            id: String::new(),
            to: String::new(),
            time: Time::from_seconds(seconds),
            place: Place {
                len,
                ..Place::default()
            },
        };
        (home, sent)
    }

    fn kept(mut found: Vec<(Home, Sent)>, most: usize) -> Vec<u64> {
        keep_newest(&mut found, most);
        found.iter().map(|(_, sent)| sent.time.seconds()).collect()
    }

    #[test]
    fn the_newest_stay_in_order_of_time_whosever_they_are() {
        let found = vec![sent(1, 1), sent(4, 1), sent(2, 1), sent(3, 1)];
        assert_eq!(kept(found.clone(), 9), [1, 2, 3, 4]);
        assert_eq!(kept(found.clone(), 2), [3, 4]);
        assert!(kept(found, 0).is_empty());
    }

    #[test]
    fn a_look_has_its_share_of_memory() {
        let half = (SENT_BYTES_MAX / 2) as u32;
        assert_eq!(
            kept(vec![sent(1, half), sent(2, half), sent(3, half)], 9),
            [2, 3]
        );
    }
}
