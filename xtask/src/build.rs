//! Where things lie, and how they are built.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

/// The repository's root.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("xtask lies in the repository's root")
}

/// The cargo that runs this, in the root.
pub(crate) fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root());
    command
}

/// What cargo knows of the workspace. With `dependencies` also of everything it uses.
pub(crate) fn metadata(dependencies: bool) -> Result<Value> {
    let mut command = cargo();
    command.args(["metadata", "--format-version=1", "--locked"]);
    if !dependencies {
        command.arg("--no-deps");
    }
    let output = command.output().context("cargo metadata")?;
    let errors = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "cargo metadata: {errors}");
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// The directory that all builds share.
pub(crate) fn target() -> Result<PathBuf> {
    let metadata = metadata(false)?;
    let target = metadata["target_directory"].as_str();
    Ok(target
        .context("cargo metadata names no target directory")?
        .into())
}

/// Builds packages for release, each as if it were alone, and answers the directory of their programs.
pub(crate) fn release(packages: &[&str]) -> Result<PathBuf> {
    for package in packages {
        let mut command = cargo();
        command.args(["build", "--release", "--locked", "--package", package]);
        ensure!(
            command.status()?.success(),
            "the release build of {package} failed"
        );
    }
    Ok(target()?.join("release"))
}
