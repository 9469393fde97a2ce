//! `cargo xtask compat corpus`: our verdicts against those of a folder of pairs, and the silence that rewrites of its documents call
//! for. `cases.json` there lists the pairs: `id`, `base`, `revision`, `expected_breaking` (null where it is a matter of policy) and
//! `why`. Why we differ is said by a witness, or in `arguments.toml`.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};
use compat::report::{Finding, Proof, Report, Severity};
use serde::Deserialize;

use crate::evolve::documents::Pair;

mod rewrites;
mod sums;

use rewrites::Tally;
use sums::Shown;

/// Which folder.
#[derive(clap::Args)]
#[command(
    after_help = "Exit status: 0 each disagreement has its witness or argument and rewrites are silent, 1 not so, 2 a case cannot be read.

Example:
  cargo xtask compat corpus pairs/"
)]
pub struct Args {
    /// The folder with `cases.json` and the documents
    folder: PathBuf,
    /// Show every finding of the case of this id
    #[arg(long, value_name = "ID")]
    case: Option<String>,
}

#[derive(Deserialize)]
struct Case {
    id: String,
    base: String,
    revision: String,
    expected_breaking: Option<bool>,
    #[serde(default)]
    why: String,
}

/// What a verdict is beside the one that was expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    Agrees,
    /// It breaks, and we are silent.
    Missed,
    /// It does not break, and we say that it does.
    Alarm,
    /// A matter of policy that is reported as one.
    Policy,
    /// A matter of policy that is called a break.
    Harsh,
    /// A matter of policy of which nothing is said.
    Silent,
    /// A document that we cannot use.
    Unusable,
}

impl Outcome {
    fn of(expected: Option<bool>, severities: impl Iterator<Item = Severity>) -> Outcome {
        let severities: Vec<Severity> = severities.collect();
        let breaks = severities.contains(&Severity::Breaking);
        match expected {
            Some(expected) if expected == breaks => Outcome::Agrees,
            Some(true) => Outcome::Missed,
            Some(false) => Outcome::Alarm,
            None if breaks => Outcome::Harsh,
            None if severities.contains(&Severity::Policy) => Outcome::Policy,
            None => Outcome::Silent,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Outcome::Agrees => "agrees",
            Outcome::Missed => "missed break",
            Outcome::Alarm => "false alarm",
            Outcome::Policy => "policy",
            Outcome::Harsh => "policy, called a break",
            Outcome::Silent => "policy, not reported",
            Outcome::Unusable => "no verdict",
        }
    }
}

/// Why we judge otherwise than a case is labelled, by its id.
fn arguments() -> BTreeMap<String, String> {
    toml::from_str(include_str!("arguments.toml")).expect("the table of arguments is right")
}

/// A case with what we made of it.
struct Judged<'c> {
    case: &'c Case,
    outcome: Outcome,
    /// A finding that breaks has an exchange to show for it.
    witnessed: bool,
    argument: Option<String>,
}

impl Judged<'_> {
    fn disagrees(&self) -> bool {
        !matches!(self.outcome, Outcome::Agrees | Outcome::Policy)
    }

    /// Nothing says why we differ.
    fn is_unexplained(&self) -> bool {
        self.disagrees() && !self.witnessed && self.argument.is_none()
    }
}

