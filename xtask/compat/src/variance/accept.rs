//! Whether a value keeps a schema, by the rules of JSON Schema 2020-12; None where the schema says something that the engine only
//! compares as it stands.

use std::collections::HashMap;

use jsonschema::Validator;
use serde_json::{Value, json};

use super::number::{self, Exact};
use super::read::Space;
use super::schema::{Kinds, Literal, Part, SchemaId, Size};
use super::text::Patterns;
use crate::document::Name;

/// What is made once and asked often.
#[derive(Default)]
pub struct Judgement {
    pub patterns: Patterns,
    formats: HashMap<Box<str>, Option<Validator>>,
}

/// A text that no format takes.
const NO_FORMAT: &str = "\u{1}\n no format \u{1}";

impl Judgement {
    /// The text has the format; None when the format is not known to have a rule.
    pub fn has_format(&mut self, format: &str, text: &str) -> Option<bool> {
        let validator = self.formats.entry(format.into()).or_insert_with(|| {
            let made = jsonschema::draft202012::options()
                .should_validate_formats(true)
                .build(&json!({ "format": format }))
                .ok()?;
            (!made.is_valid(&Value::String(NO_FORMAT.to_owned()))).then_some(made)
        });
        validator
            .as_ref()
            .map(|validator| validator.is_valid(&Value::String(text.to_owned())))
    }

    /// The value keeps the schema.
    pub fn accepts(&mut self, space: &Space<'_>, id: SchemaId, value: &Value) -> Option<bool> {
        self.at_depth(space, id, value, 0)
    }

    fn at_depth(
        &mut self,
        space: &Space<'_>,
        id: SchemaId,
        value: &Value,
        depth: usize,
    ) -> Option<bool> {
        if depth > 400 {
            return None;
        }
        stacker::maybe_grow(64 << 10, 1 << 20, || {
            let schema = space.get(id);
            all(schema
                .parts
                .iter()
                .map(|part| self.part(space, part, value, depth)))
        })
    }

