//! The records of a cell: which machine, and what happens to it.
//!
//! ```text
//! machine u64 | kind u8 | …          behind the engine's header, see docs/journal-format.md
//! kind 1  create queue   secret 16 bytes | configuration
//! kind 2  delete queue
//! kind 3  queue command  as `sqs::Command` encodes it
//! ```

use domain::MachineId;
use domain::bytes::{Malformed, Put, Take};
use sqs::{Command, Config};

#[derive(Debug)]
pub(crate) enum Record<'a> {
    CreateQueue {
        secret: [u8; 16],
        config: Box<Config>,
    },
    DeleteQueue,
    Queue(Command<'a>),
}

const CREATE_QUEUE: u8 = 1;
const DELETE_QUEUE: u8 = 2;
const QUEUE: u8 = 3;

impl<'a> Record<'a> {
    pub(crate) fn encode(&self, machine: MachineId, out: &mut Vec<u8>) {
        out.put_u64(machine.0);
        match self {
            Record::CreateQueue { secret, config } => {
                out.put_u8(CREATE_QUEUE);
                out.extend_from_slice(secret);
                config.encode(out);
            }
            Record::DeleteQueue => out.put_u8(DELETE_QUEUE),
            Record::Queue(command) => {
                out.put_u8(QUEUE);
                command.encode(out);
            }
        }
    }

    /// Reads what `record` says from `start` on.
    pub(crate) fn decode(
        record: &'a [u8],
        start: usize,
    ) -> Result<(MachineId, Record<'a>), Malformed> {
        let mut take = Take::new(record);
        take.bytes(start)?;
        let machine = MachineId(take.u64()?);
        let decoded = match take.u8()? {
            CREATE_QUEUE => Record::CreateQueue {
                secret: take.array()?,
                config: Box::new(Config::decode(&mut take)?),
            },
            DELETE_QUEUE => Record::DeleteQueue,
            QUEUE => Record::Queue(Command::decode_at(record, take.position())?),
            _ => return Err(Malformed("a record of an unknown kind")),
        };
        Ok((machine, decoded))
    }
}
