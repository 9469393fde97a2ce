//! How the members of a form are written: each by a style, or as a document of its own type.

use super::draft::{Draft, Part, Show, replaced};
use super::form::Form;
use super::media::Media;
use super::shape::{self, Shapes};
use super::{Comparison, fields, headers};
use crate::document::{Node, Unusable};
use crate::report::{Direction, Effect};

/// Compares the encodings of the members of two forms.
pub fn compare<'f>(
    comparison: &mut Comparison<'f>,
    drafts: &mut Vec<Draft>,
    direction: Direction,
    part: &Part,
    media: &Media,
    (was, is): (Node<'f>, Node<'f>),
) -> Result<(), Unusable> {
    let encodings = |node: Node<'f>| node.get("encoding").into_iter().flat_map(Node::members);
    let mut names: Vec<&str> = encodings(was).map(|(_, name, _)| name).collect();
    names.extend(encodings(is).map(|(_, name, _)| name));
    names.sort_unstable();
    names.dedup();
    for name in names {
        let own = |node: Node<'f>| node.get("encoding").and_then(|all| all.get(name));
        let (before, after) = (member(was, name)?, member(is, name)?);
        // A member that one side does not describe is compared as a member, not by its form.
        let (Some(before), Some(after)) = (before, after) else {
            continue;
        };
        let (old, new) = (own(was), own(is));
        let whole = |draft: Draft| {
            draft
                .both(old.unwrap_or(was), new.unwrap_or(is))
                .about(name)
                .part(part.clone())
        };
        let shapes = shape::of(Some(before))?;
        if media.is_form() && (styled(old) || styled(new)) {
            let form = |node: Option<Node<'f>>, holder| Form::of(node.unwrap_or(holder), "query");
            let (here, there) = (form(old, before), form(new, after));
            if let Some((before, after, _)) = here.differs(name, &there, shapes) {
                let says = format!("right under the base, the revision waits for `{after}`");
                let draft = Draft::wire("encoding-form", direction, replaced(direction));
                let draft = draft.change(before, after);
                drafts.push(whole(draft.show(Show::With(part.clone(), says))));
                continue;
            }
        }
        types(
            drafts,
            direction,
            &whole,
            part,
            (old, new),
            (usual(before, shapes)?, {
                let shapes = shape::of(Some(after))?;
                usual(after, shapes)?
            }),
        );
        if let (Some(old), Some(new)) = (old, new) {
            fields::written(drafts, direction, part, "encoding", (old, new));
        }
        if media.is_multipart()
            && let (Some(old), Some(new)) = (old, new)
        {
            headers::of_part(comparison, drafts, direction, part, (old, new))?;
        }
    }
    Ok(())
}

fn styled(encoding: Option<Node<'_>>) -> bool {
    let words = ["style", "explode", "allowReserved"];
    encoding.is_some_and(|encoding| words.iter().any(|word| encoding.get(word).is_some()))
}

/// The schema of a member of a form.
fn member<'f>(media: Node<'f>, name: &str) -> Result<Option<Node<'f>>, Unusable> {
    let Some(schema) = media.get("schema") else {
        return Ok(None);
    };
    let properties = schema.follow()?.get("properties");
    Ok(properties.and_then(|all| all.get(name)))
}

/// The type that a member has when none is said.
fn usual(schema: Node<'_>, shapes: Shapes) -> Result<&'static str, Unusable> {
    let schema = schema.follow()?;
    let is_binary =
        schema.word("format") == Some("binary") || schema.get("contentEncoding").is_some();
    Ok(match shapes {
        Shapes { text: true, .. } if is_binary => "application/octet-stream",
        Shapes {
            record: false,
            list: false,
            ..
        } => "text/plain",
        Shapes {
            record: true,
            text: false,
            bare: false,
            list: false,
        } => "application/json",
        Shapes {
            list: true,
            record: false,
            ..
        } => match schema.get("items") {
            Some(items) => {
                let inner = shape::of(Some(items))?;
                if inner.record {
                    "application/json"
                } else {
                    "text/plain"
                }
            }
            None => "application/json",
        },
        _ => "application/octet-stream",
    })
}

fn types(
    drafts: &mut Vec<Draft>,
    direction: Direction,
    whole: &dyn Fn(Draft) -> Draft,
    part: &Part,
    (old, new): (Option<Node<'_>>, Option<Node<'_>>),
    usual: (&str, &str),
) {
    let say = |node: Option<Node<'_>>, usual: &str| {
        node.and_then(|node| node.word("contentType"))
            .unwrap_or(usual)
            .to_owned()
    };
    let (before, after) = (say(old, usual.0), say(new, usual.1));
    let list = |text: &str| text.split(',').map(Media::read).collect::<Vec<_>>();
    let (here, there) = (list(&before), list(&after));
    let within = |one: &[Media], other: &[Media]| {
        one.iter()
            .all(|media| other.iter().any(|wide| wide.takes(media)))
    };
    for (effect, lost) in [
        (Effect::Narrows, !within(&here, &there)),
        (Effect::Widens, !within(&there, &here)),
    ] {
        if lost {
            let says = "right under the base, refused by the revision".to_owned();
            let draft = Draft::wire("encoding-type", direction, effect);
            let draft = draft.change(before.as_str(), after.as_str());
            drafts.push(whole(draft.show(Show::With(part.clone(), says))));
        }
    }
}
