//! The names by which generated clients call operations. They are on no wire, but a client that is generated again would not
//! compile, or would call something else.

use std::collections::HashMap;

use super::draft::{Draft, Show};
use super::operations::Operation;
use super::{At, Comparison};
use crate::document::Unusable;
use crate::report::Direction;

fn id<'f>(operation: &Operation<'f>) -> Option<&'f str> {
    operation.node.word("operationId")
}

/// Compares the operationIds of operations that were matched.
pub fn compare<'f>(
    comparison: &mut Comparison<'f>,
    old: &[Operation<'f>],
    new: &[Operation<'f>],
    partners: &[Option<usize>],
) -> Result<(), Unusable> {
    let mut owners: HashMap<&str, usize> = HashMap::new();
    for (at, was) in old.iter().enumerate() {
        owners.extend(id(was).map(|id| (id, at)));
    }
    let mut former = vec![None; new.len()];
    for (at, partner) in partners.iter().enumerate() {
        if let Some(partner) = partner {
            former[*partner] = Some(at);
        }
    }
    for (number, is) in new.iter().enumerate() {
        let before = former[number].map(|at| &old[at]);
        let after = id(is);
        if before.and_then(id) == after {
            continue;
        }
        let owner = after
            .and_then(|after| owners.get(after))
            .map(|at| &old[*at]);
        let why = "a name in generated clients is on no wire".to_owned();
        let draft = match (before.and_then(id), after, owner) {
            (_, Some(after), Some(owner)) => Draft::plain("operation-id-reused")
                .about(after)
                .change(owner.name.as_str(), is.name.as_str())
                .base(owner.node),
            (Some(before), Some(after), None) => {
                let draft = Draft::plain("operation-id-changed").change(before, after);
                before_of(draft, former[number], old)
            }
            (Some(before), None, _) => {
                let draft = Draft::plain("operation-id-removed").about(before);
                before_of(draft, former[number], old)
            }
            (None, ..) => continue,
        };
        let at = At {
            number: comparison.findings.operation(&is.name, false),
            was: before,
            is: Some(is),
            sends: Direction::Request,
            status: None,
            via: None,
        };
        comparison.note(at, &draft.revision(is.node).show(Show::Argued(why)))?;
    }
    Ok(())
}

fn before_of(draft: Draft, at: Option<usize>, old: &[Operation<'_>]) -> Draft {
    match at {
        Some(at) => draft.base(old[at].node),
        None => draft,
    }
}
