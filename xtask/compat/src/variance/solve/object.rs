//! Objects: which members there have to be, and what each must be.

use std::collections::BTreeMap;
use std::rc::Rc;

use serde_json::{Map, Value};

use super::super::schema::{Beside, Kinds, Literal as Known, Part, Size};
use super::draft::Demand;
use super::{Answer, Draft, Literal, Solver, sizes};
use crate::document::Name;

/// Names for members that nothing names.
const FRESH: [&str; 4] = ["another", "other", "x-more", "more"];

type Present = BTreeMap<String, Vec<Literal>>;

impl Solver<'_, '_> {
    pub(super) fn object(&mut self, draft: &Draft) -> Answer {
        let (min, max) = sizes(draft, Size::Members);
        if max.is_some_and(|max| max < min)
            || draft
                .required
                .intersection(&draft.forbidden)
                .next()
                .is_some()
        {
            return Answer::None;
        }
        if self.tame
            && draft
                .required
                .iter()
                .any(|name| !self.is_described(draft, *name))
        {
            return Answer::None;
        }
        let mut present = Present::new();
        for name in &draft.required {
            present.insert(self.space.forest.text(*name).to_owned(), Vec::new());
        }
        let demands: Vec<&Demand> = draft
            .demands
            .iter()
            .filter(|demand| !matches!(demand, Demand::At(..) | Demand::From(..)))
            .collect();
        self.assign(draft, &demands, present, min, max)
    }

    /// Some member or element that there has to be cannot be, whatever is chosen.
    pub(super) fn is_hopeless(&mut self, draft: &Draft) -> bool {
        if draft.kinds == Kinds::OBJECT {
            let told = |literals: &Vec<Literal>| literals.iter().any(|literal| !literal.own);
            let asked: Vec<Name> = draft
                .required
                .iter()
                .copied()
                .filter(|name| draft.members.get(name).is_some_and(told))
                .collect();
            return asked.into_iter().any(|name| {
                let name = self.space.forest.text(name);
                self.goal(draft, name, &[])
                    .is_some_and(|goal| self.inner(&goal) == Answer::None)
            });
        }
        if draft.kinds == Kinds::ARRAY && draft.elements.is_empty() {
            let rest: Vec<Literal> = draft
                .rests
                .iter()
                .filter(|(from, _)| *from == 0)
                .map(|(_, literal)| *literal)
                .collect();
            let mut demands = draft.demands.iter();
            return demands.any(|demand| match demand {
                Demand::From(_, literal) | Demand::At(_, literal) => {
                    self.inner(&[&rest[..], &[*literal]].concat()) == Answer::None
                }
                _ => false,
            });
        }
        false
    }

    /// The own side speaks of the member; what it leaves open is sent by nobody who goes by it.
    fn is_described(&mut self, draft: &Draft, name: Name) -> bool {
        if draft.described.contains(&name) {
            return true;
        }
        let text = self.space.forest.text(name);
        let own = draft
            .matching
            .iter()
            .filter(|(_, literal)| literal.own)
            .map(|(pattern, _)| *pattern);
        let patterns: Vec<Name> = own.collect();
        patterns.into_iter().any(|pattern| {
            self.judgement
                .patterns
                .matches(self.space.forest.text(pattern), text)
                != Some(false)
        }) || draft
            .others
            .iter()
            .any(|(_, literal)| literal.own && literal.holds)
    }

    /// Finds a name for each demand, then the values.
    fn assign(
        &mut self,
        draft: &Draft,
        demands: &[&Demand],
        present: Present,
        min: u64,
        max: Option<u64>,
    ) -> Answer {
        let Some((demand, rest)) = demands.split_first() else {
            return self.filled(draft, present, min, max);
        };
        self.steps += 1;
        if self.steps > super::STEPS_MAX {
            return Answer::Unknown;
        }
        let (names, is_all) = self.candidates(draft, demand, &present);
        let mut whole = if is_all {
            Answer::None
        } else {
            Answer::Unknown
        };
        for name in names {
            let mut present = present.clone();
            let literals = present.entry(name).or_default();
            match demand {
                Demand::Matching(_, literal) | Demand::Beside(_, literal) => {
                    literals.push(*literal)
                }
                _ => {}
            }
            match self.assign(draft, rest, present, min, max) {
                Answer::None => {}
                Answer::Unknown => whole = Answer::Unknown,
                value => return value,
            }
        }
        whole
    }

