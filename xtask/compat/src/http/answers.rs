//! Answers: statuses with their ranges and `default`, then headers, bodies and links of each.

use std::rc::Rc;

use indexmap::IndexMap;

use super::draft::{Draft, Part, Show};
use super::operations::Operation;
use super::{At, Comparison, Kind, content, headers, links};
use crate::document::{Node, Unusable};
use crate::report::{Direction, Effect};

/// The answers of an operation by status, in capitals.
type Answers<'f> = IndexMap<String, Node<'f>>;

fn read<'f>(operation: &Operation<'f>) -> Answers<'f> {
    let answers = operation.node.get("responses");
    let answers = answers.into_iter().flat_map(Node::members);
    let known = answers.filter(|(_, status, _)| !status.starts_with("x-"));
    known
        .map(|(_, status, node)| (shown(status), node))
        .collect()
}

/// The status as it is written in the specification: `2XX`, `default`.
fn shown(status: &str) -> String {
    if status.eq_ignore_ascii_case("default") {
        "default".to_owned()
    } else {
        status.to_uppercase()
    }
}

/// A client waits for it; failures it must handle anyway.
fn succeeds(status: &str) -> bool {
    status.starts_with(['1', '2', '3'])
}

fn is_range(status: &str) -> bool {
    status.ends_with("XX") || status == "default"
}

/// The range that a status is in.
fn range(status: &str) -> String {
    format!("{}XX", status.chars().next().unwrap_or('?'))
}

/// The answer of a status: its own, that of its range, or the default.
fn effective<'f>(answers: &Answers<'f>, status: &str) -> Option<(String, Node<'f>)> {
    let names = [status.to_owned(), range(status), "default".to_owned()];
    names
        .into_iter()
        .find_map(|name| answers.get(&name).map(|node| (name.clone(), *node)))
}

/// Compares what an operation answers.
pub fn compare<'f>(
    comparison: &mut Comparison<'f>,
    at: At<'_, 'f>,
    was: &Operation<'f>,
    is: &Operation<'f>,
) -> Result<(), Unusable> {
    let receives = at.sends.turned();
    let (old, new) = (read(was), read(is));
    for (status, before) in &old {
        let at = At {
            status: Some(status),
            ..at
        };
        match effective(&new, status) {
            Some((_, after)) => both(comparison, at, receives, (*before, after))?,
            None => removed(comparison, at, receives, (status, *before), (is, &new))?,
        }
    }
    for (status, after) in &new {
        if old.contains_key(status) {
            continue;
        }
        let at = At {
            status: Some(status),
            via: Some(*after),
            ..at
        };
        let covering = effective(&old, status).map(|(_, before)| before);
        if let Some(before) = covering {
            both(comparison, at, receives, (before, *after))?;
        }
        let rule = match covering {
            Some(_) => "status-told-apart",
            None if status == "304" => "status-not-modified",
            None if succeeds(status) => "status-success-added",
            None => "status-failure-added",
        };
        let effect = match covering {
            Some(_) => Effect::Narrows,
            None => Effect::Widens,
        };
        // In answers to the server a status of its own is no loss to those who give others.
        let effect = match receives {
            Direction::Request => Effect::Widens,
            Direction::Response => effect,
        };
        let says = "the revision may answer so, the base excludes it".to_owned();
        let draft = Draft::wire(rule, receives, effect)
            .both(was.node, after.follow()?)
            .about(status.as_str())
            .part(Part::Status)
            .show(Show::With(Part::Status, says));
        comparison.note(at, &draft)?;
    }
    Ok(())
}

fn removed<'f>(
    comparison: &mut Comparison<'f>,
    at: At<'_, 'f>,
    receives: Direction,
    (status, before): (&str, Node<'f>),
    (is, new): (&Operation<'f>, &Answers<'f>),
) -> Result<(), Unusable> {
    let stays = |own: &str| match status {
        "default" => true,
        status => range(own) == status && !is_range(own),
    };
    let is_narrower = is_range(status) && new.keys().any(|own| stays(own));
    let rule = match is_narrower {
        true => "status-range-narrowed",
        false if succeeds(status) => "status-success-removed",
        false => "status-failure-removed",
    };
    let says = match receives {
        Direction::Request => "right under the base, refused by the revision",
        Direction::Response => "promised by the base, answered otherwise by the revision",
    };
    let draft = Draft::wire(rule, receives, Effect::Narrows)
        .both(before.follow()?, is.node)
        .about(status)
        .part(Part::Status)
        .show(Show::With(Part::Status, says.to_owned()));
    comparison.note(at, &draft)
}

fn both<'f>(
    comparison: &mut Comparison<'f>,
    at: At<'_, 'f>,
    receives: Direction,
    (was, via): (Node<'f>, Node<'f>),
) -> Result<(), Unusable> {
    let (was, is) = (was.follow()?, via.follow()?);
    let drafts = comparison.once(Kind::Answer, receives, (was, is), |comparison, drafts| {
        let part = |media: Option<Rc<str>>| Part::Answer(media);
        content::compare(comparison, drafts, receives, &part, (was, is))?;
        headers::compare(comparison, drafts, receives, (was, is))?;
        if receives == Direction::Response {
            links::compare(drafts, (was, is))?;
        }
        Ok(())
    })?;
    let at = At {
        via: Some(via),
        ..at
    };
    comparison.note_all(at, &drafts)
}

/// What an operation says of a status.
pub fn of<'f>(operation: &Operation<'f>, status: &str) -> Option<Node<'f>> {
    effective(&read(operation), status).map(|(_, node)| node)
}
