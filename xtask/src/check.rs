//! `cargo xtask check`: every gate, one line each, then what they found.
//!
//! A gate that finds something fails the check (exit 1); a gate that cannot do its work is trouble (exit 2). Gates do not
//! print: they return findings.

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use anstyle::{AnsiColor, Style};
use anyhow::Result;

use crate::evolve::{changelog, compatible, frozen, lifecycle};
use crate::finding::Finding;
use crate::{drift, generate, lint, tidy};

/// A gate: its verb and its work.
pub type Gate = (&'static str, fn(&Path) -> Result<Vec<Finding>>);

/// All gates: the contract itself, the code against it, then what was released against both.
pub const GATES: &[Gate] = &[
    ("lint", lint::gate),
    ("generated", generate::check),
    ("drift", drift::gate),
    ("frozen", frozen::gate),
    ("compat", compatible::compat),
    ("version", compatible::version),
    ("lifecycle", lifecycle::gate),
    ("changelog", changelog::gate),
    ("tidy", tidy::gate),
];

/// Which gates to run.
#[derive(clap::Args)]
pub struct Args {
    /// Only these; all when none is named
    #[arg(value_parser = clap::builder::PossibleValuesParser::new(GATES.iter().map(|(name, _)| *name)))]
    gates: Vec<String>,
}

impl Args {
    /// The gates to run, in their own order.
    pub fn gates(&self) -> Vec<Gate> {
        let wanted =
            |name: &str| self.gates.is_empty() || self.gates.iter().any(|gate| gate == name);
        GATES
            .iter()
            .copied()
            .filter(|(name, _)| wanted(name))
            .collect()
    }
}

const OK: Style = AnsiColor::Green.on_default().bold();
const FAILED: Style = AnsiColor::Red.on_default().bold();
const NOTE: Style = AnsiColor::Yellow.on_default();

/// Runs the gates and prints their lines and their findings; plain text when standard output is no terminal.
///
/// # Errors
///
/// When standard output cannot be written to.
pub fn run(root: &Path, gates: &[Gate]) -> Result<ExitCode> {
    Ok(report(root, gates, &mut anstream::stdout().lock())?)
}

fn report(root: &Path, gates: &[Gate], out: &mut impl Write) -> std::io::Result<ExitCode> {
    let width = gates.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    let mut all = Vec::new();
    let (mut failed, mut trouble) = (false, false);
    for (name, gate) in gates {
        let start = Instant::now();
        let verdict = gate(root);
        let ms = start.elapsed().as_millis();
        let (style, word, findings) = match verdict {
            Ok(findings) if findings.iter().all(|finding| finding.note) => (OK, "ok", findings),
            Ok(findings) => {
                failed = true;
                (FAILED, "failed", findings)
            }
            Err(error) => {
                trouble = true;
                writeln!(out, "{name:width$}  {FAILED}trouble{FAILED:#}  {error:#}")?;
                continue;
            }
        };
        let notes = findings.iter().filter(|finding| finding.note).count();
        let found = findings.len() - notes;
        let count = match (found, notes) {
            (found, 0) => format!("{found} found"),
            (found, notes) => format!("{found} found, {notes} noted"),
        };
        writeln!(
            out,
            "{name:width$}  {style}{word:7}{style:#}  {count:20}  {ms:>6} ms"
        )?;
        all.extend(findings);
    }
    for finding in &all {
        let (style, word) = if finding.note {
            (NOTE, "note ")
        } else {
            (Style::new(), "")
        };
        writeln!(out, "{style}{word}{finding}{style:#}")?;
    }
    Ok(match (trouble, failed) {
        (true, _) => ExitCode::from(2),
        (false, true) => ExitCode::from(1),
        (false, false) => ExitCode::SUCCESS,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quiet(_: &Path) -> Result<Vec<Finding>> {
        Ok(vec![
            Finding::new("src/a.rs", 0, "450 lines", "split it").noted(),
        ])
    }

    fn strict(_: &Path) -> Result<Vec<Finding>> {
        Ok(vec![Finding::new(
            "src/b.rs",
            3,
            "says it twice",
            "say it once",
        )])
    }

    fn broken(_: &Path) -> Result<Vec<Finding>> {
        anyhow::bail!("no such file")
    }

    /// What is printed, without the times, and the verdict.
    fn printed(gates: &[Gate]) -> (String, ExitCode) {
        let mut out = Vec::new();
        let code = report(
            Path::new("."),
            gates,
            &mut anstream::StripStream::new(&mut out),
        )
        .expect("a vector takes all");
        let text = String::from_utf8(out).expect("the report is text");
        let times = regex::Regex::new(r" +\d+ ms").expect("the pattern is constant");
        (times.replace_all(&text, "").into_owned(), code)
    }

    #[test]
    fn notes_fail_nothing_and_findings_do() {
        let (text, code) = printed(&[("lint", quiet), ("tidy", quiet)]);
        assert_eq!(code, ExitCode::SUCCESS, "{text}");
        let (text, code) = printed(&[("lint", quiet), ("tidy", strict)]);
        assert_eq!(code, ExitCode::from(1));
        assert_eq!(
            text,
            "lint  ok       0 found, 1 noted\n\
             tidy  failed   1 found\n\
             note src/a.rs: 450 lines; split it\n\
             src/b.rs:3: says it twice; say it once\n"
        );
    }

    #[test]
    fn a_gate_that_cannot_work_is_trouble_and_stops_no_other() {
        let (text, code) = printed(&[("drift", broken), ("tidy", strict)]);
        assert_eq!(code, ExitCode::from(2));
        assert_eq!(
            text,
            "drift  trouble  no such file\n\
             tidy   failed   1 found\n\
             src/b.rs:3: says it twice; say it once\n"
        );
    }
}
