//! Walks two conjunctions side by side and gathers what may make values of the first be none of the second. Every pair is looked at
//! once, however often it is met and whatever circles lead back to it; what was gathered is judged by `prove`.
//!
//! The walk may suspect too much and must not miss anything: a value of the first that is none of the second breaks some part of the
//! second, and every part is either seen to be kept, or walked into, or suspected.

use std::collections::{HashMap, HashSet, VecDeque};
use std::rc::Rc;

use foldhash::fast::RandomState;

use super::class::Class;
use super::mind::Mind;
use super::read::ANYTHING;
use super::schema::{Beside, Kinds, Part, SchemaId};
use super::summary::{All, Summary, classed, tidy};
use crate::document::{Name, NodeId, Unusable};

mod choices;
mod members;
mod notes;
mod parts;

/// How many ways through the choices of one conjunction are told apart.
const WAYS_MAX: usize = 64;

/// A step from a value to a part of it.
#[derive(Clone, Debug, PartialEq)]
pub enum Nest {
    Member(Name),
    Matching(Name),
    Beside(Rc<Beside>),
    Element(usize),
    Rest(usize),
}

/// What may be refused, at a pair.
#[derive(Clone, Debug)]
pub struct Suspect {
    pub keyword: &'static str,
    pub subject: Option<String>,
    pub required: bool,
    pub sub: Option<NodeId>,
    pub sup: Option<NodeId>,
    /// What the first and the second say.
    pub says: (String, String),
    /// What a value breaks that shows it; None where no value can.
    pub broken: Option<SchemaId>,
    /// It is about a member that the first does not describe.
    pub wild: bool,
}

/// A way from a pair to another one.
#[derive(Clone, Debug)]
pub struct Edge {
    pub to: usize,
    pub nest: Option<Nest>,
    /// What the value also breaks here: the choice of which one branch is looked at.
    pub guard: Option<SchemaId>,
    /// What the value keeps here: the branch that was taken.
    pub way: Option<SchemaId>,
}

/// A pair, looked at.
#[derive(Debug, Default)]
pub struct Pair {
    pub suspects: Vec<Suspect>,
    pub edges: Vec<Edge>,
    /// The first conjunction.
    pub sub: All,
    /// Whether a member or element of the first is right does not hang on the others.
    pub is_plain: bool,
}

type Key = (Box<[Class]>, Box<[Class]>);

/// Pairs, by number.
#[derive(Default)]
pub struct Walk {
    pub pairs: Vec<Pair>,
    by_key: HashMap<Key, usize, RandomState>,
    open: Vec<(usize, All, All)>,
    /// Of every pair, whether a suspect can be reached from it.
    leads: Vec<bool>,
    /// How many pairs have suspects.
    suspicious: usize,
    search: Search,
}

/// A search through the pairs, kept for the next one.
#[derive(Default)]
struct Search {
    number: u32,
    /// Of every pair, the last search that met it, and the pair and edge by which it did.
    met: Vec<(u32, Way)>,
}

/// A pair and one of its edges.
pub type Way = (usize, usize);

/// A suspect with the way to it from where the search began.
#[derive(Debug)]
pub struct Reached {
    /// The pair, and which of its suspects.
    pub id: (usize, usize),
    pub way: Vec<Way>,
}

impl Walk {
    /// The pair of two conjunctions; None when both say the same.
    pub fn pair(&mut self, mind: &mut Mind<'_>, sub: All, sup: All) -> Option<usize> {
        let (sub, sup) = (tidy(sub), tidy(sup));
        let key = (mind.key(&sub), mind.key(&sup));
        if key.0 == key.1 || sup.is_empty() && sub.is_empty() {
            return None;
        }
        if let Some(known) = self.by_key.get(&key) {
            return Some(*known);
        }
        let at = self.pairs.len();
        self.pairs.push(Pair::default());
        self.by_key.insert(key, at);
        self.open.push((at, sub, sup));
        Some(at)
    }

    /// Looks at every pair that waits.
    ///
    /// # Errors
    ///
    /// When a reference leads nowhere.
    pub fn run(&mut self, mind: &mut Mind<'_>) -> Result<(), Unusable> {
        while let Some((at, sub, sup)) = self.open.pop() {
            let pair = Look {
                mind,
                walk: self,
                pair: Pair::default(),
                sub,
                sup,
            }
            .look()?;
            self.suspicious += usize::from(!pair.suspects.is_empty());
            self.pairs[at] = pair;
        }
        self.lead();
        Ok(())
    }

    pub fn suspect(&self, (at, index): (usize, usize)) -> &Suspect {
        &self.pairs[at].suspects[index]
    }

    pub fn edge(&self, (at, index): Way) -> &Edge {
        &self.pairs[at].edges[index]
    }

    /// Every suspect that can be reached from a pair, by the shortest way.
    pub fn reached(&mut self, root: usize) -> Vec<Reached> {
        let Search { number, met } = &mut self.search;
        *number += 1;
        met.resize(self.pairs.len(), (0, (root, 0)));
        met[root].0 = *number;
        let mut left = self.suspicious;
        let mut queue: VecDeque<usize> = self.leads[root].then_some(root).into_iter().collect();
        let mut found = Vec::new();
        while let Some(at) = queue.pop_front() {
            let pair = &self.pairs[at];
            if !pair.suspects.is_empty() {
                let mut way = Vec::new();
                let mut back = at;
                while back != root {
                    let step = met[back].1;
                    way.push(step);
                    back = step.0;
                }
                way.reverse();
                found.extend((0..pair.suspects.len()).map(|index| Reached {
                    id: (at, index),
                    way: way.clone(),
                }));
                left -= 1;
                if left == 0 {
                    break;
                }
            }
            for (index, edge) in pair.edges.iter().enumerate() {
                if self.leads[edge.to] && met[edge.to].0 != *number {
                    met[edge.to] = (*number, (at, index));
                    queue.push_back(edge.to);
                }
            }
        }
        found
    }

