//! What no client sees on the wire, and a reader does: descriptions, titles, examples, tags. A document that differs in nothing
//! else is a better wording of the same contract.

use std::collections::BTreeSet;

use serde_json::Value;

use super::change::{Comparison, Place};
use super::{Severity, escape};

/// Changes with every revision.
const VERSION: &str = "/info/version";

/// Keys of what is only there to be read.
const TEXTS: [&str; 9] = [
    "description",
    "summary",
    "title",
    "example",
    "examples",
    "tags",
    "links",
    "externalDocs",
    "contact",
];

/// Notes each operation, component and other part of which the wording differs. When nothing at all was found and the documents
/// differ, that is noted too: no difference passes unnamed.
pub fn compare(comparison: &mut Comparison<'_>) {
    let (mut texts, mut others) = (BTreeSet::new(), BTreeSet::new());
    walk(
        comparison.base,
        comparison.revision,
        "",
        false,
        &mut |pointer, is_text| {
            let places = if is_text { &mut texts } else { &mut others };
            places.insert(named(pointer));
        },
    );
    for pointer in &texts {
        let what = format!("{} is described or shown otherwise", part(pointer));
        note(comparison, pointer, what);
    }
    if comparison.is_silent() {
        for pointer in &others {
            let what = format!(
                "{} is written otherwise and means the same on the wire",
                part(pointer)
            );
            note(comparison, pointer, what);
        }
    }
}

fn note(comparison: &mut Comparison<'_>, pointer: &str, what: String) {
    let place = Place::both("", part(pointer), pointer, pointer);
    comparison.note(
        "text-changed",
        Severity::Worded,
        place,
        what,
        "raise the patch version",
    );
}

/// Tells of every node that differs, and whether it is a text.
fn walk(
    base: &Value,
    revision: &Value,
    pointer: &str,
    is_text: bool,
    tell: &mut impl FnMut(&str, bool),
) {
    if base == revision || pointer == VERSION {
        return;
    }
    let (Value::Object(old), Value::Object(new)) = (base, revision) else {
        return tell(pointer, is_text);
    };
    let names_members = pointer.ends_with("/properties");
    let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    for name in names {
        let at = format!("{pointer}/{}", escape(name));
        let is_text = is_text || !names_members && TEXTS.contains(&name.as_str());
        let (was, is) = (old.get(name), new.get(name));
        walk(
            was.unwrap_or(&Value::Null),
            is.unwrap_or(&Value::Null),
            &at,
            is_text,
            tell,
        );
    }
}

/// The pointer of the operation or component around a node.
fn named(pointer: &str) -> String {
    let depth = match pointer.split('/').nth(1) {
        Some("paths" | "components" | "webhooks") => 3,
        _ => 2,
    };
    let steps: Vec<&str> = pointer.split('/').take(depth + 1).collect();
    steps.join("/")
}

fn part(pointer: &str) -> String {
    let steps: Vec<String> = pointer
        .split('/')
        .skip(1)
        .map(|step| step.replace("~1", "/").replace("~0", "~"))
        .collect();
    match steps.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["paths", path, method] => format!("{} {path}", method.to_uppercase()),
        ["paths", path] => path.to_owned(),
        ["webhooks", name, ..] => format!("webhook {name}"),
        ["components", kind, name] => format!("{} {name}", kind.trim_end_matches('s')),
        ["info", "x-lifecycle"] => "the lifecycle".to_owned(),
        [first, ..] => format!("`{first}`"),
        [] => "the document".to_owned(),
    }
}
