//! Paths, operations, bodies, answers and webhooks of two documents, matched by what they are on the wire: the names of path
//! parameters do not count, the case of header names neither.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::change::{Comparison, Place, announced};
use super::{Position, Severity, Witness, bodies, escape, parameters, promises, security};

const METHODS: [&str; 9] = [
    "get", "put", "post", "delete", "options", "head", "patch", "trace", "query",
];

/// What to do about an addition.
pub const NEW_MINOR: &str = "raise the minor version";

/// An operation where it stands.
pub struct Operation<'a> {
    pub node: &'a Value,
    pub item: &'a Value,
    pub pointer: String,
    /// Such as `POST /orders/{order_id}`.
    pub name: String,
    pub path: String,
}

/// What comes of following references.
pub fn resolve<'a>(document: &'a Value, node: &'a Value, pointer: &str) -> (&'a Value, String) {
    let (mut node, mut pointer) = (node, pointer.to_owned());
    for _ in 0..64 {
        let target = node.get("$ref").and_then(Value::as_str);
        let Some(local) = target.and_then(|target| target.strip_prefix('#')) else {
            break;
        };
        let Some(found) = document.pointer(local) else {
            break;
        };
        (node, pointer) = (found, local.to_owned());
    }
    (node, pointer)
}

/// The members of an object, none when it is no object.
pub fn members(node: &Value) -> impl Iterator<Item = (&String, &Value)> {
    node.as_object().into_iter().flat_map(Map::iter)
}

fn operations<'a>(
    document: &'a Value,
    holder: &'a Value,
    under: &str,
) -> BTreeMap<String, Operation<'a>> {
    let mut found = BTreeMap::new();
    for (path, item) in members(holder) {
        let (item, pointer) = resolve(document, item, &format!("{under}/{}", escape(path)));
        for method in METHODS {
            let Some(node) = item.get(method) else {
                continue;
            };
            let name = match under {
                "/webhooks" => format!("webhook {path}"),
                _ => format!("{} {path}", method.to_uppercase()),
            };
            found.insert(
                format!("{} {method}", nameless(path)),
                Operation {
                    node,
                    item,
                    pointer: format!("{pointer}/{method}"),
                    name,
                    path: path.clone(),
                },
            );
        }
    }
    found
}

/// The template without the names of its parameters.
fn nameless(path: &str) -> String {
    let steps = path
        .split('/')
        .map(|step| match (step.find('{'), step.rfind('}')) {
            (Some(from), Some(to)) if from < to => {
                format!("{}{{}}{}", &step[..from], &step[to + 1..])
            }
            _ => step.to_owned(),
        });
    steps.collect::<Vec<_>>().join("/")
}

/// Compares two documents.
pub fn compare(comparison: &mut Comparison<'_>) {
    let (base, revision) = (comparison.base, comparison.revision);
    let (old, new) = (
        operations(base, &base["paths"], "/paths"),
        operations(revision, &revision["paths"], "/paths"),
    );
    all(comparison, &old, &new, Position::Request);
    identities(comparison, &old, &new);
    let (old, new) = (
        operations(base, &base["webhooks"], "/webhooks"),
        operations(revision, &revision["webhooks"], "/webhooks"),
    );
    all(comparison, &old, &new, Position::Response);
    security::schemes(comparison);
    servers(comparison);
    promises::catalogue(comparison);
    promises::lifecycle(comparison);
}

/// `sends` is the side of the request bodies: for a webhook the client is the receiver.
fn all<'a>(
    comparison: &mut Comparison<'a>,
    old: &BTreeMap<String, Operation<'a>>,
    new: &BTreeMap<String, Operation<'a>>,
    sends: Position,
) {
    for (key, was) in old {
        let Some(is) = new.get(key) else {
            let place = Place::both(&was.name, "", &was.pointer, "").gone();
            let what = "the operation is removed";
            let fix = "keep it, mark it `deprecated: true` with an `x-sunset`, and remove it after that day";
            let day = announced(comparison.base, &was.pointer);
            let change = comparison.note("operation-removed", Severity::Breaking, place, what, fix);
            change.sunset = day;
            change.witness = Some(Witness::Exchange(match sends {
                Position::Request => format!("{} is answered 404 or 405", was.name),
                Position::Response => format!("{} is never sent", was.name),
            }));
            continue;
        };
        operation(comparison, was, is, sends);
    }
    for (key, is) in new {
        if !old.contains_key(key) {
            let place = Place::both(&is.name, "", "", &is.pointer).fresh();
            comparison.note(
                "operation-added",
                Severity::Additive,
                place,
                "the operation is new",
                NEW_MINOR,
            );
        }
    }
}

