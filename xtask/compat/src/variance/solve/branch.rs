//! How schemas and their parts are taken into a draft: what is certain at once, what may be one way or another as a choice.

use std::rc::Rc;

use super::super::schema::{Kinds, Part, SchemaId};
use super::draft::{Demand, Draft};
use super::{Literal, Options, Solver, Todo};

impl Solver<'_, '_> {
    pub(super) fn literal(&mut self, draft: &mut Draft, todo: &mut Vec<Todo>, literal: Literal) {
        if !draft.seen.insert(literal) {
            return;
        }
        let schema = self.space.get(literal.id);
        if literal.holds {
            todo.extend(
                schema
                    .parts
                    .iter()
                    .map(|part| Todo::Keep(part.clone(), literal.own)),
            );
            return;
        }
        match &schema.parts[..] {
            [] => draft.kinds = Kinds::NONE,
            [part] => todo.push(Todo::Break(part.clone())),
            parts => draft.choices.push(
                parts
                    .iter()
                    .map(|part| vec![Todo::Break(part.clone())])
                    .collect(),
            ),
        }
    }

    pub(super) fn keep(&mut self, draft: &mut Draft, todo: &mut Vec<Todo>, part: &Part, own: bool) {
        let holds = |id: SchemaId| {
            Todo::Literal(Literal {
                id,
                holds: true,
                own,
            })
        };
        let breaks = |id: SchemaId| {
            Todo::Literal(Literal {
                id,
                holds: false,
                own,
            })
        };
        match part {
            Part::All(id) => todo.push(holds(*id)),
            Part::Not(id) => todo.push(breaks(*id)),
            Part::Any(ids) => draft
                .choices
                .push(ids.iter().map(|id| vec![holds(*id)]).collect()),
            Part::One(ids) => {
                let ways = ids.iter().map(|one| {
                    let others = ids
                        .iter()
                        .filter(|other| *other != one)
                        .map(|other| breaks(*other));
                    // A branch that is written twice can never be the only one.
                    let twice = ids
                        .iter()
                        .filter(|other| *other == one)
                        .skip(1)
                        .map(|other| breaks(*other));
                    others.chain(twice).chain([holds(*one)]).collect()
                });
                draft.choices.push(ways.collect());
            }
            Part::If(test, then, other) => draft.choices.push(vec![
                [holds(*test)].into_iter().chain(then.map(holds)).collect(),
                [breaks(*test)]
                    .into_iter()
                    .chain(other.map(holds))
                    .collect(),
            ]),
            Part::Dependent(name, id) => {
                let there = vec![
                    Todo::Keep(Part::Required(*name), false),
                    holds(*id),
                    Todo::Keep(Part::Kinds(Kinds::OBJECT), false),
                ];
                let other = Todo::Keep(Part::Kinds(Kinds::ANY.without(Kinds::OBJECT)), false);
                let absent = vec![
                    Todo::Forbid(*name),
                    Todo::Keep(Part::Kinds(Kinds::OBJECT), false),
                ];
                draft.choices.push(vec![absent, there, vec![other]]);
            }
            part => draft.keep(part, own),
        }
    }

