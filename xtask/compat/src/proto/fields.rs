//! What a field must keep: its type, its label, and its names.

use super::items::{Fact, Item};
use super::{Both, Difference};
use crate::report::Severity;

const ANOTHER: &str = "undo it, and add a field of another name and number";

/// Every fact of a field that changed.
pub fn changed(both: &Both, was: &Item, is: &Item, found: &mut Vec<Difference>) {
    kind(both, was, is, found);
    label(both, was, is, found);
    names(both, was, is, found);
}

fn says(
    both: &Both,
    was: &Item,
    is: &Item,
    fact: Fact,
    severity: Severity,
    reason: Option<&str>,
) -> Difference {
    let (before, after) = (&was.facts[&fact], &is.facts[&fact]);
    let what = format!(
        "the {} of {} changes from {before} to {after}",
        fact.word(),
        was.called()
    );
    let fix = match severity {
        Severity::Additive => super::NEW_MINOR,
        _ => ANOTHER,
    };
    Difference {
        reason: reason.map(str::to_owned),
        ..both.difference(is, fact.word(), severity, what, fix)
    }
}

fn kind(both: &Both, was: &Item, is: &Item, found: &mut Vec<Difference>) {
    if was.facts[&Fact::Type] == is.facts[&Fact::Type] {
        return;
    }
    let (Some(before), Some(after)) = (was.form, is.form) else {
        return;
    };
    let (mut in_binary, mut in_json) = (true, true);
    let mut take = |written, read| {
        let arrives = super::scalars::arrives(written, read);
        // Messages and enumerations of another name are another type.
        let is_other = written == read;
        in_binary &= arrives.in_binary && !is_other;
        in_json &= arrives.in_json && !is_other;
    };
    if both.is_read_by_new(is) {
        take(before, after);
    }
    if both.is_read_by_old(is) {
        take(after, before);
    }
    let (severity, reason) = match (in_binary, in_json) {
        (true, true) => (
            Severity::Additive,
            "every value that may arrive is read as what it was",
        ),
        (true, false) => (
            Severity::Breaking,
            "binary keeps the values and JSON does not",
        ),
        (false, true) => (
            Severity::Breaking,
            "JSON keeps the values and binary does not",
        ),
        (false, false) => (
            Severity::Breaking,
            "neither binary nor JSON keeps the values",
        ),
    };
    found.push(says(both, was, is, Fact::Type, severity, Some(reason)));
}

fn label(both: &Both, was: &Item, is: &Item, found: &mut Vec<Difference>) {
    let (before, after) = (
        was.facts[&Fact::Label].as_str(),
        is.facts[&Fact::Label].as_str(),
    );
    if before == after {
        return;
    }
    let (severity, reason) = match (before, after) {
        (_, "repeated") => (Severity::Breaking, "in JSON one value is no list"),
        ("repeated", _) => (
            Severity::Breaking,
            "of a list only the last element is read, and in JSON none",
        ),
        ("required", _) if both.is_read_by_old(is) => (
            Severity::Breaking,
            "old programs refuse a message without it",
        ),
        (_, "required") if both.is_read_by_new(is) => (
            Severity::Breaking,
            "messages of old programs may lack it and are refused",
        ),
        ("required", _) | (_, "required") => (
            Severity::Additive,
            "no program that requires it reads a message that lacks it",
        ),
        _ => (
            Severity::Policy,
            "the same bytes, and whether a zero was given is told otherwise",
        ),
    };
    found.push(says(both, was, is, Fact::Label, severity, Some(reason)));
}

fn names(both: &Both, was: &Item, is: &Item, found: &mut Vec<Difference>) {
    let differs = |fact: Fact| was.facts[&fact] != is.facts[&fact];
    match (differs(Fact::Name), differs(Fact::JsonName)) {
        (false, false) => {}
        (true, true) => {
            let reason = "the name is what travels in JSON";
            found.push(says(
                both,
                was,
                is,
                Fact::Name,
                Severity::Breaking,
                Some(reason),
            ));
        }
        (true, false) => {
            let reason = "the name in JSON stays; generated code calls it otherwise";
            found.push(says(
                both,
                was,
                is,
                Fact::Name,
                Severity::Policy,
                Some(reason),
            ));
        }
        (false, true) => {
            let reason = "it is what travels in JSON";
            found.push(says(
                both,
                was,
                is,
                Fact::JsonName,
                Severity::Breaking,
                Some(reason),
            ));
        }
    }
}
