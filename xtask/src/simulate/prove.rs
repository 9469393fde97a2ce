//! `cargo xtask simulate --prove`: bugs that such systems are known for, each put into a scratch copy as a choice made at run
//! time, and how many steps the simulation takes to find it. The product knows nothing of them.

use std::io::Write;
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};

use anstyle::{AnsiColor, Style};
use anyhow::{Context, Result, bail};

use crate::mutate::{self, VARIABLE, table};

const TABLE: &str = "xtask/src/simulate/bugs.toml";
const OK: Style = AnsiColor::Green.on_default().bold();
const FAILED: Style = AnsiColor::Red.on_default().bold();
/// A bug has to be found within so many seeds of so many steps.
const SEEDS: u64 = 40;
const STEPS: u64 = 1_200;

/// Tries every bug; exit 1 when one is not found.
///
/// # Errors
///
/// When the table is wrong, or the copy does not build.
pub fn run(root: &Path) -> Result<ExitCode> {
    let text = std::fs::read_to_string(root.join(TABLE)).context(TABLE)?;
    let bugs = table::parse(TABLE, &text)?;
    table::distinct(&bugs)?;
    let scratch = root.join("target/simulate/copy");
    mutate::scratch(root, &scratch, &bugs)?;
    let target = root.join("target");
    let built = Command::new(env!("CARGO"))
        .args([
            "build",
            "--quiet",
            "--package",
            "simulation",
            "--target-dir",
        ])
        .arg(&target)
        .current_dir(&scratch)
        .status()
        .context("cargo cannot be started")?;
    if !built.success() {
        bail!("the simulation with its bugs does not build; correct what cargo names, in {TABLE}");
    }
    let program = target.join("debug/simulate");
    let mut out = anstream::stdout();
    let wide = bugs.iter().map(|bug| bug.name.len()).max().unwrap_or(0);
    let mut missed = 0;
    for bug in &bugs {
        let ran = Command::new(&program)
            .args(["--seeds", &SEEDS.to_string(), "--steps", &STEPS.to_string()])
            .env(VARIABLE, &bug.name)
            .stderr(Stdio::null())
            .output()
            .with_context(|| program.display().to_string())?;
        let said = String::from_utf8_lossy(&ran.stdout);
        let steps = said.lines().last().and_then(|last| last.split(';').next());
        // Which of two comes first may be for the machine to say.
        let seen_by = bug.seen_by.split(" or ");
        let violation = said
            .lines()
            .find(|line| seen_by.clone().any(|name| line.starts_with(name)));
        match (ran.status.code(), steps, violation) {
            (Some(1), Some(steps), Some(violation)) => {
                writeln!(
                    out,
                    "{OK}{:wide$}{OK:#}  found {steps}: {violation}",
                    bug.name
                )?;
            }
            _ => {
                missed += 1;
                writeln!(
                    out,
                    "{FAILED}{:wide$}{FAILED:#}  NOT FOUND by {}: {}",
                    bug.name,
                    bug.seen_by,
                    steps.unwrap_or("nothing was said")
                )?;
            }
        }
    }
    writeln!(
        out,
        "{} bugs: {} found, {missed} not",
        bugs.len(),
        bugs.len() - missed
    )?;
    Ok(match missed {
        0 => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    })
}
