//! The guide from one major to the next: `openapi/<audience>/migration-v<n>.yaml` says by hand what a client does about each
//! change, the comparison of the two contracts says what the changes are, and the gate holds them together: every break is
//! claimed by a row, and no row claims nothing.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::rc::Rc;

use anyhow::{Context, Result};
use regex::Regex;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::contracts::{Contract, compare, contracts, is_break};
use crate::finding::Finding;

/// How many places of a row are listed before the rest is counted.
const LISTED_MAX: usize = 12;

/// The hand-written part.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Plan {
    /// What a reader has to know before the changes.
    intro: String,
    changes: Vec<Row>,
}

/// One change as a reader thinks of it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    title: String,
    /// What the older major did.
    was: String,
    /// What the newer one does.
    now: String,
    /// What a client does about it.
    todo: String,
    /// Regular expressions; a break belongs to the first row of which one matches `<rule> <operation>, <place>: <what>`.
    claims: Vec<String>,
}

/// The guide to a major, relative to the root.
pub fn guide(audience: &str, major: u32) -> String {
    format!("openapi/MIGRATION-{audience}-v{major}.md")
}

/// Every break between two majors that the guide does not explain, every row that explains nothing, every guide that is stale.
///
/// # Errors
///
/// When a contract or a plan cannot be read.
pub fn gate(root: &Path) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for (before, after) in majors(root)? {
        let plan = plan_of(&after);
        if !root.join(&plan).is_file() {
            let what = format!(
                "{} has no plan for its clients to get to {}",
                before.name(),
                after.name()
            );
            let fix = format!(
                "write {plan}: `intro`, and `changes` with `title`, `was`, `now`, `todo` and `claims`"
            );
            findings.push(Finding::new(&plan, 0, what, fix));
            continue;
        }
        let (text, open) = explain(root, &before, &after)?;
        findings.extend(open);
        let file = guide(&after.audience, after.major);
        if fs::read_to_string(root.join(&file)).unwrap_or_default() != text {
            let fix = "run `cargo xtask changelog` and commit the result";
            findings.push(Finding::new(
                &file,
                0,
                "is not what the contracts and the plan call for",
                fix,
            ));
        }
    }
    Ok(findings)
}

/// Writes every guide.
///
/// # Errors
///
/// When a contract or a plan cannot be read, or a guide cannot be written.
pub fn write(root: &Path) -> Result<()> {
    for (before, after) in majors(root)? {
        if root.join(plan_of(&after)).is_file() {
            let file = guide(&after.audience, after.major);
            let (text, _) = explain(root, &before, &after)?;
            fs::write(root.join(&file), text).with_context(|| format!("cannot write {file}"))?;
        }
    }
    Ok(())
}

/// Each major that follows another one that is still here.
fn majors(root: &Path) -> Result<Vec<(Rc<Contract>, Rc<Contract>)>> {
    let mut contracts = contracts(root)?;
    contracts.sort_by_key(|contract| (contract.audience.clone(), contract.major));
    let contracts: Vec<Rc<Contract>> = contracts.into_iter().map(Rc::new).collect();
    let pairs = contracts
        .windows(2)
        .filter(|pair| pair[0].audience == pair[1].audience);
    Ok(pairs
        .map(|pair| (Rc::clone(&pair[0]), Rc::clone(&pair[1])))
        .collect())
}

fn plan_of(after: &Contract) -> String {
    format!("openapi/{}/migration-v{}.yaml", after.audience, after.major)
}

/// The text of the guide, and what it leaves open.
fn explain(root: &Path, before: &Contract, after: &Contract) -> Result<(String, Vec<Finding>)> {
    let file = plan_of(after);
    let text =
        fs::read_to_string(root.join(&file)).with_context(|| format!("cannot read {file}"))?;
    let plan: Plan =
        yaml_serde::from_str(&text).with_context(|| format!("{file} is not understood"))?;
    let base = without_prefix(&before.document.value);
    let revision = without_prefix(&after.document.value);
    let changes = compare(&base, &revision)?.findings;
    let claims: Vec<Vec<Regex>> = plan
        .changes
        .iter()
        .map(|row| row.claims.iter().map(|claim| Regex::new(claim)).collect())
        .collect::<Result<_, _>>()
        .with_context(|| format!("{file}: a claim is no regular expression"))?;
    let mut claimed: Vec<Vec<&compat::Finding>> = plan.changes.iter().map(|_| Vec::new()).collect();
    let mut findings = Vec::new();
    for change in changes.iter().filter(|change| is_break(change)) {
        let lines = lines(change);
        let matches = |row: &Vec<Regex>| {
            row.iter()
                .any(|claim| lines.iter().any(|line| claim.is_match(line)))
        };
        match claims.iter().position(matches) {
            Some(row) => claimed[row].push(change),
            None => {
                let what = format!(
                    "no row explains `{}`",
                    lines.first().map_or("", String::as_str)
                );
                findings.push(Finding::new(
                    &file,
                    0,
                    what,
                    "add a row, or a claim to the row it belongs to",
                ));
            }
        }
    }
    for (row, claimed) in plan.changes.iter().zip(&claimed) {
        if claimed.is_empty() {
            let what = format!("the row `{}` claims nothing that changed", row.title);
            findings.push(Finding::new(
                &file,
                0,
                what,
                "remove it, or correct its claims",
            ));
        }
    }
    let added = changes
        .iter()
        .filter(|change| change.rule == "operation-added");
    let added: Vec<&str> = added
        .flat_map(|change| change.reach.iter().map(String::as_str))
        .collect();
    Ok((render(before, after, &plan, &claimed, &added), findings))
}

