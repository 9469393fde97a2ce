//! Parameters: matched by place and name, path parameters by their turn in the template; then presence, form on the wire, schema.

use std::rc::Rc;

use indexmap::IndexMap;

use super::draft::{Draft, Part, Show, effect, replaced};
use super::form::{Form, shapes};
use super::operations::{Operation, deprecation};
use super::{At, Comparison, Kind, content, extensions, schemas};
use crate::document::{Node, Unusable};
use crate::report::{Direction, Effect};

/// Headers that OpenAPI takes from elsewhere.
const IGNORED: [&str; 3] = ["accept", "content-type", "authorization"];

/// A parameter of an operation.
#[derive(Clone)]
pub struct Parameter<'f> {
    pub node: Node<'f>,
    /// The node by which the operation names it.
    pub via: Node<'f>,
    pub name: &'f str,
    pub place: &'f str,
    /// By this it is the same on both sides.
    pub key: Rc<str>,
}

impl<'f> Parameter<'f> {
    /// As people call it.
    pub fn called(&self) -> String {
        match self.place {
            "querystring" => "query string".to_owned(),
            place => format!("{place} parameter `{}`", self.name),
        }
    }

    pub fn is_required(&self) -> bool {
        self.place == "path" || self.node.says("required")
    }

    /// How its value is written.
    pub fn form(&self) -> Form<'f> {
        Form::of(self.node, self.place)
    }

    fn part(&self) -> Part {
        Part::Parameter(Rc::clone(&self.key), self.called().into())
    }
}

/// The parameters of an operation by key; its own replace those of its path.
pub fn read<'f>(operation: &Operation<'f>) -> Result<IndexMap<Rc<str>, Parameter<'f>>, Unusable> {
    let mut found = IndexMap::new();
    let mut nameless = Vec::new();
    for holder in [operation.item, operation.node] {
        for via in holder.get("parameters").into_iter().flat_map(Node::items) {
            let node = via.follow()?;
            let (Some(name), Some(place)) = (node.word("name"), node.word("in")) else {
                continue;
            };
            let own = match place {
                "header" => name.to_lowercase(),
                "querystring" => String::new(),
                "path" => match operation.turns.iter().position(|turn| *turn == name) {
                    Some(turn) => turn.to_string(),
                    None => {
                        nameless.push((via, node, name));
                        continue;
                    }
                },
                "query" | "cookie" => name.to_owned(),
                _ => continue,
            };
            if place == "header" && IGNORED.contains(&own.as_str()) {
                continue;
            }
            let key: Rc<str> = format!("{place} {own}").into();
            found.insert(
                Rc::clone(&key),
                Parameter {
                    node,
                    via,
                    name,
                    place,
                    key,
                },
            );
        }
    }
    // A parameter that the template calls otherwise is the first one that nothing else describes.
    for (via, node, name) in nameless {
        let mut turns = (0..operation.turns.len()).map(|turn| Rc::from(format!("path {turn}")));
        let free = turns.find(|key: &Rc<str>| !found.contains_key(key));
        let key = free.unwrap_or_else(|| format!("path {name}").into());
        let place = "path";
        found.insert(
            Rc::clone(&key),
            Parameter {
                node,
                via,
                name,
                place,
                key,
            },
        );
    }
    Ok(found)
}

/// Compares the parameters of an operation that both documents have.
pub fn compare<'f>(
    comparison: &mut Comparison<'f>,
    at: At<'_, 'f>,
    was: &Operation<'f>,
    is: &Operation<'f>,
) -> Result<(), Unusable> {
    let sends = at.sends;
    let (old, new) = (read(was)?, read(is)?);
    for (key, before) in &old {
        let Some(after) = new.get(key) else {
            if before.place == "path" {
                one_sided(comparison, at, (Some(before), None))?;
                continue;
            }
            let gone = removed(before, is, sends)?;
            comparison.note(at, &gone)?;
            continue;
        };
        let at = At {
            via: Some(after.via),
            ..at
        };
        let drafts = comparison.once(
            Kind::Parameter,
            sends,
            (before.node, after.node),
            |comparison, drafts| both(comparison, drafts, before, after, sends),
        )?;
        comparison.note_all(at, &drafts)?;
    }
    for (key, after) in &new {
        if old.contains_key(key) {
            continue;
        }
        if after.place == "path" {
            one_sided(comparison, at, (None, Some(after)))?;
            continue;
        }
        let draft = if after.is_required() && sends == Direction::Request {
            let says = "right under the base, answered 400 by the revision".to_owned();
            Draft::wire("parameter-new-required", sends, Effect::Narrows).show(Show::Plain(says))
        } else {
            Draft::wire("parameter-added", sends, Effect::Widens)
        };
        let draft = draft.revision(after.node).about(after.called());
        comparison.note(
            At {
                via: Some(after.via),
                ..at
            },
            &draft,
        )?;
    }
    Ok(())
}

