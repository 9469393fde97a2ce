//! What was measured: as JSON with every round, as Markdown with the ratios, and the verdict whether they can be trusted.

use std::fmt::Write;
use std::path::Path;
use std::process::ExitCode;

use anyhow::Result;
use serde::Serialize;

use super::load::Load;
use super::machine::Machine;

/// Largest part of slowest and fastest round of the floor with which a ratio still says something.
const STEADY: f64 = 1.5;
/// The exit code of a run that cannot be trusted.
pub const INCONCLUSIVE: u8 = 3;

/// Everything that a run measured.
#[derive(Serialize)]
pub struct Report {
    pub machine: Machine,
    /// With an empty data folder: databases and signing key are made.
    pub first_start: Start,
    pub next_start: Start,
    /// Resident memory of the server after all rounds.
    pub rss_after_mib: f64,
    pub searches: Vec<String>,
    pub samples: Vec<Sample>,
}

/// A start of the server: from its first instruction until it answers.
#[derive(Serialize)]
pub struct Start {
    pub ms: f64,
    /// Resident memory when it answers, the whole world loaded.
    pub rss_mib: f64,
}

/// One window of load.
#[derive(Serialize)]
pub struct Sample {
    pub round: u32,
    pub search: &'static str,
    pub server: &'static str,
    #[serde(flatten)]
    pub load: Load,
}

/// A figure of several rounds.
pub struct Spread {
    pub min: f64,
    pub median: f64,
    pub max: f64,
}

impl Spread {
    /// `None` of nothing.
    pub fn of(mut figures: Vec<f64>) -> Option<Spread> {
        figures.sort_by(f64::total_cmp);
        Some(Spread {
            min: *figures.first()?,
            median: figures[figures.len() / 2],
            max: *figures.last()?,
        })
    }

    /// Whether its rounds are alike enough for a ratio to say something.
    pub fn is_steady(&self) -> bool {
        self.max <= self.min * STEADY
    }
}

impl Report {
    /// Writes `bench.json` and `bench.md` to `folder`, prints the latter, and gives the exit code of its verdict.
    ///
    /// # Errors
    ///
    /// When the files cannot be written.
    pub fn write(&self, folder: &Path) -> Result<ExitCode> {
        let (text, conclusive) = self.markdown();
        std::fs::create_dir_all(folder)?;
        std::fs::write(
            folder.join("bench.json"),
            serde_json::to_string_pretty(self)?,
        )?;
        std::fs::write(folder.join("bench.md"), &text)?;
        anstream::println!("\n{text}");
        Ok(if conclusive {
            ExitCode::SUCCESS
        } else {
            ExitCode::from(INCONCLUSIVE)
        })
    }

    fn markdown(&self) -> (String, bool) {
        let machine = &self.machine;
        let mut text = format!(
            "# Bench\n\n{}, {} cores, Linux {}, {}, commit {}. {}\n",
            machine.cpu,
            machine.cores,
            machine.kernel,
            machine.rustc,
            machine.commit,
            if machine.pinned {
                "Generator and servers on a core each."
            } else {
                "**Not pinned to cores.**"
            }
        );
        if !machine.optimised {
            text.push_str("\n**A dry run of unoptimised builds: the figures mean nothing.**\n");
        }
        let _ = write!(
            text,
            "\n| the whole world loaded | time to answer | resident memory |\n|---|---|---|\n\
             | first start, databases made | {:.0} ms | {:.0} MiB |\n| next start | {:.0} ms | {:.0} MiB |\n\
             | after the load below | | {:.0} MiB |\n",
            self.first_start.ms,
            self.first_start.rss_mib,
            self.next_start.ms,
            self.next_start.rss_mib,
            self.rss_after_mib
        );
        text.push_str(
            "\nSearch with everything on against bare axum that answers the same bytes. A ratio is the part of the floor's speed \
             that is kept: the median of the rounds' ratios (min–max).\n\n\
             | search | ratio by CPU | CPU a request, floor → ours | ratio by req/s | req/s, floor → ours | p50 / p99 of ours | body |\n\
             |---|---|---|---|---|---|---|\n",
        );
        let mut conclusive = true;
        for search in ["non-stop", "one-stop"] {
            conclusive &= self.row(search, &mut text).unwrap_or(false);
        }
        for search in &self.searches {
            let _ = write!(text, "\n{search}.\n");
        }
        if !conclusive {
            let _ = write!(
                text,
                "\n**Inconclusive: the floor's rounds differ by more than {STEADY}×. Run it again when the machine is quiet.**\n"
            );
        }
        (text, conclusive)
    }

