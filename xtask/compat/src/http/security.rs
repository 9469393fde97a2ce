//! Credentials: which of them suffice, with which scopes. A list of alternatives, each of which is all of its schemes.

use std::collections::{BTreeMap, BTreeSet};

use super::draft::{Draft, Part, Show};
use super::operations::Operation;
use super::schemes::{self, Scheme, Schemes};
use super::{At, Comparison, Side, extensions};
use crate::document::{Node, Unusable};
use crate::report::{Direction, Effect, Severity, law};

/// What a client sends as a credential, with a placeholder for the secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// `header`, `query` or `cookie`.
    pub place: String,
    pub name: String,
    pub value: String,
}

/// A scheme that is asked for, under the name by which both documents know it.
#[derive(Clone)]
struct Asked<'f> {
    name: &'f str,
    scopes: BTreeSet<&'f str>,
    /// It is sent otherwise than in the base.
    changed: Option<(Scheme<'f>, Scheme<'f>)>,
}

/// All of these must be presented; by how they are sent.
type Alternative<'f> = BTreeMap<String, Asked<'f>>;

/// The list that says what an operation asks for.
fn list<'f>(side: &Side<'f>, operation: &Operation<'f>, sends: Direction) -> Option<Node<'f>> {
    let own = operation.node.get("security");
    // What the document asks of clients it does not ask of itself when it sends.
    own.or_else(|| match sends {
        Direction::Request => side.document.get("security"),
        Direction::Response => None,
    })
}

fn alternatives<'f>(
    list: Option<Node<'f>>,
    scope: Option<&'f str>,
    identify: impl Fn(&'f str) -> (String, Option<(Scheme<'f>, Scheme<'f>)>),
) -> Vec<Alternative<'f>> {
    let requirements = list.into_iter().flat_map(Node::items);
    let read = |requirement: Node<'f>| {
        let mut all = Alternative::new();
        for (_, name, scopes) in requirement.members() {
            let (wire, changed) = identify(name);
            let asked = all.entry(wire).or_insert_with(|| Asked {
                name,
                scopes: BTreeSet::new(),
                changed,
            });
            let scopes = scopes.items().filter_map(Node::text);
            asked.scopes.extend(scopes.chain(scope));
        }
        all
    };
    let found: Vec<_> = requirements.map(read).collect();
    if found.is_empty() {
        vec![Alternative::new()]
    } else {
        found
    }
}

fn wire(schemes: &Schemes<'_>, name: &str) -> String {
    let known = schemes.get(name);
    known.map_or_else(|| format!("unknown {name}"), |scheme| scheme.wire.clone())
}

/// By what a scheme of the revision is known in the base: a scheme that is sent alike, else one of its name.
fn partner<'f>(
    base: &Schemes<'f>,
    revision: &Schemes<'f>,
    name: &'f str,
) -> (String, Option<(Scheme<'f>, Scheme<'f>)>) {
    let own = wire(revision, name);
    let pair = base.get(name).zip(revision.get(name));
    match pair {
        Some((was, is)) if !base.values().any(|scheme| scheme.wire == own) => {
            (was.wire.clone(), Some((was.clone(), is.clone())))
        }
        _ => (own, None),
    }
}

fn suffices(held: &Alternative<'_>, asked: &Alternative<'_>) -> bool {
    let known = |(wire, asked): (&String, &Asked<'_>)| {
        let own = held.get(wire);
        own.is_some_and(|own| asked.scopes.is_subset(&own.scopes))
    };
    asked.iter().all(known)
}

/// What the schemes of an alternative that are sent otherwise come to.
fn changes(asked: &Alternative<'_>, direction: Direction) -> Vec<Draft> {
    let changed = asked.values().filter_map(|asked| asked.changed.as_ref());
    changed
        .flat_map(|(was, is)| schemes::changed(was, is, direction))
        .collect()
}

