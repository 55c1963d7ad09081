//! A queue that nobody empties: its memory, and how soon a restart answers.

use std::fs;
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use super::depth::expect_depth;
use super::{Bench, kibibyte, mebibytes};
use crate::contender::Contender;
use crate::load;
use crate::report::{Finding, Results};
use crate::script::{Script, Step};
use crate::server::Server;

const MESSAGES: u64 = 1_000_000;
const CONNECTIONS: u64 = 16;
const MEBIBYTES_MAX: f64 = 250.0;
const RESTART_MAX: Duration = Duration::from_secs(2);
/// Background work after the last message.
const SETTLE: Duration = Duration::from_secs(3);

pub(super) fn run(bench: &Bench) -> Result<Results> {
    let home = bench.home()?;
    let server = Server::start(Contender::Tidings, &bench.programs, &home)?;
    let queue = server.create_queue("backlog", json!({}))?;
    let messages = bench.many(MESSAGES);
    let rounds = messages / 10 / CONNECTIONS;
    let script = Script {
        steps: vec![Step::send_batch(server.port, &queue, &kibibyte())],
        rounds: Some(rounds),
        first_number: 0,
    };
    let begun = Instant::now();
    let sent = load::complete(&server, vec![script; CONNECTIONS as usize])?;
    let filled_in = begun.elapsed();
    expect_depth(&server, &queue, sent)?;
    let at_end = server.resident_bytes()?;
    sleep(SETTLE);
    let settled = server.resident_bytes()?;
    server.stop()?;
    let on_disk = size(&home.join("tidings"))?;
    let (after_stop, again) = restart(bench, &home, sent)?;
    let restarted = again.resident_bytes()?;
    again.kill();
    let (after_kill, again) = restart(bench, &home, sent)?;
    drop(again);

    let resident = mebibytes(at_end.max(settled));
    let restart = after_stop.max(after_kill);
    let millis = |time: Duration| format!("{:.0}", time.as_secs_f64() * 1e3);
    Ok(Results {
        findings: vec![
            Finding::new(
                &format!("backlog of {sent} × 1 KiB, memory with the default cache"),
                "< 250 MB",
                format!("{resident:.0} MiB"),
                resident < MEBIBYTES_MAX,
            ),
            Finding::new(
                "restart with it, to the first right answer",
                "< 2 s",
                format!("{} ms", millis(restart)),
                restart < RESTART_MAX,
            ),
        ],
        columns: vec![
            "messages",
            "filled in s",
            "resident MiB at the end",
            "3 s later",
            "after a restart",
            "on disk MiB",
            "restart after a stop, ms",
            "after kill -9, ms",
        ],
        rows: vec![vec![
            sent.to_string(),
            format!("{:.1}", filled_in.as_secs_f64()),
            format!("{:.0}", mebibytes(at_end)),
            format!("{:.0}", mebibytes(settled)),
            format!("{:.0}", mebibytes(restarted)),
            format!("{:.0}", mebibytes(on_disk)),
            millis(after_stop),
            millis(after_kill),
        ]],
        notes: vec!["The page cache is warm at both restarts.".to_owned()],
        rounds: Value::Array(vec![json!({
            "messages": sent, "resident_bytes_at_end": at_end, "resident_bytes_settled": settled,
            "resident_bytes_restarted": restarted, "bytes_on_disk": on_disk,
            "restart_after_stop_seconds": after_stop.as_secs_f64(),
            "restart_after_kill_seconds": after_kill.as_secs_f64(),
        })]),
    })
}

/// Starts the server again; the first answer must know all messages.
fn restart(bench: &Bench, home: &Path, messages: u64) -> Result<(Duration, Server)> {
    let begun = Instant::now();
    let server = Server::spawn(Contender::Tidings, &bench.programs, home)?;
    let queue = format!("http://127.0.0.1:{}/000000000000/backlog", server.port);
    let body = json!({"QueueUrl": queue, "AttributeNames": ["ApproximateNumberOfMessages"]});
    let answer = server.first_answer("GetQueueAttributes", &body)?;
    let after = begun.elapsed();
    let found = &answer["Attributes"]["ApproximateNumberOfMessages"];
    ensure!(
        found.as_str() == Some(&messages.to_string()),
        "{found} messages after a restart and not {messages}"
    );
    Ok((after, server))
}

/// Bytes that the files of a directory take on the disk.
fn size(directory: &Path) -> Result<u64> {
    use std::os::unix::fs::MetadataExt as _;
    let mut bytes = 0;
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        let kind = entry.metadata()?;
        bytes += if kind.is_dir() {
            size(&entry.path())?
        } else {
            kind.blocks() * 512
        };
    }
    Ok(bytes)
}
