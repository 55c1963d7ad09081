//! The house's own commands: `cargo xtask codegen [--check]`.

mod codegen;

use anyhow::{Result, bail};

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["codegen"] => codegen::run(false),
        ["codegen", "--check"] => codegen::run(true),
        _ => bail!("usage: cargo xtask codegen [--check]"),
    }
}