/// Measures, and prints the sums and every disagreement.
///
/// # Errors
///
/// When the folder has no cases.
pub fn run(root: &Path, args: &Args, out: &mut impl Write) -> Result<ExitCode> {
    let index = args.folder.join("cases.json");
    let text =
        fs::read_to_string(&index).with_context(|| format!("cannot read {}", index.display()))?;
    let cases: Vec<Case> = serde_json::from_str(&text)
        .with_context(|| format!("{} is not understood", index.display()))?;
    let (mut judged, mut shown) = (Vec::new(), Shown::default());
    let arguments = arguments();
    for case in &cases {
        if args.case.as_ref().is_some_and(|wanted| *wanted != case.id) {
            continue;
        }
        let path = |file: &str| args.folder.join(file).display().to_string();
        let pair = Pair::open(
            root,
            Some(&args.folder),
            &path(&case.base),
            &path(&case.revision),
        );
        let argument = arguments.get(&case.id).cloned();
        let mut judgement = Judged {
            case,
            outcome: Outcome::Unusable,
            witnessed: false,
            argument,
        };
        match pair.and_then(|pair| pair.compare()) {
            Ok(report) => {
                let severities = report.findings.iter().map(|finding| finding.severity);
                judgement.outcome = Outcome::of(case.expected_breaking, severities);
                for finding in breaking(&report) {
                    judgement.witnessed |= matches!(finding.proof, Proof::Witness(_));
                    shown.add(finding);
                }
                if judgement.disagrees() || args.case.is_some() {
                    disagreement(&judgement, &report, args.case.is_some(), out)?;
                }
            }
            Err(error) => writeln!(out, "{} {}: {error:#}\n", Outcome::Unusable.word(), case.id)?,
        }
        judged.push(judgement);
    }
    let stale: Vec<&str> = judged
        .iter()
        .filter(|judged| judged.argument.is_some() && !judged.disagrees())
        .map(|judged| judged.case.id.as_str())
        .collect();
    for id in &stale {
        writeln!(
            out,
            "{id} is judged as it is labelled: take it out of arguments.toml"
        )?;
    }
    let tally = match args.case {
        Some(_) => Tally::default(),
        None => {
            let files = cases.iter().flat_map(|case| [&*case.base, &*case.revision]);
            Tally::of(&args.folder, files, out)?
        }
    };
    sums::write(&judged, &shown, out)?;
    writeln!(out, "{}", tally.line())?;
    let fails = !stale.is_empty() || tally.findings > 0;
    Ok(ExitCode::from(u8::from(
        fails || judged.iter().any(Judged::is_unexplained),
    )))
}

fn breaking(report: &Report) -> impl Iterator<Item = &Finding> {
    let all = report.findings.iter();
    all.filter(|finding| finding.severity == Severity::Breaking)
}

/// A case with what we say of it: what breaks, or for a missed break all that was found.
fn disagreement(
    judged: &Judged<'_>,
    report: &Report,
    whole: bool,
    out: &mut impl Write,
) -> Result<()> {
    let (case, outcome) = (judged.case, judged.outcome);
    writeln!(out, "{} {} ({})", outcome.word(), case.id, case.why)?;
    match &judged.argument {
        Some(why) => writeln!(out, "  why: {why}")?,
        None if judged.is_unexplained() => writeln!(out, "  unexplained")?,
        None => {}
    }
    let all = whole || matches!(outcome, Outcome::Missed | Outcome::Silent);
    let said = |finding: &&Finding| all || finding.severity == Severity::Breaking;
    for finding in report.findings.iter().filter(said) {
        let word = format!("{:?}", finding.severity).to_lowercase();
        writeln!(
            out,
            "  {word} [{}] {}: {}",
            finding.rule,
            finding.at(),
            finding.what
        )?;
        let (kind, text) = match &finding.proof {
            Proof::Witness(witness) => {
                let exchange = serde_json::to_string(&witness.exchange)?;
                ("witness", format!("{exchange}: {}", witness.says))
            }
            Proof::Argued(why) => ("argued", why.clone()),
            Proof::Undecided(why) => ("undecided", why.clone()),
        };
        writeln!(out, "    {kind}: {text}")?;
    }
    Ok(writeln!(out)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outcome_sets_a_verdict_beside_the_expected_one() {
        use Severity::{Additive, Breaking, Policy};
        let cases: [(Option<bool>, &[Severity], Outcome); 8] = [
            (Some(true), &[Additive, Breaking], Outcome::Agrees),
            (Some(true), &[Policy], Outcome::Missed),
            (Some(true), &[], Outcome::Missed),
            (Some(false), &[Policy, Additive], Outcome::Agrees),
            (Some(false), &[Breaking], Outcome::Alarm),
            (None, &[Policy], Outcome::Policy),
            (None, &[Breaking, Policy], Outcome::Harsh),
            (None, &[Additive], Outcome::Silent),
        ];
        for (expected, severities, outcome) in cases {
            assert_eq!(
                Outcome::of(expected, severities.iter().copied()),
                outcome,
                "{severities:?}"
            );
        }
    }
}
