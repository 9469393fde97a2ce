//! The gate `lifecycle`: nothing goes before the day that was announced for it, nothing is deprecated without such a day, and a
//! day once released is never moved nearer.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Result;
use jiff::ToSpan;
use jiff::civil::Date;
use serde_json::Value;

use super::contracts::{Contract, contracts};
use super::index::Index;
use super::today;
use crate::finding::Finding;

/// A whole contract is served for so long after it was deprecated.
const CONTRACT_MONTHS: i32 = 24;

/// A part of a contract is served for so long after the release that deprecates it.
const PART_MONTHS: i32 = 12;

const LIFECYCLE: &str = "/info/x-lifecycle";

/// What breaks an announcement, or lacks one.
///
/// # Errors
///
/// When a contract or a released file cannot be read.
pub fn gate(root: &Path) -> Result<Vec<Finding>> {
    every(root, today())
}

/// The rules for all contracts on a day.
///
/// # Errors
///
/// As [`gate`].
pub fn every(root: &Path, today: Date) -> Result<Vec<Finding>> {
    let contracts = contracts(root)?;
    let mut findings = missing(root, &contracts, today)?;
    for contract in &contracts {
        findings.extend(check(contract, today)?);
        let successor = contract.document.get(&format!("{LIFECYCLE}/successor"));
        if let Some(successor) = successor.and_then(Value::as_str) {
            let file = format!("openapi{successor}.yaml");
            if !root.join(&file).is_file() {
                let what = format!("the successor {successor} is no contract: there is no {file}");
                let at = contract.position(&format!("{LIFECYCLE}/successor"));
                findings.push(at.finding(what, "name a contract, as in `/public/v2`"));
            }
        }
    }
    Ok(findings)
}

/// The rules for one contract.
///
/// # Errors
///
/// When it cannot be understood.
pub fn check(contract: &Contract, today: Date) -> Result<Vec<Finding>> {
    let mut findings = own(contract);
    let announced = announced(&contract.document.value, "", &mut |pointer, what| {
        let fix = "write `x-sunset: YYYY-MM-DD` beside it, the day from which it may be removed";
        findings.push(contract.position(pointer).finding(what, fix));
    });
    let Some(newest) = contract.newest() else {
        return Ok(findings);
    };
    let before = self::announced(&newest.document, "", &mut |_, _| {});
    for (pointer, day) in &announced {
        let at = contract.position(pointer);
        let released = before.get(pointer);
        let earliest = match released {
            Some(released) => *released,
            None => today.saturating_add(PART_MONTHS.months()),
        };
        if *day < earliest {
            let why = match released {
                Some(_) => format!(
                    "{} {} announced {earliest}",
                    contract.audience, newest.version
                ),
                None => format!("what is deprecated today is served for {PART_MONTHS} months"),
            };
            let what = format!("the sunset {day} comes too early: {why}");
            findings.push(at.finding(what, format!("write `x-sunset: {earliest}` or later")));
        }
    }
    if let (Some(released), Some(day)) = (
        contract_sunset(&newest.document),
        contract_sunset(&contract.document.value),
    ) && day < released
    {
        let at = contract.position(&format!("{LIFECYCLE}/sunset"));
        let what = format!(
            "the sunset {day} of {} comes before {released}, which {} {} announced",
            contract.name(),
            contract.audience,
            newest.version
        );
        findings.push(at.finding(what, format!("write `sunset: {released}` or later")));
    }
    for change in contract.changes_since(newest)?.findings {
        let Some(day) = change.sunset.filter(|_| contract.breaks(&change, today)) else {
            continue;
        };
        let what = format!(
            "[{}] {}: {}, before the sunset {day} that {} {} announced",
            change.rule,
            change.at(),
            change.what,
            contract.audience,
            newest.version
        );
        let fix = format!("bring it back and serve it until {day}");
        findings.push(contract.place(&change).finding(what, fix));
    }
    Ok(findings)
}

