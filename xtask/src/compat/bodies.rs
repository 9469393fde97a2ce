//! What travels in the bodies and headers of an operation: request body, media types, statuses, response headers.

use std::collections::BTreeMap;

use serde_json::Value;

use super::change::{Comparison, Place};
use super::operations::{NEW_MINOR, Operation, members, resolve};
use super::{Position, Severity, Witness, escape};

/// Compares what is sent with a request.
pub fn request<'a>(
    comparison: &mut Comparison<'a>,
    was: &Operation<'a>,
    is: &Operation<'a>,
    sends: Position,
) {
    let pointers = (
        format!("{}/requestBody", was.pointer),
        format!("{}/requestBody", is.pointer),
    );
    let place = Place::both(&is.name, "request body", &pointers.0, &pointers.1);
    let required = |node: &Value| node["required"] == true;
    match (was.node.get("requestBody"), is.node.get("requestBody")) {
        (None, None) => {}
        (Some(_), None) => {
            let severity = by_side(sends, Severity::Breaking);
            comparison.note(
                "request-body-removed",
                severity,
                place.gone(),
                "the body is removed",
                "go on taking it",
            );
        }
        (None, Some(body)) => {
            let (body, _) = resolve(comparison.revision, body, "");
            let severity = if required(body) {
                by_side(sends, Severity::Breaking)
            } else {
                Severity::Additive
            };
            let fix = "make it optional";
            comparison.note(
                "request-body-added",
                severity,
                place.fresh(),
                "a body is new",
                fix,
            );
        }
        (Some(old), Some(new)) => {
            let (old, base) = resolve(comparison.base, old, &pointers.0);
            let (new, revision) = resolve(comparison.revision, new, &pointers.1);
            let place = Place::both(&is.name, "request body", &base, &revision);
            if required(old) != required(new) {
                let narrows = required(new) == (sends == Position::Request);
                let (severity, what) = match (narrows, required(new)) {
                    (true, true) => (Severity::Breaking, "the body becomes required"),
                    (true, false) => (Severity::Breaking, "the body may be missing now"),
                    (false, _) => (
                        Severity::Additive,
                        "the body need not be there any more, or always is",
                    ),
                };
                comparison.note(
                    "request-body-presence",
                    severity,
                    place.clone(),
                    what,
                    "keep `required` as it was",
                );
            }
            content(comparison, &place, sends, old, new);
        }
    }
}

/// What is breaking when the client sends it is harmless when it receives it.
fn by_side(sends: Position, severity: Severity) -> Severity {
    match sends {
        Position::Request => severity,
        Position::Response => Severity::Additive,
    }
}

/// Media types by name, then their schemas.
pub fn content<'a>(
    comparison: &mut Comparison<'a>,
    place: &Place<'_>,
    position: Position,
    old: &'a Value,
    new: &'a Value,
) {
    let names = |node: &'a Value| -> BTreeMap<String, (&'a str, &'a Value)> {
        let content = members(&node["content"]);
        content
            .map(|(name, media)| (name.to_lowercase().replace(' ', ""), (name.as_str(), media)))
            .collect()
    };
    let (old, new) = (names(old), names(new));
    let at = |pointer: &Option<String>, name: &str| {
        format!(
            "{}/content/{}",
            pointer.clone().unwrap_or_default(),
            escape(name)
        )
    };
    for (key, (name, was)) in &old {
        let base = at(&place.base, name);
        let part = if old.len() > 1 {
            format!("{} {name}", place.part)
        } else {
            place.part.clone()
        };
        let Some((other, is)) = new.get(key) else {
            let place = Place {
                part,
                ..Place::both(place.operation, "", &base, "").gone()
            };
            let what = format!("the media type `{name}` is removed");
            let fix = format!("keep `{name}` beside the new one");
            let change =
                comparison.note("media-type-removed", Severity::Breaking, place, what, fix);
            change.witness = Some(Witness::Exchange(match position {
                Position::Request => format!("Content-Type: {name} is answered 415"),
                Position::Response => format!("Accept: {name} is answered 406"),
            }));
            continue;
        };
        let revision = at(&place.revision, other);
        let place = Place {
            part,
            ..Place::both(place.operation, "", &base, &revision)
        };
        let nothing = static_true();
        if was.get("schema").is_some() || is.get("schema").is_some() {
            let at = |pointer: &str| Some(format!("{pointer}/schema"));
            let schema = Place {
                base: at(&base),
                revision: at(&revision),
                ..place.clone()
            };
            let (was, is) = (
                was.get("schema").unwrap_or(nothing),
                is.get("schema").unwrap_or(nothing),
            );
            comparison.schemas(position, &schema, was, is);
        }
        if was.get("encoding") != is.get("encoding") {
            let change = comparison.note(
                "encoding-changed",
                Severity::Breaking,
                place,
                "`encoding` changes, and what that does is not judged",
                "undo it",
            );
            change.decided = false;
        }
    }
    for (key, (name, _)) in &new {
        if !old.contains_key(key) {
            // A client names the media types that it takes and that it sends, so one more changes nothing for it.
            let place = Place::both(
                place.operation,
                place.part.clone(),
                "",
                &at(&place.revision, name),
            )
            .fresh();
            let what = format!("the media type `{name}` is new");
            comparison.note(
                "media-type-added",
                Severity::Additive,
                place,
                what,
                NEW_MINOR,
            );
        }
    }
}

/// The schema that takes anything.
pub fn static_true() -> &'static Value {
    static TRUE: Value = Value::Bool(true);
    &TRUE
}

