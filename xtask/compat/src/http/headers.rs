//! Headers of answers and of the parts of a form: the case of names does not count.

use std::rc::Rc;

use indexmap::IndexMap;

use super::draft::{Draft, Part, Show, replaced};
use super::form::{Form, shapes};
use super::operations::deprecation;
use super::parameters::schema;
use super::{Comparison, content, schemas};
use crate::document::{Node, Unusable};
use crate::report::{Direction, Effect};

fn read<'f>(holder: Node<'f>) -> Result<IndexMap<String, (&'f str, Node<'f>)>, Unusable> {
    let mut found = IndexMap::new();
    for (_, name, node) in holder.get("headers").into_iter().flat_map(Node::members) {
        let key = name.to_lowercase();
        if key != "content-type" {
            found.insert(key, (name, node.follow()?));
        }
    }
    Ok(found)
}

/// Compares the headers of two answers.
pub fn compare<'f>(
    comparison: &mut Comparison<'f>,
    drafts: &mut Vec<Draft>,
    direction: Direction,
    pair: (Node<'f>, Node<'f>),
) -> Result<(), Unusable> {
    let part = |name: &str| Part::Header(name.into());
    all(comparison, drafts, direction, &part, pair)
}

/// Compares the headers of a part of a form.
pub fn of_part<'f>(
    comparison: &mut Comparison<'f>,
    drafts: &mut Vec<Draft>,
    direction: Direction,
    body: &Part,
    pair: (Node<'f>, Node<'f>),
) -> Result<(), Unusable> {
    all(comparison, drafts, direction, &|_| body.clone(), pair)
}

fn all<'f>(
    comparison: &mut Comparison<'f>,
    drafts: &mut Vec<Draft>,
    direction: Direction,
    part: &dyn Fn(&str) -> Part,
    (was, is): (Node<'f>, Node<'f>),
) -> Result<(), Unusable> {
    let (old, new) = (read(was)?, read(is)?);
    for (key, (name, before)) in &old {
        let Some((_, after)) = new.get(key) else {
            // One that may be missing may be missing always.
            let (rule, effect) = match before.says("required") {
                true => ("header-removed", Effect::Widens),
                false => ("header-dropped", Effect::Narrows),
            };
            let draft = Draft::wire(rule, direction, effect).both(*before, is);
            drafts.push(lacking(draft, direction, name, part(name)));
            continue;
        };
        one(
            comparison,
            drafts,
            direction,
            &part(name),
            name,
            (*before, *after),
        )?;
    }
    for (key, (name, after)) in &new {
        if old.contains_key(key) {
            continue;
        }
        let (rule, effect) = match (direction, after.says("required")) {
            (Direction::Request, true) => ("header-required", Effect::Narrows),
            _ => ("header-added", Effect::Narrows),
        };
        let effect = match direction {
            Direction::Request if rule == "header-added" => Effect::Widens,
            _ => effect,
        };
        let draft = Draft::wire(rule, direction, effect).both(was, *after);
        drafts.push(lacking(draft, direction, name, part(name)));
    }
    Ok(())
}

/// A draft that is shown by an exchange without the header.
fn lacking(draft: Draft, direction: Direction, name: &str, part: Part) -> Draft {
    let says = match direction {
        Direction::Request => "right under the base, refused by the revision",
        Direction::Response => "the revision may send it, the base promises the header",
    };
    let show = Show::Without(part.clone(), says.to_owned());
    draft.about(name).part(part).show(show)
}

fn one<'f>(
    comparison: &mut Comparison<'f>,
    drafts: &mut Vec<Draft>,
    direction: Direction,
    part: &Part,
    name: &str,
    (was, is): (Node<'f>, Node<'f>),
) -> Result<(), Unusable> {
    let from = drafts.len();
    deprecation(drafts, was, is);
    for draft in &mut drafts[from..] {
        draft.part = part.clone();
    }
    let presence = match (was.says("required"), is.says("required")) {
        (true, false) => Some(("header-optional", Effect::Widens)),
        (false, true) => Some(("header-required", Effect::Narrows)),
        _ => None,
    };
    drafts.extend(presence.map(|(rule, effect)| {
        let draft = Draft::wire(rule, direction, effect).both(was, is);
        lacking(draft, direction, name, part.clone())
    }));
    let (form, other) = (Form::of(was, "header"), Form::of(is, "header"));
    if form.is_content() && other.is_content() {
        let part = |_: Option<Rc<str>>| part.clone();
        return content::compare(comparison, drafts, direction, &part, (was, is));
    }
    if let Some((here, there, value)) = form.differs(name, &other, shapes(was)?) {
        let says = format!("right under the base, the revision writes `{there}`");
        drafts.push(
            Draft::wire("header-form", direction, replaced(direction))
                .both(was, is)
                .about(name)
                .change(here, there)
                .part(part.clone())
                .show(Show::Value(value, part.clone(), says)),
        );
        return Ok(());
    }
    let pair = (schema(was), schema(is));
    schemas::written(comparison, drafts, direction, part, pair)
}
