//! The one engine: which values of one schema are none of another? Asked both ways it gives what a change shuts out and what it
//! lets through.
//!
//! `read` brings every dialect into one form, `class` tells at once what did not change, `walk` gathers what may be refused, and
//! `prove` asks `solve` for a value that shows it. A value that is shown has been checked by a validator that is not ours (`export`).

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use serde_json::Value;

use crate::document::{Forest, Node, NodeId, Unusable};
use crate::report::{Direction, Effect, Severity, law};

mod accept;
mod carry;
mod class;
mod export;
pub mod keywords;
mod mind;
mod number;
mod prove;
mod read;
mod say;
mod schema;
mod solve;
mod summary;
mod text;
mod tries;
mod walk;

#[cfg(test)]
mod tests;

use mind::Mind;
use read::ANYTHING;
use schema::SchemaId;

/// A step into a value.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Step {
    /// The member of a name.
    Member(String),
    /// A member of any other name.
    Other,
    /// The element at an index.
    Element(usize),
    /// Any further element.
    Rest,
}

/// One cause why values of one side are none of the other.
#[derive(Clone, Debug)]
pub struct Cause {
    /// What makes the difference: a keyword, or `member` (one that the narrower side does not describe), `refused` (one that it no
    /// longer takes), `closed`, `alternative`, `known`, `mapping`, `default`, `deprecated`, and `undescribed` where only members
    /// show it that the base does not describe.
    pub keyword: &'static str,
    pub effect: Effect,
    /// The member or value that it is about.
    pub subject: Option<String>,
    /// The member is required by the narrower side.
    pub required: bool,
    /// Where both sides say it; the node of a schema.
    pub base: Option<NodeId>,
    pub revision: Option<NodeId>,
    /// The way from the whole value.
    pub path: Rc<[Step]>,
    /// What both say, as short text.
    pub before: String,
    pub after: String,
}

impl Cause {
    /// The same thing, said by the same schema of the side that refuses.
    fn is_like(&self, other: &Cause) -> bool {
        let says = |cause: &Cause| match cause.effect {
            Effect::Narrows => cause.revision,
            Effect::Widens => cause.base,
        };
        (self.keyword, self.effect, &self.subject, &self.path)
            == (other.keyword, other.effect, &other.subject, &other.path)
            && says(self) == says(other)
    }
}

/// What a question about values came to.
#[derive(Clone, Debug)]
pub enum Shown {
    /// A value that one side takes and the other does not, checked by a validator.
    Value(Value),
    /// There is no value to show for it: why.
    Argued(String),
    /// It could not be decided: why.
    Unknown(String),
    /// Whether the sets differ could not be decided, and so many values did not show it.
    Sampled(u32),
}

/// Causes with what shows them.
pub type Causes = Rc<[(Cause, Shown)]>;

type Known = HashMap<(Direction, u32, u32), Causes>;

/// Compares schemas of the two documents of a forest.
pub struct Engine<'f> {
    request: Mind<'f>,
    /// None where nothing is for one side of the wire alone, so that both see the same schemas.
    response: Option<Mind<'f>>,
    known: Known,
    /// By the side that sees them so.
    walks: HashMap<(Direction, Effect), (walk::Walk, carry::Carried)>,
    /// Suspects that a checked value has shown; to see that they reach further it need not be checked again.
    shown: HashSet<(Direction, Effect, (usize, usize))>,
}

impl<'f> Engine<'f> {
    pub fn new(forest: &'f Forest) -> Engine<'f> {
        let marks = ["readOnly", "writeOnly"];
        let is_marked = marks.iter().any(|mark| forest.known(mark).is_some());
        Engine {
            request: Mind::new(forest, Direction::Request),
            response: is_marked.then(|| Mind::new(forest, Direction::Response)),
            known: Known::new(),
            walks: HashMap::new(),
            shown: HashSet::new(),
        }
    }

    fn mind(&mut self, direction: Direction) -> &mut Mind<'f> {
        match (direction, &mut self.response) {
            (Direction::Response, Some(response)) => response,
            _ => &mut self.request,
        }
    }

    /// Every cause of both effects, once each, by the shortest way from the whole value; none when both are the same set. `None` is
    /// the schema that takes anything.
    ///
    /// # Errors
    ///
    /// When a reference leads nowhere.
    pub fn compare(
        &mut self,
        direction: Direction,
        base: Option<Node<'f>>,
        revision: Option<Node<'f>>,
    ) -> Result<Causes, Unusable> {
        let mind = self.mind(direction);
        let mut id = |node: Option<Node<'f>>| node.map_or(ANYTHING, |node| mind.space.at(node));
        let (base, revision) = (id(base), id(revision));
        let key = (direction, mind.learn(base)?, mind.learn(revision)?);
        if key.1 == key.2 {
            return Ok(Rc::from([]));
        }
        if let Some(known) = self.known.get(&key) {
            return Ok(Rc::clone(known));
        }
        let mut causes = Vec::new();
        for effect in [Effect::Narrows, Effect::Widens] {
            causes.extend(self.effected(direction, effect, base, revision)?);
        }
        let causes: Causes = causes.into();
        self.known.insert(key, Rc::clone(&causes));
        Ok(causes)
    }

