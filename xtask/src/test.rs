//! `cargo xtask test`: the server, then every test of the workspace against it. Rust only.

use std::path::Path;
use std::process::{Command, ExitCode};
use std::time::Instant;

use anyhow::{Context, Result};

use crate::clients;

/// What to test.
#[derive(clap::Args)]
pub struct Args {
    /// Passed on to `cargo test`, such as the start of a test's name
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    cargo: Vec<String>,
}

/// Builds the server that the contract tests start, and runs the tests.
///
/// # Errors
///
/// When cargo cannot be started.
pub fn run(root: &Path, args: &Args) -> Result<ExitCode> {
    let build = ["build", "--package", "fareway"].map(str::to_owned);
    let test = ["test", "--workspace"].map(str::to_owned);
    let test = [&test[..], &args.cargo].concat();
    for step in [&build[..], &test] {
        let start = Instant::now();
        let status = Command::new(env!("CARGO"))
            .args(step)
            .current_dir(root)
            .status()
            .context("cargo cannot be started")?;
        let seconds = start.elapsed().as_secs_f32();
        let word = if status.success() { "ok" } else { "failed" };
        anstream::println!("cargo {}: {word} in {seconds:.1} s", step.join(" "));
        if !status.success() {
            return Ok(ExitCode::FAILURE);
        }
    }
    match args.cargo.is_empty() {
        true => clients::run(root, &clients::Args::rust()),
        false => Ok(ExitCode::SUCCESS),
    }
}
