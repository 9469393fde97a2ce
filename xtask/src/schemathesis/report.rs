//! What a run shows: a row a contract as soon as it is done, then what was found.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use anstyle::{AnsiColor, Style};

use super::FOLDER;
use super::contract::Contract;
use super::recording::{Failure, Recording};

const PHASES: [&str; 4] = ["examples", "coverage", "fuzzing", "stateful"];
const OK: Style = AnsiColor::Green.on_default().bold();
const FAILED: Style = AnsiColor::Red.on_default().bold();

/// The check that a credential is really asked for.
const IGNORED_AUTH: &str = "ignored_auth";

/// A contract that was tried.
pub struct Tried {
    name: String,
    stem: String,
    /// Requests by phase, in the order of [`PHASES`].
    counts: [usize; 4],
    /// Operations that the contract has, and those of them that no request was made up for.
    operations: usize,
    missed: Vec<String>,
    failures: Vec<Failure>,
    errors: Vec<String>,
    /// Of the passes that Schemathesis ended with something to say.
    logs: Vec<PathBuf>,
    seconds: f64,
}

impl Tried {
    pub fn new(
        contract: &Contract,
        recordings: [Recording; 2],
        logs: Vec<PathBuf>,
        seconds: f64,
    ) -> Tried {
        let sum = |phase: &str| {
            let counts = recordings.iter().map(|recording| recording.counts());
            counts.filter_map(|counts| counts.get(phase).copied()).sum()
        };
        let scenarios = recordings.iter().flat_map(|recording| &recording.scenarios);
        let reached: BTreeSet<&str> = scenarios
            .filter(|scenario| !scenario.cases.is_empty())
            .map(|scenario| scenario.label.as_str())
            .collect();
        let labels: Vec<String> = contract
            .operations()
            .map(|operation| operation.label())
            .collect();
        let mut failures: Vec<Failure> = recordings.iter().flat_map(Recording::failures).collect();
        failures.sort();
        failures.dedup();
        Tried {
            name: contract.name.clone(),
            stem: contract.stem(),
            counts: PHASES.map(sum),
            operations: labels.len(),
            missed: labels
                .into_iter()
                .filter(|label| !reached.contains(label.as_str()))
                .collect(),
            failures,
            errors: recordings
                .into_iter()
                .flat_map(|recording| recording.errors)
                .collect(),
            logs,
            seconds,
        }
    }

    fn is_well(&self) -> bool {
        self.failures.is_empty()
            && self.errors.is_empty()
            && self.missed.is_empty()
            && self.logs.is_empty()
    }

    /// One line of figures.
    pub fn row(&self) {
        let style = if self.is_well() { OK } else { FAILED };
        let reached = format!(
            "{}/{}",
            self.operations - self.missed.len(),
            self.operations
        );
        let [examples, coverage, fuzzing, stateful] = self.counts;
        let found = self.failures.len() + self.errors.len();
        anstream::println!(
            "{:11} {reached:>10} {examples:>9} {coverage:>9} {fuzzing:>9} {stateful:>9} {style}{found:>9}{style:#} {:>8.1}",
            self.name,
            self.seconds
        );
    }

    /// What was found, with what to do.
    fn tell(&self) {
        anstream::println!("\n{FAILED}{}{FAILED:#}", self.name);
        for Failure {
            check,
            operation,
            title,
        } in &self.failures
        {
            anstream::println!("  {operation}: {title} ({check})");
        }
        for error in &self.errors {
            anstream::println!("  {error}");
        }
        for label in &self.missed {
            anstream::println!("  {label}: no request was made up for it");
        }
        for log in &self.logs {
            let text = fs::read_to_string(log).unwrap_or_default();
            let name = log.file_name().unwrap_or_default().to_string_lossy();
            anstream::println!("\n{}\n\nall of it: {FOLDER}/{name}", findings(&text));
        }
        if !self.failures.is_empty() {
            anstream::println!(
                "keep them as tests: cargo xtask fixtures import {FOLDER}/{}.ndjson --only failures",
                self.stem
            );
        }
    }
}

