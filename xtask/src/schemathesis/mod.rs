//! `cargo xtask schemathesis`: the server against what Schemathesis makes up from the contracts: their examples, the edges of
//! their schemas, random inputs of both kinds, and sequences along their links. All checks are on and no operation is left out.
//!
//! Each contract is tried in two passes, each against a server of its own in an untouched sandbox: inputs, then sequences,
//! which need a world whose clock inputs have not moved to the end of the century. Credentials stand in the generated
//! configuration under their security schemes, and never in `-H`, with which a server that asks nobody passes; `--prove` shows it.

mod config;
pub mod contract;
mod proxy;
pub mod recording;
mod report;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{ExitCode, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use tokio::process::Command;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::process::Server;
use crate::{spec, tools};
use contract::{Contract, name_of};
use proxy::Proxy;
use recording::Recording;
use report::Tried;

/// Try the server with what Schemathesis makes up from the contracts
///
/// Needs python3 with pip, and PyPI at the first run: Schemathesis is put into target/tools. Everything is recorded in
/// target/schemathesis, and `cargo xtask fixtures import` keeps a case of it as a test. Exit 1: a check failed.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  cargo xtask schemathesis
  cargo xtask schemathesis public/v2 --seed 2 --examples 100
  cargo xtask schemathesis --prove")]
pub struct Args {
    /// Contracts, such as `public/v2`; all when none is named
    contracts: Vec<String>,
    /// What is drawn: the same seed makes the same requests
    #[arg(long, default_value_t = 1)]
    seed: u32,
    /// Most inputs an operation in the phase fuzzing, and most sequences in the phase stateful
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..))]
    examples: u32,
    /// Show instead that a server that asks nobody for a credential is caught, at every operation
    #[arg(long)]
    prove: bool,
}

const REQUIREMENTS: &str = include_str!("requirements.txt");
/// How long a server has to load the world, unoptimised and beside others.
const START_WITHIN: Duration = Duration::from_secs(300);
/// More than are sent: the limits have tests of their own, and would hide what lies behind them.
const NO_LIMIT: &str = "4000000000";
/// Where configurations, logs and recordings go.
const FOLDER: &str = "target/schemathesis";

/// A run of Schemathesis against a server of its own.
#[derive(Clone, Copy)]
struct Pass {
    name: &'static str,
    phases: &'static str,
    /// Whether a proxy stands before the server that lets everyone in.
    is_open: bool,
}

const INPUTS: Pass = Pass {
    name: "inputs",
    phases: "examples,coverage,fuzzing",
    is_open: false,
};
/// The examples come first, since what they make is what sequences go on from.
const SEQUENCES: Pass = Pass {
    name: "sequences",
    phases: "examples,stateful",
    is_open: false,
};
const PROOF: Pass = Pass {
    name: "proof",
    phases: "examples",
    is_open: true,
};

const PROOF_ALONE: Pass = Pass {
    name: "proof-alone",
    ..PROOF
};

/// Runs the verb.
///
/// # Errors
///
/// When a contract is not there, the server does not build or start, or Schemathesis cannot be installed.
pub fn run(root: &Path, args: &Args) -> Result<ExitCode> {
    let files = chosen(spec::contracts(root)?, &args.contracts)?;
    let tool = tools::python(root, "schemathesis", REQUIREMENTS)?.join("bin/schemathesis");
    let build = std::process::Command::new(env!("CARGO"))
        .args(["build", "--quiet", "--package", "fareway"])
        .current_dir(root)
        .status()?;
    ensure!(build.success(), "cargo build --package fareway failed");
    fs::create_dir_all(root.join(FOLDER))?;
    let bench = Bench {
        folder: root.join(FOLDER),
        seed: args.seed,
        examples: args.examples,
        tool,
        // A server and a Python each.
        turns: Semaphore::new(std::thread::available_parallelism().map_or(1, usize::from)),
    };
    let contracts: Vec<Contract> = files
        .iter()
        .map(|file| Contract::read(root, file))
        .collect::<Result<_>>()?;
    match args.prove {
        false => try_all(Arc::new(bench), contracts),
        true => prove_all(Arc::new(bench), contracts),
    }
}

/// Of Schemathesis, as it is pinned.
fn version() -> &'static str {
    let mut pinned = REQUIREMENTS.lines();
    pinned
        .find_map(|line| line.strip_prefix("schemathesis=="))
        .expect("requirements.txt pins schemathesis")
}

/// The contracts that are asked for, of those that there are.
fn chosen(mut files: Vec<String>, names: &[String]) -> Result<Vec<String>> {
    let known: Vec<&str> = files.iter().map(|file| name_of(file)).collect();
    for name in names {
        ensure!(
            known.contains(&name.as_str()),
            "there is no contract {name}; there are {}",
            known.join(", ")
        );
    }
    files.retain(|file| names.is_empty() || names.iter().any(|name| name == name_of(file)));
    Ok(files)
}

#[tokio::main(flavor = "current_thread")]
async fn try_all(bench: Arc<Bench>, contracts: Vec<Contract>) -> Result<ExitCode> {
    report::head(version(), bench.seed, bench.examples);
    let mut running = JoinSet::new();
    for contract in contracts {
        let bench = Arc::clone(&bench);
        running.spawn(async move { bench.tried(&contract).await });
    }
    let mut all = Vec::new();
    while let Some(tried) = running.join_next().await {
        let tried = tried??;
        tried.row();
        all.push(tried);
    }
    Ok(report::verdict(&all))
}

