//! Calls about log events: put, get, filter. Messages are read a few at a time, so that a large page holds nobody up.

use api::Error;
use api::logs::{
    FilterLogEventsRequest, FilterLogEventsResponse, GetLogEventsRequest, PutLogEventsRequest,
    Reply, TestMetricFilterRequest,
};
use domain::MachineId;
use logs::error::no_such_group;
use logs::op::filter_log_events::Search;
use logs::op::{get_log_events, put_log_events, test_metric_filter};
use logs::{Found, Outcome};

use super::logs::{address, owner};
use crate::address::{AddressRef, cell_of};
use crate::answer::Answer;
use crate::node::{Caller, Node};
use crate::state::CellState;

/// What is read under one hold of a cell, at least one message: each counts as its text and somewhat beside.
const HOLD_BYTES: usize = 128 << 10;
const READ_BYTES: usize = 512;

/// Messages of events, in order; an event that has gone has none.
type Messages = Vec<Option<Vec<u8>>>;

impl CellState {
    /// Reads on behind the messages that are read already, as far as one hold goes.
    fn read_messages(
        &self,
        machine: MachineId,
        found: &[Found],
        messages: &mut Messages,
    ) -> Result<(), Error> {
        let group = self.cell.machines().groups.get(machine);
        let mut bytes = 0;
        for found in &found[messages.len()..] {
            // It may have been settled elsewhere since it was found, or be gone with its group.
            let place = group.and_then(|group| group.place(found.event.id));
            messages.push(place.map(|place| self.read(place)).transpose()?);
            bytes += READ_BYTES + found.event.place.len as usize;
            if bytes >= HOLD_BYTES {
                break;
            }
        }
        Ok(())
    }
}

impl Node {
    pub(super) fn put_log_events(
        &self,
        caller: &Caller<'_>,
        input: &PutLogEventsRequest<'_>,
    ) -> Answer {
        let name = put_log_events::locate(input);
        self.on_group(caller, name, |state, machine| {
            let now = state.cell.now();
            let group = state.group_now(machine).expect("the group was just found");
            let plan = put_log_events::prepare(group, now, input);
            state.carry_out_group(machine, plan, |keep, outcome: Outcome| {
                Reply::PutLogEvents(put_log_events::reply(keep, outcome))
            })
        })
    }

    pub(super) fn get_log_events(
        &self,
        caller: &Caller<'_>,
        input: &GetLogEventsRequest<'_>,
    ) -> Answer {
        let owner = owner(caller);
        let address = match get_log_events::locate(&owner, input) {
            Ok(name) => address(caller, name),
            Err(error) => return Answer::now(Err(error)),
        };
        let cell = cell_of(address, self.cells.len());
        let page = self.cells[cell].hold(|state| {
            let machine = find(state, address)?;
            let group = state.group_now(machine).expect("the group was just found");
            Ok((machine, get_log_events::read(group, input)?))
        });
        let reply = page.and_then(|(machine, page)| {
            let messages = self.messages(cell, machine, &page.found)?;
            Ok(Reply::GetLogEvents(get_log_events::reply(page, messages)))
        });
        self.cells[cell].hold(|state| state.logs_told(reply))
    }

    pub(super) fn filter_log_events(
        &self,
        caller: &Caller<'_>,
        input: &FilterLogEventsRequest<'_>,
    ) -> Answer {
        let search = match Search::of(&owner(caller), input) {
            Ok(search) => search,
            Err(error) => return Answer::now(Err(error)),
        };
        let group = search.group().to_owned();
        let address = address(caller, &group);
        let cell = cell_of(address, self.cells.len());
        let reply = self.search(cell, address, search);
        self.cells[cell].hold(|state| state.logs_told(reply.map(Reply::FilterLogEvents)))
    }

    fn search(
        &self,
        cell: usize,
        address: AddressRef<'_>,
        mut search: Search,
    ) -> Result<FilterLogEventsResponse<'static>, Error> {
        while search.is_running() {
            let (machine, chunk) = self.cells[cell].hold(|state| {
                let machine = find(state, address)?;
                let group = state.group_now(machine).expect("the group was just found");
                Ok::<_, Error>((machine, search.next(group)?))
            })?;
            let messages = self.messages(cell, machine, &chunk.found)?;
            search.take(chunk, messages);
        }
        Ok(search.reply())
    }

    /// The messages of a group's events, read under as many holds as it takes.
    fn messages(
        &self,
        cell: usize,
        machine: MachineId,
        found: &[Found],
    ) -> Result<Messages, Error> {
        let mut messages = Vec::with_capacity(found.len());
        while messages.len() < found.len() {
            self.cells[cell].hold(|state| state.read_messages(machine, found, &mut messages))?;
        }
        Ok(messages)
    }

    pub(super) fn test_metric_filter(&self, input: &TestMetricFilterRequest<'_>) -> Answer {
        let reply = test_metric_filter::reply(input).map(Reply::TestMetricFilter);
        Answer::now(reply.map(api::Reply::Logs))
    }
}

fn find(state: &CellState, address: AddressRef<'_>) -> Result<MachineId, Error> {
    let groups = &state.cell.machines().groups;
    groups.find(address).ok_or_else(no_such_group)
}