/// What Schemathesis says of errors and failures, without its progress and its summary.
fn findings(log: &str) -> &str {
    let is_banner = |line: &str, words: &[&str]| {
        let title = line.trim_matches(['=', ' ']);
        line.starts_with("===") && words.contains(&title)
    };
    let mut at = 0;
    let (mut from, mut to) = (None, log.len());
    for line in log.split_inclusive('\n') {
        let text = line.trim_end();
        if from.is_none() && is_banner(text, &["ERRORS", "FAILURES"]) {
            from = Some(at);
        } else if from.is_some() && is_banner(text, &["WARNINGS", "SUMMARY"]) {
            to = at;
            break;
        }
        at += line.len();
    }
    log[from.unwrap_or(0)..to].trim_end()
}

/// What is run, and what the columns are.
pub fn head(version: &str, seed: u32, examples: u32) {
    anstream::println!(
        "schemathesis {version}, all checks, seed {seed}, {examples} examples; requests by phase:\n"
    );
    anstream::println!(
        "{:11} {:>10} {:>9} {:>9} {:>9} {:>9} {:>9} {:>8}",
        "contract",
        "operations",
        PHASES[0],
        PHASES[1],
        PHASES[2],
        PHASES[3],
        "failures",
        "seconds"
    );
}

/// What was found, and whether it was nothing.
pub fn verdict(all: &[Tried]) -> ExitCode {
    let failed: Vec<&Tried> = all.iter().filter(|tried| !tried.is_well()).collect();
    for tried in &failed {
        tried.tell();
    }
    let files: Vec<String> = all
        .iter()
        .map(|tried| format!("{FOLDER}/{}.ndjson", tried.stem))
        .collect();
    anstream::println!("\nrecorded in {}", files.join(", "));
    ExitCode::from(u8::from(!failed.is_empty()))
}

fn guarded(contract: &Contract) -> Vec<String> {
    let operations = contract.operations();
    let guarded = operations.filter(|operation| operation.is_guarded());
    guarded.map(|operation| operation.label()).collect()
}

/// The operations that ask who one is, or those of them that are named, at which a server that lets everyone in was not caught.
pub fn missed(contract: &Contract, recording: &Recording, named: Option<&[String]>) -> Vec<String> {
    let failures = recording.failures();
    let is_caught = |label: &String| {
        failures
            .iter()
            .any(|failure| failure.check == IGNORED_AUTH && failure.operation == *label)
    };
    let mut asked = named.map_or_else(|| guarded(contract), <[_]>::to_vec);
    asked.retain(|label| !is_caught(label));
    asked
}

/// Says at which operations a server that lets everyone in was not caught; whether there is none.
pub fn proof(contract: &Contract, missed: &[String]) -> bool {
    let guarded = guarded(contract);
    let style = if missed.is_empty() { OK } else { FAILED };
    anstream::println!(
        "{:11} {style}{}{style:#}: {IGNORED_AUTH} fails at {} of {} operations that ask for a credential",
        contract.name,
        if missed.is_empty() {
            "caught"
        } else {
            "missed"
        },
        guarded.len() - missed.len(),
        guarded.len()
    );
    for label in missed {
        anstream::println!("  not at {label}");
    }
    missed.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_findings_are_repeated() {
        let log = "Schemathesis v4\n\n=== ERRORS ===\n___ GET /a ___\ngone\n\n=== FAILURES ===\n1. x\n\n=== WARNINGS ===\nw\n";
        assert_eq!(
            findings(log),
            "=== ERRORS ===\n___ GET /a ___\ngone\n\n=== FAILURES ===\n1. x"
        );
        assert_eq!(findings("it broke\n"), "it broke");
    }
}
