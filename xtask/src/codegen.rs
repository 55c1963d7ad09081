//! Writes the `api` crate's modules from AWS's published models.
//!
//! A service is a name in [`SERVICES`], its models `models/{name}-json.json` and `models/{name}-query.json` or one of
//! them, and `models/{name}.overlay.toml` for what they lack. The result is committed; a test and `codegen --check`
//! compare.

mod emit;
mod model;
mod names;
mod overlay;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};

const SERVICES: &[&str] = &["sqs", "sns", "logs"];

/// Regenerates every service's module, or with `check` fails where one differs from what is committed.
pub(crate) fn run(check: bool) -> Result<()> {
    for service in SERVICES {
        let text = generate(service).with_context(|| format!("generating {service}"))?;
        keep(service, &text, check)?;
    }
    keep("services", &rustfmt(&emit::services(SERVICES))?, check)
}

/// Writes a module of the `api` crate, or with `check` compares it with what is committed.
fn keep(module: &str, text: &str, check: bool) -> Result<()> {
    let path = root().join(format!("crates/api/src/{module}.rs"));
    if !check {
        fs::write(&path, text)?;
    } else if fs::read_to_string(&path).ok().as_deref() != Some(text) {
        bail!("{} is stale: run `cargo xtask codegen`", path.display());
    }
    Ok(())
}

fn generate(service: &str) -> Result<String> {
    let overlay = overlay::parse(&read(&format!("{service}.overlay.toml"))?)?;
    let model = |protocol| {
        let name = format!("{service}-{protocol}.json");
        match models().join(&name).exists() {
            true => Ok(Some(model::parse(&read(&name)?).context(name)?)),
            false => anyhow::Ok(None),
        }
    };
    let (json, query) = (model("json")?, model("query")?);
    let says = json.as_ref().or(query.as_ref());
    let names = query.as_ref().or(json.as_ref());
    let (Some(says), Some(names)) = (says, names) else {
        bail!("there is no model of {service}");
    };
    rustfmt(&emit::module(says, names, &overlay)?)
}

fn models() -> PathBuf {
    root().join("models")
}

fn read(model: &str) -> Result<String> {
    let path = models().join(model);
    fs::read_to_string(&path).with_context(|| path.display().to_string())
}

fn rustfmt(source: &str) -> Result<String> {
    let mut child = Command::new("rustfmt")
        .args(["--edition", "2024"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .context("rustfmt, a component of the toolchain, is needed")?;
    child
        .stdin
        .take()
        .expect("stdin is piped")
        .write_all(source.as_bytes())?;
    let output = child.wait_with_output()?;
    ensure!(
        output.status.success(),
        "rustfmt refuses the generated code"
    );
    Ok(String::from_utf8(output.stdout)?)
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("xtask lies in the repository's root")
        .to_path_buf()
}

#[cfg(test)]
mod tests {
    #[test]
    fn committed_api_is_what_the_models_say() {
        super::run(true).unwrap();
    }
}
