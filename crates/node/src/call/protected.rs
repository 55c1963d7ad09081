//! Publishing to a topic with a data protection policy: what comes in is looked at first, outside of its cell.

use api::sns::{
    BatchResultErrorEntry, PublishBatchInput, PublishBatchRequestEntry, PublishBatchResponse,
    PublishInput, Reply,
};
use sns::arn::TopicName;
use sns::data_protection::Audit;
use sns::op::publish::Draft;

use super::subscriptions::principal;
use crate::address::AddressRef;
use crate::answer::Answer;
use crate::node::{Caller, Node};
use crate::protection::{admitted_text, denied};

impl Node {
    /// A message that is denied fails the call; one that is masked is published like that.
    pub(super) fn publish_protected(
        &self,
        caller: &Caller<'_>,
        name: TopicName<'_>,
        input: &PublishInput<'_>,
    ) -> Answer {
        let given = input.message.as_deref().unwrap_or_default();
        let admitted = self.admit(AddressRef::from(name), &principal(caller), given);
        let (message, audit) = match admitted {
            Ok(admitted) => admitted_text(admitted, given),
            Err(error) => return Answer::now(Err(error)),
        };
        let admitted = PublishInput {
            message: Some(message),
            ..input.clone()
        };
        let answer = self.publish_to_topic(caller, name, &Draft::of(&admitted));
        if let Ok(api::Reply::Sns(Reply::Publish(reply))) = &answer.result {
            let id = reply.message_id.as_deref().unwrap_or_default();
            self.audit(name, id, audit.as_ref());
        }
        answer
    }

    /// Entries that are denied fail, the others are published.
    pub(super) fn publish_batch_protected(
        &self,
        caller: &Caller<'_>,
        name: TopicName<'_>,
        input: &PublishBatchInput<'_>,
    ) -> Answer {
        let given = input.publish_batch_request_entries.iter().flatten();
        let mut admitted: Vec<PublishBatchRequestEntry<'_>> = Vec::new();
        let mut audits: Vec<(String, Audit)> = Vec::new();
        let mut failed: Vec<BatchResultErrorEntry<'static>> = Vec::new();
        for entry in given {
            let id = entry.id.as_deref().unwrap_or_default();
            let given = entry.message.as_deref().unwrap_or_default();
            match self.admit(AddressRef::from(name), &principal(caller), given) {
                Ok(look) => {
                    let (message, audit) = admitted_text(look, given);
                    audits.extend(audit.map(|audit| (id.to_owned(), audit)));
                    admitted.push(PublishBatchRequestEntry {
                        message: Some(message),
                        ..entry.clone()
                    });
                }
                Err(_) => failed.push(failure(id)),
            }
        }
        if admitted.is_empty() && !failed.is_empty() {
            let reply = PublishBatchResponse {
                successful: Some(Vec::new()),
                failed: Some(failed),
            };
            return Answer::now(Ok(api::Reply::Sns(Reply::PublishBatch(reply))));
        }
        let input = PublishBatchInput {
            publish_batch_request_entries: Some(admitted),
            ..input.clone()
        };
        let mut answer = self.publish_batch_to_topic(caller, Ok(name), &input);
        if let Ok(api::Reply::Sns(Reply::PublishBatch(reply))) = &mut answer.result {
            reply.failed.get_or_insert_default().extend(failed);
            for entry in reply.successful.iter().flatten() {
                let of_it = audits
                    .iter()
                    .find(|(id, _)| Some(&**id) == entry.id.as_deref());
                let message_id = entry.message_id.as_deref().unwrap_or_default();
                self.audit(name, message_id, of_it.map(|(_, audit)| audit));
            }
        }
        answer
    }

    /// Reports what was found, where the policy says so. It is lost if the server stops just then.
    fn audit(&self, topic: TopicName<'_>, message_id: &str, audit: Option<&Audit>) {
        let Some(audit) = audit else {
            return;
        };
        let address = AddressRef::from(topic);
        let arn = address.arn_of("sns");
        let now = self.clock.now();
        let document = audit.document(message_id, &sns::envelope::iso(now), arn.as_str());
        let stream = sns::status_log::stream(now);
        self.log(
            address.region,
            address.account,
            &audit.log_group,
            &stream,
            &document,
        );
    }
}

fn failure(id: &str) -> BatchResultErrorEntry<'static> {
    let error = denied();
    BatchResultErrorEntry {
        id: Some(id.to_owned().into()),
        code: Some(error.kind.code.into()),
        message: Some(error.message),
        sender_fault: Some(true),
    }
}