#[tokio::main(flavor = "current_thread")]
async fn prove_all(bench: Arc<Bench>, contracts: Vec<Contract>) -> Result<ExitCode> {
    let mut running = JoinSet::new();
    for contract in contracts {
        let bench = Arc::clone(&bench);
        running.spawn(async move {
            let ran = bench.pass(&contract, PROOF, &[]).await?;
            let mut missed = report::missed(&contract, &ran.recording, None);
            // What one example ends, that of another may need: these have a server of their own.
            if !missed.is_empty() {
                let alone = bench.pass(&contract, PROOF_ALONE, &missed).await?;
                missed = report::missed(&contract, &alone.recording, Some(&missed));
            }
            Ok::<_, anyhow::Error>(report::proof(&contract, &missed))
        });
    }
    let mut caught = true;
    while let Some(proved) = running.join_next().await {
        caught &= proved??;
    }
    Ok(ExitCode::from(u8::from(!caught)))
}

/// What all passes share.
struct Bench {
    folder: PathBuf,
    seed: u32,
    examples: u32,
    /// The program.
    tool: PathBuf,
    turns: Semaphore,
}

/// What a pass left.
struct Ran {
    recording: Recording,
    events: String,
    log: PathBuf,
    /// Whether Schemathesis had nothing to say.
    passed: bool,
    seconds: f64,
}

impl Bench {
    /// Both passes of a contract; their events go into one recording.
    async fn tried(&self, contract: &Contract) -> Result<Tried> {
        let (inputs, sequences) = tokio::try_join!(
            self.pass(contract, INPUTS, &[]),
            self.pass(contract, SEQUENCES, &[])
        )?;
        let file = self.folder.join(format!("{}.ndjson", contract.stem()));
        fs::write(&file, format!("{}{}", inputs.events, sequences.events))?;
        let seconds = inputs.seconds + sequences.seconds;
        let failed = [&inputs, &sequences].into_iter().filter(|ran| !ran.passed);
        let logs = failed.map(|ran| ran.log.clone()).collect();
        Ok(Tried::new(
            contract,
            [inputs.recording, sequences.recording],
            logs,
            seconds,
        ))
    }

    /// Runs a pass over the operations with these labels, or over all when there are none.
    async fn pass(&self, contract: &Contract, pass: Pass, only: &[String]) -> Result<Ran> {
        let _turn = self.turns.acquire().await?;
        let begun = Instant::now();
        let file = |extension: &str| {
            self.folder
                .join(format!("{}-{}.{extension}", contract.stem(), pass.name))
        };
        let document = file("json");
        fs::write(&document, contract.document.to_string())?;
        let (config, events, log) = (file("toml"), file("events"), file("log"));
        fs::write(&config, contract.config(self.seed, self.examples, &events)?)?;

        let data = tempfile::tempdir()?;
        let command = serve(data.path(), &file("server.log"))?;
        let (server, doors) = Server::start_fareway(command, START_WITHIN).await?;
        let door = match contract.is_private() {
            true => doors.private,
            false => doors.public,
        };
        let proxy = match pass.is_open {
            true => Some(Proxy::start(door).await?),
            false => None,
        };
        let asked = proxy.as_ref().map_or(door, |proxy| proxy.address);

        let out = fs::File::create(&log)?;
        let status = Command::new(&self.tool)
            .arg("--config-file")
            .arg(&config)
            .arg("run")
            .arg(&document)
            .args(["--url", &format!("http://{asked}")])
            .args(["--phases", pass.phases, "--checks", "all"])
            .args(only.iter().flat_map(|label| ["--include-name", label]))
            .current_dir(&self.folder)
            .stdin(Stdio::null())
            .stderr(out.try_clone()?)
            .stdout(out)
            .kill_on_drop(true)
            .status()
            .await?;
        server.stop().await?;
        let passed = match status.code() {
            Some(0) => true,
            Some(1) => false,
            _ => bail!(
                "Schemathesis ended with {status} on {}; {} tells why",
                contract.name,
                log.display()
            ),
        };
        let recording = Recording::read(&events)?;
        let ran = Ran {
            recording,
            events: fs::read_to_string(&events)?,
            log,
            passed,
            seconds: begun.elapsed().as_secs_f64(),
        };
        fs::remove_file(&events)?;
        Ok(ran)
    }
}

fn serve(data: &Path, log: &Path) -> Result<Command> {
    let mut command = Command::new(std::env::current_exe()?.with_file_name("fareway"));
    let log =
        fs::File::create(log).with_context(|| format!("{} cannot be written", log.display()))?;
    command
        .args(["serve", "--rate-per-minute", NO_LIMIT])
        .args(["--log", "error", "--data-dir"])
        .arg(data)
        .stderr(log);
    Ok(command)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_package_is_pinned() {
        assert!(version().starts_with("4."));
        for line in REQUIREMENTS.lines().filter(|line| !line.starts_with('#')) {
            let version = line.split_once("==").map(|(_, version)| version);
            assert!(version.is_some_and(|version| !version.is_empty()), "{line}");
        }
    }

    #[test]
    fn contracts_are_chosen_by_name() {
        let files = || {
            vec![
                "openapi/public/v1.yaml".to_owned(),
                "openapi/public/v2.yaml".to_owned(),
            ]
        };
        let named = |names: &[&str]| {
            let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
            chosen(files(), &names)
        };
        assert_eq!(named(&[]).ok(), Some(files()));
        assert_eq!(named(&["public/v2"]).ok(), Some(files()[1..].to_vec()));
        let unknown = named(&["public/v9"])
            .expect_err("there is none")
            .to_string();
        assert_eq!(
            unknown,
            "there is no contract public/v9; there are public/v1, public/v2"
        );
    }
}
