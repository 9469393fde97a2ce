//! Arrays: which elements there have to be, and what each must be.

use serde_json::Value;

use super::super::schema::{Literal as Known, Part, Size};
use super::draft::Demand;
use super::{Answer, Draft, Literal, Solver, sizes};

/// Longer arrays are not built.
const LENGTH_MAX: usize = 200;

impl Solver<'_, '_> {
    pub(super) fn array(&mut self, draft: &Draft) -> Answer {
        let (min, max) = sizes(draft, Size::Items);
        if max.is_some_and(|max| max < min) {
            return Answer::None;
        }
        let demands: Vec<&Demand> = draft
            .demands
            .iter()
            .filter(|demand| matches!(demand, Demand::At(..) | Demand::From(..)))
            .collect();
        let wanted: Vec<Demand> = draft
            .contains
            .iter()
            .flat_map(|(literal, (least, _))| {
                let copies = usize::try_from(*least)
                    .unwrap_or(usize::MAX)
                    .min(LENGTH_MAX);
                std::iter::repeat_n(Demand::From(0, *literal), copies)
            })
            .collect();
        if draft
            .contains
            .values()
            .any(|(least, most)| most.is_some_and(|most| most < *least))
        {
            return Answer::None;
        }
        let demands: Vec<&Demand> = demands.into_iter().chain(&wanted).collect();
        let fixed = draft
            .elements
            .iter()
            .map(|(at, _)| at + 1)
            .max()
            .unwrap_or(0);
        // Only demands that are alike apart from each other, then all, then at the earliest places there are.
        let mut whole = Answer::None;
        for way in [1, 0, 2] {
            let mut placed: Vec<(usize, Literal)> = Vec::new();
            let mut next = fixed;
            for demand in &demands {
                match demand {
                    Demand::At(at, literal) => placed.push((*at, *literal)),
                    Demand::From(from, literal) => {
                        let same = placed.iter().filter(|(_, known)| known == literal).count();
                        let at = match way {
                            0 => next.max(*from),
                            1 => fixed.max(*from) + same,
                            _ => *from,
                        };
                        next = at + 1;
                        placed.push((at, *literal));
                    }
                    _ => {}
                }
            }
            match self.of_length(draft, min, max, &placed) {
                Answer::None => {}
                Answer::Unknown => whole = Answer::Unknown,
                value => return value,
            }
            // With one demand on any element, and elements that are all alike, the first place is as good as another.
            let is_alike =
                fixed == 0 && demands.len() <= 1 && draft.rests.iter().all(|(from, _)| *from == 0);
            if is_alike || demands.is_empty() {
                return whole;
            }
        }
        let only_fixed = demands
            .iter()
            .all(|demand| matches!(demand, Demand::At(..)));
        if only_fixed { whole } else { Answer::Unknown }
    }

    fn of_length(
        &mut self,
        draft: &Draft,
        min: u64,
        max: Option<u64>,
        placed: &[(usize, Literal)],
    ) -> Answer {
        let wanted = placed.iter().map(|(at, _)| at + 1).max().unwrap_or(0);
        let twins = if draft.twins { 2 } else { 0 };
        let Ok(least) = usize::try_from(min) else {
            return Answer::Unknown;
        };
        let length = least.max(wanted).max(twins);
        if max.is_some_and(|max| length as u64 > max) {
            // Fewer elements would do only if demands could share one, which the other ways try.
            return Answer::None;
        }
        if length > LENGTH_MAX {
            return Answer::Unknown;
        }
        let goal = |at: usize| -> Vec<Literal> {
            let own = draft
                .elements
                .iter()
                .filter(|(index, _)| *index == at)
                .map(|(_, literal)| *literal);
            let rest = draft
                .rests
                .iter()
                .filter(|(from, _)| at >= *from)
                .map(|(_, literal)| *literal);
            let placed = placed
                .iter()
                .filter(|(index, _)| *index == at)
                .map(|(_, literal)| *literal);
            own.chain(rest).chain(placed).collect()
        };
        let mut items: Vec<Value> = Vec::new();
        let mut whole = Answer::None;
        if draft.twins {
            // The first two places that can be equal.
            let extra = length.max(
                draft
                    .elements
                    .iter()
                    .map(|(at, _)| at + 1)
                    .max()
                    .unwrap_or(0)
                    + 2,
            );
            let extra = max.map_or(extra, |max| {
                extra.min(usize::try_from(max).unwrap_or(extra))
            });
            for second in 1..extra {
                for first in 0..second {
                    let both = [goal(first), goal(second)].concat();
                    let twin = match self.inner(&both) {
                        Answer::Value(value) => value,
                        Answer::Unknown => {
                            whole = Answer::Unknown;
                            continue;
                        }
                        Answer::None => continue,
                    };
                    let mut items = Vec::new();
                    for at in 0..length.max(second + 1) {
                        if at == first || at == second {
                            items.push(twin.clone());
                        } else if let Answer::Value(value) = self.inner(&goal(at)) {
                            items.push(value);
                        }
                    }
                    if items.len() == length.max(second + 1) {
                        return Answer::Value(Value::Array(items));
                    }
                    whole = Answer::Unknown;
                }
            }
            return whole;
        }
        for at in 0..length {
            let mut wanted = goal(at);
            if draft.unique && !items.is_empty() {
                let mut taken: Vec<Known> = items.iter().cloned().map(Known::new).collect();
                taken.sort();
                let id = self.space.make(vec![Part::Values(taken.into())]);
                wanted.push(Literal {
                    id,
                    holds: false,
                    own: false,
                });
            }
            match self.inner(&wanted) {
                Answer::Value(value) => items.push(value),
                // Other elements before it might have left room.
                Answer::None if draft.unique && at > 0 => return Answer::Unknown,
                other => return other,
            }
        }
        let array = Value::Array(items);
        if draft.excludes(&array) {
            self.longer(draft, max, array, &goal)
        } else {
            Answer::Value(array)
        }
    }

    /// An array that is not meant becomes another by one more element, or by another last one.
    fn longer(
        &mut self,
        draft: &Draft,
        max: Option<u64>,
        array: Value,
        goal: &dyn Fn(usize) -> Vec<Literal>,
    ) -> Answer {
        let Value::Array(mut items) = array else {
            return Answer::Unknown;
        };
        for _ in 0..4 {
            if max.is_some_and(|max| items.len() as u64 >= max) {
                return Answer::Unknown;
            }
            match self.inner(&goal(items.len())) {
                Answer::Value(value) => items.push(value),
                _ => return Answer::Unknown,
            }
            let array = Value::Array(items.clone());
            if !draft.excludes(&array) {
                return Answer::Value(array);
            }
        }
        Answer::Unknown
    }
}
