//! The one question about two schemas: which values of the first are none of the second? Asked both ways it gives what a change
//! shuts out and what it lets through; what that means for a client is for `change` to say.
//!
//! A pair of schemas is looked at once, and is taken to hold while it is being looked at, so that circles end.

use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use serde_json::{Value, json};

use super::reader::Reader;
use super::same::same;
use super::schema::{All, KINDS, Kind, Node, Site, key};
use super::{admit, sample};

/// One cause why a value of the first set is none of the second.
#[derive(Clone, Debug)]
pub struct Escape {
    /// The keyword that makes the difference, or a word of this module: `member`, `closed`, `known`, `alternative`, `mapping`.
    pub keyword: &'static str,
    /// The member or the value that it is about.
    pub subject: Option<String>,
    /// The member is required by the second set.
    pub required: bool,
    /// Where the first schema stands.
    pub sub: Rc<str>,
    /// Where the second schema stands.
    pub sup: Rc<str>,
    /// Where in the value, as a JSON pointer in which `*` stands for any element or member.
    pub path: String,
    /// What the first and the second schema say, as short text.
    pub says: (String, String),
    /// A value of the first set that should be none of the second.
    pub witness: Option<Value>,
    /// False when the difference could not be judged and counts as one.
    pub decided: bool,
}

type Key = (Vec<usize>, Vec<usize>);

/// Compares the schemas of two documents, seen from one side of the wire.
pub struct Judge<'a> {
    pub sub: Reader<'a>,
    pub sup: Reader<'a>,
    known: HashMap<Key, Rc<Vec<Escape>>>,
    open: Vec<Key>,
    /// The outermost open pair that the present answer takes for granted.
    assumed: usize,
}

