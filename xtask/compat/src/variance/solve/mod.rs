//! Looks for a value that keeps some schemas and breaks others, or finds that there is none: a tableau (Beth 1955) over the parts of
//! schemas. What it finds is a witness; what it rules out is proved; what it gives up is said to be unknown.
//!
//! A value is finite, so a goal that comes back to itself on its way down has no value by that way.

use std::collections::HashMap;

use foldhash::fast::RandomState;
use serde_json::Value;

use super::accept::Judgement;
use super::read::Space;
use super::schema::{Kinds, Part, SchemaId, Size};

mod array;
mod branch;
mod draft;
mod number;
mod object;
mod string;

pub use draft::Draft;

/// A schema that a value has to keep, or to break.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Literal {
    pub id: SchemaId,
    pub holds: bool,
    /// It belongs to the side whose values are looked for, and so describes them.
    pub own: bool,
}

/// What came of a goal.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    Value(Value),
    None,
    Unknown,
}

/// How many branches one question may take.
const STEPS_MAX: usize = 4_000;

/// How deep values are built.
const DEPTH_MAX: usize = 40;

/// Something that a draft still has to take in.
#[derive(Clone, Debug)]
pub enum Todo {
    Literal(Literal),
    /// The part is kept; `own` as in [`Literal`].
    Keep(Part, bool),
    Break(Part),
    Forbid(crate::document::Name),
}

type Options = Vec<Vec<Todo>>;

/// Answers questions about the schemas of a space, one after another.
pub struct Solver<'s, 'f> {
    pub space: &'s mut Space<'f>,
    pub judgement: &'s mut Judgement,
    /// Members that the own side does not describe are not sent by anybody who goes by it.
    pub tame: bool,
    known: HashMap<Vec<Literal>, Answer, RandomState>,
    open: Vec<Vec<Literal>>,
    /// The outermost open goal that the present answer takes for granted.
    assumed: usize,
    steps: usize,
}

impl<'s, 'f> Solver<'s, 'f> {
    pub fn new(
        space: &'s mut Space<'f>,
        judgement: &'s mut Judgement,
        tame: bool,
    ) -> Solver<'s, 'f> {
        Solver {
            space,
            judgement,
            tame,
            known: HashMap::default(),
            open: Vec::new(),
            assumed: usize::MAX,
            steps: 0,
        }
    }

    /// A value that keeps `own` and breaks `other`.
    pub fn escape(&mut self, own: &[SchemaId], other: SchemaId) -> Answer {
        let mut goal: Vec<Literal> = own
            .iter()
            .map(|id| Literal {
                id: *id,
                holds: true,
                own: true,
            })
            .collect();
        goal.push(Literal {
            id: other,
            holds: false,
            own: false,
        });
        self.solve(goal)
    }

    /// A value that keeps and breaks what the goal says.
    pub fn solve(&mut self, mut goal: Vec<Literal>) -> Answer {
        goal.sort_unstable();
        goal.dedup();
        let contradicts = |one: &Literal| {
            goal.iter()
                .any(|other| other.id == one.id && other.holds != one.holds)
        };
        if goal.iter().any(contradicts) {
            return Answer::None;
        }
        if let Some(known) = self.known.get(&goal) {
            return known.clone();
        }
        if let Some(at) = self.open.iter().position(|open| *open == goal) {
            self.assumed = self.assumed.min(at);
            return Answer::None;
        }
        if self.open.len() > DEPTH_MAX {
            return Answer::Unknown;
        }
        let depth = self.open.len();
        self.open.push(goal.clone());
        let before = std::mem::replace(&mut self.assumed, usize::MAX);
        let todo = goal.iter().map(|literal| Todo::Literal(*literal)).collect();
        let mut answer =
            stacker::maybe_grow(128 << 10, 4 << 20, || self.expand(Draft::default(), todo));
        self.open.pop();
        if let Answer::Value(value) = &answer
            && !self.keeps(&goal, value)
        {
            answer = Answer::Unknown;
        }
        // A value is a value; that there is none may have leant on a goal that is still open.
        if matches!(answer, Answer::Value(_)) || self.assumed >= depth && self.steps < STEPS_MAX {
            self.known.insert(goal, answer.clone());
        }
        if self.assumed >= depth {
            self.assumed = usize::MAX;
        }
        self.assumed = self.assumed.min(before);
        answer
    }

