//! `cargo xtask bench`: start-up, memory, and search against a floor: bare axum that answers the same bytes. Bookings against the
//! raw database (`bookings`), and the comparison of large contracts (`contracts`), are parts of their own.
//!
//! Both servers run at once, on a core of their own when `taskset` is there, and rounds alternate between them, so that a noisy
//! machine disturbs both alike. What counts is CPU time a request (from /proc, so Linux only), then requests a second. Only
//! the ratios of one run mean anything, nothing here is a gate, and a run whose floor was unsteady says so instead of a verdict.

mod bookings;
mod contracts;
mod floor;
mod load;
mod machine;
mod report;
mod searches;
mod wal;

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;
use std::process::{ExitCode, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use clap::ValueEnum;
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
    /// Bookings with durable commits, against the raw database
    Bookings,
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
    if matches!(args.part, None | Some(Part::Compat)) {
        contracts::run(root, args.dry)?;
    }
    let parts = [Part::Server, Part::Bookings];
    let mut code = ExitCode::SUCCESS;
    for part in parts
        .into_iter()
        .filter(|part| args.part.is_none_or(|only| only == *part))
    {
        let done = of_server(root, part, args)?;
        if done != ExitCode::SUCCESS {
            code = done;
        }
    }
    Ok(code)
}

/// The parts that need a server, which generator and floor have to be as optimised as.
fn of_server(root: &Path, part: Part, args: Args) -> Result<ExitCode> {
    let packages = [
        "--package",
        "fareway",
        "--package",
        "floor",
        "--package",
        "xtask",
    ];
    if cfg!(debug_assertions) && !args.dry {
        build(root, &[&["--release"], &packages[..]].concat())?;
        let part = part.to_possible_value().context("no part is hidden")?;
        let status = std::process::Command::new(root.join("target/release/xtask"))
            .args([
                "bench",
                part.get_name(),
                "--rounds",
                &args.rounds.to_string(),
            ])
            .status()?;
        let code = status.code().and_then(|code| u8::try_from(code).ok());
        return Ok(ExitCode::from(code.unwrap_or(2)));
    }
    if args.dry {
        build(root, &packages[..4])?;
    }
    measure(root, part, args)
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
async fn measure(root: &Path, part: Part, args: Args) -> Result<ExitCode> {
    match part {
        Part::Bookings => bookings::run(root, args.rounds, args.dry).await,
        _ => search(root, args).await,
    }
}

async fn search(root: &Path, args: Args) -> Result<ExitCode> {
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