    /// The value keeps one part.
    pub fn part(
        &mut self,
        space: &Space<'_>,
        part: &Part,
        value: &Value,
        depth: usize,
    ) -> Option<bool> {
        let deeper = depth + 1;
        match part {
            Part::Kinds(kinds) => Some(kinds.meets(Kinds::of(value))),
            Part::Values(values) => {
                let literal = Literal::new(value.clone());
                Some(values.binary_search(&literal).is_ok())
            }
            Part::Lower(bound, open) => with_number(value, |number| {
                if *open {
                    number > *bound
                } else {
                    number >= *bound
                }
            }),
            Part::Upper(bound, open) => with_number(value, |number| {
                if *open {
                    number < *bound
                } else {
                    number <= *bound
                }
            }),
            Part::Multiple(step) => with_number(value, |number| number::is_multiple(&number, step)),
            Part::Least(size, least) => Some(measure(*size, value).is_none_or(|n| n >= *least)),
            Part::Most(size, most) => Some(measure(*size, value).is_none_or(|n| n <= *most)),
            Part::Pattern(pattern) => match value {
                Value::String(text) => self.patterns.matches(space.forest.text(*pattern), text),
                _ => Some(true),
            },
            Part::Format(format) => match value {
                Value::String(text) => Some(
                    self.has_format(space.forest.text(*format), text)
                        .unwrap_or(true),
                ),
                _ => Some(true),
            },
            Part::Unique => {
                let Value::Array(items) = value else {
                    return Some(true);
                };
                let mut items: Vec<Literal> = items.iter().cloned().map(Literal::new).collect();
                items.sort();
                Some(items.windows(2).all(|two| two[0] != two[1]))
            }
            Part::Element(at, id) => match value.get(*at).filter(|_| value.is_array()) {
                Some(item) => self.at_depth(space, *id, item, deeper),
                None => Some(true),
            },
            Part::Rest(from, id) => {
                let items = value.as_array().into_iter().flatten().skip(*from);
                all(items.map(|item| self.at_depth(space, *id, item, deeper)))
            }
            Part::Contains(id, least, most) => {
                let Value::Array(items) = value else {
                    return Some(true);
                };
                let kept: Option<Vec<bool>> = items
                    .iter()
                    .map(|item| self.at_depth(space, *id, item, deeper))
                    .collect();
                let count = kept?.into_iter().filter(|kept| *kept).count() as u64;
                Some(count >= *least && most.is_none_or(|most| count <= most))
            }
            Part::Required(name) => Some(
                value
                    .as_object()
                    .is_none_or(|members| members.contains_key(space.forest.text(*name))),
            ),
            Part::Member(name, id) => match member(space, value, *name) {
                Some(inner) => self.at_depth(space, *id, inner, deeper),
                None => Some(true),
            },
            Part::Matching(pattern, id) => {
                let mut verdicts = Vec::new();
                for (name, inner) in value.as_object().into_iter().flatten() {
                    let verdict = match self.patterns.matches(space.forest.text(*pattern), name) {
                        Some(false) => Some(true),
                        Some(true) => self.at_depth(space, *id, inner, deeper),
                        None => self
                            .at_depth(space, *id, inner, deeper)
                            .filter(|kept| *kept),
                    };
                    verdicts.push(verdict);
                }
                all(verdicts.into_iter())
            }
            Part::Others(beside, id) => {
                let mut verdicts = Vec::new();
                for (name, inner) in value.as_object().into_iter().flatten() {
                    if beside
                        .named
                        .iter()
                        .any(|named| space.forest.text(*named) == name)
                    {
                        continue;
                    }
                    let matched = any(beside
                        .patterns
                        .iter()
                        .map(|pattern| self.patterns.matches(space.forest.text(*pattern), name)));
                    verdicts.push(match matched {
                        Some(true) => Some(true),
                        Some(false) => self.at_depth(space, *id, inner, deeper),
                        None => self
                            .at_depth(space, *id, inner, deeper)
                            .filter(|kept| *kept),
                    });
                }
                all(verdicts.into_iter())
            }
            Part::Names(id) => {
                let names = value.as_object().into_iter().flatten();
                all(names.map(|(name, _)| {
                    self.at_depth(space, *id, &Value::String(name.clone()), deeper)
                }))
            }
            Part::Dependent(name, id) => match member(space, value, *name) {
                Some(_) => self.at_depth(space, *id, value, deeper),
                None => Some(true),
            },
            Part::All(id) => self.at_depth(space, *id, value, deeper),
            Part::Any(ids) => any(ids
                .iter()
                .map(|id| self.at_depth(space, *id, value, deeper))),
            Part::One(ids) => {
                let kept: Vec<Option<bool>> = ids
                    .iter()
                    .map(|id| self.at_depth(space, *id, value, deeper))
                    .collect();
                if kept.iter().filter(|kept| **kept == Some(true)).count() > 1 {
                    return Some(false);
                }
                let kept: Option<Vec<bool>> = kept.into_iter().collect();
                Some(kept?.into_iter().filter(|kept| *kept).count() == 1)
            }
            Part::Not(id) => self.at_depth(space, *id, value, deeper).map(|kept| !kept),
            Part::If(test, then, other) => {
                let branch = if self.at_depth(space, *test, value, deeper)? {
                    then
                } else {
                    other
                };
                branch.map_or(Some(true), |branch| {
                    self.at_depth(space, branch, value, deeper)
                })
            }
            Part::Hidden(_) => Some(true),
            Part::Opaque(..) => None,
        }
    }
}

/// All of them; an unknown one counts only when no other is false.
fn all(verdicts: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let mut whole = Some(true);
    for verdict in verdicts {
        match verdict {
            Some(true) => {}
            Some(false) => return Some(false),
            None => whole = None,
        }
    }
    whole
}

/// One of them; an unknown one counts only when no other is true.
fn any(verdicts: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    all(verdicts.map(|verdict| verdict.map(|verdict| !verdict))).map(|none| !none)
}

fn with_number(value: &Value, keeps: impl Fn(Exact) -> bool) -> Option<bool> {
    match value {
        Value::Number(number) => number::of(number).map(keeps),
        _ => Some(true),
    }
}

fn member<'v>(space: &Space<'_>, value: &'v Value, name: Name) -> Option<&'v Value> {
    value.as_object()?.get(space.forest.text(name))
}

/// The size of a value; None when it has none of this sort.
pub fn measure(size: Size, value: &Value) -> Option<u64> {
    let n = match (size, value) {
        (Size::Length, Value::String(text)) => text.chars().count(),
        (Size::Items, Value::Array(items)) => items.len(),
        (Size::Members, Value::Object(members)) => members.len(),
        _ => return None,
    };
    Some(n as u64)
}