/// A step of the path that only one side describes; the other takes any text there.
fn one_sided<'f>(
    comparison: &mut Comparison<'f>,
    at: At<'_, 'f>,
    (before, after): (Option<&Parameter<'f>>, Option<&Parameter<'f>>),
) -> Result<(), Unusable> {
    let Some(known) = after.or(before) else {
        return Ok(());
    };
    let schema_of = |side: Option<&Parameter<'f>>| side.and_then(|it| schema(it.node));
    let (mut drafts, part) = (Vec::new(), known.part());
    let pair = (schema_of(before), schema_of(after));
    schemas::written(comparison, &mut drafts, at.sends, &part, pair)?;
    comparison.note_all(at, &drafts)
}

fn removed(
    before: &Parameter<'_>,
    is: &Operation<'_>,
    sends: Direction,
) -> Result<Draft, Unusable> {
    let draft = match (sends, before.is_required()) {
        (Direction::Response, true) => Draft::wire("parameter-optional", sends, Effect::Widens)
            .show(Show::Without(
                before.part(),
                "the base promises the parameter".to_owned(),
            )),
        _ => {
            let says = "right under the base, and not heeded by the revision".to_owned();
            let part = before.part();
            Draft::wire("parameter-removed", sends, Effect::Narrows).show(Show::With(part, says))
        }
    };
    let day = extensions::announced(before.via)?;
    let draft = draft.both(before.node, is.node).about(before.called());
    Ok(draft.sunset(day))
}

fn both<'f>(
    comparison: &mut Comparison<'f>,
    drafts: &mut Vec<Draft>,
    before: &Parameter<'f>,
    after: &Parameter<'f>,
    sends: Direction,
) -> Result<(), Unusable> {
    let (called, part) = (after.called(), after.part());
    let from = drafts.len();
    deprecation(drafts, before.node, after.node);
    for draft in &mut drafts[from..] {
        draft.part = part.clone();
    }
    let whole = |draft: Draft| draft.both(before.node, after.node).about(called.as_str());
    let lacking = || match sends {
        Direction::Request => "right under the base, answered 400 by the revision".to_owned(),
        Direction::Response => {
            "the revision may send it, the base promises the parameter".to_owned()
        }
    };
    match (before.is_required(), after.is_required()) {
        (false, true) => drafts.push(whole(
            Draft::wire("parameter-required", sends, Effect::Narrows)
                .show(Show::Without(part.clone(), lacking())),
        )),
        (true, false) => drafts.push(whole(
            Draft::wire("parameter-optional", sends, Effect::Widens)
                .show(Show::Without(part.clone(), lacking())),
        )),
        _ => {}
    }
    let (form, other) = (before.form(), after.form());
    let both_content = form.is_content() && other.is_content();
    if !both_content
        && let Some((here, there, value)) = form.differs(before.name, &other, shapes(before.node)?)
    {
        let says = format!("right under the base, the revision waits for `{there}`");
        let draft = Draft::wire("parameter-form", sends, replaced(sends))
            .change(here, there)
            .show(Show::Value(value, part.clone(), says));
        drafts.push(whole(draft));
        return Ok(());
    }
    let is_worded = {
        let shapes = shapes(before.node)?;
        shapes.text || shapes.list || shapes.record
    };
    if form.reserved != other.reserved && before.place == "query" && is_worded {
        let draft = Draft::wire("parameter-reserved", sends, effect(form.reserved));
        let say = |reserved: bool| if reserved { "as they are" } else { "encoded" };
        let says = "right under the base, the revision waits for them encoded".to_owned();
        let value = serde_json::json!("/");
        drafts.push(whole(
            draft
                .change(say(form.reserved), say(other.reserved))
                .show(Show::Value(value, part.clone(), says)),
        ));
    }
    empty(drafts, &whole, (before, after), sends)?;
    if both_content {
        return content::compare(
            comparison,
            drafts,
            sends,
            &|_| part.clone(),
            (before.node, after.node),
        );
    }
    let (was, now) = (schema(before.node), schema(after.node));
    schemas::written(comparison, drafts, sends, &part, (was, now))?;
    default(drafts, sends, &whole, (before, after), (was, now))
}

