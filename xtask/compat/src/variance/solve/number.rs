//! Numbers within bounds, of some multiples and not of others.

use super::super::number::{Exact, common_multiple, is_multiple, multiple_from, one, value, whole};
use super::{Answer, Draft};

/// How many candidates are looked at from either end.
const TRIES: i64 = 128;

fn fits(draft: &Draft, number: &Exact) -> bool {
    let above = draft.lower.as_ref().is_none_or(|(bound, open)| {
        if *open {
            number > bound
        } else {
            number >= bound
        }
    });
    let below = draft.upper.as_ref().is_none_or(|(bound, open)| {
        if *open {
            number < bound
        } else {
            number <= bound
        }
    });
    let fine = |steps: &[Exact], wanted: bool| {
        steps.iter().all(|step| is_multiple(number, step) == wanted)
    };
    above && below && fine(&draft.multiples, true) && fine(&draft.not_multiples, false)
}

fn first(
    draft: &Draft,
    candidates: impl Iterator<Item = Exact>,
    wanted: impl Fn(&Exact) -> bool,
) -> Option<Answer> {
    let mut fitting = candidates
        .filter(|number| wanted(number) && fits(draft, number))
        .filter_map(|number| value(&number));
    fitting
        .find(|value| !draft.excludes(value))
        .map(Answer::Value)
}

/// There is no number between the bounds.
fn is_crossed(draft: &Draft) -> bool {
    match (&draft.lower, &draft.upper) {
        (Some((lower, open)), Some((upper, shut))) => {
            lower > upper || lower == upper && (*open || *shut)
        }
        _ => false,
    }
}

/// Multiples of a step, from both bounds inwards, and whether those are all.
fn stepped(draft: &Draft, step: &Exact) -> (Vec<Exact>, bool) {
    let low = draft
        .lower
        .as_ref()
        .map(|(bound, _)| multiple_from(bound, step));
    let high = draft
        .upper
        .as_ref()
        .map(|(bound, _)| -multiple_from(&-bound.clone(), step));
    let up = |from: &Exact| {
        (0..TRIES)
            .map(|n| from + step * whole(n))
            .collect::<Vec<_>>()
    };
    let down = |from: &Exact| {
        (0..TRIES)
            .map(|n| from - step * whole(n))
            .collect::<Vec<_>>()
    };
    match (low, high) {
        (Some(low), Some(high)) => {
            let is_all = &high - &low <= step * whole(TRIES);
            ([up(&low), down(&high)].concat(), is_all)
        }
        (Some(low), None) => (up(&low), false),
        (None, Some(high)) => (down(&high), false),
        (None, None) => {
            let start = step.clone();
            ([up(&start), down(&whole(0))].concat(), false)
        }
    }
}

pub fn integer(draft: &Draft) -> Answer {
    if is_crossed(draft) {
        return Answer::None;
    }
    let step = draft
        .multiples
        .iter()
        .fold(one(), |step, other| common_multiple(&step, other));
    if draft
        .not_multiples
        .iter()
        .any(|other| is_multiple(&step, other))
    {
        return Answer::None;
    }
    let (candidates, is_all) = stepped(draft, &step);
    let found = first(draft, candidates.into_iter(), Exact::is_integer);
    found.unwrap_or(if is_all {
        Answer::None
    } else {
        Answer::Unknown
    })
}

pub fn fraction(draft: &Draft) -> Answer {
    if is_crossed(draft) {
        return Answer::None;
    }
    let is_fraction = |number: &Exact| !number.is_integer();
    if let Some(start) = draft.multiples.first() {
        let step = draft
            .multiples
            .iter()
            .fold(start.clone(), |step, other| common_multiple(&step, other));
        if step.is_integer()
            || draft
                .not_multiples
                .iter()
                .any(|other| is_multiple(&step, other))
        {
            return Answer::None;
        }
        let (candidates, is_all) = stepped(draft, &step);
        let found = first(draft, candidates.into_iter(), is_fraction);
        return found.unwrap_or(if is_all {
            Answer::None
        } else {
            Answer::Unknown
        });
    }
    if let (Some((lower, _)), Some((upper, _))) = (&draft.lower, &draft.upper)
        && lower == upper
    {
        return first(draft, [lower.clone()].into_iter(), is_fraction).unwrap_or(Answer::None);
    }
    for digits in 1..16 {
        let step = if digits == 1 {
            whole(1) / whole(2)
        } else {
            Exact::new(1.into(), num_bigint::BigInt::from(10).pow(digits - 1))
        };
        let (candidates, _) = stepped(draft, &step);
        if let Some(found) = first(draft, candidates.into_iter(), is_fraction) {
            return found;
        }
    }
    Answer::Unknown
}
