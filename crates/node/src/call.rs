//! One exhaustive match over the operations: find the queue, hold its cell, prepare, apply, reply.

mod log_events;
mod log_settings;
mod logs;
mod messages;
mod moves;
mod people;
mod protected;
mod publish;
mod queues;
mod subscriptions;
mod topics;

use api::Error;
use api::Request;
use api::sqs::Reply;
use domain::MachineId;
use sqs::Command;
use sqs::op::Plan;

use crate::address::cell_of;
use crate::answer::{Answer, Step};
use crate::node::{Caller, Node};
use crate::polls;
use crate::state::CellState;
use crate::target;

/// Makes the way back for a call that has to wait. Called at most once, only for a call that parks.
pub type Park<'p> = &'p mut dyn FnMut() -> polls::OnAnswer;

impl Node {
    /// Answers one call, or parks it.
    pub fn call(&self, caller: &Caller<'_>, request: &Request<'_>, park: Park<'_>) -> Step {
        let step = match request {
            Request::Sqs(request) => self.call_sqs(caller, request, park),
            Request::Sns(request) => Step::Answer(self.call_sns(caller, request)),
            Request::Logs(request) => Step::Answer(self.call_logs(caller, request)),
        };
        self.write_reports();
        step
    }

    fn call_sns(&self, caller: &Caller<'_>, request: &api::sns::Request<'_>) -> Answer {
        use api::sns::Request;
        match request {
            Request::Publish(input) => self.publish(caller, input),
            Request::PublishBatch(input) => self.publish_batch(caller, input),
            Request::CreateTopic(input) => self.create_topic(caller, input),
            Request::DeleteTopic(input) => self.delete_topic(caller, input),
            Request::ListTopics(input) => self.list_topics(caller, input),
            Request::GetTopicAttributes(input) => self.get_topic_attributes(caller, input),
            Request::SetTopicAttributes(input) => self.set_topic_attributes(caller, input),
            Request::AddPermission(input) => self.add_topic_permission(caller, input),
            Request::RemovePermission(input) => self.remove_topic_permission(caller, input),
            Request::TagResource(input) => self.tag_topic(caller, input),
            Request::UntagResource(input) => self.untag_topic(caller, input),
            Request::ListTagsForResource(input) => self.list_topic_tags(caller, input),
            Request::PutDataProtectionPolicy(input) => {
                self.put_data_protection_policy(caller, input)
            }
            Request::GetDataProtectionPolicy(input) => {
                self.get_data_protection_policy(caller, input)
            }
            Request::Subscribe(input) => self.subscribe(caller, input),
            Request::ConfirmSubscription(input) => self.confirm_subscription(caller, input),
            Request::Unsubscribe(input) => self.unsubscribe(caller, input),
            Request::ListSubscriptions(input) => self.list_subscriptions(caller, input),
            Request::ListSubscriptionsByTopic(input) => {
                self.list_subscriptions_by_topic(caller, input)
            }
            Request::GetSubscriptionAttributes(input) => {
                self.get_subscription_attributes(caller, input)
            }
            Request::SetSubscriptionAttributes(input) => {
                self.set_subscription_attributes(caller, input)
            }
            Request::CheckIfPhoneNumberIsOptedOut(_)
            | Request::CreatePlatformApplication(_)
            | Request::CreatePlatformEndpoint(_)
            | Request::CreateSMSSandboxPhoneNumber(_)
            | Request::DeleteEndpoint(_)
            | Request::DeletePlatformApplication(_)
            | Request::DeleteSMSSandboxPhoneNumber(_)
            | Request::GetEndpointAttributes(_)
            | Request::GetPlatformApplicationAttributes(_)
            | Request::GetSMSAttributes(_)
            | Request::GetSMSSandboxAccountStatus(_)
            | Request::ListEndpointsByPlatformApplication(_)
            | Request::ListOriginationNumbers(_)
            | Request::ListPhoneNumbersOptedOut(_)
            | Request::ListPlatformApplications(_)
            | Request::ListSMSSandboxPhoneNumbers(_)
            | Request::OptInPhoneNumber(_)
            | Request::SetEndpointAttributes(_)
            | Request::SetPlatformApplicationAttributes(_)
            | Request::SetSMSAttributes(_)
            | Request::VerifySMSSandboxPhoneNumber(_) => self.call_people(caller, request),
        }
    }

