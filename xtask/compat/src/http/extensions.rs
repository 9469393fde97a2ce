//! Members that no specification knows and that promise something: scopes, idempotency, sizes of bodies, problems and their
//! catalogue, the days from which parts may go. Documents without them are judged as if this file were not there.

use std::collections::BTreeSet;

use jiff::civil::Date;

use super::draft::{Draft, Part, Show, effect, replaced};
use super::{At, Comparison};
use crate::document::{Content, Node, Unusable};
use crate::report::{Direction, Effect};

const SCOPE: &str = "x-scope";
const SUNSET: &str = "x-sunset";
const IDEMPOTENCY: &str = "x-idempotency";
const BODY_LIMIT: &str = "x-body-limit";
const PROBLEMS: &str = "x-problems";
const CATALOGUE: &str = "x-problem-catalogue";
const LIFECYCLE: &str = "x-lifecycle";

/// A scope that an operation asks of every scheme.
pub fn scope<'f>(operation: Node<'f>) -> Option<&'f str> {
    operation.word(SCOPE)
}

/// What something deprecated says of the day from which it may go.
pub fn sunset(node: Node<'_>) -> Option<Date> {
    node.word(SUNSET)?.parse().ok()
}

/// The day from which the node may go, if the document announced one there or where it refers to.
pub fn announced(node: Node<'_>) -> Result<Option<Date>, Unusable> {
    let mut at = node;
    let end = node.follow()?;
    while !at.says("deprecated") {
        if at.id() == end.id() {
            return Ok(None);
        }
        at = at.target()?.unwrap_or(end);
    }
    Ok(sunset(at))
}

/// Compares what an operation promises beside its messages.
pub fn operation(drafts: &mut Vec<Draft>, was: Node<'_>, is: Node<'_>) {
    idempotency(drafts, was, is);
    body_limit(drafts, was, is);
    problems(drafts, was, is);
}

fn idempotency(drafts: &mut Vec<Draft>, was: Node<'_>, is: Node<'_>) {
    let (Some(before), Some(after)) = (was.word(IDEMPOTENCY), is.word(IDEMPOTENCY)) else {
        return;
    };
    if before == after {
        return;
    }
    // From required to optional is the only step that no client notices.
    let draft = if (before, after) == ("required", "optional") {
        Draft::wire("idempotency-optional", Direction::Request, Effect::Widens)
    } else {
        let says = match after {
            "required" => "right without `Idempotency-Key` under the base, answered 400 now",
            _ => "sent again with its `Idempotency-Key`, it is no longer known to be the same",
        };
        Draft::wire("idempotency-changed", Direction::Request, Effect::Narrows)
            .show(Show::Plain(says.to_owned()))
    };
    drafts.push(draft.both(was, is).change(before, after));
}

fn body_limit(drafts: &mut Vec<Draft>, was: Node<'_>, is: Node<'_>) {
    let limit = |node: Node<'_>| match node.get(BODY_LIMIT)?.content() {
        Content::Number(text) => text.parse::<u64>().ok(),
        _ => None,
    };
    let (Some(before), Some(after)) = (limit(was), limit(is)) else {
        return;
    };
    if before != after {
        let says = format!(
            "with a body of {} bytes answered 413",
            after.saturating_add(1)
        );
        drafts.push(
            Draft::wire(
                "body-limit-changed",
                Direction::Request,
                effect(after < before),
            )
            .both(was, is)
            .change(before.to_string(), after.to_string())
            .show(Show::With(Part::Body(None), says)),
        );
    }
}

fn problems(drafts: &mut Vec<Draft>, was: Node<'_>, is: Node<'_>) {
    let codes = |node: Node<'_>| -> BTreeSet<String> {
        let codes = node.get(PROBLEMS).into_iter().flat_map(Node::items);
        codes.filter_map(Node::text).map(str::to_owned).collect()
    };
    let (old, new) = (codes(was), codes(is));
    let draft = |rule: &'static str, effect, code: &String| {
        Draft::wire(rule, Direction::Response, effect)
            .both(was, is)
            .about(code.as_str())
    };
    for code in new.difference(&old) {
        drafts.push(draft("problem-added", Effect::Widens, code));
    }
    for code in old.difference(&new) {
        drafts.push(draft("problem-removed", Effect::Narrows, code));
    }
}

/// Compares the catalogues of problems that documents carry: a client decides by status first.
pub fn catalogue(comparison: &mut Comparison<'_>) -> Result<(), Unusable> {
    let sides = [comparison.base.document, comparison.revision.document];
    let [Some(old), Some(new)] = sides.map(|document| document.get(CATALOGUE)) else {
        return Ok(());
    };
    for (name, code, was) in old.members() {
        let Some(is) = new.member(name) else {
            continue;
        };
        for member in ["status", "retryable"] {
            let say = |node: Node<'_>| {
                let value = node.get(member);
                value.map_or("none".to_owned(), |value| value.value().to_string())
            };
            let (before, after) = (say(was), say(is));
            if before == after {
                continue;
            }
            let why = format!("any answer with the problem `{code}` shows it");
            let direction = Direction::Response;
            let draft = Draft::wire("problem-changed", direction, replaced(direction))
                .both(was, is)
                .about(format!("`{member}` of the problem `{code}`"))
                .change(before, after)
                .show(Show::Argued(why));
            whole(comparison, &draft)?;
        }
    }
    Ok(())
}

/// The contract as a whole is marked as going away.
pub fn lifecycle(comparison: &mut Comparison<'_>) -> Result<(), Unusable> {
    let of = |document: Node<'_>| {
        let status = document.get("info").and_then(|info| info.get(LIFECYCLE));
        status.map(|lifecycle| lifecycle.id())
    };
    let forest = comparison.base.document.forest();
    let was = of(comparison.base.document).map(|id| forest.node(id));
    let Some(is) = of(comparison.revision.document).map(|id| forest.node(id)) else {
        return Ok(());
    };
    let differs = was.is_none_or(|was| !was.equals(is));
    if differs && is.word("status") == Some("deprecated") {
        let until = is.word("sunset").unwrap_or("a day that it does not say");
        let mut draft = Draft::plain("contract-deprecated").revision(is);
        draft.base = was.map(Node::id);
        draft.after = Some(until.to_owned());
        whole(comparison, &draft)?;
    }
    Ok(())
}

/// Records a change of the document as a whole.
fn whole(comparison: &mut Comparison<'_>, draft: &Draft) -> Result<(), Unusable> {
    let at = At {
        number: comparison.findings.operation("", false),
        was: None,
        is: None,
        sends: Direction::Request,
        status: None,
        via: None,
    };
    comparison.note(at, draft)
}