fn breaks(draft: &Draft) -> bool {
    let judged = draft.direction.zip(draft.effect);
    judged.is_some_and(|(direction, effect)| law(direction, effect) == Severity::Breaking)
}

/// Compares the credentials that an operation asks for.
pub fn compare<'f>(
    comparison: &mut Comparison<'f>,
    at: At<'_, 'f>,
    was: &Operation<'f>,
    is: &Operation<'f>,
) -> Result<(), Unusable> {
    let direction = at.sends;
    let lists = (
        list(&comparison.base, was, direction),
        list(&comparison.revision, is, direction),
    );
    let scopes = (extensions::scope(was.node), extensions::scope(is.node));
    if let (None, None) = lists {
        return Ok(());
    }
    let (base, revision) = (&comparison.base.schemes, &comparison.revision.schemes);
    let old = alternatives(lists.0, scopes.0, |name| (wire(base, name), None));
    let new = alternatives(lists.1, scopes.1, |name| partner(base, revision, name));
    let nodes = if scopes.0 == scopes.1 {
        (
            lists.0.unwrap_or(comparison.base.document),
            lists.1.unwrap_or(comparison.revision.document),
        )
    } else {
        (was.node, is.node)
    };
    let mut drafts = Vec::new();
    for held in &old {
        let enough = new.iter().filter(|asked| suffices(held, asked));
        let enough: Vec<Vec<Draft>> = enough.map(|asked| changes(asked, direction)).collect();
        let harm = |changes: &Vec<Draft>| changes.iter().filter(|draft| breaks(draft)).count();
        match enough.into_iter().min_by_key(harm) {
            Some(changes) => drafts.extend(changes),
            None => {
                let says = "right under the base, answered 401 or 403 by the revision".to_owned();
                drafts.push(
                    Draft::wire("credentials-narrowed", direction, Effect::Narrows)
                        .both(nodes.0, nodes.1)
                        .about(say(held))
                        .change(either(&old), either(&new))
                        .show(Show::Held(tokens(base, held), says)),
                );
            }
        }
    }
    for asked in &new {
        if !old.iter().any(|held| suffices(asked, held)) {
            let says = "the revision may send it, the base asks for others".to_owned();
            drafts.push(
                Draft::wire("credentials-widened", direction, Effect::Widens)
                    .both(nodes.0, nodes.1)
                    .about(say(asked))
                    .change(either(&old), either(&new))
                    .show(Show::Held(tokens(revision, asked), says)),
            );
        }
    }
    for draft in &mut drafts {
        draft.part = Part::Security;
    }
    comparison.note_all(at, &drafts)
}

fn tokens(schemes: &Schemes<'_>, alternative: &Alternative<'_>) -> Vec<Token> {
    let named = alternative
        .values()
        .filter_map(|asked| schemes.get(asked.name));
    named.filter_map(Scheme::token).collect()
}

/// The credentials that the base asks for first.
pub fn usual<'f>(side: &Side<'f>, operation: &Operation<'f>, sends: Direction) -> Vec<Token> {
    let list = list(side, operation, sends);
    let all = alternatives(list, None, |name| (name.to_owned(), None));
    all.first()
        .map_or_else(Vec::new, |first| tokens(&side.schemes, first))
}

fn say(alternative: &Alternative<'_>) -> String {
    let schemes = alternative.values().map(|asked| {
        let scopes: Vec<&str> = asked.scopes.iter().copied().collect();
        match scopes.is_empty() {
            true => format!("`{}`", asked.name),
            false => format!("`{}` with {}", asked.name, scopes.join(", ")),
        }
    });
    let schemes: Vec<String> = schemes.collect();
    match schemes.is_empty() {
        true => "no credential".to_owned(),
        false => schemes.join(" and "),
    }
}

fn either(list: &[Alternative<'_>]) -> String {
    let list: Vec<String> = list.iter().map(say).collect();
    list.join(" or ")
}
