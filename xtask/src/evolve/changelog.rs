//! `openapi/CHANGELOG.md`: one entry a revision, per contract, the newest first. The entry of a revision that is not released
//! yet follows from the same comparison as the gates; the entry of a released one stays as it is.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use compat::report::Severity;
use jiff::civil::Date;

use super::contracts::{Contract, contracts};
use super::{Version, migration, proto, today};
use crate::finding::Finding;

/// The file.
pub const CHANGELOG: &str = "openapi/CHANGELOG.md";

const HEAD: &str = "\
# Changelog of the contracts

What changed for callers, per contract, the newest revision first. `cargo xtask changelog` writes the entries of revisions that
are not released yet; `cargo xtask release` dates them.
";

const UNRELEASED: &str = "not released";

/// An entry under its contract: version, day or that there is none, and its text.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Entry {
    version: String,
    status: String,
    text: String,
}

/// Entries by the heading of their contract, in the order of the file.
type Sections = BTreeMap<String, Vec<Entry>>;

/// The gate `changelog`: the file holds the entry of every working revision.
///
/// # Errors
///
/// When a contract or the file cannot be read.
pub fn gate(root: &Path) -> Result<Vec<Finding>> {
    let mut findings = migration::gate(root)?;
    findings.extend(check(root, today())?);
    Ok(findings)
}

/// The rule for the changelog alone.
///
/// # Errors
///
/// As [`gate`].
pub fn check(root: &Path, today: Date) -> Result<Vec<Finding>> {
    let wanted = render(&sections(root, today, None)?);
    let found = read(root)?;
    if found == wanted {
        return Ok(Vec::new());
    }
    let line = found
        .lines()
        .zip(wanted.lines())
        .take_while(|(found, wanted)| found == wanted)
        .count()
        + 1;
    let what = "does not hold the entry that the working contracts call for";
    let fix = "run `cargo xtask changelog` and commit the result";
    Ok(vec![Finding::new(CHANGELOG, line, what, fix)])
}

/// Runs the verb: writes the changelog and the migration guides.
///
/// # Errors
///
/// As [`write`] and [`migration::write`].
pub fn run(root: &Path) -> Result<()> {
    write(root, today(), None)?;
    migration::write(root)
}

/// Writes the file. `releasing` is a contract's heading and its version, for the entry that is dated today.
///
/// # Errors
///
/// When a contract cannot be read or the file cannot be written.
pub fn write(root: &Path, today: Date, releasing: Option<(&str, Version)>) -> Result<()> {
    let text = render(&sections(root, today, releasing)?);
    fs::write(root.join(CHANGELOG), text).with_context(|| format!("cannot write {CHANGELOG}"))
}

fn read(root: &Path) -> Result<String> {
    match root.join(CHANGELOG).exists() {
        true => fs::read_to_string(root.join(CHANGELOG))
            .with_context(|| format!("cannot read {CHANGELOG}")),
        false => Ok(String::new()),
    }
}

/// The heading of a contract.
pub fn heading(audience: &str, major: u32) -> String {
    let mut letters = audience.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    format!("{}{} v{major}", String::from_iter(first), letters.as_str())
}

fn sections(root: &Path, today: Date, releasing: Option<(&str, Version)>) -> Result<Sections> {
    let mut sections = parse(&read(root)?);
    for contract in contracts(root)? {
        let heading = heading(&contract.audience, contract.major);
        let is_released = contract
            .released
            .iter()
            .any(|released| released.version == contract.version);
        let entries = sections.entry(heading.clone()).or_default();
        entries.retain(|entry| entry.status != UNRELEASED);
        if !is_released {
            entries.insert(0, entry(contract.version, &text_of(&contract, today)?));
        }
    }
    if let Some((version, text)) = unreleased_proto(root, releasing)? {
        let entries = sections.entry("Internal (proto)".to_owned()).or_default();
        entries.retain(|entry| entry.status != UNRELEASED);
        entries.insert(0, entry(version, &text));
    }
    if let Some((heading, version)) = releasing {
        let entries = sections.get_mut(heading).into_iter().flatten();
        for entry in entries.filter(|entry| entry.version == version.to_string()) {
            entry.status = today.to_string();
        }
    }
    sections.retain(|_, entries| !entries.is_empty());
    Ok(sections)
}

fn entry(version: Version, text: &str) -> Entry {
    Entry {
        version: version.to_string(),
        status: UNRELEASED.to_owned(),
        text: text.to_owned(),
    }
}