/// A query parameter may be written without a value, whatever its schema says.
fn empty<'f>(
    drafts: &mut Vec<Draft>,
    whole: &dyn Fn(Draft) -> Draft,
    (before, after): (&Parameter<'f>, &Parameter<'f>),
    sends: Direction,
) -> Result<(), Unusable> {
    let is_taken = |parameter: &Parameter<'f>| -> Result<bool, Unusable> {
        let Some(schema) = schema(parameter.node) else {
            return Ok(true);
        };
        let limits = ["minLength", "pattern", "format", "enum", "const"];
        let is_free = {
            let schema = schema.follow()?;
            limits.iter().all(|limit| schema.get(limit).is_none())
        };
        Ok(parameter.node.says("allowEmptyValue") || is_free && shapes(parameter.node)?.text)
    };
    let is_said = [before, after]
        .iter()
        .any(|one| one.node.says("allowEmptyValue"));
    if before.place != "query" || !is_said {
        return Ok(());
    }
    let (was, is) = (is_taken(before)?, is_taken(after)?);
    if was != is {
        let says = "right under the base, refused by the revision without a value".to_owned();
        let say = |taken: bool| if taken { "taken" } else { "refused" };
        let draft = Draft::wire("parameter-empty", sends, effect(was)).change(say(was), say(is));
        let value = serde_json::Value::from("");
        drafts.push(whole(draft.show(Show::Value(value, after.part(), says))));
    }
    Ok(())
}

/// The schema of a value, in a document or not.
pub fn schema(node: Node<'_>) -> Option<Node<'_>> {
    let content = node.get("content").and_then(|all| all.members().next());
    content.map_or(node, |(_, _, media)| media).get("schema")
}

/// The default of a schema, or of the first of its conjuncts that has one.
fn said(schema: Node<'_>, depth: usize) -> Result<Option<Node<'_>>, Unusable> {
    const DEPTH_MAX: usize = 8;
    let schema = schema.follow()?;
    let own = schema.get("default");
    if own.is_some() || depth > DEPTH_MAX {
        return Ok(own);
    }
    for branch in schema.get("allOf").into_iter().flat_map(Node::items) {
        let inner = said(branch, depth + 1)?;
        if inner.is_some() {
            return Ok(inner);
        }
    }
    Ok(None)
}

/// What a parameter means that is not there.
fn default<'f>(
    drafts: &mut Vec<Draft>,
    sends: Direction,
    whole: &dyn Fn(Draft) -> Draft,
    (before, after): (&Parameter<'f>, &Parameter<'f>),
    (was, now): (Option<Node<'f>>, Option<Node<'f>>),
) -> Result<(), Unusable> {
    let of = |schema: Option<Node<'f>>| schema.map_or(Ok(None), |schema| said(schema, 0));
    let (was, now) = (of(was)?, of(now)?);
    let same = match (was, now) {
        (Some(was), Some(now)) => was.equals(now),
        (was, now) => was.is_none() && now.is_none(),
    };
    if same || before.is_required() || after.is_required() || sends == Direction::Response {
        return Ok(());
    }
    let say =
        |value: Option<Node<'_>>| value.map_or("none".to_owned(), |it| it.value().to_string());
    let says = format!("was answered as with {}, now with {}", say(was), say(now));
    let draft = Draft::plain("parameter-default").change(say(was), say(now));
    drafts.push(whole(draft.show(Show::Without(after.part(), says))));
    Ok(())
}