/// Compares answers: statuses, bodies, headers.
pub fn responses<'a>(
    comparison: &mut Comparison<'a>,
    was: &Operation<'a>,
    is: &Operation<'a>,
    sends: Position,
) {
    let receives = match sends {
        Position::Request => Position::Response,
        Position::Response => Position::Request,
    };
    let (old, new) = (&was.node["responses"], &is.node["responses"]);
    let upper = |status: &str| status.to_uppercase();
    let find = |holder: &'a Value, status: &str| {
        members(holder).find(|(own, _)| upper(own) == upper(status))
    };
    let succeeds = |status: &str| status.starts_with(['1', '2', '3']);
    for (status, answer) in members(old) {
        let base = format!("{}/responses/{status}", was.pointer);
        let Some((own, other)) = find(new, status) else {
            let place = Place::both(&is.name, format!("status {status}"), &base, &is.pointer);
            let what = format!("status {status} is removed");
            // A client that waits for a success cannot take another instead; a failure that does not come is no loss.
            let severity = if succeeds(status) {
                Severity::Breaking
            } else {
                Severity::Additive
            };
            let change = comparison.note(
                "response-status-removed",
                severity,
                place,
                what,
                "keep answering it",
            );
            if severity == Severity::Breaking {
                let text = format!("{} is answered otherwise than {status}", is.name);
                change.witness = Some(Witness::Exchange(text));
            }
            continue;
        };
        let (answer, base) = resolve(comparison.base, answer, &base);
        let revision = format!("{}/responses/{own}", is.pointer);
        let (other, revision) = resolve(comparison.revision, other, &revision);
        let place = Place::both(&is.name, format!("{status} body"), &base, &revision);
        content(comparison, &place, receives, answer, other);
        let place = Place::both(&is.name, format!("status {status}"), &base, &revision);
        headers(comparison, &place, receives, answer, other);
    }
    for (status, _) in members(new) {
        if find(old, status).is_some() {
            continue;
        }
        let pointer = format!("{}/responses/{status}", is.pointer);
        let place = Place::both(&is.name, format!("status {status}"), "", &pointer).fresh();
        let range = format!("{}XX", &status[..1]);
        let declared = find(old, &range).is_some() || find(old, "default").is_some();
        // Failures are handled by class. 304 comes only to a client that asks for it with a condition.
        let expected =
            !succeeds(status) || status == "304" || declared || receives == Position::Request;
        let severity = if expected {
            Severity::Additive
        } else {
            Severity::Breaking
        };
        let fix = if expected {
            NEW_MINOR
        } else {
            "answer with a documented status, unless the client asks for the new one"
        };
        let what = format!("status {status} is new");
        let change = comparison.note("response-status-added", severity, place, what, fix);
        if severity == Severity::Breaking {
            let text = format!("{} is answered {status}", is.name);
            change.witness = Some(Witness::Exchange(text));
        }
    }
}

fn headers<'a>(
    comparison: &mut Comparison<'a>,
    place: &Place<'_>,
    receives: Position,
    old: &'a Value,
    new: &'a Value,
) {
    let named = |node: &'a Value| -> BTreeMap<String, (&'a str, &'a Value)> {
        let headers = members(&node["headers"]);
        headers
            .map(|(name, header)| (name.to_lowercase(), (name.as_str(), header)))
            .collect()
    };
    let (old, new) = (named(old), named(new));
    let at = |pointer: &Option<String>, name: &str| {
        format!(
            "{}/headers/{}",
            pointer.clone().unwrap_or_default(),
            escape(name)
        )
    };
    let required = |header: &Value| header["required"] == true;
    for (key, (name, was)) in &old {
        let (was, base) = resolve(comparison.base, was, &at(&place.base, name));
        let part = format!("{}, header {name}", place.part);
        let Some((other, is)) = new.get(key) else {
            let severity = if required(was) {
                Severity::Breaking
            } else {
                Severity::Additive
            };
            let revision = place.revision.clone().unwrap_or_default();
            let place = Place::both(place.operation, part, &base, &revision);
            let what = format!("the header `{name}` is removed");
            let change = comparison.note(
                "response-header-removed",
                severity,
                place,
                what,
                "keep sending it",
            );
            change.witness = Some(Witness::Exchange(format!("an answer without `{name}`")));
            continue;
        };
        let (is, revision) = resolve(comparison.revision, is, &at(&place.revision, other));
        let place = Place::both(place.operation, part, &base, &revision);
        if required(was) && !required(is) {
            let what = format!("the header `{name}` may be missing now");
            let fix = "keep sending it always";
            let change = comparison.note(
                "response-header-optional",
                Severity::Breaking,
                place.clone(),
                what,
                fix,
            );
            change.witness = Some(Witness::Exchange(format!("an answer without `{name}`")));
        }
        let below = |pointer: &str| Some(format!("{pointer}/schema"));
        let schema = Place {
            base: below(&base),
            revision: below(&revision),
            ..place
        };
        let (was, is) = (was.get("schema"), is.get("schema"));
        comparison.schemas(
            receives,
            &schema,
            was.unwrap_or(static_true()),
            is.unwrap_or(static_true()),
        );
    }
    for (key, (name, _)) in &new {
        if !old.contains_key(key) {
            let pointer = at(&place.revision, name);
            let place = Place::both(place.operation, place.part.clone(), "", &pointer).fresh();
            let what = format!("the header `{name}` is new");
            comparison.note(
                "response-header-added",
                Severity::Additive,
                place,
                what,
                NEW_MINOR,
            );
        }
    }
}
