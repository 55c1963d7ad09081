//! Structured logs on standard error.

use std::io::{self, IsTerminal as _};

use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::settings::{LogFormat, Settings};

/// The house's own crates. Of others' only warnings are of interest.
const OURS: [&str; 4] = ["server", "node", "engine", "journal"];

/// Starts logging for the whole process. Bodies, keys and signatures are never logged, at no level.
pub fn start(settings: &Settings) {
    let others = settings.log_level.min(LevelFilter::WARN);
    let ours = OURS.map(|name| (name, settings.log_level));
    let targets = Targets::new().with_default(others).with_targets(ours);
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal())
        .with_target(false);
    let log = tracing_subscriber::registry().with(targets);
    match settings.log_format {
        LogFormat::Text => log.with(lines).init(),
        LogFormat::Json => log.with(lines.json().flatten_event(true)).init(),
    }
}
