//! The contract tests of the scratch copy: built once, and run with a mutant or without.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Command;
use tokio::time::timeout;

use super::edit::VARIABLE;

/// The program with all tests.
pub struct Suite {
    program: PathBuf,
    folder: PathBuf,
    logs: PathBuf,
}

/// How a run went.
#[derive(Debug, PartialEq)]
pub struct Outcome {
    /// How many tests passed.
    pub passed: usize,
    /// Those that failed.
    pub failed: Vec<String>,
    /// Why the run says less than it ought to; none when it ended as its tests did.
    pub trouble: Option<String>,
}

impl Suite {
    /// Builds the tests, and the server with them, in `target`, which they share with those of the repository.
    ///
    /// # Errors
    ///
    /// When cargo cannot build them.
    pub async fn build(scratch: &Path, target: &Path, logs: &Path) -> Result<Suite> {
        // As `cargo xtask test` does it, so that what others have written is not built anew.
        let child = Command::new(env!("CARGO"))
            .args(["test", "--workspace", "--test", "contract", "--no-run"])
            .args(["--message-format", "json-render-diagnostics"])
            .arg("--target-dir")
            .arg(target)
            .current_dir(scratch)
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .context("cargo cannot be started")?;
        let built = child.wait_with_output().await?;
        if !built.status.success() {
            bail!(
                "the server with its mutants does not build; correct what cargo names, in the tables: what it quotes is in {}",
                scratch.display()
            );
        }
        let told = String::from_utf8_lossy(&built.stdout);
        let program = told
            .lines()
            .filter_map(|line| serde_json::from_str::<Value>(line).ok())
            .find_map(|told| Some(PathBuf::from(told["executable"].as_str()?)))
            .context("cargo names no program with the contract tests")?;
        std::fs::create_dir_all(logs)?;
        Ok(Suite {
            program,
            folder: scratch.join("contract-tests"),
            logs: logs.to_owned(),
        })
    }

    /// Runs the tests whose names hold `filter`, or one of several between bars, as long as it may take; what they say is kept in
    /// the log of the mutant.
    ///
    /// # Errors
    ///
    /// When they cannot be started, or the log cannot be written.
    pub async fn run(&self, mutant: &str, filter: &str, within: Duration) -> Result<Outcome> {
        let log = match mutant {
            "" => self.logs.join("no-mutant.txt"),
            name => self.logs.join(format!("{name}.txt")),
        };
        let mut log = File::create(&log).with_context(|| log.display().to_string())?;
        let mut child = Command::new(&self.program)
            .args(["--color", "never", filter])
            .env(VARIABLE, mutant)
            // A snapshot that differs is a failure and nothing else.
            .env("INSTA_UPDATE", "no")
            .current_dir(&self.folder)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log.try_clone()?)
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("{} does not start", self.program.display()))?;
        let told = child.stdout.take().context("it is piped")?;
        let mut lines = BufReader::new(told).lines();
        let mut said = Vec::new();
        let listening = async {
            while let Some(line) = lines.next_line().await? {
                writeln!(log, "{line}")?;
                said.push(line);
            }
            child.wait().await
        };
        let ended = timeout(within, listening).await;
        let ended = ended.ok().transpose()?;
        if ended.is_none() {
            child.kill().await?;
        }
        Ok(outcome(&said, ended))
    }
}

/// What the lines of a run and its end amount to; it has no end when it had to be stopped.
pub fn outcome(lines: &[String], ended: Option<ExitStatus>) -> Outcome {
    let verdicts = lines.iter().filter_map(|line| {
        let (name, verdict) = line.strip_prefix("test ")?.split_once(" ... ")?;
        Some((name.trim().to_owned(), verdict))
    });
    let (mut passed, mut failed) = (0, Vec::new());
    for (name, verdict) in verdicts {
        match verdict {
            "FAILED" => failed.push(name),
            _ => passed += 1,
        }
    }
    let trouble = match ended {
        None => Some("it had to be stopped".to_owned()),
        Some(status) if failed.is_empty() && !status.success() => {
            Some(format!("it ended with {status}"))
        }
        Some(_) if passed + failed.len() == 0 => Some("no test has that in its name".to_owned()),
        Some(_) => None,
    };
    failed.sort_unstable();
    Outcome {
        passed,
        failed,
        trouble,
    }
}
