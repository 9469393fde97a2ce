//! Bookings over HTTP with durable SQLite and 64 clients, against the raw database: committing one booking at a time, and many
//! together. The floors make as many durable commits a booking as the server is seen to make for one client.
//!
//! After every round what the server sold, ordered, told and captured is counted in its databases, and has to be the same.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use serde_json::{Value, json};

use super::load::{self, CONNECTIONS, Connection};
use super::report::{INCONCLUSIVE, Spread};
use super::{NO_LIMIT, START_WITHIN, free_addresses, machine, searches, wal};
use crate::process::Server;

/// Bookings of a round.
const BOOKINGS: usize = 2000;
/// Of the slower floor.
const ALONE: u32 = 300;
/// Of the faster one.
const TOGETHER: u32 = 6400;
/// Bookings by which the commits of one are counted.
const COUNTED: usize = 4;
/// How often it is tried to count them.
const COUNTS_MAX: usize = 5;
/// Ratios below which the verdict is a failure. The first depends on the disk: the dearer a durable commit is, the easier it is to
/// reach. Measured where a commit took 280 µs: 4.6 and 0.19.
const GATE: [f64; 2] = [2.5, 0.15];
/// Ratios that would be better still.
const GOAL: [f64; 2] = [5.0, 0.30];
/// Airports between which there are many flights a day.
const AIRPORTS: [&str; 10] = [
    "LHR", "CDG", "FRA", "MAD", "AMS", "JFK", "LAX", "DXB", "SIN", "ATL",
];

/// What is counted after a round.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
struct Audit {
    ticketed: i64,
    sold: i64,
    told: i64,
    captured: i64,
}

#[derive(Deserialize)]
struct Booked {
    per_second: f64,
}

/// Bookings a second of one round.
struct Round {
    /// Of the raw database: one at a time, and 64 a commit.
    floors: [f64; 2],
    ours: f64,
    cpu_us: f64,
    p50_us: u32,
    p99_us: u32,
}

/// Measures and prints; exit 3 when a floor was too unsteady for a verdict.
///
/// # Errors
///
/// When something does not start, a booking fails, or the counts differ.
pub async fn run(root: &Path, rounds: u32, dry: bool) -> Result<ExitCode> {
    // On the disk of the project: the folder for temporary files may be memory.
    let folder = tempfile::tempdir_in(root.join("target"))?;
    let here = std::env::current_exe()?;
    let bench = Bench {
        fareway: here.with_file_name("fareway"),
        floor: here.with_file_name("floor"),
        pinned: machine::pin_this(),
    };
    let bookings = if dry { 100 } else { BOOKINGS };
    let commits = bench.commits(&folder.path().join("count")).await?;
    anstream::println!(
        "One booking of one client makes {commits} durable commits; so do the floors.\n"
    );
    let mut all = Vec::new();
    for round in 0..rounds {
        let at = |name: &str| folder.path().join(format!("{name}-{round}"));
        let (one, two) = (at("alone"), at("together"));
        let alone = bench.floor(&one, ALONE, commits, 1)?;
        let together = bench.floor(&two, TOGETHER, commits, u32::try_from(CONNECTIONS)?)?;
        let load = bench.load(&at("fareway"), bookings).await?;
        let done = Round {
            floors: [alone, together],
            ours: load.per_second,
            cpu_us: load.cpu_us,
            p50_us: load.p50_us,
            p99_us: load.p99_us,
        };
        anstream::println!(
            "round {round}  floor {alone:>6.0} alone, {together:>6.0} together  fareway {:>6.0} bookings/s, {:.0} µs CPU",
            done.ours,
            done.cpu_us
        );
        all.push(done);
    }
    let (text, verdict) = table(&all, commits).context("there is a round")?;
    anstream::println!("\n{text}");
    Ok(match verdict {
        Verdict::Passed => ExitCode::SUCCESS,
        Verdict::Failed if dry => ExitCode::SUCCESS,
        Verdict::Failed => ExitCode::FAILURE,
        Verdict::Inconclusive => ExitCode::from(INCONCLUSIVE),
    })
}

/// What the ratios say.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Verdict {
    Passed,
    /// A ratio is below its gate.
    Failed,
    /// A floor was too unsteady.
    Inconclusive,
}