    /// Takes in that a part is broken.
    pub(super) fn break_part(&mut self, draft: &mut Draft, todo: &mut Vec<Todo>, part: &Part) {
        let holds = |id: SchemaId| {
            Todo::Literal(Literal {
                id,
                holds: true,
                own: false,
            })
        };
        let breaks = |id: SchemaId| {
            Todo::Literal(Literal {
                id,
                holds: false,
                own: false,
            })
        };
        let lacks = |id: SchemaId| Literal {
            id,
            holds: false,
            own: false,
        };
        match part {
            Part::Kinds(kinds) => draft.only(Kinds::ANY.without(*kinds)),
            Part::Values(values) => draft.not_values.extend(values.iter().cloned()),
            Part::Lower(bound, open) => {
                draft.only(Kinds::NUMBER);
                draft.keep(&Part::Upper(bound.clone(), !open), false);
            }
            Part::Upper(bound, open) => {
                draft.only(Kinds::NUMBER);
                draft.keep(&Part::Lower(bound.clone(), !open), false);
            }
            Part::Multiple(step) => {
                draft.only(Kinds::NUMBER);
                draft.not_multiples.push(step.clone());
            }
            Part::Least(size, least) => {
                draft.only(size.kind());
                draft.keep(&Part::Most(*size, least - 1), false);
            }
            Part::Most(size, most) => {
                draft.only(size.kind());
                draft.keep(&Part::Least(*size, most.saturating_add(1)), false);
            }
            Part::Pattern(pattern) => {
                draft.only(Kinds::STRING);
                draft.not_patterns.insert(*pattern);
            }
            Part::Format(format) => {
                draft.only(Kinds::STRING);
                draft.not_formats.insert(*format);
            }
            Part::Unique => {
                draft.only(Kinds::ARRAY);
                draft.twins = true;
            }
            Part::Element(at, id) => {
                draft.only(Kinds::ARRAY);
                draft.demands.push(Demand::At(*at, lacks(*id)));
            }
            Part::Rest(from, id) => {
                draft.only(Kinds::ARRAY);
                draft.demands.push(Demand::From(*from, lacks(*id)));
            }
            Part::Contains(id, least, most) => {
                draft.only(Kinds::ARRAY);
                let mut ways: Options = Vec::new();
                if *least > 0 {
                    // With one wanted there is none; with more wanted there may be some, which is not tried.
                    draft.is_partial |= *least > 1;
                    let without = self.space.make(vec![Part::Not(*id)]);
                    ways.push(vec![Todo::Keep(Part::Rest(0, without), false)]);
                }
                ways.extend(
                    most.map(|most| vec![Todo::Keep(Part::Contains(*id, most + 1, None), false)]),
                );
                draft.choices.push(ways);
            }
            Part::Required(name) => {
                draft.only(Kinds::OBJECT);
                draft.forbidden.insert(*name);
            }
            Part::Member(name, id) => {
                draft.only(Kinds::OBJECT);
                draft.required.insert(*name);
                draft.member(*name, lacks(*id));
            }
            Part::Matching(pattern, id) => {
                draft.only(Kinds::OBJECT);
                draft.demands.push(Demand::Matching(*pattern, lacks(*id)));
            }
            Part::Others(beside, id) => {
                draft.only(Kinds::OBJECT);
                draft
                    .demands
                    .push(Demand::Beside(Rc::clone(beside), lacks(*id)));
            }
            Part::Names(id) => {
                draft.only(Kinds::OBJECT);
                draft.demands.push(Demand::Named(lacks(*id)));
            }
            Part::Dependent(name, id) => {
                draft.only(Kinds::OBJECT);
                draft.required.insert(*name);
                todo.push(breaks(*id));
            }
            Part::All(id) => todo.push(breaks(*id)),
            Part::Any(ids) => todo.extend(ids.iter().map(|id| breaks(*id))),
            Part::One(ids) => {
                let mut ways: Options = vec![ids.iter().map(|id| breaks(*id)).collect()];
                for (at, one) in ids.iter().enumerate() {
                    ways.extend(
                        ids[..at]
                            .iter()
                            .map(|other| vec![holds(*one), holds(*other)]),
                    );
                }
                draft.choices.push(ways);
            }
            // It asks nothing of values, so no value breaks it.
            Part::Hidden(_) => draft.kinds = Kinds::NONE,
            Part::Not(id) => todo.push(holds(*id)),
            Part::If(test, then, other) => {
                let then = then.map(|then| vec![holds(*test), breaks(then)]);
                let other = other.map(|other| vec![breaks(*test), breaks(other)]);
                draft.choices.push(then.into_iter().chain(other).collect());
            }
            Part::Opaque(name, same) => {
                draft.not_opaque.insert((*name, *same));
            }
        }
    }
}