    /// Adds the row of one kind of search; whether its floor was steady, `None` when it was not measured.
    fn row(&self, search: &str, text: &mut String) -> Option<bool> {
        let rounds = |server: &str| -> Vec<Load> {
            let of = |sample: &&Sample| sample.search == search && sample.server == server;
            let mut samples: Vec<&Sample> = self.samples.iter().filter(of).collect();
            samples.sort_by_key(|sample| sample.round);
            samples.iter().map(|sample| sample.load).collect()
        };
        let (floor, ours) = (rounds("floor"), rounds("fareway"));
        let all = |loads: &[Load], figure: fn(&Load) -> f64| {
            Spread::of(loads.iter().map(figure).collect())
        };
        let pairs = || floor.iter().zip(&ours);
        let by_cpu = Spread::of(
            pairs()
                .map(|(floor, ours)| floor.cpu_us / ours.cpu_us)
                .collect(),
        )?;
        let by_rate = Spread::of(
            pairs()
                .map(|(floor, ours)| ours.per_second / floor.per_second)
                .collect(),
        )?;
        let (floor_cpu, floor_rate) = (
            all(&floor, |load| load.cpu_us)?,
            all(&floor, |load| load.per_second)?,
        );
        let noisy = |steady: bool| if steady { "" } else { " *inconclusive*" };
        let _ = writeln!(
            text,
            "| {search} | **{:.2}** ({:.2}–{:.2}){} | {:.1} → {:.1} µs | {:.2} ({:.2}–{:.2}){} | {:.0} → {:.0} | {:.1} / {:.1} ms | {:.1} kB |",
            by_cpu.median,
            by_cpu.min,
            by_cpu.max,
            noisy(floor_cpu.is_steady()),
            floor_cpu.median,
            all(&ours, |load| load.cpu_us)?.median,
            by_rate.median,
            by_rate.min,
            by_rate.max,
            noisy(floor_rate.is_steady()),
            floor_rate.median,
            all(&ours, |load| load.per_second)?.median,
            all(&ours, |load| f64::from(load.p50_us))?.median / 1e3,
            all(&ours, |load| f64::from(load.p99_us))?.median / 1e3,
            f64::from(u32::try_from(ours.first()?.body_bytes).ok()?) / 1e3,
        );
        // CPU time is the figure that survives noise, so it decides.
        Some(floor_cpu.is_steady())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(round: u32, server: &'static str, cpu_us: f64, per_second: f64) -> Sample {
        Sample {
            round,
            search: "non-stop",
            server,
            load: Load {
                requests: 100,
                per_second,
                cpu_us,
                cpu_share: 0.95,
                p50_us: 1500,
                p99_us: 4000,
                body_bytes: 9000,
            },
        }
    }

    fn row(samples: Vec<Sample>) -> (String, Option<bool>) {
        let start = || Start {
            ms: 900.0,
            rss_mib: 120.0,
        };
        let report = Report {
            machine: Machine {
                cpu: String::new(),
                cores: 2,
                kernel: String::new(),
                rustc: String::new(),
                commit: String::new(),
                pinned: true,
                optimised: true,
            },
            first_start: start(),
            next_start: start(),
            rss_after_mib: 0.0,
            searches: Vec::new(),
            samples,
        };
        let mut text = String::new();
        let steady = report.row("non-stop", &mut text);
        (text, steady)
    }

    #[test]
    fn ratios_are_of_rounds_and_an_unsteady_floor_is_no_verdict() {
        let ours = |round| sample(round, "fareway", 20.0, 4000.0);
        // In any order, because rounds alternate.
        let (text, steady) = row(vec![
            ours(0),
            sample(0, "floor", 8.0, 10_000.0),
            sample(1, "floor", 10.0, 8000.0),
            ours(1),
            ours(2),
            sample(2, "floor", 9.0, 20_000.0),
        ]);
        assert_eq!(
            text,
            "| non-stop | **0.45** (0.40–0.50) | 9.0 → 20.0 µs | 0.40 (0.20–0.50) *inconclusive* | 10000 → 4000 | 1.5 / 4.0 ms | 9.0 kB |\n"
        );
        assert_eq!(steady, Some(true));
        let (_, steady) = row(vec![
            sample(0, "floor", 8.0, 1.0),
            ours(0),
            sample(1, "floor", 12.1, 1.0),
            ours(1),
        ]);
        assert_eq!(steady, Some(false));
        assert_eq!(row(vec![ours(0)]).1, None);
    }
}
