//! From options and a disk to a running node.

use std::fmt;
use std::io;
use std::sync::Arc;

use engine::{Cell, CellOptions, Clock, Recovered, RecoveryError};
use journal::{Disk, Durability, FlusherKind, LocalStore};

use crate::directory::Directory;
use crate::house::House;
use crate::node::{CellHost, Node};
use crate::own_logs::Reports;
use crate::signing::{Signatures, Signer};
use crate::state::CellState;

/// Which form queue URLs have (spec section 1.3). Every form is understood, whichever is returned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum QueueUrls {
    /// `http://{Host of the request}/{account}/{name}`
    Host,
    /// `http://sqs.{region}.localhost:{port}/{account}/{name}`
    Region { port: u16 },
    /// `{base}/{account}/{name}`, without a slash at the end of the base.
    Base(String),
}

#[derive(Clone, Debug)]
pub struct Options {
    /// Cells, each with a journal of its own. Fixed for a data directory once it is made.
    pub cells: usize,
    pub durability: Durability,
    pub flusher: FlusherKind,
    /// Recent journal bytes kept in memory, over all cells.
    pub cache_bytes: usize,
    /// Whether the 60 s waits after DeleteQueue and PurgeQueue are kept as on AWS.
    pub waits: bool,
    pub queue_urls: QueueUrls,
    pub cell: CellOptions,
    /// The largest journal segment, in bytes; the default suits servers, simulation wants small ones.
    pub journal_segment_bytes: u64,
    /// The server's own URL, without a slash at its end: what links in notifications begin with.
    pub base_url: String,
    /// Deliveries to the outside are tried once only, whatever the delivery policy says.
    pub deliver_once: bool,
    /// Filter policies that a topic may have.
    pub filter_policies_max: usize,
    /// Mails leave through a mail server: who is to get them is asked first.
    pub mail_leaves: bool,
    /// Where the journals' salts come from; drawn at random unless a simulation sets it.
    pub journal_seed: Option<u64>,
}

impl Default for Options {
    fn default() -> Options {
        let journal = journal::Options::default();
        Options {
            cells: 1,
            durability: Durability::Fsync,
            flusher: FlusherKind::Auto,
            cache_bytes: journal.cache_bytes,
            waits: false,
            queue_urls: QueueUrls::Host,
            cell: CellOptions::default(),
            journal_segment_bytes: journal.segment_bytes_max,
            base_url: "http://127.0.0.1:4566".to_owned(),
            deliver_once: false,
            filter_policies_max: sns::limits::FILTER_POLICIES_MAX,
            mail_leaves: false,
            journal_seed: None,
        }
    }
}

/// A node that is ready for calls, and what its recovery saw.
pub struct Opened {
    pub node: Node,
    pub cells: Vec<(journal::Recovered, Recovered)>,
}

#[derive(Debug)]
pub enum OpenError {
    Io(io::Error),
    Journal {
        cell: usize,
        why: journal::OpenError,
    },
    Recovery {
        cell: usize,
        why: RecoveryError,
    },
    /// The data was made with another number of cells.
    Cells {
        made: usize,
        asked: usize,
    },
    /// The data was made by a version this one does not read.
    Format(String),
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            OpenError::Io(error) => write!(f, "the data directory cannot be used: {error}"),
            OpenError::Journal { cell, why } => write!(f, "cell {cell}: {why}"),
            OpenError::Recovery { cell, why } => write!(f, "cell {cell}: {why}"),
            OpenError::Cells { made, asked } => write!(
                f,
                "this data was made with {made} cells and is opened with {asked}: queues live in the cell their \
                 name falls into, so the number cannot change; use --cells {made}"
            ),
            OpenError::Format(found) => write!(
                f,
                "this data is of format {found:?}, and this version reads {FORMAT:?} only"
            ),
        }
    }
}

impl std::error::Error for OpenError {}

impl From<io::Error> for OpenError {
    fn from(error: io::Error) -> OpenError {
        OpenError::Io(error)
    }
}

const FORMAT: &str = "tidings-1";
const FORMAT_FILE: &str = "format";

impl Node {
    /// Opens the data on `disk`, or begins it, and recovers what was acknowledged.
    pub fn open(
        disk: Arc<dyn Disk>,
        clock: Arc<Clock>,
        signer: Arc<dyn Signer>,
        options: Options,
    ) -> Result<Opened, OpenError> {
        let signatures = Arc::new(Signatures::new(signer));
        let base_url: Arc<str> = options.base_url.as_str().into();
        check_format(&*disk, options.cells)?;
        let directory = Arc::new(Directory::default());
        let reports = Arc::new(Reports::default());
        let mut cells = Vec::new();
        let mut recovered = Vec::new();
        for index in 0..options.cells {
            let (cell, saw) = open_cell(&disk, &clock, &options, index)?;
            recovered.push(saw);
            cells.push(CellHost::new(CellState::new(
                index,
                cell,
                directory.clone(),
                signatures.clone(),
                base_url.clone(),
                options.mail_leaves,
                reports.clone(),
            )));
        }
        let node = Node {
            cells,
            clock,
            directory,
            options,
            signatures,
            reports,
        };
        for cell in 0..node.cells.len() {
            node.carry(cell);
        }
        Ok(Opened {
            node,
            cells: recovered,
        })
    }
}

fn open_cell(
    disk: &Arc<dyn Disk>,
    clock: &Arc<Clock>,
    options: &Options,
    index: usize,
) -> Result<(Cell<House>, (journal::Recovered, Recovered)), OpenError> {
    let defaults = journal::Options::default();
    let journal_options = journal::Options {
        durability: options.durability,
        flusher: options.flusher,
        cache_bytes: options.cache_bytes / options.cells,
        segment_bytes_max: options.journal_segment_bytes,
        seed: options
            .journal_seed
            .unwrap_or(defaults.seed)
            .wrapping_add(index as u64),
        ..defaults
    };
    let directory = format!("cell-{index}/journal");
    let (journal, seen) = journal::open(disk.clone(), &directory, journal_options)
        .map_err(|why| OpenError::Journal { cell: index, why })?;
    let store = LocalStore::open(disk.clone(), &format!("cell-{index}/store"))?;
    let (cell, recovered) = Cell::recover(
        Box::new(journal),
        Arc::new(store),
        clock.clone(),
        options.cell.clone(),
    )
    .map_err(|why| OpenError::Recovery { cell: index, why })?;
    Ok((cell, (seen, recovered)))
}

/// The first start writes what the data is; every later one holds itself against it.
fn check_format(disk: &dyn Disk, cells: usize) -> Result<(), OpenError> {
    if disk.list("")?.iter().any(|name| name == FORMAT_FILE) {
        let file = disk.open(FORMAT_FILE)?;
        let mut bytes = vec![0; file.len()?.min(256) as usize];
        let read = file.read_at(0, &mut bytes)?;
        bytes.truncate(read);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let made = text
            .strip_prefix(FORMAT)
            .and_then(|rest| rest.trim().strip_prefix("cells "))
            .and_then(|number| number.parse().ok())
            .ok_or(OpenError::Format(text))?;
        return if made == cells {
            Ok(())
        } else {
            Err(OpenError::Cells { made, asked: cells })
        };
    }
    let temporary = "format.new";
    if disk.list("")?.iter().any(|name| name == temporary) {
        disk.remove(temporary)?;
    }
    let file = disk.create(temporary)?;
    file.write_at(0, format!("{FORMAT} cells {cells}\n").as_bytes())?;
    file.sync()?;
    disk.rename(temporary, FORMAT_FILE)?;
    disk.sync_dir("")?;
    Ok(())
}
