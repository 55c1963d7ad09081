//! Deliberate defects of topics, made through the node's own calls behind the model's back.

use node::Attempt;

use super::client;
use super::model::{Filter, Owed, Topic};
use super::publishing::Draft;
use crate::sabotage::Sabotage;
use crate::violation::Check;
use crate::world::World;

/// What to put back once a publish is over: a subscription's filter, and what to publish once more.
#[derive(Default)]
pub(crate) struct Mending {
    filter: Option<(String, Filter)>,
    again: Option<(String, Draft)>,
}

impl World {
    pub(crate) fn spoil_publish(&mut self, name: &str, drafts: &[Draft]) -> Check<Mending> {
        let mut mending = Mending::default();
        let Some(topic) = self.topic(name) else {
            return Ok(mending);
        };
        let wants = |filter: Filter| {
            let mut drafts = drafts.iter();
            drafts.any(|draft| filter.lets_through(&draft.content.attributes))
        };
        let mut confirmed = topic.subscriptions.iter().filter(|it| it.confirmed);
        let (found, policy) = match self.sabotage {
            Some(Sabotage::LoseRoute) => {
                let policy = r#"{"colour":["none"]}"#;
                (confirmed.find(|it| wants(it.filter)), policy)
            }
            Some(Sabotage::IgnoreFilter) => (confirmed.find(|it| !wants(it.filter)), ""),
            Some(Sabotage::PublishTwice) if topic.is_fifo() => {
                let draft = drafts[0].clone();
                let dedup = Some(format!("twice-{}", draft.content.number));
                mending.again = Some((name.to_owned(), Draft { dedup, ..draft }));
                return Ok(mending);
            }
            Some(_) | None => return Ok(mending),
        };
        if let Some(found) = found {
            let (arn, filter) = (found.arn.clone(), found.filter);
            self.ask_sns(client::set(&arn, "FilterPolicy", policy));
            mending.filter = Some((arn, filter));
        }
        Ok(mending)
    }

    pub(crate) fn mend_publish(&mut self, mending: Mending) -> Check {
        if let Some((arn, filter)) = mending.filter {
            self.ask_sns(client::set(&arn, "FilterPolicy", &filter.policy()));
        }
        if let Some((topic, draft)) = mending.again {
            self.ask_sns(client::publish(&topic, &draft));
        }
        Ok(())
    }

    /// What the node is told instead of what came of a call.
    pub(crate) fn spoil_call(
        &mut self,
        topic: &Topic,
        owed: &Owed,
        result: Attempt,
    ) -> Check<Option<Attempt>> {
        match (self.sabotage, result) {
            (Some(Sabotage::CallOnce), Attempt::Failed { permanent: false }) => {
                Ok(Some(Attempt::Delivered))
            }
            (Some(Sabotage::CallAgain), Attempt::Delivered) => {
                Ok(Some(Attempt::Failed { permanent: false }))
            }
            (Some(Sabotage::ForgetDeadLetter), Attempt::Failed { .. }) => {
                if let Some(subscription) = topic.subscription(owed.subscription) {
                    self.ask_sns(client::set(&subscription.arn, "RedrivePolicy", ""));
                }
                Ok(None)
            }
            (Some(_) | None, _) => Ok(None),
        }
    }

    pub(crate) fn mend_call(&mut self, topic: &Topic, owed: &Owed) -> Check {
        if self.sabotage == Some(Sabotage::ForgetDeadLetter)
            && let Some(subscription) = topic.subscription(owed.subscription)
        {
            let policy = client::redrive_policy(subscription.redrive.as_deref());
            self.ask_sns(client::set(&subscription.arn, "RedrivePolicy", &policy));
        }
        Ok(())
    }
}
