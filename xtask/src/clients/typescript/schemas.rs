//! Writes `types.ts`: what the operations and the webhooks carry.

use super::text::{GENERATED, comment, literal, member, union};
use crate::clients::api::Api;
use crate::generate::openapi::schema::{Node, Shape, Struct, Type, docs};

/// What the types of a contract stand on.
const OPEN: &str = "\
/** A text that is one of the known ones today; later revisions of the contract may know more. */
export type Open<Known extends string> = Known | (string & {});
";

/// The file.
pub fn file(api: &Api) -> String {
    let types = api
        .types
        .iter()
        .filter_map(|(name, kind)| declaration(api, name, kind));
    let types: Vec<String> = types.collect();
    format!("{GENERATED}\n{OPEN}\n{}", types.join("\n"))
}

/// A type; none for a list of one word, which is written as that word wherever it is used.
fn declaration(api: &Api, name: &str, kind: &Type) -> Option<String> {
    Some(match kind {
        Type::Struct(structure) => interface(api, name, structure),
        Type::Words { words, .. } if words.len() == 1 => return None,
        Type::Words { docs, words } => {
            format!(
                "{}export type {name} = {};\n",
                comment("", docs, &[]),
                union(words)
            )
        }
        Type::Union { docs, variants, .. } => {
            let variants: Vec<&str> = variants.iter().map(|(_, name)| name.as_str()).collect();
            format!(
                "{}export type {name} = {};\n",
                comment("", docs, &[]),
                variants.join(" | ")
            )
        }
    })
}

fn interface(api: &Api, name: &str, structure: &Struct) -> String {
    let is_sent = api.sent.contains(name);
    let mut text = comment("", &structure.docs, &[]);
    text.push_str(&format!("export interface {name} {{\n"));
    if let Some((tag, word)) = tag(api, name) {
        let property = &api.document["components"]["schemas"][name]["properties"][tag];
        text.push_str(&comment("  ", &docs(property), &[]));
        text.push_str(&format!("  {}: {};\n", member(tag), literal(word)));
    }
    for field in &structure.fields {
        let tags = field.deprecated.then(|| "@deprecated".to_owned());
        text.push_str(&comment("  ", &field.docs, tags.as_slice()));
        let name = member(&field.name);
        let value = value(api, &field.node, is_sent);
        // A member that is undefined is not sent, so that callers need not leave it out.
        text.push_str(&match (field.required, is_sent) {
            (true, _) => format!("  {name}: {value};\n"),
            (false, true) => format!("  {name}?: {value} | undefined;\n"),
            (false, false) => format!("  {name}?: {value};\n"),
        });
    }
    text.push_str("}\n");
    text
}

/// What tells an alternative of a union from the others: a member, and its word.
fn tag<'a>(api: &'a Api, name: &str) -> Option<(&'a str, &'a str)> {
    api.types.values().find_map(|kind| match kind {
        Type::Union { tag, variants, .. } => {
            let (word, _) = variants.iter().find(|(_, variant)| variant == name)?;
            Some((tag.as_str(), word.as_str()))
        }
        Type::Struct(_) | Type::Words { .. } => None,
    })
}

/// The type of a value. What is sent is only read, so that callers may give what they cannot change themselves.
pub fn value(api: &Api, node: &Node, is_sent: bool) -> String {
    let readonly = if is_sent { "readonly " } else { "" };
    let value = match &node.shape {
        Shape::Text(text) if text.known.is_empty() => "string".to_owned(),
        Shape::Text(text) => format!("Open<{}>", union(&text.known)),
        Shape::Word(name) => match api.types.get(name) {
            Some(Type::Words { words, .. }) if words.len() == 1 => union(words),
            _ => name.clone(),
        },
        Shape::Integer { .. } => "number".to_owned(),
        Shape::Boolean => "boolean".to_owned(),
        Shape::List { items, .. } => {
            let item = value(api, items, is_sent);
            let is_compound = items.nullable || matches!(items.shape, Shape::List { .. });
            if is_compound {
                format!("{readonly}({item})[]")
            } else {
                format!("{readonly}{item}[]")
            }
        }
        Shape::Map { values, .. } => {
            let values = value(api, values, is_sent);
            format!("{{ {readonly}[name: string]: {values} }}")
        }
        Shape::Named(name) => name.clone(),
    };
    if node.nullable {
        format!("{value} | null")
    } else {
        value
    }
}