    fn call_logs(&self, caller: &Caller<'_>, request: &api::logs::Request<'_>) -> Answer {
        use api::logs::Request;
        match request {
            Request::PutLogEvents(input) => self.put_log_events(caller, input),
            Request::GetLogEvents(input) => self.get_log_events(caller, input),
            Request::FilterLogEvents(input) => self.filter_log_events(caller, input),
            Request::CreateLogGroup(input) => self.create_log_group(caller, input),
            Request::DeleteLogGroup(input) => self.delete_log_group(caller, input),
            Request::DescribeLogGroups(input) => self.describe_log_groups(caller, input),
            Request::ListLogGroups(input) => self.list_log_groups(caller, input),
            Request::CreateLogStream(input) => self.create_log_stream(caller, input),
            Request::DeleteLogStream(input) => self.delete_log_stream(caller, input),
            Request::DescribeLogStreams(input) => self.describe_log_streams(caller, input),
            Request::PutRetentionPolicy(input) => self.put_retention_policy(caller, input),
            Request::DeleteRetentionPolicy(input) => self.delete_retention_policy(caller, input),
            Request::PutLogGroupDeletionProtection(input) => {
                self.put_log_group_deletion_protection(caller, input)
            }
            Request::TagResource(input) => self.tag_log_resource(caller, input),
            Request::UntagResource(input) => self.untag_log_resource(caller, input),
            Request::ListTagsForResource(input) => self.list_log_resource_tags(caller, input),
            Request::TagLogGroup(input) => self.tag_log_group(caller, input),
            Request::UntagLogGroup(input) => self.untag_log_group(caller, input),
            Request::ListTagsLogGroup(input) => self.list_tags_log_group(caller, input),
            Request::TestMetricFilter(input) => self.test_metric_filter(input),
        }
    }

    fn call_sqs(
        &self,
        caller: &Caller<'_>,
        request: &api::sqs::Request<'_>,
        park: Park<'_>,
    ) -> Step {
        use api::sqs::Request;
        Step::Answer(match request {
            Request::ReceiveMessage(input) => return self.receive_message(caller, input, park),
            Request::SendMessage(input) => self.send_message(caller, input),
            Request::SendMessageBatch(input) => self.send_message_batch(caller, input),
            Request::DeleteMessage(input) => self.delete_message(caller, input),
            Request::DeleteMessageBatch(input) => self.delete_message_batch(caller, input),
            Request::ChangeMessageVisibility(input) => {
                self.change_message_visibility(caller, input)
            }
            Request::ChangeMessageVisibilityBatch(input) => {
                self.change_message_visibility_batch(caller, input)
            }
            Request::CreateQueue(input) => self.create_queue(caller, input),
            Request::DeleteQueue(input) => self.delete_queue(caller, input),
            Request::GetQueueUrl(input) => self.get_queue_url(caller, input),
            Request::ListQueues(input) => self.list_queues(caller, input),
            Request::ListDeadLetterSourceQueues(input) => {
                self.list_dead_letter_source_queues(caller, input)
            }
            Request::GetQueueAttributes(input) => self.get_queue_attributes(caller, input),
            Request::SetQueueAttributes(input) => self.set_queue_attributes(caller, input),
            Request::PurgeQueue(input) => self.purge_queue(caller, input),
            Request::TagQueue(input) => self.tag_queue(caller, input),
            Request::UntagQueue(input) => self.untag_queue(caller, input),
            Request::ListQueueTags(input) => self.list_queue_tags(caller, input),
            Request::AddPermission(input) => self.add_permission(caller, input),
            Request::RemovePermission(input) => self.remove_permission(caller, input),
            Request::StartMessageMoveTask(input) => self.start_message_move_task(input),
            Request::ListMessageMoveTasks(input) => self.list_message_move_tasks(input),
            Request::CancelMessageMoveTask(input) => self.cancel_message_move_task(input),
        })
    }

    /// Holds the cell of the queue that a QueueUrl names.
    fn on_queue(
        &self,
        caller: &Caller<'_>,
        queue_url: Option<&str>,
        work: impl FnOnce(&mut CellState, MachineId) -> Answer,
    ) -> Answer {
        let address = match target::resolve(caller, queue_url) {
            Ok(address) => address,
            Err(error) => return Answer::now(Err(error)),
        };
        let cell = cell_of(address, self.cells.len());
        self.cells[cell].hold(|state| match state.cell.machines().find(address) {
            Some(machine) => work(state, machine),
            None => state.seen(Err(target::does_not_exist())),
        })
    }
}

impl CellState {
    /// An answer that shows state as it is now: it leaves once all of that is durable.
    fn seen(&self, result: Result<Reply<'static>, Error>) -> Answer {
        Answer::after(result.map(api::Reply::Sqs), self.index, self.cell.end())
    }

    /// Carries a prepared plan out and makes its answer.
    fn carry_out<K>(
        &mut self,
        machine: MachineId,
        plan: Result<Plan<'_, K>, sqs::Error>,
        reply: impl FnOnce(K, sqs::Outcome) -> Result<Reply<'static>, sqs::Error>,
    ) -> Answer {
        let (command, keep) = match plan {
            Ok(plan) => (plan.command, plan.keep),
            Err(error) => return self.seen(Err(error.into())),
        };
        match command {
            None => self.seen(reply(keep, sqs::Outcome::Done).map_err(Error::from)),
            Some(command) => {
                self.carry_out_command(machine, command, |outcome| reply(keep, outcome))
            }
        }
    }

    fn carry_out_command(
        &mut self,
        machine: MachineId,
        command: Command<'_>,
        reply: impl FnOnce(sqs::Outcome) -> Result<Reply<'static>, sqs::Error>,
    ) -> Answer {
        match self.command(machine, command) {
            Ok(done) => {
                let result = reply(done.outcome).map(api::Reply::Sqs);
                let result = result.map_err(Error::from);
                let mut answer = Answer::after(result, self.index, done.durable_from);
                answer.carry = done.carries.then_some(self.index);
                answer
            }
            Err(error) => Answer::now(Err(error)),
        }
    }
}