impl<'a> Judge<'a> {
    /// A judge of values of `sub` that are none of `sup`.
    pub fn new(sub: Reader<'a>, sup: Reader<'a>) -> Judge<'a> {
        Judge {
            sub,
            sup,
            known: HashMap::new(),
            open: Vec::new(),
            assumed: usize::MAX,
        }
    }

    /// Every cause why a value of the first conjunction is none of the second; none when all are.
    pub fn escapes(&mut self, sub: &All<'a>, sup: &All<'a>) -> Rc<Vec<Escape>> {
        let key = (key(sub), key(sup));
        if let Some(known) = self.known.get(&key) {
            return Rc::clone(known);
        }
        if let Some(at) = self.open.iter().position(|open| *open == key) {
            self.assumed = self.assumed.min(at);
            return Rc::default();
        }
        let depth = self.open.len();
        self.open.push(key.clone());
        let before = std::mem::replace(&mut self.assumed, usize::MAX);
        let found = Rc::new(self.judge(sub, sup));
        self.open.pop();
        if self.assumed >= depth {
            self.known.insert(key, Rc::clone(&found));
            self.assumed = usize::MAX;
        }
        self.assumed = self.assumed.min(before);
        found
    }

    fn judge(&mut self, sub: &All<'a>, sup: &All<'a>) -> Vec<Escape> {
        if same(&self.sub, sub, &self.sup, sup) {
            return Vec::new();
        }
        let (n, m) = (self.sub.node(sub), self.sup.node(sup));
        if n.is_empty() || m.is_anything() && m.mapping.is_empty() && m.known.is_none() {
            return Vec::new();
        }
        if n.choices.is_empty() && m.choices.is_empty() {
            return self.plain(sub, &n, sup, &m);
        }
        let mut found = self.mapping(&n, &m);
        if let Some(overlap) = self.overlap(sub, &n, sup, &m) {
            found.push(overlap);
            return found;
        }
        let targets = self.sup.ways(sup);
        for way in self.sub.ways(sub) {
            if !self.is_covered(&way, &targets) {
                found.extend(self.uncovered(&way, &targets, sup));
            }
        }
        once(found)
    }

    /// A `oneOf` refuses what two branches take, so it may be read as a union only when its branches are apart, or when the
    /// first schema has the same branches.
    fn overlap(
        &mut self,
        sub: &All<'a>,
        n: &Node<'a>,
        sup: &All<'a>,
        m: &Node<'a>,
    ) -> Option<Escape> {
        let mut exclusive = self.sup.choices(sup);
        exclusive.retain(|choice| choice.exclusive);
        for choice in exclusive {
            let branches: Vec<Node<'a>> = choice
                .branches
                .iter()
                .map(|branch| self.sup.node(&vec![branch.clone()]))
                .collect();
            let apart = (0..branches.len())
                .all(|at| (0..at).all(|other| apart(&self.sup, &branches[at], &branches[other])));
            if apart || self.has_branches(n, &choice.branches) {
                continue;
            }
            let says = ("one of its branches", "perhaps two branches of `oneOf`");
            let witness = sample::sample(&self.sub, sub);
            return Some(Escape {
                decided: false,
                ..escape("oneOf", n, m, says, witness)
            });
        }
        None
    }

    /// The first schema has an exclusive choice whose branches are the same sets one by one.
    fn has_branches(&mut self, n: &Node<'a>, branches: &[Site<'a>]) -> bool {
        let choices: Vec<_> = n
            .choices
            .iter()
            .filter(|choice| choice.exclusive)
            .cloned()
            .collect();
        choices.iter().any(|choice| {
            choice.branches.len() == branches.len()
                && choice.branches.iter().zip(branches).all(|(sub, sup)| {
                    let (sub, sup) = (vec![sub.clone()], vec![sup.clone()]);
                    let mut back = Judge::new(self.sup, self.sub);
                    self.escapes(&sub, &sup).is_empty() && back.escapes(&sup, &sub).is_empty()
                })
        })
    }

    fn is_covered(&mut self, way: &All<'a>, targets: &[All<'a>]) -> bool {
        if targets
            .iter()
            .any(|target| self.escapes(way, target).is_empty())
        {
            return true;
        }
        let node = self.sub.node(way);
        if let Some(values) = &node.values {
            return values.iter().all(|value| {
                let mut targets = targets.iter();
                admit::admits(&self.sub, way, value) == Some(false)
                    || targets.any(|target| admit::admits(&self.sup, target, value) == Some(true))
            });
        }
        let pieces = pieces(&node);
        pieces.len() > 1
            && pieces.into_iter().all(|piece| {
                let way = [&way[..], &[piece]].concat();
                targets
                    .iter()
                    .any(|target| self.escapes(&way, target).is_empty())
            })
    }

    /// Why no target takes the way: the causes against the one target that it resembles, or that it resembles none.
    fn uncovered(&mut self, way: &All<'a>, targets: &[All<'a>], sup: &All<'a>) -> Vec<Escape> {
        let node = self.sub.node(way);
        let others = self.sup.node(sup);
        if let Some(values) = &node.values {
            let refused = values.iter().filter(|value| {
                let mut targets = targets.iter();
                admit::admits(&self.sub, way, value) != Some(false)
                    && !targets.any(|target| admit::admits(&self.sup, target, value) == Some(true))
            });
            return refused
                .map(|value| {
                    let says = ("allowed", "not allowed");
                    let found = escape("enum", &node, &others, says, Some((*value).clone()));
                    found.about(value.to_string())
                })
                .collect();
        }
        let (left, right) = (self.sub, self.sup);
        let mut near: Vec<Rc<Vec<Escape>>> = targets
            .iter()
            .filter(|target| !apart_between(&left, &node, &right, &right.node(target)))
            .map(|target| self.escapes(way, target))
            .collect();
        near.sort_by_key(|found| found.len());
        match near.first() {
            Some(best) => best
                .iter()
                .map(|found| {
                    let mut targets = targets.iter();
                    let proved = found
                        .path
                        .is_empty()
                        .then_some(())
                        .and(found.witness.as_ref());
                    let outside = proved.is_some_and(|value| {
                        targets.all(|target| admit::admits(&self.sup, target, value) == Some(false))
                    });
                    Escape {
                        decided: found.decided && (near.len() == 1 || outside),
                        ..found.clone()
                    }
                })
                .collect(),
            None => {
                let witness = sample::sample(&self.sub, way);
                let says = (self.label(&node), "no alternative for it".to_owned());
                vec![escape("alternative", &node, &others, says, witness)]
            }
        }
    }

    /// What an alternative is known by: a member with one value, or the kind.
    fn label(&self, node: &Node<'a>) -> String {
        let mut words = node.required.iter().filter_map(|name| {
            let member = self.sub.node(&node.member(name));
            match member.values.as_deref() {
                Some([word]) => Some(format!("`{name}: {word}`")),
                _ => None,
            }
        });
        let mut kinds: Vec<Kind> = node.kinds.iter().copied().collect();
        kinds.sort_unstable();
        words.next_back().unwrap_or_else(|| kinds.join(" or "))
    }

    /// Words by which a client tells alternatives apart: any other word is a surprise, and a missing one a loss.
    pub fn mapping(&self, n: &Node<'a>, m: &Node<'a>) -> Vec<Escape> {
        let mut found = Vec::new();
        for (name, words) in &m.mapping {
            let Some(known) = n.mapping.get(name) else {
                continue;
            };
            for word in known.difference(words) {
                let says = ("an alternative", "none");
                let witness = Some(json!({ *name: word }));
                found.push(escape("mapping", n, m, says, witness).about((*word).to_owned()));
            }
        }
        found
    }
}