    /// Names by which a demand may be met, and whether no other name could do better.
    fn candidates(
        &mut self,
        draft: &Draft,
        demand: &Demand,
        present: &Present,
    ) -> (Vec<String>, bool) {
        let forest = self.space.forest;
        let known: Vec<String> = draft
            .members
            .keys()
            .filter(|name| !self.tame || draft.described.contains(name))
            .map(|name| forest.text(*name).to_owned())
            .chain(present.keys().cloned())
            .collect();
        let mut literals = draft.names.clone();
        literals.push(self.literal_of(vec![Part::Kinds(Kinds::STRING)], true));
        let mut names: Vec<String> = Vec::new();
        match demand {
            Demand::Matching(pattern, _) => {
                let text = forest.text(*pattern);
                names.extend(
                    known
                        .iter()
                        .filter(|name| self.judgement.patterns.matches(text, name) == Some(true))
                        .cloned(),
                );
                literals.push(self.literal_of(vec![Part::Pattern(*pattern)], true));
            }
            Demand::Beside(beside, _) => {
                names.extend(
                    known
                        .iter()
                        .filter(|name| self.is_beside(beside, name) == Some(true))
                        .cloned(),
                );
                literals.extend(
                    beside
                        .patterns
                        .iter()
                        .map(|pattern| vec![Part::Pattern(*pattern)])
                        .map(|parts| self.literal_of(parts, false))
                        .collect::<Vec<_>>(),
                );
                literals
                    .push(self.names_literal(beside.named.iter().map(|name| forest.text(*name))));
            }
            Demand::Named(literal) => {
                literals.push(*literal);
                names.extend(
                    known
                        .iter()
                        .filter(|name| {
                            let name = Value::String((*name).clone());
                            self.judgement.accepts(self.space, literal.id, &name)
                                == Some(literal.holds)
                        })
                        .cloned(),
                );
            }
            Demand::At(..) | Demand::From(..) => {}
        }
        names.sort();
        names.dedup();
        // A member that is not there yet may be any other name; one stands for all, as long as no pattern tells them apart.
        let (fresh, is_sure) = self.fresh(draft, literals, &known);
        names.extend(fresh);
        (names, is_sure && draft.matching.is_empty())
    }

    /// A name that keeps the literals and is none of those that are described.
    fn fresh(
        &mut self,
        draft: &Draft,
        mut literals: Vec<Literal>,
        known: &[String],
    ) -> (Option<String>, bool) {
        let forest = self.space.forest;
        let taken: Vec<&str> = draft
            .members
            .keys()
            .chain(&draft.forbidden)
            .map(|name| forest.text(*name))
            .chain(known.iter().map(String::as_str))
            .collect();
        let avoid = self.names_literal(taken.iter().copied());
        literals.push(avoid);
        let plain = FRESH.iter().find(|name| {
            let name = Value::String((**name).to_owned());
            literals.iter().all(|literal| {
                self.judgement.accepts(self.space, literal.id, &name) == Some(literal.holds)
            })
        });
        if let Some(name) = plain {
            return (Some((*name).to_owned()), true);
        }
        match self.inner(&literals) {
            Answer::Value(Value::String(name)) => (Some(name), true),
            Answer::None => (None, true),
            _ => (None, false),
        }
    }

    fn literal_of(&mut self, parts: Vec<Part>, holds: bool) -> Literal {
        Literal {
            id: self.space.make(parts),
            holds,
            own: false,
        }
    }

