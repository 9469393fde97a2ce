//! `cargo xtask mutate`: proof that the contract tests notice a server that is wrong.
//!
//! A mutant is one small edit of the server: a check that is left out, a bound off by one, a header that is missing. The tables
//! in `mutants/` tell what each breaks and which tests ought to see it. All of them go into one scratch copy under
//! `target/mutate`, where each is a choice made at run time, so that one build serves them all; the product knows nothing of it.

mod copy;
mod edit;
mod suite;
pub mod table;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{IsTerminal, Write};
use std::path::Path;
use std::process::ExitCode;
use std::thread::available_parallelism;
use std::time::{Duration, Instant};

use anstyle::{AnsiColor, Style};
use anyhow::{Context, Result, ensure};
use futures_util::{StreamExt, stream};

pub use edit::VARIABLE;
use suite::{Outcome, Suite};
use table::Mutant;

/// Which mutants to try.
#[derive(clap::Args)]
pub struct Args {
    /// Only these; all when none is named
    names: Vec<String>,
    /// Only list them, with where they are and which tests ought to see them
    #[arg(long)]
    list: bool,
}

const OK: Style = AnsiColor::Green.on_default().bold();
const FAILED: Style = AnsiColor::Red.on_default().bold();
/// How long the tests of a mutant may take; a server that hangs is not one that was seen to be wrong.
const WITHIN: Duration = Duration::from_secs(10 * 60);
/// How long all of them together may take without any.
const ALL_WITHIN: Duration = Duration::from_secs(30 * 60);
/// Most tests that are named of those that see a mutant.
const NAMED: usize = 2;
/// The manifest whose version is changed, and the root of the library, which is told of the choice.
const MANIFEST: &str = "Cargo.toml";
const LIBRARY: &str = "src/lib.rs";

/// Tries the mutants and prints which tests saw them; exit 1 when one was not seen.
///
/// # Errors
///
/// When a table or an edit is wrong, the copy does not build, or the tests fail without any mutant.
#[tokio::main(flavor = "current_thread")]
pub async fn run(root: &Path, args: &Args) -> Result<ExitCode> {
    let all = table::read(root)?;
    let chosen = table::chosen(&all, &args.names)?;
    let mut out = anstream::stdout();
    if args.list {
        for mutant in chosen {
            let Mutant { name, breaks, .. } = mutant;
            writeln!(out, "{OK}{name}{OK:#}: {breaks}")?;
            writeln!(out, "    {} seen by {}", mutant.file, mutant.seen_by)?;
        }
        return Ok(ExitCode::SUCCESS);
    }
    let start = Instant::now();
    let target = root.join("target");
    let scratch = target.join("mutate/copy");
    self::scratch(root, &scratch, &all)?;
    let suite = Suite::build(&scratch, &target, &target.join("mutate/logs")).await?;
    unbroken(&suite, &chosen).await?;
    let survivors = each(&suite, &chosen, &mut out).await?;
    let seconds = start.elapsed().as_secs();
    writeln!(
        out,
        "{} mutants: {} caught, {survivors} not, in {} min {} s",
        chosen.len(),
        chosen.len() - survivors,
        seconds / 60,
        seconds % 60
    )?;
    if survivors > 0 {
        writeln!(
            out,
            "add the contract test that each of the others calls for; what was said is in target/mutate/logs"
        )?;
        return Ok(ExitCode::FAILURE);
    }
    Ok(ExitCode::SUCCESS)
}

/// Brings a scratch copy up to date in which each of the mutants can be chosen.
///
/// # Errors
///
/// When the text of a mutant is not where it ought to be, or the copy cannot be written.
pub fn scratch(root: &Path, scratch: &Path, mutants: &[Mutant]) -> Result<()> {
    copy::refresh(root, scratch, &edited(root, mutants)?)
}

