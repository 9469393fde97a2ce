//! Collects changes: one a cause, with every operation that it reaches, and the severity that follows from the law.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde_json::Value;

use super::escape::{Escape, Judge};
use super::proof::Proof;
use super::reader::Reader;
use super::schema::Site;
use super::{Change, Position, Severity, Witness, messages};

/// What a change does to a set of values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effect {
    /// Some values are no longer in it.
    Narrows,
    /// Some values are new to it.
    Widens,
}

/// Where in an operation the comparison stands.
#[derive(Clone, Debug)]
pub struct Place<'p> {
    /// Such as `POST /orders`; empty for the document as a whole.
    pub operation: &'p str,
    /// Such as `201 body`.
    pub part: String,
    /// JSON pointers in both documents.
    pub base: Option<String>,
    pub revision: Option<String>,
}

impl<'p> Place<'p> {
    /// A part of an operation that both documents have.
    pub fn both(
        operation: &'p str,
        part: impl Into<String>,
        base: &str,
        revision: &str,
    ) -> Place<'p> {
        Place {
            operation,
            part: part.into(),
            base: Some(base.to_owned()),
            revision: Some(revision.to_owned()),
        }
    }

    /// The same part, where only the base has it.
    pub fn gone(self) -> Place<'p> {
        Place {
            revision: None,
            ..self
        }
    }

    /// The same part, where only the revision has it.
    pub fn fresh(self) -> Place<'p> {
        Place { base: None, ..self }
    }
}

/// A comparison under way.
pub struct Comparison<'a> {
    pub base: &'a Value,
    pub revision: &'a Value,
    judges: BTreeMap<(Position, Effect), Judge<'a>>,
    proof: Proof<'a>,
    changes: BTreeMap<Cause, Change>,
}

/// Rule, subject, and where in both documents.
type Cause = (String, String, Option<String>, Option<String>);

