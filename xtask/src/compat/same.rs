//! Two schemas that say the same in the same words, references followed: the quick answer for all that did not change, and the
//! only answer where a schema is too loose to be judged.

use std::collections::HashSet;

use serde_json::Value;

use super::reader::{Reader, SILENT};
use super::schema::{All, Site};

/// Whether the conjunctions are the same, one schema by one.
pub fn same<'a>(left: &Reader<'a>, ones: &All<'a>, right: &Reader<'a>, others: &All<'a>) -> bool {
    let mut pairs = Pairs {
        left,
        right,
        seen: HashSet::new(),
    };
    ones.len() == others.len()
        && ones
            .iter()
            .zip(others)
            .all(|(one, other)| pairs.agree(one.node, other.node, true))
}

struct Pairs<'r, 'a> {
    left: &'r Reader<'a>,
    right: &'r Reader<'a>,
    /// Pairs that are being looked at, or agreed.
    seen: HashSet<(usize, usize)>,
}

impl<'a> Pairs<'_, 'a> {
    /// `is_schema` is false where the keys are names, not keywords.
    fn agree(&mut self, one: &'a Value, other: &'a Value, is_schema: bool) -> bool {
        let (one, other) = match is_schema {
            true => (resolve(self.left, one), resolve(self.right, other)),
            false => (one, other),
        };
        let (Value::Object(ones), Value::Object(others)) = (one, other) else {
            return match (one, other) {
                (Value::Array(ones), Value::Array(others)) => {
                    let pairs = ones.iter().zip(others);
                    ones.len() == others.len()
                        && pairs
                            .into_iter()
                            .all(|(one, other)| self.agree(one, other, is_schema))
                }
                _ => one == other,
            };
        };
        let pair = (
            std::ptr::from_ref(one) as usize,
            std::ptr::from_ref(other) as usize,
        );
        if !self.seen.insert(pair) {
            return true;
        }
        let speaks = |name: &str| {
            let silent =
                SILENT.contains(&name) && !["readOnly", "writeOnly", "nullable"].contains(&name);
            !is_schema || name == "x-extensible-enum" || !silent && !name.starts_with("x-")
        };
        let count = |members: &serde_json::Map<String, Value>| {
            members.keys().filter(|name| speaks(name)).count()
        };
        count(ones) == count(others)
            && ones
                .iter()
                .filter(|(name, _)| speaks(name))
                .all(|(name, value)| {
                    let names = is_schema
                        && [
                            "properties",
                            "patternProperties",
                            "dependentSchemas",
                            "mapping",
                        ]
                        .contains(&name.as_str());
                    let is_value =
                        is_schema && ["enum", "const", "default"].contains(&name.as_str());
                    match others.get(name) {
                        Some(other) if is_value => value == other,
                        // Below names stand schemas again.
                        Some(other) => self.agree(value, other, !names),
                        None => false,
                    }
                })
    }
}

fn resolve<'a>(reader: &Reader<'a>, node: &'a Value) -> &'a Value {
    // Words beside a reference count, so only a reference alone is followed.
    if node.as_object().is_none_or(|members| members.len() != 1) {
        return node;
    }
    let site = Site {
        node,
        pointer: "".into(),
    };
    reader.resolve(&site).node
}