/// What `x-lifecycle` says of the contract as a whole.
fn own(contract: &Contract) -> Vec<Finding> {
    let lifecycle = contract
        .document
        .get(LIFECYCLE)
        .cloned()
        .unwrap_or_default();
    let at = contract.position(LIFECYCLE);
    let day = |member: &str| {
        lifecycle[member]
            .as_str()
            .and_then(|day| day.parse::<Date>().ok())
    };
    match (
        lifecycle["status"].as_str(),
        day("deprecated"),
        day("sunset"),
    ) {
        (Some("current"), None, None) => Vec::new(),
        (Some("deprecated"), Some(since), Some(sunset)) => {
            let earliest = since.saturating_add(CONTRACT_MONTHS.months());
            let mut findings = Vec::new();
            if sunset < earliest {
                let what = format!(
                    "{} is served until {sunset}, less than {CONTRACT_MONTHS} months",
                    contract.name()
                );
                findings.push(at.finding(what, format!("write `sunset: {earliest}` or later")));
            }
            if !lifecycle["successor"].is_string() {
                let what = format!("{} is deprecated and names no successor", contract.name());
                findings.push(at.finding(what, "write `successor: /<audience>/v<major>`"));
            }
            findings
        }
        _ => {
            let what = format!("`x-lifecycle` of {} is not understood", contract.name());
            let fix = "write `{status: current}`, or `{status: deprecated, deprecated: <day>, sunset: <day>, successor: <path>}`";
            vec![at.finding(what, fix)]
        }
    }
}

/// Contracts that were released and are no longer here.
fn missing(root: &Path, contracts: &[Contract], today: Date) -> Result<Vec<Finding>> {
    let index = Index::read(root)?;
    let mut newest = BTreeMap::new();
    for revision in index.revisions() {
        newest.insert((revision.audience, revision.version.major), revision);
    }
    let mut findings = Vec::new();
    for ((audience, major), revision) in newest {
        if contracts
            .iter()
            .any(|contract| contract.audience == audience && contract.major == major)
        {
            continue;
        }
        let text = std::fs::read_to_string(root.join(&revision.entry.file))?;
        let day = contract_sunset(&serde_json::from_str(&text)?);
        if day.is_some_and(|day| day <= today) {
            continue;
        }
        let file = format!("openapi/{audience}/v{major}.yaml");
        let what = match day {
            Some(day) => format!("the contract is gone before its sunset {day}"),
            None => "the contract is gone and was never deprecated".to_owned(),
        };
        let fix = "bring it back; a contract goes after the day that a release of it has announced";
        findings.push(Finding::new(file, 0, what, fix));
    }
    Ok(findings)
}

fn contract_sunset(document: &Value) -> Option<Date> {
    document.pointer(LIFECYCLE)?["sunset"]
        .as_str()?
        .parse()
        .ok()
}

/// The day from which a deprecated part may go.
fn sunset(node: &Value) -> Option<Date> {
    node.get("x-sunset")?.as_str()?.parse().ok()
}

/// The day announced for each deprecated part, by its pointer; `lacking` is told of those without one.
fn announced(
    node: &Value,
    pointer: &str,
    lacking: &mut impl FnMut(&str, String),
) -> BTreeMap<String, Date> {
    let mut days = BTreeMap::new();
    let mut open = vec![(node, pointer.to_owned())];
    while let Some((node, pointer)) = open.pop() {
        match node {
            Value::Object(members) => {
                if members.get("deprecated") == Some(&Value::Bool(true)) {
                    match sunset(node) {
                        Some(day) => drop(days.insert(pointer.clone(), day)),
                        None => lacking(&pointer, "is deprecated and has no sunset".to_owned()),
                    }
                } else if members.contains_key("x-sunset") {
                    lacking(
                        &pointer,
                        "has a sunset and is not `deprecated: true`".to_owned(),
                    );
                }
                for (name, value) in members {
                    if !["example", "examples", "value", "default"].contains(&name.as_str()) {
                        let name = crate::spec::escape(name);
                        open.push((value, format!("{pointer}/{name}")));
                    }
                }
            }
            Value::Array(items) => {
                // A parameter keeps its name when its turn changes.
                let turn =
                    |at: usize, item: &Value| match (item["in"].as_str(), item["name"].as_str()) {
                        (Some(place), Some(name)) => {
                            format!("{place}:{}", crate::spec::escape(name))
                        }
                        _ => at.to_string(),
                    };
                let items = items.iter().enumerate();
                open.extend(
                    items.map(|(at, item)| (item, format!("{pointer}/{}", turn(at, item)))),
                );
            }
            _ => {}
        }
    }
    days
}
