//! The client's side of each call: requests as an SDK would make them.

use api::Str;
use api::sqs::{
    CancelMessageMoveTaskRequest, ChangeMessageVisibilityBatchRequest,
    ChangeMessageVisibilityBatchRequestEntry, ChangeMessageVisibilityRequest, CreateQueueRequest,
    DeleteMessageBatchRequest, DeleteMessageBatchRequestEntry, DeleteMessageRequest,
    DeleteQueueRequest, GetQueueAttributesRequest, ListMessageMoveTasksRequest, ListQueuesRequest,
    PurgeQueueRequest, ReceiveMessageRequest, Request, SendMessageBatchRequest,
    SendMessageBatchRequestEntry, SendMessageRequest, SetQueueAttributesRequest,
    StartMessageMoveTaskRequest,
};
use domain::{AccountId, Arn, Region};
use node::{Answer, Caller};

use crate::content::Content;

pub(crate) const SENDER: &str = "AIDASIMULATEDCLIENT00";

pub(crate) fn caller() -> Caller<'static> {
    Caller {
        account: AccountId::DEFAULT,
        region: Region::default(),
        sender: SENDER,
        host: "localhost:4566",
        trace: None,
        overrides: node::Overrides::default(),
        query_protocol: false,
        signed: true,
    }
}

pub(crate) fn arn(queue: &str) -> String {
    Arn::new("sqs", Region::default(), AccountId::DEFAULT, queue).to_string()
}

/// The queue an ARN names.
pub(crate) fn queue_of(arn: &str) -> &str {
    arn.rsplit(':').next().unwrap_or_default()
}

fn url(queue: &str) -> Option<Str<'static>> {
    Some(format!("http://localhost:4566/{}/{queue}", AccountId::DEFAULT).into())
}

fn text(value: &str) -> Option<Str<'static>> {
    Some(value.to_owned().into())
}

/// A message to send, and how.
#[derive(Clone, Debug)]
pub(crate) struct Letter {
    pub(crate) content: Content,
    pub(crate) delay: Option<u32>,
    pub(crate) dedup: Option<String>,
}

pub(crate) fn send(queue: &str, letter: &Letter) -> Request<'static> {
    Request::SendMessage(SendMessageRequest {
        queue_url: url(queue),
        message_body: text(&letter.content.body),
        delay_seconds: letter.delay.map(|delay| delay as i32),
        message_attributes: letter.content.wire_attributes(),
        message_deduplication_id: letter.dedup.clone().map(Into::into),
        message_group_id: letter.content.group.clone().map(Into::into),
        ..SendMessageRequest::default()
    })
}

pub(crate) fn send_batch(queue: &str, letters: &[Letter]) -> Request<'static> {
    let entry = |(at, letter): (usize, &Letter)| SendMessageBatchRequestEntry {
        id: Some(format!("e{at}").into()),
        message_body: text(&letter.content.body),
        delay_seconds: letter.delay.map(|delay| delay as i32),
        message_attributes: letter.content.wire_attributes(),
        message_deduplication_id: letter.dedup.clone().map(Into::into),
        message_group_id: letter.content.group.clone().map(Into::into),
        ..SendMessageBatchRequestEntry::default()
    };
    Request::SendMessageBatch(SendMessageBatchRequest {
        queue_url: url(queue),
        entries: Some(letters.iter().enumerate().map(entry).collect()),
    })
}

/// What a receive asks for.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) queue: String,
    pub(crate) max: usize,
    pub(crate) visibility: Option<u32>,
    pub(crate) wait: Option<u32>,
    pub(crate) attempt: Option<String>,
}

pub(crate) fn receive(asked: &Asked) -> Request<'static> {
    Request::ReceiveMessage(ReceiveMessageRequest {
        queue_url: url(&asked.queue),
        message_system_attribute_names: Some(vec!["All".into()]),
        message_attribute_names: Some(vec!["All".into()]),
        max_number_of_messages: Some(asked.max as i32),
        visibility_timeout: asked.visibility.map(|seconds| seconds as i32),
        wait_time_seconds: asked.wait.map(|seconds| seconds as i32),
        receive_request_attempt_id: asked.attempt.clone().map(Into::into),
        ..ReceiveMessageRequest::default()
    })
}

