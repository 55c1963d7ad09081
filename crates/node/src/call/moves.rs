//! Calls about message move tasks.

use api::sqs::{
    CancelMessageMoveTaskRequest, ListMessageMoveTasksRequest, Reply, StartMessageMoveTaskRequest,
};
use domain::{Arn, MachineId};
use sqs::config::Redrive;
use sqs::op;

use crate::address::{Address, cell_of};
use crate::answer::Answer;
use crate::ids;
use crate::node::Node;
use crate::state::CellState;

impl Node {
    /// Whether the redrive policy of any queue names this one.
    fn is_dead_letter(&self, arn: &Arn) -> bool {
        let names_it = |redrive: &Redrive| redrive.dead_letter == *arn;
        let sources = self
            .directory
            .list(|_, entry| entry.redrive.as_ref().is_some_and(names_it));
        !sources.is_empty()
    }

    /// Holds the cell of the queue that was prepared for, or answers why there is none.
    fn on_arn<P>(
        &self,
        prepared: Result<(Arn, P), sqs::Error>,
        work: impl FnOnce(&mut CellState, MachineId, P) -> Answer,
    ) -> Answer {
        let (arn, plan) = match prepared {
            Ok(prepared) => prepared,
            Err(error) => return self.seen_everywhere(Err(error.into())),
        };
        let missing = || op::start_message_move_task::NO_SOURCE.into();
        let Some(address) = Address::of(&arn) else {
            return Answer::now(Err(missing()));
        };
        let cell = cell_of(address.borrow(), self.cells.len());
        self.cells[cell].hold(|state| match state.cell.machines().find(address.borrow()) {
            Some(machine) => work(state, machine, plan),
            None => state.seen(Err(missing())),
        })
    }

    pub(super) fn start_message_move_task(
        &self,
        input: &StartMessageMoveTaskRequest<'_>,
    ) -> Answer {
        let lookup = |arn: &Arn| self.directory.kind(arn);
        let is_dead_letter = |arn: &Arn| self.is_dead_letter(arn);
        let prepare = || {
            let source = op::start_message_move_task::source(input)?;
            let ids = &mut ids::random;
            let plan = op::start_message_move_task::prepare(input, ids, &lookup, &is_dead_letter)?;
            Ok((source, plan))
        };
        self.on_arn(prepare(), |state, machine, plan| {
            state.carry_out(machine, Ok(plan), |keep, outcome| {
                op::start_message_move_task::reply(&keep, outcome).map(Reply::StartMessageMoveTask)
            })
        })
    }

    pub(super) fn list_message_move_tasks(
        &self,
        input: &ListMessageMoveTasksRequest<'_>,
    ) -> Answer {
        let source = op::list_message_move_tasks::source(input);
        self.on_arn(source.map(|source| (source, ())), |state, machine, ()| {
            let queue = state.queue_now(machine).expect("the queue was just found");
            let result = op::list_message_move_tasks::reply(queue, input);
            state.seen(
                result
                    .map(Reply::ListMessageMoveTasks)
                    .map_err(api::Error::from),
            )
        })
    }

    pub(super) fn cancel_message_move_task(
        &self,
        input: &CancelMessageMoveTaskRequest<'_>,
    ) -> Answer {
        let exists = |arn: &Arn| self.directory.exists(arn);
        let prepared = op::cancel_message_move_task::prepare(input, &exists);
        self.on_arn(prepared, |state, machine, plan| {
            state.carry_out(machine, Ok(plan), |(), outcome| {
                op::cancel_message_move_task::reply(outcome).map(Reply::CancelMessageMoveTask)
            })
        })
    }
}
