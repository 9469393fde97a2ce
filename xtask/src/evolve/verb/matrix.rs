//! `cargo xtask compat matrix`: for each pair of revisions of a contract, older and newer, whether a client of the older works with
//! the newer. Paths are compared below `/<audience>/v<major>`, so that majors can be told apart by more than their names.

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use anstyle::{AnsiColor, Style};
use anyhow::Result;
use compat::report::Finding;
use serde_json::Value;

use crate::evolve::contracts::{Contract, compare, contracts, is_break};
use crate::evolve::migration::without_prefix;
use crate::evolve::today;

/// Which contracts.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  cargo xtask compat matrix
  cargo xtask compat matrix public")]
pub struct Args {
    /// All of them when none is named
    #[arg(value_parser = ["public", "partner", "private"])]
    audience: Option<String>,
}

const GOOD: Style = AnsiColor::Green.on_default();
const BAD: Style = AnsiColor::Red.on_default();

/// A revision: `2.0.0` when it is released, `v2` for the working contract of a major.
struct Revision {
    name: String,
    document: Value,
}

/// What becomes of the clients of a revision.
struct Fate<'r> {
    revision: &'r str,
    /// For each later revision, whether they work with it.
    works: Vec<bool>,
    /// The first that they do not work with, and the worst of the reasons.
    broken: Option<(&'r str, String)>,
}

/// Prints a table a contract.
///
/// # Errors
///
/// When a contract or a released file cannot be used.
pub fn run(root: &Path, args: &Args, out: &mut impl Write) -> Result<ExitCode> {
    let all = contracts(root)?;
    for audience in ["public", "partner", "private"] {
        let is_wanted = args
            .audience
            .as_ref()
            .is_none_or(|wanted| wanted == audience);
        let mut mine: Vec<&Contract> = all
            .iter()
            .filter(|contract| contract.audience == audience)
            .collect();
        if is_wanted && !mine.is_empty() {
            mine.sort_by_key(|contract| contract.major);
            let revisions = revisions(&mine);
            table(audience, &fates(&revisions)?, out)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn revisions(contracts: &[&Contract]) -> Vec<Revision> {
    let mut revisions = Vec::new();
    for contract in contracts {
        let released = contract.released.iter().map(|released| Revision {
            name: released.version.to_string(),
            document: without_prefix(&released.document),
        });
        revisions.extend(released);
        revisions.push(Revision {
            name: format!("v{}", contract.major),
            document: without_prefix(&contract.document.value),
        });
    }
    revisions
}

fn fates(revisions: &[Revision]) -> Result<Vec<Fate<'_>>> {
    let mut fates = Vec::new();
    for (at, older) in revisions.iter().enumerate() {
        let mut fate = Fate {
            revision: &older.name,
            works: Vec::new(),
            broken: None,
        };
        for newer in &revisions[at + 1..] {
            let report = compare(&older.document, &newer.document)?;
            let first = report
                .findings
                .iter()
                .find(|finding| is_break(finding) && finding.is_due(today()));
            fate.works.push(first.is_none());
            if let (None, Some(finding)) = (&fate.broken, first) {
                fate.broken = Some((&newer.name, reason(finding)));
            }
        }
        fates.push(fate);
    }
    Ok(fates)
}

fn reason(finding: &Finding) -> String {
    format!("{}: {}", finding.at(), finding.what)
}

fn table(audience: &str, fates: &[Fate<'_>], out: &mut impl Write) -> Result<()> {
    let width = fates
        .iter()
        .map(|fate| fate.revision.len())
        .max()
        .unwrap_or(0)
        .max(5);
    let newer = fates.iter().skip(1);
    let head: Vec<String> = newer
        .map(|fate| format!("  {:width$}", fate.revision))
        .collect();
    writeln!(
        out,
        "{}",
        format!("{audience:10}{}", head.concat()).trim_end()
    )?;
    for (at, fate) in fates.iter().enumerate().take(fates.len().saturating_sub(1)) {
        write!(out, "{:10}", fate.revision)?;
        for _ in 0..at {
            write!(out, "  {:width$}", "")?;
        }
        for works in &fate.works {
            let (style, word) = if *works {
                (GOOD, "works")
            } else {
                (BAD, "fails")
            };
            write!(out, "  {style}{word:width$}{style:#}")?;
        }
        writeln!(out)?;
    }
    for fate in fates {
        if let Some((revision, reason)) = &fate.broken {
            writeln!(
                out,
                "clients of {} are first broken by {revision}: {reason}",
                fate.revision
            )?;
        }
    }
    Ok(writeln!(out)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn revision(name: &str, maximum: u32) -> Revision {
        let schema = json!({"type": "integer", "maximum": maximum});
        let parameter = json!({"name": "n", "in": "query", "schema": schema});
        let answer = json!({"200": {"description": "It."}});
        let get = json!({"operationId": "a", "parameters": [parameter], "responses": answer});
        Revision {
            name: name.to_owned(),
            document: json!({"openapi": "3.1.0", "info": {"title": "a", "version": name}, "paths": {"/a": {"get": get}}}),
        }
    }

    #[test]
    fn a_client_is_broken_once_and_may_work_again() {
        let revisions = [
            revision("1.0.0", 5),
            revision("1.1.0", 9),
            revision("1.2.0", 7),
            revision("1.3.0", 9),
        ];
        let fates = fates(&revisions).expect("they can be used");
        let works: Vec<&[bool]> = fates.iter().map(|fate| &*fate.works).collect();
        assert_eq!(
            works,
            [&[true, true, true][..], &[false, true], &[true], &[]]
        );
        let mut out = Vec::new();
        table("public", &fates, &mut anstream::StripStream::new(&mut out))
            .expect("a vector takes all");
        let text = String::from_utf8(out).expect("it is text");
        insta::assert_snapshot!(text, @"
        public      1.1.0  1.2.0  1.3.0
        1.0.0       works  works  works
        1.1.0              fails  works
        1.2.0                     works
        clients of 1.1.0 are first broken by 1.2.0: GET /a, query parameter `n`: `maximum` changes from 9 to 7
        ");
    }
}
