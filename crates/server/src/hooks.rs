//! Scripts that run once the server answers: users' own set-up, such as creating queues.

use std::ffi::OsStr;
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::process::Command;

/// The longest piece of a script's output that is logged as one line.
const LINE_BYTES_MAX: usize = 4096;

/// The scripts of `ready.d` in `directory`, in order of name. What is neither executable nor a `.sh` is left out
/// with a warning.
pub(crate) fn ready_scripts(directory: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let ready = directory.join("ready.d");
    ensure!(
        ready.is_dir(),
        "--init-dir {}: there is no directory {}",
        directory.display(),
        ready.display()
    );
    let entries =
        std::fs::read_dir(&ready).with_context(|| format!("cannot read {}", ready.display()))?;
    let mut scripts: Vec<PathBuf> = entries
        .map(|entry| Ok(entry?.path()))
        .collect::<io::Result<_>>()?;
    scripts.retain(|path| path.is_file());
    scripts.sort();
    scripts.retain(|path| {
        let runs = is_shell(path) || is_executable(path);
        if !runs {
            tracing::warn!(script = %path.display(), "not run: neither executable nor a .sh");
        }
        runs
    });
    Ok(scripts)
}

fn is_shell(path: &Path) -> bool {
    path.extension() == Some(OsStr::new("sh"))
}

fn is_executable(path: &Path) -> bool {
    path.metadata()
        .is_ok_and(|metadata| metadata.permissions().mode() & 0o111 != 0)
}

/// Runs the scripts one after the other. One that fails is reported and does not stop the next.
pub(crate) async fn run(scripts: Vec<PathBuf>, endpoint: String, limit: Duration) {
    for script in scripts {
        let shown = script.display();
        tracing::info!(script = %shown, "runs");
        match tokio::time::timeout(limit, run_one(&script, &endpoint)).await {
            Ok(Ok(status)) if status.success() => tracing::info!(script = %shown, "done"),
            Ok(Ok(status)) => tracing::error!(script = %shown, %status, "failed"),
            Ok(Err(error)) => tracing::error!(script = %shown, %error, "could not be run"),
            Err(_) => {
                tracing::error!(script = %shown, seconds = limit.as_secs(), "took too long and was ended")
            }
        }
    }
}

async fn run_one(script: &Path, endpoint: &str) -> io::Result<std::process::ExitStatus> {
    let mut command = if is_executable(script) {
        Command::new(script)
    } else {
        let mut shell = Command::new("sh");
        shell.arg(script);
        shell
    };
    command
        .env("TIDINGS_ENDPOINT", endpoint)
        .env("AWS_ENDPOINT_URL", endpoint);
    let unless_given = [
        ("AWS_REGION", "us-east-1"),
        ("AWS_DEFAULT_REGION", "us-east-1"),
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
    ];
    for (name, value) in unless_given {
        if std::env::var_os(name).is_none() {
            command.env(name, value);
        }
    }
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    // A group of its own, so that what the script started ends with it.
    command.process_group(0);
    let mut child = command.spawn()?;
    let _ended_with_its_script = Group(child.id());
    let (out, err) = (child.stdout.take(), child.stderr.take());
    let (status, (), ()) = tokio::join!(child.wait(), log(script, out), log(script, err));
    status
}

/// A script's processes, which are ended when this is dropped.
struct Group(Option<u32>);

impl Drop for Group {
    fn drop(&mut self) {
        let id = self.0.and_then(|id| Pid::from_raw(id.try_into().ok()?));
        if let Some(id) = id {
            // Mostly they have ended by themselves.
            let _ = kill_process_group(id, Signal::KILL);
        }
    }
}

async fn log(script: &Path, output: Option<impl AsyncRead + Unpin>) {
    let Some(mut output) = output else { return };
    let name = script.file_name().unwrap_or_default().to_string_lossy();
    let mut pending = Vec::new();
    let mut piece = [0; 1024];
    while let Ok(len @ 1..) = output.read(&mut piece).await {
        pending.extend_from_slice(&piece[..len]);
        while let Some(line) = take_line(&mut pending) {
            tracing::info!(script = %name, "{line}");
        }
    }
    if !pending.is_empty() {
        tracing::info!(script = %name, "{}", String::from_utf8_lossy(&pending));
    }
}

/// A whole line, or as much of a long one as is logged at once.
fn take_line(pending: &mut Vec<u8>) -> Option<String> {
    let newline = pending.iter().position(|&byte| byte == b'\n');
    let len = match newline {
        Some(at) => at,
        None if pending.len() >= LINE_BYTES_MAX => LINE_BYTES_MAX,
        None => return None,
    };
    let rest = pending.split_off(len + usize::from(newline.is_some()));
    let line = String::from_utf8_lossy(&pending[..len]).into_owned();
    *pending = rest;
    Some(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn output_is_logged_line_by_line_and_long_lines_in_pieces() {
        let mut pending = b"one\ntwo\nrest".to_vec();
        assert_eq!(take_line(&mut pending).as_deref(), Some("one"));
        assert_eq!(take_line(&mut pending).as_deref(), Some("two"));
        assert_eq!(take_line(&mut pending), None);
        assert_eq!(pending, b"rest");
        let mut pending = vec![b'x'; LINE_BYTES_MAX + 1];
        assert_eq!(take_line(&mut pending).unwrap().len(), LINE_BYTES_MAX);
        assert_eq!(pending, b"x");
    }

    #[test]
    fn an_init_directory_without_ready_d_is_refused() {
        assert!(ready_scripts(Path::new("/nowhere")).is_err());
    }
}
