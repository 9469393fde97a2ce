//! The same law for descriptors of Protocol Buffers, as programs speak them in binary and in JSON: what old and new programs send
//! each other must keep its number, its name and the meaning of its values. Fields and values are matched by number, methods and
//! types by name, never by their order.
//!
//! A change is judged by who writes a message and who reads it ([`Use`]): what only requests hold is written by old programs and
//! read by new ones, what only responses hold the other way round, and an event, which no method carries, both ways, because it
//! is kept and read by programs of any age.

use prost_types::FileDescriptorSet;

use crate::report::Severity;

mod fields;
mod items;
mod oneofs;
mod scalars;
mod usage;

#[cfg(test)]
mod tests;

use items::{Fact, Item, Items, Kind};
pub use usage::Use;

/// One change.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Difference {
    /// A stable name of the kind of change, such as `proto-field-renumbered`.
    pub rule: String,
    pub severity: Severity,
    /// Who writes and who reads it; None for what holds no values, such as a method.
    pub used: Option<Use>,
    /// The file in the include path, and the line in the revision; 0 for what is gone.
    pub file: String,
    pub line: usize,
    /// What changed, in lower case without a full stop.
    pub what: String,
    /// Why it is judged so, where that is not plain.
    pub reason: Option<String>,
    /// What to do instead, as an order.
    pub fix: String,
}

/// What to do about an addition.
const NEW_MINOR: &str = "raise the minor version";

/// Both sides of a comparison.
struct Both {
    old: Items,
    new: Items,
}

/// Every change from `base` to `revision`, in the order of their names.
pub fn compare(base: &FileDescriptorSet, revision: &FileDescriptorSet) -> Vec<Difference> {
    let both = Both {
        old: Items::read(base),
        new: Items::read(revision),
    };
    let mut found = Vec::new();
    for (key, was) in &both.old.by_key {
        match both.new.by_key.get(key) {
            Some(is) => changed(&both, was, is, &mut found),
            None => found.extend(removed(&both, was, key)),
        }
    }
    for (key, is) in &both.new.by_key {
        // A type that is new as a whole is one change.
        let with_owner = is.owner.is_empty() || both.old.by_key.contains_key(&is.owner);
        if !both.old.by_key.contains_key(key) && with_owner {
            found.extend(added(&both, is, key));
        }
    }
    oneofs::compare(&both, &mut found);
    freed(&both, &mut found);
    found
}

impl Both {
    /// How a part of either side is used.
    fn used(&self, item: &Item) -> Option<Use> {
        let holder = item.holder()?;
        Some(self.old.usage.of(&holder).with(self.new.usage.of(&holder)))
    }

    /// Old programs write it and new ones read it.
    fn is_read_by_new(&self, item: &Item) -> bool {
        self.used(item).is_some_and(Use::is_read_by_new)
    }

    /// New programs write it and old ones read it.
    fn is_read_by_old(&self, item: &Item) -> bool {
        self.used(item).is_some_and(Use::is_read_by_old)
    }

    fn difference(
        &self,
        item: &Item,
        verb: &str,
        severity: Severity,
        what: String,
        fix: impl Into<String>,
    ) -> Difference {
        Difference {
            rule: format!("proto-{}-{verb}", item.kind.word()),
            severity,
            used: self.used(item),
            file: item.file.clone(),
            line: item.line,
            what,
            reason: None,
            fix: fix.into(),
        }
    }
}

fn changed(both: &Both, was: &Item, is: &Item, found: &mut Vec<Difference>) {
    if was.kind == Kind::Field {
        return fields::changed(both, was, is, found);
    }
    for (fact, before) in &was.facts {
        let after = &is.facts[fact];
        if before == after {
            continue;
        }
        let (what, fix) = match was.kind {
            Kind::Value => (
                format!(
                    "the name of {} changes from {before} to {after}",
                    was.called()
                ),
                "undo it, and add a value of another name and number",
            ),
            _ => (
                format!(
                    "the {} of {} changes from {before} to {after}",
                    fact.word(),
                    was.called()
                ),
                "undo it, and add a method of another name",
            ),
        };
        let reason =
            (was.kind == Kind::Value).then(|| "the name is what travels in JSON".to_owned());
        found.push(Difference {
            reason,
            ..both.difference(is, fact.word(), Severity::Breaking, what, fix)
        });
    }
}

