//! Writes schemas of a space as JSON Schema 2020-12, for a validator that is none of ours.

use std::collections::BTreeSet;

use jsonschema::{PatternOptions, Validator};
use serde_json::{Map, Value, json};

use super::number::value;
use super::read::Space;
use super::schema::{Kinds, Part, SchemaId, Size};

/// More schemas than these are not compiled for one witness.
const SCHEMAS_MAX: usize = 5_000;

/// A validator of a schema as far as it speaks of one value: what it says of members that the value has nowhere is left out. None
/// where the schema says something that cannot be written, or is too large.
pub fn validator(space: &Space<'_>, id: SchemaId, value: &Value) -> Option<Validator> {
    let mut named = BTreeSet::new();
    names(value, &mut named);
    let silent = |part: &Part| match part {
        Part::Member(name, _) | Part::Dependent(name, _) => {
            !named.contains(space.forest.text(*name))
        }
        _ => false,
    };
    let mut defs = Map::new();
    let mut open = vec![id];
    let mut seen = BTreeSet::from([id]);
    while let Some(id) = open.pop() {
        if seen.len() > SCHEMAS_MAX {
            return None;
        }
        let schema = space.get(id);
        let mut all = Vec::new();
        for part in schema.parts.iter().filter(|part| !silent(part)) {
            all.push(written(space, part)?);
            open.extend(
                part.children()
                    .into_iter()
                    .filter(|child| seen.insert(*child)),
            );
        }
        defs.insert(id.0.to_string(), json!({ "allOf": all }));
    }
    defs.values_mut().for_each(|schema| {
        if schema["allOf"] == json!([]) {
            *schema = Value::Bool(true);
        }
    });
    let root = json!({ "$defs": defs, "$ref": at(id) });
    let options = jsonschema::draft202012::options()
        .should_validate_formats(true)
        .with_pattern_options(PatternOptions::regex());
    options.build(&root).ok()
}

/// Every name of a member, however deep.
fn names<'v>(value: &'v Value, named: &mut BTreeSet<&'v str>) {
    match value {
        Value::Object(members) => members.iter().for_each(|(name, inner)| {
            named.insert(name.as_str());
            names(inner, named);
        }),
        Value::Array(items) => items.iter().for_each(|item| names(item, named)),
        _ => {}
    }
}

fn at(id: SchemaId) -> String {
    format!("#/$defs/{}", id.0)
}

fn to(id: SchemaId) -> Value {
    json!({ "$ref": at(id) })
}

fn written(space: &Space<'_>, part: &Part) -> Option<Value> {
    let text = |name| space.forest.text(name);
    let all = |ids: &[SchemaId]| -> Vec<Value> { ids.iter().map(|id| to(*id)).collect() };
    Some(match part {
        Part::Kinds(kinds) => {
            let names = [
                "null", "boolean", "integer", "number", "string", "array", "object",
            ];
            let has = |name: &&str| match *name {
                "number" => kinds.holds(Kinds::NUMBER),
                "integer" => kinds.meets(Kinds::INTEGER) && !kinds.meets(Kinds::FRACTION),
                name => kinds.meets(Kinds::named(name)),
            };
            let names: Vec<&str> = names.into_iter().filter(has).collect();
            if names.is_empty() {
                Value::Bool(false)
            } else {
                json!({ "type": names })
            }
        }
        Part::Values(values) => {
            json!({ "enum": values.iter().map(|value| &value.value).collect::<Vec<_>>() })
        }
        Part::Lower(bound, false) => json!({ "minimum": value(bound)? }),
        Part::Lower(bound, true) => json!({ "exclusiveMinimum": value(bound)? }),
        Part::Upper(bound, false) => json!({ "maximum": value(bound)? }),
        Part::Upper(bound, true) => json!({ "exclusiveMaximum": value(bound)? }),
        Part::Multiple(step) => json!({ "multipleOf": value(step)? }),
        Part::Least(Size::Length, n) => json!({ "minLength": n }),
        Part::Least(Size::Items, n) => json!({ "minItems": n }),
        Part::Least(Size::Members, n) => json!({ "minProperties": n }),
        Part::Most(Size::Length, n) => json!({ "maxLength": n }),
        Part::Most(Size::Items, n) => json!({ "maxItems": n }),
        Part::Most(Size::Members, n) => json!({ "maxProperties": n }),
        Part::Pattern(pattern) => json!({ "pattern": text(*pattern) }),
        Part::Format(format) => json!({ "format": text(*format) }),
        Part::Unique => json!({ "uniqueItems": true }),
        Part::Element(index, id) => {
            let mut items = vec![Value::Bool(true); *index];
            items.push(to(*id));
            json!({ "prefixItems": items })
        }
        Part::Rest(0, id) => json!({ "items": to(*id) }),
        Part::Rest(from, id) => {
            json!({ "prefixItems": vec![Value::Bool(true); *from], "items": to(*id) })
        }
        Part::Contains(id, least, None) => json!({ "contains": to(*id), "minContains": least }),
        Part::Contains(id, least, Some(most)) => {
            json!({ "contains": to(*id), "minContains": least, "maxContains": most })
        }
        Part::Required(name) => json!({ "required": [text(*name)] }),
        Part::Member(name, id) => json!({ "properties": { text(*name): to(*id) } }),
        Part::Matching(pattern, id) => json!({ "patternProperties": { text(*pattern): to(*id) } }),
        Part::Others(beside, id) => {
            let named: Map<String, Value> = beside
                .named
                .iter()
                .map(|name| (text(*name).to_owned(), Value::Bool(true)))
                .collect();
            let patterns: Map<String, Value> = beside
                .patterns
                .iter()
                .map(|name| (text(*name).to_owned(), Value::Bool(true)))
                .collect();
            json!({ "properties": named, "patternProperties": patterns, "additionalProperties": to(*id) })
        }
        Part::Hidden(_) => Value::Bool(true),
        Part::Names(id) => json!({ "propertyNames": to(*id) }),
        Part::Dependent(name, id) => json!({ "dependentSchemas": { text(*name): to(*id) } }),
        Part::All(id) => to(*id),
        Part::Any(ids) => json!({ "anyOf": all(ids) }),
        Part::One(ids) => json!({ "oneOf": all(ids) }),
        Part::Not(id) => json!({ "not": to(*id) }),
        Part::If(test, then, other) => {
            let mut schema = json!({ "if": to(*test) });
            if let Some(then) = then {
                schema["then"] = to(*then);
            }
            if let Some(other) = other {
                schema["else"] = to(*other);
            }
            schema
        }
        Part::Opaque(..) => return None,
    })
}
