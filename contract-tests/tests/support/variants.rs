//! Variants of a value along its schema: one step below, at and above each bound, and each other rule broken once.
//! Whether a variant fits is for the schema itself to say; nothing here decides.

use serde_json::{Map, Value, json};

use super::contract::{Contract, Node};

/// A value that differs in one place from the one that it was made of.
pub struct Variant {
    /// The rule it probes.
    pub rule: String,
    /// JSON pointer of the place.
    pub place: String,
    pub value: Value,
}

/// All variants of `value`, which fits `schema`.
pub fn variants(contract: &Contract, schema: Node, value: &Value) -> Vec<Variant> {
    let mut all = Vec::new();
    walk(contract, schema, value, "", &mut |variant| {
        all.push(variant)
    });
    all
}

/// Calls `found` with each variant of `value`.
fn walk(
    contract: &Contract,
    schema: Node,
    value: &Value,
    at: &str,
    found: &mut dyn FnMut(Variant),
) {
    if let Some(branches) = schema.find("oneOf") {
        let fits = |branch: &&Node| contract.violations(**branch, value).is_empty();
        if let Some(branch) = branches.items().iter().find(fits) {
            walk(contract, *branch, value, at, found);
        }
        return;
    }
    let mut here = |rule: &str, replaced: Value| {
        found(Variant {
            rule: rule.to_owned(),
            place: at.to_owned(),
            value: replaced,
        });
    };
    here("null", Value::Null);
    match value {
        Value::String(text) => strings(schema, text, &mut here),
        Value::Number(_) => numbers(schema, &mut here),
        Value::Array(items) => {
            here("type", json!({}));
            lists(schema, items, &mut here);
            for (index, item) in items.iter().enumerate().take(1) {
                walk(
                    contract,
                    schema.at("items"),
                    item,
                    &format!("{at}/{index}"),
                    &mut |variant| {
                        let mut items = items.clone();
                        items[index] = variant.value;
                        let value = Value::Array(items);
                        found(Variant { value, ..variant });
                    },
                );
            }
        }
        Value::Object(members) => {
            here("type", json!([]));
            objects(schema, members, &mut here);
            for (name, member) in members {
                let own = schema
                    .find("properties")
                    .and_then(|properties| properties.find(name));
                let Some(own) = own.or_else(|| schema.find("additionalProperties")) else {
                    continue;
                };
                walk(
                    contract,
                    own,
                    member,
                    &format!("{at}/{name}"),
                    &mut |variant| {
                        let mut members = members.clone();
                        members.insert(name.clone(), variant.value);
                        let value = Value::Object(members);
                        found(Variant { value, ..variant });
                    },
                );
            }
        }
        Value::Bool(_) | Value::Null => {}
    }
}

fn bound(schema: Node, name: &str) -> Option<usize> {
    schema
        .value
        .get(name)
        .and_then(Value::as_u64)
        .and_then(|bound| usize::try_from(bound).ok())
}

/// The bound itself and its neighbours.
fn around(bound: usize) -> impl Iterator<Item = usize> {
    bound.saturating_sub(1)..=bound + 1
}

fn strings(schema: Node, text: &str, here: &mut dyn FnMut(&str, Value)) {
    here("type", json!(1));
    for name in ["minLength", "maxLength"] {
        for length in bound(schema, name).into_iter().flat_map(around) {
            here(
                &format!("{name}, {length} characters"),
                Value::from(of_length(text, length)),
            );
        }
    }
    for other in ["", " ", "no such thing", "\u{0}", "a\nb", "é", "\u{1f6eb}"] {
        here("text", Value::from(other));
        here("longer text", Value::from(format!("{text}{other}")));
    }
    here("upper case", Value::from(text.to_uppercase()));
    if schema.text("format").starts_with("date") {
        for day in [
            "2027-02-29",
            "2028-02-29",
            "2027-13-01",
            "2027-1-1",
            "27-01-01",
            "2027-01-01Z",
            "0000-01-01",
            "9999-12-31",
        ] {
            here("date", Value::from(day));
            here("time", Value::from(text.replacen("2027-03-01", day, 1)));
        }
    }
}

/// A text as similar as can be, of this many characters; the last one is repeated, which most patterns allow.
fn of_length(text: &str, length: usize) -> String {
    let last = text.chars().last().unwrap_or('a');
    text.chars()
        .chain(std::iter::repeat(last))
        .take(length)
        .collect()
}

fn numbers(schema: Node, here: &mut dyn FnMut(&str, Value)) {
    here("type", json!("1"));
    for name in ["minimum", "maximum"] {
        let Some(bound) = schema.value.get(name).and_then(Value::as_i64) else {
            continue;
        };
        for number in [bound - 1, bound, bound + 1] {
            here(&format!("{name}, {number}"), json!(number));
        }
        here(&format!("{name}, {bound}.0"), json!(bound as f64));
        here(&format!("{name}, {bound}.5"), json!(bound as f64 + 0.5));
    }
    here("larger than any integer", json!(1e300));
}

fn lists(schema: Node, items: &[Value], here: &mut dyn FnMut(&str, Value)) {
    for name in ["minItems", "maxItems"] {
        for length in bound(schema, name).into_iter().flat_map(around) {
            here(
                &format!("{name}, {length} items"),
                items.iter().cycle().take(length).cloned().collect(),
            );
        }
    }
}

fn objects(schema: Node, members: &Map<String, Value>, here: &mut dyn FnMut(&str, Value)) {
    let with = |name: &str, value: Value| {
        let mut members = members.clone();
        members.insert(name.to_owned(), value);
        Value::Object(members)
    };
    here("unknown member", with("no_such_member", json!(1)));
    for name in members.keys() {
        let mut fewer = members.clone();
        fewer.shift_remove(name);
        here(&format!("without {name}"), Value::Object(fewer));
    }
    let optional = schema
        .find("properties")
        .map_or_else(Vec::new, |properties| properties.members());
    for (name, property) in optional
        .into_iter()
        .filter(|(name, _)| !members.contains_key(*name))
    {
        here(&format!("null for {name}"), with(name, Value::Null));
        for number in ["minimum", "maximum"]
            .iter()
            .filter_map(|bound| property.value.get(bound).and_then(Value::as_i64))
        {
            for number in [number - 1, number, number + 1] {
                here(&format!("{name} of {number}"), with(name, json!(number)));
            }
        }
    }
    for count in bound(schema, "maxProperties")
        .into_iter()
        .flat_map(around)
        .filter(|_| schema.find("properties").is_none())
    {
        let many = (0..count)
            .map(|at| (format!("entry_{at}"), json!("a")))
            .collect();
        here(
            &format!("maxProperties, {count} members"),
            Value::Object(many),
        );
    }
    if schema.find("propertyNames").is_some() {
        for name in [
            "",
            "a b",
            "é",
            &"a".repeat(39),
            &"a".repeat(40),
            &"a".repeat(41),
        ] {
            here(
                &format!("name of {} characters", name.len()),
                json!({ name: "a" }),
            );
        }
    }
}
