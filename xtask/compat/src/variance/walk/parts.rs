//! Parts that speak of a value as a whole: kinds, bounds, sizes, listed values.

use std::rc::Rc;

use super::super::number::is_multiple;
use super::super::say;
use super::super::schema::{Kinds, Literal, Part, SchemaId, Size};
use super::super::summary::Summary;
use super::Look;
use crate::document::Unusable;

impl Look<'_, '_, '_> {
    /// One part of the second that the first does not say word by word.
    pub(super) fn part(
        &mut self,
        n: &Summary,
        m: &Summary,
        part: &Part,
        owner: SchemaId,
    ) -> Result<(), Unusable> {
        let draft = &n.draft;
        let common = draft.kinds.and(m.draft.kinds);
        let at_least = |size: Size| match size {
            Size::Members => draft
                .least
                .get(&(size as u8))
                .copied()
                .unwrap_or(0)
                .max(draft.required.len() as u64),
            size => draft.least.get(&(size as u8)).copied().unwrap_or(0),
        };
        let is_kept = match part {
            Part::Kinds(kinds) => kinds.holds(draft.kinds),
            Part::Lower(bound, open) => {
                let own = draft.lower.as_ref();
                !common.meets(Kinds::NUMBER)
                    || own
                        .is_some_and(|(own, shut)| own > bound || own == bound && (*shut || !open))
            }
            Part::Upper(bound, open) => {
                let own = draft.upper.as_ref();
                !common.meets(Kinds::NUMBER)
                    || own
                        .is_some_and(|(own, shut)| own < bound || own == bound && (*shut || !open))
            }
            Part::Multiple(step) => {
                let mut own = draft.multiples.iter();
                !common.meets(Kinds::NUMBER) || own.any(|own| is_multiple(own, step))
            }
            Part::Least(size, least) => !common.meets(size.kind()) || at_least(*size) >= *least,
            Part::Most(size, most) => {
                !common.meets(size.kind())
                    || draft
                        .most
                        .get(&(*size as u8))
                        .is_some_and(|own| own <= most)
            }
            Part::Pattern(pattern) => {
                !common.meets(Kinds::STRING) || draft.patterns.contains(pattern)
            }
            Part::Format(format) => {
                !common.meets(Kinds::STRING.or(Kinds::NUMBER)) || draft.formats.contains(format)
            }
            Part::Unique => !common.meets(Kinds::ARRAY) || draft.unique,
            Part::Contains(..) => !common.meets(Kinds::ARRAY),
            Part::Required(name) => !common.meets(Kinds::OBJECT) || draft.required.contains(name),
            Part::Names(_) | Part::Dependent(..) => !common.meets(Kinds::OBJECT),
            // These are walked into.
            Part::Element(..)
            | Part::Rest(..)
            | Part::Member(..)
            | Part::Matching(..)
            | Part::Others(..)
            | Part::Hidden(_)
            | Part::All(_) => true,
            Part::Values(_)
            | Part::Any(_)
            | Part::One(_)
            | Part::Not(_)
            | Part::If(..)
            | Part::Opaque(..) => false,
        };
        if is_kept {
            return Ok(());
        }
        match part {
            Part::Values(values) => self.values(n, m, values, owner),
            Part::Any(branches) | Part::One(branches) => self.choice(n, part, branches, owner)?,
            Part::Required(name) => {
                let wild = !self.describes(n, *name);
                let broken = self.mind.space.make(vec![part.clone()]);
                let text = self.mind.space.forest.text(*name).to_owned();
                let suspect = self.suspect(
                    "required",
                    n,
                    Some(owner),
                    (String::new(), String::new()),
                    Some(broken),
                );
                suspect.subject = Some(text);
                suspect.required = true;
                if wild {
                    suspect.keyword = "member";
                }
            }
            part => {
                let broken = self.mind.space.make(vec![part.clone()]);
                let says = say::both(self.mind, n, part);
                let keyword = match part {
                    Part::Lower(_, true) => "exclusiveMinimum",
                    Part::Upper(_, true) => "exclusiveMaximum",
                    Part::Opaque(..) => "keyword",
                    part => part.keyword(),
                };
                let subject = match part {
                    Part::Opaque(name, _) => Some(self.mind.space.forest.text(*name).to_owned()),
                    _ => None,
                };
                self.suspect(keyword, n, Some(owner), says, Some(broken))
                    .subject = subject;
            }
        }
        Ok(())
    }

    pub(super) fn values(&mut self, n: &Summary, m: &Summary, values: &[Literal], owner: SchemaId) {
        // That the kinds are others is said by `type`.
        let typed = m
            .parts
            .iter()
            .any(|(part, _)| matches!(part, Part::Kinds(kinds) if !kinds.meets(n.draft.kinds)));
        if typed {
            return;
        }
        let Some(own) = &n.draft.values else {
            let broken = self
                .mind
                .space
                .make(vec![Part::Values(values.to_vec().into())]);
            let says = ("any value".to_owned(), say::values(values));
            self.suspect("enum", n, Some(owner), says, Some(broken));
            return;
        };
        for value in own.iter().filter(|value| !values.contains(value)) {
            let only = self
                .mind
                .space
                .make(vec![Part::Values(Rc::from(vec![value.clone()]))]);
            let broken = self.mind.space.make(vec![Part::Not(only)]);
            let says = (say::values(own), say::values(values));
            self.suspect("enum", n, Some(owner), says, Some(broken))
                .subject = Some(value.text.to_string());
        }
    }
}
