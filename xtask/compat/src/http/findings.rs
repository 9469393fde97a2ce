//! Findings: one a cause, with the operations that it reaches.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use super::draft::{Draft, Show};
use super::{At, Comparison, exchange, schemas};
use crate::document::{Node, NodeId, Unusable};
use crate::report::{Finding, Lane, Proof, Report, Severity, Spot, Verdict};
use crate::rules::{self, Words};
use crate::variance::Shown;

/// Rule, subject, before, after, and where in both documents.
type Cause = (
    String,
    Option<String>,
    Option<String>,
    Option<String>,
    Option<NodeId>,
    Option<NodeId>,
);

/// What was found so far.
#[derive(Default)]
pub struct Findings {
    list: Vec<(Finding, Vec<usize>)>,
    causes: HashMap<Cause, usize, RandomState>,
    /// Findings of drafts that are kept, by serial number.
    kept: HashMap<usize, usize, RandomState>,
    /// Every operation that was compared, and whether both documents have it.
    operations: Vec<(String, bool)>,
    /// Questions about operations that only values have answered, and how many these were.
    sampled: Vec<(usize, u32)>,
}

impl Findings {
    /// Takes an operation for one that findings may reach.
    pub fn operation(&mut self, name: &str, is_in_both: bool) -> usize {
        self.operations.push((name.to_owned(), is_in_both));
        self.operations.len() - 1
    }

    /// The finding of a cause that is known; it reaches this operation too.
    pub fn reaches(&mut self, number: usize, draft: &Draft) -> Option<usize> {
        let kept = self.kept.get(&draft.serial).copied();
        let found = kept.or_else(|| self.causes.get(&cause(draft)).copied());
        let at = found?;
        if kept.is_none() && draft.serial != 0 {
            self.kept.insert(draft.serial, at);
        }
        let reach = &mut self.list[at].1;
        if reach.last() != Some(&number) {
            reach.push(number);
        }
        Some(at)
    }

    /// The finding is not decided, and the draft has a value that shows it.
    pub fn is_settled_by(&self, at: usize, draft: &Draft) -> bool {
        let is_open = matches!(self.list[at].0.proof, Proof::Undecided(_));
        is_open
            && matches!(&draft.show, Show::Caused(causes, cause) if matches!(causes[*cause].1, Shown::Value(_)))
    }

    /// Gives a finding the proof of another operation that it reaches.
    pub fn settle(&mut self, at: usize, proof: Proof) {
        self.list[at].0.proof = proof;
    }

    /// Takes the first finding of a cause.
    pub fn add(&mut self, number: usize, draft: &Draft, finding: Finding) {
        let at = self.list.len();
        self.causes.insert(cause(draft), at);
        if draft.serial != 0 {
            self.kept.insert(draft.serial, at);
        }
        self.list.push((finding, vec![number]));
    }

    /// Something about an operation is not sure, and so many values did not show a break.
    pub fn sampled(&mut self, number: usize, samples: u32) {
        self.sampled.push((number, samples));
    }

    /// Nothing was found so far.
    pub fn is_silent(&self) -> bool {
        self.list.is_empty()
    }

    /// Everything, the worst first, then by place.
    pub fn report(self) -> Report {
        let mut changed = vec![None; self.operations.len()];
        let mut samples = vec![None; self.operations.len()];
        for (number, tried) in self.sampled {
            changed[number].get_or_insert(false);
            *samples[number].get_or_insert(0) += tried;
        }
        for (finding, reach) in &self.list {
            let breaks = finding.severity == Severity::Breaking;
            let known = reach.iter().filter(|number| self.operations[**number].1);
            for number in known.filter(|_| finding.lane != Lane::Docs) {
                let is = changed[*number].get_or_insert(false);
                *is |= breaks && finding.lane == Lane::Wire;
            }
        }
        let verdict = |(number, breaks): (usize, Option<bool>)| {
            let verdict = match breaks? {
                true => Verdict::Breaks,
                false => samples[number].map_or(Verdict::Proved, Verdict::Sampled),
            };
            Some((self.operations[number].0.clone(), verdict))
        };
        let operations = changed
            .into_iter()
            .enumerate()
            .filter_map(verdict)
            .collect();
        let mut findings: Vec<Finding> = self
            .list
            .into_iter()
            .map(|(mut finding, reach)| {
                let mut reach: Vec<usize> = reach;
                reach.sort_unstable();
                reach.dedup();
                let names = reach.into_iter().map(|number| &self.operations[number].0);
                finding.reach = names.filter(|name| !name.is_empty()).cloned().collect();
                finding
            })
            .collect();
        findings.sort_by_cached_key(|finding| {
            let spots = (finding.base.clone(), finding.revision.clone());
            (finding.severity, finding.at(), finding.rule.clone(), spots)
        });
        Report {
            findings,
            operations,
        }
    }
}

fn cause(draft: &Draft) -> Cause {
    (
        draft.rule.to_string(),
        draft.subject.clone(),
        draft.before.clone(),
        draft.after.clone(),
        draft.base,
        draft.revision,
    )
}

/// A draft in words, with what shows it.
pub fn finding<'f>(
    comparison: &mut Comparison<'f>,
    at: At<'_, 'f>,
    draft: &Draft,
) -> Result<Finding, Unusable> {
    let rule = rules::table()
        .rule(&draft.rule)
        .unwrap_or_else(|| panic!("the rule {} is in the table", draft.rule));
    let (severity, reason) = rule.judge(draft.direction, draft.effect);
    let words = Words {
        subject: draft.subject.as_deref(),
        before: draft.before.as_deref(),
        after: draft.after.as_deref(),
    };
    let called = draft.part.called(at.status);
    let proof = match (severity, &draft.show) {
        (Severity::Breaking | Severity::Policy, show) => proof(comparison, at, draft, show)?,
        _ => Proof::Argued("nothing that was right becomes wrong".to_owned()),
    };
    let forest = comparison.base.document.forest();
    let spot = |id: Option<NodeId>| {
        id.map(|id| {
            let node: Node<'_> = forest.node(id);
            Spot {
                pointer: node.pointer(),
                place: node.place(),
            }
        })
    };
    Ok(Finding {
        rule: draft.rule.to_string(),
        severity,
        lane: rule.lane,
        direction: draft.direction,
        effect: draft.effect,
        base: spot(draft.base),
        revision: spot(draft.revision),
        reach: Vec::new(),
        place: format!("{called} {}", draft.path).trim().to_owned(),
        trail: schemas::trail(at.via, draft, forest)?,
        subject: draft.subject.clone(),
        before: draft.before.clone(),
        after: draft.after.clone(),
        what: words.fill(&rule.what),
        fix: rule.remedy(severity, &words),
        reason: reason.map(str::to_owned),
        proof,
        sunset: draft.sunset,
    })
}

fn proof<'f>(
    comparison: &mut Comparison<'f>,
    at: At<'_, 'f>,
    draft: &Draft,
    show: &Show,
) -> Result<Proof, Unusable> {
    match show {
        Show::Nothing => Ok(Proof::Argued("it follows from the documents".to_owned())),
        Show::Argued(why) => Ok(Proof::Argued(why.clone())),
        Show::Caused(causes, cause) => match &causes[*cause].1 {
            Shown::Argued(why) => Ok(Proof::Argued(why.clone())),
            Shown::Unknown(why) => Ok(Proof::Undecided(why.clone())),
            Shown::Value(_) | Shown::Sampled(_) => exchange::witness(comparison, at, draft),
        },
        _ => exchange::witness(comparison, at, draft),
    }
}
