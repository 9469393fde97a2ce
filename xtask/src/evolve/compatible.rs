//! The gates `compat` and `version`: whether the working contract breaks what was released of its major, and which version it
//! has to carry.

use std::path::Path;

use anyhow::Result;
use jiff::civil::Date;

use super::contracts::{Contract, contracts};
use super::{Version, proto, today};
use crate::compat::{Change, Severity, render};
use crate::finding::Finding;
use crate::spec::Location;

/// A break, however many released revisions and contracts it concerns.
pub struct Break {
    at: Location,
    change: Change,
    /// Such as `public 1.0.0`.
    revisions: Vec<String>,
}

impl Break {
    /// The finding of the gate `compat`.
    pub fn finding(&self) -> Finding {
        let change = &self.change;
        let what = format!(
            "[{}] {}: {}, which breaks {} ({})",
            change.rule,
            change.at(),
            change.what,
            self.revisions.join(", "),
            render::proof(change)
        );
        self.at.finding(what, &change.fix)
    }

    fn is_like(&self, other: &Break) -> bool {
        let cause = |one: &Break| {
            (
                one.at.clone(),
                one.change.rule.clone(),
                one.change.what.clone(),
            )
        };
        cause(self) == cause(other)
    }
}

/// Every break of a released revision, of the contracts and of `proto/`. What had a sunset is for the gate `lifecycle`.
///
/// # Errors
///
/// When a contract or a released file cannot be read.
pub fn compat(root: &Path) -> Result<Vec<Finding>> {
    let contracts = contracts(root)?;
    let all = contracts
        .iter()
        .flat_map(|contract| breaks(contract, today()));
    let mut findings: Vec<Finding> = merged(all).iter().map(Break::finding).collect();
    findings.extend(proto::breaks(root)?);
    Ok(findings)
}

/// What the working contract breaks of any released revision of its major, each break once.
pub fn breaks(contract: &Contract, today: Date) -> Vec<Break> {
    let released = contract.released.iter().rev();
    let all = released.flat_map(|released| {
        let changes = contract.changes_since(released).into_iter();
        changes
            .filter(|change| change.breaks(today) && change.sunset.is_none())
            .map(|change| Break {
                at: contract.place(&change),
                revisions: vec![format!("{} {}", contract.audience, released.version)],
                change,
            })
    });
    merged(all)
}

/// A part that several contracts share breaks them all at one place, and is said once.
fn merged(all: impl Iterator<Item = Break>) -> Vec<Break> {
    let mut kept: Vec<Break> = Vec::new();
    for found in all {
        match kept.iter_mut().find(|known| known.is_like(&found)) {
            Some(known) => known.revisions.extend(found.revisions),
            None => kept.push(found),
        }
    }
    for one in &mut kept {
        one.revisions.sort();
        one.revisions.dedup();
    }
    kept
}

/// Every contract whose `info.version` is not the one that its changes call for.
///
/// # Errors
///
/// When a contract or a released file cannot be read.
pub fn version(root: &Path) -> Result<Vec<Finding>> {
    let contracts = contracts(root)?;
    Ok(contracts
        .iter()
        .filter_map(|contract| misnumbered(contract, today()))
        .collect())
}

/// The finding of the gate `version`, if there is one.
pub fn misnumbered(contract: &Contract, today: Date) -> Option<Finding> {
    let name = contract.name();
    let at = contract.position("/info/version");
    let Some(newest) = contract.newest() else {
        let first = Version {
            major: contract.major,
            minor: 0,
            patch: 0,
        };
        let what = format!(
            "nothing of {name} is released, and `info.version` is {}",
            contract.version
        );
        return (contract.version != first)
            .then(|| at.finding(what, format!("write `version: {first}`")));
    };
    let changes = contract.changes_since(newest);
    let Some(step) = step(&changes, today) else {
        let what = format!(
            "{name} breaks {}, and no version of v{} can hold that",
            newest.version, contract.major
        );
        let fix = format!(
            "undo what the gates compat and lifecycle name, or begin a major in a file of its own, openapi/{}/v<n>.yaml, with \
             `version: <n>.0.0`",
            contract.audience
        );
        return Some(at.finding(what, fix));
    };
    let wanted = newest.version.after(step);
    let why = match step {
        Step::None => "nothing changed".to_owned(),
        Step::Patch => "only texts changed".to_owned(),
        Step::Minor => changes
            .iter()
            .find(|change| change.severity != Severity::Worded)
            .map(|change| format!("{}: {}", change.at(), change.what))
            .unwrap_or_default(),
    };
    let what = format!(
        "`info.version` of {name} is {}, and since {} {why}",
        contract.version, newest.version
    );
    (contract.version != wanted).then(|| at.finding(what, format!("write `version: {wanted}`")))
}

/// How far changes raise the version within a major.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    None,
    Patch,
    Minor,
}

/// The step that changes call for; None when no version of the major can hold them.
pub fn step(changes: &[Change], today: Date) -> Option<Step> {
    if changes.iter().any(|change| change.breaks(today)) {
        return None;
    }
    let worded = |change: &Change| change.severity == Severity::Worded;
    Some(match changes {
        [] => Step::None,
        changes if changes.iter().all(worded) => Step::Patch,
        _ => Step::Minor,
    })
}

impl Version {
    /// The version one step on.
    pub fn after(self, step: Step) -> Version {
        match step {
            Step::None => self,
            Step::Patch => Version {
                patch: self.patch + 1,
                ..self
            },
            Step::Minor => Version {
                minor: self.minor + 1,
                patch: 0,
                ..self
            },
        }
    }
}
