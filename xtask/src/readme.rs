//! Runs the README's example calls against the release build, so that the first thing a reader tries works.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};

use crate::build::root;
use crate::suite::{self, Counts};

const ADDRESS: &str = "127.0.0.1:4566";
const START_TIME_MAX: Duration = Duration::from_secs(10);

/// Each block of shell lines that calls the server counts. The AWS CLI comes from the conformance suites' environment.
pub(crate) fn run(binary: &Path) -> Result<Counts> {
    let address = free_address()?;
    let _server = Server::start(binary, &address)?;
    let readme = fs::read_to_string(root().join("README.md"))?;
    let tools = root().join("conformance/.venv/today/bin");
    let path = format!(
        "{}:{}",
        tools.display(),
        std::env::var("PATH").unwrap_or_default()
    );
    let mut counts = Counts::default();
    for script in calls(&readme) {
        println!("{script}");
        // With -f an error of AWS is one of the shell.
        let script = script
            .replace(ADDRESS, &address)
            .replace("curl ", "curl -fsS ");
        let mut shell = Command::new("sh");
        counts.add(suite::check(
            shell.args(["-euc", &script]).env("PATH", &path),
        )?);
    }
    Ok(counts)
}

/// The shell blocks of a page that name the server's address.
fn calls(page: &str) -> impl Iterator<Item = &str> {
    let blocks = page.split("```sh\n").skip(1);
    let scripts = blocks.filter_map(|block| block.split("```").next());
    scripts.filter(|script| script.contains(ADDRESS))
}

fn free_address() -> Result<String> {
    let probe = TcpListener::bind("127.0.0.1:0")?;
    Ok(probe.local_addr()?.to_string())
}

struct Server(Child);

impl Server {
    fn start(binary: &Path, address: &str) -> Result<Server> {
        let mut command = Command::new(binary);
        let server = Server(command.args(["--memory", "--listen", address]).spawn()?);
        let begun = Instant::now();
        while TcpStream::connect(address).is_err() {
            ensure!(
                begun.elapsed() < START_TIME_MAX,
                "{} does not answer",
                binary.display()
            );
            std::thread::sleep(Duration::from_millis(5));
        }
        Ok(server)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing to do.
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_readme_begins_with_the_two_commands_and_shows_calls() {
        let readme = fs::read_to_string(root().join("README.md")).unwrap();
        let first = readme.find("```sh\ncargo run --release\n").unwrap();
        let second = readme.find("```sh\ncargo xtask ci\n").unwrap();
        assert!(first < second);
        assert_eq!(calls(&readme).count(), 2);
    }

    #[test]
    fn continuous_integration_runs_the_second_command() {
        let script = fs::read_to_string(root().join(".ci/run")).unwrap();
        assert!(script.lines().any(|line| line.ends_with("cargo xtask ci")));
    }
}
