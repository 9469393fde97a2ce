//! Choices: those of the first are taken apart, those of the second are narrowed down to the branch that is meant.

use std::collections::{BTreeSet, HashSet};

use foldhash::fast::RandomState;

use super::super::say;
use super::super::schema::{Part, SchemaId};
use super::super::summary::{All, Summary, apart, classed, tidy};
use super::{Look, WAYS_MAX};
use crate::document::Unusable;

impl Look<'_, '_, '_> {
    /// Takes one choice of the first apart, so that each way is walked by itself; false when there is none that is worth it.
    pub(super) fn ways(&mut self, n: &Summary) -> Result<bool, Unusable> {
        let theirs: HashSet<Part, RandomState> = Summary::of(self.mind, &self.sup)
            .choices()
            .map(|(part, _)| classed(self.mind, part))
            .collect();
        let choice = n
            .choices()
            .find(|(part, _)| !theirs.contains(&classed(self.mind, part)));
        let Some((Part::Any(branches) | Part::One(branches), owner)) =
            choice.map(|(part, owner)| (part.clone(), owner))
        else {
            return Ok(false);
        };
        let product: usize = n
            .choices()
            .map(|(part, _)| part.children().len().max(1))
            .fold(1, usize::saturating_mul);
        if product > WAYS_MAX {
            return Ok(false);
        }
        let whole = self.mind.space.get(owner);
        let mut parts = whole.parts.clone();
        let at = parts
            .iter()
            .position(|part| matches!(part, Part::Any(own) | Part::One(own) if *own == branches));
        parts.remove(at.expect("it says so"));
        let node = self.mind.space.node(owner);
        let rest = self.mind.space.derive(node, parts);
        self.mind.learn(rest)?;
        // The owner may be reached through references, which then lead to what is left of it.
        let base: All = self.without(owner, rest)?;
        for branch in branches.iter() {
            let sub = [&base[..], &[*branch]].concat();
            self.edge(None, sub, self.sup.clone(), None, Some(*branch));
        }
        Ok(true)
    }

    /// The first conjunction with another schema in the place of one that it refers to.
    pub(super) fn without(&mut self, owner: SchemaId, rest: SchemaId) -> Result<All, Unusable> {
        let mut all = vec![rest];
        let mut open = self.sub.clone();
        let mut seen = BTreeSet::new();
        while let Some(id) = open.pop() {
            if id == owner || !seen.insert(id) {
                continue;
            }
            let schema = self.mind.space.get(id);
            if !self.refers(id, owner, &mut BTreeSet::new()) {
                all.push(id);
                continue;
            }
            let (inner, own): (Vec<Part>, Vec<Part>) = schema
                .parts
                .iter()
                .cloned()
                .partition(|part| matches!(part, Part::All(_)));
            open.extend(inner.iter().flat_map(Part::children));
            if !own.is_empty() {
                let node = self.mind.space.node(id);
                let own = self.mind.space.derive(node, own);
                self.mind.learn(own)?;
                all.push(own);
            }
        }
        Ok(tidy(all))
    }

    pub(super) fn refers(&self, id: SchemaId, to: SchemaId, seen: &mut BTreeSet<SchemaId>) -> bool {
        if !seen.insert(id) {
            return false;
        }
        let schema = self.mind.space.get(id);
        let mut inner = schema
            .parts
            .iter()
            .filter(|part| matches!(part, Part::All(_)))
            .flat_map(Part::children);
        inner.any(|inner| inner == to || self.refers(inner, to, seen))
    }

    /// A choice of the second: the branch that is most like the first is walked into, for a value that escapes the choice escapes
    /// every branch of it.
    pub(super) fn choice(
        &mut self,
        n: &Summary,
        part: &Part,
        branches: &[SchemaId],
        owner: SchemaId,
    ) -> Result<(), Unusable> {
        let whole = self.mind.space.make(vec![part.clone()]);
        let mut near: Vec<(usize, Summary)> = branches
            .iter()
            .enumerate()
            .map(|(at, branch)| (at, Summary::of(self.mind, &vec![*branch])))
            .collect();
        near.retain(|(_, branch)| !apart(self.mind, n, branch));
        if let Part::One(_) = part {
            self.overlap(n, branches, owner)?;
        }
        let best = near
            .iter()
            .max_by_key(|(at, branch)| (self.likeness(n, branches[*at], branch), usize::MAX - at));
        match best.map(|(at, _)| branches[*at]) {
            Some(branch) => self.edge(None, self.sub.clone(), vec![branch], Some(whole), None),
            None => {
                let says = (say::label(self.mind, n), "no alternative for it".to_owned());
                self.suspect("alternative", n, Some(owner), says, Some(whole));
            }
        }
        Ok(())
    }

    /// An exclusive choice refuses what two of its branches take.
    pub(super) fn overlap(
        &mut self,
        n: &Summary,
        branches: &[SchemaId],
        owner: SchemaId,
    ) -> Result<(), Unusable> {
        let branches: Vec<(SchemaId, Summary)> = branches
            .iter()
            .map(|branch| (*branch, Summary::of(self.mind, &vec![*branch])))
            .collect();
        let mut both = Vec::new();
        for (at, (one, left)) in branches.iter().enumerate() {
            for (other, right) in &branches[..at] {
                if !apart(self.mind, left, right) {
                    let mut two = vec![Part::All(*one), Part::All(*other)];
                    two.dedup();
                    both.push(self.mind.space.make(two));
                }
            }
        }
        if !both.is_empty() && both.len() <= WAYS_MAX {
            let any = self.mind.space.make(vec![Part::Any(both.into())]);
            let broken = self.mind.space.make(vec![Part::Not(any)]);
            self.mind.learn(broken)?;
            let says = (
                "one of its branches".to_owned(),
                "two branches of `oneOf` at once".to_owned(),
            );
            self.suspect("oneOf", n, Some(owner), says, Some(broken));
        }
        Ok(())
    }

    /// How much a branch is like the first conjunction.
    pub(super) fn likeness(&self, n: &Summary, id: SchemaId, branch: &Summary) -> usize {
        let class = self.mind.class(id);
        if self.sub.iter().any(|own| self.mind.class(*own) == class) {
            return usize::MAX;
        }
        let name = |id: SchemaId| self.mind.space.target_name(id);
        let same_name = name(id).is_some() && self.sub.iter().any(|own| name(*own) == name(id));
        let shared = n
            .draft
            .members
            .keys()
            .filter(|name| branch.draft.members.contains_key(name))
            .count();
        let required = n
            .draft
            .required
            .intersection(&branch.draft.required)
            .count();
        let same_kinds = usize::from(n.draft.kinds == branch.draft.kinds);
        1000 * usize::from(same_name) + 10 * shared + 5 * required + same_kinds
    }
}