impl<'a> Comparison<'a> {
    pub fn new(base: &'a Value, revision: &'a Value) -> Comparison<'a> {
        let mut judges = BTreeMap::new();
        for position in [Position::Request, Position::Response] {
            let reader = |document| Reader { document, position };
            let (base, revision) = (reader(base), reader(revision));
            judges.insert((position, Effect::Narrows), Judge::new(base, revision));
            judges.insert((position, Effect::Widens), Judge::new(revision, base));
        }
        Comparison {
            base,
            revision,
            judges,
            proof: Proof::new(base, revision),
            changes: BTreeMap::new(),
        }
    }

    /// Records a change that is no matter of schemas.
    pub fn note(
        &mut self,
        rule: &str,
        severity: Severity,
        place: Place<'_>,
        what: impl Into<String>,
        fix: impl Into<String>,
    ) -> &mut Change {
        let what = what.into();
        let cause = (
            rule.to_owned(),
            what.clone(),
            place.base.clone(),
            place.revision.clone(),
        );
        let change = self.changes.entry(cause).or_insert_with(|| Change {
            rule: rule.to_owned(),
            severity,
            position: None,
            base: place.base,
            revision: place.revision,
            operations: Vec::new(),
            place: place.part,
            what,
            fix: fix.into(),
            decided: true,
            witness: None,
            sunset: None,
        });
        let is_known = change
            .operations
            .iter()
            .any(|known| known == place.operation);
        if !place.operation.is_empty() && !is_known {
            change.operations.push(place.operation.to_owned());
        }
        change
    }

    /// Compares two schemas that stand at the same part of an operation.
    pub fn schemas(
        &mut self,
        position: Position,
        place: &Place<'_>,
        base: &'a Value,
        revision: &'a Value,
    ) {
        let site = |node: &'a Value, pointer: &Option<String>| {
            vec![Site {
                node,
                pointer: pointer.clone().unwrap_or_default().into(),
            }]
        };
        let (base, revision) = (site(base, &place.base), site(revision, &place.revision));
        let mut broken = Vec::new();
        let order = match position {
            Position::Request => [Effect::Narrows, Effect::Widens],
            Position::Response => [Effect::Widens, Effect::Narrows],
        };
        for effect in order {
            let judge = self
                .judges
                .get_mut(&(position, effect))
                .expect("one for each");
            let found = match effect {
                Effect::Narrows => judge.escapes(&base, &revision),
                Effect::Widens => judge.escapes(&revision, &base),
            };
            for escape in found.iter() {
                let severity = severity(position, effect, escape);
                let (here, there) = sides(effect, escape);
                let spot = (escape.path.clone(), here, there);
                if severity == Severity::Breaking {
                    broken.push(spot);
                } else if broken.contains(&spot) {
                    continue;
                }
                self.escaped(position, effect, severity, place, escape);
            }
        }
    }

    fn escaped(
        &mut self,
        position: Position,
        effect: Effect,
        severity: Severity,
        place: &Place<'_>,
        escape: &Escape,
    ) {
        let (base, revision) = sides(effect, escape);
        let (what, fix) = messages::words(position, effect, severity, escape);
        let part = match escape.path.as_str() {
            "" => place.part.clone(),
            path => format!("{} {path}", place.part),
        };
        let at = Place {
            operation: place.operation,
            part,
            base: Some(base.clone()),
            revision: Some(revision),
        };
        let rule = messages::rule(position, effect, escape);
        let witness = escape.witness.as_ref().filter(|value| {
            severity == Severity::Breaking && self.proof.holds(effect, place, value)
        });
        let witness = witness.cloned();
        let sunset = escape.subject.as_ref().and_then(|name| {
            let pointer = format!("{base}/properties/{}", super::escape(name));
            announced(self.base, &pointer)
        });
        let change = self.note(&rule, severity, at, what, fix);
        change.position = Some(position);
        change.decided &= escape.decided || witness.is_some();
        if change.witness.is_none() {
            change.witness = witness.map(Witness::Value);
        }
        if ["member", "refused"].contains(&escape.keyword) && severity == Severity::Breaking {
            change.sunset = sunset;
        }
    }

    /// Nothing was found so far.
    pub fn is_silent(&self) -> bool {
        self.changes.is_empty()
    }

    /// All changes, the worst first.
    pub fn into_changes(self) -> Vec<Change> {
        let mut changes: Vec<Change> = self.changes.into_values().collect();
        changes.sort_by(|one, other| {
            let order = |change: &Change| (change.severity, change.at(), change.rule.clone());
            order(one).cmp(&order(other))
        });
        changes
    }
}

/// The base's pointer and the revision's.
fn sides(effect: Effect, escape: &Escape) -> (String, String) {
    let (sub, sup) = (escape.sub.to_string(), escape.sup.to_string());
    match effect {
        Effect::Narrows => (sub, sup),
        Effect::Widens => (sup, sub),
    }
}

fn severity(position: Position, effect: Effect, escape: &Escape) -> Severity {
    let lawful = match (position, effect) {
        (Position::Request, Effect::Narrows) | (Position::Response, Effect::Widens) => {
            Severity::Breaking
        }
        _ => Severity::Additive,
    };
    let milder = match (position, escape.keyword) {
        // A member that the base does not describe is sent by nobody who goes by the base.
        (Position::Request, "member") => !escape.required,
        // An open list says that it grows.
        (Position::Response, "known") => true,
        // Taking away a word is a loss to clients that tell alternatives apart by it, adding one a surprise.
        (Position::Response, "mapping") => return Severity::Breaking,
        _ => false,
    };
    if milder { Severity::Additive } else { lawful }
}

/// The day from which the node may go, if the document announced one there or where it refers to.
pub fn announced(document: &Value, pointer: &str) -> Option<Date> {
    let mut node = document.pointer(pointer)?;
    for _ in 0..16 {
        if node.get("deprecated") == Some(&Value::Bool(true)) {
            return sunset(node);
        }
        let target = node.get("$ref")?.as_str()?.strip_prefix('#')?;
        node = document.pointer(target)?;
    }
    None
}

/// What a deprecated operation, parameter or schema says of the day from which it may go.
pub fn sunset(node: &Value) -> Option<Date> {
    node.get("x-sunset")?.as_str()?.parse().ok()
}
