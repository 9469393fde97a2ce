//! From a suspicion to a verdict: a value of the first schema that breaks just what is suspected, seen from the whole value.

use std::rc::Rc;

use serde_json::Value;

use super::carry::Carried;
use super::mind::Mind;
use super::read::ANYTHING;
use super::schema::{Part, SchemaId};
use super::solve::{Answer, Solver};
use super::tries::{self, Tried};
use super::walk::{Edge, Nest, Reached, Walk, Way};
use super::{Shown, Step};
use crate::document::Unusable;

/// What a whole value breaks that shows the suspect. A value shows it whichever branches of the first side it takes, so these need not
/// be those of the way.
fn whole(mind: &mut Mind<'_>, broken: SchemaId, way: &[&Edge], is_bound: bool) -> SchemaId {
    let mut goal = broken;
    for edge in way.iter().rev() {
        if let Some(nest) = &edge.nest {
            let part = match nest {
                Nest::Member(name) => Part::Member(*name, goal),
                Nest::Matching(name) => Part::Matching(*name, goal),
                Nest::Beside(beside) => Part::Others(Rc::clone(beside), goal),
                Nest::Element(at) => Part::Element(*at, goal),
                Nest::Rest(from) => Part::Rest(*from, goal),
            };
            goal = mind.space.make(vec![part]);
        }
        let kept = edge.way.filter(|_| is_bound);
        let kept = kept.map(|way| mind.space.make(vec![Part::Not(way)]));
        let also: Vec<SchemaId> = edge.guard.into_iter().chain(kept).collect();
        if !also.is_empty() {
            let all: Vec<SchemaId> = std::iter::once(goal).chain(also).collect();
            goal = mind.space.make(vec![Part::Any(all.into())]);
        }
    }
    goal
}

/// The steps of a way, for people.
pub fn steps(mind: &Mind<'_>, walk: &Walk, way: &[Way]) -> Rc<[Step]> {
    let text = |name| mind.space.forest.text(name).to_owned();
    let nests = way.iter().filter_map(|way| walk.edge(*way).nest.as_ref());
    nests
        .map(|nest| match nest {
            Nest::Member(name) => Step::Member(text(*name)),
            Nest::Matching(_) | Nest::Beside(_) => Step::Other,
            Nest::Element(at) => Step::Element(*at),
            Nest::Rest(_) => Step::Rest,
        })
        .collect()
}

/// Values are not built deeper than this; the way from another schema may be shorter.
const NESTS_MAX: usize = 64;

/// How a suspect is to be judged.
#[derive(Clone, Copy)]
pub struct Question {
    pub sub: SchemaId,
    pub sup: SchemaId,
    /// Whether a value is checked by a validator.
    pub check: bool,
    /// Members that the first does not describe are not sent.
    pub tame: bool,
}

/// Judges a suspect: None when no value can show it, because there is none.
///
/// # Errors
///
/// When a reference leads nowhere.
pub fn prove(
    mind: &mut Mind<'_>,
    walk: &Walk,
    carried: &mut Carried,
    reached: &Reached,
    question: Question,
) -> Result<Option<Shown>, Unusable> {
    let Question { sub, sup, .. } = question;
    let suspect = walk.suspect(reached.id);
    let Some(broken) = suspect.broken else {
        return Ok(Some(Shown::Argued(
            "it says which values mean what, not which are taken".to_owned(),
        )));
    };
    let tame = question.tame && !suspect.wild;
    let way: Vec<&Edge> = reached.way.iter().map(|way| walk.edge(*way)).collect();
    if way.iter().filter(|edge| edge.nest.is_some()).count() > NESTS_MAX {
        return Ok(Some(Shown::Unknown(format!(
            "it lies deeper than {NESTS_MAX} members and elements"
        ))));
    }
    let shown = |mind: &mut Mind<'_>, value: Value| match question.check {
        false => Shown::Value(value),
        true => checked(mind, (sub, sup), value),
    };
    mind.learn(broken)?;
    match carried.of(mind, walk, reached, tame) {
        // A whole value would hold one that the pair alone has not.
        Answer::None => return Ok(None),
        Answer::Value(value) => {
            let shown = shown(mind, value);
            if matches!(shown, Shown::Value(_)) {
                return Ok(Some(shown));
            }
        }
        Answer::Unknown => {}
    }
    let mut answer = Answer::None;
    for is_bound in [true, false] {
        if answer == Answer::None && (is_bound || way.iter().any(|edge| edge.way.is_some())) {
            let goal = whole(mind, broken, &way, is_bound);
            answer = escape(mind, sub, goal, tame)?;
        }
    }
    Ok(match answer {
        Answer::None => None,
        Answer::Unknown => Some(undecided()),
        Answer::Value(value) => Some(shown(mind, value)),
    })
}

fn escape(
    mind: &mut Mind<'_>,
    sub: SchemaId,
    goal: SchemaId,
    tame: bool,
) -> Result<Answer, Unusable> {
    mind.learn(goal)?;
    Ok(Solver::new(&mut mind.space, &mut mind.judgement, tame).escape(&[sub], goal))
}

fn undecided() -> Shown {
    Shown::Unknown("no value was found that shows it, nor a reason why there is none".to_owned())
}

/// Looks at a root as a whole, where no suspect alone has anything to show: there may be other ways to one than that which was tried.
/// Where this cannot be decided either, values are tried.
///
/// # Errors
///
/// When a reference leads nowhere.
pub fn prove_whole(mind: &mut Mind<'_>, question: Question) -> Result<Option<Shown>, Unusable> {
    let Question { sub, sup, .. } = question;
    let shown = match escape(mind, sub, sup, question.tame)? {
        Answer::None => return Ok(None),
        Answer::Value(value) if !question.check => return Ok(Some(Shown::Value(value))),
        Answer::Value(value) => checked(mind, (sub, sup), value),
        Answer::Unknown => undecided(),
    };
    if matches!(shown, Shown::Value(_)) {
        return Ok(Some(shown));
    }
    // Of what breaks nothing, only what is sure is told.
    if !question.check {
        return Ok(None);
    }
    Ok(Some(match tries::run(mind, sub, sup) {
        Tried::Refuted(value) => checked(mind, (sub, sup), value),
        Tried::Held(samples) => Shown::Sampled(samples),
    }))
}

fn checked(mind: &mut Mind<'_>, (sub, sup): (SchemaId, SchemaId), value: Value) -> Shown {
    let validator = |id| super::export::validator(&mind.space, id, &value);
    let (left, right) = (validator(sub), validator(sup));
    match (left, right) {
        (Some(left), Some(right)) if left.is_valid(&value) && !right.is_valid(&value) => {
            Shown::Value(value)
        }
        (Some(_), Some(_)) => Shown::Unknown(format!(
            "the validator takes {value} otherwise than the engine"
        )),
        _ => match (
            mind.judgement.accepts(&mind.space, sub, &value),
            mind.judgement.accepts(&mind.space, sup, &value),
        ) {
            (Some(true), Some(false)) => Shown::Value(value),
            _ => Shown::Argued(
                "a schema is too large, or says what no validator can be asked".to_owned(),
            ),
        },
    }
}

/// A small value of a schema.
pub fn sample(mind: &mut Mind<'_>, id: SchemaId) -> Option<Value> {
    if id == ANYTHING {
        return Some(Value::String("x".to_owned()));
    }
    let goal = vec![super::solve::Literal {
        id,
        holds: true,
        own: true,
    }];
    match Solver::new(&mut mind.space, &mut mind.judgement, true).solve(goal) {
        Answer::Value(value) => Some(value),
        _ => None,
    }
}
