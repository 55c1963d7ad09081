//! Calls about messages: send, receive, delete, change visibility.

use api::sqs::{
    ChangeMessageVisibilityBatchRequest, ChangeMessageVisibilityRequest, DeleteMessageBatchRequest,
    DeleteMessageRequest, ReceiveMessageRequest, Reply, SendMessageBatchRequest,
    SendMessageRequest,
};
use domain::Seconds;
use sqs::op;
use sqs::op::Protocol;
use sqs::op::send_message::Sender;

use super::Park;
use crate::address::cell_of;
use crate::answer::{Answer, Step};
use crate::ids;
use crate::node::{Caller, Node};
use crate::polls::Ticket;
use crate::state::{Asked, CellState};
use crate::target;

fn sender<'a>(caller: &Caller<'a>) -> Sender<'a> {
    Sender {
        id: caller.sender,
        trace_header: caller.trace,
    }
}

impl Node {
    pub(super) fn send_message(
        &self,
        caller: &Caller<'_>,
        input: &SendMessageRequest<'_>,
    ) -> Answer {
        let draft = op::send_message::Draft::of(input);
        self.on_queue(caller, input.queue_url.as_deref(), |state, machine| {
            let queue = state.queue(machine).expect("the queue was just found");
            let plan =
                op::send_message::prepare(queue, &sender(caller), &mut ids::random, input, &draft);
            state.carry_out(machine, plan, |keep, outcome| {
                op::send_message::reply(&keep, outcome).map(Reply::SendMessage)
            })
        })
    }

    pub(super) fn send_message_batch(
        &self,
        caller: &Caller<'_>,
        input: &SendMessageBatchRequest<'_>,
    ) -> Answer {
        let draft = op::send_message_batch::Draft::of(input);
        self.on_queue(caller, input.queue_url.as_deref(), |state, machine| {
            let queue = state.queue(machine).expect("the queue was just found");
            let plan = op::send_message_batch::prepare(
                queue,
                &sender(caller),
                &mut ids::random,
                input,
                &draft,
            );
            state.carry_out(machine, plan, |keep, outcome| {
                op::send_message_batch::reply(keep, outcome).map(Reply::SendMessageBatch)
            })
        })
    }

    pub(super) fn delete_message(
        &self,
        caller: &Caller<'_>,
        input: &DeleteMessageRequest<'_>,
    ) -> Answer {
        self.on_queue(caller, input.queue_url.as_deref(), |state, machine| {
            let queue = state.queue(machine).expect("the queue was just found");
            let plan = op::delete_message::prepare(queue, input);
            state.carry_out(machine, plan, |keep, outcome| {
                op::delete_message::reply(&keep, outcome).map(|()| Reply::DeleteMessage)
            })
        })
    }

    pub(super) fn delete_message_batch(
        &self,
        caller: &Caller<'_>,
        input: &DeleteMessageBatchRequest<'_>,
    ) -> Answer {
        self.on_queue(caller, input.queue_url.as_deref(), |state, machine| {
            let queue = state.queue(machine).expect("the queue was just found");
            let plan = op::delete_message_batch::prepare(queue, input);
            state.carry_out(machine, plan, |keep, outcome| {
                op::delete_message_batch::reply(keep, outcome).map(Reply::DeleteMessageBatch)
            })
        })
    }

    pub(super) fn change_message_visibility(
        &self,
        caller: &Caller<'_>,
        input: &ChangeMessageVisibilityRequest<'_>,
    ) -> Answer {
        self.on_queue(caller, input.queue_url.as_deref(), |state, machine| {
            let queue = state.queue(machine).expect("the queue was just found");
            let plan = op::change_message_visibility::prepare(queue, input);
            state.carry_out(machine, plan, |keep, outcome| {
                op::change_message_visibility::reply(&keep, outcome)
                    .map(|()| Reply::ChangeMessageVisibility)
            })
        })
    }

    pub(super) fn change_message_visibility_batch(
        &self,
        caller: &Caller<'_>,
        input: &ChangeMessageVisibilityBatchRequest<'_>,
    ) -> Answer {
        self.on_queue(caller, input.queue_url.as_deref(), |state, machine| {
            let queue = state.queue(machine).expect("the queue was just found");
            let plan = op::change_message_visibility_batch::prepare(queue, input);
            state.carry_out(machine, plan, |keep, outcome| {
                op::change_message_visibility_batch::reply(keep, outcome)
                    .map(Reply::ChangeMessageVisibilityBatch)
            })
        })
    }

    /// Receives what is there, or parks the call until something is or its wait is over.
    pub(super) fn receive_message(
        &self,
        caller: &Caller<'_>,
        input: &ReceiveMessageRequest<'_>,
        park: Park<'_>,
    ) -> Step {
        let address = match target::resolve(caller, input.queue_url.as_deref()) {
            Ok(address) => address,
            Err(error) => return Step::Answer(Answer::now(Err(error))),
        };
        let cell = cell_of(address, self.cells.len());
        self.cells[cell].hold(|state| {
            let Some(machine) = state.cell.machines().find(address) else {
                return Step::Answer(state.seen(Err(target::does_not_exist())));
            };
            receive(state, machine, caller, input, park)
        })
    }
}

fn receive(
    state: &mut CellState,
    machine: domain::MachineId,
    caller: &Caller<'_>,
    input: &ReceiveMessageRequest<'_>,
    park: Park<'_>,
) -> Step {
    let queue = state.queue_now(machine).expect("the queue was just found");
    let overrides = op::receive_message::Overrides {
        max: caller.overrides.max,
        wait: caller.overrides.wait_seconds.map(Seconds),
    };
    let protocol = if caller.query_protocol {
        Protocol::Query
    } else {
        Protocol::Json
    };
    let plan = match op::receive_message::prepare(queue, input, protocol, overrides) {
        Ok(plan) => plan,
        Err(error) => return Step::Answer(state.seen(Err(error.into()))),
    };
    let visible = queue.counts().visible;
    let asked = Asked {
        at_least: if plan.fill { plan.keep.max() } else { 1 },
        long: plan.wait > Seconds(0),
        keep: plan.keep,
    };
    let retry = asked.keep.attempt().is_some();
    let ready = !asked.long || visible >= u64::from(asked.at_least) || retry;
    if ready && let Some(answer) = state.receive(machine, &asked) {
        return Step::Answer(answer);
    }
    if !asked.long {
        let empty = Reply::ReceiveMessage(Default::default());
        return Step::Answer(state.seen(Ok(empty)));
    }
    let deadline = state.cell.now().after(plan.wait);
    let number = state.polls.park(machine, deadline, asked, park());
    state.rearm(machine);
    // A sleeper only has to learn of this wait if it ends before everything else.
    state.rearmed |= state.polls.next_deadline() == Some(deadline);
    Step::Parked(Ticket {
        cell: state.index,
        number,
    })
}
