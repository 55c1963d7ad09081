//! What the operating system says of this process, under the names that Prometheus's own clients use.

/// Resident memory in bytes and CPU seconds used, where the system tells.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Process {
    pub(crate) resident_bytes: u64,
    pub(crate) cpu_seconds: f64,
    pub(crate) open_descriptors: u64,
}

#[cfg(target_os = "linux")]
pub(crate) fn process() -> Option<Process> {
    let statm = std::fs::read_to_string("/proc/self/statm").ok()?;
    let pages: u64 = statm.split(' ').nth(1)?.parse().ok()?;
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    // Behind the command's name, which stands in parentheses and may hold spaces.
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_ascii_whitespace().collect();
    let ticks = |at: usize| fields.get(at)?.parse::<u64>().ok();
    let open_descriptors = std::fs::read_dir("/proc/self/fd").ok()?.count() as u64;
    Some(Process {
        resident_bytes: pages * rustix::param::page_size() as u64,
        cpu_seconds: (ticks(11)? + ticks(12)?) as f64
            / rustix::param::clock_ticks_per_second() as f64,
        open_descriptors,
    })
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn process() -> Option<Process> {
    None
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn a_process_has_memory_and_open_files() {
        let process = process().unwrap();
        assert!(process.resident_bytes > 100_000, "{process:?}");
        assert!(process.open_descriptors > 2, "{process:?}");
        assert!(process.cpu_seconds >= 0.0, "{process:?}");
    }
}
