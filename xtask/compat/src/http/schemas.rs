//! What the engine finds in schemas, as drafts.

use std::collections::VecDeque;
use std::rc::Rc;

use super::Comparison;
use super::draft::{Draft, Part, Show};
use super::{extensions, shape};
use crate::document::{Forest, Node, Unusable, escape};
use crate::report::{Direction, Effect, Severity, law};
use crate::rules;
use crate::variance::{Cause, Shown, Step};

/// Compares two schemas that stand at the same part; none takes anything.
pub fn compare<'f>(
    comparison: &mut Comparison<'f>,
    drafts: &mut Vec<Draft>,
    direction: Direction,
    part: &Part,
    (was, is): (Option<Node<'f>>, Option<Node<'f>>),
) -> Result<(), Unusable> {
    if was.is_none() && is.is_none() {
        return Ok(());
    }
    let causes = comparison.engine.compare(direction, was, is)?;
    for at in 0..causes.len() {
        let (cause, shown) = &causes[at];
        if let Shown::Sampled(samples) = shown {
            drafts.push(Draft::sampled(*samples));
            continue;
        }
        // What a parameter means that is not there is told of the parameter.
        let is_whole = cause.path.is_empty() && matches!(part, Part::Parameter(..));
        if cause.keyword == "default" && is_whole {
            continue;
        }
        let (rule, subject) = rule(direction, cause);
        let mut draft = Draft::wire(rule, direction, cause.effect)
            .part(part.clone())
            .change(short(&cause.before), short(&cause.after))
            .show(Show::Caused(Rc::clone(&causes), at));
        draft.subject = subject;
        draft.base = cause.base.or(was.map(Node::id));
        draft.revision = cause.revision.or(is.map(Node::id));
        draft.path = path(&cause.path);
        draft.schema = is.map(Node::id);
        draft.sunset = sunset(comparison, cause)?;
        drafts.push(draft);
    }
    Ok(())
}

/// Compares two schemas of what is written as text: there a number is a text too.
pub fn written<'f>(
    comparison: &mut Comparison<'f>,
    drafts: &mut Vec<Draft>,
    direction: Direction,
    part: &Part,
    pair: (Option<Node<'f>>, Option<Node<'f>>),
) -> Result<(), Unusable> {
    let mut found = Vec::new();
    compare(comparison, &mut found, direction, part, pair)?;
    let forest = comparison.base.document.forest();
    for mut draft in found {
        let Show::Caused(causes, at) = &draft.show else {
            drafts.push(draft);
            continue;
        };
        let cause = &causes[*at].0;
        if is_text_alike(forest, cause)? {
            // That less is taken or comes is no news where all of it is text.
            if law(direction, cause.effect) != Severity::Breaking {
                continue;
            }
            draft.rule = "type-written-alike".into();
            draft.show = Show::Argued("what is written stays the same".to_owned());
        }
        drafts.push(draft);
    }
    Ok(())
}

/// Keywords that leave a text as free as it is.
const FREE: [&str; 9] = [
    "type",
    "title",
    "description",
    "default",
    "example",
    "examples",
    "deprecated",
    "nullable",
    "externalDocs",
];

/// The wider side takes any text, and the narrower writes nothing but single values.
fn is_text_alike(forest: &Forest, cause: &Cause) -> Result<bool, Unusable> {
    let sides = match cause.effect {
        Effect::Narrows => (cause.base, cause.revision),
        Effect::Widens => (cause.revision, cause.base),
    };
    let ("type", 0 | 1, (Some(narrow), Some(wide))) = (cause.keyword, cause.path.len(), sides)
    else {
        return Ok(false);
    };
    let (narrow, wide) = (forest.node(narrow), forest.node(wide).follow()?);
    let is_free = wide
        .members()
        .all(|(_, name, _)| FREE.contains(&name) || name.starts_with("x-"));
    let (one, many) = (shape::of(Some(narrow))?, shape::of(Some(wide))?);
    Ok(is_free && many.text && !one.list && !one.record)
}

