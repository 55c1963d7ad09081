//! Calls about log groups and their streams: create, delete, list; and how all calls about them come to an answer.

use api::Error;
use api::logs::{
    CreateLogGroupRequest, CreateLogStreamRequest, DeleteLogGroupRequest, DeleteLogStreamRequest,
    DescribeLogGroupsRequest, DescribeLogStreamsRequest, ListLogGroupsRequest, Reply,
};
use domain::{Machine as _, MachineId};
use engine::Claim;
use logs::error::{group_exists, no_such_group};
use logs::op::{self, Plan};
use logs::{Command, Config, LogGroup, Outcome, Owner};

use crate::address::{Address, AddressRef, cell_of};
use crate::answer::Answer;
use crate::house::Outcome as Did;
use crate::node::{Caller, Node};
use crate::record::Record;
use crate::state::{CellState, Done};

pub(super) fn owner(caller: &Caller<'_>) -> Owner {
    Owner {
        account: caller.account,
        region: caller.region,
    }
}

pub(super) fn address<'a>(caller: &Caller<'_>, group: &'a str) -> AddressRef<'a> {
    AddressRef {
        account: caller.account,
        region: caller.region,
        name: group,
    }
}

impl CellState {
    /// The group as of now: what has expired is gone.
    pub(crate) fn group_now(&mut self, machine: MachineId) -> Option<&LogGroup> {
        let now = self.cell.now();
        let group = self.cell.machines_mut().groups.get_mut(machine)?;
        group.advance(now);
        Some(group)
    }

    /// An answer of CloudWatch Logs that shows state as it is now: it leaves once all of that is durable.
    pub(super) fn logs_told(&self, result: Result<Reply<'static>, Error>) -> Answer {
        Answer::after(result.map(api::Reply::Logs), self.index, self.cell.end())
    }

    pub(crate) fn create_group(&mut self, config: Config) -> Result<MachineId, Error> {
        let machine = self.cell.machines().next_machine();
        let entered = config.clone();
        self.submit(machine, Claim::Grow, &Record::CreateGroup(Box::new(config)))?;
        self.directory.enter_group(&entered);
        Ok(machine)
    }

    fn delete_group(&mut self, machine: MachineId, address: &Address) -> Result<(), Error> {
        self.submit(machine, Claim::Free, &Record::DeleteGroup)?;
        self.directory.strike_group(address);
        Ok(())
    }

    /// Submits a command to a group that is known to be there.
    pub(crate) fn group_command(
        &mut self,
        machine: MachineId,
        command: Command<'_>,
    ) -> Result<Done<Outcome>, Error> {
        let claim = if command.frees() {
            Claim::Work
        } else {
            Claim::Grow
        };
        let done = self.submit(machine, claim, &Record::Group(command))?;
        let Did::Group(outcome) = done.outcome else {
            unreachable!("a log command answers a group's outcome while the cell is held")
        };
        Ok(Done {
            outcome,
            durable_from: done.durable_from,
            carries: done.carries,
        })
    }

    /// Carries a group's prepared plan out and makes its answer.
    pub(super) fn carry_out_group<K>(
        &mut self,
        machine: MachineId,
        plan: Result<Plan<'_, K>, Error>,
        reply: impl FnOnce(K, Outcome) -> Reply<'static>,
    ) -> Answer {
        let Plan { command, keep } = match plan {
            Ok(plan) => plan,
            Err(error) => return self.logs_told(Err(error)),
        };
        let Some(command) = command else {
            return self.logs_told(Ok(reply(keep, Outcome::Done)));
        };
        match self.group_command(machine, command) {
            Ok(done) => {
                let told = Ok(api::Reply::Logs(reply(keep, done.outcome)));
                Answer::after(told, self.index, done.durable_from)
            }
            Err(error) => Answer::now(Err(error)),
        }
    }
}

impl Node {
    /// Holds the cell of the caller's group of that name.
    pub(super) fn on_group(
        &self,
        caller: &Caller<'_>,
        name: Result<&str, Error>,
        work: impl FnOnce(&mut CellState, MachineId) -> Answer,
    ) -> Answer {
        let address = match name {
            Ok(name) => address(caller, name),
            Err(error) => return Answer::now(Err(error)),
        };
        let cell = cell_of(address, self.cells.len());
        self.cells[cell].hold(|state| match state.cell.machines().groups.find(address) {
            Some(machine) => work(state, machine),
            None => state.logs_told(Err(no_such_group())),
        })
    }

    /// Shows a group as of now.
    pub(super) fn show_group(
        &self,
        caller: &Caller<'_>,
        name: Result<&str, Error>,
        reply: impl FnOnce(&LogGroup) -> Result<Reply<'static>, Error>,
    ) -> Answer {
        self.on_group(caller, name, |state, machine| {
            let group = state.group_now(machine).expect("the group was just found");
            let reply = reply(group);
            state.logs_told(reply)
        })
    }