/// The texts that differ in the copy: sources with their mutants, and a version of its own, by which cargo tells what it builds
/// there from what it builds here, though both share what others have written.
fn edited(root: &Path, mutants: &[Mutant]) -> Result<BTreeMap<String, String>> {
    let read =
        |file: &str| std::fs::read_to_string(root.join(file)).with_context(|| file.to_owned());
    let mut by_file: BTreeMap<&str, Vec<&Mutant>> = BTreeMap::new();
    for mutant in mutants {
        by_file.entry(&mutant.file).or_default().push(mutant);
    }
    let mut edited = BTreeMap::new();
    for (file, mutants) in by_file {
        edited.insert(file.to_owned(), edit::with_choices(&read(file)?, &mutants)?);
    }
    ensure!(
        !edited.contains_key(LIBRARY),
        "{LIBRARY} only names modules; mutants are of those"
    );
    edited.insert(LIBRARY.to_owned(), edit::library(&read(LIBRARY)?));
    edited.insert(MANIFEST.to_owned(), edit::versioned(&read(MANIFEST)?)?);
    Ok(edited)
}

/// Runs the tests without any mutant: those that fail by themselves prove nothing.
async fn unbroken(suite: &Suite, mutants: &[&Mutant]) -> Result<()> {
    let filters: BTreeSet<&str> = mutants.iter().map(|mutant| &*mutant.seen_by).collect();
    let filters: Vec<&str> = filters.into_iter().collect();
    underway("the same tests without any mutant");
    let outcome = suite.run("", &filters.join("|"), ALL_WITHIN).await?;
    underway("");
    let told = outcome.trouble.unwrap_or_else(|| outcome.failed.join(", "));
    ensure!(
        told.is_empty(),
        "tests do not pass without any mutant: {told}; mend them first, with `cargo xtask test` and their names"
    );
    Ok(())
}

/// Tries each mutant, as many at a time as there are cores; how many were not seen.
async fn each(suite: &Suite, mutants: &[&Mutant], out: &mut impl Write) -> Result<usize> {
    let longest = |text: fn(&Mutant) -> &str| {
        let lengths = mutants.iter().map(|mutant| text(mutant).chars().count());
        lengths.max().unwrap_or(0)
    };
    let (wide, wider) = (longest(|one| &one.name), longest(|one| &one.breaks));
    writeln!(
        out,
        "{:wide$}  {:wider$}  caught by",
        "mutant", "what it breaks"
    )?;
    let cores = available_parallelism()?.get();
    let runs = mutants
        .iter()
        .map(|mutant| suite.run(&mutant.name, &mutant.seen_by, WITHIN));
    let mut runs = stream::iter(runs).buffered(cores);
    let mut survivors = 0;
    for (at, mutant) in mutants.iter().enumerate() {
        let Mutant { name, breaks, .. } = mutant;
        underway(&format!("{} of {}: {name}", at + 1, mutants.len()));
        let outcome = runs.next().await.context("each is run")??;
        underway("");
        let (style, told) = match seen(&outcome) {
            Ok(told) => (OK, told),
            Err(why) => {
                survivors += 1;
                (FAILED, format!("NOT CAUGHT by {}: {why}", mutant.seen_by))
            }
        };
        writeln!(out, "{name:wide$}  {breaks:wider$}  {style}{told}{style:#}")?;
    }
    Ok(survivors)
}

/// The tests that saw a mutant, or why it cannot be said that one has.
fn seen(outcome: &Outcome) -> Result<String, String> {
    if let Some((named, rest)) = outcome.failed.split_at_checked(NAMED)
        && !rest.is_empty()
    {
        return Ok(format!("{} and {} more", named.join(", "), rest.len()));
    }
    if !outcome.failed.is_empty() {
        return Ok(outcome.failed.join(", "));
    }
    Err(match &outcome.trouble {
        Some(trouble) => trouble.clone(),
        None => format!("{} passed", outcome.passed),
    })
}

/// Shows on a terminal what is under way, in a line that the next one replaces.
fn underway(what: &str) {
    if std::io::stderr().is_terminal() {
        eprint!("\r\x1b[K{what}");
    }
}
