//! The operations, one file each: `prepare` turns a request into a command, `reply` an outcome into AWS's answer.
//!
//! `prepare` holds all of AWS's validation that needs no message. A QueueUrl is resolved before: what comes here
//! has found its queue.

pub mod add_permission;
pub mod cancel_message_move_task;
pub mod change_message_visibility;
pub mod change_message_visibility_batch;
pub mod create_queue;
pub mod delete_message;
pub mod delete_message_batch;
pub mod delete_queue;
pub mod get_queue_attributes;
pub mod get_queue_url;
pub mod list_dead_letter_source_queues;
pub mod list_message_move_tasks;
pub mod list_queue_tags;
pub mod list_queues;
pub mod purge_queue;
pub mod receive_message;
pub mod remove_permission;
pub mod send_message;
pub mod send_message_batch;
pub mod set_queue_attributes;
pub mod start_message_move_task;
pub mod tag_queue;
pub mod untag_queue;

#[cfg(test)]
pub(crate) mod samples;

use api::Str;

use crate::command::Command;
use crate::error::Error;

/// What a request comes to: the command to journal, and what its reply will need beside the outcome.
#[derive(Debug)]
pub struct Plan<'a, K> {
    /// Absent when nothing changes, as for a batch of which no entry is valid: `reply` then gets
    /// [`crate::Outcome::Done`].
    pub command: Option<Command<'a>>,
    pub keep: K,
}

/// How a request came, where AWS answers differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    Json,
    Query,
}

/// A member that AWS insists on.
pub(crate) fn required<'a>(
    value: &'a Option<Str<'_>>,
    name: &'static str,
) -> Result<&'a str, Error> {
    match value.as_deref() {
        Some(text) if !text.is_empty() => Ok(text),
        Some(_) | None => Err(Error::MissingParameter(name)),
    }
}

#[cfg(test)]
mod tests {
    use api::sqs::Op;

    /// Where an operation's rules are. The match makes every operation of the model have such a file.
    fn file(op: Op) -> &'static str {
        match op {
            Op::AddPermission => include_str!("add_permission.rs"),
            Op::CancelMessageMoveTask => include_str!("cancel_message_move_task.rs"),
            Op::ChangeMessageVisibility => include_str!("change_message_visibility.rs"),
            Op::ChangeMessageVisibilityBatch => include_str!("change_message_visibility_batch.rs"),
            Op::CreateQueue => include_str!("create_queue.rs"),
            Op::DeleteMessage => include_str!("delete_message.rs"),
            Op::DeleteMessageBatch => include_str!("delete_message_batch.rs"),
            Op::DeleteQueue => include_str!("delete_queue.rs"),
            Op::GetQueueAttributes => include_str!("get_queue_attributes.rs"),
            Op::GetQueueUrl => include_str!("get_queue_url.rs"),
            Op::ListDeadLetterSourceQueues => include_str!("list_dead_letter_source_queues.rs"),
            Op::ListMessageMoveTasks => include_str!("list_message_move_tasks.rs"),
            Op::ListQueueTags => include_str!("list_queue_tags.rs"),
            Op::ListQueues => include_str!("list_queues.rs"),
            Op::PurgeQueue => include_str!("purge_queue.rs"),
            Op::ReceiveMessage => include_str!("receive_message.rs"),
            Op::RemovePermission => include_str!("remove_permission.rs"),
            Op::SendMessage => include_str!("send_message.rs"),
            Op::SendMessageBatch => include_str!("send_message_batch.rs"),
            Op::SetQueueAttributes => include_str!("set_queue_attributes.rs"),
            Op::StartMessageMoveTask => include_str!("start_message_move_task.rs"),
            Op::TagQueue => include_str!("tag_queue.rs"),
            Op::UntagQueue => include_str!("untag_queue.rs"),
        }
    }

    #[test]
    fn every_operation_of_the_model_has_a_file_that_says_which_it_is() {
        for op in Op::ALL {
            let title = format!("//! {}: ", op.name());
            let page = format!("/API_{}.html>", op.name());
            assert!(file(op).starts_with(&title), "{title}");
            assert!(file(op).contains(&page), "{page}");
        }
    }
}
