//! What a conjunction of schemas says, in parts that can be compared one by one.

use std::collections::BTreeSet;
use std::rc::Rc;

use super::mind::Mind;
use super::read::{ANYTHING, NOTHING};
use super::schema::{Kinds, Literal, Notes, Part, SchemaId};
use super::solve::Draft;
use crate::document::Name;

/// Schemas that a value keeps all at once, sorted; none means that anything goes.
pub type All = Vec<SchemaId>;

/// A conjunction, read.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    /// Everything that is no choice, taken together.
    pub draft: Draft,
    /// Every part with the schema that says it, references followed.
    pub parts: Vec<(Part, SchemaId)>,
    pub notes: Notes,
    /// The schema at which it begins.
    pub head: Option<SchemaId>,
}

impl Summary {
    /// Reads a conjunction.
    pub fn of(mind: &Mind<'_>, all: &All) -> Summary {
        let mut summary = Summary {
            head: all.first().copied(),
            ..Summary::default()
        };
        let mut open: Vec<SchemaId> = all.iter().rev().copied().collect();
        let mut seen = BTreeSet::new();
        while let Some(id) = open.pop() {
            if !seen.insert(id) {
                continue;
            }
            let schema = mind.space.get(id);
            let notes = &mut summary.notes;
            notes.deprecated |= schema.notes.deprecated;
            notes.default = notes
                .default
                .take()
                .or_else(|| schema.notes.default.clone());
            notes.content.extend(schema.notes.content.iter().cloned());
            notes.known = notes.known.take().or_else(|| schema.notes.known.clone());
            notes.words = notes.words.take().or_else(|| schema.notes.words.clone());
            for part in schema.parts.iter().rev() {
                match part {
                    Part::All(inner) => open.push(*inner),
                    Part::Any(_)
                    | Part::One(_)
                    | Part::Not(_)
                    | Part::If(..)
                    | Part::Dependent(..) => {}
                    part => summary.draft.keep(part, true),
                }
                if !matches!(part, Part::All(_)) {
                    summary.parts.push((part.clone(), id));
                }
            }
        }
        summary.close();
        summary
    }

    fn close(&mut self) {
        let draft = &mut self.draft;
        if let Some(values) = &mut draft.values {
            values.retain(|value| draft.kinds.meets(Kinds::of(&value.value)));
            let kinds = values.iter().map(|value| Kinds::of(&value.value));
            draft.kinds = draft.kinds.and(kinds.fold(Kinds::NONE, Kinds::or));
        }
        let crossed = match (&draft.lower, &draft.upper) {
            (Some((lower, open)), Some((upper, shut))) => {
                lower > upper || lower == upper && (*open || *shut)
            }
            _ => false,
        };
        if crossed {
            draft.kinds = draft.kinds.without(Kinds::NUMBER);
        }
    }

    /// No value keeps it, as far as can be seen at a glance.
    pub fn is_nothing(&self) -> bool {
        self.draft.is_impossible()
    }