    /// A small value of a schema; None when none was found.
    ///
    /// # Errors
    ///
    /// When a reference leads nowhere.
    pub fn sample(
        &mut self,
        direction: Direction,
        schema: Option<Node<'f>>,
    ) -> Result<Option<Value>, Unusable> {
        let mind = self.mind(direction);
        let id = schema.map_or(ANYTHING, |node| mind.space.at(node));
        mind.learn(id)?;
        Ok(prove::sample(mind, id))
    }
}

/// Keywords that are told once, seen from the base or from the revision.
const TOLD_ONCE: [(&str, Effect); 2] = [
    ("default", Effect::Narrows),
    ("deprecated", Effect::Narrows),
];

impl Engine<'_> {
    /// The causes of one effect.
    fn effected(
        &mut self,
        direction: Direction,
        effect: Effect,
        base: SchemaId,
        revision: SchemaId,
    ) -> Result<Vec<(Cause, Shown)>, Unusable> {
        let (sub, sup) = match effect {
            Effect::Narrows => (base, revision),
            Effect::Widens => (revision, base),
        };
        let (seen_by, mind) = match (direction, &mut self.response) {
            (Direction::Response, Some(response)) => (direction, response),
            _ => (Direction::Request, &mut self.request),
        };
        let (walk, carried) = self.walks.entry((seen_by, effect)).or_default();
        let Some(root) = walk.pair(mind, walk::of_root(sub), walk::of_root(sup)) else {
            return Ok(Vec::new());
        };
        walk.run(mind)?;
        let check = law(direction, effect) == Severity::Breaking;
        // A client sends what the base describes; what a server leaves out of its description it may send all the same.
        let tame = (direction, effect) == (Direction::Request, Effect::Narrows);
        let mut causes = Vec::new();
        let (mut dismissed, mut is_shown) = (None, false);
        for reached in walk.reached(root) {
            let suspect = walk.suspect(reached.id);
            if TOLD_ONCE
                .iter()
                .any(|(keyword, told)| suspect.keyword == *keyword && *told != effect)
            {
                continue;
            }
            let mut keyword = suspect.keyword;
            let id = (direction, effect, reached.id);
            let check = check && !self.shown.contains(&id);
            let question = prove::Question {
                sub,
                sup,
                check,
                tame,
            };
            let mut shown = prove::prove(mind, walk, carried, &reached, question)?;
            if shown.is_none() && tame {
                // Only what no client sends by the base shows it, which is worth a word all the same.
                let wild = prove::Question {
                    tame: false,
                    ..question
                };
                shown = prove::prove(mind, walk, carried, &reached, wild)?;
                keyword = "undescribed";
            }
            let Some(shown) = shown else {
                dismissed = dismissed.or(Some(reached));
                continue;
            };
            is_shown |= !matches!(shown, Shown::Argued(_));
            if check && matches!(shown, Shown::Value(_)) {
                self.shown.insert(id);
            }
            let cause = Cause {
                keyword,
                ..cause(mind, walk, &reached, effect)
            };
            // Several ways through choices may lead to one cause.
            let is_known = causes
                .iter()
                .any(|(known, _): &(Cause, Shown)| known.is_like(&cause));
            if !is_known {
                causes.push((cause, shown));
            }
        }
        if let Some(reached) = dismissed.filter(|_| !is_shown) {
            let question = prove::Question {
                sub,
                sup,
                check,
                tame,
            };
            if let Some(shown) = prove::prove_whole(mind, question)? {
                causes.push((cause(mind, walk, &reached, effect), shown));
            }
        }
        Ok(causes)
    }
}

/// What a suspect is called.
fn cause(mind: &Mind<'_>, walk: &walk::Walk, reached: &walk::Reached, effect: Effect) -> Cause {
    let suspect = walk.suspect(reached.id);
    let sub = (suspect.sub, suspect.says.0.clone());
    let sup = (suspect.sup, suspect.says.1.clone());
    let ((base, before), (revision, after)) = match effect {
        Effect::Narrows => (sub, sup),
        Effect::Widens => (sup, sub),
    };
    Cause {
        keyword: suspect.keyword,
        effect,
        subject: suspect.subject.clone(),
        required: suspect.required,
        base,
        revision,
        path: prove::steps(mind, walk, &reached.way),
        before,
        after,
    }
}
