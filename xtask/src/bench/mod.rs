//! `cargo xtask bench`: start-up, memory, and search against a floor: bare axum that answers the same bytes. And the comparison of
//! large contracts (`contracts`), which is a part of its own.
//!
//! Both servers run at once, on a core of their own when `taskset` is there, and rounds alternate between them, so that a noisy
//! machine disturbs both alike. What counts is CPU time a request (from /proc, so Linux only), then requests a second. Only
//! the ratios of one run mean anything, nothing here is a gate, and a run whose floor was unsteady says so instead of a verdict.

mod contracts;
mod floor;
mod load;
mod machine;
mod report;
mod searches;

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;
use std::process::{ExitCode, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use tokio::process::Command;

use crate::process::Server;
pub use floor::{Args as FloorArgs, run as run_floor};
use report::{Report, Start};

/// How to measure.
#[derive(Clone, Copy, clap::Args)]
pub struct Args {
    /// Only this part
    #[arg(value_enum)]
    part: Option<Part>,
    /// Rounds, each of both servers and every kind of search
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(5..))]
    rounds: u32,
    /// Try the bench itself: short rounds of unoptimised builds, whose figures mean nothing
    #[arg(long)]
    dry: bool,
}

/// What is measured.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Part {
    /// Start-up, memory and search of the server
    Server,
    /// `compat` on generated contracts of 1, 4 and 16 MB, JSON and YAML
    Compat,
}

/// How long a server has to load the world, even unoptimised.
const START_WITHIN: Duration = Duration::from_secs(120);
/// More than any machine asks in a minute, so that no search is refused.
const NO_LIMIT: &str = "4000000000";

/// Builds what is measured and measures it; exit 3 when the floor was too unsteady for a verdict.
///
/// # Errors
///
/// When something does not build or start, or an answer is not as expected.
pub fn run(root: &Path, args: Args) -> Result<ExitCode> {
    if args.part != Some(Part::Server) {
        contracts::run(root, args.dry)?;
    }
    if args.part == Some(Part::Compat) {
        return Ok(ExitCode::SUCCESS);
    }
    if !cfg!(debug_assertions) {
        return measure(root, args);
    }
    if args.dry {
        build(root, &["--package", "fareway"])?;
        return measure(root, args);
    }
    // The generator and the floor are in this program, and have to be as optimised as what they measure.
    build(
        root,
        &["--release", "--package", "fareway", "--package", "xtask"],
    )?;
    let status = std::process::Command::new(root.join("target/release/xtask"))
        .args(["bench", "server", "--rounds", &args.rounds.to_string()])
        .status()?;
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    Ok(ExitCode::from(code.unwrap_or(2)))
}

fn build(root: &Path, what: &[&str]) -> Result<()> {
    let status = std::process::Command::new(env!("CARGO"))
        .arg("build")
        .args(what)
        .current_dir(root)
        .status()?;
    ensure!(status.success(), "cargo build {} failed", what.join(" "));
    Ok(())
}

#[tokio::main(flavor = "current_thread")]
async fn measure(root: &Path, args: Args) -> Result<ExitCode> {
    let xtask = std::env::current_exe()?;
    let fareway = xtask.with_file_name("fareway");
    let pinned = machine::pin_this();
    let (data, answers) = (tempfile::tempdir()?, tempfile::tempdir()?);

    let serve = |address: SocketAddr| {
        let mut command = machine::command(&fareway, pinned);
        command
            .args(["serve", "--rate-per-minute", NO_LIMIT])
            .args(["--listen", &address.to_string()])
            .args(["--private-listen", "127.0.0.1:0", "--data-dir"])
            .arg(data.path());
        command
    };
    let [door, floor_door] = free_addresses()?;
    let (server, first_start) = start(serve(door), door).await?;
    server.stop().await?;
    let (ours, next_start) = start(serve(door), door).await?;

    let kinds = searches::pick(door, answers.path()).await?;
    let mut command = machine::command(&xtask, pinned);
    command
        .args(["bench-floor", &floor_door.to_string()])
        .arg(answers.path());
    let (floor, _) = start(command, floor_door).await?;

    let window = Duration::from_secs(if args.dry { 1 } else { 3 });
    let mut samples = Vec::new();
    for round in 0..args.rounds {
        let mut order = Vec::new();
        for kind in &kinds {
            order.push((kind.name, "floor", &floor, floor_door, &kind.of_floor));
            order.push((kind.name, "fareway", &ours, door, &kind.of_fareway));
        }
        if round % 2 == 1 {
            order.reverse();
        }
        for (search, server, process, address, requests) in order {
            let load = load::run(process.pid(), address, requests, window).await?;
            anstream::println!(
                "round {round}  {search:8}  {server:7}  {:>8.1} µs CPU  {:>8.0} req/s",
                load.cpu_us,
                load.per_second
            );
            samples.push(report::Sample {
                round,
                search,
                server,
                load,
            });
        }
    }
    let report = Report {
        machine: machine::describe(root, pinned, !cfg!(debug_assertions))?,
        first_start,
        next_start,
        rss_after_mib: machine::rss_mib(ours.pid())?,
        searches: kinds.iter().map(searches::Kind::describe).collect(),
        samples,
    };
    floor.stop().await?;
    ours.stop().await?;
    report.write(&root.join("target/bench"))
}

/// Starts a server and tells how long it took to answer and how large it is then.
async fn start(mut command: Command, address: SocketAddr) -> Result<(Server, Start)> {
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let begun = Instant::now();
    let server = Server::start(command, address, START_WITHIN).await?;
    let start = Start {
        ms: begun.elapsed().as_secs_f64() * 1e3,
        rss_mib: machine::rss_mib(server.pid())?,
    };
    Ok((server, start))
}

/// Two addresses of this machine that nobody listens at. They are held together, or they could be the same.
fn free_addresses() -> Result<[SocketAddr; 2]> {
    let bind = || TcpListener::bind((Ipv4Addr::LOCALHOST, 0));
    let (one, other) = (bind()?, bind()?);
    Ok([one.local_addr()?, other.local_addr()?])
}
