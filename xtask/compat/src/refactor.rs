//! Rewrites of documents that mean the same: what a comparison must be silent about. For tests, and for whoever wants to see an engine
//! hold its tongue.

use std::hash::BuildHasher;

use foldhash::fast::FixedState;
use serde_json::{Map, Value, json};

/// Members under which anything is a value and not a part of the document.
const VALUES: [&str; 5] = ["example", "examples", "default", "enum", "const"];

/// References are not written out within more of them.
const INLINED_MAX: usize = 6;

/// What becomes of the members of a schema.
pub type Rewrite = dyn Fn(&Map<String, Value>) -> Map<String, Value>;

/// Every rewrite by its name.
pub fn all(document: &Value) -> Vec<(&'static str, Value)> {
    let mut rewrites = vec![
        ("members in another order", shuffled(document, 1)),
        ("references written out", inlined(document)),
        (
            "enumerations as alternatives",
            everywhere(document, &alternatives),
        ),
        (
            "schemas inside conjunctions",
            everywhere(document, &conjunctions),
        ),
    ];
    if document["openapi"]
        .as_str()
        .is_some_and(|version| version.starts_with("3.0"))
    {
        rewrites.push(("3.0 as 3.1", upgraded(document)));
    }
    rewrites
}

/// The members of every object in another order.
pub fn shuffled(value: &Value, seed: u64) -> Value {
    let hash = FixedState::with_seed(seed);
    match value {
        Value::Object(members) => {
            let mut members: Vec<(&String, &Value)> = members.iter().collect();
            members.sort_by_key(|(name, _)| hash.hash_one(name));
            members
                .into_iter()
                .map(|(name, inner)| (name.clone(), shuffled(inner, seed)))
                .collect()
        }
        Value::Array(items) => items.iter().map(|item| shuffled(item, seed)).collect(),
        value => value.clone(),
    }
}

/// Local references to schemas replaced by what they refer to, except where that would not end, where something stands beside them,
/// and where their name tells alternatives apart.
pub fn inlined(document: &Value) -> Value {
    inline(document, document, &mut Vec::new(), false)
}

fn inline(document: &Value, value: &Value, open: &mut Vec<String>, named: bool) -> Value {
    match value {
        Value::Object(members) => {
            let reference = members
                .get("$ref")
                .and_then(Value::as_str)
                .filter(|_| members.len() == 1 && !named);
            let target = reference.and_then(|reference| {
                Some((reference, document.pointer(reference.strip_prefix('#')?)?))
            });
            if let Some((reference, target)) = target
                && reference.starts_with("#/components/schemas/")
                && open.len() < INLINED_MAX
                && !open.iter().any(|known| known == reference)
            {
                open.push(reference.to_owned());
                let inner = inline(document, target, open, false);
                open.pop();
                return inner;
            }
            let told = members.contains_key("discriminator");
            let rewrite = |(name, inner): (&String, &Value), open: &mut Vec<String>| {
                let inner = match name.as_str() {
                    name if VALUES.contains(&name) => inner.clone(),
                    "oneOf" | "anyOf" if told => inner
                        .as_array()
                        .into_iter()
                        .flatten()
                        .map(|branch| inline(document, branch, open, true))
                        .collect(),
                    _ => inline(document, inner, open, false),
                };
                (name.clone(), inner)
            };
            Value::Object(members.iter().map(|member| rewrite(member, open)).collect())
        }
        Value::Array(items) => items
            .iter()
            .map(|item| inline(document, item, open, false))
            .collect(),
        value => value.clone(),
    }
}

/// A document of 3.0 as one of 3.1.
pub fn upgraded(document: &Value) -> Value {
    let mut upgraded = everywhere(document, &|schema| {
        let mut schema = schema.clone();
        if schema.contains_key("$ref") {
            schema.retain(|name, _| name == "$ref");
            return schema;
        }
        let nullable = schema.shift_remove("nullable") == Some(Value::Bool(true));
        if let (true, Some(Value::String(kind))) = (nullable, schema.get("type")) {
            let kinds = json!([kind, "null"]);
            schema.insert("type".to_owned(), kinds);
        }
        for (bound, flag) in [
            ("minimum", "exclusiveMinimum"),
            ("maximum", "exclusiveMaximum"),
        ] {
            match schema.get(flag) {
                Some(Value::Bool(true)) => {
                    if let Some(number) = schema.shift_remove(bound) {
                        schema.insert(flag.to_owned(), number);
                    } else {
                        schema.shift_remove(flag);
                    }
                }
                Some(Value::Bool(false)) => {
                    schema.shift_remove(flag);
                }
                _ => {}
            }
        }
        schema
    });
    upgraded["openapi"] = json!("3.1.0");
    upgraded
}

