//! Parameters: matched by place and name, path parameters by their turn in the template; then presence, form on the wire, schema.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::bodies::{content, static_true};
use super::change::{Comparison, Place, announced};
use super::operations::{NEW_MINOR, Operation, deprecation, resolve};
use super::{Position, Severity, Witness};

/// Headers that OpenAPI takes from elsewhere.
const IGNORED: [&str; 3] = ["accept", "content-type", "authorization"];

struct Parameter<'a> {
    node: &'a Value,
    pointer: String,
    name: &'a str,
    place: &'a str,
}

impl Parameter<'_> {
    fn called(&self) -> String {
        format!("{} parameter `{}`", self.place, self.name)
    }

    fn is_required(&self) -> bool {
        self.node["required"] == true
    }

    /// How the value is written on the wire.
    fn form(&self) -> Value {
        let style = match (self.node["style"].as_str(), self.place) {
            (Some(style), _) => style,
            (None, "query" | "cookie") => "form",
            (None, _) => "simple",
        };
        let explode = self.node["explode"].as_bool().unwrap_or(style == "form");
        json!({
            "style": style,
            "explode": explode,
            "allowReserved": self.node["allowReserved"].as_bool().unwrap_or(false),
        })
    }
}

fn parameters<'a>(
    document: &'a Value,
    operation: &Operation<'a>,
) -> BTreeMap<(String, String), Parameter<'a>> {
    let turns: Vec<&str> = operation
        .path
        .split('{')
        .skip(1)
        .filter_map(|rest| rest.split('}').next())
        .collect();
    let item = operation
        .pointer
        .rsplit_once('/')
        .map_or("", |(item, _)| item);
    let own = [
        (operation.item, item),
        (operation.node, operation.pointer.as_str()),
    ];
    let mut found = BTreeMap::new();
    for (holder, pointer) in own {
        let list = holder["parameters"]
            .as_array()
            .into_iter()
            .flatten()
            .enumerate();
        for (at, node) in list {
            let (node, pointer) = resolve(document, node, &format!("{pointer}/parameters/{at}"));
            let (Some(name), Some(place)) = (node["name"].as_str(), node["in"].as_str()) else {
                continue;
            };
            let key = match place {
                "header" => name.to_lowercase(),
                "path" => turns
                    .iter()
                    .position(|turn| *turn == name)
                    .map_or_else(|| name.to_owned(), |turn| turn.to_string()),
                _ => name.to_owned(),
            };
            if place == "header" && IGNORED.contains(&key.as_str()) {
                continue;
            }
            let parameter = Parameter {
                node,
                pointer,
                name,
                place,
            };
            found.insert((place.to_owned(), key), parameter);
        }
    }
    found
}

/// Compares the parameters of an operation that both documents have.
pub fn compare<'a>(
    comparison: &mut Comparison<'a>,
    was: &Operation<'a>,
    is: &Operation<'a>,
    sends: Position,
) {
    let old = parameters(comparison.base, was);
    let new = parameters(comparison.revision, is);
    for (key, before) in &old {
        let called = before.called();
        let Some(after) = new.get(key) else {
            let day = announced(comparison.base, &before.pointer);
            let place = Place::both(&is.name, "", &before.pointer, &is.pointer);
            // A server that no longer knows a parameter refuses it or does something else than it was asked.
            let what = format!("the {called} is removed");
            let fix = "keep it, mark it `deprecated: true` with an `x-sunset`, and drop it after that day";
            let change = comparison.note("parameter-removed", Severity::Breaking, place, what, fix);
            change.sunset = day;
            let text = format!(
                "{} with `{}` is refused, or not heeded",
                was.name, before.name
            );
            change.witness = Some(Witness::Exchange(text));
            continue;
        };
        both(comparison, before, after, is, sends);
    }
    for (key, after) in &new {
        if old.contains_key(key) {
            continue;
        }
        let called = after.called();
        let place = Place::both(&is.name, "", "", &after.pointer).fresh();
        if after.is_required() && sends == Position::Request {
            let what = format!("the {called} is new and required");
            let fix = "make it optional and say what its absence means";
            let change =
                comparison.note("parameter-required", Severity::Breaking, place, what, fix);
            let text = format!("{} without `{}` is refused", is.name, after.name);
            change.witness = Some(Witness::Exchange(text));
        } else {
            let what = format!("the {called} is new");
            comparison.note(
                "parameter-added",
                Severity::Additive,
                place,
                what,
                NEW_MINOR,
            );
        }
    }
}

fn both<'a>(
    comparison: &mut Comparison<'a>,
    before: &Parameter<'a>,
    after: &Parameter<'a>,
    is: &Operation<'a>,
    sends: Position,
) {
    let called = after.called();
    let place = Place::both(&is.name, called.clone(), &before.pointer, &after.pointer);
    deprecation(comparison, &place, before.node, after.node);
    let whole = Place {
        part: String::new(),
        ..place.clone()
    };
    if before.is_required() != after.is_required() {
        let narrows = after.is_required() == (sends == Position::Request);
        let severity = if narrows {
            Severity::Breaking
        } else {
            Severity::Additive
        };
        let (rule, becomes) = match after.is_required() {
            true => ("parameter-required", "required"),
            false => ("parameter-optional", "optional"),
        };
        let what = format!("the {called} becomes {becomes}");
        let fix = "leave it as it was, or wait for the next major";
        let change = comparison.note(rule, severity, whole.clone(), what, fix);
        if narrows {
            let text = format!("{} without `{}` is refused", is.name, after.name);
            change.witness = Some(Witness::Exchange(text));
        }
    }
    let has_schema = |parameter: &Parameter<'_>| parameter.node.get("schema").is_some();
    if before.form() != after.form() || has_schema(before) != has_schema(after) {
        let what = format!("the {called} is written otherwise on the wire");
        let fix =
            "keep `style`, `explode`, `allowReserved`, and `schema` or `content` as they were";
        let change = comparison.note("parameter-form", Severity::Breaking, whole, what, fix);
        let text = format!("from {} to {}", before.form(), after.form());
        change.witness = Some(Witness::Exchange(text));
        return;
    }
    if !has_schema(before) {
        return content(comparison, &place, sends, before.node, after.node);
    }
    let below = |pointer: &str| Some(format!("{pointer}/schema"));
    let schema = Place {
        base: below(&before.pointer),
        revision: below(&after.pointer),
        ..place.clone()
    };
    let (was, now) = (before.node.get("schema"), after.node.get("schema"));
    let (was, now) = (was.unwrap_or(static_true()), now.unwrap_or(static_true()));
    comparison.schemas(sends, &schema, was, now);
    let default = |document, node, pointer: &str| resolve(document, node, pointer).0.get("default");
    let (was, now) = (
        default(comparison.base, was, ""),
        default(comparison.revision, now, ""),
    );
    if was != now {
        // No request becomes invalid, but the same request may be answered otherwise.
        let say = |value: Option<&Value>| value.map_or("none".to_owned(), Value::to_string);
        let what = format!(
            "the default of the {called} changes from {} to {}",
            say(was),
            say(now)
        );
        comparison.note(
            "parameter-default",
            Severity::Additive,
            whole,
            what,
            NEW_MINOR,
        );
    }
}