    /// The schemas of literals.
    fn ids<'l>(
        literals: impl Iterator<Item = &'l super::solve::Literal>,
    ) -> impl Iterator<Item = SchemaId> {
        literals.map(|literal| literal.id)
    }

    /// What the member of a name must keep; None where its name cannot be matched.
    pub fn member(&self, mind: &mut Mind<'_>, name: Name) -> All {
        if self.draft.forbidden.contains(&name) {
            return vec![NOTHING];
        }
        let forest = mind.space.forest;
        let text = forest.text(name);
        let mut all: All = Self::ids(self.draft.members.get(&name).into_iter().flatten()).collect();
        for (pattern, literal) in &self.draft.matching {
            if mind.judgement.patterns.matches(forest.text(*pattern), text) != Some(false) {
                all.push(literal.id);
            }
        }
        for (beside, literal) in &self.draft.others {
            let is_named = beside.named.contains(&name);
            let mut patterns = beside.patterns.iter();
            if !is_named
                && patterns.all(|pattern| {
                    mind.judgement.patterns.matches(forest.text(*pattern), text) == Some(false)
                })
            {
                all.push(literal.id);
            }
        }
        tidy(all)
    }

    /// What a member must keep that nothing names.
    pub fn other(&self) -> All {
        tidy(Self::ids(self.draft.others.iter().map(|(_, literal)| literal)).collect())
    }

    /// What the element at an index must keep.
    pub fn element(&self, at: usize) -> All {
        let own = self
            .draft
            .elements
            .iter()
            .filter(|(index, _)| *index == at)
            .map(|(_, literal)| literal);
        let rest = self
            .draft
            .rests
            .iter()
            .filter(|(from, _)| at >= *from)
            .map(|(_, literal)| literal);
        tidy(Self::ids(own.chain(rest)).collect())
    }

    /// How many elements are described one by one.
    pub fn fixed(&self) -> usize {
        let elements = self.draft.elements.iter().map(|(at, _)| at + 1);
        elements
            .chain(self.draft.rests.iter().map(|(from, _)| *from))
            .max()
            .unwrap_or(0)
    }

    /// The parts that are choices between schemas.
    pub fn choices(&self) -> impl Iterator<Item = (&Part, SchemaId)> {
        let choices = self
            .parts
            .iter()
            .filter(|(part, _)| matches!(part, Part::Any(_) | Part::One(_)));
        choices.map(|(part, owner)| (part, *owner))
    }

    /// Members by a word, such as the name of a discriminator, that can only have certain values.
    pub fn values_of(&self, mind: &mut Mind<'_>, name: Name) -> Option<Vec<Literal>> {
        let all = self.member(mind, name);
        Summary::of(mind, &all).draft.values
    }
}

/// Sorted, once each, without what says nothing.
pub fn tidy(mut all: All) -> All {
    all.retain(|id| *id != ANYTHING);
    all.sort_unstable();
    all.dedup();
    if all.contains(&NOTHING) {
        return vec![NOTHING];
    }
    all
}

/// Two conjunctions have no value in common, by a proof that is easy to see: other kinds, other values, or a member that both
/// require and of which that is so.
pub fn apart(mind: &mut Mind<'_>, one: &Summary, other: &Summary) -> bool {
    if !one.draft.kinds.meets(other.draft.kinds) || one.is_nothing() || other.is_nothing() {
        return true;
    }
    if disjoint(one.draft.values.as_ref(), other.draft.values.as_ref()) {
        return true;
    }
    if one.draft.kinds.and(other.draft.kinds) != Kinds::OBJECT {
        return false;
    }
    let told = one
        .draft
        .required
        .intersection(&other.draft.required)
        .copied()
        .collect::<Vec<Name>>();
    for name in told {
        let (left, right) = (one.member(mind, name), other.member(mind, name));
        let (left, right) = (Summary::of(mind, &left), Summary::of(mind, &right));
        if !left.draft.kinds.meets(right.draft.kinds)
            || disjoint(left.draft.values.as_ref(), right.draft.values.as_ref())
        {
            return true;
        }
    }
    let refuses = |mind: &mut Mind<'_>, asking: &Summary, refusing: &Summary| {
        asking
            .draft
            .required
            .iter()
            .any(|name| refusing.member(mind, *name) == [NOTHING])
    };
    refuses(mind, one, other) || refuses(mind, other, one)
}

fn disjoint(one: Option<&Vec<Literal>>, other: Option<&Vec<Literal>>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => one.iter().all(|value| !other.contains(value)),
        _ => false,
    }
}

/// Parts whose schemas are written as classes, so that those of both documents can be compared.
pub fn classed(mind: &Mind<'_>, part: &Part) -> Part {
    let mut map = |id: SchemaId| SchemaId(mind.class(id));
    match part {
        Part::Others(beside, id) => Part::Others(Rc::clone(beside), map(*id)),
        part => part.mapped(&mut map),
    }
}