fn removed(both: &Both, was: &Item, key: &str) -> Option<Difference> {
    let (old, new) = (&both.old, &both.new);
    // What goes with its type is one change.
    if !was.owner.is_empty() && !new.by_key.contains_key(&was.owner) {
        return None;
    }
    let mut others = new.by_key.iter();
    let moved = others.find(|(other, item)| {
        item.kind == was.kind
            && item.owner == was.owner
            && item.name == was.name
            && !old.by_key.contains_key(*other)
    });
    let number = key.rsplit('/').next().unwrap_or_default();
    if let Some((other, item)) = moved {
        let to = other.rsplit('/').next().unwrap_or_default();
        let what = format!(
            "the number of {} changes from {number} to {to}",
            was.called()
        );
        let fix =
            format!("give it back the number {number}: it is what travels instead of the name");
        return Some(both.difference(item, "renumbered", Severity::Breaking, what, fix));
    }
    let kept_free = new.reserved.get(&was.owner).is_some_and(|reserved| {
        number.parse().is_ok_and(|number| reserved.holds(number))
            && reserved.names.contains(&was.name)
    });
    let is_numbered = matches!(was.kind, Kind::Field | Kind::Value);
    let (severity, fix) = match (was.deprecated, is_numbered && !kept_free) {
        (false, _) => (
            Severity::Breaking,
            "keep it, mark it `deprecated = true`, release that, and remove it afterwards"
                .to_owned(),
        ),
        (true, true) => (
            Severity::Breaking,
            format!(
                "write `reserved {number}; reserved \"{}\";` in its place",
                was.name
            ),
        ),
        (true, false) => (Severity::Additive, NEW_MINOR.to_owned()),
    };
    let line = new.by_key.get(&was.owner).map_or(0, |owner| owner.line);
    let what = format!("{} is removed", was.called());
    Some(Difference {
        line,
        ..both.difference(was, "removed", severity, what, fix)
    })
}

fn added(both: &Both, is: &Item, key: &str) -> Option<Difference> {
    // What is only renumbered was there before.
    let is_moved = both.old.by_key.iter().any(|(other, item)| {
        item.kind == is.kind
            && item.owner == is.owner
            && item.name == is.name
            && !both.new.by_key.contains_key(other)
    });
    if is_moved {
        return None;
    }
    let number: Option<i64> = key
        .rsplit('/')
        .next()
        .and_then(|number| number.parse().ok());
    let reserved = both.old.reserved.get(&is.owner);
    let was_reserved = reserved.is_some_and(|reserved| {
        number.is_some_and(|number| reserved.holds(number)) || reserved.names.contains(&is.name)
    });
    if was_reserved {
        let what = format!("{} takes a number or a name that was reserved", is.called());
        let fix = "choose another number and name: old programs know these as something else";
        return Some(both.difference(is, "reused", Severity::Breaking, what, fix));
    }
    let what = format!("{} is new", is.called());
    if is
        .facts
        .get(&Fact::Label)
        .is_some_and(|label| label == "required")
        && both.is_read_by_new(is)
    {
        let reason = "messages of old programs lack it and are refused".to_owned();
        return Some(Difference {
            reason: Some(reason),
            ..both.difference(is, "added", Severity::Breaking, what, "make it optional")
        });
    }
    if is.kind == Kind::Value && both.is_read_by_old(is) {
        let reason =
            "old programs keep an unknown number in binary and refuse an unknown name in JSON"
                .to_owned();
        return Some(Difference {
            reason: Some(reason),
            ..both.difference(
                is,
                "added",
                Severity::Policy,
                what,
                "send it only to those who know it, or raise the minor version",
            )
        });
    }
    Some(both.difference(is, "added", Severity::Additive, what, NEW_MINOR))
}

/// Numbers and names that were reserved and no longer are.
fn freed(both: &Both, found: &mut Vec<Difference>) {
    for (owner, was) in &both.old.reserved {
        let (Some(is), Some(item)) = (both.new.reserved.get(owner), both.new.by_key.get(owner))
        else {
            continue;
        };
        let ranges = was.ranges.iter().filter(|range| !is.covers(range));
        let ranges = ranges.map(|(first, last)| match first == last {
            true => first.to_string(),
            false => format!("{first} to {last}"),
        });
        let names = was
            .names
            .difference(&is.names)
            .map(|name| format!("\"{name}\""));
        let freed: Vec<String> = ranges.chain(names).collect();
        if !freed.is_empty() {
            let freed = freed.join(", ");
            let what = format!("{} no longer reserves {freed}", item.called());
            let fix = format!(
                "write `reserved {freed};` again: old programs still know them as what they were"
            );
            found.push(both.difference(item, "unreserved", Severity::Breaking, what, fix));
        }
    }
}
