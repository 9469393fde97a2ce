//! Fields that exclude each other. A field that joins others narrows what may be set together, one that leaves them widens it;
//! the name of a group travels nowhere.

use std::collections::BTreeMap;

use super::items::{Fact, Item, Kind};
use super::{Both, Difference};
use crate::report::Severity;

const ALONE: &str = "none";

/// Every field that joined others or left them, and every group that is only called otherwise.
pub fn compare(both: &Both, found: &mut Vec<Difference>) {
    let mut messages: BTreeMap<&str, Vec<(&Item, &Item)>> = BTreeMap::new();
    for (key, was) in &both.old.by_key {
        if let Some(is) = both.new.by_key.get(key).filter(|_| was.kind == Kind::Field) {
            messages.entry(&was.owner).or_default().push((was, is));
        }
    }
    for fields in messages.values() {
        for (at, (was, is)) in fields.iter().enumerate() {
            let others = fields
                .iter()
                .enumerate()
                .filter(|(other, _)| *other != at)
                .map(|(_, pair)| pair);
            found.extend(field(both, was, is, others));
        }
    }
}

fn group(item: &Item) -> &str {
    &item.facts[&Fact::Oneof]
}

fn field<'i>(
    both: &Both,
    was: &Item,
    is: &Item,
    others: impl Iterator<Item = &'i (&'i Item, &'i Item)>,
) -> Option<Difference> {
    let (before, after) = (group(was), group(is));
    if before == after {
        return None;
    }
    let excludes = |one: &str, other: &str| one != ALONE && one == other;
    let (mut joins, mut leaves) = (None, None);
    for (other_was, other_is) in others {
        let (then, now) = (
            excludes(before, group(other_was)),
            excludes(after, group(other_is)),
        );
        match (then, now) {
            (false, true) => joins = Some(&other_is.name),
            (true, false) => leaves = Some(&other_is.name),
            _ => {}
        }
    }
    let (severity, reason) = match (joins, leaves) {
        (Some(other), _) if both.is_read_by_new(is) => (
            Severity::Breaking,
            format!(
                "old programs may set it together with {other}, and new ones keep only one of them"
            ),
        ),
        (_, Some(other)) if both.is_read_by_old(is) => (
            Severity::Breaking,
            format!(
                "new programs may set it together with {other}, and old ones keep only one of them"
            ),
        ),
        (None, None) => (
            Severity::Policy,
            "the same fields exclude each other; generated code calls it otherwise".to_owned(),
        ),
        _ => (
            Severity::Policy,
            "no message becomes another one; generated code calls it otherwise".to_owned(),
        ),
    };
    let what = format!(
        "the oneof of {} changes from {before} to {after}",
        was.called()
    );
    let fix = "undo it, and add a field of another name and number";
    Some(Difference {
        reason: Some(reason),
        ..both.difference(is, "oneof", severity, what, fix)
    })
}