/// A list of values as alternatives of one value each.
fn alternatives(schema: &Map<String, Value>) -> Map<String, Value> {
    let mut schema = schema.clone();
    if schema.contains_key("oneOf") || schema.contains_key("$ref") {
        return schema;
    }
    if let Some(Value::Array(values)) = schema.shift_remove("enum") {
        let mut distinct: Vec<&Value> = Vec::new();
        for value in &values {
            if !distinct.contains(&value) {
                distinct.push(value);
            }
        }
        let branches: Vec<Value> = distinct
            .into_iter()
            .map(|value| json!({ "enum": [value] }))
            .collect();
        schema.insert("oneOf".to_owned(), branches.into());
    }
    schema
}

/// A schema as the only member of a conjunction; what is said of the member that it describes stays where it was.
fn conjunctions(schema: &Map<String, Value>) -> Map<String, Value> {
    let marks = [
        "readOnly",
        "writeOnly",
        "default",
        "deprecated",
        "x-sunset",
        "discriminator",
        "x-extensible-enum",
        "unevaluatedProperties",
    ];
    let choices = ["allOf", "anyOf", "oneOf"];
    if marks
        .iter()
        .chain(&choices)
        .any(|word| schema.contains_key(*word))
    {
        return schema.clone();
    }
    let texts = [
        "title",
        "description",
        "example",
        "examples",
        "externalDocs",
    ];
    let (mut outer, inner): (Map<String, Value>, Map<String, Value>) = schema
        .clone()
        .into_iter()
        .partition(|(name, _)| texts.contains(&name.as_str()));
    outer.insert("allOf".to_owned(), json!([inner]));
    outer
}

/// Every schema of the document rewritten, from the inside out.
fn everywhere(document: &Value, rewrite: &Rewrite) -> Value {
    structure(document, rewrite)
}

/// Below something that is no schema.
fn structure(value: &Value, rewrite: &Rewrite) -> Value {
    match value {
        Value::Object(members) => {
            let inner = members.iter().map(|(name, inner)| {
                let inner = match name.as_str() {
                    name if VALUES.contains(&name) || name.starts_with("x-") => inner.clone(),
                    "schema" | "itemSchema" => schema(inner, rewrite),
                    "schemas" => named(inner, rewrite),
                    _ => structure(inner, rewrite),
                };
                (name.clone(), inner)
            });
            Value::Object(inner.collect())
        }
        Value::Array(items) => items.iter().map(|item| structure(item, rewrite)).collect(),
        value => value.clone(),
    }
}

fn named(value: &Value, rewrite: &Rewrite) -> Value {
    match value {
        Value::Object(members) => Value::Object(
            members
                .iter()
                .map(|(name, inner)| (name.clone(), schema(inner, rewrite)))
                .collect(),
        ),
        value => value.clone(),
    }
}

pub fn schema(value: &Value, rewrite: &Rewrite) -> Value {
    let Value::Object(members) = value else {
        return value.clone();
    };
    let inner = members.iter().map(|(name, inner)| {
        let inner = match (name.as_str(), inner) {
            (
                "properties" | "patternProperties" | "$defs" | "definitions" | "dependentSchemas",
                inner,
            ) => named(inner, rewrite),
            ("allOf" | "anyOf" | "oneOf" | "prefixItems", Value::Array(items)) => {
                items.iter().map(|item| schema(item, rewrite)).collect()
            }
            (
                "items"
                | "additionalProperties"
                | "not"
                | "if"
                | "then"
                | "else"
                | "contains"
                | "propertyNames"
                | "unevaluatedItems"
                | "unevaluatedProperties",
                inner,
            ) => schema(inner, rewrite),
            (_, inner) => inner.clone(),
        };
        (name.clone(), inner)
    });
    Value::Object(rewrite(&inner.collect()))
}
