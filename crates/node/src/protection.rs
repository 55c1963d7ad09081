//! Data protection policies at work: what publishers may not send, and what subscribers may not see (spec sns 2.5).
//!
//! A policy is compiled when it is first needed and kept while its text stays. Texts are looked at without holding the
//! cell where they come in; what goes out is looked at when it is shaped.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use api::Error;
use api::sns::error::AUTHORIZATION_ERROR_EXCEPTION;
use domain::MachineId;
use sns::data_protection::{Audit, Direction, Policy, Verdict};
use sns::{Publication, Subscription, Topic};

use crate::address::{AddressRef, cell_of};
use crate::node::Node;
use crate::reach::dice;
use crate::state::CellState;

/// The compiled policies of one cell's topics, each beside its text.
#[derive(Default)]
pub(crate) struct Protections {
    by_topic: BTreeMap<MachineId, (String, Arc<Policy>)>,
}

/// What becomes of a text on its way in.
pub(crate) struct Admitted {
    /// The text to publish in its place.
    pub(crate) masked: Option<String>,
    pub(crate) audit: Option<Audit>,
}

pub(crate) fn denied() -> Error {
    AUTHORIZATION_ERROR_EXCEPTION
        .with("The topic's data protection policy does not allow this message")
}

impl CellState {
    /// The policy of a topic, if it has one.
    pub(crate) fn protection(&mut self, machine: MachineId) -> Option<Arc<Policy>> {
        let topic = self.cell.machines().topics.get(machine)?;
        let Some(text) = topic.config().data_protection.as_deref() else {
            self.protections.by_topic.remove(&machine);
            return None;
        };
        if let Some((known, policy)) = self.protections.by_topic.get(&machine)
            && known == text
        {
            return Some(policy.clone());
        }
        let policy = Policy::parse(text).expect("a policy was read when it was put");
        let policy = Arc::new(policy);
        let kept = (text.to_owned(), policy.clone());
        self.protections.by_topic.insert(machine, kept);
        Some(policy)
    }
}

/// Whether what a topic sends is looked at on its way out.
pub(crate) fn looks_outward(topic: &Topic) -> bool {
    let policy = topic.config().data_protection.as_deref();
    policy.is_some_and(|text| text.contains("Outbound"))
}

/// The publication as a subscriber may see it; none if it may not.
pub(crate) fn outward<'p>(
    policy: Option<&Policy>,
    subscription: &Subscription,
    publication: &'p Publication<'p>,
    masked: &'p mut String,
) -> Option<Publication<'p>> {
    let Some(policy) = policy else {
        return Some(publication.clone());
    };
    let message = publication.message_for(subscription.protocol);
    let principal = &subscription.principal;
    let inspection = policy.inspect(Direction::Outbound, principal, &message, dice());
    match inspection.verdict {
        Verdict::Pass => Some(publication.clone()),
        Verdict::Deny => None,
        Verdict::Deidentified(text) => {
            *masked = text;
            Some(Publication {
                message: masked,
                json: false,
                ..publication.clone()
            })
        }
    }
}

impl Node {
    /// Looks at a message that is about to be published.
    pub(crate) fn admit(
        &self,
        address: AddressRef<'_>,
        principal: &str,
        message: &str,
    ) -> Result<Admitted, Error> {
        let free = Admitted {
            masked: None,
            audit: None,
        };
        if !self.directory.protects(address) {
            return Ok(free);
        }
        let cell = cell_of(address, self.cells.len());
        let policy = self.cells[cell].hold(|state| {
            let machine = state.cell.machines().topics.find(address)?;
            state.protection(machine)
        });
        let Some(policy) = policy else {
            return Ok(free);
        };
        let inspection = policy.inspect(Direction::Inbound, principal, message, dice());
        let masked = match inspection.verdict {
            Verdict::Pass => None,
            Verdict::Deny => return Err(denied()),
            Verdict::Deidentified(text) => Some(text),
        };
        Ok(Admitted {
            masked,
            audit: inspection.audit,
        })
    }
}

/// The text that is published in the end.
pub(crate) fn admitted_text(admitted: Admitted, given: &str) -> (Cow<'_, str>, Option<Audit>) {
    let text = admitted.masked.map_or(Cow::Borrowed(given), Cow::Owned);
    (text, admitted.audit)
}
