//! The records of a cell: which machine, and what happens to it.
//!
//! ```text
//! machine u64 | kind u8 | …          behind the engine's header, see docs/journal-format.md
//! kind 1  create queue   secret 16 bytes | configuration
//! kind 2  delete queue
//! kind 3  queue command  as `sqs::Command` encodes it
//! kind 4  create topic   configuration
//! kind 5  delete topic
//! kind 6  topic command  as `sns::Command` encodes it
//! kind 7  publish        letters u8, each: publication u8, form u8 (1 raw, 2 grouped), letter run
//!                        | as `sns::Command::Publish` encodes it
//! kind 8  open outreach     account run | region run
//! kind 9  outreach command  as `outreach::Command` encodes it
//! kind 10 create log group  configuration
//! kind 11 delete log group
//! kind 12 log command       as `logs::Command` encodes it
//! kind 13 close outreach
//! ```

use domain::bytes::{Malformed, Put, Take};
use domain::{AccountId, Body, MachineId, Region};
use sqs::Letter;

#[derive(Debug)]
pub(crate) enum Record<'a> {
    CreateQueue {
        secret: [u8; 16],
        config: Box<sqs::Config>,
    },
    DeleteQueue,
    Queue(sqs::Command<'a>),
    CreateTopic(Box<sns::Config>),
    DeleteTopic,
    Topic(sns::Command<'a>),
    Publish {
        letters: Vec<Sheet<'a>>,
        publish: sns::Publish<'a>,
    },
    OpenOutreach(outreach::Home),
    Outreach(outreach::Command<'a>),
    CloseOutreach,
    CreateGroup(Box<logs::Config>),
    DeleteGroup,
    Group(logs::Command<'a>),
}

/// A letter, and for which queues it is meant.
#[derive(Debug)]
pub(crate) struct Sheet<'a> {
    /// Which publication of the record it tells.
    pub(crate) publication: u8,
    pub(crate) form: Form,
    pub(crate) letter: Letter<'a>,
    /// Where the letter stands in the record; filled by `decode`.
    pub(crate) body: Body,
}

/// The forms in which queues get a publication.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Form {
    /// The message alone, without the JSON around it.
    pub(crate) raw: bool,
    /// With its message group and deduplication id, where it has them.
    pub(crate) grouped: bool,
}

const CREATE_QUEUE: u8 = 1;
const DELETE_QUEUE: u8 = 2;
const QUEUE: u8 = 3;
const CREATE_TOPIC: u8 = 4;
const DELETE_TOPIC: u8 = 5;
const TOPIC: u8 = 6;
const PUBLISH: u8 = 7;
const OPEN_OUTREACH: u8 = 8;
const OUTREACH: u8 = 9;
const CREATE_GROUP: u8 = 10;
const DELETE_GROUP: u8 = 11;
const GROUP: u8 = 12;
const CLOSE_OUTREACH: u8 = 13;

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
            Record::CreateTopic(config) => {
                out.put_u8(CREATE_TOPIC);
                config.encode(out);
            }
            Record::DeleteTopic => out.put_u8(DELETE_TOPIC),
            Record::Topic(command) => {
                out.put_u8(TOPIC);
                command.encode(out);
            }
            Record::Publish { letters, publish } => {
                out.put_u8(PUBLISH);
                out.put_u8(u8::try_from(letters.len()).expect("ten publications have four forms"));
                letters.iter().for_each(|sheet| sheet.encode(out));
                publish.encode(out);
            }
            Record::OpenOutreach(home) => {
                out.put_u8(OPEN_OUTREACH);
                out.put_text(home.account.as_str());
                out.put_text(home.region.as_str());
            }
            Record::Outreach(command) => {
                out.put_u8(OUTREACH);
                command.encode(out);
            }
            Record::CloseOutreach => out.put_u8(CLOSE_OUTREACH),
            Record::CreateGroup(config) => {
                out.put_u8(CREATE_GROUP);
                config.encode(out);
            }
            Record::DeleteGroup => out.put_u8(DELETE_GROUP),
            Record::Group(command) => {
                out.put_u8(GROUP);
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
                config: Box::new(sqs::Config::decode(&mut take)?),
            },
            DELETE_QUEUE => Record::DeleteQueue,
            QUEUE => Record::Queue(sqs::Command::decode_at(record, take.position())?),
            CREATE_TOPIC => Record::CreateTopic(Box::new(sns::Config::decode(&mut take)?)),
            DELETE_TOPIC => Record::DeleteTopic,
            TOPIC => Record::Topic(sns::Command::decode_at(record, take.position())?),
            PUBLISH => Record::Publish {
                letters: (0..take.u8()?)
                    .map(|_| Sheet::decode(&mut take))
                    .collect::<Result<_, _>>()?,
                publish: sns::Publish::decode(&mut take)?,
            },
            OPEN_OUTREACH => Record::OpenOutreach(outreach::Home {
                account: AccountId::parse(take.text()?).map_err(|why| Malformed(why.0))?,
                region: Region::parse(take.text()?).map_err(|why| Malformed(why.0))?,
            }),
            OUTREACH => Record::Outreach(outreach::Command::decode_at(record, take.position())?),
            CLOSE_OUTREACH => Record::CloseOutreach,
            CREATE_GROUP => Record::CreateGroup(Box::new(logs::Config::decode(&mut take)?)),
            DELETE_GROUP => Record::DeleteGroup,
            GROUP => Record::Group(logs::Command::decode_at(record, take.position())?),
            _ => return Err(Malformed("a record of an unknown kind")),
        };
        Ok((machine, decoded))
    }
}

impl<'a> Sheet<'a> {
    fn encode(&self, out: &mut Vec<u8>) {
        out.put_u8(self.publication);
        out.put_u8(u8::from(self.form.raw) | u8::from(self.form.grouped) << 1);
        let length_at = out.len();
        out.put_u32(0);
        self.letter.encode(out);
        let length = u32::try_from(out.len() - length_at - 4)
            .expect("a letter is bounded by the record's limit");
        out[length_at..length_at + 4].copy_from_slice(&length.to_le_bytes());
    }

    fn decode(take: &mut Take<'a>) -> Result<Sheet<'a>, Malformed> {
        let publication = take.u8()?;
        let form = take.u8()?;
        let letter = take.run()?;
        let too_long = |_| Malformed("a record is over 4 GiB");
        let end = u32::try_from(take.position()).map_err(too_long)?;
        let len = u32::try_from(letter.len()).map_err(too_long)?;
        Ok(Sheet {
            publication,
            form: Form {
                raw: form & 1 != 0,
                grouped: form & 2 != 0,
            },
            letter: Letter::decode(letter)?,
            body: Body { at: end - len, len },
        })
    }
}
