//! The program `tidings`.

use std::process::ExitCode;

use server::{Server, Settings};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    without_huge_pages();
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

/// The allocator asks for huge pages, which count as used memory from their first byte on: that doubles what an idle
/// server and an idle connection take.
#[cfg(target_os = "linux")]
fn without_huge_pages() {
    // Where it cannot be switched off the server works all the same.
    let _ = rustix::thread::disable_transparent_huge_pages(true);
}

#[cfg(not(target_os = "linux"))]
fn without_huge_pages() {}
