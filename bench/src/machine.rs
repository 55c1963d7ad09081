//! What Linux says of time, memory and the machine; and which core runs what.

use std::fs;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use rustix::thread::{CpuSet, sched_setaffinity};
use serde_json::json;

/// The server's core and the generator's.
pub(crate) const SERVER_CORE: usize = 0;
pub(crate) const CLIENT_CORE: usize = 1;

/// Runs this thread, and whatever it starts from now on, on one core.
pub(crate) fn stay_on(core: usize) -> Result<()> {
    stay_on_all(&[core])
}

pub(crate) fn stay_on_all(cores: &[usize]) -> Result<()> {
    let mut set = CpuSet::new();
    for core in cores {
        set.set(*core);
    }
    sched_setaffinity(None, &set).with_context(|| format!("pinning to cores {cores:?}"))
}

/// Allows as many open files as the system lets a process have; ten thousand connections need them.
pub(crate) fn open_many_files() -> Result<()> {
    let maximum = getrlimit(Resource::Nofile).maximum;
    let limit = Rlimit {
        current: maximum,
        maximum,
    };
    setrlimit(Resource::Nofile, limit).context("raising the limit of open files")
}

/// CPU time that a process has used so far, all its threads together.
pub(crate) fn process_cpu(pid: u32) -> Result<Duration> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat"))
        .with_context(|| format!("process {pid} is gone"))?;
    // The name, in parentheses, may hold spaces.
    let fields = stat.rsplit_once(')').map_or("", |(_, fields)| fields);
    let ticks: u64 = fields
        .split_ascii_whitespace()
        .skip(11)
        .take(2)
        .filter_map(|field| field.parse::<u64>().ok())
        .sum();
    Ok(of_ticks(ticks))
}

/// CPU time that all cores have spent on anything, also what the host took away.
pub(crate) fn busy() -> Result<Duration> {
    let stat = fs::read_to_string("/proc/stat")?;
    let line = stat.lines().next().unwrap_or_default();
    let ticks: u64 = line
        .split_ascii_whitespace()
        .skip(1)
        .take(8)
        .enumerate()
        // user nice system idle iowait irq softirq steal
        .filter(|(at, _)| *at != 3 && *at != 4)
        .filter_map(|(_, field)| field.parse::<u64>().ok())
        .sum();
    Ok(of_ticks(ticks))
}

fn of_ticks(ticks: u64) -> Duration {
    let per_second = rustix::param::clock_ticks_per_second();
    Duration::from_nanos(ticks * (1_000_000_000 / per_second))
}

/// Resident memory of a process, in bytes.
pub(crate) fn resident_bytes(pid: u32) -> Result<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let kib: u64 = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))
        .and_then(|rest| rest.split_ascii_whitespace().next())
        .context("no VmRSS")?
        .parse()?;
    Ok(kib * 1024)
}

/// What the numbers were measured on.
pub(crate) fn describe(disk: &Path) -> serde_json::Value {
    json!({
        "cpu": cpu_model(),
        "cores": std::thread::available_parallelism().map_or(1, usize::from),
        "kernel": first_line("/proc/sys/kernel/osrelease"),
        "disk": file_system(disk),
    })
}

fn first_line(path: &str) -> String {
    let text = fs::read_to_string(path).unwrap_or_default();
    text.lines().next().unwrap_or("unknown").to_owned()
}

fn cpu_model() -> String {
    let text = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = text
        .lines()
        .find_map(|line| line.strip_prefix("model name"));
    model
        .map_or("unknown", |rest| rest.trim_start_matches([' ', '\t', ':']))
        .to_owned()
}

/// Type and device of the file system that holds `path`.
pub(crate) fn file_system(path: &Path) -> String {
    let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let mounts = fs::read_to_string("/proc/mounts").unwrap_or_default();
    let mount = mounts
        .lines()
        .map(|line| line.split(' ').collect::<Vec<_>>())
        .filter(|fields| fields.len() > 2 && path.starts_with(fields[1]))
        .max_by_key(|fields| fields[1].len());
    mount.map_or("unknown".to_owned(), |fields| {
        format!("{} on {}", fields[2], fields[0])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_that_works_uses_time_and_memory() {
        let me = std::process::id();
        let before = process_cpu(me).unwrap();
        while process_cpu(me).unwrap() < before + Duration::from_millis(20) {}
        assert!(busy().unwrap() > Duration::ZERO);
        assert!(resident_bytes(me).unwrap() > 100_000);
    }
}