    /// The value is what the goal asks for, by the rules and not by the search.
    fn keeps(&mut self, goal: &[Literal], value: &Value) -> bool {
        goal.iter().all(|literal| {
            self.judgement.accepts(self.space, literal.id, value) == Some(literal.holds)
        })
    }

    fn expand(&mut self, mut draft: Draft, mut todo: Vec<Todo>) -> Answer {
        self.steps += 1;
        if self.steps > STEPS_MAX {
            return Answer::Unknown;
        }
        while let Some(next) = todo.pop() {
            match next {
                Todo::Literal(literal) => self.literal(&mut draft, &mut todo, literal),
                Todo::Keep(part, own) => self.keep(&mut draft, &mut todo, &part, own),
                Todo::Break(part) => self.break_part(&mut draft, &mut todo, &part),
                Todo::Forbid(name) => {
                    draft.forbidden.insert(name);
                }
            }
            if draft.is_impossible() {
                return Answer::None;
            }
        }
        let smallest = (0..draft.choices.len()).min_by_key(|at| draft.choices[*at].len());
        let Some(at) = smallest else {
            return self.build(&draft);
        };
        // What no part of the value can be, no choice makes possible.
        if self.is_hopeless(&draft) {
            return Answer::None;
        }
        let options = draft.choices.swap_remove(at);
        let mut whole = Answer::None;
        for option in options {
            match self.expand(draft.clone(), option) {
                Answer::None => {}
                Answer::Unknown => whole = Answer::Unknown,
                value => return value,
            }
        }
        whole
    }

    fn build(&mut self, draft: &Draft) -> Answer {
        if draft
            .opaque
            .intersection(&draft.not_opaque)
            .next()
            .is_some()
        {
            return Answer::None;
        }
        if let Some(values) = &draft.values {
            // Whether the listed values keep everything else is asked of the goal as a whole.
            let goal: Vec<Literal> = self.open.last().cloned().unwrap_or_default();
            let mut whole = Answer::None;
            for literal in values {
                let verdicts: Vec<Option<bool>> = goal
                    .iter()
                    .map(|wanted| {
                        self.judgement
                            .accepts(self.space, wanted.id, &literal.value)
                            .map(|kept| kept == wanted.holds)
                    })
                    .collect();
                if verdicts.iter().all(|verdict| *verdict == Some(true)) {
                    return Answer::Value(literal.value.clone());
                }
                if !verdicts.contains(&Some(false)) {
                    whole = Answer::Unknown;
                }
            }
            return whole;
        }
        let mut whole = Answer::None;
        for kind in Kinds::EACH
            .into_iter()
            .filter(|kind| draft.kinds.meets(*kind))
        {
            let answer = match kind {
                Kinds::NULL => draft.first(&[Value::Null]),
                Kinds::BOOLEAN => draft.first(&[Value::Bool(true), Value::Bool(false)]),
                Kinds::INTEGER => number::integer(draft),
                Kinds::FRACTION => number::fraction(draft),
                Kinds::STRING => self.string(draft),
                Kinds::ARRAY => self.array(draft),
                _ => self.object(draft),
            };
            match answer {
                Answer::None => {}
                Answer::Unknown => whole = Answer::Unknown,
                Answer::Value(value) if draft.not_opaque.is_empty() && draft.opaque.is_empty() => {
                    return Answer::Value(value);
                }
                Answer::Value(_) => whole = Answer::Unknown,
            }
        }
        if draft.is_partial && whole == Answer::None {
            return Answer::Unknown;
        }
        whole
    }

    /// As [`Solver::solve`], for a part of a value.
    fn inner(&mut self, goal: &[Literal]) -> Answer {
        if goal.is_empty() {
            return Answer::Value(Value::Bool(true));
        }
        self.solve(goal.to_vec())
    }
}

/// The size that a draft asks for, at least and at most.
fn sizes(draft: &Draft, size: Size) -> (u64, Option<u64>) {
    (
        draft.least.get(&(size as u8)).copied().unwrap_or(0),
        draft.most.get(&(size as u8)).copied(),
    )
}
