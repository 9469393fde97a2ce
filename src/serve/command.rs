//! The verbs of the command line: serve until told to stop, print a contract, look at the world.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::Path;

use anyhow::{Context, bail};
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::config::{Serve, Service};
use crate::flights::world::World;
use crate::identity::sandbox;
use crate::kernel::chance::Chance;
use crate::kernel::clock::Clock;
use crate::platform::telemetry;

use super::contracts::CONTRACTS;
use super::{Options, Running, start};

/// Serves until Ctrl-C or SIGTERM.
///
/// # Errors
/// When the platform cannot be started.
pub fn run(services: BTreeSet<Service>, serve: Serve) -> anyhow::Result<()> {
    telemetry::start(&serve.log).with_context(|| {
        format!(
            "--log {:?} is not a filter such as `info` or `fareway=debug`",
            serve.log
        )
    })?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let sandbox = !serve.no_sandbox;
        let admin_secret = serve.admin_secret_file.as_deref().map(secret_in).transpose()?;
        let began = std::time::Instant::now();
        let options = Options {
            services,
            listen: serve.listen,
            private_listen: serve.private_listen,
            admin_secret,
            rpc_listen: serve.rpc_listen,
            flights_url: serve.flights_url,
            data_dir: serve.data_dir,
            sandbox,
            local_webhooks: serve.local_webhooks,
            rate_per_minute: serve.rate_per_minute,
            clock: Clock::system(),
            chance: Chance::from_os(),
            world: None,
        };
        // Before anybody can reach a door: whoever is answered may rely on an orderly end.
        let mut end = End::listen()?;
        let running = tokio::select! {
            running = start(options) => running?,
            // What is half begun is in the databases, or is not.
            _ = end.told() => return Ok(()),
        };
        if sandbox && !serve.listen.ip().is_loopback() {
            tracing::warn!("the sandbox's published key opens its world to everyone who reaches this address; --no-sandbox shuts it");
        }
        if !serve.private_listen.ip().is_loopback() {
            tracing::warn!(
                address = %serve.private_listen,
                "THE PRIVATE DOOR IS NOT ON A LOOPBACK ADDRESS: whoever reaches it and holds a client's secret runs the platform"
            );
        }
        greet(&running, sandbox, began.elapsed())?;
        let signal = end.told().await;
        tracing::info!(signal, "stopping: finishing what is in flight");
        running.stop().await;
        tracing::info!("stopped");
        Ok(())
    })
}

/// The secret that a file holds, without the white space around it.
fn secret_in(file: &Path) -> anyhow::Result<String> {
    let text = std::fs::read_to_string(file)
        .with_context(|| format!("--admin-secret-file {} cannot be read", file.display()))?;
    let secret = text.trim();
    if secret.is_empty() {
        bail!("--admin-secret-file {} is empty", file.display());
    }
    Ok(secret.to_owned())
}

/// What a newcomer wants to read first.
fn greet(running: &Running, sandbox: bool, took: std::time::Duration) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out)?;
    if let Some(world) = &running.world {
        let summary = world.summary();
        writeln!(
            out,
            "  Fareway  {} airlines, {} airports, {} flights a week; ready in {} ms, {} MB",
            summary.airlines,
            summary.airports,
            summary.weekly_flights,
            took.as_millis(),
            resident_megabytes()
        )?;
    } else {
        writeln!(
            out,
            "  Fareway  ready in {} ms, {} MB; flights are elsewhere",
            took.as_millis(),
            resident_megabytes()
        )?;
    }
    writeln!(out)?;
    if let Some(address) = running.http {
        writeln!(out, "  Page         http://{address}/")?;
        writeln!(out, "  Swagger UI   http://{address}/docs/")?;
        writeln!(
            out,
            "  Contract     http://{address}/openapi/public/v2.json"
        )?;
        if sandbox {
            writeln!(
                out,
                "  Sandbox key  {}   (header Api-Key; play money, its clock starts at 2027-03-01)",
                sandbox::KEY
            )?;
        }
    }
    if let Some(address) = running.private {
        writeln!(
            out,
            "  Private      http://{address}/   (for staff and services)"
        )?;
    }
    if let Some(address) = running.rpc {
        writeln!(out, "  gRPC         {address}")?;
    }
    writeln!(out, "\n  Ctrl-C stops.\n")?;
    out.flush()?;
    Ok(())
}

/// Memory of this process that is in RAM, from `/proc`; 0 where there is none.
fn resident_megabytes() -> u64 {
    std::fs::read_to_string("/proc/self/status")
        .ok()
        .and_then(|status| {
            let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
            line.split_whitespace().nth(1)?.parse::<u64>().ok()
        })
        .map_or(0, |kilobytes| kilobytes / 1024)
}

/// The signals that ask the process to end.
struct End {
    interrupt: Signal,
    terminate: Signal,
}

impl End {
    fn listen() -> std::io::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    async fn told(&mut self) -> &'static str {
        tokio::select! {
            _ = self.interrupt.recv() => "interrupt",
            _ = self.terminate.recv() => "terminate",
        }
    }
}

/// Prints the written contract, or with `reported` what the compiled program says of its routes.
///
/// # Errors
/// When there is no such contract.
pub fn print_contract(name: &str, reported: bool) -> anyhow::Result<()> {
    let Some(contract) = CONTRACTS.iter().find(|contract| contract.name == name) else {
        let names: Vec<&str> = CONTRACTS.iter().map(|contract| contract.name).collect();
        bail!(
            "there is no contract {name:?}; there are {}",
            names.join(", ")
        );
    };
    let text = if reported {
        (contract.reported)().to_pretty_json()?
    } else {
        contract.json.to_owned()
    };
    writeln!(std::io::stdout(), "{text}")?;
    Ok(())
}

/// Prints what the timetable holds, and the weekly flights between two airports.
///
/// # Errors
/// When an airport is not in it.
pub fn print_world(pair: &[String]) -> anyhow::Result<()> {
    let world = World::load()?;
    let summary = world.summary();
    let mut out = std::io::stdout().lock();
    writeln!(
        out,
        "{} airlines, {} airports, {} flights a week",
        summary.airlines, summary.airports, summary.weekly_flights
    )?;
    let [origin, destination] = pair else {
        return Ok(());
    };
    let place = |code: &str| {
        world.find_airport(code).with_context(|| {
            format!("{code} is no airport of the timetable; give IATA codes, such as LHR JFK")
        })
    };
    let (from, to) = (place(origin)?, place(destination)?);
    let route = world
        .route(from, to)
        .with_context(|| format!("nobody flies non-stop from {origin} to {destination}"))?;
    writeln!(out, "\nflight  leaves  days     minutes  seats")?;
    for index in route.flights() {
        let flight = world.flight(index);
        let days: String = "MTWTFSS"
            .chars()
            .enumerate()
            .map(|(day, letter)| {
                if flight.days >> day & 1 == 1 {
                    letter
                } else {
                    '-'
                }
            })
            .collect();
        writeln!(
            out,
            "{:<2}{:>4}  {:02}:{:02}   {days}  {:>7}  {:>5}",
            world.airline(flight.carrier).code,
            flight.number,
            flight.departure / 60,
            flight.departure % 60,
            flight.block,
            flight.seats
        )?;
    }
    Ok(())
}