fn operation<'a>(
    comparison: &mut Comparison<'a>,
    was: &Operation<'a>,
    is: &Operation<'a>,
    sends: Position,
) {
    deprecation(
        comparison,
        &Place::both(&is.name, "", &was.pointer, &is.pointer),
        was.node,
        is.node,
    );
    parameters::compare(comparison, was, is, sends);
    bodies::request(comparison, was, is, sends);
    bodies::responses(comparison, was, is, sends);
    if sends == Position::Request {
        security::requirements(comparison, was, is);
        promises::operation(comparison, was, is);
    }
    callbacks(comparison, was, is, sends);
}

/// Something is marked as going away.
pub fn deprecation(comparison: &mut Comparison<'_>, place: &Place<'_>, was: &Value, is: &Value) {
    let deprecated = |node: &Value| node.get("deprecated") == Some(&Value::Bool(true));
    if deprecated(is) && !deprecated(was) {
        let until = is.get("x-sunset").and_then(Value::as_str);
        let what = until.map_or("deprecated".to_owned(), |day| {
            format!("deprecated, served until {day}")
        });
        comparison.note(
            "deprecated",
            Severity::Deprecating,
            place.clone(),
            what,
            NEW_MINOR,
        );
    }
}

/// Names by which generated clients call operations. They are not on the wire, but a client that is generated again would not
/// compile, or would call something else.
fn identities<'a>(
    comparison: &mut Comparison<'a>,
    old: &BTreeMap<String, Operation<'a>>,
    new: &BTreeMap<String, Operation<'a>>,
) {
    let id = |operation: &Operation<'a>| operation.node["operationId"].as_str();
    let mut owners: BTreeMap<&str, (&str, &str)> = BTreeMap::new();
    for (key, was) in old {
        owners.extend(id(was).map(|id| (id, (key.as_str(), was.name.as_str()))));
    }
    for (key, is) in new {
        let Some(name) = id(is) else { continue };
        let pointer = format!("{}/operationId", is.pointer);
        match owners.get(name) {
            Some((owner, operation)) if owner != key => {
                let place = Place::both(&is.name, "", "", &pointer).fresh();
                let what = format!("the operationId `{name}` belonged to {operation}");
                let fix = "give it an operationId that no released revision has used";
                let change =
                    comparison.note("operation-id-reused", Severity::Breaking, place, what, fix);
                let text = format!(
                    "the method `{name}` of a client that is generated again calls {}",
                    is.name
                );
                change.witness = Some(Witness::Exchange(text));
            }
            Some(_) => {}
            None => {
                let Some(before) = old.get(key).and_then(id) else {
                    continue;
                };
                let place = Place::both(&is.name, "", &old[key].pointer, &pointer);
                let what = format!("the operationId changes from `{before}` to `{name}`");
                let fix = format!("keep `{before}`: generated clients call it by that name");
                let change =
                    comparison.note("operation-id-changed", Severity::Breaking, place, what, fix);
                let text = format!("a client that is generated again has no method `{before}`");
                change.witness = Some(Witness::Exchange(text));
            }
        }
    }
}

fn callbacks<'a>(
    comparison: &mut Comparison<'a>,
    was: &Operation<'a>,
    is: &Operation<'a>,
    sends: Position,
) {
    let turned = match sends {
        Position::Request => Position::Response,
        Position::Response => Position::Request,
    };
    let (base, revision) = (comparison.base, comparison.revision);
    for (name, callback) in members(&was.node["callbacks"]) {
        let at =
            |operation: &Operation<'a>| format!("{}/callbacks/{}", operation.pointer, escape(name));
        let (old, base_at) = resolve(base, callback, &at(was));
        let (new, revision_at) = resolve(revision, &is.node["callbacks"][name], &at(is));
        let old = operations(base, old, &base_at);
        let new = operations(revision, new, &revision_at);
        all(comparison, &old, &new, turned);
    }
}

fn servers(comparison: &mut Comparison<'_>) {
    let urls = |document: &Value| -> BTreeSet<String> {
        let servers = document["servers"].as_array().into_iter().flatten();
        let mut urls: BTreeSet<String> = servers
            .filter_map(|server| server["url"].as_str())
            .map(str::to_owned)
            .collect();
        if urls.is_empty() {
            urls.insert("/".to_owned());
        }
        urls
    };
    let (old, new) = (urls(comparison.base), urls(comparison.revision));
    let place = || Place::both("", "servers", "/servers", "/servers");
    for url in old.difference(&new) {
        let what = format!("the server `{url}` is removed");
        let change = comparison.note(
            "server-removed",
            Severity::Breaking,
            place(),
            what,
            "keep answering there",
        );
        change.witness = Some(Witness::Exchange(format!("nobody answers at {url}")));
    }
    for url in new.difference(&old) {
        let what = format!("the server `{url}` is new");
        comparison.note("server-added", Severity::Additive, place(), what, NEW_MINOR);
    }
}