    /// Changes a group; `reply` says that it is done.
    pub(super) fn change_group<'i>(
        &self,
        caller: &Caller<'_>,
        name: Result<&str, Error>,
        prepare: impl FnOnce(&LogGroup) -> Result<Plan<'i>, Error>,
        reply: Reply<'static>,
    ) -> Answer {
        self.on_group(caller, name, |state, machine| {
            let group = state.group_now(machine).expect("the group was just found");
            let plan = prepare(group);
            state.carry_out_group(machine, plan, |(), _| reply)
        })
    }

    pub(super) fn create_log_group(
        &self,
        caller: &Caller<'_>,
        input: &CreateLogGroupRequest<'_>,
    ) -> Answer {
        let address = address(caller, input.log_group_name.as_deref().unwrap_or_default());
        let cell = cell_of(address, self.cells.len());
        self.cells[cell].hold(|state| {
            let now = state.cell.now();
            let config = op::create_log_group::prepare(&owner(caller), now, input);
            let created = config.and_then(|config| {
                if state.cell.machines().groups.find(address).is_some() {
                    return Err(group_exists());
                }
                state.create_group(config)
            });
            state.logs_told(created.map(|_| Reply::CreateLogGroup))
        })
    }

    pub(super) fn delete_log_group(
        &self,
        caller: &Caller<'_>,
        input: &DeleteLogGroupRequest<'_>,
    ) -> Answer {
        let name = op::delete_log_group::locate(input);
        self.on_group(caller, name, |state, machine| {
            let group = state.group_now(machine).expect("the group was just found");
            let address = address(caller, &group.config().name).to_owned();
            let deleted = op::delete_log_group::check(group)
                .and_then(|()| state.delete_group(machine, &address));
            state.logs_told(deleted.map(|()| Reply::DeleteLogGroup))
        })
    }

    pub(super) fn describe_log_groups(
        &self,
        caller: &Caller<'_>,
        input: &DescribeLogGroupsRequest<'_>,
    ) -> Answer {
        let mut listing = match op::describe_log_groups::Listing::of(&owner(caller), input) {
            Ok(listing) => listing,
            Err(error) => return Answer::now(Err(error)),
        };
        for address in self.directory.groups(caller.account, caller.region) {
            if listing.may_want(&address.name) {
                self.look_at(&address, |group| {
                    listing.add(group.config(), group.stored_bytes());
                });
            }
        }
        let reply = Reply::DescribeLogGroups(listing.reply());
        self.seen_everywhere(Ok(api::Reply::Logs(reply)))
    }

    pub(super) fn list_log_groups(
        &self,
        caller: &Caller<'_>,
        input: &ListLogGroupsRequest<'_>,
    ) -> Answer {
        let mut listing = match op::list_log_groups::Listing::of(&owner(caller), input) {
            Ok(listing) => listing,
            Err(error) => return Answer::now(Err(error)),
        };
        for address in self.directory.groups(caller.account, caller.region) {
            if listing.may_want(&address.name) {
                self.look_at(&address, |group| listing.add(group.config()));
            }
        }
        let reply = Reply::ListLogGroups(listing.reply());
        self.seen_everywhere(Ok(api::Reply::Logs(reply)))
    }

    /// Looks at a group as of now, if it is still there.
    fn look_at(&self, address: &Address, look: impl FnOnce(&LogGroup)) {
        let address = address.borrow();
        let cell = cell_of(address, self.cells.len());
        self.cells[cell].hold(|state| {
            let machine = state.cell.machines().groups.find(address);
            if let Some(group) = machine.and_then(|machine| state.group_now(machine)) {
                look(group);
            }
        });
    }

    pub(super) fn create_log_stream(
        &self,
        caller: &Caller<'_>,
        input: &CreateLogStreamRequest<'_>,
    ) -> Answer {
        let name = op::create_log_stream::locate(input);
        let prepare = |group: &LogGroup| op::create_log_stream::prepare(group, input);
        self.change_group(caller, name, prepare, Reply::CreateLogStream)
    }

    pub(super) fn delete_log_stream(
        &self,
        caller: &Caller<'_>,
        input: &DeleteLogStreamRequest<'_>,
    ) -> Answer {
        let name = op::delete_log_stream::locate(input);
        let prepare = |group: &LogGroup| op::delete_log_stream::prepare(group, input);
        self.change_group(caller, name, prepare, Reply::DeleteLogStream)
    }

    pub(super) fn describe_log_streams(
        &self,
        caller: &Caller<'_>,
        input: &DescribeLogStreamsRequest<'_>,
    ) -> Answer {
        let owner = owner(caller);
        let name = op::describe_log_streams::locate(&owner, input);
        self.show_group(caller, name, |group| {
            let reply = op::describe_log_streams::reply(group, input);
            reply.map(Reply::DescribeLogStreams)
        })
    }
}
