//! `simulate`: runs seeds, several at a time, and prints what was tried, what was reached, and what was violated.

use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc;
use std::thread::available_parallelism;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use clap::Parser;
use fareway::flights::World;
use simulation::report;
use simulation::run::{Outcome, Plan, Tally, run};

/// Drive the booking core through crashes, lost and repeated messages, late answers and time, and check its invariants
#[derive(Parser)]
#[command(name = "cargo xtask simulate", bin_name = "cargo xtask simulate")]
struct Args {
    /// The first seed; alone, with --steps, it repeats a run
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many seeds, one after the other
    #[arg(long, default_value_t = 8)]
    seeds: u64,
    /// Most steps of a seed
    #[arg(long, default_value_t = 2_000)]
    steps: u64,
    /// Go on with further seeds for so many minutes, instead of --seeds
    #[arg(long)]
    minutes: Option<u64>,
    /// Print every step; of one seed
    #[arg(long)]
    trace: bool,
}

fn main() -> ExitCode {
    simulate(&Args::parse()).unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::from(2)
    })
}

fn simulate(args: &Args) -> Result<ExitCode> {
    let world = World::load().context("the timetable cannot be read")?;
    let world = Arc::new(world);
    if args.trace {
        let plan = Plan {
            seed: args.seed,
            steps: args.steps,
            traced: true,
        };
        let outcome = run(&world, plan).context("no room for the stores")?;
        for line in &outcome.trace {
            anstream::println!("{line}");
        }
        anstream::println!("{}", report::run(args.seed, &outcome));
        return Ok(code(outcome.violations.is_empty()));
    }
    let start = Instant::now();
    let (mut whole, mut seeds) = (Tally::default(), 0);
    let mut broken = None;
    for (seed, outcome) in all(args, &world) {
        let outcome = outcome.context("no room for the stores")?;
        seeds += 1;
        anstream::eprintln!("{}", report::run(seed, &outcome));
        let violated = !outcome.violations.is_empty();
        whole.add(outcome.tally);
        if violated {
            broken = Some(seed);
            break;
        }
    }
    anstream::println!("{}", report::whole(seeds, start.elapsed(), &whole));
    if let Some(seed) = broken {
        let (steps, outcome) = shortest(&world, seed, args.steps)?;
        anstream::println!("{}", report::violation(seed, steps, &outcome));
    }
    Ok(code(broken.is_none()))
}

fn code(fine: bool) -> ExitCode {
    match fine {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    }
}

/// Runs the seeds, as many at a time as there are cores, and tells each as it ends; nothing more is started once one is violated.
fn all(args: &Args, world: &Arc<World>) -> mpsc::IntoIter<(u64, std::io::Result<Outcome>)> {
    let cores = available_parallelism().map_or(1, usize::from);
    let next = Arc::new(AtomicU64::new(0));
    let until = args
        .minutes
        .map(|minutes| Instant::now() + Duration::from_secs(60 * minutes));
    let (first, seeds, steps) = (args.seed, args.seeds, args.steps);
    let (told, outcomes) = mpsc::channel();
    for _ in 0..cores {
        let (next, told, world) = (next.clone(), told.clone(), world.clone());
        std::thread::spawn(move || {
            loop {
                let number = next.fetch_add(1, Ordering::SeqCst);
                let more = until.map_or(number < seeds, |until| Instant::now() < until);
                if !more {
                    return;
                }
                let seed = first + number;
                let outcome = run(
                    &world,
                    Plan {
                        seed,
                        steps,
                        traced: false,
                    },
                );
                let stop = outcome
                    .as_ref()
                    .map_or(true, |outcome| !outcome.violations.is_empty());
                if told.send((seed, outcome)).is_err() || stop {
                    next.store(u64::MAX / 2, Ordering::SeqCst);
                    return;
                }
            }
        });
    }
    drop(told);
    outcomes.into_iter()
}

/// A short run of this seed after which the books do not agree, found by halving: its steps, and the run.
fn shortest(world: &Arc<World>, seed: u64, steps: u64) -> Result<(u64, Outcome)> {
    let tried = |steps| {
        run(
            world,
            Plan {
                seed,
                steps,
                traced: true,
            },
        )
        .context("no room for the stores")
    };
    let mut shown = tried(steps)?;
    let (mut fine, mut bad) = (0, shown.tally.steps);
    while bad - fine > 1 {
        let middle = fine + (bad - fine) / 2;
        let outcome = tried(middle)?;
        if outcome.violations.is_empty() {
            fine = middle;
        } else {
            bad = outcome.tally.steps;
            shown = outcome;
        }
    }
    Ok((bad, shown))
}