pub(crate) fn delete(queue: &str, handle: &str) -> Request<'static> {
    Request::DeleteMessage(DeleteMessageRequest {
        queue_url: url(queue),
        receipt_handle: text(handle),
    })
}

pub(crate) fn delete_batch(queue: &str, handles: &[&str]) -> Request<'static> {
    let entry = |(at, handle): (usize, &&str)| DeleteMessageBatchRequestEntry {
        id: Some(format!("e{at}").into()),
        receipt_handle: text(handle),
    };
    Request::DeleteMessageBatch(DeleteMessageBatchRequest {
        queue_url: url(queue),
        entries: Some(handles.iter().enumerate().map(entry).collect()),
    })
}

pub(crate) fn change(queue: &str, handle: &str, seconds: u32) -> Request<'static> {
    Request::ChangeMessageVisibility(ChangeMessageVisibilityRequest {
        queue_url: url(queue),
        receipt_handle: text(handle),
        visibility_timeout: Some(seconds as i32),
    })
}

pub(crate) fn change_batch(queue: &str, changes: &[(&str, u32)]) -> Request<'static> {
    let entry = |(at, &(handle, seconds)): (usize, &(&str, u32))| {
        ChangeMessageVisibilityBatchRequestEntry {
            id: Some(format!("e{at}").into()),
            receipt_handle: text(handle),
            visibility_timeout: Some(seconds as i32),
        }
    };
    Request::ChangeMessageVisibilityBatch(ChangeMessageVisibilityBatchRequest {
        queue_url: url(queue),
        entries: Some(changes.iter().enumerate().map(entry).collect()),
    })
}

pub(crate) fn purge(queue: &str) -> Request<'static> {
    Request::PurgeQueue(PurgeQueueRequest {
        queue_url: url(queue),
    })
}

pub(crate) type Attributes = Vec<(&'static str, String)>;

fn map(attributes: &Attributes) -> Vec<(Str<'static>, Str<'static>)> {
    let pair =
        |(name, value): &(&'static str, String)| (Str::from(*name), Str::from(value.clone()));
    attributes.iter().map(pair).collect()
}

pub(crate) fn create(queue: &str, attributes: &Attributes) -> Request<'static> {
    Request::CreateQueue(CreateQueueRequest {
        queue_name: text(queue),
        attributes: (!attributes.is_empty()).then(|| map(attributes)),
        tags: None,
    })
}

/// Whether a queue was not deleted because another cell has not made all of its messages durable yet.
pub(crate) fn is_moving(answer: &Answer) -> bool {
    let told = |error: &api::Error| error.message.contains("are being moved");
    answer.result.as_ref().is_err_and(told)
}

pub(crate) fn delete_queue(queue: &str) -> Request<'static> {
    Request::DeleteQueue(DeleteQueueRequest {
        queue_url: url(queue),
    })
}

pub(crate) fn set_attributes(queue: &str, attributes: &Attributes) -> Request<'static> {
    Request::SetQueueAttributes(SetQueueAttributesRequest {
        queue_url: url(queue),
        attributes: Some(map(attributes)),
    })
}

pub(crate) fn get_attributes(queue: &str) -> Request<'static> {
    Request::GetQueueAttributes(GetQueueAttributesRequest {
        queue_url: url(queue),
        attribute_names: Some(vec!["All".into()]),
    })
}

pub(crate) fn list_queues() -> Request<'static> {
    Request::ListQueues(ListQueuesRequest::default())
}

pub(crate) fn start_move(
    source: &str,
    destination: Option<&str>,
    rate: Option<u32>,
) -> Request<'static> {
    Request::StartMessageMoveTask(StartMessageMoveTaskRequest {
        source_arn: text(&arn(source)),
        destination_arn: destination.map(|queue| arn(queue).into()),
        max_number_of_messages_per_second: rate.map(|rate| rate as i32),
    })
}

pub(crate) fn cancel_move(handle: &str) -> Request<'static> {
    Request::CancelMessageMoveTask(CancelMessageMoveTaskRequest {
        task_handle: text(handle),
    })
}

pub(crate) fn list_moves(source: &str) -> Request<'static> {
    Request::ListMessageMoveTasks(ListMessageMoveTasksRequest {
        source_arn: text(&arn(source)),
        max_results: Some(10),
    })
}

pub(crate) fn peek_url(queue: &str) -> String {
    url(queue).unwrap_or_default().into_owned()
}
