//! The gates `compat` and `version`: whether the working contract breaks what was released of its major, and which version it
//! has to carry.

use std::path::Path;

use anyhow::Result;
use compat::report::{Proof, Severity};
use jiff::civil::Date;

use super::contracts::{Contract, contracts, waivers};
use super::{Version, proto, today};
use crate::finding::Finding;
use crate::spec::Location;

/// A break, however many released revisions and contracts it concerns.
pub struct Break {
    at: Location,
    change: compat::Finding,
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
            proof(change)
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

/// What shows a break, in one line.
fn proof(change: &compat::Finding) -> String {
    match &change.proof {
        Proof::Argued(why) => format!("argued: {why}"),
        Proof::Undecided(why) => format!("undecided: {why}"),
        Proof::Witness(witness) => {
            let exchange = &witness.exchange;
            let value = match &witness.value {
                Some(value) => format!(" with {value}"),
                None => String::new(),
            };
            format!(
                "{} {}{value}: {}",
                exchange.method, exchange.url, witness.says
            )
        }
    }
}

/// Every break of a released revision, of the contracts and of `proto/`. What had a sunset is for the gate `lifecycle`.
///
/// # Errors
///
/// When a contract or a released file cannot be read.
pub fn compat(root: &Path) -> Result<Vec<Finding>> {
    gate(root, &contracts(root)?, today())
}

/// The same for a day.
///
/// # Errors
///
/// As [`compat`].
pub fn gate(root: &Path, contracts: &[Contract], today: Date) -> Result<Vec<Finding>> {
    let mut found = Vec::new();
    for contract in contracts {
        found.extend(breaks(contract, today)?);
    }
    let mut findings: Vec<Finding> = merged(found).iter().map(Break::finding).collect();
    findings.extend(unwaived(root, contracts, today)?);
    findings.extend(proto::breaks(root)?);
    Ok(findings)
}

/// Waivers that have expired or waive nothing.
fn unwaived(root: &Path, contracts: &[Contract], today: Date) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for contract in contracts {
        for released in &contract.released {
            findings.extend(contract.changes_since(released)?.findings);
        }
    }
    let faults = waivers(root)?.faults(&findings, today).into_iter();
    Ok(faults
        .map(|fault| {
            let line = usize::try_from(fault.place.line).unwrap_or_default();
            Finding::new(fault.place.file, line, fault.what, fault.fix)
        })
        .collect())
}

/// What the working contract breaks of any released revision of its major, each break once.
///
/// # Errors
///
/// When the contract cannot be understood.
pub fn breaks(contract: &Contract, today: Date) -> Result<Vec<Break>> {
    let mut found = Vec::new();
    for released in contract.released.iter().rev() {
        let changes = contract.changes_since(released)?.findings.into_iter();
        let breaking =
            changes.filter(|change| contract.breaks(change, today) && change.sunset.is_none());
        found.extend(breaking.map(|change| Break {
            at: contract.place(&change),
            revisions: vec![format!("{} {}", contract.audience, released.version)],
            change,
        }));
    }
    Ok(merged(found))
}

/// A part that several contracts share breaks them all at one place, and is said once.
fn merged(all: Vec<Break>) -> Vec<Break> {
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
    let mut findings = Vec::new();
    for contract in contracts(root)? {
        findings.extend(misnumbered(&contract, today())?);
    }
    Ok(findings)
}

/// The finding of the gate `version`, if there is one.
///
/// # Errors
///
/// When the contract cannot be understood.
pub fn misnumbered(contract: &Contract, today: Date) -> Result<Option<Finding>> {
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
        let is_wrong = contract.version != first;
        return Ok(is_wrong.then(|| at.finding(what, format!("write `version: {first}`"))));
    };
    let changes = contract.changes_since(newest)?.findings;
    let Some(step) = step(contract, &changes, today) else {
        let what = format!(
            "{name} breaks {}, and no version of v{} can hold that",
            newest.version, contract.major
        );
        let fix = format!(
            "undo what the gates compat and lifecycle name, or begin a major in a file of its own, openapi/{}/v<n>.yaml, with \
             `version: <n>.0.0`",
            contract.audience
        );
        return Ok(Some(at.finding(what, fix)));
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
    let is_wrong = contract.version != wanted;
    Ok(is_wrong.then(|| at.finding(what, format!("write `version: {wanted}`"))))
}

/// How far changes raise the version within a major.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    None,
    Patch,
    Minor,
}

/// The step that changes call for; None when no version of the major can hold them.
fn step(contract: &Contract, changes: &[compat::Finding], today: Date) -> Option<Step> {
    if changes.iter().any(|change| contract.breaks(change, today)) {
        return None;
    }
    let worded = |change: &compat::Finding| change.severity == Severity::Worded;
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
