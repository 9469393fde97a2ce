//! What no client sees on the wire, and a reader does: descriptions, titles, examples, tags. A document that differs in nothing
//! else is a better wording of the same contract.

use std::collections::HashSet;

use foldhash::fast::RandomState;
use indexmap::IndexMap;

use super::draft::Draft;
use super::{At, Comparison};
use crate::document::{Content, Node, NodeId, Unusable};
use crate::report::Direction;

/// Keys of what is only there to be read.
const TEXTS: [&str; 11] = [
    "description",
    "summary",
    "title",
    "example",
    "examples",
    "tags",
    "externalDocs",
    "contact",
    "license",
    "bearerFormat",
    "$comment",
];

/// Keys under which members have names of their own.
const NAMED: [&str; 3] = ["properties", "patternProperties", "$defs"];

/// The operation, component or other part around a difference.
type Around = (Option<NodeId>, Option<NodeId>);

/// Notes each operation, component and other part of which the wording differs. When nothing at all was found and the documents
/// differ, that is noted too: no difference passes unnamed.
pub fn compare(comparison: &mut Comparison<'_>) -> Result<(), Unusable> {
    let mut walk = Walk {
        texts: IndexMap::new(),
        others: IndexMap::new(),
        met: HashSet::default(),
    };
    let (base, revision) = (comparison.base.document, comparison.revision.document);
    walk.part((Some(base), Some(revision)), &mut Vec::new());
    let others = if comparison.findings.is_silent() {
        walk.others
    } else {
        IndexMap::new()
    };
    let all = walk.texts.into_iter().map(|text| ("text-changed", text));
    let others = others.into_iter().map(|text| ("written-otherwise", text));
    for (rule, ((base, revision), called)) in all.chain(others) {
        let mut draft = Draft::plain(rule).about(called.as_str());
        (draft.base, draft.revision) = (base, revision);
        draft.path = called;
        let at = At {
            number: comparison.findings.operation("", false),
            was: None,
            is: None,
            sends: Direction::Request,
            status: None,
            via: None,
        };
        comparison.note(at, &draft)?;
    }
    Ok(())
}

struct Walk {
    texts: IndexMap<Around, String>,
    others: IndexMap<Around, String>,
    /// Pairs of nodes that were met through an alias, which may be met again and again.
    met: HashSet<(NodeId, NodeId), RandomState>,
}

type Pair<'f> = (Option<Node<'f>>, Option<Node<'f>>);

impl Walk {
    /// Goes down to the parts that have names.
    fn part<'f>(&mut self, (was, is): Pair<'f>, steps: &mut Vec<&'f str>) {
        let deep = match steps.first() {
            Some(&("paths" | "components" | "webhooks")) => 3,
            Some(&"info") => 2,
            _ => 1,
        };
        if steps.len() == deep {
            let around = (was.map(Node::id), is.map(Node::id));
            let called = called(steps);
            let is_text = TEXTS.contains(steps.last().unwrap_or(&""));
            let (mut text, mut other) = (false, false);
            self.differences((was, is), is_text, false, &mut |is_text| {
                text |= is_text;
                other |= !is_text;
            });
            if text {
                self.texts.insert(around, called.clone());
            }
            if other {
                self.others.insert(around, called);
            }
            return;
        }
        for (name, pair) in members((was, is)) {
            if *steps == ["info"] && name == "version" {
                continue;
            }
            steps.push(name);
            self.part(pair, steps);
            steps.pop();
        }
    }

    /// Tells of every difference whether it is one of texts.
    fn differences<'f>(
        &mut self,
        (was, is): Pair<'f>,
        is_text: bool,
        is_named: bool,
        tell: &mut dyn FnMut(bool),
    ) {
        let (Some(old), Some(new)) = (was, is) else {
            return tell(is_text);
        };
        // What a reference leads to may be written out instead; it says the same in the same words.
        let refers = |node: Node<'_>| node.get("$ref").is_some();
        if refers(old) != refers(new)
            && let (Ok(was), Ok(is)) = (old.follow(), new.follow())
        {
            tell(false);
            let wraps = |node: Node<'_>| node.get("allOf").is_some();
            if !wraps(was) && !wraps(is) && self.met.insert((was.id(), is.id())) {
                stacker::maybe_grow(32 << 10, 1 << 20, || {
                    self.differences((Some(was), Some(is)), is_text, is_named, tell);
                });
            }
            return;
        }
        match (old.content(), new.content()) {
            (Content::Object, Content::Object) => {
                for (name, pair) in members((was, is)) {
                    let is_text = is_text || !is_named && TEXTS.contains(&name);
                    let is_named = NAMED.contains(&name) && !is_named;
                    self.inner((old, new), pair, is_text, is_named, tell);
                }
            }
            (Content::Array, Content::Array) if old.items().count() == new.items().count() => {
                for (was, is) in old.items().zip(new.items()) {
                    self.inner((old, new), (Some(was), Some(is)), is_text, false, tell);
                }
            }
            (Content::Number(_), Content::Number(_)) if old.equals(new) => {}
            (one, other) if one == other && !matches!(one, Content::Array) => {}
            _ => tell(is_text),
        }
    }

    fn inner<'f>(
        &mut self,
        (old, new): (Node<'f>, Node<'f>),
        pair: Pair<'f>,
        is_text: bool,
        is_named: bool,
        tell: &mut dyn FnMut(bool),
    ) {
        if let (Some(was), Some(is)) = pair {
            let is_own = |outer: Node<'_>, inner: Node<'_>| {
                inner
                    .parent()
                    .is_some_and(|parent| parent.id() == outer.id())
            };
            let is_alias = !is_own(old, was) || !is_own(new, is);
            if is_alias && !self.met.insert((was.id(), is.id())) {
                return;
            }
        }
        // Aliases nest without indentation.
        stacker::maybe_grow(32 << 10, 1 << 20, || {
            self.differences(pair, is_text, is_named, tell);
        });
    }
}

/// Members of either node, each with its like.
fn members<'f>((was, is): Pair<'f>) -> Vec<(&'f str, Pair<'f>)> {
    let old = was.into_iter().flat_map(Node::members);
    let both =
        old.map(|(name, text, node)| (text, (Some(node), is.and_then(|is| is.member(name)))));
    let new = is.into_iter().flat_map(Node::members);
    let fresh = new.filter(|(name, ..)| was.is_none_or(|was| was.member(*name).is_none()));
    both.chain(fresh.map(|(_, text, node)| (text, (None, Some(node)))))
        .collect()
}

/// What people call a part.
fn called(steps: &[&str]) -> String {
    match steps {
        ["paths", path, method] => format!("{} {path}", method.to_uppercase()),
        ["webhooks", name, ..] => format!("webhook {name}"),
        ["components", kind, name] => format!("{} {name}", kind.trim_end_matches('s')),
        ["info", "x-lifecycle"] => "the lifecycle".to_owned(),
        [.., last] => format!("`{last}`"),
        [] => "the document".to_owned(),
    }
}
