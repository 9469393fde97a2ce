//! The words for a difference between schemas: what changed, and what to do instead. The name of a rule follows from side,
//! keyword and effect; nothing is listed by hand.

use super::change::Effect;
use super::escape::Escape;
use super::{Position, Severity};

/// A stable name, such as `request-maximum-narrowed`.
pub fn rule(position: Position, effect: Effect, escape: &Escape) -> String {
    let keyword = kebab(escape.keyword);
    let effect = match (effect, escape.keyword, escape.required) {
        (Effect::Narrows, "member", true) => "required",
        (Effect::Narrows, "member", false) => "added",
        (Effect::Widens, "member", _) | (Effect::Narrows, "refused", _) => "removed",
        (Effect::Widens, "refused", _) => "added",
        (Effect::Narrows, "required", _) => "required",
        (Effect::Widens, "required", _) => "optional",
        (Effect::Narrows, ..) => "narrowed",
        (Effect::Widens, ..) => "widened",
    };
    let keyword = match keyword.as_str() {
        "refused" | "required" => "member",
        keyword => keyword,
    };
    format!("{position}-{keyword}-{effect}")
}

fn kebab(keyword: &str) -> String {
    let mut name = String::new();
    for letter in keyword.chars() {
        if letter.is_ascii_uppercase() {
            name.push('-');
        }
        name.push(letter.to_ascii_lowercase());
    }
    name
}

/// What changed, and what to do about it.
pub fn words(
    position: Position,
    effect: Effect,
    severity: Severity,
    escape: &Escape,
) -> (String, String) {
    let subject = escape.subject.as_deref().unwrap_or_default();
    let (before, after) = match effect {
        Effect::Narrows => (&escape.says.0, &escape.says.1),
        Effect::Widens => (&escape.says.1, &escape.says.0),
    };
    let what = match (escape.keyword, effect) {
        ("member", Effect::Narrows) if escape.required => {
            format!("member `{subject}` is new and required")
        }
        ("member", Effect::Narrows) | ("refused", Effect::Widens) => {
            format!("member `{subject}` is new")
        }
        ("member", Effect::Widens) | ("refused", Effect::Narrows) => {
            format!("member `{subject}` is removed")
        }
        ("required", Effect::Narrows) => format!("member `{subject}` becomes required"),
        ("required", Effect::Widens) => format!("member `{subject}` may be missing now"),
        ("enum", Effect::Narrows) if escape.subject.is_some() => {
            format!("the value {subject} is removed")
        }
        ("enum", Effect::Widens) if escape.subject.is_some() => {
            format!("the value {subject} is new")
        }
        ("enum", Effect::Narrows) => format!("only {after} are values now"),
        ("enum", Effect::Widens) => format!("any value may come now, not only {before}"),
        ("known", Effect::Narrows) => format!("the known value `{subject}` is removed"),
        ("known", Effect::Widens) => format!("the known value `{subject}` is new"),
        ("closed", Effect::Narrows) => "members that are not described are refused now".to_owned(),
        ("closed", Effect::Widens) => "members that are not described may occur now".to_owned(),
        ("alternative", Effect::Narrows) => format!("no alternative takes {before} any more"),
        ("alternative", Effect::Widens) => format!("a new alternative: {after}"),
        ("mapping", Effect::Narrows) => format!("the discriminator loses the word `{subject}`"),
        ("mapping", Effect::Widens) => format!("the discriminator gets the word `{subject}`"),
        ("oneOf", _) => "branches of `oneOf` overlap, so what it takes is not known".to_owned(),
        ("keyword", _) => format!(
            "`{subject}` changes from {} to {}",
            short(before),
            short(after)
        ),
        (keyword, _) => format!("`{keyword}` changes from {before} to {after}"),
    };
    (what, fix(position, effect, severity, escape, subject))
}

fn fix(
    position: Position,
    effect: Effect,
    severity: Severity,
    escape: &Escape,
    subject: &str,
) -> String {
    if severity != Severity::Breaking {
        return "raise the minor version".to_owned();
    }
    match (position, escape.keyword, effect) {
        (Position::Response, "member", _) => {
            format!("keep `{subject}`, mark it `deprecated: true` with an `x-sunset`, and drop it in the next major")
        }
        (Position::Request, "refused", _) => {
            format!("keep taking `{subject}`, mark it `deprecated: true` with an `x-sunset`, and drop it in the next major")
        }
        (Position::Response, "refused", _) => {
            format!("leave `{subject}` to the next major: this object says that it has no other members")
        }
        (Position::Request, "member" | "required", _) => {
            format!("leave `{subject}` optional and say what its absence means, or wait for the next major")
        }
        (Position::Response, "required", _) => format!("keep sending `{subject}` always"),
        (Position::Response, "enum", Effect::Widens) => {
            "keep to the old values here; a list that grows is an open string with `x-extensible-enum` from its first \
             release, which the next major may make of it"
                .to_owned()
        }
        (Position::Request, "enum" | "known", _) => "go on taking it, or drop it in the next major".to_owned(),
        (_, "mapping", _) => "leave the words of the discriminator to the next major".to_owned(),
        _ if !escape.decided => "undo it, or write it so that it can be judged".to_owned(),
        (Position::Request, ..) => "go on taking what was right before, or wait for the next major".to_owned(),
        (Position::Response, ..) => "send only what was promised, in a new member if need be, or wait for the next major".to_owned(),
    }
}

fn short(text: &str) -> String {
    const MOST: usize = 60;
    match text.char_indices().nth(MOST) {
        Some((cut, _)) => format!("{}…", &text[..cut]),
        None => text.to_owned(),
    }
}
