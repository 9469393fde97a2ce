//! Credentials: which of them suffice, with which scopes, and how they are sent.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::change::{Comparison, Place};
use super::operations::{NEW_MINOR, Operation, members};
use super::{Severity, Witness, escape};

/// Schemes with their scopes, all of which a client has to present.
type Requirement<'a> = BTreeMap<&'a str, BTreeSet<&'a str>>;

/// Any one of these suffices; none means that no credential is needed. A scope that is written as `x-scope` counts for every
/// scheme.
fn required<'a>(document: &'a Value, operation: &'a Value) -> Vec<Requirement<'a>> {
    let words = |value: &'a Value| {
        value
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
    };
    let list = operation.get("security").unwrap_or(&document["security"]);
    let scope = operation["x-scope"].as_str();
    let list = list.as_array().into_iter().flatten();
    list.map(|requirement| {
        let schemes = members(requirement);
        schemes
            .map(|(scheme, scopes)| (scheme.as_str(), words(scopes).chain(scope).collect()))
            .collect()
    })
    .collect()
}

/// Compares the credentials that an operation asks for.
pub fn requirements<'a>(comparison: &mut Comparison<'a>, was: &Operation<'a>, is: &Operation<'a>) {
    let old = required(comparison.base, was.node);
    let new = required(comparison.revision, is.node);
    let at = |pointer: &str| format!("{pointer}/security");
    let place = || Place::both(&is.name, "security", &at(&was.pointer), &at(&is.pointer));
    let suffices = |held: &Requirement<'_>, asked: &Requirement<'_>| {
        asked
            .iter()
            .all(|(scheme, scopes)| held.get(scheme).is_some_and(|own| scopes.is_subset(own)))
    };
    let nothing = [Requirement::new()];
    let all = |list: &[Requirement<'a>]| {
        if list.is_empty() {
            nothing.to_vec()
        } else {
            list.to_vec()
        }
    };
    let (old, new) = (all(&old), all(&new));
    for held in &old {
        if !new.iter().any(|asked| suffices(held, asked)) {
            let what = format!(
                "{} no longer suffices; asked for is now {}",
                say(held),
                either(&new)
            );
            let fix = "let the credentials that sufficed suffice";
            let change = comparison.note(
                "credentials-narrowed",
                Severity::Breaking,
                place(),
                what,
                fix,
            );
            let text = format!("{} with {} is answered 401 or 403", is.name, say(held));
            change.witness = Some(Witness::Exchange(text));
        }
    }
    for asked in &new {
        if !old.iter().any(|held| suffices(asked, held)) {
            let what = format!("{} suffices now", say(asked));
            comparison.note(
                "credentials-widened",
                Severity::Additive,
                place(),
                what,
                NEW_MINOR,
            );
        }
    }
}

fn say(requirement: &Requirement<'_>) -> String {
    let schemes: Vec<String> = requirement
        .iter()
        .map(|(scheme, scopes)| {
            let scopes: Vec<&str> = scopes.iter().copied().collect();
            match scopes.is_empty() {
                true => format!("`{scheme}`"),
                false => format!("`{scheme}` with {}", scopes.join(", ")),
            }
        })
        .collect();
    match schemes.is_empty() {
        true => "no credential".to_owned(),
        false => schemes.join(" and "),
    }
}

fn either(list: &[Requirement<'_>]) -> String {
    let list: Vec<String> = list.iter().map(say).collect();
    list.join(" or ")
}

/// Compares how the credentials of a scheme are sent, for each scheme that both documents use.
pub fn schemes(comparison: &mut Comparison<'_>) {
    let (base, revision) = (comparison.base, comparison.revision);
    let used = |document: &Value, name: &str| {
        let asks = |value: &Value| {
            required(document, value)
                .iter()
                .any(|one| one.contains_key(name))
        };
        let items = members(&document["paths"]).flat_map(|(_, item)| members(item));
        let mut operations = items
            .map(|(_, node)| node)
            .filter(|node| node.get("responses").is_some());
        operations.any(asks)
    };
    for (name, was) in members(&base["components"]["securitySchemes"]) {
        let Some(is) = revision["components"]["securitySchemes"].get(name) else {
            continue;
        };
        if !used(base, name) || !used(revision, name) {
            continue;
        }
        let pointer = format!("/components/securitySchemes/{}", escape(name));
        for member in ["type", "in", "name", "scheme", "openIdConnectUrl", "flows"] {
            let (was, is) = (sent(&was[member]), sent(&is[member]));
            let same = match member {
                "name" if base["components"]["securitySchemes"][name]["in"] == "header" => {
                    was.to_string().to_lowercase() == is.to_string().to_lowercase()
                }
                _ => was == is,
            };
            if same {
                continue;
            }
            let place = Place::both("", format!("credential `{name}`"), &pointer, &pointer);
            let what = format!("`{member}` changes from {was} to {is}");
            let fix = "keep it, and add a scheme of another name beside it";
            let change =
                comparison.note("credential-changed", Severity::Breaking, place, what, fix);
            let text = format!("a credential sent by the old rules of `{name}` is answered 401");
            change.witness = Some(Witness::Exchange(text));
        }
    }
}

/// What of a scheme is on the wire: flows without their lists of scopes, which operations name for themselves.
fn sent(value: &Value) -> Value {
    match value {
        Value::Object(members) => members
            .iter()
            .filter(|(name, _)| !["scopes", "description", "refreshUrl"].contains(&name.as_str()))
            .map(|(name, value)| (name.clone(), sent(value)))
            .collect(),
        other => other.clone(),
    }
}
