//! What people read of runs: a line a seed, a table of the whole, and the end of a run that went wrong.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::time::Duration;

use anstyle::{AnsiColor, Style};

use crate::run::{Outcome, Tally};

const OK: Style = AnsiColor::Green.on_default().bold();
const FAILED: Style = AnsiColor::Red.on_default().bold();
const TITLE: Style = Style::new().bold();
/// Lines of a trace that are shown of a run that went wrong.
const LAST_LINES: usize = 40;

/// A line about a seed.
pub fn run(seed: u64, outcome: &Outcome) -> String {
    let Tally { steps, faults, .. } = &outcome.tally;
    let faults: u64 = faults.values().sum();
    let verdict = match outcome.violations.as_slice() {
        [] => format!("{OK}ok{OK:#}"),
        [first, ..] => format!("{FAILED}violated{FAILED:#}  {first}"),
    };
    let digest = outcome.digest.get(..12).unwrap_or_default();
    format!("seed {seed:<6} {steps:>7} steps  {faults:>6} faults  {digest}  {verdict}")
}

/// What all runs did together.
pub fn whole(seeds: u64, took: Duration, tally: &Tally) -> String {
    let mut text = format!(
        "\n{} steps over {seeds} seeds in {} s\n",
        tally.steps,
        took.as_secs()
    );
    let columns: [(&str, BTreeMap<String, u64>); 4] = [
        ("what happened", named(&tally.acts)),
        ("faults injected", named(&tally.faults)),
        ("states reached", tally.states.clone()),
        ("invariants checked", named(&tally.checks)),
    ];
    for (title, rows) in columns {
        let sum: u64 = rows.values().sum();
        // Writing to a text cannot fail.
        let _ = writeln!(text, "\n{TITLE}{title}{TITLE:#}  {sum}");
        let width = rows
            .keys()
            .map(|name| name.chars().count())
            .max()
            .unwrap_or(0);
        for (name, count) in rows {
            let _ = writeln!(text, "  {name:<width$}  {count:>9}");
        }
    }
    text
}

fn named(counts: &BTreeMap<&'static str, u64>) -> BTreeMap<String, u64> {
    counts
        .iter()
        .map(|(name, count)| ((*name).to_owned(), *count))
        .collect()
}

/// A run that went wrong: the end of what happened, what is violated, and how to see it again.
pub fn violation(seed: u64, steps: u64, outcome: &Outcome) -> String {
    let mut text = String::new();
    let from = outcome.trace.len().saturating_sub(LAST_LINES);
    for line in &outcome.trace[from..] {
        let _ = writeln!(text, "{line}");
    }
    for violation in &outcome.violations {
        let _ = writeln!(text, "{FAILED}{violation}{FAILED:#}");
    }
    let _ = write!(
        text,
        "after {steps} steps; to see them all: cargo xtask simulate --seed {seed} --steps {steps} --trace"
    );
    text
}
