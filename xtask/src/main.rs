//! The verbs of the project: `cargo xtask` alone lists them. One file or folder a verb.

use std::path::Path;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

mod bench;
mod check;
mod clients;
mod data;
mod drift;
mod evolve;
mod finding;
mod fixtures;
mod generate;
mod lint;
mod mutate;
mod process;
mod sandbox;
mod schemathesis;
mod simulate;
mod smoke;
mod spec;
mod test;
mod tidy;
mod tools;

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
    /// Measure start-up, memory and search against a floor; builds in release mode
    Bench(bench::Args),
    /// The floor of `bench`, as a process of its own
    #[command(hide = true)]
    BenchFloor(bench::FloorArgs),
    /// Write openapi/CHANGELOG.md and the migration guides from what changed since the last releases
    Changelog,
    /// Run every gate, or those that are named; one line each, then what they found
    Check(check::Args),
    Clients(clients::Args),
    Compat(evolve::verb::Args),
    /// Rebuild the compact form of the world in `data/` from the published sources
    Data(data::Args),
    /// Compare what the compiled router reports of itself with the contracts
    Drift,
    Fixtures(fixtures::Args),
    /// Write the code that the contracts call for (`src/api`, `src/rpc`); `--check` only compares
    Generate(generate::Args),
    /// Look at names, bounds, texts, examples and problems of the contracts, and at what leaks between audiences
    Lint,
    /// Break the server in many ways, one at a time, and show which contract test notices each
    Mutate(mutate::Args),
    Release(evolve::release::Args),
    Schemathesis(schemathesis::Args),
    Simulate(simulate::Args),
    /// Run the commands of README.md as they are written there
    Smoke,
    /// Build the server and run every test; further arguments go to `cargo test`
    Test(test::Args),
    /// Look at layers, forbidden crates, sizes, module docs, headers and words
    Tidy,
}

/// Exit 1 says that a verb found something, exit 2 that it could not do its work.
fn main() -> ExitCode {
    run().unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::from(2)
    })
}

fn run() -> Result<ExitCode> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("xtask lies in the repository");
    match Cli::parse().verb {
        Verb::Bench(args) => bench::run(root, args),
        Verb::BenchFloor(args) => bench::run_floor(args).map(|()| ExitCode::SUCCESS),
        Verb::Changelog => evolve::changelog::run(root).map(|()| ExitCode::SUCCESS),
        Verb::Check(args) => check::run(root, &args.gates()),
        Verb::Clients(args) => clients::run(root, &args),
        Verb::Compat(args) => evolve::verb::run(root, &args),
        Verb::Data(args) => data::run(root, &args).map(|()| ExitCode::SUCCESS),
        Verb::Drift => check::run(root, &[("drift", drift::gate)]),
        Verb::Fixtures(args) => fixtures::run(root, &args),
        Verb::Generate(args) => generate::run(root, &args).map(|()| ExitCode::SUCCESS),
        Verb::Lint => check::run(root, &[("lint", lint::gate)]),
        Verb::Mutate(args) => mutate::run(root, &args),
        Verb::Release(args) => evolve::release::run(root, &args).map(|()| ExitCode::SUCCESS),
        Verb::Schemathesis(args) => schemathesis::run(root, &args),
        Verb::Simulate(args) => simulate::run(root, &args),
        Verb::Smoke => check::run(root, &[("smoke", smoke::gate)]),
        Verb::Test(args) => test::run(root, &args),
        Verb::Tidy => check::run(root, &[("tidy", tidy::gate)]),
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