    /// None of these names.
    fn names_literal<'n>(&mut self, names: impl Iterator<Item = &'n str>) -> Literal {
        let mut names: Vec<Known> = names
            .map(|name| Known::new(Value::String(name.to_owned())))
            .collect();
        names.sort();
        names.dedup();
        self.literal_of(vec![Part::Values(names.into())], false)
    }

    fn is_beside(&mut self, beside: &Beside, name: &str) -> Option<bool> {
        let forest = self.space.forest;
        if beside.named.iter().any(|named| forest.text(*named) == name) {
            return Some(false);
        }
        for pattern in &beside.patterns {
            if self
                .judgement
                .patterns
                .matches(forest.text(*pattern), name)?
            {
                return Some(false);
            }
        }
        Some(true)
    }

    /// What the member of a name must keep, besides what is asked of this one.
    fn goal(&mut self, draft: &Draft, name: &str, asked: &[Literal]) -> Option<Vec<Literal>> {
        let forest = self.space.forest;
        let mut goal = asked.to_vec();
        if let Some(literals) = forest.known(name).and_then(|name| draft.members.get(&name)) {
            goal.extend(literals);
        }
        for (pattern, literal) in &draft.matching {
            if self
                .judgement
                .patterns
                .matches(forest.text(*pattern), name)?
            {
                goal.push(*literal);
            }
        }
        for (beside, literal) in &draft.others {
            let beside = Rc::clone(beside);
            if self.is_beside(&beside, name)? {
                goal.push(*literal);
            }
        }
        Some(goal)
    }

    /// Fills in the members that are there, and more of them until there are enough.
    fn filled(&mut self, draft: &Draft, present: Present, min: u64, max: Option<u64>) -> Answer {
        let forest = self.space.forest;
        let forbidden: Vec<&str> = draft
            .forbidden
            .iter()
            .map(|name| forest.text(*name))
            .collect();
        if max.is_some_and(|max| present.len() as u64 > max) {
            // Two demands might have been met by one member; those ways are tried by themselves.
            return Answer::None;
        }
        let mut members = Map::new();
        for (name, asked) in &present {
            if forbidden.contains(&name.as_str()) {
                return Answer::None;
            }
            match self.one(draft, name, asked) {
                Answer::Value(value) => members.insert(name.clone(), value),
                other => return other,
            };
        }
        let described: Vec<String> = draft
            .members
            .keys()
            .filter(|name| !self.tame || draft.described.contains(name))
            .map(|name| forest.text(*name).to_owned())
            .collect();
        let mut unsure = false;
        for name in described {
            if members.len() as u64 >= min {
                break;
            }
            if members.contains_key(&name) || forbidden.contains(&name.as_str()) {
                continue;
            }
            match self.one(draft, &name, &[]) {
                Answer::Value(value) => {
                    members.insert(name, value);
                }
                Answer::Unknown => unsure = true,
                Answer::None => {}
            }
        }
        while (members.len() as u64) < min {
            if members.len() > 200 {
                return Answer::Unknown;
            }
            let mut literals = draft.names.clone();
            literals.push(self.literal_of(vec![Part::Kinds(Kinds::STRING)], true));
            let known: Vec<String> = members.keys().cloned().collect();
            let (fresh, is_sure) = self.fresh(draft, literals, &known);
            let Some(name) = fresh else {
                return if is_sure && !unsure {
                    Answer::None
                } else {
                    Answer::Unknown
                };
            };
            match self.one(draft, &name, &[]) {
                Answer::Value(value) => members.insert(name, value),
                // Another name might match a pattern that this one does not.
                Answer::None if draft.matching.is_empty() && !unsure => return Answer::None,
                _ => return Answer::Unknown,
            };
        }
        let object = Value::Object(members);
        if draft.excludes(&object) {
            Answer::Unknown
        } else {
            Answer::Value(object)
        }
    }

    fn one(&mut self, draft: &Draft, name: &str, asked: &[Literal]) -> Answer {
        for literal in &draft.names {
            let text = Value::String(name.to_owned());
            match self.judgement.accepts(self.space, literal.id, &text) {
                Some(kept) if kept == literal.holds => {}
                Some(_) => return Answer::None,
                None => return Answer::Unknown,
            }
        }
        match self.goal(draft, name, asked) {
            Some(goal) => self.inner(&goal),
            None => Answer::Unknown,
        }
    }
}
