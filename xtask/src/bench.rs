//! Builds what is compared, and starts the benchmarks.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, ensure};

use crate::build;

const RUSTACK: &str = "0.12.0";
const ELASTICMQ: &str = "1.7.1";

/// `options` are `bench`'s own, except that `--peers` here installs the peers first.
pub(crate) fn run(options: &[String]) -> Result<()> {
    let programs = build::release(&["server", "bench"])?;
    let mut command = Command::new(programs.join("bench"));
    command.arg("--ceiling").arg(programs.join("ceiling"));
    command.arg("--tidings").arg(programs.join("tidings"));
    if options.iter().any(|option| option == "--peers") {
        command.arg("--peers").arg(install_peers()?);
    }
    command.args(options.iter().filter(|option| *option != "--peers"));
    ensure!(command.status()?.success(), "the benchmarks failed");
    Ok(())
}

/// Installs what can be installed. The benchmark says of the rest that it is not there.
fn install_peers() -> Result<PathBuf> {
    let peers = build::target()?.join("peers");
    fs::create_dir_all(&peers)?;
    for (name, installed) in [
        ("rustack-cli", install_rustack(&peers)),
        ("ElasticMQ", install_elasticmq(&peers)),
    ] {
        if let Err(why) = installed {
            println!("{name} could not be installed: {why:#}");
        }
    }
    Ok(peers)
}

fn install_rustack(peers: &Path) -> Result<()> {
    if peers.join("bin/rustack").exists() {
        return Ok(());
    }
    println!(
        "installing rustack-cli {RUSTACK} with cargo, in {}",
        peers.display()
    );
    let mut command = build::cargo();
    command.args(["install", "rustack-cli", "--version", RUSTACK]);
    command.args(["--no-default-features", "--features", "sqs"]);
    command.arg("--root").arg(peers);
    ensure!(command.status()?.success(), "cargo install failed");
    Ok(())
}

fn install_elasticmq(peers: &Path) -> Result<()> {
    let jars = peers.join("elasticmq");
    if jars
        .join(format!("elasticmq-server_2.13-{ELASTICMQ}.jar"))
        .exists()
    {
        return Ok(());
    }
    println!(
        "installing ElasticMQ {ELASTICMQ} with Maven, in {}",
        jars.display()
    );
    let project = peers.join("pom.xml");
    fs::write(
        &project,
        format!(
            "<project xmlns=\"http://maven.apache.org/POM/4.0.0\"><modelVersion>4.0.0</modelVersion>\
             <groupId>peers</groupId><artifactId>peers</artifactId><version>1</version><dependencies><dependency>\
             <groupId>org.elasticmq</groupId><artifactId>elasticmq-server_2.13</artifactId>\
             <version>{ELASTICMQ}</version></dependency></dependencies></project>\n"
        ),
    )?;
    let mut command = Command::new("mvn");
    command.args(["-q", "-B", "-f"]).arg(&project);
    command.arg("dependency:copy-dependencies");
    command.arg(format!("-DoutputDirectory={}", jars.display()));
    ensure!(command.status()?.success(), "mvn failed");
    Ok(())
}
