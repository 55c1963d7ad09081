//! The program `tidings`.

use std::process::ExitCode;

use server::{Server, Settings};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let variables = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    let settings = match Settings::read(std::env::args_os(), variables) {
        Ok(settings) => settings,
        Err(error) => error.exit(),
    };
    server::logs::start(&settings);
    match Server::open(settings).and_then(Server::run_until_signal) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("tidings: {error:#}");
            ExitCode::FAILURE
        }
    }
}