impl Escape {
    /// The same, about a member or a value.
    pub fn about(self, subject: String) -> Escape {
        Escape {
            subject: Some(subject),
            ..self
        }
    }

    /// The same, seen from the value around it.
    pub fn inside(&self, step: &str, wrap: impl FnOnce(Value) -> Option<Value>) -> Escape {
        Escape {
            path: format!("/{step}{}", self.path),
            witness: self.witness.clone().and_then(wrap),
            ..self.clone()
        }
    }
}

/// A cause at two nodes.
pub fn escape<L: Into<String>, R: Into<String>>(
    keyword: &'static str,
    sub: &Node<'_>,
    sup: &Node<'_>,
    says: (L, R),
    witness: Option<Value>,
) -> Escape {
    Escape {
        keyword,
        subject: None,
        required: false,
        sub: Rc::clone(&sub.pointer),
        sup: Rc::clone(&sup.pointer),
        path: String::new(),
        says: (says.0.into(), says.1.into()),
        witness,
        decided: true,
    }
}

/// Each cause once, where it is met first.
pub fn once(found: Vec<Escape>) -> Vec<Escape> {
    let mut seen = BTreeMap::new();
    let mut kept: Vec<Escape> = Vec::new();
    for escape in found {
        let cause = (
            escape.keyword,
            escape.subject.clone(),
            Rc::clone(&escape.sub),
            Rc::clone(&escape.sup),
        );
        if seen.insert(cause, ()).is_none() {
            kept.push(escape);
        }
    }
    kept
}

/// The set cut by kind, as schemas to add to it.
fn pieces(node: &Node<'_>) -> Vec<Site<'static>> {
    static CUTS: std::sync::LazyLock<Vec<(Kind, Value)>> = std::sync::LazyLock::new(|| {
        let named = KINDS.into_iter().filter(|kind| *kind != "fraction");
        named
            .map(|kind| match kind {
                "integer" => (kind, json!({"type": "number"})),
                kind => (kind, json!({"type": kind})),
            })
            .collect()
    });
    CUTS.iter()
        .filter(|(kind, _)| {
            node.kinds.contains(kind) || *kind == "integer" && node.kinds.contains("fraction")
        })
        .map(|(_, cut)| Site {
            node: cut,
            pointer: "".into(),
        })
        .collect()
}

fn apart<'a>(reader: &Reader<'a>, one: &Node<'a>, other: &Node<'a>) -> bool {
    apart_between(reader, one, reader, other)
}

/// Two sets have no value in common, by a proof that is easy to see: other kinds, other values, or a member that both require
/// and of which that is so.
fn apart_between<'a>(
    left: &Reader<'a>,
    one: &Node<'a>,
    right: &Reader<'a>,
    other: &Node<'a>,
) -> bool {
    if one.kinds.is_disjoint(&other.kinds) {
        return true;
    }
    if let (Some(ones), Some(others)) = (&one.values, &other.values) {
        return ones.iter().all(|value| !others.contains(value));
    }
    let objects = |node: &Node<'_>| node.kinds.len() == 1 && node.kinds.contains("object");
    if !objects(one) || !objects(other) {
        return false;
    }
    let both = one.required.intersection(&other.required);
    let told = both.into_iter().any(|name| {
        let (one, other) = (
            left.node(&one.member(name)),
            right.node(&other.member(name)),
        );
        match (&one.values, &other.values) {
            (Some(ones), Some(others)) => ones.iter().all(|value| !others.contains(value)),
            _ => one.kinds.is_disjoint(&other.kinds),
        }
    });
    let refuses = |asking: &Node<'a>, reader: &Reader<'a>, node: &Node<'a>| {
        let mut required = asking.required.iter();
        required.any(|name| {
            let member = node.member(name);
            !member.is_empty() && reader.node(&member).is_empty()
        })
    };
    told || refuses(one, right, other) || refuses(other, left, one)
}
