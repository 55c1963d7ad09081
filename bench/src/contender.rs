//! The servers that are compared, and how each is started.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Contender {
    /// Bare hyper with a fixed reply.
    Ceiling,
    /// As users start it: every reply waits for the disk.
    Tidings,
    TidingsMemory,
    /// `rustack-cli` from crates.io: memory only.
    Rustack,
    /// ElasticMQ from Maven Central: memory only.
    ElasticMq,
}

/// Where the programs are.
#[derive(Clone)]
pub(crate) struct Programs {
    pub(crate) ceiling: PathBuf,
    pub(crate) tidings: PathBuf,
    /// Further flags for tidings, to try what they change. A run with any is marked as such.
    pub(crate) tidings_flags: Vec<String>,
    /// Holds `bin/rustack` and `elasticmq/*.jar`, as far as they are installed.
    pub(crate) peers: PathBuf,
}

impl Contender {
    pub(crate) const OURS: [Contender; 3] = [
        Contender::Ceiling,
        Contender::Tidings,
        Contender::TidingsMemory,
    ];
    pub(crate) const PEERS: [Contender; 2] = [Contender::Rustack, Contender::ElasticMq];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Contender::Ceiling => "bare hyper",
            Contender::Tidings => "tidings",
            Contender::TidingsMemory => "tidings --memory",
            Contender::Rustack => "rustack (memory)",
            Contender::ElasticMq => "ElasticMQ (memory)",
        }
    }

    /// Load before anything is measured. A JVM compiles what it has seen often.
    pub(crate) fn warm_up(self, usual: Duration) -> Duration {
        match self {
            Contender::Ceiling
            | Contender::Tidings
            | Contender::TidingsMemory
            | Contender::Rustack => usual,
            Contender::ElasticMq => usual * 8,
        }
    }

    pub(crate) fn is_installed(self, peers: &Path) -> bool {
        match self {
            Contender::Ceiling | Contender::Tidings | Contender::TidingsMemory => true,
            Contender::Rustack => rustack(peers).exists(),
            Contender::ElasticMq => {
                let java = Command::new("java").arg("-version").output();
                java.is_ok() && elasticmq(peers).exists()
            }
        }
    }

    /// The command that serves on 127.0.0.1 at `port`, with its data, if it has any, under `data`.
    pub(crate) fn command(self, programs: &Programs, port: u16, data: &Path) -> Command {
        match self {
            Contender::Ceiling => {
                let mut command = Command::new(&programs.ceiling);
                command.arg(port.to_string());
                command
            }
            Contender::Tidings => {
                let mut command = tidings(programs, port);
                command.arg("--data").arg(data.join("tidings"));
                command
            }
            Contender::TidingsMemory => {
                let mut command = tidings(programs, port);
                command.arg("--memory");
                command
            }
            Contender::Rustack => {
                let mut command = Command::new(rustack(&programs.peers));
                command.env("GATEWAY_LISTEN", format!("127.0.0.1:{port}"));
                command.env("SERVICES", "sqs");
                command.env("LOG_LEVEL", "warn");
                command
            }
            Contender::ElasticMq => {
                let mut command = Command::new("java");
                for setting in [
                    format!("rest-sqs.bind-port={port}"),
                    "rest-sqs.bind-hostname=127.0.0.1".to_owned(),
                    "rest-stats.enabled=false".to_owned(),
                    format!("node-address.port={port}"),
                ] {
                    command.arg(format!("-D{setting}"));
                }
                command.arg("-cp").arg(elasticmq(&programs.peers).join("*"));
                command.arg("org.elasticmq.server.Main");
                command
            }
        }
    }
}

fn tidings(programs: &Programs, port: u16) -> Command {
    let mut command = Command::new(&programs.tidings);
    command.args(["--listen", &format!("127.0.0.1:{port}")]);
    command.args(["--log-level", "warn"]);
    command.args(&programs.tidings_flags);
    // Settings of this shell would change what is measured, unseen.
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("TIDINGS_")) {
        command.env_remove(name);
    }
    command
}

fn rustack(peers: &Path) -> PathBuf {
    peers.join("bin").join("rustack")
}

fn elasticmq(peers: &Path) -> PathBuf {
    peers.join("elasticmq")
}