struct Bench {
    fareway: PathBuf,
    floor: PathBuf,
    pinned: bool,
}

impl Bench {
    async fn start(&self, data: &Path) -> Result<(Server, SocketAddr)> {
        let [door, _] = free_addresses()?;
        let mut command = machine::command(&self.fareway, self.pinned);
        command
            .args(["serve", "--rate-per-minute", NO_LIMIT])
            .args(["--listen", &door.to_string()])
            .args(["--private-listen", "127.0.0.1:0", "--data-dir"])
            .arg(data)
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null());
        Ok((Server::start(command, door, START_WITHIN).await?, door))
    }

    /// How many durable commits one booking makes where nobody shares them.
    async fn commits(&self, data: &Path) -> Result<u32> {
        let (server, door) = self.start(data).await?;
        let bookings = prepare(door, COUNTED * COUNTS_MAX).await?;
        let mut connection = Connection::open(door).await?;
        let mut made = None;
        // A log that has grown begins anew, and what was counted in it is lost: then others are counted.
        for some in bookings.chunks(COUNTED) {
            let before = wal::settled(data).await?;
            for booking in some {
                connection.ask(booking).await?;
            }
            made = wal::settled(data).await?.since(&before);
            if made.is_some() {
                break;
            }
        }
        server.stop().await?;
        let made = made.context("the logs begin anew too often to count commits")?;
        Ok(made.div_ceil(u32::try_from(COUNTED)?))
    }

    /// Loads a new server and counts what it has done.
    async fn load(&self, data: &Path, bookings: usize) -> Result<load::Load> {
        let (server, _) = self.start(data).await?;
        server.stop().await?;
        let before = self.audit(data)?;
        let (server, door) = self.start(data).await?;
        let requests = prepare(door, bookings).await?;
        let load = load::drain(server.pid(), door, requests).await?;
        server.stop().await?;
        let after = self.audit(data)?;
        let made = i64::try_from(bookings)?;
        let expected = Audit {
            ticketed: before.ticketed + made,
            sold: before.sold + made,
            told: before.told + made,
            captured: before.captured + made,
        };
        ensure!(
            after == expected,
            "{made} bookings were answered, and the databases hold {after:?} instead of {expected:?}"
        );
        Ok(load)
    }

    fn audit(&self, data: &Path) -> Result<Audit> {
        let output = std::process::Command::new(&self.floor)
            .arg("audit")
            .arg(data)
            .output()?;
        read(&output)
    }

    fn floor(&self, folder: &Path, bookings: u32, commits: u32, together: u32) -> Result<f64> {
        std::fs::create_dir(folder)?;
        let mut command = machine::command(&self.floor, self.pinned);
        command.arg("book").arg(folder).args([
            format!("--bookings={bookings}"),
            format!("--commits={commits}"),
            format!("--together={together}"),
        ]);
        let booked: Booked = read(&command.as_std_mut().output()?)?;
        Ok(booked.per_second)
    }
}

fn read<T: for<'de> Deserialize<'de>>(output: &std::process::Output) -> Result<T> {
    let errors = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "the floor failed: {errors}");
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// Requests for so many orders, each of an offer of its own on a flight with free seats.
async fn prepare(door: SocketAddr, orders: usize) -> Result<Vec<Vec<u8>>> {
    let mut connection = Connection::open(door).await?;
    let mut requests = Vec::with_capacity(orders);
    let pairs = AIRPORTS
        .iter()
        .flat_map(|from| AIRPORTS.iter().map(move |to| (from, to)))
        .filter(|(from, to)| from != to);
    // A search names each flight once, so that no flight sells out however many searches there are of a day.
    for (at, (origin, destination)) in pairs.cycle().enumerate() {
        let day = 1 + at / (AIRPORTS.len() * (AIRPORTS.len() - 1));
        ensure!(day <= 28, "no {orders} offers are found");
        let body = json!({
            "slices": [{"origin": origin, "destination": destination, "departure_date": format!("2027-04-{day:02}")}],
            "passengers": [{"ptc": "ADT"}],
            "max_connections": 0,
        });
        let search = searches::request("/public/v2/offer-requests", &body, "");
        let found: Value = serde_json::from_slice(connection.ask(&search).await?)?;
        for offer in found["offers"].as_array().context("no offers")? {
            let key = format!("Idempotency-Key: bench-{}\r\n", requests.len());
            let order = json!({
                "type": "instant",
                "offer_id": offer["id"],
                "passengers": [{"id": offer["passengers"][0]["id"], "given_name": "Ada", "family_name": "Lovelace", "born_on": "1990-12-10"}],
                "contact": {"email": "ada@example.com", "phone": "+442071234567"},
                "payment": {"type": "card", "token": "tok_visa"},
            });
            requests.push(searches::request("/public/v2/orders", &order, &key));
            if requests.len() == orders {
                return Ok(requests);
            }
        }
    }
    unreachable!("the pairs have no end")
}

