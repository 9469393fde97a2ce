//! Media types of a body: which of them are taken or given, then their schemas and encodings.

use std::rc::Rc;

use super::draft::{Draft, Part, Show};
use super::media::Media;
use super::{Comparison, encoding, fields, schemas};
use crate::document::{Node, Unusable};
use crate::report::{Direction, Effect};

/// A media type of a body.
struct Typed<'f> {
    name: &'f str,
    media: Media,
    node: Node<'f>,
}

fn read<'f>(holder: Node<'f>) -> Result<Vec<Typed<'f>>, Unusable> {
    let mut found: Vec<Typed<'f>> = Vec::new();
    for (_, name, node) in holder.get("content").into_iter().flat_map(Node::members) {
        let media = Media::read(name);
        if !found.iter().any(|known| known.media == media) {
            let node = node.follow()?;
            found.push(Typed { name, media, node });
        }
    }
    Ok(found)
}

/// Compares the content of two bodies. What a client is answered it negotiates; what it sends, and what the server sends of
/// itself, is not negotiated.
pub fn compare<'f>(
    comparison: &mut Comparison<'f>,
    drafts: &mut Vec<Draft>,
    direction: Direction,
    part: &dyn Fn(Option<Rc<str>>) -> Part,
    (was, is): (Node<'f>, Node<'f>),
) -> Result<(), Unusable> {
    let (old, new) = (read(was)?, read(is)?);
    let is_answer = matches!(part(None), Part::Answer(_));
    let rule = |own: &'static str, answer: &'static str| if is_answer { answer } else { own };
    let several = old.len() > 1 || new.len() > 1;
    for before in &old {
        let named = part(several.then(|| before.name.into()));
        let like: Vec<&Typed<'f>> = partners(before, &new);
        for after in &like {
            let nodes = (before.node, after.node);
            for keyword in ["schema", "itemSchema"] {
                let schema = |node: Node<'f>| node.get(keyword);
                let pair = (schema(before.node), schema(after.node));
                schemas::compare(comparison, drafts, direction, &named, pair)?;
            }
            fields::written(drafts, direction, &named, "media-type", nodes);
            if before.media.is_form() || before.media.is_multipart() {
                encoding::compare(comparison, drafts, direction, &named, &before.media, nodes)?;
            }
        }
        let this = || part(Some(before.name.into()));
        let draft = match like.as_slice() {
            [] => {
                let says = match (is_answer, direction) {
                    (false, Direction::Request) => "right under the base, answered 415",
                    (true, Direction::Response) => "right under the base, answered 406",
                    (true, Direction::Request) => "right under the base, refused by the revision",
                    (false, Direction::Response) => "not sent in this form any more",
                };
                let rule = rule("media-type-removed", "answer-media-type-removed");
                Draft::wire(rule, direction, Effect::Narrows)
                    .both(before.node, is)
                    .about(before.name)
                    .show(Show::With(this(), says.to_owned()))
            }
            [after] if after.media.is_range() && after.media != before.media => {
                let says = "the revision may send any type of the range".to_owned();
                Draft::wire("media-type-widened", direction, Effect::Widens)
                    .both(before.node, after.node)
                    .change(before.name, after.name)
                    .show(Show::With(part(Some(after.name.into())), says))
            }
            [after] if after.media.takes(&before.media) => continue,
            all => {
                let says = "right under the base, answered 415".to_owned();
                let names: Vec<&str> = all.iter().map(|typed| typed.name).collect();
                Draft::wire("media-type-narrowed", direction, Effect::Narrows)
                    .both(before.node, is)
                    .change(before.name, names.join(", "))
                    .show(Show::With(this(), says))
            }
        };
        drafts.push(draft.part(named));
    }
    for after in &new {
        let takes = |one: &Typed<'_>, other: &Typed<'_>| one.media.takes(&other.media);
        let is_known = |before: &Typed<'_>| takes(before, after) || takes(after, before);
        if !old.iter().any(is_known) {
            let named = part(Some(after.name.into()));
            let says = "the revision may send it, the base excludes it".to_owned();
            let rule = rule("media-type-added", "answer-media-type-added");
            drafts.push(
                Draft::wire(rule, direction, Effect::Widens)
                    .both(was, after.node)
                    .about(after.name)
                    .part(part(None))
                    .show(Show::With(named, says)),
            );
        }
    }
    Ok(())
}

/// What stands for a media type on the other side: the same, a wider one, or all that are within it.
fn partners<'n, 'f>(before: &Typed<'f>, new: &'n [Typed<'f>]) -> Vec<&'n Typed<'f>> {
    if let Some(same) = new.iter().find(|after| after.media == before.media) {
        return vec![same];
    }
    let wider = new.iter().filter(|after| after.media.takes(&before.media));
    if let Some(wider) = wider.min_by_key(|after| after.media.is_range()) {
        return vec![wider];
    }
    let within = new.iter().filter(|after| before.media.takes(&after.media));
    within.collect()
}
