//! Looking at messages without receiving them: no count, no timestamp, no visibility changes (spec section 11).

use api::Error;
use api::sqs::Message;
use sqs::op::receive_message::{self, Facts, Keep};
use sqs::{Payload, Peeked};

use crate::address::cell_of;
use crate::answer::Wait;
use crate::node::{Caller, Node};
use crate::state::CellState;
use crate::target;

/// Which messages to show beside the visible ones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PeekOptions {
    /// Those in flight; each message then says `IsVisible`.
    pub invisible: bool,
    /// Those whose delay runs; each message then says `IsDelayed`.
    pub delayed: bool,
}

/// Messages looked at, and when they may be shown.
pub struct Peek {
    pub messages: Vec<Message<'static>>,
    pub after: Wait,
}

/// The receipt handle of messages that were not received.
const NO_HANDLE: &str = "SQS/BACKDOOR/ACCESS";

impl Node {
    /// The messages of a queue, in order, with all their attributes.
    pub fn peek(
        &self,
        caller: &Caller<'_>,
        queue_url: Option<&str>,
        options: PeekOptions,
    ) -> Result<Peek, Error> {
        let address = target::resolve(caller, queue_url)?;
        let cell = cell_of(address, self.cells.len());
        self.cells[cell].hold(|state| {
            let machine = state
                .cell
                .machines()
                .find(address)
                .ok_or_else(target::does_not_exist)?;
            let queue = state.queue_now(machine).expect("the queue was just found");
            let peeked = queue.peek(options.invisible, options.delayed);
            let messages = peeked
                .iter()
                .map(|peeked| show(state, peeked, options))
                .collect::<Result<_, _>>()?;
            Ok(Peek {
                messages,
                after: Wait {
                    cell,
                    offset: state.cell.end(),
                },
            })
        })
    }
}

fn show(
    state: &CellState,
    peeked: &Peeked,
    options: PeekOptions,
) -> Result<Message<'static>, Error> {
    let bytes = state.whole_message(peeked.place, peeked.copy.as_ref())?;
    let payload = Payload::decode(&bytes).expect("a message comes back as it was journaled");
    let facts = Facts::from(peeked);
    let mut message =
        receive_message::show(&Keep::everything(), &facts, &payload, NO_HANDLE.to_owned());
    let attributes = message.attributes.get_or_insert_default();
    if options.invisible {
        attributes.push(("IsVisible".into(), peeked.visible.to_string().into()));
    }
    if options.delayed {
        attributes.push(("IsDelayed".into(), peeked.delayed.to_string().into()));
    }
    Ok(message)
}