/// The id of a rule follows from side, keyword and effect; a keyword without words of its own shares those of all others.
fn rule(direction: Direction, cause: &Cause) -> (String, Option<String>) {
    let effect = match (cause.effect, cause.keyword, cause.required) {
        (Effect::Narrows, "member", true) | (Effect::Narrows, "required", _) => "required",
        (Effect::Narrows, "member", false) | (Effect::Widens, "refused", _) => "added",
        (Effect::Widens, "member", _) | (Effect::Narrows, "refused", _) => "removed",
        (Effect::Widens, "required", _) => "optional",
        (Effect::Narrows, ..) => "narrowed",
        (Effect::Widens, ..) => "widened",
    };
    let side = match direction {
        Direction::Request => "request",
        Direction::Response => "response",
    };
    let keyword = match cause.keyword {
        "refused" | "required" => "member".to_owned(),
        "enum" if cause.subject.is_some() => "value".to_owned(),
        keyword => kebab(keyword),
    };
    let id = format!("{side}-{keyword}-{effect}");
    if rules::table().rule(&id).is_some() {
        return (id, cause.subject.clone());
    }
    let subject = Some(cause.keyword.to_owned());
    (format!("{side}-keyword-{effect}"), subject)
}

fn kebab(keyword: &str) -> String {
    let mut name = String::new();
    for letter in keyword.trim_start_matches('$').chars() {
        if letter.is_ascii_uppercase() {
            name.push('-');
        }
        name.push(letter.to_ascii_lowercase());
    }
    name
}

fn path(steps: &[Step]) -> String {
    let mut text = String::new();
    for step in steps {
        text.push('/');
        match step {
            Step::Member(name) => text.push_str(&escape(name)),
            Step::Element(at) => text.push_str(&at.to_string()),
            Step::Other | Step::Rest => text.push('*'),
        }
    }
    text
}

fn short(text: &str) -> String {
    const MOST: usize = 120;
    match text.char_indices().nth(MOST) {
        Some((cut, _)) => format!("{}…", &text[..cut]),
        None => text.to_owned(),
    }
}

/// The day that the base announced for a member that is gone.
fn sunset(
    comparison: &Comparison<'_>,
    cause: &Cause,
) -> Result<Option<jiff::civil::Date>, Unusable> {
    if !["member", "refused"].contains(&cause.keyword) {
        return Ok(None);
    }
    let (Some(base), Some(name)) = (cause.base, &cause.subject) else {
        return Ok(None);
    };
    let schema = comparison.base.document.forest().node(base);
    let member = schema.get("properties").and_then(|all| all.get(name));
    member.map_or(Ok(None), extensions::announced)
}

/// The references that lead from an operation to a cause, as pointers in the revision.
pub fn trail(
    via: Option<Node<'_>>,
    draft: &Draft,
    forest: &Forest,
) -> Result<Vec<String>, Unusable> {
    let mut trail = Vec::new();
    if let Some(via) = via {
        through(via, &mut trail)?;
    }
    let Some(schema) = draft.schema else {
        return Ok(trail);
    };
    let mut node = through(forest.node(schema), &mut trail)?;
    let Show::Caused(causes, at) = &draft.show else {
        return Ok(trail);
    };
    for step in causes[*at].0.path.iter() {
        let Some(next) = inner(node, step)? else {
            break;
        };
        node = through(next, &mut trail)?;
    }
    Ok(trail)
}

/// Follows references and tells of each.
fn through<'f>(node: Node<'f>, trail: &mut Vec<String>) -> Result<Node<'f>, Unusable> {
    let end = node.follow()?;
    let mut at = node;
    while at.id() != end.id() {
        let Some(next) = at.target()? else { break };
        trail.push(next.pointer());
        at = next;
    }
    Ok(end)
}

/// How many branches are searched for a step.
const BRANCHES_MAX: usize = 64;

/// The schema of a step into a value, in a schema or one of its branches.
fn inner<'f>(schema: Node<'f>, step: &Step) -> Result<Option<Node<'f>>, Unusable> {
    let mut open = VecDeque::from([schema]);
    for _ in 0..BRANCHES_MAX {
        let Some(schema) = open.pop_front() else {
            break;
        };
        let schema = schema.follow()?;
        let own = match step {
            Step::Member(name) => schema.get("properties").and_then(|all| all.get(name)),
            Step::Other => schema.get("additionalProperties"),
            Step::Element(at) => {
                let first = schema
                    .get("prefixItems")
                    .and_then(|all| all.items().nth(*at));
                first.or_else(|| schema.get("items"))
            }
            Step::Rest => schema.get("items"),
        };
        if own.is_some() {
            return Ok(own);
        }
        for keyword in ["allOf", "oneOf", "anyOf"] {
            let branches = schema.get(keyword).into_iter().flat_map(Node::items);
            open.extend(branches.take(BRANCHES_MAX));
        }
    }
    Ok(None)
}
