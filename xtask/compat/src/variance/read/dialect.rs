//! Keywords of OpenAPI 3.0, 3.1 and 3.2 as parts.

use std::rc::Rc;

use serde_json::{Map, Value};

use super::super::keywords::{Role, role};
use super::super::number::{Exact, exact, whole};
use super::super::schema::{Beside, Kinds, Literal, Part, Schema, Size};
use super::{ANYTHING, Space};
use crate::document::{Content, Name, Node, Unusable};
use crate::refactor;

/// Reads one schema.
pub(super) struct Reader<'s, 'f> {
    pub(super) space: &'s mut Space<'f>,
    pub(super) node: Node<'f>,
}

/// Before 3.1, a schema was another dialect: `nullable`, bounds that are flags, and nothing beside `$ref`.
pub(super) fn is_old(node: Node<'_>) -> bool {
    let mut root = node.root();
    if root.get("openapi").is_none() {
        root = root.home();
    }
    root.word("openapi")
        .is_some_and(|version| version.starts_with("3.0"))
}

impl<'f> Reader<'_, 'f> {
    pub(super) fn schema(&mut self) -> Result<Schema, Unusable> {
        let node = self.node;
        let mut schema = Schema::default();
        match node.content() {
            Content::Bool(false) => schema.parts.push(Part::Kinds(Kinds::NONE)),
            Content::Object => self.object(&mut schema)?,
            _ => {}
        }
        Ok(schema)
    }

    fn object(&mut self, schema: &mut Schema) -> Result<(), Unusable> {
        let (node, old) = (self.node, self.space.is_old(self.node));
        if let Some(target) = node.target()? {
            schema.parts.push(Part::All(self.space.at(target)));
            if old {
                return Ok(());
            }
        }
        for (name, keyword, value) in node.members() {
            match self.space.roles.of(name, keyword) {
                Role::Words => {}
                Role::Opaque => schema
                    .parts
                    .push(Part::Opaque(name, self.same(keyword, value))),
                Role::Note => self.note(schema, (name, keyword), value)?,
                Role::Values => self.keyword(schema, old, keyword, value)?,
            }
        }
        Ok(())
    }

    /// Opaque values are equal when they are written alike.
    pub(super) fn same(&mut self, keyword: &str, value: Node<'f>) -> u32 {
        let text = as_written(keyword, value);
        let id = self.space.make(vec![Part::Values(Rc::from(vec![text]))]);
        id.0
    }

    fn note(
        &mut self,
        schema: &mut Schema,
        (name, keyword): (Name, &str),
        value: Node<'f>,
    ) -> Result<(), Unusable> {
        let notes = &mut schema.notes;
        match keyword {
            "deprecated" => notes.deprecated = value.flag() == Some(true),
            "default" => notes.default = Some(Literal::new(value.value())),
            "x-extensible-enum" => {
                let mut words: Vec<Name> = value.items().filter_map(Node::name).collect();
                words.sort_unstable();
                notes.known = Some(words.into());
            }
            "discriminator" => {
                let Some(member) = value.get("propertyName").and_then(Node::name) else {
                    return Ok(());
                };
                let mut words = Vec::new();
                let mapping = value.get("mapping");
                for (word, _, target) in mapping.into_iter().flat_map(Node::members) {
                    let target = target.text().and_then(|text| self.mapped(text));
                    words.push((
                        word,
                        target.map_or(ANYTHING, |target| self.space.at(target)),
                    ));
                }
                words.sort_unstable();
                if mapping.is_some() {
                    notes.words = Some((member, words.into()));
                }
            }
            _ => notes.content.push((name, as_written(keyword, value))),
        }
        Ok(())
    }

    /// What a word of a discriminator stands for: a pointer, or the name of a schema.
    fn mapped(&self, text: &str) -> Option<Node<'f>> {
        let root = self.node.root();
        if let Some(pointer) = text.strip_prefix("#/") {
            let mut steps = pointer.split('/');
            return steps.try_fold(root, |node, step| {
                node.get(&step.replace("~1", "/").replace("~0", "~"))
            });
        }
        root.get("components")?.get("schemas")?.get(text)
    }

    fn keyword(
        &mut self,
        schema: &mut Schema,
        old: bool,
        keyword: &str,
        value: Node<'f>,
    ) -> Result<(), Unusable> {
        let node = self.node;
        let space = &mut *self.space;
        let parts = &mut schema.parts;
        match keyword {
            "type" => {
                let names = value
                    .text()
                    .into_iter()
                    .chain(value.items().filter_map(Node::text));
                let mut kinds = names.map(Kinds::named).fold(Kinds::NONE, Kinds::or);
                if value.text() == Some("file") {
                    kinds = Kinds::STRING;
                }
                if old && node.says("nullable") {
                    kinds = kinds.or(Kinds::NULL);
                }
                parts.push(Part::Kinds(kinds));
            }
            "enum" => {
                let mut values: Vec<Literal> = value
                    .items()
                    .map(|value| Literal::new(value.value()))
                    .collect();
                values.sort();
                values.dedup();
                parts.push(Part::Values(values.into()));
            }
            "const" if !old => {
                parts.push(Part::Values(Rc::from(vec![Literal::new(value.value())])))
            }
            "minimum" | "exclusiveMinimum" | "maximum" | "exclusiveMaximum" => {
                if let Some(bound) = number(value)? {
                    let other = if keyword == "minimum" {
                        "exclusiveMinimum"
                    } else {
                        "exclusiveMaximum"
                    };
                    let open = keyword.starts_with("exclusive") || node.says(other);
                    let is_lower = keyword.ends_with("inimum");
                    parts.push(if is_lower {
                        Part::Lower(bound, open)
                    } else {
                        Part::Upper(bound, open)
                    });
                }
            }
            "multipleOf" => {
                let step = number(value)?.filter(|step| *step > Exact::from_integer(0.into()));
                parts.extend(step.map(Part::Multiple));
            }
            "minLength" => parts.extend(
                size(value)
                    .filter(|n| *n > 0)
                    .map(|n| Part::Least(Size::Length, n)),
            ),
            "maxLength" => parts.extend(size(value).map(|n| Part::Most(Size::Length, n))),
            "minItems" => parts.extend(
                size(value)
                    .filter(|n| *n > 0)
                    .map(|n| Part::Least(Size::Items, n)),
            ),
            "maxItems" => parts.extend(size(value).map(|n| Part::Most(Size::Items, n))),
            "minProperties" => parts.extend(
                size(value)
                    .filter(|n| *n > 0)
                    .map(|n| Part::Least(Size::Members, n)),
            ),
            "maxProperties" => parts.extend(size(value).map(|n| Part::Most(Size::Members, n))),
            "pattern" => parts.extend(value.name().map(Part::Pattern)),
            "format" => match value.text() {
                Some("int32") => bounds(parts, i32::MIN.into(), i32::MAX.into()),
                Some("int64") => bounds(parts, i64::MIN, i64::MAX),
                _ => parts.extend(value.name().map(Part::Format)),
            },
            "uniqueItems" => parts.extend((value.flag() == Some(true)).then_some(Part::Unique)),
            "prefixItems" => parts.extend(
                value
                    .items()
                    .enumerate()
                    .map(|(at, item)| Part::Element(at, space.at(item))),
            ),
            "items" => {
                let from = node
                    .get("prefixItems")
                    .map_or(0, |prefix| prefix.items().count());
                parts.push(Part::Rest(from, space.at(value)));
            }
            "contains" => {
                let least = node.get("minContains").and_then(size).unwrap_or(1);
                let most = node.get("maxContains").and_then(size);
                if least > 0 || most.is_some() {
                    parts.push(Part::Contains(space.at(value), least, most));
                }
            }
            "required" => {
                let hidden = self.hidden(node, 0)?;
                let names = value.items().filter_map(Node::name);
                parts.extend(
                    names
                        .filter(|name| !hidden.contains(name))
                        .map(Part::Required),
                );
            }
            "properties" => {
                let hidden = self.hidden(node, 0)?;
                parts.extend(hidden.iter().copied().map(Part::Hidden));
                let shown = value.members().filter(|(name, ..)| !hidden.contains(name));
                for (name, _, member) in shown {
                    parts.push(Part::Member(name, self.space.at(member)));
                }
            }
            "patternProperties" => {
                for (name, _, member) in value.members() {
                    parts.push(Part::Matching(name, space.at(member)));
                }
            }
            "additionalProperties" if value.flag() != Some(true) => {
                let names = |keyword: &str| -> Box<[Name]> {
                    let mut names: Vec<Name> = node
                        .get(keyword)
                        .into_iter()
                        .flat_map(Node::members)
                        .map(|(name, ..)| name)
                        .collect();
                    names.sort_unstable();
                    names.into()
                };
                let beside = Beside {
                    named: names("properties"),
                    patterns: names("patternProperties"),
                };
                parts.push(Part::Others(Rc::new(beside), space.at(value)));
            }
            "unevaluatedProperties" => self.unevaluated(schema, "unevaluatedProperties", value)?,
            "unevaluatedItems" => self.unevaluated(schema, "unevaluatedItems", value)?,
            "propertyNames" => parts.push(Part::Names(space.at(value))),
            "dependentRequired" => {
                for (name, _, wanted) in value.members() {
                    let wanted = wanted
                        .items()
                        .filter_map(Node::name)
                        .map(Part::Required)
                        .collect();
                    parts.push(Part::Dependent(name, space.make(wanted)));
                }
            }
            "dependentSchemas" => {
                for (name, _, then) in value.members() {
                    parts.push(Part::Dependent(name, space.at(then)));
                }
            }
            "allOf" => parts.extend(value.items().map(|branch| Part::All(space.at(branch)))),
            "anyOf" => parts.push(Part::Any(
                value.items().map(|branch| space.at(branch)).collect(),
            )),
            "oneOf" => parts.push(Part::One(
                value.items().map(|branch| space.at(branch)).collect(),
            )),
            "not" => parts.push(Part::Not(space.at(value))),
            "if" => {
                let (then, other) = (node.get("then"), node.get("else"));
                if then.is_some() || other.is_some() {
                    let (then, other) = (
                        then.map(|then| space.at(then)),
                        other.map(|other| space.at(other)),
                    );
                    parts.push(Part::If(space.at(value), then, other));
                }
            }
            // `$ref` was taken first; the others are read with the keyword that they belong to.
            _ => {}
        }
        Ok(())
    }
}