/// The ratios, and what they say.
fn table(rounds: &[Round], commits: u32) -> Option<(String, Verdict)> {
    let spread = |figure: fn(&Round) -> f64| Spread::of(rounds.iter().map(figure).collect());
    let ours = spread(|round| round.ours)?;
    let cpu = spread(|round| round.cpu_us)?;
    let alone = spread(|round| round.floors[0])?;
    let waits = [
        spread(|round| f64::from(round.p50_us))?,
        spread(|round| f64::from(round.p99_us))?,
    ];
    let mut text = format!(
        "Bookings over HTTP, 64 clients, every commit durable: {:.0}/s, {:.0} µs CPU, p50 {:.0} ms, p99 {:.0} ms\n\
         A durable commit of the raw database takes {:.0} µs here.\n\n\
         | against the raw database | its bookings/s | ratio, median (min–max) | gate | goal |\n|---|---|---|---|---|\n",
        ours.median,
        cpu.median,
        waits[0].median / 1e3,
        waits[1].median / 1e3,
        1e6 / alone.median / f64::from(commits),
    );
    let mut verdict = Verdict::Passed;
    let names = ["one booking at a time", "64 bookings a commit"];
    for (at, name) in names.into_iter().enumerate() {
        let of = Spread::of(rounds.iter().map(|round| round.floors[at]).collect())?;
        let ratios = rounds.iter().map(|round| round.ours / round.floors[at]);
        let ratio = Spread::of(ratios.collect())?;
        let told = if !of.is_steady() {
            verdict = Verdict::Inconclusive;
            " *inconclusive*"
        } else if ratio.median < GATE[at] {
            if verdict == Verdict::Passed {
                verdict = Verdict::Failed;
            }
            " *below the gate*"
        } else {
            ""
        };
        text.push_str(&format!(
            "| {name} | {:.0} | **{:.2}** ({:.2}–{:.2}){told} | {:.2} | {} |\n",
            of.median, ratio.median, ratio.min, ratio.max, GATE[at], GOAL[at]
        ));
    }
    Some((text, verdict))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ratios_are_of_rounds_and_an_unsteady_floor_is_no_verdict() {
        let round = |alone: f64, ours: f64| Round {
            floors: [alone, 4000.0],
            ours,
            cpu_us: 900.0,
            p50_us: 40_000,
            p99_us: 90_000,
        };
        let (text, verdict) = table(
            &[
                round(200.0, 800.0),
                round(250.0, 900.0),
                round(220.0, 600.0),
            ],
            25,
        )
        .expect("rounds");
        assert_eq!(verdict, Verdict::Passed);
        assert!(text.contains("takes 182 µs here"), "{text}");
        assert!(
            text.contains("| one booking at a time | 220 | **3.60** (2.73–4.00) | 2.50 | 5 |"),
            "{text}"
        );
        assert!(
            text.contains("| 64 bookings a commit | 4000 | **0.20** (0.15–0.23) | 0.15 | 0.3 |"),
            "{text}"
        );
        let (text, verdict) =
            table(&[round(100.0, 800.0), round(250.0, 900.0)], 25).expect("rounds");
        assert!(verdict == Verdict::Inconclusive && text.contains("*inconclusive*"));
        let slow = [round(220.0, 500.0), round(220.0, 500.0)];
        let (text, verdict) = table(&slow, 25).expect("rounds");
        assert!(
            verdict == Verdict::Failed && text.contains("(2.27–2.27) *below the gate*"),
            "{text}"
        );
        assert!(table(&[], 25).is_none());
    }
}
