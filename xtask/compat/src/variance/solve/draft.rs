//! What is known of a value that is looked for, kind by kind.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use serde_json::Value;

use super::super::number::Exact;
use super::super::schema::{Beside, Kinds, Literal as Known, Part};
use super::{Answer, Literal, Options};
use crate::document::Name;

/// Something that has to be somewhere in an array or object.
#[derive(Clone, Debug)]
pub enum Demand {
    /// The element at an index.
    At(usize, Literal),
    /// Some element from an index on.
    From(usize, Literal),
    /// Some member whose name matches.
    Matching(Name, Literal),
    /// Some member beside those.
    Beside(Rc<Beside>, Literal),
    /// The name of some member.
    Named(Literal),
}

/// What a value must be.
#[derive(Clone, Debug)]
pub struct Draft {
    pub kinds: Kinds,
    pub values: Option<Vec<Known>>,
    pub not_values: Vec<Known>,
    pub lower: Option<(Exact, bool)>,
    pub upper: Option<(Exact, bool)>,
    pub multiples: Vec<Exact>,
    pub not_multiples: Vec<Exact>,
    pub least: BTreeMap<u8, u64>,
    pub most: BTreeMap<u8, u64>,
    pub patterns: BTreeSet<Name>,
    pub not_patterns: BTreeSet<Name>,
    pub formats: BTreeSet<Name>,
    pub not_formats: BTreeSet<Name>,
    pub unique: bool,
    /// Two elements are equal.
    pub twins: bool,
    pub elements: Vec<(usize, Literal)>,
    pub rests: Vec<(usize, Literal)>,
    pub required: BTreeSet<Name>,
    pub forbidden: BTreeSet<Name>,
    pub members: BTreeMap<Name, Vec<Literal>>,
    pub matching: Vec<(Name, Literal)>,
    pub others: Vec<(Rc<Beside>, Literal)>,
    pub names: Vec<Literal>,
    pub demands: Vec<Demand>,
    /// How many elements keep a schema, at least and at most.
    pub contains: BTreeMap<Literal, (u64, Option<u64>)>,
    pub opaque: BTreeSet<(Name, u32)>,
    pub not_opaque: BTreeSet<(Name, u32)>,
    /// Names that the own side describes or requires.
    pub described: BTreeSet<Name>,
    pub choices: Vec<Options>,
    pub seen: BTreeSet<Literal>,
    /// Not every way is tried, so that nothing found does not mean that there is nothing.
    pub is_partial: bool,
}

impl Default for Draft {
    fn default() -> Draft {
        Draft {
            kinds: Kinds::ANY,
            values: None,
            not_values: Vec::new(),
            lower: None,
            upper: None,
            multiples: Vec::new(),
            not_multiples: Vec::new(),
            least: BTreeMap::new(),
            most: BTreeMap::new(),
            patterns: BTreeSet::new(),
            not_patterns: BTreeSet::new(),
            formats: BTreeSet::new(),
            not_formats: BTreeSet::new(),
            unique: false,
            twins: false,
            elements: Vec::new(),
            rests: Vec::new(),
            required: BTreeSet::new(),
            forbidden: BTreeSet::new(),
            members: BTreeMap::new(),
            matching: Vec::new(),
            others: Vec::new(),
            names: Vec::new(),
            demands: Vec::new(),
            contains: BTreeMap::new(),
            opaque: BTreeSet::new(),
            not_opaque: BTreeSet::new(),
            described: BTreeSet::new(),
            choices: Vec::new(),
            seen: BTreeSet::new(),
            is_partial: false,
        }
    }
}

impl Draft {
    pub fn only(&mut self, kinds: Kinds) {
        self.kinds = self.kinds.and(kinds);
    }

    pub fn member(&mut self, name: Name, literal: Literal) {
        self.members.entry(name).or_default().push(literal);
    }

    /// Takes in a part that is no choice.
    pub fn keep(&mut self, part: &Part, own: bool) {
        let holds = |id| Literal {
            id,
            holds: true,
            own,
        };
        match part {
            Part::Kinds(kinds) => self.only(*kinds),
            Part::Values(values) => {
                let values = values.iter();
                self.values = Some(match self.values.take() {
                    None => values.cloned().collect(),
                    Some(known) => values
                        .filter(|value| known.contains(value))
                        .cloned()
                        .collect(),
                });
            }
            Part::Lower(bound, open) => {
                let bound = (bound.clone(), *open);
                self.lower = Some(
                    self.lower
                        .take()
                        .map_or(bound.clone(), |known| known.max(bound)),
                );
            }
            Part::Upper(bound, open) => {
                // Of two equal bounds the one that is itself outside is the lower.
                let (bound, open) = (bound.clone(), *open);
                self.upper = Some(match self.upper.take() {
                    Some((known, was)) if known < bound || known == bound && was => (known, was),
                    _ => (bound, open),
                });
            }
            Part::Multiple(step) => self.multiples.push(step.clone()),
            Part::Least(size, least) => {
                let known = self.least.entry(*size as u8).or_default();
                *known = (*known).max(*least);
            }
            Part::Most(size, most) => {
                let known = self.most.entry(*size as u8).or_insert(u64::MAX);
                *known = (*known).min(*most);
            }
            Part::Pattern(pattern) => {
                self.patterns.insert(*pattern);
            }
            Part::Format(format) => {
                self.formats.insert(*format);
            }
            Part::Unique => self.unique = true,
            Part::Element(at, id) => self.elements.push((*at, holds(*id))),
            Part::Rest(from, id) => self.rests.push((*from, holds(*id))),
            Part::Contains(id, least, most) => {
                self.is_partial |= most.is_some() || *least > 1;
                let known = self.contains.entry(holds(*id)).or_insert((0, None));
                known.0 = known.0.max(*least);
                known.1 = [known.1, *most].into_iter().flatten().min();
            }
            Part::Required(name) => {
                self.required.insert(*name);
                if own {
                    self.described.insert(*name);
                }
            }
            Part::Hidden(name) => {
                if own {
                    self.forbidden.insert(*name);
                }
            }
            Part::Member(name, id) => {
                self.member(*name, holds(*id));
                if own {
                    self.described.insert(*name);
                }
            }
            Part::Matching(pattern, id) => self.matching.push((*pattern, holds(*id))),
            Part::Others(beside, id) => self.others.push((Rc::clone(beside), holds(*id))),
            Part::Names(id) => self.names.push(holds(*id)),
            Part::Opaque(name, same) => {
                self.opaque.insert((*name, *same));
            }
            _ => unreachable!("choices and references are taken in before"),
        }
    }

    /// It is plain to see that there is no such value.
    pub fn is_impossible(&self) -> bool {
        self.kinds.is_empty() || self.values.as_ref().is_some_and(Vec::is_empty)
    }

    /// The first of the values that is not excluded.
    pub fn first(&self, values: &[Value]) -> Answer {
        let free = values.iter().find(|value| !self.excludes(value));
        free.map_or(Answer::None, |value| Answer::Value(value.clone()))
    }

    /// The value is one of those that are not meant.
    pub fn excludes(&self, value: &Value) -> bool {
        !self.not_values.is_empty() && self.not_values.contains(&Known::new(value.clone()))
    }
}
