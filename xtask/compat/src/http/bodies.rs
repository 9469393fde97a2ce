//! The body that is sent with a request: whether there is one, and what it holds.

use std::rc::Rc;

use super::draft::{Draft, Part, Show};
use super::operations::Operation;
use super::{At, Comparison, Kind, content};
use crate::document::Unusable;
use crate::report::{Direction, Effect};

/// Compares what is sent with a request.
pub fn compare<'f>(
    comparison: &mut Comparison<'f>,
    at: At<'_, 'f>,
    was: &Operation<'f>,
    is: &Operation<'f>,
) -> Result<(), Unusable> {
    let sends = at.sends;
    let (old, new) = (was.node.get("requestBody"), is.node.get("requestBody"));
    let body = || Part::Body(None);
    let missing = || match sends {
        Direction::Request => "right under the base, answered 400 by the revision".to_owned(),
        Direction::Response => "the revision sends no body, the base promises one".to_owned(),
    };
    let draft = match (old, new) {
        (None, None) => return Ok(()),
        (Some(old), None) => {
            let old = old.follow()?;
            // What the server may leave out it may leave out always; what it promises it may not.
            let effect = match sends {
                Direction::Response if old.says("required") => Effect::Widens,
                _ => Effect::Narrows,
            };
            let show = match sends {
                Direction::Request => Show::With(
                    body(),
                    "right under the base, which takes a body".to_owned(),
                ),
                Direction::Response => Show::Without(body(), missing()),
            };
            Draft::wire("body-removed", sends, effect)
                .both(old, is.node)
                .show(show)
        }
        (None, Some(via)) => {
            let new = via.follow()?;
            let is_needed = new.says("required") && sends == Direction::Request;
            let draft = if is_needed {
                Draft::wire("body-new-required", sends, Effect::Narrows)
            } else {
                Draft::wire("body-added", sends, Effect::Widens)
            };
            draft.both(was.node, new).show(Show::Plain(missing()))
        }
        (Some(old), Some(via)) => {
            let (old, new) = (old.follow()?, via.follow()?);
            let find = |comparison: &mut Comparison<'f>, drafts: &mut Vec<Draft>| {
                let (before, after) = (old.says("required"), new.says("required"));
                let presence = match (before, after) {
                    (false, true) => Some(("body-required", Effect::Narrows)),
                    (true, false) => Some(("body-optional", Effect::Widens)),
                    _ => None,
                };
                drafts.extend(presence.map(|(rule, effect)| {
                    Draft::wire(rule, sends, effect)
                        .both(old, new)
                        .part(body())
                        .show(Show::Without(body(), missing()))
                }));
                let part = |media: Option<Rc<str>>| Part::Body(media);
                content::compare(comparison, drafts, sends, &part, (old, new))
            };
            let drafts = comparison.once(Kind::Body, sends, (old, new), find)?;
            let at = At {
                via: Some(via),
                ..at
            };
            return comparison.note_all(at, &drafts);
        }
    };
    comparison.note(at, &draft.part(body()))
}
