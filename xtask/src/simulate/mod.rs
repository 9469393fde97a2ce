//! `cargo xtask simulate`: the simulation of the booking core, and the proof that it can fail.

use std::path::Path;
use std::process::{Command, ExitCode};

use anyhow::{Context, Result};

mod prove;

/// Drive the booking core through crashes, lost messages and time, and check its invariants; builds in release mode
#[derive(clap::Args)]
pub struct Args {
    /// The first seed; alone, with --steps, it repeats a run
    #[arg(long)]
    seed: Option<u64>,
    /// How many seeds, one after the other
    #[arg(long)]
    seeds: Option<u64>,
    /// Most steps of a seed
    #[arg(long)]
    steps: Option<u64>,
    /// Go on with further seeds for so many minutes, instead of --seeds
    #[arg(long)]
    minutes: Option<u64>,
    /// Print every step; of one seed
    #[arg(long)]
    trace: bool,
    /// Show instead that known bugs are found, each put into a scratch copy
    #[arg(long, conflicts_with_all = ["seed", "seeds", "steps", "minutes", "trace"])]
    prove: bool,
}

/// Builds the simulation and runs it; exit 1 when an invariant is violated, or with `--prove` when a bug is not found.
///
/// # Errors
///
/// When cargo cannot be started, or the scratch copy does not build.
pub fn run(root: &Path, args: &Args) -> Result<ExitCode> {
    if args.prove {
        return prove::run(root);
    }
    let numbers = [
        ("--seed", args.seed),
        ("--seeds", args.seeds),
        ("--steps", args.steps),
        ("--minutes", args.minutes),
    ];
    let given = numbers
        .into_iter()
        .filter_map(|(name, number)| Some([name.to_owned(), number?.to_string()]));
    let status = Command::new(env!("CARGO"))
        .args([
            "run",
            "--quiet",
            "--release",
            "--package",
            "simulation",
            "--",
        ])
        .args(given.flatten())
        .args(args.trace.then_some("--trace"))
        .current_dir(root)
        .status()
        .context("cargo cannot be started")?;
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    Ok(ExitCode::from(code.unwrap_or(2)))
}