/// The internal contracts carry no version of their own, so their entry is written when they are released.
fn unreleased_proto(
    root: &Path,
    releasing: Option<(&str, Version)>,
) -> Result<Option<(Version, String)>> {
    let Some((_, version)) = releasing.filter(|(heading, _)| *heading == PROTO) else {
        return Ok(None);
    };
    let before = proto::released(root)?
        .into_iter()
        .rfind(|released| *released < version);
    let text = match before {
        None => "- First revision.\n".to_owned(),
        Some(before) => {
            let changes = proto::changes_since(root, before)?;
            changes
                .iter()
                .map(|change| format!("- **added** {}\n", change.what))
                .collect()
        }
    };
    Ok(Some((version, text)))
}

/// The heading of the internal contracts.
pub const PROTO: &str = "Internal (proto)";

fn text_of(contract: &Contract, today: Date) -> Result<String> {
    let Some(newest) = contract.newest() else {
        return Ok(first(contract));
    };
    let mut lines: Vec<(Severity, String)> = Vec::new();
    for change in contract.changes_since(newest)?.findings {
        let line = line(contract, &change, today);
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    lines.sort();
    let mut text = String::new();
    for (severity, line) in lines {
        let word = match severity {
            Severity::Breaking => "breaking",
            Severity::Policy => "changed",
            Severity::Additive => "added",
            Severity::Deprecating => "deprecated",
            Severity::Worded => "fixed",
        };
        let _ = writeln!(text, "- **{word}** {line}");
    }
    Ok(text)
}

fn line(contract: &Contract, change: &compat::Finding, today: Date) -> (Severity, String) {
    let severity = match change.severity {
        Severity::Breaking | Severity::Policy if contract.breaks(change, today) => {
            Severity::Breaking
        }
        // What may go because its day has come is no break; the gates have seen to that.
        Severity::Breaking if !change.is_due(today) => Severity::Additive,
        // What the owner took on, callers are told all the same.
        severity => severity,
    };
    let text = match severity {
        Severity::Worded => change.what.clone(),
        _ => format!("{}: {}", change.at(), change.what),
    };
    (severity, text)
}

/// The entry of the first revision of a major.
fn first(contract: &Contract) -> String {
    let lifecycle = contract
        .document
        .get("/info/x-lifecycle")
        .cloned()
        .unwrap_or_default();
    let mut text = format!("- First revision of v{}.\n", contract.major);
    if contract.major > 1 {
        let _ = writeln!(
            text,
            "- **breaking** against v{}: see the [migration guide]({}).",
            contract.major - 1,
            migration::guide(&contract.audience, contract.major).trim_start_matches("openapi/")
        );
    }
    if let (Some(since), Some(sunset)) = (
        lifecycle["deprecated"].as_str(),
        lifecycle["sunset"].as_str(),
    ) {
        let successor = lifecycle["successor"].as_str().unwrap_or_default();
        let _ = writeln!(
            text,
            "- **deprecated** since {since}, served until {sunset}; use `{successor}`."
        );
    }
    text
}

/// Reads the file back; what stands before the first heading is ours anyway.
fn parse(text: &str) -> Sections {
    let mut sections = Sections::new();
    let mut current: Option<String> = None;
    for line in text.lines() {
        if let Some(heading) = line.strip_prefix("## ") {
            current = Some(heading.to_owned());
        } else if let Some(heading) = line.strip_prefix("### ") {
            let (version, status) = heading.split_once(" · ").unwrap_or((heading, UNRELEASED));
            let entries = current
                .as_ref()
                .map(|current| sections.entry(current.clone()).or_default());
            entries.into_iter().for_each(|entries| {
                entries.push(Entry {
                    version: version.to_owned(),
                    status: status.to_owned(),
                    text: String::new(),
                });
            });
        } else if let Some(entry) = current
            .as_ref()
            .and_then(|current| sections.get_mut(current)?.last_mut())
            && !(line.is_empty() && entry.text.is_empty())
        {
            entry.text.push_str(line);
            entry.text.push('\n');
        }
    }
    for entry in sections.values_mut().flatten() {
        entry.text.truncate(entry.text.trim_end().len());
        entry.text.push('\n');
    }
    sections
}

fn render(sections: &Sections) -> String {
    let mut text = HEAD.to_owned();
    // Public first, newest major first; then the others by name.
    let mut headings: Vec<&String> = sections.keys().collect();
    headings.sort_by_key(|heading| {
        let audience = heading.split(' ').next().unwrap_or_default();
        let rank = ["Public", "Partner", "Private"]
            .iter()
            .position(|known| *known == audience);
        (rank.unwrap_or(9), std::cmp::Reverse((*heading).clone()))
    });
    for heading in headings {
        let _ = write!(text, "\n## {heading}\n");
        for entry in &sections[heading] {
            let _ = write!(
                text,
                "\n### {} · {}\n\n{}",
                entry.version, entry.status, entry.text
            );
        }
    }
    text
}
