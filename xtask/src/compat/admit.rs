//! Whether a value is in the set of a schema, as far as `schema` understands it; None where it does not.

use std::cmp::Ordering;

use serde_json::Value;

use super::reader::Reader;
use super::schema::{All, Node, compare, kind};

/// Whether the conjunction admits the value.
pub fn admits<'a>(reader: &Reader<'a>, all: &All<'a>, value: &Value) -> Option<bool> {
    let ways = reader.ways(all);
    let verdicts: Vec<Option<bool>> = ways
        .iter()
        .map(|way| node_admits(reader, &reader.node(way), value))
        .collect();
    if verdicts.contains(&Some(true)) {
        return Some(true);
    }
    verdicts.into_iter().collect::<Option<Vec<bool>>>()?;
    Some(false)
}

fn node_admits<'a>(reader: &Reader<'a>, node: &Node<'a>, value: &Value) -> Option<bool> {
    if !node.kinds.contains(kind(value)) {
        return Some(false);
    }
    if let Some(values) = &node.values
        && !values.contains(&value)
    {
        return Some(false);
    }
    let size = |what: &str, n: usize| {
        let n = n as u64;
        node.min.get(what).is_none_or(|min| n >= *min)
            && node.max.get(what).is_none_or(|max| n <= *max)
    };
    let inner = match value {
        Value::Number(number) => Some(in_bounds(node, number)),
        Value::String(text) => {
            if !size("Length", text.chars().count()) {
                return Some(false);
            }
            string(node, text)
        }
        Value::Array(items) => {
            let twice = |at: usize| items[..at].contains(&items[at]);
            if !size("Items", items.len()) || node.unique && (0..items.len()).any(twice) {
                return Some(false);
            }
            let verdicts = items.iter().enumerate();
            every(verdicts.map(|(at, item)| admits(reader, &node.element(at), item)))
        }
        Value::Object(members) => {
            if !size("Properties", members.len())
                || node
                    .required
                    .iter()
                    .any(|name| !members.contains_key(*name))
            {
                return Some(false);
            }
            let values = members
                .iter()
                .map(|(name, member)| admits(reader, &node.member(name), member));
            let names = members
                .keys()
                .map(|name| admits(reader, &node.names, &Value::String(name.clone())));
            every(values.chain(names))
        }
        Value::Null | Value::Bool(_) => Some(true),
    };
    match inner {
        Some(true) if !node.opaque.is_empty() => None,
        verdict => verdict,
    }
}

/// Whether a number is within the bounds and a multiple of what it has to be.
pub fn in_bounds(node: &Node<'_>, number: &serde_json::Number) -> bool {
    let above = node
        .lower
        .as_ref()
        .is_none_or(|bound| match compare(number, &bound.value) {
            Ordering::Less => false,
            Ordering::Equal => !bound.open,
            Ordering::Greater => true,
        });
    let below = node
        .upper
        .as_ref()
        .is_none_or(|bound| match compare(number, &bound.value) {
            Ordering::Greater => false,
            Ordering::Equal => !bound.open,
            Ordering::Less => true,
        });
    above && below && node.multiples.iter().all(|of| is_multiple(number, of))
}

/// Whether one number is a multiple of another.
pub fn is_multiple(number: &serde_json::Number, of: &serde_json::Number) -> bool {
    match (number.as_i128(), of.as_i128()) {
        (Some(number), Some(of)) if of != 0 => number % of == 0,
        _ => match (number.as_f64(), of.as_f64()) {
            (Some(number), Some(of)) => (number / of).fract() == 0.0,
            _ => false,
        },
    }
}

fn string(node: &Node<'_>, text: &str) -> Option<bool> {
    for pattern in &node.patterns {
        if !regex::Regex::new(pattern).ok()?.is_match(text) {
            return Some(false);
        }
    }
    node.formats.is_empty().then_some(true)
}

fn every(verdicts: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let mut all = Some(true);
    for verdict in verdicts {
        match verdict {
            Some(false) => return Some(false),
            Some(true) => {}
            None => all = None,
        }
    }
    all
}