/// What is only compared as it stands; where that is a schema, words and conjunctions of one do not count.
fn as_written(keyword: &str, value: Node<'_>) -> Literal {
    const SCHEMAS: [&str; 3] = ["contentSchema", "unevaluatedItems", "unevaluatedProperties"];
    let value = value.value();
    Literal::new(match SCHEMAS.contains(&keyword) {
        true => refactor::schema(&value, &bare),
        false => value,
    })
}

/// A schema without words; a conjunction of one is that one.
fn bare(schema: &Map<String, Value>) -> Map<String, Value> {
    let mut schema = schema.clone();
    schema.retain(|name, _| role(name) != Role::Words);
    match schema
        .get("allOf")
        .and_then(Value::as_array)
        .map(Vec::as_slice)
    {
        Some([Value::Object(only)]) if schema.len() == 1 => only.clone(),
        _ => schema,
    }
}

fn number(value: Node<'_>) -> Result<Option<Exact>, Unusable> {
    match value.content() {
        Content::Number(text) => {
            let number = exact(text);
            let refused = || {
                value.unusable(
                    format!("the number {text} is out of all proportion"),
                    "write a smaller one",
                )
            };
            number.map(Some).ok_or_else(refused)
        }
        _ => Ok(None),
    }
}

fn size(value: Node<'_>) -> Option<u64> {
    match value.content() {
        Content::Number(text) => text.parse().ok().or_else(|| {
            let number = exact(text)?;
            number
                .is_integer()
                .then(|| u64::try_from(number.to_integer()).ok())
                .flatten()
        }),
        _ => None,
    }
}

/// Two formats are bounds by another name; they say nothing of fractions, which `type` shuts out.
fn bounds(parts: &mut Vec<Part>, lower: i64, upper: i64) {
    parts.push(Part::Lower(whole(lower), false));
    parts.push(Part::Upper(whole(upper), false));
}