/// The change once for each operation, as claims match it.
fn lines(change: &compat::Finding) -> Vec<String> {
    let line = |operation: &str| {
        format!(
            "{} {operation}, {}: {}",
            change.rule, change.place, change.what
        )
    };
    match change.reach.is_empty() {
        true => vec![line("the contract")],
        false => change
            .reach
            .iter()
            .map(|operation| line(operation))
            .collect(),
    }
}

/// The document with its paths below `/<audience>/v<major>`, so that the same operation of two majors has the same path.
pub fn without_prefix(document: &Value) -> Value {
    let mut document = document.clone();
    let Some(paths) = document.get_mut("paths").and_then(Value::as_object_mut) else {
        return document;
    };
    let short: Map<String, Value> = std::mem::take(paths)
        .into_iter()
        .map(|(path, item)| {
            let rest = path.splitn(4, '/').nth(3).map(|rest| format!("/{rest}"));
            (rest.unwrap_or(path), item)
        })
        .collect();
    *paths = short;
    document
}

fn render(
    before: &Contract,
    after: &Contract,
    plan: &Plan,
    claimed: &[Vec<&compat::Finding>],
    added: &[&str],
) -> String {
    let mut text = format!(
        "# From {} to v{}\n\n{}\n\nPaths are given without `/{}/v{}` and `/{}/v{}`.\n",
        before.name(),
        after.major,
        plan.intro.trim(),
        before.audience,
        before.major,
        after.audience,
        after.major
    );
    text.push_str("\n| | change | what to do |\n|---|---|---|\n");
    for (at, row) in plan.changes.iter().enumerate() {
        let one_line = row.todo.split_whitespace().collect::<Vec<_>>().join(" ");
        let _ = writeln!(text, "| {} | {} | {one_line} |", at + 1, row.title);
    }
    for (at, (row, claimed)) in plan.changes.iter().zip(claimed).enumerate() {
        let _ = write!(
            text,
            "\n## {}. {}\n\n- **v{}:** {}\n- **v{}:** {}\n- **What to do:** {}\n",
            at + 1,
            row.title,
            before.major,
            row.was.trim(),
            after.major,
            row.now.trim(),
            row.todo.trim()
        );
        text.push_str("\nWhere it shows:\n\n");
        let places = places(claimed);
        for place in places.iter().take(LISTED_MAX) {
            let _ = writeln!(text, "- {place}");
        }
        if places.len() > LISTED_MAX {
            let more = places.len() - LISTED_MAX;
            let _ = writeln!(text, "- … and {more} more places of the same kind");
        }
    }
    if !added.is_empty() {
        text.push_str("\n## New operations\n\n");
        for operation in added {
            let _ = writeln!(text, "- `{operation}`");
        }
    }
    text
}

/// The place of a change, its stars kept from being read as emphasis.
fn plain(change: &compat::Finding) -> String {
    change.at().replace('*', "\\*")
}

/// One line a place; what is removed at the same place is named in one.
fn places(claimed: &[&compat::Finding]) -> Vec<String> {
    let mut places: Vec<(String, Vec<String>)> = Vec::new();
    let mut others = Vec::new();
    for change in claimed {
        let removed = change
            .what
            .strip_prefix("member ")
            .and_then(|what| what.strip_suffix(" is removed"));
        let Some(name) = removed else {
            others.push(format!("{}: {}", plain(change), change.what));
            continue;
        };
        let here = plain(change);
        match places.iter_mut().find(|(at, _)| *at == here) {
            Some((_, names)) => {
                names.push(name.to_owned());
                names.sort();
            }
            None => places.push((here, vec![name.to_owned()])),
        }
    }
    let lines = places.into_iter().map(|(at, names)| match &names[..] {
        [name] => format!("{at}: member {name} is removed"),
        [names @ .., last] => format!("{at}: members {} and {last} are removed", names.join(", ")),
        [] => at,
    });
    lines.chain(others).collect()
}
