//! What schemas say, as short text for people.

use super::mind::Mind;
use super::schema::{Kinds, Literal, Part, Size};
use super::summary::Summary;
use crate::document::Name;

/// Longer texts are cut.
const LONG: usize = 80;

/// What the first says of the matter of a part, and what the part says.
pub fn both(mind: &Mind<'_>, n: &Summary, part: &Part) -> (String, String) {
    let draft = &n.draft;
    let forest = mind.space.forest;
    let bound = |bound: &Option<(super::number::Exact, bool)>| match bound {
        None => "no bound".to_owned(),
        Some((bound, true)) => format!("{bound}, itself outside"),
        Some((bound, false)) => bound.to_string(),
    };
    let names = |names: &std::collections::BTreeSet<Name>| {
        let names: Vec<String> = names
            .iter()
            .map(|name| format!("`{}`", forest.text(*name)))
            .collect();
        if names.is_empty() {
            "any".to_owned()
        } else {
            names.join(" and ")
        }
    };
    let least = |size: &Size| {
        draft
            .least
            .get(&(*size as u8))
            .copied()
            .unwrap_or(0)
            .to_string()
    };
    let most = |size: &Size| {
        draft
            .most
            .get(&(*size as u8))
            .map_or("no bound".to_owned(), u64::to_string)
    };
    match part {
        Part::Kinds(kinds) => (draft.kinds.words(), kinds.words()),
        Part::Lower(own, open) => (bound(&draft.lower), bound(&Some((own.clone(), *open)))),
        Part::Upper(own, open) => (bound(&draft.upper), bound(&Some((own.clone(), *open)))),
        Part::Multiple(step) => (
            draft
                .multiples
                .first()
                .map_or("any number".to_owned(), ToString::to_string),
            step.to_string(),
        ),
        Part::Least(size, n) => (least(size), n.to_string()),
        Part::Most(size, n) => (most(size), n.to_string()),
        Part::Pattern(pattern) => (
            names(&draft.patterns),
            format!("`{}`", forest.text(*pattern)),
        ),
        Part::Format(format) => (names(&draft.formats), format!("`{}`", forest.text(*format))),
        Part::Unique => (
            "elements may be equal".to_owned(),
            "no two elements are equal".to_owned(),
        ),
        Part::Opaque(name, same) => {
            let own = draft
                .opaque
                .iter()
                .find(|(own, _)| own == name)
                .map(|(_, own)| *own);
            let text = |id: u32| match mind.space.get(super::schema::SchemaId(id)).parts.first() {
                Some(Part::Values(values)) => values
                    .first()
                    .map_or(String::new(), |value| short(&value.text)),
                _ => String::new(),
            };
            (own.map_or("absent".to_owned(), text), text(*same))
        }
        _ => (
            "otherwise".to_owned(),
            format!("what `{}` says", part.keyword()),
        ),
    }
}

/// A list of values.
pub fn values(values: &[Literal]) -> String {
    let texts: Vec<&str> = values.iter().map(|value| &*value.text).collect();
    short(&texts.join(", "))
}

/// What an alternative is known by: a member with one value, or the kind.
pub fn label(mind: &mut Mind<'_>, n: &Summary) -> String {
    for name in &n.draft.required {
        if let Some([word]) = n.values_of(mind, *name).as_deref() {
            return format!("`{}: {}`", mind.space.forest.text(*name), word.text);
        }
    }
    match n.draft.kinds {
        Kinds::ANY => "any value".to_owned(),
        kinds => kinds.words(),
    }
}

fn short(text: &str) -> String {
    match text.char_indices().nth(LONG) {
        Some((cut, _)) => format!("{}…", &text[..cut]),
        None => text.to_owned(),
    }
}
