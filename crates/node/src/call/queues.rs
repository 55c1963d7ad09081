//! Calls about queues: create, delete, find, list, attributes, tags, permissions, purge.

use api::sqs::{
    AddPermissionRequest, CreateQueueRequest, DeleteQueueRequest, GetQueueAttributesRequest,
    GetQueueUrlRequest, ListDeadLetterSourceQueuesRequest, ListQueueTagsRequest, ListQueuesRequest,
    PurgeQueueRequest, RemovePermissionRequest, Reply, SetQueueAttributesRequest, TagQueueRequest,
    UntagQueueRequest,
};
use domain::{Arn, MachineId, Offset};
use engine::Claim;
use sqs::op;

use crate::address::{Address, AddressRef, cell_of};
use crate::answer::Answer;
use crate::house::Outcome;
use crate::ids;
use crate::node::{Caller, Node};
use crate::record::Record;
use crate::state::CellState;
use crate::target;

impl Node {
    pub(super) fn create_queue(
        &self,
        caller: &Caller<'_>,
        input: &CreateQueueRequest<'_>,
    ) -> Answer {
        let name = input.queue_name.as_deref().unwrap_or_default();
        let address = AddressRef {
            account: caller.account,
            region: caller.region,
            name,
        };
        let url = self.queue_url(caller, address);
        let cell = cell_of(address, self.cells.len());
        self.cells[cell].hold(|state| {
            let created = self.create_in(state, caller, input);
            state.seen(created.map(|()| Reply::CreateQueue(op::create_queue::reply(url))))
        })
    }

    fn create_in(
        &self,
        state: &mut CellState,
        caller: &Caller<'_>,
        input: &CreateQueueRequest<'_>,
    ) -> Result<(), api::Error> {
        let now = state.cell.now();
        let lookup = |arn: &Arn| self.directory.kind(arn);
        let config = op::create_queue::prepare(caller.account, caller.region, now, input, &lookup)?;
        let address = Address {
            account: config.account,
            region: config.region,
            name: config.name.as_str().into(),
        };
        if let Some(machine) = state.cell.machines().find(address.borrow()) {
            let existing = state.queue(machine).expect("the queue was just found");
            return Ok(op::create_queue::same(existing.config(), input)?);
        }
        let deleted = state.cell.machines().deleted_at(&address);
        op::delete_queue::check_name_is_free(now, deleted, self.options.waits)?;
        let machine = state.cell.machines().next_machine();
        let entered = config.clone();
        let record = Record::CreateQueue {
            secret: ids::random(),
            config: Box::new(config),
        };
        state.submit(machine, Claim::Grow, &record)?;
        self.directory.enter(&entered);
        Ok(())
    }

    pub(super) fn delete_queue(
        &self,
        caller: &Caller<'_>,
        input: &DeleteQueueRequest<'_>,
    ) -> Answer {
        self.on_queue(caller, input.queue_url.as_deref(), |state, machine| {
            // What is on its way to a queue of another cell is kept only here until it is durable there.
            if state.courier.outstanding(machine) > 0 {
                return state.seen(Err(api::common::SERVICE_UNAVAILABLE.with(
                    "Messages of this queue are being moved to another one. Try again.",
                )));
            }
            match state.delete_queue(machine) {
                Ok(durable_from) => {
                    let deleted = Ok(api::Reply::Sqs(Reply::DeleteQueue));
                    Answer::after(deleted, state.index, durable_from)
                }
                Err(error) => Answer::now(Err(error)),
            }
        })
    }

    pub(super) fn get_queue_url(
        &self,
        caller: &Caller<'_>,
        input: &GetQueueUrlRequest<'_>,
    ) -> Answer {
        let (account, name) = match op::get_queue_url::prepare(caller.account, input) {
            Ok(asked) => asked,
            Err(error) => return Answer::now(Err(error.into())),
        };
        let address = AddressRef {
            account,
            region: caller.region,
            name,
        };
        let cell = cell_of(address, self.cells.len());
        self.cells[cell].hold(|state| {
            let found = state.cell.machines().find(address);
            let url = || self.queue_url(caller, address);
            let found = found.map(|_| Reply::GetQueueUrl(op::get_queue_url::reply(url())));
            state.seen(found.ok_or_else(target::does_not_exist))
        })
    }

    pub(super) fn list_queues(&self, caller: &Caller<'_>, input: &ListQueuesRequest<'_>) -> Answer {
        let owned = self.directory.list(|address, _| {
            address.account == caller.account && address.region == caller.region
        });
        let names = owned.iter().map(|address| &*address.name);
        let page = op::list_queues::page(names, input);
        let url = |name: &str| {
            let (account, region) = (caller.account, caller.region);
            self.queue_url(
                caller,
                AddressRef {
                    account,
                    region,
                    name,
                },
            )
        };
        let result = page.map(|page| Reply::ListQueues(op::list_queues::reply(page, url)));
        self.seen_everywhere(result.map(api::Reply::Sqs).map_err(api::Error::from))
    }

    pub(super) fn list_dead_letter_source_queues(
        &self,
        caller: &Caller<'_>,
        input: &ListDeadLetterSourceQueuesRequest<'_>,
    ) -> Answer {
        let address = match target::resolve(caller, input.queue_url.as_deref()) {
            Ok(address) => address,
            Err(error) => return Answer::now(Err(error)),
        };
        let arn = address.arn();
        if !self.directory.exists(&arn) {
            return self.seen_everywhere(Err(target::does_not_exist()));
        }
        let sources = self.directory.list(|_, entry| {
            entry
                .redrive
                .as_ref()
                .is_some_and(|redrive| redrive.dead_letter == arn)
        });
        let names = sources.iter().map(|address| &*address.name);
        let page = op::list_dead_letter_source_queues::page(names, input);
        let url = |name: &str| self.queue_url(caller, AddressRef { name, ..address });
        let result = page.map(|page| {
            Reply::ListDeadLetterSourceQueues(op::list_dead_letter_source_queues::reply(page, url))
        });
        self.seen_everywhere(result.map(api::Reply::Sqs).map_err(api::Error::from))
    }