    /// Goes back from the suspects of the pairs that are new. Edges of older pairs lead to older ones, so these stay as they are.
    fn lead(&mut self) {
        let from = self.leads.len();
        self.leads.resize(self.pairs.len(), false);
        let mut back: Vec<Vec<usize>> = vec![Vec::new(); self.pairs.len() - from];
        let mut open = Vec::new();
        for (at, pair) in self.pairs.iter().enumerate().skip(from) {
            let mut is_found = !pair.suspects.is_empty();
            for edge in &pair.edges {
                match edge.to.checked_sub(from) {
                    Some(to) => back[to].push(at),
                    None => is_found |= self.leads[edge.to],
                }
            }
            if is_found {
                open.push(at);
            }
        }
        while let Some(at) = open.pop() {
            if !std::mem::replace(&mut self.leads[at], true) {
                open.extend(&back[at - from]);
            }
        }
    }
}

struct Look<'w, 'm, 'f> {
    mind: &'m mut Mind<'f>,
    walk: &'w mut Walk,
    pair: Pair,
    sub: All,
    sup: All,
}

impl Look<'_, '_, '_> {
    fn look(mut self) -> Result<Pair, Unusable> {
        let n = Summary::of(self.mind, &self.sub);
        self.pair.sub.clone_from(&self.sub);
        self.pair.is_plain = n.parts.iter().all(|(part, _)| is_plain(part));
        let mut m = Summary::of(self.mind, &self.sup);
        // That the second never carries a member asks nothing of the first.
        m.draft.forbidden.clear();
        self.notes(&n, &m);
        if n.is_nothing() {
            return Ok(self.pair);
        }
        let own: HashSet<Part, RandomState> = n
            .parts
            .iter()
            .map(|(part, _)| classed(self.mind, part))
            .collect();
        let kept = |mind: &Mind<'_>, part: &Part| own.contains(&classed(mind, part));
        let news: Vec<(Part, SchemaId)> = m
            .parts
            .iter()
            .filter(|(part, _)| !kept(self.mind, part))
            .cloned()
            .collect();
        if news.is_empty() {
            return Ok(self.pair);
        }
        if self.ways(&n)? {
            return Ok(self.pair);
        }
        for (part, owner) in &news {
            self.part(&n, &m, part, *owner)?;
        }
        if n.draft.kinds.and(m.draft.kinds).meets(Kinds::OBJECT) {
            self.members(&n, &m);
        }
        if n.draft.kinds.and(m.draft.kinds).meets(Kinds::ARRAY) {
            self.elements(&n, &m);
        }
        Ok(self.pair)
    }

    fn node(&self, id: Option<SchemaId>) -> Option<NodeId> {
        id.and_then(|id| self.mind.space.node(id))
    }

    fn suspect(
        &mut self,
        keyword: &'static str,
        n: &Summary,
        owner: Option<SchemaId>,
        says: (String, String),
        broken: Option<SchemaId>,
    ) -> &mut Suspect {
        let (sub, sup) = (self.node(n.head), self.node(owner));
        self.pair.suspects.push(Suspect {
            keyword,
            subject: None,
            required: false,
            sub,
            sup,
            says,
            broken,
            wild: false,
        });
        self.pair.suspects.last_mut().expect("just pushed")
    }

    fn edge(
        &mut self,
        nest: Option<Nest>,
        sub: All,
        sup: All,
        guard: Option<SchemaId>,
        way: Option<SchemaId>,
    ) {
        if let Some(to) = self.walk.pair(self.mind, sub, sup) {
            self.pair.edges.push(Edge {
                to,
                nest,
                guard,
                way,
            });
        }
    }

    fn elements(&mut self, n: &Summary, m: &Summary) {
        let fixed = n.fixed().max(m.fixed());
        for at in 0..fixed.min(256) {
            let (own, other) = (n.element(at), m.element(at));
            self.edge(Some(Nest::Element(at)), own, other, None, None);
        }
        let (own, other) = (n.element(fixed), m.element(fixed));
        self.edge(Some(Nest::Rest(fixed)), own, other, None, None);
    }
}

/// It speaks of a value as such, or of a single member or element.
fn is_plain(part: &Part) -> bool {
    match part {
        Part::Values(_)
        | Part::Unique
        | Part::Contains(..)
        | Part::Dependent(..)
        | Part::Any(_)
        | Part::One(_)
        | Part::Not(_)
        | Part::If(..)
        | Part::Opaque(..) => false,
        Part::Kinds(_)
        | Part::Lower(..)
        | Part::Upper(..)
        | Part::Multiple(_)
        | Part::Least(..)
        | Part::Most(..)
        | Part::Pattern(_)
        | Part::Format(_)
        | Part::Element(..)
        | Part::Rest(..)
        | Part::Required(_)
        | Part::Hidden(_)
        | Part::Member(..)
        | Part::Matching(..)
        | Part::Others(..)
        | Part::Names(_)
        | Part::All(_) => true,
    }
}

fn same(mind: &Mind<'_>, one: &All, other: &All) -> bool {
    match (&one[..], &other[..]) {
        ([], []) => true,
        ([one], [other]) => mind.class(*one) == mind.class(*other),
        _ => mind.key(one) == mind.key(other),
    }
}

/// Nothing is said where everything is taken.
pub fn of_root(id: SchemaId) -> All {
    if id == ANYTHING { Vec::new() } else { vec![id] }
}
