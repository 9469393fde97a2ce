//! What a pair has to show, carried up to the whole values that hold it. A cause that many schemas meet is searched for once; from
//! there on every whole value is a step of building, not another search.

use std::collections::HashMap;

use foldhash::fast::RandomState;
use serde_json::{Value, json};

use super::mind::Mind;
use super::schema::{Kinds, Part, Size};
use super::solve::{Answer, Literal, Solver};
use super::summary::Summary;
use super::walk::{Nest, Pair, Reached, Walk, Way};

/// What was found so far on the pairs of a walk.
#[derive(Default)]
pub struct Carried {
    /// What a pair alone has to show for one of its suspects, and whether members that are not described count.
    shown: HashMap<((usize, usize), bool), Answer, RandomState>,
    /// Values with a place for what an edge leads to.
    holders: HashMap<(Way, bool), Option<Value>, RandomState>,
}

impl Carried {
    /// A whole value that shows a suspect; none when the pair of the suspect shows that there is none. What is unknown here may be
    /// found by a search from the whole.
    pub fn of(
        &mut self,
        mind: &mut Mind<'_>,
        walk: &Walk,
        reached: &Reached,
        tame: bool,
    ) -> Answer {
        let Some(broken) = walk.suspect(reached.id).broken else {
            return Answer::Unknown;
        };
        let shown = self.shown.entry((reached.id, tame)).or_insert_with(|| {
            let sub = &walk.pairs[reached.id.0].sub;
            Solver::new(&mut mind.space, &mut mind.judgement, tame).escape(sub, broken)
        });
        match shown.clone() {
            Answer::Value(value) => self
                .up(mind, walk, &reached.way, value, tame)
                .map_or(Answer::Unknown, Answer::Value),
            answer => answer,
        }
    }

    /// The value inside the values of the way.
    fn up(
        &mut self,
        mind: &mut Mind<'_>,
        walk: &Walk,
        way: &[Way],
        mut value: Value,
        tame: bool,
    ) -> Option<Value> {
        for step in way.iter().rev() {
            let (pair, edge) = (&walk.pairs[step.0], walk.edge(*step));
            if let Some(nest) = &edge.nest {
                let holder = self.holders.entry((*step, tame));
                let holder = holder.or_insert_with(|| holder_of(mind, pair, nest, tame));
                value = held(mind, holder.clone()?, nest, value)?;
                if pair.is_plain {
                    continue;
                }
            }
            let mut keeps = |id| mind.judgement.accepts(&mind.space, id, &value);
            let is_kept = pair
                .sub
                .iter()
                .chain(&edge.way)
                .all(|id| keeps(*id) == Some(true));
            if !is_kept || edge.guard.is_some_and(|guard| keeps(guard) != Some(false)) {
                return None;
            }
        }
        Some(value)
    }
}

/// A value of the first side that has what a step leads to.
fn holder_of(mind: &mut Mind<'_>, pair: &Pair, nest: &Nest, tame: bool) -> Option<Value> {
    if let Some(least) = least_holder(mind, pair, nest) {
        return Some(least);
    }
    let parts = match nest {
        Nest::Member(name) => vec![Part::Kinds(Kinds::OBJECT), Part::Required(*name)],
        Nest::Element(at) | Nest::Rest(at) => {
            let least = u64::try_from(*at).ok()?.checked_add(1)?;
            vec![Part::Kinds(Kinds::ARRAY), Part::Least(Size::Items, least)]
        }
        // Which name there would be is for the search to say.
        Nest::Matching(_) | Nest::Beside(_) => return None,
    };
    let place = mind.space.make(parts);
    let literal = |id, own| Literal {
        id,
        holds: true,
        own,
    };
    let mut goal: Vec<Literal> = pair.sub.iter().map(|id| literal(*id, true)).collect();
    goal.push(literal(place, false));
    match Solver::new(&mut mind.space, &mut mind.judgement, tame).solve(goal) {
        Answer::Value(value) => Some(value),
        Answer::None | Answer::Unknown => None,
    }
}

/// A holder with nothing else in it, where nothing else is asked for: that is seen without a search.
fn least_holder(mind: &Mind<'_>, pair: &Pair, nest: &Nest) -> Option<Value> {
    if !pair.is_plain {
        return None;
    }
    let draft = Summary::of(mind, &pair.sub).draft;
    let fits = |size: Size| {
        let least = draft
            .least
            .get(&(size as u8))
            .is_none_or(|least| *least <= 1);
        least && draft.most.get(&(size as u8)).is_none_or(|most| *most >= 1)
    };
    match nest {
        Nest::Member(name) => {
            let is_meant = draft.described.contains(name) && !draft.forbidden.contains(name);
            let is_alone = draft.required.iter().all(|required| required == name);
            let fits = fits(Size::Members) && draft.names.is_empty();
            let is_right = is_meant && is_alone && fits && draft.kinds.meets(Kinds::OBJECT);
            let text = mind.space.forest.text(*name);
            is_right.then(|| json!({ text: null }))
        }
        Nest::Element(0) | Nest::Rest(0) => {
            (fits(Size::Items) && draft.kinds.meets(Kinds::ARRAY)).then(|| json!([null]))
        }
        _ => None,
    }
}

/// The holder with the value in its place.
fn held(mind: &Mind<'_>, mut holder: Value, nest: &Nest, value: Value) -> Option<Value> {
    let place = match nest {
        Nest::Member(name) => holder.get_mut(mind.space.forest.text(*name)),
        Nest::Element(at) | Nest::Rest(at) => holder.get_mut(*at),
        Nest::Matching(_) | Nest::Beside(_) => None,
    };
    *place? = value;
    Some(holder)
}