    pub(super) fn get_queue_attributes(
        &self,
        caller: &Caller<'_>,
        input: &GetQueueAttributesRequest<'_>,
    ) -> Answer {
        self.on_queue(caller, input.queue_url.as_deref(), |state, machine| {
            let queue = state.queue_now(machine).expect("the queue was just found");
            let result = op::get_queue_attributes::reply(queue.config(), &queue.counts(), input);
            state.seen(
                result
                    .map(Reply::GetQueueAttributes)
                    .map_err(api::Error::from),
            )
        })
    }

    pub(super) fn set_queue_attributes(
        &self,
        caller: &Caller<'_>,
        input: &SetQueueAttributesRequest<'_>,
    ) -> Answer {
        let lookup = |arn: &Arn| self.directory.kind(arn);
        self.on_queue(caller, input.queue_url.as_deref(), |state, machine| {
            let now = state.cell.now();
            let queue = state.queue_now(machine).expect("the queue was just found");
            let plan = op::set_queue_attributes::prepare(queue, now, input, &lookup);
            let answer = state.carry_out(machine, plan, |_, _| Ok(Reply::SetQueueAttributes));
            state.enter_again(machine);
            answer
        })
    }

    pub(super) fn purge_queue(&self, caller: &Caller<'_>, input: &PurgeQueueRequest<'_>) -> Answer {
        self.on_queue(caller, input.queue_url.as_deref(), |state, machine| {
            let now = state.cell.now();
            let purged = state.cell.machines().purged_at(machine);
            let queue = state.queue(machine).expect("the queue was just found");
            let plan = op::purge_queue::prepare(queue, now, purged, self.options.waits);
            state.carry_out(machine, plan, |_, _| Ok(Reply::PurgeQueue))
        })
    }

    pub(super) fn tag_queue(&self, caller: &Caller<'_>, input: &TagQueueRequest<'_>) -> Answer {
        self.on_queue(caller, input.queue_url.as_deref(), |state, machine| {
            let queue = state.queue(machine).expect("the queue was just found");
            let plan = op::tag_queue::prepare(queue, input);
            state.carry_out(machine, plan, |_, _| Ok(Reply::TagQueue))
        })
    }

    pub(super) fn untag_queue(&self, caller: &Caller<'_>, input: &UntagQueueRequest<'_>) -> Answer {
        self.on_queue(caller, input.queue_url.as_deref(), |state, machine| {
            let queue = state.queue(machine).expect("the queue was just found");
            let plan = op::untag_queue::prepare(queue, input);
            state.carry_out(machine, plan, |_, _| Ok(Reply::UntagQueue))
        })
    }

    pub(super) fn list_queue_tags(
        &self,
        caller: &Caller<'_>,
        input: &ListQueueTagsRequest<'_>,
    ) -> Answer {
        self.on_queue(caller, input.queue_url.as_deref(), |state, machine| {
            let queue = state.queue(machine).expect("the queue was just found");
            state.seen(Ok(Reply::ListQueueTags(op::list_queue_tags::reply(
                queue.config(),
            ))))
        })
    }

    pub(super) fn add_permission(
        &self,
        caller: &Caller<'_>,
        input: &AddPermissionRequest<'_>,
    ) -> Answer {
        self.on_queue(caller, input.queue_url.as_deref(), |state, machine| {
            let now = state.cell.now();
            let queue = state.queue(machine).expect("the queue was just found");
            let plan = op::add_permission::prepare(queue, now, input);
            state.carry_out(machine, plan, |_, _| Ok(Reply::AddPermission))
        })
    }

    pub(super) fn remove_permission(
        &self,
        caller: &Caller<'_>,
        input: &RemovePermissionRequest<'_>,
    ) -> Answer {
        self.on_queue(caller, input.queue_url.as_deref(), |state, machine| {
            let now = state.cell.now();
            let queue = state.queue(machine).expect("the queue was just found");
            let plan = op::remove_permission::prepare(queue, now, input);
            state.carry_out(machine, plan, |_, _| Ok(Reply::RemovePermission))
        })
    }
}

impl CellState {
    /// Deletes a queue that is known to be there, and gives the position behind its record.
    pub(crate) fn delete_queue(&mut self, machine: MachineId) -> Result<Offset, api::Error> {
        let queue = self.queue(machine).expect("the queue was just found");
        let config = queue.config();
        let address = AddressRef {
            account: config.account,
            region: config.region,
            name: &config.name,
        }
        .to_owned();
        let done = self.submit(machine, Claim::Free, &Record::DeleteQueue)?;
        debug_assert!(matches!(done.outcome, Outcome::Deleted));
        self.directory.strike(address.borrow());
        self.courier.drop_machine(machine);
        self.release(machine, |state| state.seen(Err(target::does_not_exist())));
        Ok(done.durable_from)
    }

    /// Other queues look at this one's redrive policies through the directory.
    fn enter_again(&mut self, machine: MachineId) {
        let queue = self.queue(machine).expect("the queue was just found");
        self.directory.enter(queue.config());
    }
}
