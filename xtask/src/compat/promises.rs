//! What a contract promises beside the messages: idempotency, sizes, problems and their catalogue, its own lifecycle.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::change::{Comparison, Place};
use super::operations::{NEW_MINOR, Operation, members};
use super::{Severity, Witness};

/// What extensions promise: idempotency, size of bodies, problems.
pub fn operation<'a>(comparison: &mut Comparison<'a>, was: &Operation<'a>, is: &Operation<'a>) {
    let place = |name: &str| {
        let at = |pointer: &str| format!("{pointer}/{name}");
        Place::both(&is.name, "", &at(&was.pointer), &at(&is.pointer))
    };
    let key = "x-idempotency";
    let word = |node: &'a Value| node[key].as_str();
    if let (Some(before), Some(after)) = (word(was.node), word(is.node))
        && before != after
    {
        // From required to optional is the only step that no client notices.
        let harmless = (before, after) == ("required", "optional");
        let severity = if harmless {
            Severity::Additive
        } else {
            Severity::Breaking
        };
        let what = format!("idempotency changes from `{before}` to `{after}`");
        let fix = format!("keep `{before}`; the next major may ask for more");
        let change = comparison.note("idempotency-changed", severity, place(key), what, fix);
        if after == "required" {
            let text = format!("{} without `Idempotency-Key` is answered 400", is.name);
            change.witness = Some(Witness::Exchange(text));
        }
    }
    let key = "x-body-limit";
    if let (Some(before), Some(after)) = (was.node[key].as_u64(), is.node[key].as_u64())
        && before != after
    {
        let severity = if after < before {
            Severity::Breaking
        } else {
            Severity::Additive
        };
        let what = format!("bodies may have {after} bytes, not {before}");
        let change = comparison.note(
            "body-limit-changed",
            severity,
            place(key),
            what,
            "keep the old limit",
        );
        if after < before {
            let text = format!("a body of {} bytes is answered 413", after + 1);
            change.witness = Some(Witness::Exchange(text));
        }
    }
    let key = "x-problems";
    let codes = |node: &'a Value| -> BTreeSet<&'a str> {
        node[key]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect()
    };
    let (old, new) = (codes(was.node), codes(is.node));
    // Codes are an open list: a client decides by the status when it does not know one.
    for code in new.difference(&old) {
        let what = format!("the problem `{code}` is new");
        comparison.note(
            "problem-added",
            Severity::Additive,
            place(key),
            what,
            NEW_MINOR,
        );
    }
    for code in old.difference(&new) {
        let what = format!("the problem `{code}` no longer occurs");
        comparison.note(
            "problem-removed",
            Severity::Additive,
            place(key),
            what,
            NEW_MINOR,
        );
    }
}

/// The catalogue of problems that a document carries: a client decides by status first.
pub fn catalogue(comparison: &mut Comparison<'_>) {
    let catalogue = "x-problem-catalogue";
    let (base, revision) = (comparison.base, comparison.revision);
    for (code, was) in members(&base[catalogue]) {
        let Some(is) = revision[catalogue].get(code) else {
            continue;
        };
        for member in ["status", "retryable"] {
            if was[member] == is[member] {
                continue;
            }
            let pointer = format!("/{catalogue}/{code}/{member}");
            let place = Place::both("", format!("problem {code}"), &pointer, &pointer);
            let what = format!(
                "`{member}` of the problem `{code}` changes from {} to {}",
                was[member], is[member]
            );
            let fix =
                format!("leave `{code}` as it is and add a code of its own for the new meaning");
            let change = comparison.note("problem-changed", Severity::Breaking, place, what, fix);
            let sample = json!({"code": code, member: is[member]});
            change.witness = Some(Witness::Exchange(format!(
                "a problem document with {sample}"
            )));
        }
    }
}

/// The contract as a whole is marked as going away.
pub fn lifecycle(comparison: &mut Comparison<'_>) {
    let pointer = "/info/x-lifecycle";
    let status = |document: &Value| document.pointer(pointer).cloned().unwrap_or_default();
    let (was, is) = (status(comparison.base), status(comparison.revision));
    if was != is && is["status"] == "deprecated" {
        let what = format!(
            "the contract is deprecated and served until {}",
            is["sunset"]
                .as_str()
                .unwrap_or("a day that it does not say")
        );
        let place = Place::both("", "", pointer, pointer);
        comparison.note(
            "contract-deprecated",
            Severity::Deprecating,
            place,
            what,
            NEW_MINOR,
        );
    }
}
