//! The verbs of the project: `cargo xtask` alone lists them. One file or folder a verb.

use std::path::Path;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

mod data;
mod finding;
mod generate;
mod spec;

/// The verbs of the project.
#[derive(Parser)]
#[command(
    name = "cargo xtask",
    bin_name = "cargo xtask",
    arg_required_else_help = true
)]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Rebuild the compact form of the world in `data/` from the published sources
    Data(data::Args),
    /// Write the code that the contracts call for (`src/api`, `src/rpc`); `--check` only compares
    Generate(generate::Args),
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("xtask lies in the repository");
    match Cli::parse().verb {
        Verb::Data(args) => data::run(root, &args),
        Verb::Generate(args) => generate::run(root, &args),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_sound() {
        super::Cli::command().debug_assert();
    }
}
