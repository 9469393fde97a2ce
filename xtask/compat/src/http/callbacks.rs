//! Webhooks and callbacks: the server calls, the client answers, so both directions turn.

use std::collections::{HashMap, HashSet};

use super::operations::{Operation, added, both, methods, removed};
use super::{Comparison, Kind, Side};
use crate::document::{Node, Unusable};
use crate::report::Direction;

/// Compares what the server sends of itself.
pub fn webhooks(comparison: &mut Comparison<'_>) -> Result<(), Unusable> {
    let old = read(&mut comparison.base)?;
    let new = read(&mut comparison.revision)?;
    all(comparison, &old, &new, Direction::Response)
}

fn read<'f>(side: &mut Side<'f>) -> Result<Vec<Operation<'f>>, Unusable> {
    let webhooks = side.document.get("webhooks");
    messages(side, webhooks, |name| format!("webhook {name}"))
}

/// The operations of path items that no path leads to.
fn messages<'f>(
    side: &mut Side<'f>,
    holder: Option<Node<'f>>,
    name: impl Fn(&str) -> String,
) -> Result<Vec<Operation<'f>>, Unusable> {
    let mut found = Vec::new();
    for (_, key, item) in holder.into_iter().flat_map(Node::members) {
        if key.starts_with("x-") {
            continue;
        }
        let item = item.follow()?;
        let methods = methods(item);
        for (method, node) in &methods {
            let called = match methods.len() {
                1 => name(key),
                _ => format!("{} by {}", name(key), method.to_uppercase()),
            };
            found.push(Operation::new(side, (item, *node), method, key, called));
        }
    }
    Ok(found)
}

/// Compares messages: matched by name or expression, and method.
fn all<'f>(
    comparison: &mut Comparison<'f>,
    old: &[Operation<'f>],
    new: &[Operation<'f>],
    sends: Direction,
) -> Result<(), Unusable> {
    let key = |operation: &Operation<'f>| (operation.path, operation.method.clone());
    let known: HashMap<_, _> = new.iter().map(|is| (key(is), is)).collect();
    let mut met = HashSet::new();
    for was in old {
        met.insert(key(was));
        match known.get(&key(was)) {
            Some(is) => both(comparison, was, is, sends)?,
            None => removed(comparison, was, sends, None)?,
        }
    }
    for is in new.iter().filter(|is| !met.contains(&key(is))) {
        added(comparison, is, sends)?;
    }
    Ok(())
}

/// Compares what the server sends because of an operation, callbacks by name and expression.
pub fn compare<'f>(
    comparison: &mut Comparison<'f>,
    was: &Operation<'f>,
    is: &Operation<'f>,
    sends: Direction,
) -> Result<(), Unusable> {
    let named = |operation: &Operation<'f>| operation.node.get("callbacks");
    let (old, new) = (named(was), named(is));
    let find = |holder: Option<Node<'f>>, name: &str| holder.and_then(|all| all.get(name));
    let names = old.into_iter().flat_map(Node::members);
    for (_, name, before) in names {
        let before = before.follow()?;
        let after = find(new, name).map(Node::follow).transpose()?;
        let is_known = after.is_some_and(|after| {
            // A callback may lead back to itself.
            let key = (Kind::Callback, sends, before.id(), after.id());
            comparison.known.insert(key, [].into()).is_some()
        });
        if !is_known {
            one(
                comparison,
                (was, is),
                name,
                (Some(before), after),
                sends.turned(),
            )?;
        }
    }
    for (_, name, after) in new.into_iter().flat_map(Node::members) {
        if find(old, name).is_none() {
            let after = after.follow()?;
            one(
                comparison,
                (was, is),
                name,
                (None, Some(after)),
                sends.turned(),
            )?;
        }
    }
    Ok(())
}

fn one<'f>(
    comparison: &mut Comparison<'f>,
    (was, is): (&Operation<'f>, &Operation<'f>),
    name: &str,
    (before, after): (Option<Node<'f>>, Option<Node<'f>>),
    sends: Direction,
) -> Result<(), Unusable> {
    let several = [before, after].into_iter().flatten().any(|callback| {
        let expressions = callback
            .members()
            .filter(|(_, key, _)| !key.starts_with("x-"));
        expressions.count() > 1
    });
    let called = |owner: &Operation<'_>, key: &str| match several {
        true => format!("callback {name} to {key} of {}", owner.name),
        false => format!("callback {name} of {}", owner.name),
    };
    let old = messages(&mut comparison.base, before, |key| called(was, key))?;
    let new = messages(&mut comparison.revision, after, |key| called(is, key))?;
    all(comparison, &old, &new, sends)
}
